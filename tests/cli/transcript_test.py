#!/usr/bin/env python3
"""Runs the commands of the transcripts (*.txt beside this file) and compares what they print.

BASALT_UPDATE=1 writes the transcripts anew: read the difference before you commit it.
"""
import os
import subprocess
import tempfile

from tap import PROGRAM, Tap

HERE = os.path.dirname(os.path.abspath(__file__))


def parse(path):
    """The comment lines at the top, and a list of (command, expected lines)."""
    head, steps = [], []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            elif steps:
                steps[-1][1].append(line)
            else:
                head.append(line)
    return head, steps


def write(path, head, done):
    """The transcript anew: done has (command, expected, got)."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join([*head, *(f"$ {c}\n" + "\n".join(g) for c, _, g in done)]))
        file.write("\n")


def run(command, folder):
    """What a command prints, errors first, and its status."""
    path = os.path.dirname(os.path.abspath(PROGRAM)) + os.pathsep + os.environ["PATH"]
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, timeout=60,
                          check=False, stdin=subprocess.DEVNULL, env={**os.environ, "PATH": path})
    lines = (done.stderr + done.stdout).decode().splitlines()
    return [*lines, f"[{done.returncode}]"]


def main():
    tap = Tap()
    update = os.environ.get("BASALT_UPDATE")
    for name in sorted(f for f in os.listdir(HERE) if f.endswith(".txt")):
        path = os.path.join(HERE, name)
        head, steps = parse(path)
        with tempfile.TemporaryDirectory() as folder:
            done = [(command, expected, run(command, folder)) for command, expected in steps]
        for command, expected, got in done:
            tap.check(f"{name}: {command}", got == expected or bool(update),
                      "expected:", *expected, "got:", *got)
        if update:
            write(path, head, done)
    tap.end()


if __name__ == "__main__":
    main()
