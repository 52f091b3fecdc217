#!/usr/bin/env python3
"""The client verbs against devices and hubs that are not ours: values that our device does not
have, every refusal, silence, and what is no answer at all."""
import signal
import struct
import tempfile
import time

from client_world import TOO_LONG, UNKNOWN, Puppet, Stage, World, result
from running import Running
from tap import Tap, run


def ack(invoke, service, body, value):
    """ReadProperty-ACK: what was asked, and that value."""
    return bytes([0x30, invoke, service]) + body + b"\x3e" + value + b"\x3f"


VALUES = [
    ("lav:1", "pv", "5508" + struct.pack(">d", 0.1).hex(), 0.1, "double", "0.1"),
    ("iv:1", "pv", "32ff38", -200, "integer", "-200"),
    ("piv:1", "pv", "25080102030405060708", 0x0102030405060708, "unsigned", "72623859790382856"),
    ("date-value:1", "pv", "a47e0a0c01", "2026-10-12", "date", "2026-10-12"),
    ("time-value:1", "pv", "b40d1e00ff", "13:30:00.*", "time", "13:30:00.*"),
    ("datetime-value:1", "pv", "a47e0a0c01b40d1e0000",
     {"date": "2026-10-12", "time": "13:30:00.00"}, "BACnetDateTime",
     '{"date":"2026-10-12","time":"13:30:00.00"}'),
    ("osv:1", "pv", "65030a0b0c", "0a0b0c", "octets", "0a0b0c"),
    ("csv:1", "pv", "750405e4f6fc", "äöü", "text", '"äöü"'),
    ("bitstring-value:1", "pv", "820560", "011", "bits", "011"),
    ("ai:1", "status-flags", "820490", ["in-alarm", "out-of-service"], "bits",
     "{in-alarm,out-of-service}"),
    ("ai:1", "event-time-stamps", "2e" "a47e0a0c01b40d1e0000" "2f" "0cffffffff" "1907",
     [{"datetime": {"date": "2026-10-12", "time": "13:30:00.00"}}, {"time": "*:*:*.*"},
      {"sequence-number": 7}], "BACnetTimeStamp", None),
    ("ai:1", "9999", "2105", 5, "unsigned", "5"),
    ("ai:1", "9999", "21059101", [5, 1], "unsigned", "5\n1"),
    ("ai:1", "9999", "0e21051f0f", None, None, None),  # not even BACnet
    ("ai:1", "state-text", "7502006f", ["o"], "text", '"o"'),
    ("bo:1", "priority-array[3]", "9101", "active", "enumerated", "active"),
]


def check_kinds_of_others(tap, w):
    """Values that our own device does not have."""
    value = {}
    puppet = Puppet(w, lambda invoke, service, body: ack(invoke, service, body, value["octets"]))
    for target, prop, octets, expected, kind, text in VALUES:
        value["octets"] = bytes.fromhex(octets)
        status, found, err = w.ask("read", puppet.name_for_us, target, prop)
        if kind is None:
            tap.check(f"{octets}: what is no value is an error of the protocol", status == 1 and
                      "cannot be decoded" in err, status, found, err)
            continue
        good = status == 0 and (found[0]["value"], found[0]["type"]) == (expected, kind)
        tap.check(f"read {target} {prop}: {expected}", good, status, found, err)
        if text is not None:
            got = w.run("read", puppet.name_for_us, target, prop)
            tap.check("and as text", got == (0, text + "\n", ""), got)
    puppet.close()


