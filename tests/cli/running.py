"""What the tests of verbs share that keep running: their events, a site's certificates, and a peer
that speaks BACnet/SC through Python's own TLS."""
import base64
import json
import os
import queue
import resource
import signal
import socket
import ssl
import struct
import subprocess
import threading

from tap import PROGRAM, run

PATIENCE = 20  # seconds; what is waited for comes in milliseconds on an idle machine


class Running:
    """The program in the background. Its lines are read as they come. files: soft and hard limit
    of its open files. program: another one than ours, for examples."""

    def __init__(self, *arguments, env=None, json_lines=True, files=None, program=PROGRAM):
        self.json_lines = json_lines
        self.lines = []
        self.waiting = queue.Queue()
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, files)

        command = [program, *arguments, *(["--json"] if json_lines else [])]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL,
                                        env={**os.environ, **(env or {})},
                                        preexec_fn=limit if files else None)
        self.errors = b""
        self.readers = [threading.Thread(target=self._read_lines, daemon=True),
                        threading.Thread(target=self._read_errors, daemon=True)]
        for reader in self.readers:
            reader.start()

    def _read_lines(self):
        for line in self.process.stdout:
            self.waiting.put(line.decode().rstrip("\n"))
        self.waiting.put(None)

    def _read_errors(self):
        self.errors = self.process.stderr.read()

    def next_line(self):
        """The next line (as an object with --json); None: the end, or nothing came."""
        try:
            line = self.waiting.get(timeout=PATIENCE)
        except queue.Empty:
            return None
        if line is None:
            self.waiting.put(None)
            return None
        self.lines.append(line)
        return json.loads(line) if self.json_lines else line

    def wait_for(self, event, **members):
        """The next event of that name with those members; None: it did not come."""
        found = self.next_line()
        while found is not None and (found.get("event") != event or
                                     any(found.get(k) != v for k, v in members.items())):
            found = self.next_line()
        return found

    def stop(self, number=signal.SIGTERM):
        """Its exit status after that signal."""
        self.process.send_signal(number)
        return self.end()

    def end(self):
        """Its exit status, when it ends by itself."""
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = None
        for reader in self.readers:
            reader.join(PATIENCE)
        while not self.waiting.empty():
            line = self.waiting.get()
            if line is not None:
                self.lines.append(line)
        return status

    def events(self, name):
        """All events of that name that were read."""
        return [e for e in map(json.loads, self.lines) if e.get("event") == name]

    def told(self):
        """All that it wrote, for a failed check."""
        return "\n".join([*self.lines, self.errors.decode()])


class Site:
    """A folder with an authority and devices, made by the program."""

    def __init__(self, folder, *names):
        self.folder = folder
        assert run("pki", "init", folder)[0] == 0
        for name in names:
            self.issue(name)

    def issue(self, name, *arguments):
        status, _, err = run("pki", "issue", self.folder, name, *arguments)
        assert status == 0, err

    def path(self, name):
        return os.path.join(self.folder, name)

    def credentials(self, name):
        return ["--ca", self.path("ca.pem"), "--cert", self.path(name + ".pem"),
                "--key", self.path(name + ".key")]

    def hub(self, *arguments, name="hub", **keywords):
        """A hub that listens, and its port."""
        hub = Running("hub", "--bind", "127.0.0.1:0", *self.credentials(name), *arguments,
                      **keywords)
        listening = hub.wait_for("listening")
        assert listening is not None, hub.told()
        return hub, listening["port"]

    def device(self, port, name, instance, *arguments, **keywords):
        return Running("device", "--instance", str(instance), "--hub", f"wss://127.0.0.1:{port}",
                       *self.credentials(name), "--set", "minimum-reconnect=0.1", *arguments,
                       **keywords)

    def context(self, name=None, server=False, **attributes):
        """A context of Python's TLS, with the credentials of name or none."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(self.path("ca.pem"))
        context.verify_mode = ssl.CERT_REQUIRED
        for key, value in attributes.items():
            setattr(context, key, value)
        if name is not None:
            context.load_cert_chain(self.path(name + ".pem"), self.path(name + ".key"))
        return context


def upgrade(subprotocol="hub.bsc.bacnet.org"):
    """A WebSocket upgrade (RFC 6455, 4.1)."""
    key = base64.b64encode(os.urandom(16)).decode()
    return ("GET / HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {subprotocol}\r\n\r\n").encode()


def websocket(opcode, payload):
    """One frame from a client: masked, here with zeros."""
    n = len(payload)
    head = bytes([0x80 | opcode, 0x80 | n]) if n < 126 else \
        bytes([0x80 | opcode, 0x80 | 126]) + struct.pack(">H", n)
    return head + bytes(4) + payload


class Peer:
    """A node that is not ours: Python's TLS, and BACnet/SC octet by octet."""

    def __init__(self, port, context):
        self.vmac = os.urandom(6)
        self.vmac = bytes([self.vmac[0] & 0xF0 | 0x02]) + self.vmac[1:]
        self.stream = context.wrap_socket(socket.create_connection(("127.0.0.1", port), PATIENCE))
        self.input = b""

    def send(self, octets):
        self.stream.sendall(octets)

    def _take(self, n):
        while len(self.input) < n:
            more = self.stream.recv(65536)
            if not more:
                raise ConnectionError(f"closed with {self.input!r}")
            self.input += more
        taken, self.input = self.input[:n], self.input[n:]
        return taken

    def upgrade(self, subprotocol="hub.bsc.bacnet.org"):
        """The status line of the answer."""
        self.send(upgrade(subprotocol))
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += self._take(1)
        return answer.split(b"\r\n")[0].decode()

    def send_message(self, octets):
        self.send(websocket(2, octets))

    def receive(self):
        """(opcode, payload) of the next frame."""
        first, n = self._take(2)
        if n == 126:
            n = struct.unpack(">H", self._take(2))[0]
        return first & 0x0F, self._take(n)

    def connect_request(self, vmac=None, uuid=None):
        """BVLC-SC Connect-Request (AB.2.10), without options."""
        self.send_message(b"\x06\x00\x00\x01" + (vmac or self.vmac) + (uuid or os.urandom(16)) +
                          struct.pack(">HH", 5705, 1497))
        return self.receive()

    def join(self):
        """Upgrades and connects. The accept's function must be 7."""
        assert " 101 " in self.upgrade()
        opcode, message = self.connect_request()
        assert (opcode, message[0]) == (2, 7), (opcode, message.hex())

    def send_npdu(self, vmac, npdu):
        """Encapsulated-NPDU to that VMAC (text or octets)."""
        to = bytes.fromhex(vmac.replace(":", "")) if isinstance(vmac, str) else vmac
        self.send_message(b"\x01\x04\x00\x02" + to + npdu)

    def close(self):
        """No goodbye: the descriptor goes."""
        self.stream.close()
