#!/usr/bin/env python3
"""basalt hub: what it prints, what it keeps, how it ends. Ports are free ones, PKI is its own."""
import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import tempfile

from running import PATIENCE, Peer, Running, Site
from tap import PROGRAM, Tap, run

MAC = r"[0-9a-f]{2}(:[0-9a-f]{2}){5}"
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def check_listening(tap, site):
    hub, port = site.hub()
    first = hub.lines[0]
    good = re.fullmatch(r'\{"event":"listening","time":"%s","address":"127\.0\.0\.1","port":%d,'
                        r'"vmac":"%s","uuid":"%s"\}' % (TIME, port, MAC, UUID), first)
    tap.check("with --json listening is one object with address, port, VMAC and UUID", good, first)
    tap.check("SIGTERM ends it with 0", hub.stop() == 0, hub.told())
    hub = Running("hub", "--bind", "[::1]:0", *site.credentials("hub"), json_lines=False)
    line = hub.next_line()
    if line is None and b"::1" in hub.errors:
        tap.skip("text, IPv6", "there is no IPv6 here")
        hub.end()
        return
    tap.check("without it, one line", re.fullmatch(
        rf"{TIME} listening: \[::1\]:\d+, VMAC {MAC}, UUID {UUID}", line or ""), hub.told())
    tap.check("SIGINT ends it with 130", hub.stop(signal.SIGINT) == 130, hub.told())
    tap.check("nothing stands in its log", hub.errors == b"", hub.told())


def check_join_and_leave(tap, site):
    hub, port = site.hub()
    peer = Peer(port, site.context("node"))
    peer.join()
    joined = hub.wait_for("joined") or {}
    vmac = ":".join(f"{o:02x}" for o in peer.vmac)
    address = "%s:%d" % peer.stream.getsockname()
    tap.check("a join is told with VMAC, UUID, certificate and address",
              joined.get("vmac") == vmac and re.fullmatch(UUID, joined.get("uuid", "")) and
              joined.get("subject") == "CN=node" and joined.get("peer") == address, hub.told())
    peer.send_message(b"\x08\x00\x00\x03")  # Disconnect-Request
    tap.check("a Disconnect-Request is answered", peer.receive() == (2, b"\x09\x00\x00\x03"))
    left = hub.wait_for("left") or {}
    tap.check("a leave in order is told with the same and its reason",
              {k: left.get(k) for k in ("vmac", "uuid", "subject", "peer", "reason")} ==
              {**{k: joined.get(k) for k in ("vmac", "uuid", "subject", "peer")},
               "reason": "in order"}, hub.told())
    again = Peer(port, site.context("node"))
    again.join()
    hub.wait_for("joined")
    again.close()
    left = hub.wait_for("left") or {}
    tap.check("one that vanishes is told with another reason",
              left.get("reason") not in (None, "in order"), hub.told())
    tap.check("it stops with all that gone", hub.stop() == 0, hub.told())
    tap.check("nobody who joined is told as refused", hub.events("refused") == [], hub.told())


def check_replace(tap, site):
    hub, port = site.hub("--set", "disconnect-wait=0.3")
    first = Peer(port, site.context("node"))
    uuid = os.urandom(16)
    assert " 101 " in first.upgrade() and first.connect_request(uuid=uuid)[1][0] == 7
    second = Peer(port, site.context("node"))
    assert " 101 " in second.upgrade()
    accept = second.connect_request(vmac=first.vmac, uuid=uuid)[1]
    joined = hub.wait_for("joined", reason="replaces its old connection")
    left = [e["reason"] for e in hub.events("left")]
    tap.check("the same device anew replaces its old connection, and both are told",
              accept[0] == 7 and joined is not None and len(left) == 1 and "replaced" in left[0],
              hub.told())
    third = Peer(port, site.context("other"))
    assert " 101 " in third.upgrade()
    nak = third.connect_request(vmac=first.vmac)[1]
    refused = hub.wait_for("refused") or {}
    tap.check("another device with its VMAC is refused by name",
              nak[0] == 0 and refused.get("code") == "node-duplicate-vmac" and
              refused.get("subject") == "CN=other", nak.hex(), hub.told())
    hub.process.send_signal(signal.SIGTERM)
    tap.check("at the end it asks the node to disconnect", second.receive()[1][0] == 8)
    hub.end()


def check_stubborn_end(tap, site):
    hub, port = site.hub("--set", "disconnect-wait=0.5")
    peer = Peer(port, site.context("node"))
    peer.join()
    hub.wait_for("joined")
    tap.check("a node that does not answer does not hold it up", hub.stop() == 0, hub.told())
    hub, port = site.hub("--set", "disconnect-wait=300")
    peer = Peer(port, site.context("node"))
    peer.join()
    hub.wait_for("joined")
    hub.process.send_signal(signal.SIGTERM)
    hub.wait_for("left")
    tap.check("the second signal ends it at once", hub.stop(signal.SIGINT) == 130, hub.told())


def check_state(tap, site):
    seen = []
    for _ in range(2):
        hub, _ = site.hub("--state", "hub.state")
        seen.append({k: v for k, v in hub.events("listening")[0].items() if k in ("vmac", "uuid")})
        hub.stop()
    shown = run("pki", "show", site.path("hub.pem"))[1]
    tap.check("the state file keeps VMAC and UUID", seen[0] == seen[1], seen)
    tap.check("the UUID is the certificate's", "urn:uuid:" + seen[0]["uuid"] in shown, seen, shown)
    mode = stat.S_IMODE(os.stat("hub.state").st_mode)
    tap.check("the state file has mode 0600", mode == 0o600, oct(mode))


