"""What the tests of the client verbs share: a site with a hub and a device of ours, what readm
says of a property, and strangers: a device and a hub that do what a test wants."""
import base64
import hashlib
import json
import re
import socket
import struct
import threading

from running import PATIENCE, Peer, Running, Site
from tap import run

DEVICE = """\
device:
  instance: 1001
  name: "Lüftung \\"1\\""
  location: Roof
  vendor-identifier: 555
  hub-uri: wss://127.0.0.1:{port}
  minimum-reconnect: 0.1
  ca: ca.pem
  certificate: device.pem
  key: device.key
  objects:
    - {{type: analog-input, instance: 1, name: Supply air, units: degrees-celsius, value: 21.5}}
    - {{type: analog-output, instance: 1, name: Valve, units: percent, relinquish-default: 5}}
    - {{type: analog-value, instance: 1, name: Set point, value: 20, commandable: true}}
    - {{type: analog-value, instance: 2, name: Plain value, value: 3}}
    - {{type: binary-input, instance: 1, name: Door, states: [closed, open]}}
    - {{type: binary-output, instance: 1, name: Fan, description: Big}}
    - {{type: multi-state-value, instance: 1, name: Mode, states: ["off", vent, heat], value: 2}}
"""
OBJECTS = ["analog-input,1", "analog-output,1", "analog-value,1", "analog-value,2",
           "binary-input,1", "binary-output,1", "device,1001", "file,4194296", "file,4194297",
           "file,4194298", "file,4194299", "multi-state-value,1", "network-port,1"]


class World:
    """A site with a hub and the device above; runs client verbs there."""

    def __init__(self, folder):
        self.site = Site(folder, "hub", "device", "client", "other", "last")
        self.hub, self.port = self.site.hub()
        with open(self.site.path("device.yaml"), "w", encoding="utf-8") as file:
            file.write(DEVICE.format(port=self.port))
        self.device = Running("device", "--config", self.site.path("device.yaml"))
        self.connected = self.device.wait_for("connected")
        assert self.connected is not None, self.device.told()
        self.options = self.options_for("client")

    def options_for(self, name, port=None):
        return ["--hub", f"wss://127.0.0.1:{port or self.port}", *self.site.credentials(name)]

    def run(self, *arguments):
        """(status, output, errors) as text."""
        return run(*arguments, *self.options)

    def ask(self, *arguments):
        """(status, objects, errors) of a verb with --json."""
        status, out, err = run(*arguments, "--json", *self.options)
        return status, [json.loads(line) for line in out.splitlines()], err

    def value(self, target, prop):
        objects = self.ask("read", "1001", target, prop)[1]
        return objects[0].get("value") if objects else None


def result(target, prop, **answer):
    return {"device": 1001, "object": target, "property": prop, **answer}


UNKNOWN = {"error": "property: unknown-property", "error_class": "property",
           "error_code": "unknown-property"}
TOO_LONG = {"error": "communication: abort-segmentation-not-supported",
            "error_class": "communication", "error_code": "abort-segmentation-not-supported"}
NO_OBJECT = {"error": "object: unknown-object", "error_class": "object",
             "error_code": "unknown-object"}


class Puppet(threading.Thread):
    """Answers one request after another with what answer(invoke id, service, body) gives: an APDU,
    a list of them, or None."""

    def __init__(self, w, answer, i_am=None):
        super().__init__(daemon=True)
        self.answer = answer
        self.i_am = i_am
        self.peer = Peer(w.port, w.site.context("other"))
        self.peer.join()
        self.name_for_us = "vmac:" + ":".join(f"{o:02x}" for o in self.peer.vmac)
        self.requests = []
        self.start()

    def run(self):
        try:
            while True:
                self._take(*self.peer.receive())
        except (OSError, ConnectionError, ValueError):
            pass

    def _take(self, opcode, message):
        if opcode != 2 or message[0] != 1:
            return
        flags, origin, at = message[1], message[4:10], 10
        at += 6 if flags & 0x04 else 0
        npdu = message[at:]
        if npdu[1] & 0x80:  # of the network layer
            return
        apdu = npdu[2 + (4 if npdu[1] & 0x20 else 0):]
        if apdu[0] >> 4 == 1 and self.i_am is not None and apdu[1] == 8:
            self.peer.send_npdu(origin, b"\x01\x00" + self.i_am)
        if apdu[0] >> 4 != 0:
            return
        self.requests.append(apdu)
        self.origin = origin
        answers = self.answer(apdu[2], apdu[3], apdu[4:]) or []
        for one in answers if isinstance(answers, list) else [answers]:
            self.peer.send_npdu(origin, b"\x01\x00" + one)

    def close(self):
        self.peer.stream.shutdown(socket.SHUT_RDWR)
        self.join(PATIENCE)
        self.peer.close()


class Stage(threading.Thread):
    """Takes connections, and plays one act for each. What came goes into heard."""

    def __init__(self, site, *acts):
        super().__init__(daemon=True)
        self.acts = acts
        self.heard = []
        self.context = site.context("hub", server=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        for act in self.acts:
            try:
                plain, _ = self.listener.accept()
                act(self, plain)
                plain.close()
            except OSError:
                pass
        self.listener.close()  # whoever comes again is refused

    def accept_websocket(self, plain):
        plain.settimeout(PATIENCE)
        stream = self.context.wrap_socket(plain, server_side=True)
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            request += stream.recv(4096)
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", request, re.I)[1]
        proof = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        stream.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                       b"Connection: Upgrade\r\nSec-WebSocket-Protocol: hub.bsc.bacnet.org\r\n"
                       b"Sec-WebSocket-Accept: " + base64.b64encode(proof) + b"\r\n\r\n")
        frame = stream.recv(4096)
        mask, payload = frame[2:6], frame[6:6 + (frame[1] & 0x7F)]
        message = bytes(o ^ mask[i % 4] for i, o in enumerate(payload))
        self.heard.append(message)
        return stream, message

    def nak_header(self, plain):
        """Connect-Request is refused for what stands in its header."""
        stream, message = self.accept_websocket(plain)
        answer = b"\x00\x00" + message[2:4] + b"\x06\x01\x00" + struct.pack(">HH", 7, 146)
        stream.sendall(bytes([0x82, len(answer)]) + answer)
        stream.recv(4096)
        stream.close()

    def never_accept(self, plain):
        """Takes the Connect-Request, and never answers."""
        stream, _ = self.accept_websocket(plain)
        while stream.recv(4096):
            pass

    def keep_silent(self, plain):
        """Takes the TCP connection, and that is all."""
        while plain.recv(4096):
            pass

    def speak_http(self, plain):
        plain.recv(4096)
        plain.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
