#!/usr/bin/env python3
"""basalt knx read, write, respond, send, monitor, check against servers with a virtual line: every
way to an interface, and every way that fails."""
import json
import os
import re
import signal
import socket
import stat
import tempfile
import time

from knx_world import Server, World
from running import Running
from tap import Tap, run

ROOM = {"group": "1/1/1", "source": "1.1.5", "hex": "0c33", "bits": False, "dpt": "9.001",
        "value": 21.5, "unit": "\u00b0C", "text": "21.5 \u00b0C"}


def without(row, *names):
    return {k: v for k, v in row.items() if k not in names}


# read

def check_read(tap, w):
    for kind in ("plain", "tcp", "nat"):
        got = w.run(kind, "read", "1/1/1", "--dpt", "9.001")
        tap.check(f"read by {kind}", got == (0, "18 \u00b0C\n", ""), got)
    got = w.run("plain", "read", "1/1/1")
    tap.check("without --dpt it is hex", got == (0, "0708\n", ""), got)
    got = w.run("keyring", "read", "1/2/3")
    tap.check("a value of up to 6 bits is one digit", got == (0, "1\n", ""), got)
    status, found, err = w.ask("keyring", "read", "1/1/1", "--dpt", "9.001")
    tap.check("with a keyring it is secured", (status, err) == (0, "") and
              without(found[0], "sequence") == {**ROOM, "secured": True} and
              found[0]["sequence"] > 0, status, found, err)
    got = w.ask("keyring", "read", "1/2/3", "--dpt", "1.001", "--interface", "1.1.12")
    tap.check("a group without a key is read in the plain", got == (0, [{
        "group": "1/2/3", "source": "1.1.6", "hex": "01", "bits": True, "dpt": "1.001",
        "value": True, "text": "on", "secured": False}], ""), got)
    got = w.run("user", "read", "1/2/3", "--dpt", "1.001")
    tap.check("user and passwords do without a keyring", got == (0, "on\n", ""), got)
    for name in ("key", "keys"):
        got = w.run("user", "read", "1/1/1", "--dpt", "9.001", "--group-key-file", w.path(name))
        tap.check(f"--group-key-file {name} opens a secured group", got == (0, "21.5 \u00b0C\n", ""),
                  got)


def check_unanswered(tap, w):
    got = w.run("plain", "read", "5/5/5", "--timeout", "0.3")
    tap.check("nobody answers: 3, and the telegram was on the bus", got == (
        3, "", "basalt: knx read: nobody answered for 5/5/5 in 0.3 s; the telegram was confirmed "
        "on the bus: has any device this group, with the read flag? If the group is secured, give "
        "its key (--keyring)\n"), got)
    got = w.run("keyring", "read", "1/1/2", "--timeout", "0.3")
    tap.check("with the key, the sentence speaks of it", got[0] == 3 and
              "with the read flag and our key?\n" in got[2], got)
    got = w.run("user", "read", "1/1/1", "--timeout", "0.3")
    tap.check("a secured group does not answer who has no key", got[0] == 3 and
              "If the group is secured, give its key" in got[2], got)
    got = w.run("plain", "read", "1/1/1", "--dpt", "1.001")
    tap.check("an answer that does not fit --dpt: 1", got[:2] == (1, "") and
              "the answer does not fit --dpt 1.001: " in got[2], got)


def check_answer_of_others(tap, w):
    """A plain response to a secured group is not an answer; a secured one without a key neither."""
    ways = [("keyring", "1/1/2", "user", "it is plain, but its group is secured"),
            ("user", "1/1/2", "keyring", "sent a secured telegram, and we have no key; "
             "give --keyring or --group-key-file")]
    for kind, group, other, why in ways:
        options = ["--interface", "1.1.12"] if other == "keyring" else []
        more = ["--interface", "1.1.11"] if kind == "keyring" else []
        w.secure.forget()
        reader = Running(*w.command(kind, "read", group, "--timeout", "5", *more),
                         env=w.environment(), json_lines=False)
        w.secure.wait_for("tunnel-taken")
        w.run(other, "respond", group, "7", "--dpt", "9.001", *options)
        status = reader.end()
        tap.check(f"not taken: {why[:30]}", status == 5 and f"no answer for {group} that can be "
                  "taken: " in reader.errors.decode() and why in reader.errors.decode(), status,
                  reader.told())


