"""A foreign BACnet/SC peer on Python's ssl (OpenSSL): TLS, WebSocket and BVLC-SC by hand, nothing of Basalt."""
import base64
import hashlib
import json
import os
import socket
import ssl
import struct
import subprocess
import sys

TIMEOUT = 10


class Tap:
    """Prints one line per test; a test is a function whose name is its sentence."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def run(self, test, *args):
        self.count += 1
        name = test.__name__
        try:
            test(*args)
            print(f"ok {self.count} - {name}", flush=True)
        except Exception as error:  # a failed assertion or a lost peer: both are this test's failure
            self.failed += 1
            print(f"not ok {self.count} - {name}\n# {type(error).__name__}: {error}", flush=True)

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)

    def end(self):
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)


class Hub:
    """`basalt hub` on a free port, with its log."""

    def __init__(self, basalt, folder, name="hub", extra=(), env=None):
        self.process = subprocess.Popen(
            [basalt, "hub", "--bind", "127.0.0.1:0", "--ca", f"{folder}/ca.pem", "--cert", f"{folder}/{name}.pem",
             "--key", f"{folder}/{name}.key", "--json", *extra],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
        self.listening = json.loads(self.process.stdout.readline())
        self.port = int(self.listening["port"])

    def stop(self):
        """Ends it with SIGTERM; gives its exit status and the rest of its output."""
        self.process.terminate()
        out, err = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, out, err


def make_pki(basalt, folder, names):
    subprocess.run([basalt, "pki", "init", folder], check=True, stdout=subprocess.DEVNULL)
    for name in names:
        subprocess.run([basalt, "pki", "issue", folder, name], check=True, stdout=subprocess.DEVNULL)


def context(folder, name=None, version=ssl.TLSVersion.TLSv1_3):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.minimum_version = c.maximum_version = version
    c.check_hostname = False
    c.load_verify_locations(f"{folder}/ca.pem")
    if name:
        c.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
    return c


class WebSocket:
    """The client's side of one connection."""

    def __init__(self, port, tls, subprotocol="hub.bsc.bacnet.org"):
        raw = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self.socket = tls.wrap_socket(raw)
        self.buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            (f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
             f"Sec-WebSocket-Protocol: {subprotocol}\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.head = head.decode()
        self.status = int(self.head.split()[1])
        if self.status == 101:
            accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
            assert f"Sec-WebSocket-Accept: {accept.decode()}".lower() in self.head.lower(), self.head

    def _more(self):
        octets = self.socket.recv(65536)
        if not octets:
            raise ConnectionError("the hub closed the connection")
        self.buffer += octets

    def send(self, payload, opcode=2):
        mask = os.urandom(4)
        head = bytes([0x80 | opcode])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        else:
            head += bytes([0x80 | 126]) + struct.pack(">H", len(payload))
        self.socket.sendall(head + mask + bytes(o ^ mask[i % 4] for i, o in enumerate(payload)))

    def receive(self):
        """(opcode, payload) of the next frame."""
        while len(self.buffer) < 2:
            self._more()
        opcode, length, at = self.buffer[0] & 15, self.buffer[1] & 127, 2
        assert self.buffer[1] & 128 == 0, "a server does not mask"
        if length == 126:
            while len(self.buffer) < 4:
                self._more()
            length, at = struct.unpack(">H", self.buffer[2:4])[0], 4
        while len(self.buffer) < at + length:
            self._more()
        payload, self.buffer = self.buffer[at:at + length], self.buffer[at + length:]
        return opcode, payload

    def message(self):
        opcode, payload = self.receive()
        assert opcode == 2, f"opcode {opcode}: {payload.hex()}"
        return payload

    def close(self):
        self.socket.close()


def connect_request(vmac, uuid, message_id=1, hello=False):
    head = bytes([6, 2 if hello else 0]) + struct.pack(">H", message_id) + (bytes.fromhex("22000100") if hello else b"")
    return head + vmac + uuid + struct.pack(">HH", 1600, 1497)


def join(port, tls, number, hello=False):
    """A connected node: VMAC 02:00:00:00:00:NN, UUID 16 times NN."""
    ws = WebSocket(port, tls)
    assert ws.status == 101, ws.head
    ws.send(connect_request(bytes([2, 0, 0, 0, 0, number]), bytes([number]) * 16, hello=hello))
    ws.accepted = ws.message()
    assert ws.accepted[0] == 7, ws.accepted.hex()
    return ws
