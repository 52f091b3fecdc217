#!/usr/bin/env python3
"""basalt whois, read, write, readm against a hub and a device of ours, compared exactly. Ports are
free ones, PKI is its own."""
import json
import signal
import socket
import subprocess
import tempfile
import time

from client_world import NO_OBJECT, OBJECTS, UNKNOWN, World, result
from running import Running, Site
from tap import PROGRAM, Tap, run


# whois

def check_whois(tap, w):
    ours = {"instance": 1001, "vmac": w.connected["vmac"], "max_apdu": 1476,
            "segmentation": "segmented-both", "vendor": 555}
    second = w.site.device(w.port, "other", 2002, "--set", "vendor-identifier=7")
    theirs = second.wait_for("connected")
    other = {**ours, "instance": 2002, "vmac": theirs["vmac"], "vendor": 7}
    began = time.monotonic()
    status, found, err = w.ask("whois", "--timeout", "1")
    tap.check("whois lists every device with its numbers", status == 0 and err == "" and
              sorted(found, key=lambda o: o["instance"]) == [ours, other], found, err)
    tap.check("it waits for --timeout", time.monotonic() - began > 0.9)
    for limits, expected in ((["1001", "1001"], [ours]), (["2002"], [other]),
                             (["2002", "2002"], [other])):
        began = time.monotonic()
        status, found, err = w.ask("whois", *limits, "--timeout", "60")
        tap.check(f"whois {' '.join(limits)} ends when all of them have answered",
                  (status, found, err) == (0, expected, "") and time.monotonic() - began < 30,
                  status, found, err)
    status, found, err = w.ask("whois", "1000", "1999", "--timeout", "0.5")
    tap.check("the range limits who is told", (status, found) == (0, [ours]), found)
    got = w.run("whois", "3000", "--timeout", "0.2")
    tap.check("nobody in it: 3, and a line that says so", got == (
        3, "", "basalt: whois: nobody answered in 0.2 s; --timeout waits longer\n"), got)
    status, out, err = w.run("whois", "1001")
    tap.check("as text it is a table", (status, err) == (0, "") and out ==
              "instance  vmac               max-apdu  segmentation     vendor\n"
              f"    1001  {ours['vmac']}      1476  segmented-both      555\n", out, err)
    second.stop()


def check_same_instance(tap, w):
    second = w.site.device(w.port, "other", 1001)
    second.wait_for("connected")
    status, found, err = w.ask("whois", "--timeout", "0.5")
    tap.check("an instance that two devices have is told twice, with a warning", status == 0 and
              [o["instance"] for o in found] == [1001, 1001] and
              "instance 1001 is used by more than one device" in err, found, err)
    second.stop()


# read

