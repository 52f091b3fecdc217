#!/usr/bin/env python3
"""Help, manual, completion, and any input to decode: what holds for every verb and every line."""
import json
import os
import random
import re
import shutil
import subprocess

from tap import Tap, run

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def verbs():
    """From the sources: the rows of main.c, and what verbs.h has inside of them."""
    with open(os.path.join(ROOT, "tools", "basalt", "main.c"), encoding="utf-8") as file:
        outer = re.findall(r'^    { "([\w-]+)", NULL,', file.read(), re.M)
    with open(os.path.join(ROOT, "tools", "basalt", "verbs.h"), encoding="utf-8") as file:
        functions = re.findall(r"^int cmd_(\w+)\(", file.read(), re.M)
    inner = [name.replace("_", " ") for name in functions
             if name.split("_")[0] in outer and "_" in name]
    return sorted(outer + inner)


def fits(text, columns, rows):
    lines = text.splitlines()
    return len(lines) <= rows and max(map(len, lines)) <= columns


def options_of(verb):
    return re.findall(r"^  (?:-\w, )?(--[\w-]+)", run(*verb.split(), "--help")[1], re.M)


def check_help(tap):
    status, text, err = run("--help")
    tap.check("the help of the program fits 80 x 24", status == 0 and fits(text, 80, 24), text)
    rows = re.findall(r"^(?:  \w[\w, ]{18}|\s{22}) (.*)$", text, re.M)
    listed = [verb.strip() for row in rows for verb in row.split(",") if verb.strip()]
    outer = [verb for verb in verbs() if " " not in verb]
    tap.check("it lists every verb", sorted(listed) == outer, listed, outer)
    told = re.findall(r"^([\w-]+) +\w", run("help", "verbs")[1], re.M)
    tap.check("and help verbs tells what each is for", sorted(told) == outer, told, outer)
    for verb in verbs():
        status, text, err = run(*verb.split(), "--help")
        good = status == 0 and err == "" and fits(text, 100, 40)
        tap.check(f"the help of {verb} fits 100 x 40", good, text, err)
        tap.check(f"the help of {verb} has its usage and examples",
                  text.startswith(f"Usage: basalt {verb} ") and
                  f"Examples:\n  basalt {verb.replace('sc-check', 'sc check')} " in text, text)
        tap.check(f"help {verb} is the same", run("help", *verb.split())[1] == text)
    for verb in [verb.split() for verb in verbs() if " " in verb]:
        status, text, err = run(verb[0], "--help")
        tap.check(f"the help of {verb[0]} lists {verb[1]}", f"\n  {' '.join(verb)} " in text, text)


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
    cases = [(["basalt", "dec"], ["decode"]), (["basalt", "decode", "--ro"], ["--role"]),
             (["basalt", "decode", "--role", "n"], ["node"]),
             (["basalt", "decode", "--layer", ""],
              ["bvlc-sc", "npdu", "apdu", "knxip", "cemi", "datasecure"]),
             (["basalt", "knx", "keyr"], ["keyring"]), (["basalt", "knx", "mon"], ["monitor"]),
             (["basalt", "knx", "read", "--inter"], ["--interface"]),
             (["basalt", "knx", "keyring", "--reve"], ["--reveal"]),
             (["basalt", "hub", "rel"], ["reload"]), (["basalt", "hub", "reload", "--no"],
                                                      ["--no-check"]),
             (["basalt", "hub", "--bind", "x", "--sta"], ["--state"]),
             (["basalt", "device", "--direct-i"], ["--direct-initiate"]),
             (["basalt", "sc", "res"], ["resolve"]),
             (["basalt", "sc", "resolve", "--own"], ["--own-uuid"])]
    for words, expected in cases:
        quoted = " ".join(f"'{w}'" for w in words)
        test = (f"{script}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _basalt; "
                "printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "-c", test], capture_output=True, text=True, check=False)
        tap.check(f"bash completes {' '.join(words)}", done.stdout.split() == expected,
                  done.stdout, done.stderr)


def check_contrib(tap):
    """What people begin with is right."""
    folder = os.path.join(ROOT, "contrib")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".yaml"):
            status, out, err = run("config", "check", os.path.join(folder, name))
            tap.check(f"contrib/{name} is a good configuration file", status == 0, out, err)
        if name.endswith(".service"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                words = re.search(r"^ExecStart=/usr/bin/basalt (.*)$", file.read(), re.M)[1].split()
            unknown = [w for w in words if w.startswith("--") and w not in options_of(words[0])]
            tap.check(f"contrib/{name} starts a verb with options that it has", not unknown, words)


def garbled(rng, frames):
    """A line that somebody could send: a frame with changes, or anything at all."""
    kind = rng.randrange(4)
    if kind == 0:
        octets = bytearray(rng.choice(frames))
        for _ in range(rng.randrange(3)):
            if octets:
                octets[rng.randrange(len(octets))] = rng.randrange(256)
        return octets[:rng.randrange(len(octets) + 1)].hex().encode()
    if kind == 1:
        return bytes(rng.randrange(256) for _ in range(rng.randrange(40))).hex().encode()
    if kind == 2:
        return bytes(c for c in rng.randbytes(rng.randrange(60)) if c != 10)
    return rng.choice(frames).hex().encode()


def knx_frames():
    """Frames, cEMI messages and TPDUs that another stack takes."""
    with open(os.path.join(os.environ["BASALT_VECTORS"], "knx-vectors-parse.json"),
              encoding="utf-8") as file:
        data = json.load(file)
    return {layer: [bytes.fromhex(row["raw"]) for row in data[group] if "ok" in row]
            for layer, group in (("knxip", "knxip"), ("cemi", "cemi"), ("datasecure", "apci"))}


def check_garbled_input(tap):
    seed = int(os.environ.get("BAS_SEED", "1"))
    rng = random.Random(seed)
    with open(os.path.join(os.environ["BASALT_VECTORS"], "bacnet-sc-vectors.json"),
              encoding="utf-8") as file:
        vectors = json.load(file)["vectors"]
    frames = [bytes.fromhex(v["hex"]) for v in vectors if v["proto"] == "bacnet-sc"]
    npdus = [bytes.fromhex(v["decoded"]["npdu"]) for v in vectors
             if "npdu" in v.get("decoded", {})]
    ways = [(["--role", r], frames) for r in ("hub", "node", "direct", "unconnected")]
    ways += [(["--layer", "npdu"], npdus), (["--layer", "apdu"], [n[2:] for n in npdus])]
    ways += [(["--layer", layer], some) for layer, some in knx_frames().items()]
    for arguments, some in ways:
        lines = [garbled(rng, some) for _ in range(1500)]
        lines += [b"00" * 65535, b"0" * 3000001, b" " * 100000, b"\xff" * 70000]
        status, out, err = run("decode", *arguments, "-", text=b"\n".join(lines))
        objects = [json.loads(line) for line in out.splitlines()]
        good = (len(objects) == len(lines) and status == 2 and
                all(("action" in o) != ("line" in o) for o in objects))
        tap.check(f"any line gives one object ({' '.join(arguments)}, BAS_SEED={seed})", good,
                  status, len(objects), err[:500])


def check_large_output(tap):
    """The longest values: an NPDU full of the smallest elements."""
    for body in ("00", "0900", "0e0f", "c40000000c", "21ff"):
        fill = body * (65000 // (len(body) // 2))
        status, out, _ = run("decode", "--layer", "apdu", "-", text="30010c0c02000000194d3e" +
                             fill + "3f\n")
        tap.check(f"65,000 octets of {body} give one object",
                  status == 0 and len(out.splitlines()) == 1 and "service" in json.loads(out),
                  out[:300])


def check_growing_broadcast(tap):
    """A broadcast gains six octets on its way: the longest that still fits, and one more."""
    for octets, action in ((65529, "forward"), (65530, "drop")):
        frame = "01040001ffffffffffff" + "00" * (octets - 10)
        status, out, _ = run("decode", "--role", "hub", "--peer", "123456789abc", "-",
                             text=frame + "\n")
        got = json.loads(out)
        tap.check(f"a broadcast of {octets} octets: {action}",
                  (status, got["action"]) == (0, action) and
                  len(got.get("forward", "")) in (0, 2 * 65535) and
                  got.get("error") == (None if action == "forward" else "MESSAGE_TOO_LONG"),
                  out[-200:])


def main():
    tap = Tap()
    check_help(tap)
    check_manual(tap)
    check_completion(tap)
    check_contrib(tap)
    check_garbled_input(tap)
    check_large_output(tap)
    check_growing_broadcast(tap)
    tap.end()


main()
