"""A small KNX site on loopback: a keyring and servers with a virtual line, all by the program itself.

Host 1.1.0 with tunnels 1.1.10 to 1.1.13 of users 2 to 5. On the line, device 1.1.5: 1/0/1 a switch (on), 1/0/2 a
temperature (21.5), 1/0/3 a text, all plain; 1/1/1 to 1/1/3 the same with Data Secure.
"""
import contextlib
import json
import os
import sys
import tempfile

from foreign import HERE, must_be_enclosed

os.environ.setdefault("BASALT", next((os.path.abspath(a) for a in sys.argv[1:] if not a.startswith("-")), "basalt"))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
from running import Running  # noqa: E402
from tap import run  # noqa: E402

OBJECTS = """\
  objects:
  - {group: 1/0/1, dpt: "1.001", device: 1.1.5, value: "on"}
  - {group: 1/0/2, dpt: "9.001", device: 1.1.5, value: "21.5"}
  - {group: 1/0/3, dpt: "16.001", device: 1.1.5, value: "plain text"}
  - {group: 1/1/1, dpt: "1.001", device: 1.1.5, value: "on"}
  - {group: 1/1/2, dpt: "9.001", device: 1.1.5, value: "21.5"}
  - {group: 1/1/3, dpt: "16.001", device: 1.1.5, value: "secured text!!"}
"""
ON, TEMPERATURE = "01", "0c33"  # 21.5 degrees: 9.001
PASSWORD = "lab secret"
TUNNELS = ["1.1.10", "1.1.11", "1.1.12", "1.1.13"]


class Keyring:
    """A keyring of our own making, and what is in it."""

    def __init__(self, folder):
        self.path, self.password, self.password_file = f"{folder}/lab.knxkeys", PASSWORD, f"{folder}/password"
        with open(os.open(self.password_file, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(PASSWORD + "\n")
        self._call("new", "--project", "Lab", "--host", "1.1.0", "--tunnels", f"{TUNNELS[0]}-{TUNNELS[-1]}",
                   "--groups", "1/1/1-1/1/3", "--senders", "1.1.5")
        items = [json.loads(line) for line in self._call("info", "--reveal", "--json").splitlines()]
        self.interfaces = {i["address"]: i for i in items if i["item"] == "interface"}
        self.groups = {i["group"]: i["key"] for i in items if i["item"] == "group"}
        self.host = next(i for i in items if i["item"] == "device" and i["address"] == "1.1.0")

    def _call(self, action, *arguments):
        status, out, err = run("knx", "keyring", action, self.path, "--keyring-pwd-file", self.password_file, *arguments)
        assert status == 0, err
        return out


class Server(Running):
    """`basalt knx serve` on a free port of address."""

    def __init__(self, folder, keyring, secure, *more, address="127.0.0.1", port=0, objects=OBJECTS):
        path = f"{folder}/{secure}-{len(os.listdir(folder))}.yaml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"knx-server:\n  bind: {address}:{port}\n  individual-address: 1.1.0\n  name: Basalt lab\n"
                       f"  keyring: {keyring.path}\n  keyring-password-file: {keyring.password_file}\n"
                       f"  secure: {secure}\n  state-file: {path}.state\n  telegrams-per-second: 0\n")
            file.write("".join(f"  {line}\n" for line in more) + objects)
        super().__init__("knx", "serve", "--config", path)
        listening = self.wait_for("listening")
        assert listening is not None, self.told()
        self.address, self.port = address, listening["port"]

    def changed(self, group):
        """The next change of a group, in words: "1/0/1 is on"."""
        found = self.wait_for("changed")
        while found is not None and group != found["group"]:
            found = self.wait_for("changed")
        assert found is not None, f"{group} did not change"
        return f"{group} is {found['value']}"

    def numbers(self, group):
        """All values that a group of numbers has taken."""
        return [float(e["value"].split(" ")[0]) for e in self.events("changed") if e["group"] == group]


class World:
    """The servers that a file's tests speak to."""

    def __init__(self, folder):
        self.folder = folder
        self.keyring = Keyring(folder)
        self.secure = Server(folder, self.keyring, "required")
        self.plain = Server(folder, self.keyring, "off")
        self.stops = [self.secure, self.plain]
        self._searchable = None

    def searchable(self):
        """A server on the standard's port, which hears multicast."""
        must_be_enclosed()
        if self._searchable is None:
            self._searchable = Server(self.folder, self.keyring, "required", address="127.0.0.5", port=3671)
            self.stops.append(self._searchable)
        return self._searchable

    def told(self):
        return "\n".join(f"{s.process.args[1:4]}: {line}" for s in self.stops for line in s.lines[-8:])

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
