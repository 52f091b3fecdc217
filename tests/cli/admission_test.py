#!/usr/bin/env python3
"""Who may connect besides what certificates say, and ws:// where a test allows it: told on both
sides."""
import os
import re
import tempfile

from running import Peer, Running, Site
from tap import Tap, run


def whois(site, name, port, *arguments):
    return run("whois", "4000000", "--timeout", "0.2", "--hub", f"wss://127.0.0.1:{port}",
               *site.credentials(name), *arguments)


def certificate_uuid(site, name):
    return re.search(r"urn:uuid:([0-9a-f-]{36})", run("pki", "show", site.path(name + ".pem"))[1])[1]


def check_list(tap, site):
    listed = certificate_uuid(site, "listed")
    hub, port = site.hub("--set", "allow=CN=good", "--set", "allow=" + listed)
    for name, what in (("good", "certificate subject"), ("listed", "device UUID")):
        device = site.device(port, name, 1)
        tap.check(f"a {what} on the list is let in",
                  (device.wait_for("connected") or {}).get("instance") == 1, device.told())
        device.stop()
    peer = Peer(port, site.context("bad"))
    peer.upgrade()
    nak = peer.connect_request(uuid=bytes.fromhex(listed.replace("-", "")))[1]
    hub.wait_for("refused", subject="CN=bad")
    tap.check("who only claims such a UUID is not: its certificate has another", nak[0] == 0,
              nak.hex())
    device = site.device(port, "bad", 2)
    retry = device.wait_for("retry") or {}
    refused = hub.wait_for("refused", subject="CN=bad") or {}
    tap.check("others are refused, and the hub says why", "allow" in refused.get("reason", "") and
              "CN=bad" in refused["reason"], hub.told())
    tap.check("and so does the one that is refused", retry.get("code") and
              "refused" in retry.get("reason", ""), device.told())
    device.stop()
    status, _, err = whois(site, "bad", port)
    tap.check("a client too (3)", status == 3 and "refused" in err, status, err)
    status, _, err = whois(site, "good", port)
    tap.check("one on the list is no other", status == 3 and "nobody answered" in err, err)
    hub.stop()


def check_uuid(tap, site):
    hub, port = site.hub("--set", "require-uuid-in-certificate=true")
    device = site.device(port, "good", 1)
    connected = device.wait_for("connected") or {}
    tap.check("a device with the UUID of its certificate is let in",
              connected.get("uuid") == certificate_uuid(site, "good"), device.told())
    device.stop()
    status, _, err = whois(site, "bad", port)
    refused = hub.wait_for("refused", subject="CN=bad") or {}
    tap.check("a visitor with another one is refused, and the hub says why", status == 3 and
              "refused" in err and "UUID" in refused.get("reason", ""), err, hub.told())
    status, _, err = whois(site, "bad", port, "--own-uuid")
    tap.check("unless it takes the one of its certificate", status == 3 and
              "nobody answered" in err, status, err)
    joined = hub.wait_for("joined", subject="CN=bad") or {}
    tap.check("which the hub sees", joined.get("uuid") == certificate_uuid(site, "bad"), hub.told())
    status, _, err = run("sc-check", "--hub", f"wss://127.0.0.1:{port}", "--own-uuid",
                         *site.credentials("bad"))
    tap.check("sc-check too", status == 0, status, err)
    hub.stop()


def check_plaintext(tap, site):
    hub = Running("hub", "--bind", "127.0.0.1:0", "--allow-plaintext")
    port = (hub.wait_for("listening") or {}).get("port")
    status, out, err = run("whois", "--hub", f"ws://127.0.0.1:{port}")
    tap.check("ws:// is refused without the option (2)", status == 2 and
              "--allow-plaintext" in err, status, err)
    status, out, err = run("device", "--instance", "1", "--hub", f"ws://127.0.0.1:{port}",
                           *site.credentials("good"))
    tap.check("by a device as well", status == 2 and "--hub: ws://" in err, status, err)
    device = Running("device", "--instance", "1", "--hub", f"ws://127.0.0.1:{port}",
                     "--allow-plaintext")
    tap.check("with it no certificates are needed",
              (device.wait_for("connected") or {}).get("instance") == 1, device.told())
    status, out, err = run("read", "1", "ai:1", "pv", "--hub", f"ws://127.0.0.1:{port}",
                           "--allow-plaintext")
    tap.check("and everything works", (status, out) == (0, "21.5 degrees-celsius\n"), status, err)
    tap.check("but the client says so loudly", "warning: " in err and "PLAINTEXT" in err, err)
    device.stop()
    hub.stop()
    tap.check("so do the device and the hub", b"warning: " in device.errors and
              b"PLAINTEXT" in device.errors and b"warning: " in hub.errors and
              b"NO TLS" in hub.errors, device.told(), hub.told())
    status, _, err = run("hub", "--bind", "0.0.0.0:0", "--allow-plaintext")
    tap.check("a hub listens on this machine alone (2)", status == 2 and "loopback" in err, err)
    hub = Running("hub", "--bind", "0.0.0.0:0", "--set", "allow-plaintext=anywhere")
    tap.check("unless it is told otherwise", hub.wait_for("listening") is not None, hub.told())
    hub.stop()
    status, _, err = run("device", "--instance", "1", "--hub", "ws://192.0.2.1", "--allow-plaintext")
    tap.check("a device connects on this machine alone (2)", status == 2 and "anywhere" in err, err)


def check_password(tap, site):
    password = os.path.join(site.folder, "pw")
    with open(password, "w", encoding="utf-8") as file:
        file.write("open sesame\n")
    os.chmod(password, 0o600)
    locked = site.path("locked.key")
    status = os.system(f"openssl pkcs8 -topk8 -in {site.path('good.key')} -out {locked} "
                       f"-passout file:{password} 2>/dev/null && chmod 600 {locked}")
    if status != 0:
        tap.skip("encrypted keys", "there is no openssl here")
        return
    options = ["--ca", site.path("ca.pem"), "--cert", site.path("good.pem"), "--key", locked]
    hub, port = site.hub()
    status, _, err = run("whois", "4000000", "--timeout", "0.2", "--hub",
                         f"wss://127.0.0.1:{port}", *options, "--key-password-file", password)
    tap.check("a key with a password is opened with one from a file", status == 3 and
              "nobody answered" in err, err)
    status, _, err = run("whois", "--hub", f"wss://127.0.0.1:{port}", *options)
    tap.check("without it that is what is told (5)", status == 5 and "password" in err, status, err)
    hub.stop()
    hub = Running("hub", "--bind", "127.0.0.1:0", *options, "--set", "key-password-variable=KEYPW",
                  env={"KEYPW": "open sesame"})
    tap.check("a hub takes it from its environment", hub.wait_for("listening") is not None,
              hub.told())
    hub.stop()
    hub = Running("hub", "--bind", "127.0.0.1:0", *options, "--set", "key-password-credential=pw",
                  env={"CREDENTIALS_DIRECTORY": os.path.abspath(site.folder)})
    tap.check("or from systemd", hub.wait_for("listening") is not None, hub.told())
    hub.stop()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site("site", "hub", "good", "listed", "bad")
        for check in (check_list, check_uuid, check_plaintext, check_password):
            check(tap, site)
        os.chdir("/")
    tap.end()


main()