# write, respond, send

def check_write(tap, w):
    got = w.run("keyring", "write", "1/1/1", "-5.5", "--dpt", "9.001")
    tap.check("write tells what it wrote", got == (0, "1/1/1 = -5.5 \u00b0C (secured)\n", ""), got)
    got = w.run("keys", "read", "1/1/1", "--dpt", "9.001")
    tap.check("it reads back", got == (0, "-5.5 \u00b0C\n", ""), got)
    got = w.ask("keyring", "write", "1/1/1", "0c33", "--raw")
    tap.check("--raw takes octets", got == (0, [{
        "group": "1/1/1", "service": "GroupValueWrite", "hex": "0c33", "bits": False,
        "secured": True, "confirmed": True}], ""), got)
    got = w.ask("plain", "write", "1/2/3", "1", "--raw")
    tap.check("and one digit is bits", got == (0, [{
        "group": "1/2/3", "service": "GroupValueWrite", "hex": "01", "bits": True,
        "secured": False, "confirmed": True}], ""), got)
    got = w.run("plain", "read", "1/2/3", "--dpt", "1.001")
    tap.check("they read back", got == (0, "on\n", ""), got)
    got = w.ask("plain", "respond", "1/2/3", "off", "--dpt", "1.001")
    tap.check("respond sends a response", got == (0, [{
        "group": "1/2/3", "service": "GroupValueResponse", "hex": "00", "bits": True,
        "dpt": "1.001", "value": False, "text": "off", "secured": False, "confirmed": True}], ""),
        got)
    got = w.run("plain", "read", "1/2/3", "--dpt", "1.001")
    tap.check("an object takes it", got == (0, "off\n", ""), got)
    got = w.run("plain", "send", "1100bce0 0000 0a03 01 00:81")
    tap.check("send sends a cEMI message", got == (0, "1.1.10 to 1/2/3: confirmed\n", ""), got)
    got = w.run("plain", "read", "1/2/3", "--dpt", "1.001")
    tap.check("it arrives", got == (0, "on\n", ""), got)
    got = w.ask("plain", "send", "1100b0600000110501 0300")
    tap.check("also to a device", got == (0, [{
        "source": "1.1.10", "destination": "1.1.5", "confirmed": True}], ""), got)


# How a connection fails