def check_config(tap, site):
    os.makedirs("etc", exist_ok=True)
    with open("etc/hub.yaml", "w", encoding="utf-8") as file:
        file.write("hub:\n  bind: 127.0.0.1:1\n  ca: [../site/ca.pem]\n"
                   "  certificate: ../site/hub.pem\n  key: ../site/hub.key\n  vmac: 2200000000aa\n")
    hub = Running("hub", "--config", "etc/hub.yaml", "--bind", "127.0.0.1:0", "--set",
                  "vmac=2200000000bb")
    listening = hub.wait_for("listening") or {}
    tap.check("options and --set override the file",
              listening.get("port", 1) != 1 and listening.get("vmac") == "22:00:00:00:00:bb",
              hub.told())
    tap.check("and it ends as ever", hub.stop() == 0, hub.told())
    strange = Site("strange", "stranger")
    hub = Running("hub", "--config", "etc/hub.yaml", "--bind", "127.0.0.1:0",
                  "--cert", strange.path("stranger.pem"), "--key", strange.path("stranger.key"),
                  "--ca", strange.path("ca.pem"))
    port = (hub.wait_for("listening") or {}).get("port")
    try:
        Peer(port, site.context("node", verify_mode=ssl.CERT_NONE)).upgrade()
    except OSError:
        pass
    refused = hub.wait_for("refused") or {}
    tap.check("--ca replaces the issuers of the file", refused.get("subject") == "CN=node" and
              "none of our issuers" in refused.get("reason", ""), hub.told())
    hub.stop()


def check_keylog(tap, site):
    hub, port = site.hub(env={"SSLKEYLOGFILE": "keys.log"})
    Peer(port, site.context("node")).join()
    hub.wait_for("joined")
    hub.stop()
    with open("keys.log", encoding="ascii") as file:
        lines = file.read().splitlines()
    labels = {line.split()[0] for line in lines}
    tap.check("SSLKEYLOGFILE gets the secrets of a session",
              {"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"} <= labels, labels, hub.told())
    tap.check("each once: the library does not write them too", len(lines) == len(set(lines)),
              *lines)
    tap.check("a warning names the file", b"warning: " in hub.errors and b"keys.log" in hub.errors,
              hub.told())
    mode = stat.S_IMODE(os.stat("keys.log").st_mode)
    tap.check("it has mode 0600", mode == 0o600, oct(mode))
    hub, port = site.hub("--set", "key-log=set.log", env={"SSLKEYLOGFILE": "environment.log"})
    Peer(port, site.context("node")).join()
    hub.wait_for("joined")
    hub.stop()
    tap.check("what is configured wins over the environment",
              os.path.exists("set.log") and not os.path.exists("environment.log"))


def check_limits(tap, site):
    hub, _ = site.hub("--set", "max-connections=2000", files=(256, 2048))
    with open(f"/proc/{hub.process.pid}/limits", encoding="ascii") as file:
        soft, hard = re.search(r"Max open files +(\S+) +(\S+)", file.read()).groups()
    hub.stop()
    tap.check("as many files as the hard limit allows", (soft, hard) == ("2048", "2048"), soft)
    tap.check("too few of them for max-connections is a warning",
              b"warning: " in hub.errors and b"max-connections" in hub.errors, hub.told())
    hub, _ = site.hub("--set", "max-connections=500", files=(256, 2048))
    hub.stop()
    tap.check("enough of them is none", hub.errors == b"", hub.told())


def check_flood(tap, site):
    hub, port = site.hub()
    for _ in range(200):
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as stream:
            stream.sendall(b"GET / HTTP/1.1\r\n\r\n")
            stream.recv(100)
    Peer(port, site.context("node")).join()
    joined = hub.wait_for("joined")
    hub.stop()
    refused = len(hub.events("refused"))
    omitted = sum(e["lines"] for e in hub.events("omitted"))
    tap.check("a flood of refusals gives a bounded number of lines, and the rest is counted",
              joined and refused < 120 and refused + omitted == 200, refused, omitted)


def heard(peer, n):
    """Whether n messages come to peer."""
    peer.stream.settimeout(PATIENCE)
    try:
        return all(peer.receive()[1][0] == 1 for _ in range(n))
    except OSError:
        return False


def check_storm(tap, site):
    """All nodes broadcast at once, as they do when somebody asks Who-Is: 12 x 11 messages within a
    turn, where 64 may wait."""
    hub, port = site.hub("--set", "pending-entries=64")
    peers = [Peer(port, site.context("node")) for _ in range(12)]
    for peer in peers:
        peer.join()
    hub.process.send_signal(signal.SIGSTOP)
    for peer in peers:
        peer.send_npdu(b"\xFF" * 6, bytes.fromhex("01001008"))
    hub.process.send_signal(signal.SIGCONT)
    complete = all(heard(peer, len(peers) - 1) for peer in peers)
    hub.stop()
    tap.check("of many broadcasts in one turn none is lost", complete, hub.told())


def check_lost_reader(tap, site):
    command = [PROGRAM, "hub", "--bind", "127.0.0.1:0", *site.credentials("hub"), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as hub:
        port = json.loads(hub.stdout.readline())["port"]
        hub.stdout.close()
        for name in ("node", "other"):
            Peer(port, site.context(name)).join()
        tap.check("it serves on when nobody reads its lines", hub.poll() is None)
        hub.terminate()
        errors = hub.stderr.read()
        status = hub.wait(PATIENCE)
    tap.check("but says so in the end (6)", status == 6 and b"standard output" in errors,
              status, errors)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site("site", "hub", "node", "other")
        for check in (check_listening, check_join_and_leave, check_replace, check_stubborn_end,
                      check_state, check_config, check_keylog, check_limits, check_flood,
                      check_storm, check_lost_reader):
            check(tap, site)
        os.chdir("/")
    tap.end()


main()
