#!/usr/bin/env python3
"""Help, manual, completion: what holds for every verb."""
import os
import re
import shutil
import subprocess

from tap import Tap, run

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def verbs():
    """From the sources: every cmd_<verb>.c."""
    folder = os.path.join(ROOT, "tools", "basalt")
    return sorted(re.fullmatch(r"cmd_(\w+)\.c", name)[1] for name in os.listdir(folder)
                  if name.startswith("cmd_"))


def fits(text, columns, rows):
    lines = text.splitlines()
    return len(lines) <= rows and max(map(len, lines)) <= columns


def options_of(verb):
    return re.findall(r"^  (?:-\w, )?(--[\w-]+)", run(verb, "--help")[1], re.M)


def check_help(tap):
    status, text, err = run("--help")
    tap.check("the help of the program fits 80 x 24", status == 0 and fits(text, 80, 24), text)
    listed = re.findall(r"^  (\w+) ", text, re.M)
    tap.check("it lists every verb", sorted(listed) == verbs(), listed, verbs())
    for verb in verbs():
        status, text, err = run(verb, "--help")
        good = status == 0 and err == "" and fits(text, 100, 40)
        tap.check(f"the help of {verb} fits 100 x 40", good, text, err)
        tap.check(f"the help of {verb} has its usage and examples",
                  text.startswith(f"Usage: basalt {verb} ") and
                  f"Examples:\n  basalt {verb} " in text, text)
        tap.check(f"help {verb} is the same", run("help", verb)[1] == text)


def check_manual(tap):
    with open(os.path.join(ROOT, "man", "basalt.1"), encoding="utf-8") as file:
        manual = file.read().replace("\\-", "-")
    for verb in verbs():
        missing = [o for o in options_of(verb) if f"{o} " not in manual and f"{o}\n" not in manual]
        tap.check(f"the manual page tells {verb} and its options",
                  f".SS basalt {verb}" in manual and not missing, missing)
    tap.check("the manual page holds the table of keys as it is (scripts/update-man)",
              run("config", "keys", "--man")[1].replace("\\-", "-") in manual)


def check_completion(tap):
    status, script, _ = run("--completion", "bash")
    if shutil.which("bash") is None:
        tap.skip("completion", "there is no bash")
        return
    cases = [(["basalt", "con"], ["config"]), (["basalt", "config", "--m"], ["--man"])]
    for words, expected in cases:
        quoted = " ".join(f"'{w}'" for w in words)
        test = (f"{script}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _basalt; "
                "printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "-c", test], capture_output=True, text=True, check=False)
        tap.check(f"bash completes {' '.join(words)}", done.stdout.split() == expected,
                  done.stdout, done.stderr)


def main():
    tap = Tap()
    check_help(tap)
    check_manual(tap)
    check_completion(tap)
    tap.end()


main()
