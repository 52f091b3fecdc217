#!/usr/bin/env python3
"""Every KNX vector of tests/vectors that is a frame or a telegram through `basalt decode`."""
import json
import os
import tempfile

from tap import Tap, decode

# What the vectors call a field, in our words.
NAMES = {"session_id": "session", "sequence": "counter", "timer": "counter", "serial": "serial",
         "tag": "tag", "user_id": "user"}

# Errors by what a vector says is wrong. Others follow from their title.
ERRORS = {"mac": ("MAC",), "scf": ("SCF",), "short": ("TRUNCATED", "MALFORMED"),
          "format or mac": ("TRUNCATED",)}

# Vectors about what only an engine knows; tests/unit/knx has them.
ENGINES = {
    "ipsec-neg-16": "the client checks the MAC of a SESSION_RESPONSE with its own key pair",
    "datasec-neg-14": "the senders of a keyring",
    "datasec-neg-16": "sending",
    "datasec-neg-17": "sending",
}

# Several frames of one sender in a row: the last number accepted before them.
ROWS = {"ipsec-neg-14": 4, "ipsec-neg-15": 4, "datasec-neg-12": 0}


def load():
    with open(os.path.join(os.environ["BASALT_VECTORS"], "knx-vectors.json"),
              encoding="utf-8") as file:
        return {v["id"]: v for v in json.load(file)["vectors"]}


