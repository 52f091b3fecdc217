"""What the tests beside foreign KNX programs share: where a peer is, and tests that tell their role and note."""
import importlib.machinery
import importlib.util
import json
import os
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))


def _script(name):
    """A program of scripts/ as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), os.path.join(ROOT, "scripts", name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.dont_write_bytecode, kept = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = kept
    return module


PEERS = _script("interop-peers")


def version(peer):
    return PEERS.peers()[peer][0]


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


class Unable(Exception):
    """This machine cannot do what the test needs; the text says what."""


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
