"""The site of sc_site.py with a device 1100 that has enough objects for every service: 300 analog values and more."""
import contextlib
import json
import os

import sc_site
from running import Running
from tap import run as run_program

FILE_TEXT = b"Basalt is a volcanic rock.\n" * 200
PASSWORD = "sesame"
DEVICE = """\
device:
  instance: 1100
  name: Big
  hub-uri: {hub}
  minimum-reconnect: 0.1
  ca: ca.pem
  certificate: big.pem
  key: big.key
  password-file: big.password
  create-objects: 10
  objects:
    - {{type: analog-output, instance: 1, name: Valve, units: percent, relinquish-default: 5}}
    - {{type: binary-value, instance: 1, name: Door, states: [closed, open]}}
    - {{type: multi-state-value, instance: 1, name: Mode, states: ["off", vent, heat], value: 2}}
    - {{type: file, instance: 1, name: Text, file: text.txt, file-type: text/plain}}
    - {{type: notification-class, instance: 1, name: Operators, priorities: [10, 20, 30]}}
"""


class World(sc_site.World):
    def __init__(self, folder):
        super().__init__(folder)
        self.site.issue("big")
        self._write("text.txt", FILE_TEXT)
        self._write("big.password", PASSWORD.encode() + b"\n")
        lines = [f"    - {{type: analog-value, instance: {n}, name: Value {n}, value: {n}, cov-increment: 0.5}}\n"
                 for n in range(1, 301)]
        self._write("big.yaml", (DEVICE.format(hub=self.hub.uri) + "".join(lines)).encode())
        self.big = Running("device", "--config", self.site.path("big.yaml"))
        self.stops.insert(0, self.big)
        assert self.big.wait_for("connected") is not None, self.big.told()
        self.big_mac = self.mac_of(self.hub, "CN=big")

    def _write(self, name, octets):
        with open(self.site.path(name), "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(octets)

    def try_to(self, *arguments, name="client"):
        """Exit status and objects of a verb that may fail."""
        status, out, _ = run_program(*arguments, "--json", "--hub", self.hub.uri, *self.site.credentials(name))
        return status, [json.loads(line) for line in out.splitlines()]

    def apdus(self, direction="received"):
        """The APDUs of the hub's messages, without SC's and the network's head."""
        for way, message in list(self.hub.messages):
            npdu = message[4 + (6 if message[1] & 8 else 0) + (6 if message[1] & 4 else 0):]
            if way == direction and message[0] == 1 and npdu[1] & 0xA8 == 0:
                yield npdu[2:]

    def has_sent(self, pdu_type, service):
        """Whether an unsegmented PDU of that type and service passed."""
        at = 3 if pdu_type == 0 else 1 if pdu_type == 1 else 2
        return any(a[0] >> 4 == pdu_type and a[at] == service for a in self.apdus())

    def has_refused(self, octets):
        """Whether an error with that service and those octets (hex) passed."""
        return any(a[0] >> 4 == 5 and a[2:] == bytes.fromhex(octets) for a in self.apdus())


@contextlib.contextmanager
def site():
    with sc_site.site(World) as world:
        yield world