class Keys:
    """Key files in a folder of their own."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, option, key):
        path = os.path.join(self.folder, key)
        with open(path, "w", encoding="ascii") as file:
            file.write(key + "\n")
        return [option, path]


def ia(text):
    """5001 -> 5.0.1"""
    n = int(text, 16)
    return f"{n >> 12}.{n >> 8 & 15}.{n & 255}"


def ga(text):
    """0400 -> 0/4/0"""
    n = int(text, 16)
    return f"{n >> 11}/{n >> 8 & 7}/{n & 255}"


def wrong_fields(got, wanted):
    """What differs of the fields that wanted has."""
    return {name: (wanted[name], got.get(ours)) for name, ours in NAMES.items()
            if name in wanted and got.get(ours) != wanted[name]}


def check_frame(tap, keys, vector):
    """A good frame: its fields, and what a wrapper holds."""
    known = {**vector["input"], **vector["expect"]}
    frame = known["frame"]
    is_wrapper = frame.startswith("06100950")
    options = keys("--session-key-file", known["key"]) if is_wrapper else []
    got = decode([frame], "--layer", "knxip", *options)[0]
    wrong = wrong_fields(got, known)
    public = known.get({"06100951": "client_public", "06100952": "server_public"}.get(frame[:8]))
    good = not wrong and "error" not in got and public in (None, got.get("public_key"))
    if is_wrapper:
        good = good and got["inner"]["frame"] == known["inner"]
    else:
        good = good and got["action"] == "deliver"
    tap.check(f"{vector['id']}: {vector['title']}", good, wrong, got)
    if is_wrapper:
        got = decode([frame], "--layer", "knxip")[0]
        tap.check(f"{vector['id']} stays closed without its key",
                  "inner" not in got and "error" not in got, got)


def check_row(tap, vector, got):
    results = vector["expect"]["results"]
    good = all((o["action"] == "deliver") == (r == "accept") and ("error" in o) == (r != "accept")
               for o, r in zip(got, results))
    tap.check(f"{vector['id']}: {vector['title']}", good and len(got) == len(results), got)


def check_bad_frame(tap, keys, vector):
    given, expect = vector["input"], vector["expect"]
    options = keys("--session-key-file", given["key"]) if "key" in given else []
    options = ["--layer", "knxip", *options]
    if vector["id"] == "ipsec-neg-13":  # the first number there is: no last one before it
        got = decode(given["frames"][:1], *options)
        got += decode(given["frames"][1:], *options, "--last-seq", str(got[0]["counter"]))
        check_row(tap, vector, got)
        tap.check("ipsec-neg-13: it is called a duplicate", got[1].get("error") == "DUPLICATE", got)
        return
    if "frames" in given:
        last = ["--last-seq", str(ROWS[vector["id"]])]
        check_row(tap, vector, decode(given["frames"], *options, *last))
        return
    got = decode([given["frame"]], *options)[0]
    if expect["result"] == "session refused":
        good = got["action"] == "deliver" and got["session"] == 0 and "mac" not in got
    elif vector["id"] == "ipsec-neg-12":
        good = got["action"] == "drop" and got["error"] == "PROTOCOL" and "inner" not in got
    else:
        allowed = ERRORS.get(expect.get("why"), ("TRUNCATED",))
        good = got["action"] == "drop" and got["error"] in allowed and "inner" not in got
    tap.check(f"{vector['id']}: {vector['title']}", good, got)


def telegram(keys, vector):
    """The layer, options and telegrams of a vector of Data Secure."""
    known = {**vector["input"], **vector["expect"]}
    options = keys("--key-file", known["key"])
    if "cemi" in known:
        return ["--layer", "cemi", *options], [known["cemi"]]
    is_group = known.get("address_type", "group") == "group"
    options += ["--src", ia(known["src"]), "--dst", (ga if is_group else ia)(known["dst"])]
    if "challenge" in known and "random" in known:
        options += ["--challenge", str(int(known["challenge"], 16))]
    return ["--layer", "datasecure", *options], known.get("tpdus") or [known["tpdu"]]


def check_telegram(tap, keys, vector):
    known = {**vector["input"], **vector["expect"]}
    options, frames = telegram(keys, vector)
    got = decode(frames, *options)[0]
    secure = got.get("secure", {})
    sequence = known["sequence"]
    sequence = int(sequence, 16) if isinstance(sequence, str) else sequence
    good = (got["action"] == "deliver" and secure.get("apdu") == known["apdu"] and
            secure.get("sequence") == sequence and
            secure.get("scf") == known.get("scf", secure.get("scf")))
    tap.check(f"{vector['id']}: {vector['title']}", good, got)


def check_bad_telegram(tap, keys, vectors, vector):
    given, expect = vector["input"], vector["expect"]
    if vector["id"] == "datasec-neg-13":  # the telegram and the key of datasec-05
        options, frames = telegram(keys, vectors["datasec-05"])
        got = decode(frames, *options, "--last-seq", str(given["last_valid"]))[0]
        tap.check(f"{vector['id']}: {vector['title']}",
                  frames == [given["tpdu"]] and (got["action"], got["error"]) == ("drop", "REPLAY"),
                  got)
        return
    if vector["id"] == "datasec-neg-15":
        given = {**given, "key": vectors["datasec-05"]["input"]["key"]}
    options, frames = telegram(keys, {"input": given, "expect": {}})
    if "results" in expect:
        last = ["--last-seq", str(ROWS[vector["id"]])]
        check_row(tap, vector, decode(frames, *options, *last))
        return
    got = decode(frames, *options)[0]
    allowed = ERRORS.get(expect.get("why"), ("PLAIN",))
    tap.check(f"{vector['id']}: {vector['title']}",
              got["action"] == "drop" and got["error"] in allowed and "secure" not in got, got)


def main():
    tap = Tap()
    vectors = load()
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        keys = Keys(folder)
        for vector in vectors.values():
            if vector["id"] in ENGINES:
                continue
            count += 1
            if vector["group"] in ("ipsec", "session"):
                check_frame(tap, keys, vector)
            elif vector["group"] == "ipsec-neg":
                check_bad_frame(tap, keys, vector)
            elif vector["group"] == "datasec":
                check_telegram(tap, keys, vector)
            elif vector["group"] == "datasec-neg":
                check_bad_telegram(tap, keys, vectors, vector)
            else:
                count -= 1
    tap.check("no vector was left out", count == sum(
        v["group"] in ("ipsec", "session", "ipsec-neg", "datasec", "datasec-neg")
        for v in vectors.values()) - len(ENGINES), count)
    tap.end()


main()