FAILURES = [
    (5, "keyring", ["--keyring-pwd-file", "bad"], "the keyring password is wrong"),
    (5, "user", ["--user-pwd-file", "bad"], "does not accept user 2 with this password: .*; see "
     "--user and --user-pwd-file"),
    (5, "user", ["--user", "9"], "does not accept user 9 with this password"),
    (5, "user", ["--device-pwd-file", "bad"], "does not know the device authentication code that "
     "we have for it: .*; see --device-pwd-file"),
    (2, "keyring", ["--interface", "1.1.77"], "the keyring has no interface 1.1.77; it has 1.1.10, "
     "1.1.11, 1.1.12; see --interface"),
    (3, "user", ["--interface", "1.1.77"], "not one of the interface's tunnels: .*; see "
     "--interface"),
    (5, "user", ["--interface", "1.1.11"], "this user may not use that tunnel: .*; see "
     "--interface"),
    (3, "refused", [], "it wants KNX IP Secure; .*; see --keyring, or --user with "
     "--user-pwd-file"),
    (3, "plain", ["--gateway", "127.0.0.1:1", "--timeout", "0.2"], "did not answer "
     "CONNECT_REQUEST within 200 ms: .*; --tcp or --nat may get through, --timeout waits longer"),
    (3, "tcp", ["--gateway", "127.0.0.1:1"], "connection refused: .*; see --gateway"),
    (3, "plain", ["--gateway", "nowhere.invalid"], "nowhere.invalid.*; see --gateway"),
    (2, "user", ["--skip-device-check"], "--skip-device-check: the device authentication code is "
     "given; leave one of both out"),
    (2, "keyring", ["--user", "2"], "--user: the keyring tells the user of a tunnel"),
    (2, "keyring", ["--group-key-file", "keys"], "--group-key-file: the keyring has the keys"),
    (2, "refused", ["--user", "2"], "the user's password is missing; give --user-pwd-file FILE"),
    (2, "refused", ["--user-pwd-file", "user"], "--user: is missing"),
    (2, "refused", ["--user", "2", "--user-pwd-file", "user"], "the device authentication code is "
     "missing; give --device-pwd-file FILE, or --skip-device-check"),
    (2, "plain", ["--skip-device-check"], "a device authentication code is for KNX IP Secure"),
    (2, "tcp", ["--nat"], "--nat: is for UDP; leave it or --tcp out"),
    (2, "keyring", ["--state", "x.db", "--no-state"], "--no-state: a file is given with --state"),
    (2, "user", ["--group-key-file", "user"], ":1: this is not a key; 32 hex digits"),
    (2, "keyring", ["--state", "no/such/folder.db"], "no/such/folder.db"),
]


def replaced(options, more):
    """options, where those that more gives again are left out."""
    names = [o for o in more if o.startswith("--")]
    kept, skip = [], False
    for at, word in enumerate(options):
        if word in names and at + 1 < len(options):
            skip = True
        elif skip:
            skip = False
        else:
            kept.append(word)
    return kept + more


def check_failures(tap, w):
    for status, kind, more, pattern in FAILURES:
        files = [w.path(m) if os.path.exists(w.path(m)) else m for m in more]
        got = run("knx", "read", "1/2/3", *replaced(w.options(kind), files), env=w.environment())
        tap.check(f"{kind} {' '.join(more)}: {status}", got[:2] == (status, "") and
                  re.fullmatch(f"basalt: knx read: .*{pattern}.*\n", got[2]) is not None, got)


MISTAKES = [
    (["read", "1/2/3"], "--gateway: is missing; give the interface, or its variable KNX_GATEWAY"),
    (["read", "kitchen"], '"kitchen" is not a group address; such as 1/2/3'),
    (["read", "1/2/3", "--dpt", "99.1"], '"99.1" is not a datapoint type that is known; such as '
     "9.001, or 9 alone"),
    (["write", "1/2/3", "on"], "--dpt: is missing; give the datapoint type of the value, such as "
     "9.001, or --raw for hex"),
    (["write", "1/2/3", "01", "--raw", "--dpt", "1"], "--raw: is for hex; leave it or --dpt out"),
    (["write", "1/2/3", "xy", "--raw"], '"xy" is not hex; two digits for each octet, or one digit '
     "alone for a value of up to 4 bits"),
    (["send", "2900bce000000a03010081"], "HEX is an L_Data.ind; only an L_Data.req (11) can be "
     "sent through a tunnel"),
    (["send", "1100"], "HEX is no cEMI message: L_Data.req ends too early"),
    (["send", "zz"], "HEX is not hex; give one cEMI message, two hex digits for each octet"),
    (["check", "a:b:c"], 'HOST: "a:b:c" is not a host; HOST[:PORT], such as '
     "192.0.2.1:3671"),
    (["monitor", "--dpt", "9.001"], '--dpt: "9.001" is not GROUP=N.NNN; such as 1/2/3=9.001'),
    (["monitor", "--dpt", "1/2/3=99"], '--dpt: "99" is not a datapoint type that is known; such as '
     "1/2/3=9.001"),
]