def kinds(w):
    """(OBJECT, PROPERTY, the answer without device, object and property)."""
    priorities = [None] * 16
    return [
        ("ai:1", "pv", {"value": 21.5, "type": "real", "units": "degrees-celsius"}),
        ("ai:1", "units", {"value": "degrees-celsius", "type": "enumerated"}),
        ("ai:1", "object-name", {"value": "Supply air", "type": "text"}),
        ("ai:1", "object-identifier", {"value": "analog-input,1", "type": "object"}),
        ("ai:1", "object-type", {"value": "analog-input", "type": "enumerated"}),
        ("ai:1", "out-of-service", {"value": False, "type": "boolean"}),
        ("ai:1", "status-flags", {"value": [], "type": "bits"}),
        ("ai:1", "event-state", {"value": "normal", "type": "enumerated"}),
        ("bi:1", "pv", {"value": "inactive", "type": "enumerated", "text": "closed"}),
        ("bi:1", "active-text", {"value": "open", "type": "text"}),
        ("bo:1", "description", {"value": "Big", "type": "text"}),
        ("bo:1", "priority-array", {"value": priorities, "type": "BACnetPriorityValue"}),
        ("ao:1", "relinquish-default", {"value": 5, "type": "real", "units": "percent"}),
        ("msv:1", "pv", {"value": 2, "type": "unsigned", "text": "vent"}),
        ("msv:1", "state-text", {"value": ["off", "vent", "heat"], "type": "text"}),
        ("msv:1", "state-text[3]", {"index": 3, "value": "heat", "type": "text"}),
        ("msv:1", "state-text[0]", {"index": 0, "value": 3, "type": "unsigned"}),
        ("dev:1001", "object-list", {"value": OBJECTS, "type": "object"}),
        ("dev:1001", "object-list[0]", {"index": 0, "value": len(OBJECTS), "type": "unsigned"}),
        ("dev:1001", "object-list[2]", {"index": 2, "value": OBJECTS[1], "type": "object"}),
        ("dev:1001", "object-name", {"value": 'Lüftung "1"', "type": "text"}),
        ("dev:1001", "vendor-identifier", {"value": 555, "type": "unsigned"}),
        ("dev:1001", "system-status", {"value": "operational", "type": "enumerated"}),
        ("dev:1001", "device-address-binding", {"value": [], "type": "BACnetAddressBinding"}),
        ("dev:1001", "device-uuid",
         {"value": w.connected["uuid"].replace("-", ""), "type": "octets"}),
        ("np:1", "mac-address",
         {"value": w.connected["vmac"].replace(":", ""), "type": "octets"}),
        ("np:1", "sc-hub-connector-state",
         {"value": "connected-to-primary", "type": "enumerated"}),
        ("np:1", "sc-primary-hub-uri", {"value": f"wss://127.0.0.1:{w.port}", "type": "text"}),
        ("np:1", "sc-heartbeat-timeout", {"value": 60, "type": "unsigned"}),
    ]


def check_read(tap, w):
    types = {"ai": "analog-input", "ao": "analog-output", "bi": "binary-input", "dev": "device",
             "bo": "binary-output", "msv": "multi-state-value", "np": "network-port"}
    for target, prop, answer in kinds(w):
        short, instance = target.split(":")
        name = prop.split("[")[0].replace("pv", "present-value")
        expected = {"device": 1001, "object": f"{types[short]},{instance}", "property": name,
                    **answer}
        got = w.ask("read", "1001", target, prop)
        tap.check(f"read {target} {prop}", got == (0, [expected], ""), got, expected)
    status, out, _ = run("read", "1001", "ai:1", "pv", "--json", *w.options)
    tap.check("the members stand in a fixed order", status == 0 and out == (
        '{"device":1001,"object":"analog-input,1","property":"present-value","value":21.5,'
        '"type":"real","units":"degrees-celsius"}\n'), out)


def check_spelling(tap, w):
    for target, prop in (("ai:1", "pv"), ("ai,1", "present-value"), ("analog-input:1", "85"),
                         ("Analog_Input,1", "Present_Value"), ("0:1", "pv")):
        got = w.run("read", "1001", target, prop)
        tap.check(f"{target} {prop} is the present value", got == (0, "21.5 degrees-celsius\n", ""), got)
    got = w.run("read", "vmac:" + w.connected["vmac"], "ai:1", "pv")
    tap.check("a device can be named by its VMAC", got == (0, "21.5 degrees-celsius\n", ""), got)
    got = w.ask("read", "vmac:" + w.connected["vmac"], "dev:4194303", "oid")
    tap.check("then its own Device object need not be known", got == (0, [{
        "device": "vmac:" + w.connected["vmac"], "object": "device,1001",
        "property": "object-identifier", "value": "device,1001", "type": "object"}], ""), got)


def check_text(tap, w):
    cases = [("bi:1", "pv", "inactive (closed)\n"), ("msv:1", "pv", "2 (vent)\n"),
             ("ai:1", "pv", "21.5 degrees-celsius\n"), ("ao:1", "rd", "5 percent\n"),
             ("ao:1", "pv --plain", "5\n"), ("msv:1", "pv --plain", "2\n"),
             ("ai:1", "units", "degrees-celsius\n"), ("ai:1", "status-flags", "{}\n"),
             ("dev:1001", "object-name", '"Lüftung \\"1\\""\n'),
             ("dev:1001", "object-list", "".join(o + "\n" for o in OBJECTS)),
             ("msv:1", "state-text", '"off"\n"vent"\n"heat"\n'),
             ("dev:1001", "device-address-binding", "")]
    for target, prop, expected in cases:
        got = w.run("read", "1001", target, *prop.split())
        tap.check(f"as text: {target} {prop}", got == (0, expected, ""), got)


