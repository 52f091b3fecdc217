#!/usr/bin/env python3
"""Certificates that are replaced under a running hub and device: who notices, and what is told."""
import json
import os
import re
import shutil
import signal
import ssl
import tempfile

from running import Peer, Running, Site
from tap import Tap, run

HUB = """\
hub:
  bind: 127.0.0.1:0
  ca: [live/ca.pem]
  certificate: live/hub.pem
  key: live/hub.key
  state-file: hub.state
"""


class World:
    """A hub whose files are copies, so that they can be replaced."""

    def __init__(self, site, text=HUB):
        self.site = site
        os.makedirs("live", exist_ok=True)
        self.use("hub", ca="ca.pem")
        with open("hub.yaml", "w", encoding="utf-8") as file:
            file.write(text)
        self.hub = Running("hub", "--config", "hub.yaml")
        listening = self.hub.wait_for("listening")
        assert listening is not None, self.hub.told()
        self.port = listening["port"]

    def use(self, name, ca=None, folder=None):
        """Puts the certificate of that name in the place of the hub's, and another authority."""
        folder = folder or self.site.folder
        for end in (".pem", ".key"):
            shutil.copy(os.path.join(folder, name + end), "live/hub" + end)
        if ca is not None:
            shutil.copy(os.path.join(folder, ca), "live/ca.pem")

    def peer(self, name):
        peer = Peer(self.port, self.site.context(name))
        peer.join()
        return peer

    def subject(self):
        """Of the certificate that the hub shows now."""
        context = self.site.context("last")
        peer = Peer(self.port, context)
        shown = dict(x[0] for x in peer.stream.getpeercert()["subject"])
        peer.close()
        return shown["commonName"]

    def reload(self, *arguments):
        """(status, objects, errors) of the verb."""
        status, out, err = run("hub", "reload", "--json", "--config", "hub.yaml", *arguments)
        return status, [json.loads(line) for line in out.splitlines()], err


def certificate_uuid(site, name):
    return re.search(r"urn:uuid:([0-9a-f-]{36})", run("pki", "show", site.path(name + ".pem"))[1])[1]


def is_served(peer):
    """Whether the hub answers it: Heartbeat-Request."""
    peer.send_message(b"\x0a\x00\x00\x55")
    message = b"\x01"
    while message[0] == 1:  # what others said to all
        message = peer.receive()[1]
    return message == b"\x0b\x00\x00\x55"


def check_good(tap, site):
    w = World(site)
    peers = [w.peer(name) for name in ("node", "other", "last")]
    device = site.device(w.port, "device", 1001)
    first = device.wait_for("connected")
    w.use("renewed-hub")
    status, told, err = w.reload()
    tap.check("hub reload checks the files, finds the hub and tells it", status == 0 and
              len(told) == 1 and told[0].get("process") == w.hub.process.pid and
              told[0].get("checked") is True and told[0].get("subject") == "CN=renewed-hub", told, err)
    event = w.hub.wait_for("reloaded") or {}
    tap.check("the hub tells its new certificate, and that all sessions were kept",
              (event.get("subject"), event.get("kept"), event.get("closed")) ==
              ("CN=renewed-hub", 4, 0) and event.get("valid_until", "") > "20", w.hub.told())
    tap.check("the nodes are served on", all(is_served(peer) for peer in peers), w.hub.told())
    tap.check("who comes sees the new certificate", w.subject() == "renewed-hub")
    status, out, err = run("read", "1001", "ai:1", "pv", "--hub", f"wss://127.0.0.1:{w.port}",
                           *site.credentials("last"))
    tap.check("the device did not notice", (status, out) == (0, "21.5 degrees-celsius\n") and first and
              device.events("lost") == [] and w.hub.events("left") == [], err, device.told())
    device.stop()
    w.hub.process.send_signal(signal.SIGHUP)
    event = w.hub.wait_for("reloaded") or {}
    tap.check("SIGHUP does the same", event.get("kept") == 3, w.hub.told())
    tap.check("and the hub ends in order", w.hub.stop() == 0, w.hub.told())