def check_mistakes(tap):
    for words, text in MISTAKES:
        got = run("knx", *words)
        tap.check(f"knx {' '.join(words)}: a usage error", got == (
            2, "", f"basalt: knx {words[0]}: {text}\n"), got)


KEY = "00112233445566778899aabbccddeeff"
KEY_FILES = [
    (f"1/1/1 {KEY}\n1/1/1 {KEY}", ":2: 1/1/1 has a key already; leave one"),
    (f"# none\n{KEY}", ":2: a key alone does not tell its group; write 1/2/3 KEY"),
    (f"kitchen {KEY}", ":1: it does not begin with a group; write 1/2/3 KEY"),
    (f"1/1/1 {KEY}00", ":1: this is not a key; 32 hex digits, in front of them the group: "
     "1/2/3 KEY"),
    ("# none", ": no key is in it; write 1/2/3 KEY"),
]


def check_files(tap, w):
    for text, why in KEY_FILES:
        w.file("mistaken", text)
        got = w.run("plain", "monitor", "--group-key-file", w.path("mistaken"))
        tap.check(f"a file of keys: {why}", got == (
            2, "", f"basalt: knx monitor: {w.path('mistaken')}{why}\n"), got)
    w.file("mistaken", "Main,1/-/-,\n")
    got = w.run("plain", "monitor", "--names", w.path("mistaken"))
    tap.check("a file of names without a group", got[:2] == (2, "") and
              "no group address is in it; give columns name;address;dpt" in got[2], got)
    os.chmod(w.path("key"), 0o644)
    got = w.run("plain", "read", "5/5/5", "--group-key-file", w.path("key"), "--timeout", "0.2")
    os.chmod(w.path("key"), 0o600)
    tap.check("keys that others may read are warned of", got[0] == 3 and
              "holds keys, and others may open it; chmod 600" in got[2], got)


def check_names(tap, w):
    """Forms of CSV: separators, with titles in any order or without."""
    for text in ("Wall,1/1/1,9.001", "Wall;1/1/1;DPST-9-1\r", '"Wall"\t"1/1/1"\t"9"',
                 "DPT;Address;Name\n9.001;1/1/1;Wall",
                 "Main,Middle,Sub,Address,Datapoint Type\n,,Wall,1/1/1,DPT-9"):
        w.file("names.csv", text)
        monitor, _ = occupy(w, "--names", w.path("names.csv"), "-C", "1")
        w.run("keyring", "write", "1/1/1", "21.5", "--dpt", "9.001")
        monitor.end()
        found = monitor.events("telegram")
        tap.check(f"names as {text!r}", len(found) == 1 and found[0].get("name") == "Wall" and
                  found[0].get("value") == 21.5, monitor.told())


# Tunnels and secrets

def occupy(w, *more):
    monitor = Running(*w.command("keyring", "monitor", *more), env=w.environment())
    return monitor, monitor.wait_for("connected")["address"]


