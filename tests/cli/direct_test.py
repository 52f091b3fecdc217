#!/usr/bin/env python3
"""Direct connections as people see them: what devices tell, what resolve and solicit answer, and
that the hub has no part in it."""
import json
import os
import tempfile

from running import Peer, Running, Site
from tap import Tap, run

READ = bytes.fromhex("0104" "000501 0c 0c02000001 1955".replace(" ", ""))  # device's Present_Value


class World:
    """A hub, a device that accepts direct connections, and one that opens them."""

    def __init__(self, site):
        self.site = site
        self.hub, self.port = site.hub()
        self.accepting = site.device(self.port, "ahu", 1001, "--direct-bind", "127.0.0.1:0",
                                     "--set", "vmac=2200000000aa")
        self.accepted = self.accepting.wait_for("connected") or {}
        self.options = ["--hub", f"wss://127.0.0.1:{self.port}", *site.credentials("me")]

    def initiating(self, *arguments, name="vav"):
        """A device that opens direct connections to the other one at once."""
        device = self.site.device(self.port, name, 1002, "--direct-initiate", "--set",
                                  "direct-peers=22:00:00:00:00:aa always", *arguments)
        device.wait_for("connected")
        return device

    def ask(self, *arguments):
        """(status, objects, errors)"""
        status, out, err = run(*arguments, "--json", *self.options)
        return status, [json.loads(line) for line in out.splitlines()], err

    def relayed(self):
        """Ends the hub: the messages that it passed on."""
        self.hub.stop()
        return self.hub.events("stopped")[0]["relayed"]


def direct_port(world):
    return int(world.accepted["direct_address"].rsplit(":", 1)[1])


def check_connection(tap, site):
    w = World(site)
    tap.check("a device tells where it accepts direct connections",
              w.accepted.get("direct_address", "").startswith("127.0.0.1:"), w.accepting.told())
    other = w.initiating()
    up = other.wait_for("direct_connected") or {}
    seen = w.accepting.wait_for("direct_connected") or {}
    me = other.events("connected")[0]
    tap.check("the one that opens a direct connection tells to whom and where",
              (up.get("peer_vmac"), up.get("direction"), up.get("uri"), up.get("peer_uuid")) ==
              ("22:00:00:00:00:aa", "opened", f"wss://{w.accepted['direct_address']}",
               w.accepted["uuid"]), other.told())
    tap.check("the one that accepts it tells from whom",
              (seen.get("peer_vmac"), seen.get("direction"), seen.get("peer_uuid")) ==
              (me["vmac"], "accepted", me["uuid"]), w.accepting.told())
    w.accepting.process.kill()
    w.accepting.end()
    lost = other.wait_for("direct_lost") or {}
    tap.check("that it is lost is told", lost.get("peer_vmac") == "22:00:00:00:00:aa" and
              lost.get("reason"), other.told())
    again = w.site.device(w.port, "ahu", 1001, "--direct-bind", w.accepted["direct_address"],
                          "--set", "vmac=2200000000aa")
    again.wait_for("connected")
    tap.check("the hub is not touched by that", other.events("lost") == [], other.told())
    tap.check("both end in order", (again.stop(), other.stop()) == (0, 0), again.told(),
              other.told())
    w.hub.stop()


def check_traffic(tap, site):
    w = World(site)
    peer = Peer(direct_port(w), site.context("me"))
    upgrade = peer.upgrade("dc.bsc.bacnet.org")
    accept = peer.connect_request()[1]
    vmac = accept[4 if accept[1] == 0 else len(accept) - 26:][:6]
    tap.check("a foreign node can connect directly", " 101 " in upgrade and accept[0] == 7 and
              vmac.hex() == "2200000000aa", upgrade, accept.hex())
    answers = []
    for _ in range(50):
        peer.send_message(b"\x01\x00\x00\x07" + READ)
        answers.append(peer.receive()[1])
    tap.check("and is answered there, message for message",
              all(a[0] == 1 and a[1] & 0x0C == 0 and a[4:6] == b"\x01\x00" for a in answers),
              answers[0].hex())
    peer.send_message(b"\x08\x00\x00\x08")
    tap.check("a Disconnect-Request is answered", peer.receive()[1] == b"\x09\x00\x00\x08")
    lost = w.accepting.wait_for("direct_lost") or {}
    tap.check("an orderly end is told as such", lost.get("reason") == "in order",
              w.accepting.told())
    w.accepting.stop()
    relayed = w.relayed()
    tap.check("the hub passed none of that on", relayed < 5, relayed)  # I-Am and the like


