#!/usr/bin/env python3
"""What people and peers do wrong: each fault gets one line that names its cause, and its exit
status. Three tables: mistakes at the start, peers that a hub refuses, hubs that a device refuses."""
import base64
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading

from running import PATIENCE, Peer, Running, Site, upgrade, websocket
from tap import PROGRAM, Tap, run

# Bad material, made with openssl by the authority of the site.

CA_CONFIG = """[ca]
default_ca = site
[site]
database = index.txt
rand_serial = yes
new_certs_dir = .
certificate = site/ca.pem
private_key = site/ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth,clientAuth
"""
P256 = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def forge(name, start="20200101000000Z", end="20400101000000Z", key=tuple(P256)):
    """site/NAME.pem and site/NAME.key, valid from start to end."""
    with open("ca.cnf", "w", encoding="utf-8") as file:
        file.write(CA_CONFIG)
    with open("index.txt", "w", encoding="utf-8"):
        pass
    openssl("req", "-new", "-newkey", *key, "-nodes", "-keyout", f"site/{name}.key", "-subj",
            f"/CN={name}", "-out", "forged.csr")
    openssl("ca", "-batch", "-config", "ca.cnf", "-extensions", "leaf", "-notext", "-in",
            "forged.csr", "-out", f"site/{name}.pem", "-startdate", start, "-enddate", end)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def prepare():
    """The folder of all the tests."""
    site = Site("site", "hub", "device", "node")
    Site("other", "stranger")
    forge("expired", end="20210101000000Z")
    forge("future", start="20380101000000Z")
    forge("weak", key=("rsa:1024",))
    subject = json.loads(run("pki", "show", "site/ca.pem", "--json")[1])["subject"]
    run("pki", "init", "twin", "--name", subject.replace("CN=", ""))
    run("pki", "issue", "twin", "double")
    shutil.copy("site/hub.key", "site/open.key")
    os.chmod("site/open.key", 0o640)
    openssl("ec", "-in", "site/hub.key", "-aes128", "-passout", "pass:secret", "-out",
            "site/locked.key")
    os.chmod("site/locked.key", 0o600)
    with open("site/hub.pem", encoding="ascii") as file:
        pem = file.read()
    write("site/cut.pem", pem[:len(pem) // 2])
    write("site/text.pem", "this is no certificate\n")
    write("site/text.key", "this is no key\n")
    write("site/empty.pem", "")
    os.chmod("site/text.key", 0o600)
    prepare_configurations()
    return site


HUB = "hub:\n  bind: 127.0.0.1:0\n  ca: site/ca.pem\n  certificate: site/hub.pem\n" \
      "  key: site/hub.key\n"
DEVICE = "device:\n  instance: 1\n  hub-uri: wss://127.0.0.1:1\n  ca: site/ca.pem\n" \
         "  certificate: site/device.pem\n  key: site/device.key\n"
OBJECT = "  objects:\n    - type: analog-value\n      instance: 1\n"


def prepare_configurations():
    write("good.yaml", HUB)
    write("device.yaml", DEVICE)
    write("key.yaml", HUB + "  max-conections: 5\n")
    write("number.yaml", HUB + "  max-connections: many\n")
    write("range.yaml", HUB + "  max-bvlc: 70000\n")
    write("twice.yaml", HUB + "  bind: 127.0.0.1:1\n")
    write("section.yaml", "hubb:\n  bind: 127.0.0.1:0\n")
    write("yaml.yaml", "hub:\n  bind: [\n")
    write("tab.yaml", "hub:\n\tbind: 127.0.0.1:0\n")
    write("missing.yaml", "hub:\n  bind: 127.0.0.1:0\n")
    write("type.yaml", DEVICE + "  objects:\n    - type: analog-thing\n      instance: 1\n")
    write("unit.yaml", DEVICE + OBJECT + "      units: degrees-celcius\n")
    write("same.yaml", DEVICE + OBJECT + "    - type: analog-value\n      instance: 1\n")
    write("scheme.yaml", DEVICE.replace("wss:", "ws:"))
    write("bad.state", "vmac: 12\n")
    write("other.state", "vmac: 220000000001\nuuid: 0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0\n")


# Mistakes at the start: what is wrong, the command ({ca}, {hub}, {device}: good options), its exit
# status, text of its line.
GOOD = {
    "ca": "--ca site/ca.pem",
    "hub": "hub --bind 127.0.0.1:0 --ca site/ca.pem",
    "hubid": "--cert site/hub.pem --key site/hub.key",
    "device": "device --instance 1 --hub wss://127.0.0.1:1 --ca site/ca.pem",
    "deviceid": "--cert site/device.pem --key site/device.key",
}
AT_START = [
    # Credentials
    ("certificate that is not there", "{hub} --cert no.pem --key site/hub.key", 2,
     "cannot read no.pem: No such file or directory; check the name"),
    ("key that is not there", "{hub} --cert site/hub.pem --key no.key", 2,
     "cannot read no.key: No such file or directory; check the name"),
    ("issuer that is not there", "hub --bind 127.0.0.1:0 --ca no.pem {hubid}", 2,
     "cannot read no.pem: No such file or directory; check the name"),
    ("certificate that is a folder", "{hub} --cert site --key site/hub.key", 2,
     "site is a directory: name a PEM file"),
    ("certificate that is something else", "{hub} --cert site/text.pem --key site/hub.key", 4,
     "site/text.pem holds no certificate in PEM form"),
    ("certificate that is cut", "{hub} --cert site/cut.pem --key site/hub.key", 4,
     "site/cut.pem holds no certificate in PEM form"),
    ("empty certificate", "{hub} --cert site/empty.pem --key site/hub.key", 4,
     "site/empty.pem holds no certificate in PEM form"),
    ("key that is something else", "{hub} --cert site/hub.pem --key site/text.key", 5,
     "site/text.key holds no private key"),
    ("key with a password", "{hub} --cert site/hub.pem --key site/locked.key", 5,
     "site/locked.key is encrypted, and no password is configured"),
    ("key that others can read", "{hub} --cert site/hub.pem --key site/open.key", 6,
     "site/open.key is open to group or others (mode 0640): chmod 600 it"),
    ("key of another certificate", "{hub} --cert site/hub.pem --key site/device.key", 5,
     "the key site/device.key does not belong to the certificate site/hub.pem"),
    ("issuer that is something else", "hub --bind 127.0.0.1:0 --ca site/text.pem {hubid}", 4,
     "site/text.pem holds no issuer certificate in PEM form"),
    ("issuer that is a device", "hub --bind 127.0.0.1:0 --ca site/device.pem {hubid}", 4,
     "name the CA certificate there, not a device's"),
    ("no issuer in the file", "hub --bind 127.0.0.1:0 --ca site/empty.pem {hubid}", 2,
     "no issuer certificate is configured"),
    ("expired certificate", "{hub} --cert site/expired.pem --key site/expired.key", 4,
     "CN=expired expired at 2021-01-01"),
    ("certificate of the future", "{hub} --cert site/future.pem --key site/future.key", 4,
     "CN=future is not valid before 2038-01-01"),
    ("weak key", "{hub} --cert site/weak.pem --key site/weak.key", 4, "too weak"),
    ("certificate of another issuer", "{hub} --cert other/stranger.pem --key other/stranger.key",
     4, "CN=stranger was signed by none of our issuers"),
    ("certificate of a namesake of our issuer", "{hub} --cert twin/double.pem --key twin/double.key",
     4, "CN=double was signed with another key than that of our issuer"),
    ("certificate of the authority", "{hub} --cert site/ca.pem --key site/ca.key", 4,
     "is an issuer's own, not a device's"),
    ("device: key of another certificate", "{device} --cert site/device.pem --key site/hub.key", 5,
     "does not belong to the certificate"),
    ("device: expired certificate", "{device} --cert site/expired.pem --key site/expired.key", 4,
     "expired at 2021-01-01"),
    ("device: key that others can read", "{device} --cert site/hub.pem --key site/open.key", 6,
     "chmod 600 it"),
    # Addresses
    ("port in use", "hub --bind 127.0.0.1:{port} {ca} {hubid}", 6,
     "the port is in use; stop the program that has it"),
    ("address of another machine", "hub --bind 192.0.2.1:0 {ca} {hubid}", 2,
     "this machine does not have that address; give one that it has"),
    ("name for an address", "hub --bind localhost:0 {ca} {hubid}", 2,
     "'localhost' is not an IP address; give one of this machine"),
    ("address without a port", "hub --bind 127.0.0.1 {ca} {hubid}", 2,
     "--bind: \"127.0.0.1\" is not an address with a port"),
    ("port out of range", "hub --bind 127.0.0.1:65536 {ca} {hubid}", 2, "--bind: "),
    ("URI without TLS", "device --instance 1 --hub ws://x {ca} {deviceid}", 2,
     "--hub: ws:// is not encrypted; wss://, or allow-plaintext"),
    ("URI with a bad port", "device --instance 1 --hub wss://x:0 {ca} {deviceid}", 2,
     "--hub: \"wss://x:0\" is not a WebSocket URI"),
    # The command line
    ("nothing", "hub", 2, "--bind: is missing; give it, or a configuration file with --config"),
    ("no certificate", "hub --bind 127.0.0.1:0 {ca} --key site/hub.key", 2, "--cert: is missing"),
    ("no instance", "device --hub wss://x {ca} {deviceid}", 2, "--instance: is missing"),
    ("instance out of range", "device --hub wss://x {ca} {deviceid} --instance 4194303", 2,
     "--instance: \"4194303\" is out of range"),
    ("unknown option", "{hub} {hubid} --stat x.state --certt x", 2,
     "\"--certt\" is not an option; did you mean --cert"),
    ("option without its value", "hub --bind", 2, "--bind: needs a value; ADDRESS:PORT"),
    ("option twice", "{hub} {hubid} --bind 127.0.0.1:0", 2, "--bind: is there twice"),
    ("argument that nobody takes", "{hub} {hubid} start", 2, "\"start\" is one argument too many"),
    ("--set without a value", "{hub} {hubid} --set vmac", 2, "--set: \"vmac\" is not KEY=VALUE"),
    ("--set of an unknown key", "{hub} {hubid} --set vmacc=1", 2,
     "--set: \"vmacc\" is not a key of hub; did you mean vmac"),
    ("--set of a wrong value", "{hub} {hubid} --set vmac=1", 2, "--set vmac: \"1\" is not a VMAC"),
    ("key log that cannot be written", "{hub} {hubid} --set key-log=/nowhere/x", 6,
     "cannot write the key log /nowhere/x"),
    # The configuration file
    ("file that is not there", "hub --config no.yaml", 2, "no.yaml: cannot be opened"),
    ("file for another verb", "hub --config device.yaml", 2, "device.yaml: has no section hub"),
    ("file without what is needed", "hub --config missing.yaml", 2,
     "missing.yaml: hub.ca: is missing"),
    ("unknown section", "hub --config section.yaml", 2, "section.yaml:1: "),
    ("unknown key", "hub --config key.yaml", 2,
     "key.yaml:6: hub: \"max-conections\" is not a key; did you mean max-connections"),
    ("not a number", "hub --config number.yaml", 2,
     "number.yaml:6: hub.max-connections: \"many\" is not a whole number"),
    ("number out of range", "hub --config range.yaml", 2,
     "range.yaml:6: hub.max-bvlc: \"70000\" is out of range"),
    ("key twice", "hub --config twice.yaml", 2, "twice.yaml:6: hub.bind: "),
    ("not YAML", "hub --config yaml.yaml", 2, "yaml.yaml:2: "),
    ("tab in front", "hub --config tab.yaml", 2, "tab.yaml:2: "),
    ("unknown object type", "device --config type.yaml", 2, "type.yaml:8: "),
    ("unknown unit", "device --config unit.yaml", 2, "degrees-celcius"),
    ("object twice", "device --config same.yaml", 2, "same.yaml:11: "),
    ("URI without TLS in the file", "device --config scheme.yaml", 2,
     "scheme.yaml: device.hub-uri: ws:// is not encrypted"),
    # The state file
    ("state file in use", "{hub} {hubid} --state used.state", 6,
     "used.state: is in use by process {pid}; stop that one"),
    ("state file of another device", "{hub} {hubid} --state other.state", 2,
     "in the state file is 0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0, in the certificate "),
    ("malformed state file", "{hub} {hubid} --state bad.state", 2,
     "bad.state:1: not one VMAC of 12 hex digits; correct it"),
    ("state file in no folder", "{hub} {hubid} --state /nowhere/x.state", 2, "/nowhere/x.state"),
    ("UUID that differs from the certificate's",
     "{hub} {hubid} --set uuid=0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0", 2, "in the configuration is"),
]


def check_at_start(tap, site):
    holder, port = site.hub("--state", "used.state")
    for what, command, expected, text in AT_START:
        command = command.format(**GOOD, port=port)
        text = text.replace("{pid}", str(holder.process.pid))
        try:
            status, out, err = run(*shlex.split(command))
        except subprocess.TimeoutExpired:
            status, out, err = None, "", "it runs on"
        good = (status == expected and text in err and err.startswith("basalt: ") and
                len(err.splitlines()) == 1 and len(err) < 300 and out == "")
        tap.check(f"at start: {what} ends with {expected}", good, command, status, err, out)
    holder.stop()


def check_permissions(tap):
    """Files that we may not read: root may read all, so somebody else tries."""
    user = 65534 if os.getuid() == 0 else None
    for path in ("locked.yaml", "locked.pem"):
        shutil.copy("good.yaml" if path.endswith("yaml") else "site/hub.pem", path)
        os.chmod(path, 0)
    os.chmod(".", 0o755)
    for what, words, text in (
            ("configuration", ["hub", "--config", "locked.yaml"], "locked.yaml: "),
            ("certificate", ["pki", "show", "locked.pem"],
             "cannot read locked.pem: Permission denied; look at its permissions")):
        name = f"at start: {what} that may not be read ends with 6"
        try:
            done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False,
                                  user=user, timeout=PATIENCE)
        except (PermissionError, FileNotFoundError):
            tap.skip(name, "somebody else cannot run the program here")
            continue
        tap.check(name, done.returncode == 6 and text in done.stderr and
                  len(done.stderr.splitlines()) == 1, done.returncode, done.stderr)


# Peers that a hub refuses: what they do, and what stands in its log.


def shake(site, port, name=None, **attributes):
    """Through TLS as far as it goes; the server's judgement shows at the first read."""
    peer = Peer(port, site.context(name, **attributes))
    return peer.stream.recv(1)


def without_certificate(site, port):
    shake(site, port)


def with_expired(site, port):
    shake(site, port, "expired")


def with_future(site, port):
    shake(site, port, "future")


def with_stranger(site, port):
    context = site.context()
    context.load_cert_chain("other/stranger.pem", "other/stranger.key")
    Peer(port, context).stream.recv(1)


def with_authority(site, port):
    shake(site, port, "ca")


def with_tls_1_2(site, port):
    shake(site, port, "node", maximum_version=ssl.TLSVersion.TLSv1_2)


def with_s_client(site, port):
    subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile",
                    site.path("ca.pem"), "-verify_return_error", "-cert", "twin/double.pem",
                    "-key", "twin/double.key"], stdin=subprocess.DEVNULL, capture_output=True,
                   timeout=PATIENCE, check=False)


