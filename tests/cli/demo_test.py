#!/usr/bin/env python3
"""scripts/demo: it ends well, tells a wrong answer, and leaves nothing behind."""
import os
import re
import signal
import subprocess
import sys
import tempfile

from tap import PROGRAM, Tap

DEMO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "demo")
PATIENCE = 60
# A program that reads a little too much.
LIAR = """#!/bin/sh
[ "$1" = read ] && { echo 21.6; exit 0; }
exec "%s" "$@"
"""


def start(program, folder):
    return subprocess.Popen([sys.executable, DEMO, program], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, env={**os.environ,
                                                                    "TMPDIR": folder})


def left_behind(folder):
    """Files in the folder, and processes that were started in it."""
    found = os.listdir(folder)
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            found += [name] if os.readlink(f"/proc/{name}/cwd").startswith(folder) else []
        except OSError:
            pass  # it has ended, or is somebody else's
    return found


def check_good(tap, folder):
    demo = start(PROGRAM, folder)
    out, err = demo.communicate(timeout=PATIENCE)
    tap.check("the demo ends well", demo.returncode == 0 and err == "" and
              out.endswith("\ndemo: every answer was right\n"), demo.returncode, out, err)
    commands = re.findall(r"^\$ basalt (\w+(?<=knx) \w+|\w+)", out, re.M)
    tap.check("it runs a hub, two devices and every verb of a client",
              commands.count("hub") == 1 and commands.count("device") == 2 and
              {"pki", "whois", "read", "write", "readm"} <= set(commands), commands)
    tap.check("and a KNX gateway, a monitor and every verb that reads and writes groups",
              commands.count("knx serve") == 1 and
              {"knx keyring", "knx monitor", "knx tunnels", "knx read", "knx write"} <=
              set(commands), commands)
    tap.check("nothing is left behind", left_behind(folder) == [], left_behind(folder))


def check_wrong_answer(tap, folder):
    liar = os.path.join(folder, "liar")
    with open(liar, "w", encoding="utf-8") as file:
        file.write(LIAR % PROGRAM)
    os.chmod(liar, 0o755)
    demo = start(liar, folder)
    out, err = demo.communicate(timeout=PATIENCE)
    os.remove(liar)
    tap.check("a wrong answer makes it fail and say what was expected",
              demo.returncode == 1 and "demo: FAILED\nexpected:\n21.5" in err, out, err)
    tap.check("nothing is left behind then", left_behind(folder) == [], left_behind(folder))


def check_interrupt(tap, folder):
    for number in (signal.SIGTERM, signal.SIGINT):
        demo = start(PROGRAM, folder)
        for line in demo.stdout:
            if line.startswith("$ basalt whois"):  # everything runs
                break
        demo.send_signal(number)
        out, err = demo.communicate(timeout=PATIENCE)
        name = signal.Signals(number).name
        tap.check(f"{name} ends it", demo.returncode == 1 and f"ended by {name}" in err, out, err)
        tap.check(f"nothing is left behind by {name}", left_behind(folder) == [],
                  left_behind(folder))


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        check_good(tap, folder)
        check_wrong_answer(tap, folder)
        check_interrupt(tap, folder)
    tap.end()


main()
