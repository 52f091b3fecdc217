#!/usr/bin/env python3
"""A hub and a device in one process: what it tells, what clients get of it, how it ends."""
import os
import re
import tempfile

from running import Peer, Running, Site
from tap import Tap, run

YAML = """\
hub:
  bind: 127.0.0.1:0
  ca: site/ca.pem
  certificate: site/hub.pem
  key: site/hub.key
  state-file: hub.state
device:
  instance: 1001
  name: Plant room
  objects:
    - {type: analog-input, instance: 1, name: Supply air, units: degrees-celsius, value: 21.5}
    - {type: analog-output, instance: 1, name: Valve, units: percent}
"""


def begin(text=YAML, *arguments, **keywords):
    with open("both.yaml", "w", encoding="utf-8") as file:
        file.write(text)
    return Running("hub", "--config", "both.yaml", *arguments, **keywords)


def check_life(tap, site):
    both = begin()
    listening = both.wait_for("listening") or {}
    connected = both.wait_for("connected") or {}
    tap.check("the hub tells of itself as ever, the device with its part in front",
              "part" not in listening and connected.get("part") == "device", both.told())
    tap.check("the device is connected to its own hub, as its node",
              (connected.get("instance"), connected.get("role"), connected.get("hub_vmac"),
               connected.get("uuid")) ==
              (1001, "primary", listening.get("vmac"), listening.get("uuid")), both.told())
    options = ["--hub", f"wss://127.0.0.1:{listening['port']}", *site.credentials("me")]
    status, out, err = run("whois", "1001", *options)
    tap.check("a client finds it", status == 0 and "1001" in out, out, err)
    status, out, err = run("read", "1001", "ai:1", "pv", *options)
    tap.check("reads it", (status, out) == (0, "21.5 degrees-celsius\n"), out, err)
    status, _, err = run("write", "1001", "ao:1", "pv", "50@8", *options)
    write = both.wait_for("write") or {}
    tap.check("and writes it, which is told as the device's", status == 0 and
              (write.get("part"), write.get("value")) == ("device", 50), err, both.told())
    peer = Peer(listening["port"], site.context("other"))
    peer.join()
    joined = both.wait_for("joined", subject="CN=other") or {}
    tap.check("nodes join the hub beside it", joined and "part" not in joined, both.told())
    tap.check("SIGTERM ends both with 0", both.stop() == 0, both.told())
    stops = both.events("stopped")
    tap.check("the device before its hub", [s.get("part") for s in stops] == ["device", None],
              both.told())
    again = begin()
    tap.check("it is the same node when it comes again",
              (again.wait_for("connected") or {}).get("vmac") == connected["vmac"], again.told())
    again.stop()


def check_text(tap, _site):
    both = begin(json_lines=False)
    lines = [both.next_line() or "" for _ in range(3)]
    tap.check("as text the part stands in front of the event",
              any(re.search(r"Z device connected: wss://127\.0\.0\.1:\d+, device 1001, ", x)
                  for x in lines), both.told())
    both.stop()


def check_mistakes(tap, _site):
    wrong = begin(YAML.replace("  instance: 1001\n", ""))
    tap.check("a device that is not whole keeps the hub from starting (2)", wrong.end() == 2 and
              b"device.instance: is missing" in wrong.errors, wrong.told())
    wrong = begin(YAML.replace("instance: 1001", "instance: 1001\n  direct-bind: 192.0.2.1:1"))
    status = wrong.end()
    tap.check("what the device cannot have ends both", status not in (0, None) and
              len([x for x in wrong.lines if '"stopped"' in x]) == 1, wrong.told())


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site("site", "hub", "me", "other")
        for check in (check_life, check_text, check_mistakes):
            check(tap, site)
        os.chdir("/")
    tap.end()


main()