def with_http(site, port):
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as stream:
        stream.sendall(b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n")
        stream.recv(1)


def with_silence(site, port):
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as stream:
        stream.recv(1)


def ask(site, port, request):
    """The status line of the answer to an HTTP request."""
    peer = Peer(port, site.context("node"))
    peer.send(request)
    return peer.stream.recv(4096).split(b"\r\n")[0].decode()


def with_subprotocol(site, port):
    assert " 400 " in ask(site, port, upgrade("dc.bsc.bacnet.org"))


def with_web_browser(site, port):
    assert " 4" in ask(site, port, b"GET / HTTP/1.1\r\nHost: hub\r\nAccept: text/html\r\n\r\n")


def closed(peer):
    """The close code that arrives."""
    opcode, payload = peer.receive()
    while opcode != 8:
        opcode, payload = peer.receive()
    return struct.unpack(">H", payload[:2])[0]


def with_text(site, port):
    peer = Peer(port, site.context("node"))
    peer.upgrade()
    peer.send(websocket(1, b"hello"))
    assert closed(peer) == 1003


def with_unmasked(site, port):
    peer = Peer(port, site.context("node"))
    peer.upgrade()
    peer.send(b"\x82\x04\x06\x00\x00\x01")
    assert closed(peer) == 1002


def with_nothing_to_say(site, port):
    peer = Peer(port, site.context("node"))
    peer.upgrade()
    closed(peer)


def with_our_vmac(site, port):
    peer = Peer(port, site.context("node"))
    peer.upgrade()
    nak = peer.connect_request(vmac=bytes.fromhex("2200000000aa"))[1]
    assert nak[0] == 0, nak.hex()


ON_THE_WIRE = [
    ("no certificate", without_certificate, "", "the client showed no certificate (alert 116"),
    ("expired certificate", with_expired, "CN=expired", "expired at 2021-01-01"),
    ("certificate of the future", with_future, "CN=future", "is not valid before 2038-01-01"),
    ("certificate of another issuer", with_stranger, "CN=stranger",
     "was signed by none of our issuers"),
    ("certificate of a namesake of our issuer (s_client)", with_s_client, "CN=double",
     "was signed with another key than that of our issuer"),
    ("certificate of the authority", with_authority, None, "is an issuer's own, not a device's"),
    ("TLS 1.2", with_tls_1_2, "", "does not speak TLS 1.3 (alert 70 sent)"),
    ("plain HTTP", with_http, "", "is it plain HTTP?"),
    ("silence", with_silence, "", "was not done within"),
    ("wrong subprotocol", with_subprotocol, "CN=node", "no subprotocol of this server"),
    ("a web browser", with_web_browser, "CN=node", "upgrade was refused with HTTP"),
    ("a text frame", with_text, "CN=node", "only binary messages are accepted"),
    ("an unmasked frame", with_unmasked, "CN=node", "mask"),
    ("no Connect-Request", with_nothing_to_say, "CN=node", "no Connect-Request within"),
    ("the hub's own VMAC", with_our_vmac, "CN=node", "VMAC 22:00:00:00:00:aa is in use"),
]


def check_on_the_wire(tap, site):
    hub, port = site.hub("--set", "connect-wait=1", "--set", "vmac=2200000000aa")
    for what, attempt, subject, text in ON_THE_WIRE:
        why = ""
        try:
            attempt(site, port)
        except (OSError, ConnectionError) as error:
            why = str(error)
        except AssertionError as error:
            why = f"not as expected: {error}"
        refused = hub.wait_for("refused") or {}
        good = (text in refused.get("reason", "") and "not as expected" not in why and
                subject in (None, refused.get("subject", "")) and
                refused.get("peer", "").startswith("127.0.0.1:"))
        tap.check(f"a hub refuses and tells: {what}", good, refused, why)
    node = Peer(port, site.context("node"))
    node.join()
    tap.check("after all that it serves on", hub.wait_for("joined"), hub.told())
    node.close()
    tap.check("and stops in order", hub.stop() == 0 and hub.errors == b"", hub.told())


def check_full(tap, site):
    hub, port = site.hub("--set", "max-connections=1", "--set", "disconnect-wait=0.2")
    first = Peer(port, site.context("node"))
    first.join()
    second = Peer(port, site.context("device"))
    second.upgrade()
    nak = second.connect_request()[1]
    refused = hub.wait_for("refused") or {}
    tap.check("a hub that is full says so to both", nak[0] == 0 and
              "raise max-connections" in refused.get("reason", ""), nak.hex(), hub.told())
    hub.stop()


def check_quiet_names(tap, site):
    """A stranger chooses the text of its name: it must not write our lines or move our cursor."""
    name = "/CN=a\nrefused: \x1b[31mred\r\x7f\u009b2J"
    openssl("req", "-x509", "-newkey", *P256, "-nodes", "-keyout", "loud.key", "-out", "loud.pem",
            "-days", "1", "-utf8", "-subj", name)
    hub = Running("hub", "--bind", "127.0.0.1:0", *site.credentials("hub"), json_lines=False)
    port = int(re.search(r"127\.0\.0\.1:(\d+)", hub.next_line())[1])
    context = site.context()
    context.load_cert_chain("loud.pem", "loud.key")
    try:
        Peer(port, context).stream.recv(1)
    except OSError:
        pass
    line = hub.next_line() or ""
    hub.stop()
    tap.check("a name with control characters stays in its line and does nothing",
              "CN=a?refused: ?[31mred" in line and len(hub.lines) == 3 and
              not re.search("[\x00-\x1f\x7f-\x9f]", line), *map(repr, hub.lines))


# Hubs that a device refuses or does not reach: what it tells while it tries again.


class FakeHub:
    """A server that is not as it should be, for one connection."""

    def __init__(self, serve):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._run, args=(serve,), daemon=True)
        self.thread.start()

    def _run(self, serve):
        while True:
            try:
                stream, _ = self.socket.accept()
                stream.settimeout(PATIENCE)
                serve(stream)
            except OSError:
                if self.socket.fileno() < 0:
                    return

    def close(self):
        self.socket.close()