def check_refusals(tap, w):
    """Every way in which a device can refuse."""
    cases = [
        ("reject", lambda i, s, b: bytes([0x60, i, 9]), 1,
         "the device rejected the request: unrecognized-service (9); the device does not have this "
         "service"),
        ("reject for another reason", lambda i, s, b: bytes([0x60, i, 4]), 1,
         "the device rejected the request: invalid-tag (4)"),
        ("abort", lambda i, s, b: bytes([0x71, i, 4]), 1,
         "the request was aborted: segmentation-not-supported (4); the answer does not fit one "
         "message: ask for one element, PROPERTY[1]"),
        ("an answer in segments that ends after the first",
         lambda i, s, b: bytes([0x3C, i, 0, 4, s]) + b, 1, "tsm-timeout (10)"),
        ("an error that nobody knows",
         lambda i, s, b: bytes([0x50, i, s]) + bytes.fromhex("9207d0920bb8"), 1,
         "the device answered with error unknown: unknown (2000:3000)"),
        ("an error that cannot be read", lambda i, s, b: bytes([0x50, i, s]) + b"\x21", 1,
         "the device answered with error that cannot be read"),
        ("an answer that ends too early", lambda i, s, b: bytes([0x30, i, s]) + b + b"\x3e\x44",
         1, "the answer cannot be decoded"),
        ("a simple ack to a read", lambda i, s, b: bytes([0x20, i, s]), 1,
         "the answer cannot be decoded"),
        ("silence", lambda i, s, b: None, 3, "did not answer in 0.4 s"),
        ("an answer to another request", lambda i, s, b: bytes([0x60, (i + 1) % 256, 9]), 3,
         "did not answer in 0.4 s"),
    ]
    for name, answer, expected, text in cases:
        puppet = Puppet(w, answer)
        status, found, err = w.ask("read", puppet.name_for_us, "ai:1", "pv", "--plain", "--timeout",
                                   "0.4")
        tap.check(f"{name}: status {expected}", status == expected and text.replace(
            "error that cannot", "an error that cannot") in err and len(found) == 1 and
            found[0]["status"] == expected, status, found, err)
        tap.check("it was asked once", len(puppet.requests) == 1, puppet.requests)
        puppet.close()


def check_bvlc_refusal(tap, w):
    """The request does not even reach the application of the device."""
    def nak(*_):
        puppet.peer.send_message(b"\x00\x04\x00\x05" + puppet.origin + b"\x01\x01\x00" +
                                 struct.pack(">HH", 7, 196))
    puppet = Puppet(w, nak)
    status, _, err = w.run("read", puppet.name_for_us, "ai:1", "pv", "--timeout", "0.4", "-v")
    tap.check("a BVLC-Result is logged with its sender, function and code", status == 3 and
              f"info: {puppet.name_for_us[5:]} refused a message of ours (function 1): " in err,
              status, err)
    puppet.close()


def check_one_after_another(tap, w):
    """A device without ReadPropertyMultiple, or whose answer would be too long."""
    def answer(first):
        def one(invoke, service, body):
            if service == 14:
                return bytes([*first[:1], invoke, *first[1:]])
            if body[6] == 87:  # priority-array
                return bytes([0x50, invoke, service]) + bytes.fromhex("91029120")
            if body[6] == 28:  # description
                return bytes([0x71, invoke, 4])
            return ack(invoke, service, body, bytes.fromhex("4441ac0000"))
        return one

    for name, first in (("unrecognized-service", b"\x60\x09"), ("too long", b"\x71\x04")):
        puppet = Puppet(w, answer(first))
        of = {"device": puppet.name_for_us}
        status, found, err = w.ask("readm", puppet.name_for_us, "ai:1", "pv,pa", "ai:2",
                                   "description,pv")
        tap.check(f"{name}: readm reads one after another", (status, found) == (7, [
            {**result("analog-input,1", "present-value", value=21.5, type="real"), **of},
            {**result("analog-input,1", "priority-array", **UNKNOWN), **of},
            {**result("analog-input,2", "description", **TOO_LONG), **of},
            {**result("analog-input,2", "present-value", value=21.5, type="real"), **of},
        ]), found, err)
        got = w.run("readm", puppet.name_for_us, "ai:1", "pv,pa")
        tap.check("aligned, too", got[:2] == (
            7, "analog-input,1  present-value   21.5\n"
               "analog-input,1  priority-array  error property: unknown-property\n"), got)
        status, found, err = w.ask("readm", puppet.name_for_us, "ai:1", "all")
        tap.check("all cannot be", status == 1 and found[0]["error_class"] == "communication" and
                  found[0]["error_code"].startswith(("reject-", "abort-")), found, err)
        puppet.close()