def check_questions(tap, site):
    w = World(site)
    status, found, err = w.ask("sc", "resolve", "22:00:00:00:00:aa")
    tap.check("resolve tells the URIs", status == 0 and found == [
        {"vmac": "22:00:00:00:00:aa", "uris": [f"wss://{w.accepted['direct_address']}"]}], found,
        err)
    status, out, _ = run("sc", "resolve", "vmac:22-00-00-00-00-aa", *w.options)
    tap.check("as text a line each", (status, out) ==
              (0, f"wss://{w.accepted['direct_address']}\n"), out)
    status, found, err = w.ask("sc", "solicit", "22:00:00:00:00:aa")
    tap.check("solicit tells hub, limits, and that it connects directly", status == 0 and found == [
        {"vmac": "22:00:00:00:00:aa", "connected_to": "primary", "direct": True,
         "max_bvlc": 5705, "max_npdu": 1497}], found, err)
    plain = w.site.device(w.port, "vav", 1002)
    vmac = (plain.wait_for("connected") or {}).get("vmac")
    status, found, err = w.ask("sc", "resolve", vmac)
    tap.check("one that accepts none answers so (1)", status == 1 and
              "optional-functionality-not-supported" in (found[-1].get("error_code") or err), found,
              err)
    status, found, _ = w.ask("sc", "solicit", vmac)
    tap.check("and says so when it is asked to advertise",
              status == 0 and found[0]["direct"] is False, found)
    status, _, err = w.ask("sc", "resolve", "22:00:00:00:00:ff", "--timeout", "0.3")
    tap.check("one that is not there does not answer (3)", status == 3, status, err)
    status, _, err = w.ask("sc", "solicit", "22:00:00:00:00:ff", "--timeout", "0.3")
    tap.check("neither way", status == 3 and "nobody answered" in err, status, err)
    plain.stop()
    named = site.device(w.port, "vav", 1003, "--direct-bind", "127.0.0.1:0", "--direct-uri",
                        "wss://a.example:1/", "--direct-uri", "wss://b.example:2/x")
    vmac = (named.wait_for("connected") or {}).get("vmac")
    _, found, _ = w.ask("sc", "resolve", vmac)
    tap.check("the URIs that it tells are those that were given", found and
              found[0]["uris"] == ["wss://a.example:1/", "wss://b.example:2/x"], found)
    named.stop()
    environment = Running(
        "device", "--instance", "1004", "--hub", f"wss://127.0.0.1:{w.port}",
        *site.credentials("vav"),
        env={"BACNET_SC_DIRECT_CONNECT_BINDING": "lo:0",
             "BACNET_SC_DIRECT_CONNECT_INITIATE": "y",
             "BACNET_SC_DIRECT_CONNECT_ACCEPT_URLS": "wss://c.example:1 wss://d.example:2"})
    vmac = (environment.wait_for("connected") or {}).get("vmac")
    _, found, _ = w.ask("sc", "resolve", vmac)
    tap.check("also from bacnet-stack's variables", found and
              found[0]["uris"] == ["wss://c.example:1", "wss://d.example:2"], found,
              environment.told())
    environment.stop()
    w.accepting.stop()
    w.hub.stop()


def check_failures(tap, site):
    w = World(site)
    strange = Site("strange", "stranger")
    other = w.initiating("--set", "direct-peers=22:00:00:00:00:bb always wss://127.0.0.1:1/")
    failed = other.wait_for("direct_failed", peer_vmac="22:00:00:00:00:bb") or {}
    tap.check("one that cannot be opened is told with its URI and reason",
              failed.get("uri") == "wss://127.0.0.1:1/" and
              failed.get("code") == "tcp-connection-refused", other.told())
    other.stop()
    try:
        Peer(direct_port(w), strange.context("stranger", check_hostname=False)).upgrade()
    except OSError:
        pass
    refused = w.accepting.wait_for("direct_failed") or {}
    if "127.0.0.1:" not in refused.get("reason", ""):  # the other device's, cut off by its end
        refused = w.accepting.wait_for("direct_failed") or {}
    tap.check("a stranger is refused and told", "127.0.0.1:" in refused.get("reason", ""),
              w.accepting.told())
    w.accepting.stop()
    listed = w.site.device(w.port, "ahu", 1001, "--direct-bind", "127.0.0.1:0", "--set",
                           "allow=CN=vav", "--set", "vmac=2200000000aa")
    address = (listed.wait_for("connected") or {})["direct_address"]
    peer = Peer(int(address.rsplit(":", 1)[1]), site.context("me"))
    peer.upgrade("dc.bsc.bacnet.org")
    nak = peer.connect_request()[1]
    refused = listed.wait_for("direct_failed") or {}
    tap.check("who is not on the allow list is refused with a NAK, and told on both sides",
              nak[0] == 0 and "CN=me" in refused.get("reason", "") + listed.errors.decode(),
              nak.hex(), listed.told())
    good = w.initiating()
    tap.check("who is on it connects", (good.wait_for("direct_connected") or {}).get("uri") ==
              f"wss://{address}", good.told(), listed.told())
    tap.check("and ends in order", (good.stop(), listed.stop()) == (0, 0), listed.told())
    w.hub.stop()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site("site", "hub", "ahu", "vav", "me")
        for check in (check_connection, check_traffic, check_questions, check_failures):
            check(tap, site)
        os.chdir("/")
    tap.end()


main()