def tls_server(context, answer=b"", request=True):
    """Answers the upgrade with those octets and closes."""
    def serve(stream):
        with context.wrap_socket(stream, server_side=True) as secure:
            if request:
                secure.recv(4096)
            secure.sendall(answer)
    return serve


def plain_server(stream):
    with stream:
        stream.recv(4096)
        stream.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def closing_server(stream):
    with stream:
        stream.recv(4096)


def stranger_context(site):
    context = site.context(server=True)
    context.load_cert_chain("other/stranger.pem", "other/stranger.key")
    context.verify_mode = ssl.CERT_NONE
    return context


WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
HTTP_404 = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
HTTP_101 = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n")
FAKE_HUBS = [
    ("certificate of another issuer", lambda s: tls_server(stranger_context(s)),
     "was signed by none of our issuers"),
    ("expired certificate", lambda s: tls_server(s.context("expired", server=True)),
     "CN=expired expired at 2021-01-01"),
    ("certificate of the future", lambda s: tls_server(s.context("future", server=True)),
     "CN=future is not valid before 2038-01-01"),
    ("TLS 1.2", lambda s: tls_server(s.context("hub", server=True,
                                               maximum_version=ssl.TLSVersion.TLSv1_2)), "TLS 1.3"),
    ("no TLS", lambda s: plain_server, "does not speak TLS"),
    ("no answer", lambda s: closing_server, "the peer closed the connection"),
    ("HTTP 404", lambda s: tls_server(s.context("hub", server=True), HTTP_404), "404"),
    ("wrong accept key", lambda s: tls_server(s.context("hub", server=True), HTTP_101),
     "Sec-WebSocket-Accept"),
]