REMOTE_ERRORS = [
    (["read", "1001", "ai:9", "pv"], "object", "unknown-object", 1, 31,
     "the device's object-list tells what it has"),
    (["read", "1001", "ai:1", "priority-array"], "property", "unknown-property", 2, 32,
     "the object's property-list tells what it has"),
    (["read", "1001", "ai:1", "pv[1]"], "property", "property-is-not-an-array", 2, 50,
     "leave the [INDEX] out"),
    (["read", "1001", "msv:1", "state-text[4]"], "property", "invalid-array-index", 2, 42,
     "PROPERTY[0] tells how many elements there are"),
    (["write", "1001", "ai:9", "pv", "1"], "object", "unknown-object", 1, 31,
     "the device's object-list tells what it has"),
    (["write", "1001", "ai:1", "pv", "1"], "property", "write-access-denied", 2, 40,
     "the device does not let this be written"),
    (["write", "1001", "dev:1001", "vendor-name", "us"], "property", "write-access-denied", 2, 40,
     "the device does not let this be written"),
    (["write", "1001", "msv:1", "pv", "9"], "property", "value-out-of-range", 2, 37,
     "give a value that the object can have"),
    (["write", "1001", "av:1", "pv", "text:warm"], "property", "invalid-data-type", 2, 9,
     "put the kind in front of the value, such as real:72"),
]


def check_remote_errors(tap, w):
    for words, error_class, code, class_number, code_number, advice in REMOTE_ERRORS:
        text = (f"{words[0]}: the device answered with error {error_class}: {code} "
                f"({class_number}:{code_number}); {advice}")
        got = w.ask(*words)
        tap.check(f"{' '.join(words)}: {code}, status 1", got == (1, [{
            "error": text, "status": 1, "error_class": error_class, "error_code": code}],
            f"basalt: {text}\n"), got)


# write

def written(target, prop, value, kind, **more):
    return {"device": 1001, "object": target, "property": prop, "value": value, "type": kind,
            **more, "acknowledged": True}


def check_write(tap, w):
    cases = [
        (["av:2", "pv", "7.25"], written("analog-value,2", "present-value", 7.25, "real")),
        (["av:2", "pv", "-7"], written("analog-value,2", "present-value", -7, "real")),
        (["msv:1", "pv", "3"], written("multi-state-value,1", "present-value", 3, "unsigned")),
        (["bo:1", "pv", "active@16"],
         written("binary-output,1", "present-value", "active", "enumerated", priority=16)),
        (["ai:1", "out-of-service", "true"],
         written("analog-input,1", "out-of-service", True, "boolean")),
        (["ai:1", "pv", "real:30.5"], written("analog-input,1", "present-value", 30.5, "real")),
    ]
    for words, expected in cases:
        got = w.ask("write", "1001", *words)
        tap.check(f"write {' '.join(words)}", got == (0, [expected], ""), got)
        tap.check("it reads back", w.value(words[0], words[1]) == expected["value"])
    w.ask("write", "1001", "ai:1", "pv", "21.5")
    w.ask("write", "1001", "ai:1", "out-of-service", "false")
    w.ask("write", "1001", "msv:1", "pv", "2")
    w.ask("write", "1001", "bo:1", "pv", "null")


