#!/usr/bin/env python3
"""What users do, and often do wrong: secrets in the wrong place, names misspelt, steps in another
order. What they get told must be true, whole, and no secret."""
import json
import os
import re
import struct
import tempfile

from running import Peer, Site
from tap import Tap, run

PIN = "95175328"
TOKEN = "pkcs11:token=site;object=hub"
HUB = """\
hub:
  bind: 127.0.0.1:0
  ca: [site/ca.pem]
  certificate: {certificate}
  key: {key}
  state-file: hub.state
"""


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    return name


def check_pins(tap):
    for what, uri, shown in (
            ("behind the path", f"{TOKEN}?pin-value={PIN}", f'"{TOKEN}"'),
            ("with the module", f"{TOKEN}?pin-value={PIN}&module-name=p11",
             f'"{TOKEN}?module-name=p11"'),
            ("at the end", f"{TOKEN}?module-name=p11&pin-value={PIN}",
             f'"{TOKEN}?module-name=p11"'),
            ("within the path", f"{TOKEN};pin-value={PIN};type=private",
             f'"{TOKEN};type=private"'),
            ("twice", f"{TOKEN}?pin-value={PIN}&pin-value={PIN}", f'"{TOKEN}"')):
        name = write("pin.yaml", HUB.format(certificate="site/hub.pem", key=f'"{uri}"'))
        status, out, err = run("config", "dump", name)
        tap.check(f"config dump does not tell a PIN {what}",
                  status == 0 and PIN not in out + err and f"  key: {shown} #" in out, out, err)
        write("again.yaml", out)
        tap.check("and what it tells is a configuration",
                  run("config", "check", "again.yaml")[0] == 0, out)
        everything = [run(*verb) for verb in (
            ["hub", "--config", name], ["hub", "--config", name, "-v"],
            ["hub", "reload", "--config", name, "--json"],
            ["pki", "request", ".", "new", "--key", uri],
            ["sc-check", "--hub", "wss://127.0.0.1:1", "--ca", "site/ca.pem", "--cert", uri,
             "--key", uri])]
        tap.check(f"no verb tells a PIN {what}",
                  all(PIN not in out + err and status != 0 for status, out, err in everything),
                  everything)


def check_orderly_end(tap, site):
    hub, port = site.hub()
    device = site.device(port, "ahu", 1001)
    device.wait_for("connected")
    hub.stop()
    lost = device.wait_for("lost")
    following = device.next_line()
    tap.check("a hub that ends in order is lost once, before attempts fail",
              lost is not None and lost["reason"] == "in order" and following is not None and
              following["event"] == "retry" and following["reason"] != "in order",
              device.told())
    device.stop()


def check_words(tap, site):
    """What a peer says of itself has the same names in the log and in the answer to a question."""
    hub, port = site.hub()
    device = site.device(port, "ahu", 1001)
    vmac = bytes.fromhex(device.wait_for("connected")["vmac"].replace(":", ""))
    peer = Peer(port, site.context("me"))
    peer.join()
    peer.send_message(b"\x04\x04\x00\x02" + vmac + b"\x02\x01" + struct.pack(">HH", 5705, 1497))
    advertised = device.wait_for("advertised") or {}
    told = {k: advertised.get(k) for k in ("connected_to", "direct", "max_bvlc", "max_npdu")}
    tap.check("an advertisement is told as hub and limits",
              told == {"connected_to": "failover", "direct": True, "max_bvlc": 5705,
                       "max_npdu": 1497}, device.told())
    _, out, err = run("sc", "solicit", vmac.hex(), "--json", "--hub", f"wss://127.0.0.1:{port}",
                      *site.credentials("me"))
    tap.check("and by the same names when it is asked for",
              out and set(told) <= set(json.loads(out)), out, err)
    peer.close()
    device.stop()
    hub.stop()


def check_counts(tap, site):
    hub, port = site.hub()
    Site("strange", "me")
    run("whois", "--hub", f"wss://127.0.0.1:{port}", "--ca", "site/ca.pem", "--ca",
        "strange/ca.pem", "--cert", "strange/me.pem", "--key", "strange/me.key")
    hub.wait_for("refused")
    hub.stop()
    refused, stopped = hub.events("refused"), hub.events("stopped")
    tap.check("a hub counts everybody whom it told as refused",
              len(refused) == 1 and stopped and stopped[0]["refused"] == 1, hub.told())


def check_allow(tap):
    config = HUB.format(certificate="site/hub.pem", key="site/hub.key")
    for text in ("ahu-1", "CN = ahu-1", " CN=ahu-1", "urn:uuid:0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0",
                 "0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1fX", "0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f"):
        status, _, err = run("config", "check", write("typo.yaml", config +
                                                      f'  allow: ["CN=good", "{text}"]\n'))
        tap.check(f"an allow list with \"{text}\", which nobody can be, is refused",
                  status == 2 and f'"{text}" is neither' in err and "typo.yaml" in err, status, err)
    for text in ("CN=ahu-1,O=Site", "serialNumber=7,CN=x", "0f1e2d3c4b5a46879786a5b4c3d2e1f0",
                 "2.5.4.97=x"):
        status, _, err = run("config", "check", write("good.yaml", config +
                                                      f'  allow: ["{text}"]\n'))
        tap.check(f"and with \"{text}\" it is taken", status == 0, err)


def check_statuses(tap):
    with open("zero.csv", "wb") as file:
        file.write(b"name\nah\0u\n")
    for command, status in ((["issue", "site", "--from", "zero.csv"], 2), (["check", "none"], 2),
                            (["check", "site/none.pem"], 2), (["check", "site/none.pem/x"], 2),
                            (["check", "--quiet", "site", "none"], 2)):
        got, out, err = run("pki", *command)
        tap.check(f"pki {' '.join(command)}: {status}, as the manual says",
                  got == status and out == "" and err.startswith("basalt: pki"), got, out, err)


def verbs(*path):
    """Every verb there is, as the help lists them."""
    yield path
    if not path:
        for line in run("help", "verbs")[1].splitlines():
            yield from verbs(line.split()[0])
        return
    listed = re.search(r"^Verbs:\n+((?:  .*\n)+)", run(*path, "--help")[1], re.M)
    for line in listed.group(1).splitlines() if listed else []:
        words = tuple(re.split(r"  +", line.strip())[0].split())
        if line[2] != " " and words != path:
            yield from verbs(*words)


def check_help(tap):
    count = 0
    for verb in verbs():
        status, out, _ = run(*verb, "--help")
        count += 1
        tap.check(f"basalt {' '.join(verb)} --help fits 80 columns, with examples",
                  status == 0 and all(len(line) <= 80 for line in out.splitlines()) and
                  (not verb or "\nExamples:\n  basalt " in out), out)
    tap.check("and all verbs were looked at", count >= 35, count)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site("site", "hub", "ahu", "me")
        check_pins(tap)
        check_orderly_end(tap, site)
        check_words(tap, site)
        check_counts(tap, site)
        check_allow(tap)
        check_statuses(tap)
        check_help(tap)
        os.chdir("/")
    tap.end()


main()
