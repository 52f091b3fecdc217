"""What the tests of KNX verbs share: a keyring, a server with a virtual line, its keys as files."""
import base64
import hashlib
import json
import os
import re
import signal
import xml.etree.ElementTree as ElementTree

from running import Running
from tap import run


def text_of(text):
    return bytes([len(text)]) + text.encode()


def hashed(element):
    """What the signature of a keyring is over (texts of up to 127 octets)."""
    attributes = {k: v for k, v in element.attrib.items() if k != "Signature"}
    body = b"".join(text_of(k) + text_of(attributes[k]) for k in sorted(attributes))
    name = element.tag.split("}")[-1]
    return b"\x01" + text_of(name) + body + b"".join(map(hashed, element)) + b"\x02"


def signed(text, password):
    """A keyring's text with a signature that fits."""
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), b"1.keyring.ets.knx.org", 65536, 16)
    octets = hashed(ElementTree.fromstring(text.encode())) + text_of(base64.b64encode(key).decode())
    signature = base64.b64encode(hashlib.sha256(octets).digest()[:16]).decode()
    return re.sub(r'Signature="[^"]*"', f'Signature="{signature}"', text)


class Server:
    """A KNXnet/IP server with objects, run by its configuration file."""

    def __init__(self, folder, name, *lines, host="1.1.0"):
        self.path = os.path.join(folder, name + ".yaml")
        self.lines = lines
        self.host = host
        self.start(0)

    def start(self, port):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(f"knx-server:\n  individual-address: {self.host}\n"
                       f"  bind: 127.0.0.1:{port}\n" + "".join(f"  {x}\n" for x in self.lines))
        self.running = Running("knx", "serve", "--config", self.path)
        listening = self.running.wait_for("listening")
        assert listening is not None, self.running.told()
        self.port = listening["port"]
        self.address = f"127.0.0.1:{self.port}"

    def forget(self):
        """What it told until now does not count."""
        while not self.running.waiting.empty():
            self.running.waiting.get()

    def wait_for(self, event, **members):
        return self.running.wait_for(event, **members)

    def stop(self, number=signal.SIGTERM):
        return self.running.stop(number)


class World:
    """A keyring with three tunnels and two secured groups; one server with it, one plain."""

    def __init__(self, folder):
        self.folder = folder
        self.file("pwd", "geheim")
        self.file("bad", "falsch")
        self.keyring("lab")
        items = self.items("lab")
        tunnel = next(i for i in items if i["item"] == "interface")
        self.file("user", tunnel["password"])
        self.file("code", tunnel["authentication"])
        groups = {i["group"]: i["key"] for i in items if i["item"] == "group"}
        self.file("key", groups["1/1/1"])
        self.file("keys", "# all\n\n" + "\n".join(f"{g} {k}" for g, k in groups.items()))
        self.secure = Server(folder, "secure", "keyring: lab.knxkeys", "keyring-password-file: pwd",
                             "objects:",
                             '  - { group: 1/1/1, dpt: 9.001, device: 1.1.5, value: "21.5" }',
                             '  - { group: 1/2/3, dpt: 1.001, device: 1.1.6, value: "on" }')
        self.plain = Server(folder, "plain", "tunnels: [1.1.10]", "objects:",
                            '  - { group: 1/1/1, dpt: 9.001, device: 1.1.5, value: "18" }',
                            '  - { group: 1/2/3, dpt: 1.001, device: 1.1.6, value: "off" }')

    def path(self, name):
        return os.path.join(self.folder, name)

    def file(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.chmod(self.path(name), 0o600)

    def keyring(self, name, *more, host="1.1.0", tunnels="1.1.10-1.1.12"):
        status, _, err = run("knx", "keyring", "new", self.path(name + ".knxkeys"),
                             "--keyring-pwd-file", self.path("pwd"), "--project", "Lab",
                             "--host", host, "--tunnels", tunnels, "--groups", "1/1/1-1/1/2",
                             "--senders", "1.1.5,1.1.6", *more)
        assert status == 0, err

    def merge(self, name, first, second):
        """A keyring with the interfaces of two. Values are encrypted with the password and the time
        of the keyring alone: they may be moved where both are the same. In name-moved, the second
        interface has another address than its server tells."""
        texts, created = [], {1, 2}
        while len(created) != 1:
            for file, _, _ in (first, second):
                if os.path.exists(self.path(file + ".knxkeys")):
                    os.unlink(self.path(file + ".knxkeys"))
            for file, host, tunnels in (first, second):
                self.keyring(file, host=host, tunnels=tunnels)
            texts = [open(self.path(f + ".knxkeys"), encoding="utf-8").read()
                     for f, _, _ in (first, second)]
            created = {re.search(r'Created="([^"]*)"', text)[1] for text in texts}
        moved = "".join(re.findall(r"<Interface .*?</Interface>", texts[0], re.S))
        at = texts[1].index("<Interface ")
        whole = texts[1][:at] + moved + texts[1][at:]
        for file, text in ((name, whole),
                           (name + "-moved", whole.replace(f'Host="{second[1]}"', 'Host="1.1.99"'))):
            with open(self.path(file + ".knxkeys"), "w", encoding="utf-8") as out:
                out.write(signed(text, "geheim"))

    def items(self, name):
        """All that is in a keyring, secrets too."""
        _, out, _ = run("knx", "keyring", "info", self.path(name + ".knxkeys"), "--reveal",
                        "--keyring-pwd-file", self.path("pwd"), "--json")
        return [json.loads(line) for line in out.splitlines()]

    def options(self, kind):
        """Options of a way to one of the servers."""
        secure = ["--gateway", self.secure.address]
        user = [*secure, "--user", "2", "--user-pwd-file", self.path("user")]
        return {
            "plain": ["--gateway", self.plain.address],
            "tcp": ["--gateway", self.plain.address, "--tcp"],
            "nat": ["--gateway", self.plain.address, "--nat"],
            "refused": secure,
            "keyring": [*secure, "--keyring", self.path("lab.knxkeys"), "--keyring-pwd-file",
                        self.path("pwd")],
            "user": [*user, "--device-pwd-file", self.path("code")],
            "unchecked": [*user, "--skip-device-check"],
            "keys": [*user, "--device-pwd-file", self.path("code"), "--group-key-file",
                     self.path("keys")],
        }[kind]

    def command(self, kind, verb, *arguments):
        return ["knx", verb, *arguments, *self.options(kind)]

    def environment(self, **more):
        return {"XDG_STATE_HOME": self.path("state"), **more}

    def run(self, kind, verb, *arguments, **more):
        return run(*self.command(kind, verb, *arguments), env=self.environment(**more))

    def ask(self, kind, verb, *arguments):
        """(status, objects, standard error) of a run with --json."""
        status, out, err = self.run(kind, verb, *arguments, "--json")
        return status, [json.loads(line) for line in out.splitlines()], err

    def close(self):
        """True when both servers ended well."""
        return [self.secure.stop(), self.plain.stop()] == [0, 0]