def check_priority(tap, w):
    array = [None] * 16
    for value, priority in ((50, 8), (60.5, 3), (-5, 16)):
        got = w.ask("write", "1001", "ao:1", "pv", f"{value}@{priority}", "--timeout", "9")
        tap.check(f"write {value}@{priority}", got == (0, [written(
            "analog-output,1", "present-value", value, "real", priority=priority)], ""), got)
        array[priority - 1] = value
    tap.check("each stands at its priority", w.value("ao:1", "priority-array") == array)
    tap.check("and the highest priority counts", w.value("ao:1", "pv") == 60.5)
    for priority, left in ((3, 50), (8, -5), (16, 5)):
        got = w.ask("write", "1001", "ao:1", "pv", f"null@{priority}")
        tap.check(f"null@{priority} relinquishes", got == (0, [written(
            "analog-output,1", "present-value", None, "null", priority=priority)], ""), got)
        tap.check("and what is left counts", w.value("ao:1", "pv") == left)
    got = w.run("write", "1001", "ao:1", "pv", "7@8")
    tap.check("as text: what was written", got == (0, "analog-output,1 present-value = 7 @8\n", ""),
              got)
    got = w.run("write", "1001", "ao:1", "pv", "null@8")
    tap.check("as text: relinquished", got == (0, "analog-output,1 present-value relinquished @8\n",
                                               ""), got)


# readm

def check_readm(tap, w):
    got = w.ask("readm", "1001", "ai:1", "pv,units", "msv:1", "state-text[2],state-text[0]",
                "dev:1001", "object-list[1]")
    tap.check("readm gives one object for each property", got == (0, [
        result("analog-input,1", "present-value", value=21.5, type="real",
               units="degrees-celsius"),
        result("analog-input,1", "units", value="degrees-celsius", type="enumerated"),
        result("multi-state-value,1", "state-text", index=2, value="vent", type="text"),
        result("multi-state-value,1", "state-text", index=0, value=3, type="unsigned"),
        result("device,1001", "object-list", index=1, value="analog-input,1", type="object"),
    ], ""), got)
    got = w.ask("readm", "1001", "ai:1", "pv,priority-array", "ai:9", "pv")
    tap.check("some in error: 7, with class and code in place of a value", got == (7, [
        result("analog-input,1", "present-value", value=21.5, type="real",
               units="degrees-celsius"),
        result("analog-input,1", "priority-array", **UNKNOWN),
        result("analog-input,9", "present-value", **NO_OBJECT),
    ], "basalt: readm: 2 of 3 properties cannot be read\n"), got)
    got = w.ask("readm", "1001", "ai:9", "pv,units")
    tap.check("all in error: 1", got == (1, [
        result("analog-input,9", "present-value", **NO_OBJECT),
        result("analog-input,9", "units", **NO_OBJECT),
    ], "basalt: readm: 2 of 2 properties cannot be read\n"), got)
    status, found, _ = w.ask("readm", "1001", "ai:1", "all")
    listed = w.value("ai:1", "property-list")
    names = [o["property"] for o in found]
    tap.check("all is every property of the property-list and the three that are not in it",
              status == 0 and sorted(names) == sorted(
                  [*listed, "object-identifier", "object-name", "object-type"]), names, listed)
    got = w.run("readm", "1001", "ai:1", "pv,priority-array", "msv:1", "state-text")
    tap.check("as text it is aligned", got[:2] == (
        7, "analog-input,1       present-value   21.5 degrees-celsius\n"
           "analog-input,1       priority-array  error property: unknown-property\n"
           'multi-state-value,1  state-text      "off", "vent", "heat"\n'), got)


# Mistakes

