#!/usr/bin/env python3
"""What people get wrong, and what they are told: one line that names the cause and what to do, and
the right exit status. Against a hub and a device that run here, on a port that was free.
"""
import json
import os
import re
import socket
import subprocess
import tempfile

from tap import PROGRAM, Tap, run

CA = """[ca]
default_ca = ca
[ca]
new_certs_dir = other
database = other/index
serial = other/serial
default_md = sha256
policy = policy
email_in_dn = no
unique_subject = no
[policy]
commonName = supplied
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth,clientAuth
"""


class Daemon:
    """A verb that keeps running; its events are JSON Lines."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([PROGRAM, *arguments, "--json"], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.first = json.loads(self.process.stdout.readline() or "null")

    def stop(self):
        """The rest of its events, and its exit status."""
        self.process.terminate()
        out, _ = self.process.communicate(timeout=20)
        return [json.loads(line) for line in out.splitlines()], self.process.returncode


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def issue_with_dates(name, start, end):
    """A certificate of our site with dates that basalt pki would not give."""
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            f"site/{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    openssl("ca", "-batch", "-config", "ca.conf", "-extensions", "leaf", "-cert", "site/ca.pem",
            "-keyfile", "site/ca.key", "-in", f"{name}.csr", "-out", f"site/{name}.pem", "-notext",
            "-startdate", start, "-enddate", end)
    os.chmod(f"site/{name}.key", 0o600)


def make_site():
    for site in ("site", "foreign"):
        run("pki", "init", site)
    for name in ("hub", "device", "me"):
        run("pki", "issue", "site", name)
    run("pki", "issue", "foreign", "me")
    os.mkdir("other")
    with open("ca.conf", "w", encoding="utf-8") as file:
        file.write(CA)
    with open("other/index", "w", encoding="utf-8"), \
            open("other/serial", "w", encoding="utf-8") as file:
        file.write("1000\n")
    issue_with_dates("expired", "200101000000Z", "210101000000Z")
    issue_with_dates("early", "400101000000Z", "410101000000Z")
    for path, text in (("site/garbage.pem", "garbage\n"), ("bad.yaml", "hub:\n  bnd: x\n"),
                       ("tab.yaml", "device:\n\tinstance: 5\n")):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    for name in ("open", "unreadable"):
        with open("site/me.key", encoding="utf-8") as source, \
                open(f"site/{name}.key", "w", encoding="utf-8") as file:
            file.write(source.read())
    os.chmod("site/open.key", 0o644)
    os.chmod("site/unreadable.key", 0o000)


def files(name="me", key=None, ca="site"):
    return ["--ca", f"{ca}/ca.pem", "--cert", f"site/{name}.pem", "--key",
            f"site/{key or name}.key"]


def closed_port():
    """A port where nobody listens."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def mistakes(port):
    """(sentence, arguments, exit status, what the line must say)."""
    me = ["--hub", f"wss://127.0.0.1:{port}", *files()]
    to = ["--hub", f"wss://127.0.0.1:{port}"]
    hub = ["hub", "--bind", "127.0.0.1:0"]
    return [
        ("an unknown object", ["read", *me, "1001", "ai:99", "pv"], 1, "unknown-object"),
        ("an unknown property", ["read", *me, "1001", "ai:1", "event-time-stamps"], 1,
         "unknown-property"),
        ("a property that is no word", ["read", *me, "1001", "ai:1", "nopv"], 2,
         '"nopv" is not a property'),
        ("an object that is no word", ["read", *me, "1001", "zz:1", "pv"], 2, '"zz" is not'),
        ("a device that is not there", ["read", *me, "--timeout", "0.3", "4000", "ai:1", "pv"], 3,
         "no device 4000"),
        ("a value of the wrong type", ["write", *me, "1001", "ao:1", "pv", "text:x@8"], 1,
         "invalid-data-type"),
        ("a property that cannot be written", ["write", *me, "1001", "ai:1", "object-type", "5"],
         1, "write-access-denied"),
        ("a part that is missing", ["readm", *me, "1001", "ai:1", "pv", "ai:77", "pv"], 7,
         "1 of 2 properties"),
        ("no hub", ["whois", *files()], 2, "--hub: is missing"),
        ("a hub without TLS", ["whois", "--hub", f"ws://127.0.0.1:{port}", *files()], 2,
         "ws:// is not encrypted"),
        ("nobody listens", ["whois", "--hub", f"wss://127.0.0.1:{closed_port()}", *files()], 3,
         "refused"),
        ("a host that is not known", ["whois", "--hub", "wss://nohost.invalid", *files()], 3,
         "nohost.invalid"),
        ("a certificate of another issuer", ["whois", *to, "--ca", "site/ca.pem", "--cert",
                                             "foreign/me.pem", "--key", "foreign/me.key"], 4,
         "issuer"),
        ("an issuer that is not the hub's", ["whois", *to, "--ca", "foreign/ca.pem", "--cert",
                                             "foreign/me.pem", "--key", "foreign/me.key"], 4,
         "issuer"),
        ("an expired certificate", ["whois", *to, *files("expired")], 4, "expired"),
        ("a certificate not yet valid", ["whois", *to, *files("early")], 4, "not .*valid"),
        ("a key of another certificate", ["whois", *to, *files("me", "device")], 5,
         "does not belong to the certificate"),
        ("a key that others can read", ["whois", *to, *files("me", "open")], 6, "mode 0644"),
        ("a certificate that is not there", ["whois", *to, *files("nobody", "me")], 2,
         "site/nobody.pem.*No such file"),
        ("a certificate that is garbage", ["whois", *to, *files("garbage", "me")], 4,
         "site/garbage.pem"),
        ("a port in use", ["hub", "--bind", f"127.0.0.1:{port}", *files("hub")], 6,
         "the port is in use"),
        ("an address that is not ours", ["hub", "--bind", "192.0.2.1:0", *files("hub")], 2,
         "does not have that address"),
        ("a hub with an expired certificate", [*hub, *files("expired")], 4, "expired"),
        ("a hub without a key", [*hub, "--ca", "site/ca.pem", "--cert", "site/hub.pem"], 2, "key"),
        ("a wrong key in a configuration", ["hub", "--config", "bad.yaml"], 2,
         'bad.yaml:2: hub: "bnd" is not a key; did you mean bind'),
        ("a tab in a configuration", ["device", "--config", "tab.yaml"], 2,
         "tab.yaml:2: YAML: a tab"),
        ("a configuration that is not there", ["hub", "--config", "none.yaml"], 2,
         "none.yaml: .*No such file"),
        ("a state file in use", ["device", "--instance", "1002", *to, *files("device"), "--state",
                                 "device.state"], 6,
         "device.state.*(is in use by process|another process keeps it locked)"),
        ("a state file of another device", ["device", "--instance", "1002", *to, *files("me"),
                                            "--state", "copy.state"], 2, "the device UUID"),
    ]