def refusing_server(context, details):
    """Answers the Connect-Request with a NAK (communication, other) and those error details."""
    def serve(stream):
        with context.wrap_socket(stream, server_side=True) as secure:
            key = re.search(rb"Sec-WebSocket-Key: (\S+)", secure.recv(4096))[1]
            accept = base64.b64encode(hashlib.sha1(key + WEBSOCKET_GUID).digest())
            secure.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                           b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept +
                           b"\r\nSec-WebSocket-Protocol: hub.bsc.bacnet.org\r\n\r\n")
            frame = secure.recv(4096)
            mask, body = frame[2:6], frame[6:]
            request = bytes(o ^ mask[i % 4] for i, o in enumerate(body))
            nak = b"\0\0" + request[2:4] + b"\x06\x01\0\0\x07\0\0" + details.encode()
            secure.sendall(bytes([0x82, len(nak)]) + nak)
            secure.recv(4096)
    return serve


def check_quiet_details(tap, site):
    """The error details of a NAK are the hub's words: they stay in their line, too."""
    hub = FakeHub(refusing_server(site.context("hub", server=True), "no\nmore \x1b[31m\u009b2J"))
    device = Running("device", "--instance", "1", "--hub", f"wss://127.0.0.1:{hub.port}",
                     *site.credentials("device"), json_lines=False)
    line = device.next_line() or ""
    device.stop()
    hub.close()
    tap.check("error details with control characters stay in their line and do nothing",
              " retry: " in line and "no?more ?[31m??2J" in line and len(device.lines) == 2,
              *map(repr, device.lines))


