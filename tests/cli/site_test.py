#!/usr/bin/env python3
"""Runs the transcripts in site/ against a hub and a device of ours, over TLS: the verbs as people
type them, with what they print. Each file has a device of its own, which begins as device.yaml says.

What differs each time is named: $VMAC is the device's, and $PORT the hub's. Every command has
$WRONG, the name of a file with a password that is wrong, and $RIGHT.
BASALT_UPDATE=1 writes the transcripts anew: read the difference before you commit it.
"""
import os
import subprocess
import tempfile

from running import PATIENCE, Running, Site
from tap import PROGRAM, Tap
from transcript_test import parse, write

SITE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "site")

BAC_NAMES = ["bacwi", "bacrp", "bacwp", "bacrpm", "bacscov", "bacrr", "bacarf", "bacawf", "bacrd",
             "bacdcc", "bacts", "bacepics"]


class World:
    """A hub for all transcripts; devices come and go."""

    def __init__(self, folder):
        self.site = Site(folder, "hub", "device", "client")
        self.hub, self.port = self.site.hub()
        for name, text in (("right.pwd", "filister\n"), ("wrong.pwd", "wrong\n"),
                           ("log.txt", "one\ntwo\nthree\n")):
            with open(self.site.path(name), "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(self.site.path(name), 0o600)
        links = self.site.path("links")
        os.mkdir(links)
        for name in BAC_NAMES:
            os.symlink(os.path.abspath(PROGRAM), os.path.join(links, name))
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([os.path.dirname(os.path.abspath(PROGRAM)), links,
                                     os.environ["PATH"]]),
            "BACNET_SC_PRIMARY_HUB_URI": f"wss://127.0.0.1:{self.port}",
            "BACNET_SC_ISSUER_1_CERTIFICATE_FILE": self.site.path("ca.pem"),
            "BACNET_SC_OPERATIONAL_CERTIFICATE_FILE": self.site.path("client.pem"),
            "BACNET_SC_OPERATIONAL_CERTIFICATE_PRIVATE_KEY_FILE": self.site.path("client.key"),
            "RIGHT": "right.pwd", "WRONG": "wrong.pwd", "TZ": "UTC", "LC_ALL": "C.UTF-8"}

    def start_device(self):
        with open(os.path.join(SITE, "device.yaml"), encoding="utf-8") as file:
            text = file.read().replace("{port}", str(self.port))
        with open(self.site.path("device.yaml"), "w", encoding="utf-8") as file:
            file.write(text)
        device = Running("device", "--config", self.site.path("device.yaml"))
        connected = device.wait_for("connected")
        assert connected is not None, device.told()
        self.environment["VMAC"] = connected["vmac"]
        return device

    def run(self, command):
        """What a command prints, errors first, and its status."""
        done = subprocess.run(["sh", "-c", command], cwd=self.site.folder, capture_output=True,
                              timeout=PATIENCE * 3, check=False, stdin=subprocess.DEVNULL,
                              env=self.environment)
        text = (done.stderr + done.stdout).decode()
        text = text.replace(self.environment["VMAC"], "$VMAC")
        text = text.replace(f":{self.port}", ":$PORT")
        return [*text.splitlines(), f"[{done.returncode}]"]


def check_file(tap, world, name):
    path = os.path.join(SITE, name)
    update = bool(os.environ.get("BASALT_UPDATE"))
    head, steps = parse(path)
    device = world.start_device()
    done = [(command, expected, world.run(command)) for command, expected in steps]
    status = device.stop()
    tap.check(f"{name}: the device stops in order", status == 0, status, device.told())
    for command, expected, got in done:
        tap.check(f"{name}: {command}", got == expected or update, "expected:", *expected, "got:",
                  *got)
    if update:
        write(path, head, done)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        for name in sorted(f for f in os.listdir(SITE) if f.endswith(".txt")):
            check_file(tap, world, name)
        tap.check("the hub stops in order", world.hub.stop() == 0, world.hub.told())
    tap.end()


if __name__ == "__main__":
    main()