def is_told(arguments, status, text, got, out, err):
    lines = err.splitlines()
    good = got == status and len(lines) == 1 and lines[0].startswith(f"basalt: {arguments[0]}: ")
    if "--json" in arguments:
        last = json.loads(out.splitlines()[-1]) if out else {}
        good = good and "error" in last and last.get("status", status) == status
    return good and re.search(text, err) is not None


def check_mistakes(tap, port):
    for sentence, arguments, status, text in mistakes(port):
        for more in ([], ["--json"]):
            done = run(*arguments, *more)
            tap.check(f"{sentence}{' as JSON' if more else ''}: status {status}",
                      is_told([*arguments, *more], status, text, *done), text, *done)


def check_key_that_cannot_be_read(tap, port):
    name = "a key that we may not read: status 6"
    if os.geteuid() == 0:
        tap.skip(name, "root may read everything")
        return
    status, _, err = run("whois", "--hub", f"wss://127.0.0.1:{port}", *files("me", "unreadable"))
    tap.check(name, status == 6 and "Permission denied" in err, status, err)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_site()
        hub = Daemon("hub", "--bind", "127.0.0.1:0", *files("hub"))
        port = int(hub.first["port"])
        device = Daemon("device", "--instance", "1001", "--hub", f"wss://127.0.0.1:{port}",
                        *files("device"), "--state", "device.state")
        with open("device.state", encoding="utf-8") as source, \
                open("copy.state", "w", encoding="utf-8") as file:
            file.write(source.read())
        check_mistakes(tap, port)
        check_key_that_cannot_be_read(tap, port)
        status, out, _ = run("read", "--hub", f"wss://127.0.0.1:{port}", *files(), "1001", "ai:1",
                             "pv")
        tap.check("after all of it the device still answers", status == 0 and out != "", out)
        for name, daemon in (("device", device), ("hub", hub)):
            events, status = daemon.stop()
            tap.check(f"the {name} stops in order", status == 0, status, events)
        os.chdir("/")
    tap.end()


main()
