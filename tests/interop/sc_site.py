"""A small BACnet/SC site on loopback by the program itself: certificates, a hub that logs its messages, a device 1001."""
import contextlib
import json
import os
import socket
import sys
import tempfile
import threading
import time

from foreign import HERE, PATIENCE

os.environ.setdefault("BASALT", next((os.path.abspath(a) for a in sys.argv[1:] if not a.startswith("-")), "basalt"))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
from running import Running, Site  # noqa: E402
from tap import run  # noqa: E402

NAMES = ("hub", "device", "client", "foreign", "foreign2", "foreign-hub")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class LoggedHub(Running):
    """`basalt hub -v`: the messages that it received and sent are kept apart from its other lines."""

    def __init__(self, site, *arguments, port=0):
        self.messages = []  # (received or sent, octets)
        super().__init__("hub", "-v", "--bind", f"127.0.0.1:{port}", *site.credentials("hub"), *arguments)
        listening = self.wait_for("listening")
        assert listening is not None, self.told()
        self.port = listening["port"]
        self.uri = f"wss://127.0.0.1:{self.port}"

    def _read_lines(self):
        for line in self.process.stdout:
            told = json.loads(line)
            if told["event"] == "message":
                self.messages.append((told["direction"], bytes.fromhex(told["octets"])))
            else:
                self.waiting.put(line.decode().rstrip("\n"))
        self.waiting.put(None)

    def saw(self, direction, matches):
        """The first message that went that way and matches; it may still come."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = next((m for way, m in list(self.messages) if way == direction and matches(m)), None)
            if found is not None or time.monotonic() > deadline:
                return found
            threading.Event().wait(0.01)


class World:
    """The site that a file's tests share."""

    def __init__(self, folder):
        self.folder = folder
        self.site = Site(folder + "/site")
        for name in NAMES:
            self.site.issue(name, "--san", "ip:127.0.0.1")
        self.hub = LoggedHub(self.site)
        self.device = self.site.device(self.hub.port, "device", 1001)
        self.stops = [self.device, self.hub]
        self.connected = self.device.wait_for("connected")
        assert self.connected is not None, self.device.told()
        self.device_mac = self.mac_of(self.hub, "CN=device")

    @staticmethod
    def mac_of(hub, subject):
        """The VMAC (octets) of who joined with that certificate last."""
        joined = [e for e in hub.events("joined") if e["subject"] == subject]
        while not joined:
            found = hub.wait_for("joined")
            assert found is not None, f"{subject} did not join"
            joined = [found] if found["subject"] == subject else []
        return bytes.fromhex(joined[-1]["vmac"].replace(":", ""))

    def paths(self, name):
        """Authority, certificate and key."""
        return self.site.path("ca.pem"), self.site.path(f"{name}.pem"), self.site.path(f"{name}.key")

    def device_at(self, port, name="client", instance=1002, *settings):
        """Another device of ours, at any hub."""
        device = self.site.device(port, name, instance, *settings)
        self.stops.insert(0, device)
        assert device.wait_for("connected") is not None, device.told()
        return device

    def ask(self, *arguments, uri=None, name="client"):
        """Objects that a verb with --json prints; it must succeed."""
        status, out, err = run(*arguments, "--json", "--hub", uri or self.hub.uri, *self.site.credentials(name))
        assert status == 0, f"{arguments}: {status}, {out} {err}"
        return [json.loads(line) for line in out.splitlines()]

    def begin(self):
        """Before each test: what the hub told before is forgotten."""
        while not self.hub.waiting.empty():
            self.hub.next_line()
        self.hub.messages.clear()

    def told(self):
        lines = [f"{s.process.args[1]}: {line}" for s in self.stops for line in s.lines[-6:]]
        return "\n".join([*lines, *(f"{way} {octets.hex()}" for way, octets in self.hub.messages[-12:])])

    def stop(self):
        for running in self.stops:
            if running.process.poll() is None:
                running.stop()


@contextlib.contextmanager
def site(make=World):
    with tempfile.TemporaryDirectory() as folder:
        world = make(folder)
        try:
            yield world
        finally:
            world.stop()