USAGE = [
    (["read", "1001", "ai:1"], "DEVICE OBJECT PROPERTY[INDEX] is missing; see basalt read --help"),
    (["read", "4194303", "ai:1", "pv"],
     '"4194303" is not a device; give its instance (0 to 4194302), or vmac:02:1a:2b:3c:4d:5e'),
    (["read", "vmac:ff:ff:ff:ff:ff:ff", "ai:1", "pv"], '"vmac:ff:ff:ff:ff:ff:ff" is not a device; '
     'give its instance (0 to 4194302), or vmac:02:1a:2b:3c:4d:5e'),
    (["read", "1", "ai", "pv"], '"ai" is not an object; such as ai:1, analog-input,1 or 0:1'),
    (["read", "1", "ai:4194304", "pv"],
     '"ai:4194304" is not an object; such as ai:1, analog-input,1 or 0:1'),
    (["read", "1", "anlog-input:1", "pv"],
     '"anlog-input" is not an object type; did you mean analog-input'),
    (["read", "1", "ai:1", "presnt-value"],
     '"presnt-value" is not a property; did you mean present-value'),
    (["read", "1", "ai:1", "pv[x]"],
     '"pv[x]" is not a property; such as pv, present-value, 85 or state-text[2]'),
    (["whois", "5", "1"], "5 is above 1; give the lower one first"),
    (["whois", "x"], '"x" is not a device instance; a whole number from 0 to 4194302'),
    (["write", "1", "ao:1", "pv", "1@17"], '"@17" is no priority; from @1 (the highest) to @16'),
    (["write", "1", "ao:1", "pv", "warm"], "'warm' is not a number such as 72.5"),
    (["write", "1", "msv:1", "pv", "-1"], "'-1' is not a whole number from 0 up"),
    (["write", "1", "bo:1", "pv", "7"],
     "'7' is out of range of BACnetBinaryPV; inactive or active"),
    (["write", "1", "bo:1", "pv", "onn"],
     "'onn' is not a name or number of the enumeration; inactive or active"),
    (["read", "1", "ai:1", "all"], "all is for basalt readm"),
    (["write", "1", "ai:1", "required", "1"], "required is for basalt readm"),
    (["readm", "1", "ai:1", "pv", "ai:2"],
     '"ai:2": an object or its properties are missing; OBJECT PROPERTY,... for each object'),
    (["readm", "1", "ai:1", "pv,"],
     '"" is not a property; such as pv, present-value, 85 or state-text[2]'),
]


def check_usage(tap, w):
    for words, text in USAGE:
        got = w.run(*words)
        tap.check(f"{' '.join(words)}: status 2", got == (2, "", f"basalt: {words[0]}: {text}\n"),
                  got)
    for i, name in enumerate(("hub", "ca", "cert", "key")):
        options = w.options[:2 * i] + w.options[2 * i + 2:]
        got = run("whois", *options, env={"BACNET_SC_PRIMARY_HUB_URI": ""})
        tap.check(f"--{name} is missing", got == (
            2, "", f"basalt: whois: --{name}: is missing; give it, or its variable "
                   "(basalt whois --help)\n"), got)


def check_environment(tap, w):
    names = ["PRIMARY_HUB_URI", "ISSUER_1_CERTIFICATE_FILE", "OPERATIONAL_CERTIFICATE_FILE",
             "OPERATIONAL_CERTIFICATE_PRIVATE_KEY_FILE"]
    env = {f"BACNET_SC_{n}": value for n, value in zip(names, w.options[1::2])}
    got = run("read", "1001", "ai:1", "pv", env=env)
    tap.check("the environment stands for missing options", got == (0, "21.5 degrees-celsius\n", ""), got)


# The way there

def check_no_way(tap, w, other):
    """other: a site with another authority."""
    words = ["read", "1001", "ai:1", "pv"]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens, and nobody else gets it
        port = closed.getsockname()[1]
        got = run(*words, *w.options_for("client", port))
    text = (f"basalt: read: connecting to 127.0.0.1:{port}: connection refused: nobody listens "
            "there; is it running, and is the port right?\n")
    tap.check("no hub: 3", got == (3, "", text), got)
    got = run(*words, "--hub", "wss://no-such-host.invalid", *w.options[2:])
    tap.check("no such host: 3", got[0] == 3 and "no-such-host.invalid" in got[2], got)
    got = run(*words, *w.options_for("client")[:2], *other.credentials("client"))
    tap.check("a hub of another authority: 4, and who signed it", got[0] == 4 and
              "the server's certificate CN=hub was signed by none of our issuers" in got[2], got)
    both = w.site.path("both.pem")
    with open(both, "w", encoding="utf-8") as file:
        for site in (w.site, other):
            with open(site.path("ca.pem"), encoding="utf-8") as one:
                file.write(one.read())
    got = run(*words, *w.options[:2], "--ca", both, *other.credentials("client")[2:])
    tap.check("a hub that refuses us: 4, and the meaning of its alert", got[0] == 4 and
              "the server refused our certificate CN=client" in got[2] and
              "it does not know its issuer" in got[2], got)
    got = run(*words, *w.options[:6], "--key", w.site.path("other.key"))
    tap.check("a key of another certificate: 5", got[0] == 5 and "does not belong" in got[2], got)
    got = run(*words, *w.options[:4], "--cert", w.site.path("none.pem"), *w.options[6:])
    tap.check("no certificate file: 2", got[0] == 2 and "none.pem" in got[2], got)