def check_retry(tap, name, site, uri, *texts):
    device = Running("device", "--instance", "1", "--hub", uri, *site.credentials("device"))
    retry = device.wait_for("retry") or {}
    good = all(text in retry.get("reason", "") for text in texts) and retry.get("hub") == uri
    runs_on = device.process.poll() is None
    status = device.stop()
    tap.check(f"a device tells and tries again: {name}", good and runs_on and status == 0,
              device.told(), status)


def check_fake_hubs(tap, site):
    for name, serve, text in FAKE_HUBS:
        hub = FakeHub(serve(site))
        check_retry(tap, name, site, f"wss://127.0.0.1:{hub.port}", text)
        hub.close()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    check_retry(tap, "nobody listens", site, f"wss://127.0.0.1:{port}",
                f"127.0.0.1:{port}: connection refused: nobody listens there")
    check_retry(tap, "unknown host", site, "wss://no-such-host.invalid:4443",
                "no-such-host.invalid:4443: ")


def check_refused_device(tap, site):
    """The hub's judgement reaches the device."""
    hub, port = site.hub()
    device = Running("device", "--instance", "1", "--hub", f"wss://127.0.0.1:{port}",
                     "--ca", "site/ca.pem", "--ca", "other/ca.pem", "--cert", "other/stranger.pem",
                     "--key", "other/stranger.key")
    retry = device.wait_for("retry") or {}
    refused = hub.wait_for("refused") or {}
    tap.check("a device that the hub refuses is told why by its alert",
              "alert 48" in retry.get("reason", "") and refused.get("subject") == "CN=stranger",
              device.told(), hub.told())
    tap.check("its exit status is that of the signal", device.stop(signal.SIGINT) == 130)
    hub.stop()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = prepare()
        check_at_start(tap, site)
        check_permissions(tap)
        check_on_the_wire(tap, site)
        check_full(tap, site)
        check_quiet_names(tap, site)
        check_fake_hubs(tap, site)
        check_quiet_details(tap, site)
        check_refused_device(tap, site)
        os.chdir("/")
    tap.end()


main()