def check_found_by_instance(tap, w):
    """I-Am of a foreign device, and one for a network behind a router."""
    i_am = bytes.fromhex("1000" "c402000bb8" "2201e0" "9103" "2203e7")
    for garbage in (b"\x10\x00", i_am[:-1], i_am + b"\x00", i_am.replace(b"\xc4\x02", b"\xc4\x00"),
                    i_am.replace(b"\x91\x03", b"\x91\x09"), b"\x10\x00" + b"\xff" * 90):
        puppet = Puppet(w, lambda i, s, b: None, garbage)
        got = w.run("whois", "3000", "--timeout", "0.2")
        tap.check(f"what is no I-Am is nobody: {garbage.hex()[:40]}", got[:2] == (3, ""), got)
        puppet.close()
    puppet = Puppet(w, lambda i, s, b: ack(i, s, b, bytes.fromhex("4441ac0000")), i_am)
    got = w.run("read", "3000", "ai:1", "pv")
    tap.check("a device that answers to all is found", got == (0, "21.5\n", ""), got)
    got = w.ask("whois", "3000")
    tap.check("and listed with its numbers", got == (0, [{
        "instance": 3000, "vmac": puppet.name_for_us[5:], "max_apdu": 480,
        "segmentation": "no-segmentation", "vendor": 999}], ""), got)
    puppet.close()


def check_signals(tap, w):
    for number in (signal.SIGINT, signal.SIGTERM):
        puppet = Puppet(w, lambda i, s, b: None)
        reader = Running("read", puppet.name_for_us, "ai:1", "pv", "--timeout", "60", *w.options)
        while not puppet.requests:
            time.sleep(0.01)
        status = reader.stop(number)
        tap.check(f"{signal.Signals(number).name} ends it with 130 and without a word",
                  status == 130 and reader.lines == [] and reader.errors == b"", reader.told())
        puppet.close()


def check_hello(tap, w):
    stage = Stage(w.site, Stage.nak_header, Stage.nak_header, Stage.nak_header)
    got = run("whois", *w.options_for("client", stage.port))
    tap.check("a hub that does not know our header is asked once more in the other form",
              len(stage.heard) == 2 and [m[1] for m in stage.heard] == [0x02, 0x00],
              stage.heard)
    tap.check("and then it is 3, with the hub's reason", got[:2] == (3, "") and
              "the hub refused to connect us: header-not-understood" in got[2], got)


def check_no_tls(tap, w):
    stage = Stage(w.site, Stage.speak_http, Stage.speak_http)
    got = run("whois", *w.options_for("client", stage.port))
    tap.check("somebody who does not speak TLS: 4", got[0] == 4 and "does not speak TLS" in got[2],
              got)


def check_silence(tap, stage, slow, began):
    tap.check("a hub that keeps silent: 3 after ten seconds", slow.end() == 3 and
              9 < time.monotonic() - began, slow.told())
    tap.check("it says what was not done in time", b"handshake was not done within" in slow.errors, slow.told())
    stage.join(1)


def check_no_accept(tap, stage, slow):
    tap.check("a hub that never answers a Connect-Request gets the other form",
              slow.end() == 3 and [m[1] for m in stage.heard] == [0x02, 0x00], stage.heard,
              slow.told())


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        w = World(folder)
        silent = Stage(w.site, *[Stage.keep_silent] * 3)
        mute = Stage(w.site, Stage.never_accept, Stage.nak_header)
        began = time.monotonic()
        slow = [Running("whois", *w.options_for("client", s.port)) for s in (silent, mute)]
        for check in (check_kinds_of_others, check_refusals, check_bvlc_refusal,
                      check_one_after_another, check_found_by_instance, check_signals,
                      check_hello, check_no_tls):
            check(tap, w)
        check_silence(tap, silent, slow[0], began)  # ten seconds, most of them over by now
        check_no_accept(tap, mute, slow[1])
        w.device.stop()
        w.hub.stop()
    tap.end()


main()
