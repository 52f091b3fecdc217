"""What the tests beside foreign programs share: where a peer is, and tests that tell their role and note."""
import importlib.machinery
import importlib.util
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
PATIENCE = 20  # seconds


ENCLOSED = "BASALT_ENCLOSED"


def enclose():
    """Runs the test again in a network namespace of its own, where nothing leaves this machine, multicast stays on the
    loopback interface and the standard's port is free. Without namespaces it goes on where it is."""
    if ENCLOSED in os.environ or "--list" in sys.argv:
        return
    within = ["unshare", "--map-root-user", "--net"]
    if shutil.which("ip") is None or shutil.which("unshare") is None or \
            subprocess.run([*within, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        os.environ[ENCLOSED] = ""
        return
    os.environ[ENCLOSED] = "yes"
    start = 'ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo && exec "$@"'
    os.execvp(within[0], [*within, "sh", "-c", start, "sh", sys.executable, *sys.argv])


def must_be_enclosed():
    """For tests with multicast, or ports that are not ours."""
    if os.environ.get(ENCLOSED) != "yes":
        raise Unable("this machine gives no network namespace")


def _script(name):
    """A program of scripts/ as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), os.path.join(ROOT, "scripts", name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.dont_write_bytecode, kept = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = kept
    return module


enclose()
PEERS = _script("interop-peers")


def version(peer, package=None):
    """Of the peer, or of one of its packages."""
    pinned, _, packages = PEERS.peers()[peer]
    return next((p.rsplit(":", 1)[1] for p in packages if package and package in p), pinned)


def folder(peer):
    return os.path.join(PEERS.HOME, peer)


def missing(peer):
    """None, or why the peer cannot take part."""
    pinned, _, packages = PEERS.peers()[peer]
    if PEERS.is_installed(peer, pinned, packages):
        return None
    try:
        with open(os.path.join(PEERS.HOME, f"{peer}.why"), encoding="utf-8") as file:
            return f"{peer} {pinned} is not to be had: {file.read()}"
    except OSError:
        return f"{peer} {pinned} is not installed: make interop does it"


def needs(*programs):
    """None, or which program this machine lacks."""
    return next((f"{program} is not installed" for program in programs if shutil.which(program) is None), None)


class Unable(Exception):
    """This machine cannot do what the test needs; the text says what."""


class Puppet:
    """A foreign program that takes orders and tells events, a JSON line each."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.told, self.waiting, self.errors = [], queue.Queue(), []
        self.readers = [threading.Thread(target=self._read, daemon=True),
                        threading.Thread(target=lambda: self.errors.extend(self.process.stderr), daemon=True)]
        for reader in self.readers:
            reader.start()
        self.wait_for("ready")

    def _read(self):
        for line in self.process.stdout:
            self.waiting.put(json.loads(line) if line.startswith("{") else {"event": "noise", "line": line})
        self.waiting.put(None)

    def order(self, do, **members):
        self.process.stdin.write(json.dumps({"do": do, **members}) + "\n")
        self.process.stdin.flush()

    def wait_for(self, event, **members):
        """The next event of that name with those members; what comes before it is dropped."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                found = self.waiting.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                found = None
            assert found is not None, f"no {event} {members}; before: {self.told[-8:]} {''.join(self.errors[-8:])}"
            self.told.append(found)
            if found["event"] == event and all(found.get(k) == v for k, v in members.items()):
                return found

    def end(self):
        """Its exit status; the end of its orders is the order to end."""
        self.process.stdin.close()
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        for reader in self.readers:
            reader.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()
        return status


class Suite:
    """The tests of one file: (role, function) each. A function's name is its sentence, its docstring what the peer
    does differently: doc/interop.md is made of both, and of the results."""

    def __init__(self, peer, told_version, tests):
        self.peer, self.version, self.tests = peer, told_version, tests

    @staticmethod
    def sentence(role, test):
        return f"{role}: {test.__name__.replace('_', ' ')}"

    def list(self):
        for role, test in self.tests:
            note = " ".join((test.__doc__ or "").split())
            print(json.dumps({"peer": self.peer, "version": self.version, "role": role,
                              "what": test.__name__.replace("_", " "), "note": note}))

    def _all(self, directive):
        for n, (role, test) in enumerate(self.tests, 1):
            print(f"ok {n} - {self.sentence(role, test)} # SKIP {directive}")
        print(f"1..{len(self.tests)}")

    def main(self, why, world):
        """Runs every test with a world, a context manager; why: None, or why there can be none."""
        if "--list" in sys.argv:
            self.list()
            return
        if why is not None:
            self._all(why)
            return
        try:
            with world() as here:
                failed = sum([self._run(n, role, test, here) for n, (role, test) in enumerate(self.tests, 1)])
        except Unable as error:
            self._all(error)
            return
        print(f"1..{len(self.tests)}")
        sys.exit(1 if failed else 0)

    def _run(self, n, role, test, world):
        """1: it failed."""
        try:
            getattr(world, "begin", lambda: None)()
            test(world)
            print(f"ok {n} - {self.sentence(role, test)}", flush=True)
            return 0
        except Unable as error:
            print(f"ok {n} - {self.sentence(role, test)} # SKIP {error}", flush=True)
            return 0
        except Exception as error:  # a failed assertion or a lost peer: both are this test's failure
            print(f"not ok {n} - {self.sentence(role, test)}")
            for line in traceback.format_exc().splitlines()[-6:] + world.told().splitlines()[-20:]:
                print(f"# {line}", flush=True)
            return 1