def check_tunnels(tap, w):
    taken = [occupy(w) for _ in range(3)]
    tap.check("each takes the next tunnel that is free",
              [address for _, address in taken] == ["1.1.10", "1.1.11", "1.1.12"], taken)
    got = w.run("keyring", "read", "1/2/3")
    tap.check("none is free: 6", got == (
        6, "", "basalt: knx read: none of the 3 tunnels that the keyring has for the interface is "
        "free: end another client, or try again later\n"), got)
    got = w.run("keyring", "read", "1/2/3", "--interface", "1.1.11")
    tap.check("a tunnel in use: 6", got[:2] == (6, "") and "E_CONNECTION_IN_USE, tunnel 1.1.11" in
              got[2] and "; without --interface, any that is free is taken\n" in got[2], got)
    plain = Running(*w.command("plain", "monitor"), env=w.environment())
    plain.wait_for("connected")
    got = w.run("plain", "read", "1/2/3")
    tap.check("also in the plain", got[:2] == (6, "") and
              "no tunnel of the interface is free" in got[2] and plain.stop() == 0, got)
    tap.check("SIGINT ends a monitor with 130", taken[1][0].stop(signal.SIGINT) == 130)
    got = w.run("keyring", "read", "1/2/3", "--dpt", "1.001")
    tap.check("and its tunnel is free at once", got == (0, "on\n", ""), got)
    tap.check("SIGTERM with 0", [taken[0][0].stop(), taken[2][0].stop()] == [0, 0])
    w.secure.forget()
    reader = Running(*w.command("keyring", "read", "1/1/2", "--timeout", "60"),
                     env=w.environment(), json_lines=False)
    w.secure.wait_for("tunnel-taken", address="1.1.10")
    tap.check("a command that is interrupted ends with 130", reader.stop(signal.SIGINT) == 130)
    tap.check("and leaves no tunnel behind",
              w.secure.wait_for("tunnel-free", address="1.1.10") is not None, reader.told())


def check_hosts(tap, w):
    """A keyring of two interfaces: the description tells which of them the gateway is."""
    w.merge("both", ("far", "1.1.200", "1.1.201-1.1.202"), ("near", "1.1.0", "1.1.10-1.1.10"))
    server = Server(w.folder, "near", "keyring: near.knxkeys", "keyring-password-file: pwd",
                    "objects: []")
    for keyring, name in (("both", "the gateway's own is tried alone"),
                          ("both-moved", "where it cannot be told, the keys tell")):
        got = run("knx", "write", "1/2/3", "1", "--raw", "-v", "--gateway", server.address,
                  "--keyring", w.path(keyring + ".knxkeys"), "--keyring-pwd-file", w.path("pwd"),
                  env=w.environment())
        tap.check(f"of the interfaces of a keyring, {name}", got[:2] == (0, "1/2/3 = 1\n") and
                  "as 1.1.10: TCP, KNX IP Secure" in got[2] and
                  ("authentication code" in got[2]) == (keyring == "both-moved"), got)
    server.stop()


def check_secrets(tap, w):
    keyring = ["--gateway", w.secure.address, "--keyring", w.path("lab.knxkeys")]
    cases = [({"KNX_KEYRING_PWD": "geheim"}, []), ({"KNX_KEYRING_PASSWORD_FILE": w.path("pwd")}, []),
             ({}, ["--keyring-pwd", "geheim"])]
    for env, more in cases:
        got = run("knx", "read", "1/2/3", *keyring, *more, env=w.environment(**env))
        warned = "everybody on this machine can see it" in got[2]
        tap.check(f"a password by {list(env) or more[:1]}", got[:2] == (0, "1\n") and
                  warned == bool(more), got)
    got = run("knx", "read", "1/2/3", env=w.environment(
        KNX_GATEWAY=w.secure.address, KNX_KEYRING=w.path("lab.knxkeys"), KNX_KEYRING_PWD="geheim"))
    tap.check("the environment gives all that is needed", got == (0, "1\n", ""), got)
    monitor = Running("knx", "monitor", *keyring, env=w.environment(KNX_KEYRING_PWD="geheim"), json_lines=False)
    monitor.next_line()
    with open(f"/proc/{monitor.process.pid}/environ", "rb") as environ:
        kept = environ.read()
    tap.check("a password is not left in the environment that others see", b"geheim" not in kept and
              monitor.stop() == 0, kept, monitor.told())
    got = run("knx", "read", "1/2/3", *keyring, env=w.environment())
    tap.check("without its password: 2", got[0] == 2 and
              "the keyring's password is missing; give --keyring-pwd-file FILE" in got[2], got)
    got = w.run("unchecked", "read", "1/2/3")
    tap.check("--skip-device-check is told", got[:2] == (0, "1\n") and
              got[2].startswith("warning: KNX IP Secure: the interface is not asked to prove"), got)


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def check_state(tap, w):
    folder = w.path("fresh")
    env = {"XDG_STATE_HOME": folder}
    w.run("plain", "read", "1/1/1", **env)
    w.run("keyring", "read", "1/1/1", "--no-state", **env)
    tap.check("nothing is kept in the plain, nor with --no-state", not os.path.exists(folder))
    got = w.run("keyring", "read", "1/1/1", **env)
    path = os.path.join(folder, "basalt", "knx.db")
    tap.check("else numbers are kept, for nobody else to read", got[0] == 0 and
              [mode(folder), mode(os.path.dirname(path)), mode(path)] == [0o700, 0o700, 0o600], got)
    home = w.path("home")
    os.mkdir(home)
    w.run("keyring", "read", "1/1/1", XDG_STATE_HOME="", HOME=home)
    got = w.run("keyring", "read", "1/1/1", XDG_STATE_HOME="", HOME="")
    tap.check("without a home it must be named", got == (
        2, "", "basalt: knx read: HOME is not set, so there is no place for sequence numbers; give "
        "--state FILE\n"), got)
    tap.check("at home without XDG_STATE_HOME",
              os.path.exists(os.path.join(home, ".local", "state", "basalt", "knx.db")))
    got = w.run("keyring", "read", "1/1/1", "--state", w.path("mine.db"), **env)
    tap.check("--state names the file", got[0] == 0 and os.path.exists(w.path("mine.db")), got)


