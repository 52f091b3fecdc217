#!/usr/bin/env python3
"""What users do, and often do wrong: secrets in the wrong place, names misspelt, steps in another
order. What they get told must be true, whole, and no secret."""
import os
import tempfile

from running import Site
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


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site("site", "hub", "ahu", "me")
        check_pins(tap)
        check_orderly_end(tap, site)
        check_counts(tap, site)
        os.chdir("/")
    tap.end()


main()
