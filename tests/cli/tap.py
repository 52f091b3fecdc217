"""The little that the command line tests share: TAP lines, running the program."""
import json
import os
import subprocess
import sys

PROGRAM = os.environ["BASALT"]


class Tap:
    """Counts and prints one line per test."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, name, good, *why):
        self.count += 1
        self.failed += 0 if good else 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        if not good:
            for text in why:
                for line in str(text).splitlines():
                    print(f"# {line}")

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}")

    def end(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


def run(*arguments, text=None, env=None):
    """Runs the program; gives (status, standard output, standard error) as text."""
    data = text.encode() if isinstance(text, str) else text
    done = subprocess.run([PROGRAM, *arguments], input=data if data is not None else b"",
                          capture_output=True, timeout=60, check=False,
                          env={**os.environ, **(env or {})})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def decode(frames, *arguments):
    """One object per frame (hex) from one run of `basalt decode -`."""
    status, out, err = run("decode", *arguments, "-", text="".join(f + "\n" for f in frames))
    objects = [json.loads(line) for line in out.splitlines()]
    assert status == 0 and len(objects) == len(frames), (status, len(objects), err)
    return objects