def check_at_once(tap, site):
    """Whoever waits for its first line may send SIGHUP behind it."""
    for _ in range(5):
        w = World(site)
        w.hub.process.send_signal(signal.SIGHUP)
        event = w.hub.wait_for("reloaded")
        if event is None or w.hub.stop() != 0:
            break
    tap.check("a hub can be told to reload as soon as it says that it listens",
              event is not None, w.hub.told())


def check_bad(tap, site):
    w = World(site)
    peer = w.peer("node")
    with open("live/hub.pem", "w", encoding="utf-8") as file:
        file.write("-----BEGIN CERTIFICATE-----\nnonsense\n")
    status, told, err = w.reload()
    tap.check("a certificate that is none is told by hub reload, with its exit status",
              status != 0 and "hub.pem" in err and "process" not in told[0], status, told, err)
    w.use("hub")
    shutil.copy(site.path("node.key"), "live/hub.key")
    status, told, err = w.reload()
    tap.check("so is a key of another certificate (5)", status == 5, status, err)
    w.use("other")
    status, told, err = w.reload()
    tap.check("so is a certificate of another device (2)", status == 2 and
              certificate_uuid(site, "hub") in err and certificate_uuid(site, "other") in err,
              status, err)
    shutil.copy(site.path("node.key"), "live/hub.key")
    tap.check("the hub was left alone", w.hub.process.poll() is None and is_served(peer))
    w.hub.process.send_signal(signal.SIGHUP)
    event = w.hub.wait_for("reload_failed") or {}
    tap.check("and says the same when it is told all the same", "live/hub.key" in
              event.get("reason", "") and w.hub.events("reloaded") == [], w.hub.told())
    tap.check("it goes on with the old certificate", is_served(peer) and w.subject() == "hub")
    status, told, err = w.reload("--no-check")
    tap.check("--no-check leaves it to the hub", status == 0 and told[0]["checked"] is False, err)
    tap.check("which says it again", w.hub.wait_for("reload_failed") is not None, w.hub.told())
    os.rename("hub.yaml", "moved.yaml")
    w.hub.process.send_signal(signal.SIGHUP)
    event = w.hub.wait_for("reload_failed") or {}
    tap.check("a configuration that is gone is told too", "hub.yaml" in event.get("reason", ""),
              w.hub.told())
    os.rename("moved.yaml", "hub.yaml")
    w.use("hub")
    status, _, err = run("hub", "reload", "--state", "hub.state")
    tap.check("the state file alone finds it", status == 0, err)
    tap.check("and with the right files it works again",
              (w.hub.wait_for("reloaded") or {}).get("kept") == 1, w.hub.told())
    w.hub.stop()
    status, told, err = w.reload()
    tap.check("a hub that does not run is told", status != 0 and
              "no process has it in use" in err, status, err)


def check_distrust(tap, site):
    strange = Site("strange", "hub", "node")
    w = World(site)
    with open("live/ca.pem", "a", encoding="utf-8") as file, \
            open(strange.path("ca.pem"), encoding="utf-8") as other:
        file.write(other.read())
    w.reload()
    w.hub.wait_for("reloaded")
    peer = w.peer("node")
    stranger = Peer(w.port, strange.context("node", verify_mode=ssl.CERT_NONE))
    stranger.join()
    for _ in range(2):
        w.hub.wait_for("joined")
    tap.check("a new authority is trusted beside the old one from then on", is_served(stranger))
    w.use("hub", ca="ca.pem")
    w.reload()
    event = w.hub.wait_for("reloaded") or {}
    tap.check("when it goes, those of it are closed and the others kept",
              (event.get("kept"), event.get("closed")) == (1, 1), w.hub.told())
    tap.check("who is closed is asked to disconnect", stranger.receive()[1][0] == 8)
    left = w.hub.events("left")
    tap.check("and the reason told", len(left) == 1 and "none of our issuers" in
              left[0]["reason"] and left[0]["peer"] == "%s:%d" % stranger.stream.getsockname(),
              w.hub.told())
    tap.check("the other one is served on", is_served(peer))
    w.hub.stop()


