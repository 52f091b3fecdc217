#!/usr/bin/env python3
"""The life of a site's certificates, as a hub and a device that run see it: certificates that came
of requests, renewed ones, revoked ones, and another authority."""
import json
import os
import shutil
import signal
import tempfile

from running import Running, Site
from tap import Tap, run


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o600)


def done(*arguments):
    """The object that a verb of pki prints; it must succeed."""
    status, out, err = run("pki", *arguments, "--json")
    assert status == 0, err
    return json.loads(out.splitlines()[-1])


def start(folder, issuers, crl=()):
    """A hub with the files of a folder, and its port."""
    arguments = [a for file in issuers for a in ("--ca", file)]
    arguments += [a for file in crl for a in ("--crl", file)]
    hub = Running("hub", "--bind", "127.0.0.1:0", "--cert", f"{folder}/hub.pem", "--key",
                  f"{folder}/hub.key", *arguments)
    listening = hub.wait_for("listening")
    assert listening is not None, hub.told()
    return hub, listening["port"]


def attach(port, folder, name, issuers, *more):
    arguments = [a for file in issuers for a in ("--ca", file)]
    return Running("device", "--instance", "1001", "--hub", f"wss://127.0.0.1:{port}", "--cert",
                   f"{folder}/{name}.pem", "--key", f"{folder}/{name}.key", "--set",
                   "minimum-reconnect=0.1", *arguments, *more)


def check_requests(tap):
    """Each key is made where it is used; only requests and certificates travel."""
    write("pwd", "correct horse\n")
    done("init", "site")
    done("request", "at-hub", "hub", "--san", "ip:127.0.0.1")
    done("request", "at-device", "ahu", "--key-password-file", "pwd")
    for where, name in (("at-hub", "hub"), ("at-device", "ahu")):
        done("sign", "site", f"{where}/{name}.csr")
        shutil.copy(f"site/{name}.pem", f"{where}/{name}.pem")
    hub, port = start("at-hub", ["site/ca.pem"])
    device = attach(port, "at-device", "ahu", ["site/ca.pem"], "--key-password-file", "pwd")
    connected = device.wait_for("connected")
    joined = hub.wait_for("joined")
    tap.check("hub and device run with certificates of requests, one with an encrypted key",
              connected is not None and joined is not None and "CN=ahu" in str(joined),
              hub.told(), device.told())
    device.stop()
    tap.check("the device's key never was at the authority",
              sorted(os.listdir("site")) == ["ahu.pem", "ca.key", "ca.pem", "hub.pem", "index.csv"],
              os.listdir("site"))
    hub.stop()


def check_renewed(tap):
    done("issue", "site", "vav")
    done("renew", "site", "hub", "--new-key")
    hub, port = start("site", ["site/ca.pem"])
    device = attach(port, "site", "vav", ["site/ca.pem"])
    tap.check("a device is connected to a hub with a renewed certificate and a new key",
              device.wait_for("connected") is not None and hub.wait_for("joined") is not None,
              hub.told(), device.told())
    renewed = done("renew", "site", "hub", "--days", "40")
    hub.process.send_signal(signal.SIGHUP)
    reloaded = hub.wait_for("reloaded")
    tap.check("at SIGHUP the hub takes the renewed files, and drops nobody",
              reloaded is not None and reloaded["kept"] == 1 and reloaded["closed"] == 0 and
              reloaded["valid_until"][:10] == renewed["not_after"][:10], hub.told())
    done("renew", "site", "vav", "--new-key")
    device.stop()
    device = attach(port, "site", "vav", ["site/ca.pem"])
    tap.check("a device with a renewed certificate and a new key connects",
              device.wait_for("connected") is not None, device.told())
    device.stop()
    hub.stop()


def check_revoked(tap):
    done("issue", "site", "thief")
    done("revoke", "site")
    hub, port = start("site", ["site/ca.pem"], crl=["site/ca.crl"])
    good = attach(port, "site", "vav", ["site/ca.pem"])
    bad = attach(port, "site", "thief", ["site/ca.pem"], "--set", "instance=1002")
    tap.check("with an empty revocation list all are connected",
              good.wait_for("connected") is not None and bad.wait_for("connected") is not None,
              good.told(), bad.told())
    done("revoke", "site", "thief", "--reason", "keyCompromise")
    hub.process.send_signal(signal.SIGHUP)
    reloaded = hub.wait_for("reloaded")
    tap.check("the hub that loads the list closes the session of who is revoked, alone",
              reloaded is not None and (reloaded["kept"], reloaded["closed"]) == (1, 1), hub.told())
    refused = hub.wait_for("refused")
    tap.check("and does not let it in again, with the reason in its log",
              refused is not None and "revoked" in str(refused), hub.told())
    bad.stop()
    good.stop()
    hub.stop()


def check_another_authority(tap):
    """The steps of rotate --plan while a device stays connected."""
    done("init", "next")
    shutil.copytree("site", "live")
    hub, port = start("live", ["live/ca.pem", "next/ca.pem"])
    device = attach(port, "live", "vav", ["live/ca.pem", "next/ca.pem"])
    tap.check("both trust both authorities", device.wait_for("connected") is not None,
              device.told())
    told = [json.loads(line) for line in
            run("pki", "rotate", "site", "--plan", "--to", "next", "--json")[1].splitlines()]
    for command in told[2]["commands"]:
        if " issue " in command:
            status, _, err = run(*command.split()[1:])
            assert status == 0, err
    for name in ("hub.pem", "hub.key", "vav.pem", "vav.key"):
        shutil.copy(f"next/{name}", f"live/{name}")
    hub.process.send_signal(signal.SIGHUP)
    reloaded = hub.wait_for("reloaded")
    tap.check("the hub takes a certificate of the new authority, and drops nobody",
              reloaded is not None and reloaded["closed"] == 0 and reloaded["kept"] == 1,
              hub.told())
    device.stop()
    device = attach(port, "live", "vav", ["next/ca.pem"])
    connected = device.wait_for("connected")
    tap.check("a device that knows the new authority alone is connected", connected is not None,
              device.told())
    tap.check("and is the same device as before",
              done("show", "live/vav.pem")["uuid"] == done("show", "site/vav.pem")["uuid"])
    device.stop()
    hub.stop()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for check in (check_requests, check_renewed, check_revoked, check_another_authority):
            check(tap)
        os.chdir("/")
    tap.end()


main()