# monitor

def check_monitor(tap, w):
    w.file("names.csv", '\ufeff"Group name";"Address";"Description";"DatapointType"\r\n'
           '"Main";"1/-/-";"";""\r\n"Room ""A""; wall";"1/1/1";"";"DPST-9-1"\r')
    monitor, address = occupy(w, "--names", w.path("names.csv"), "--dpt", "1/2/3=1.001", "-C", "3")
    tap.check("it says when it is connected", address == "1.1.10")
    w.run("keyring", "write", "1/1/1", "21.5", "--dpt", "9.001")
    w.run("keyring", "write", "1/2/3", "on", "--dpt", "1.001")
    w.run("keyring", "send", "1100b0600000110501 0300")
    w.run("keyring", "respond", "1/1/1", "7", "--raw")
    tap.check("-C ends it after as many telegrams", monitor.end() == 0, monitor.told())
    found = monitor.events("telegram")
    times = [t.pop("time") for t in found]
    tap.check("times are RFC 3339", all(re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", t) for t in times), times)
    sequences = [t.pop("sequence", None) for t in found]
    room = {"event": "telegram", "source": "1.1.11", "destination": "1/1/1",
            "name": 'Room "A"; wall', "priority": "low"}
    tap.check("a secured telegram", len(found) > 0 and found[0] == {
        **room, "service": "GroupValueWrite", "hex": "0c33", "bits": False, "dpt": "9.001",
        "value": 21.5, "unit": "\u00b0C", "text": "21.5 \u00b0C", "secured": True} and
        sequences[0] > 0, found)
    tap.check("a plain one", len(found) > 1 and found[1] == {
        "event": "telegram", "source": "1.1.11", "destination": "1/2/3", "priority": "low",
        "service": "GroupValueWrite", "hex": "01", "bits": True, "dpt": "1.001", "value": True,
        "text": "on", "secured": False}, found)
    tap.check("one that does not fit its type", len(found) == 3 and without(found[2], "error") == {
        **room, "service": "GroupValueResponse", "hex": "07", "bits": True, "secured": True} and
        "9.001 temperature: " in found[2]["error"], found)
    dropped = monitor.events("dropped")
    tap.check("one to a device cannot be opened with our keys", len(dropped) > 0 and
              (dropped[0]["destination"], dropped[0]["cause"]) == ("1.1.5", "unknown-key"), dropped)


def check_monitor_text(tap, w):
    monitor = Running(*w.command("keyring", "monitor", "--dpt", "1/1/1=9.001", "-C", "2"),
                      env=w.environment(), json_lines=False)
    connected = monitor.next_line()
    w.run("keyring", "write", "1/1/1", "21.5", "--dpt", "9.001")
    w.run("user", "write", "1/1/1", "22", "--dpt", "9.001", "--interface", "1.1.10")
    w.run("keyring", "write", "1/2/3", "0", "--raw")
    tap.check("it ends after as many", monitor.end() == 0, monitor.told())
    lines = [re.sub(r"^\S+Z  ", "", line) for line in monitor.lines]
    lines = [re.sub(r"secured \d+", "secured N", line) for line in lines]
    tap.check("lines of text", connected.endswith(f"connected to {w.secure.address} as 1.1.10") and
              lines[1:] == [
                  "1.1.11    1/1/1      GroupValueWrite    21.5 \u00b0C  low secured N",
                  "1.1.11    1/2/3      GroupValueWrite    0  low plain"], monitor.told())
    began = time.monotonic()
    got = w.ask("plain", "monitor", "-W", "0.3")
    tap.check("-W ends it after that time", got[0] == 0 and [e["event"] for e in got[1]] ==
              ["connected"] and time.monotonic() - began > 0.3, got)


def check_dropped(tap, w):
    monitor, _ = occupy(w)
    w.keyring("twin")
    third = next(i for i in w.items("lab") if i.get("address") == "1.1.12" and "user" in i)
    w.file("third", third["password"])
    options = replaced(w.options("user"), ["--user", str(third["user"]), "--user-pwd-file",
                                           w.path("third")])
    w.file("wrong", "00112233445566778899aabbccddeeff")
    run("knx", "write", "1/1/1", "1", "--dpt", "9.001", *options, "--group-key-file",
        w.path("wrong"), env=w.environment())
    found = monitor.wait_for("dropped")
    run("knx", "write", "1/1/1", "1", "--dpt", "9.001", *options, env=w.environment())
    plain = monitor.wait_for("dropped")
    monitor.stop()
    tap.check("a telegram with another key is dropped, and why", found is not None and
              without(found, "time", "sequence", "error") == {
                  "event": "dropped", "source": "1.1.12", "destination": "1/1/1",
                  "priority": "low", "cause": "mac"} and "its MAC does not fit" in found["error"],
              found, monitor.told())
    tap.check("a plain one to a secured group, too", plain is not None and
              plain["cause"] == "plain" and "its group is secured" in plain["error"], plain)


def check_reconnection(tap, w):
    server = Server(w.folder, "lost", "tunnels: [1.1.10]", "objects: []")
    port = server.port
    monitor = Running("knx", "monitor", "--gateway", server.address, "--tcp", env=w.environment())
    monitor.wait_for("connected")
    server.stop(signal.SIGKILL)
    lost = monitor.wait_for("disconnected")
    server.start(port)
    again = monitor.wait_for("connected")
    tap.check("a monitor says that the connection is lost, and connects again",
              lost is not None and lost["retry_ms"] == 1000 and lost["error"] != "" and
              again is not None and again["address"] == "1.1.10", monitor.told())
    server.stop(signal.SIGKILL)
    monitor.wait_for("disconnected")
    tap.check("SIGTERM ends it while it waits", monitor.stop() == 0)
    server.start(port)
    reader = Running("knx", "read", "5/5/5", "--gateway", server.address, "--tcp", "--timeout",
                     "60", env=w.environment(), json_lines=False)
    server.wait_for("tunnel-taken")
    server.stop(signal.SIGKILL)
    tap.check("a command does not: 3", reader.end() == 3 and b"basalt: knx read: " in
              reader.errors, reader.told())


# check

def steps(objects):
    return [(o["step"], o["ok"]) for o in objects]


def check_steps(w, kind, *more):
    """(status, steps) of a check by the options of kind."""
    options = replaced(w.options(kind), list(more))
    at = options.index("--gateway")
    words = [options[at + 1], *options[:at], *options[at + 2:]]
    status, out, err = run("knx", "check", *words, "--json", env=w.environment())
    found = [json.loads(line) for line in out.splitlines()]
    return status, found, err


def check_check(tap, w):
    base = [("name", True), ("description", True), ("tcp", True), ("search", True)]
    status, found, err = check_steps(w, "keyring")
    tap.check("every step is good with a keyring", (status, err) == (0, "") and steps(found) == [
        *base, ("session", True), ("user", True), ("connect", True), ("state", True)], found, err)
    tap.check("the search tells tunnels and secured families", len(found) > 3 and
              found[3]["detail"].endswith("tunnelling; 3 of 3 tunnels are free") and
              found[3]["detail"].startswith("KNX IP Secure for device management") and
              [t["address"] for t in found[3]["tunnelling"]["tunnels"]] ==
              ["1.1.10", "1.1.11", "1.1.12"], found)
    status, found, _ = check_steps(w, "plain")
    tap.check("and in the plain", status == 0 and
              steps(found) == [*base, ("connect", True), ("state", True)], found)
    cases = [(3, "refused", [], [("connect", False)]),
             (5, "user", ["--user-pwd-file", w.path("bad")], [("session", True), ("user", False)]),
             (5, "user", ["--device-pwd-file", w.path("bad")], [("session", False)]),
             (5, "user", ["--interface", "1.1.11"], [("session", True), ("user", True),
                                                     ("connect", False)]),
             (5, "keyring", ["--keyring-pwd-file", w.path("bad")], [("keys", False)])]
    for expected, kind, more, rest in cases:
        status, found, err = check_steps(w, kind, *more)
        tap.check(f"check {kind} {' '.join(more[:1])}: {rest[-1][0]} fails",
                  (status, err) == (expected, "") and steps(found) == base + rest and
                  found[-1]["status"] == expected and found[-1]["error"] != "", status, found, err)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        status, found, _ = check_steps(w, "tcp", "--gateway", f"127.0.0.1:{port}", "--timeout",
                                       "0.3")
    tap.check("a port that only takes connections", status == 3 and steps(found) == [
        ("name", True), ("description", False), ("tcp", True), ("search", False),
        ("connect", False)], found)
    status, found, _ = check_steps(w, "plain", "--gateway", "nowhere.invalid")
    tap.check("no such name", status == 3 and steps(found) == [("name", False)], found)
    server = Server(w.folder, "mute", "tunnels: [1.1.10]", "udp: false", "objects: []")
    status, found, _ = check_steps(w, "tcp", "--gateway", server.address, "--timeout", "0.5")
    server.stop()
    tap.check("a tunnel though a step before it failed: 7", status == 7 and
              steps(found)[1] == ("description", False) and steps(found)[-1] == ("state", True),
              found)
    got = run("knx", "check", w.plain.address)
    tap.check("as text: a line a step", got[0] == 0 and got[1].splitlines()[-2:] == [
        "connect      ok: tunnel 1.1.10 over UDP",
        "state        ok: the interface keeps the connection, and has its bus"], got)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        w = World(folder)
        check_mistakes(tap)
        check_files(tap, w)
        check_read(tap, w)
        check_unanswered(tap, w)
        check_answer_of_others(tap, w)
        check_failures(tap, w)
        check_tunnels(tap, w)
        check_hosts(tap, w)
        check_secrets(tap, w)
        check_state(tap, w)
        check_monitor(tap, w)
        check_names(tap, w)
        check_monitor_text(tap, w)
        check_dropped(tap, w)
        check_reconnection(tap, w)
        check_check(tap, w)
        check_write(tap, w)
        tap.check("the servers end well", w.close())
    tap.end()


main()