def check_rules(tap, site):
    w = World(site)
    peer, other = w.peer("node"), w.peer("other")
    with open("hub.yaml", "a", encoding="utf-8") as file:
        file.write("  allow: CN=node\n")
    w.hub.process.send_signal(signal.SIGHUP)
    event = w.hub.wait_for("reloaded") or {}
    tap.check("a new allow list counts for those who are there",
              (event.get("kept"), event.get("closed")) == (1, 1) and is_served(peer), w.hub.told())
    tap.check("who is not on it is told why", "allow list" in
              ([e["reason"] for e in w.hub.events("left")] + [""])[0], w.hub.told())
    other.close()
    w.hub.stop()
    plain = Running("hub", "--bind", "127.0.0.1:0", "--allow-plaintext")
    plain.wait_for("listening")
    plain.process.send_signal(signal.SIGHUP)
    event = plain.wait_for("reloaded") or {}
    tap.check("a hub without certificates has rules to reload all the same",
              event.get("kept") == 0 and "subject" not in event and "valid_until" not in event,
              plain.told())
    plain.stop()


def check_device(tap, site):
    hub, port = site.hub()
    os.makedirs("live", exist_ok=True)
    for end in (".pem", ".key"):
        shutil.copy(site.path("device" + end), "live/device" + end)
    device = Running("device", "--instance", "7", "--hub", f"wss://127.0.0.1:{port}",
                     "--ca", site.path("ca.pem"), "--cert", "live/device.pem",
                     "--key", "live/device.key")
    device.wait_for("connected")
    for end in (".pem", ".key"):
        shutil.copy(site.path("renewed-device" + end), "live/device" + end)
    device.process.send_signal(signal.SIGHUP)
    event = device.wait_for("reloaded") or {}
    tap.check("a device takes its new certificate and keeps its connection",
              (event.get("subject"), event.get("kept"), event.get("closed")) ==
              ("CN=renewed-device", 1, 0) and hub.events("left") == [], device.told())
    os.remove("live/device.key")
    device.process.send_signal(signal.SIGHUP)
    event = device.wait_for("reload_failed") or {}
    tap.check("what is missing is told, and nothing changes", "live/device.key" in
              event.get("reason", "") and device.events("lost") == [], device.told())
    tap.check("it ends in order", device.stop() == 0, device.told())
    hub.stop()


def check_both(tap, site):
    w = World(site, HUB + "device:\n  instance: 1001\n")
    w.hub.wait_for("connected")
    w.use("renewed-hub")
    w.reload()
    event = w.hub.wait_for("reloaded") or {}
    device = w.hub.wait_for("reloaded", part="device") or {}
    tap.check("a hub with a device reloads both: the device stays connected",
              (event.get("subject"), event.get("closed")) == ("CN=renewed-hub", 0) and
              (device.get("subject"), device.get("kept"), device.get("closed")) ==
              ("CN=renewed-hub", 1, 0) and w.hub.events("lost") == [], w.hub.told())
    status, _, err = run("whois", "1001", "--hub", f"wss://127.0.0.1:{w.port}",
                         *site.credentials("last"))
    tap.check("and answers", status == 0, err)
    tap.check("it ends in order", w.hub.stop() == 0, w.hub.told())


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site("site", "hub", "node", "other", "last", "device")
        for name in ("hub", "device"):
            site.issue("renewed-" + name, "--uuid", certificate_uuid(site, name))
        for check in (check_good, check_at_once, check_bad, check_distrust, check_rules,
                      check_device, check_both):
            check(tap, site)
        os.chdir("/")
    tap.end()


main()