def check_nobody(tap, w):
    got = w.ask("read", "9", "ai:1", "pv", "--timeout", "0.2")
    text = "read: no device 9: nobody answered Who-Is in 0.2 s; basalt whois lists who is there"
    tap.check("no such device: 3", got == (3, [{"error": text, "status": 3}], f"basalt: {text}\n"),
              got)
    got = w.run("write", "vmac:02:00:00:00:00:09", "ao:1", "pv", "1", "--timeout", "0.2")
    tap.check("no such VMAC: 3", got == (3, "", (
        "basalt: write: vmac:02:00:00:00:00:09 did not answer in 0.2 s; basalt whois lists who is "
        "there, --timeout waits longer\n")), got)


# Coming and going

# Standard streams that somebody closed, as a daemon's parent may: the shell's N>&-.
CLOSED = [("0>&-", 0, "21.5 degrees-celsius\n", ""),
          ("1>&-", 6, "", "basalt: standard output: Bad file descriptor; check where the output "
           "goes\n"),
          ("2>&-", 0, "21.5 degrees-celsius\n", ""),
          ("0>&- 1>&- 2>&-", 6, "", "")]


def check_closed_streams(tap, w):
    for closed, *expected in CLOSED:
        command = ["sh", "-c", f'"$@" {closed}', "sh", PROGRAM, "read", "1001", "ai:1", "pv",
                   *w.options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        got = [done.returncode, done.stdout, done.stderr]
        tap.check(f"a read with {closed}: status {expected[0]}", got == expected, got)


def check_visitors(tap, w):
    """Commands with the certificate of the device, together."""
    options = w.options_for("device")
    both = [Running("whois", "--timeout", "1", *options) for _ in range(3)]
    ended = [one.end() for one in both]
    tap.check("commands with one certificate do not push each other out", ended == [0, 0, 0],
              *[one.told() for one in both])
    tap.check("nor the device that has it", all(
        [o["instance"] for o in map(json.loads, one.lines)] == [1001] for one in both) and
        not w.device.events("lost"), w.device.told())


def check_left_in_order(tap, w):
    run("whois", "1001", *w.options_for("last"))
    w.hub.wait_for("left", subject="CN=last")
    left = [e for e in w.hub.events("left") if e["subject"] == "CN=client"]
    tap.check("every command has left in order", len(left) > 90 and
              {e["reason"] for e in left} == {"in order"},
              len(left), {e["reason"] for e in left})
    vmacs = {e["vmac"] for e in left}
    tap.check("each with a VMAC and a UUID of its own", len(vmacs) == len(left) and
              len({e["uuid"] for e in left}) == len(left), len(left), len(vmacs))


def check_hub_dies(tap, w):
    reader = Running("whois", "--timeout", "60", *w.options)
    reader.next_line()
    began = time.monotonic()
    w.hub.stop(signal.SIGTERM)
    status = reader.end()
    tap.check("the hub goes: 3 at once", status == 3 and time.monotonic() - began < 10 and
              reader.errors.startswith(b"basalt: whois: "), status, reader.told())


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as elsewhere:
        w = World(folder)
        for check in (check_whois, check_same_instance, check_read, check_spelling, check_text,
                      check_remote_errors, check_write, check_priority, check_readm, check_usage,
                      check_environment, check_nobody, check_closed_streams, check_visitors,
                      check_left_in_order):
            check(tap, w)
        check_no_way(tap, w, Site(elsewhere, "client"))
        check_hub_dies(tap, w)
        tap.check("the device goes in order", w.device.stop() == 0, w.device.told())
    tap.end()


main()
