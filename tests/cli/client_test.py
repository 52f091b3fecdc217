#!/usr/bin/env python3
"""basalt whois, read, write, readm: against a hub and a device of ours, and against peers that
answer whatever we want. Ports are free ones, PKI is its own."""
import base64
import hashlib
import json
import os
import re
import signal
import socket
import struct
import tempfile
import threading
import time

from running import PATIENCE, Peer, Running, Site
from tap import Tap, run

DEVICE = """\
device:
  instance: 1001
  name: "Lüftung \\"1\\""
  location: Roof
  vendor-identifier: 555
  hub-uri: wss://127.0.0.1:{port}
  minimum-reconnect: 0.1
  ca: ca.pem
  certificate: device.pem
  key: device.key
  objects:
    - {{type: analog-input, instance: 1, name: Supply air, units: degrees-celsius, value: 21.5}}
    - {{type: analog-output, instance: 1, name: Valve, units: percent, relinquish-default: 5}}
    - {{type: analog-value, instance: 1, name: Set point, value: 20, commandable: true}}
    - {{type: analog-value, instance: 2, name: Plain value, value: 3}}
    - {{type: binary-input, instance: 1, name: Door, states: [closed, open]}}
    - {{type: binary-output, instance: 1, name: Fan, description: Big}}
    - {{type: multi-state-value, instance: 1, name: Mode, states: ["off", vent, heat], value: 2}}
"""
OBJECTS = ["analog-input,1", "analog-output,1", "analog-value,1", "analog-value,2",
           "binary-input,1", "binary-output,1", "device,1001", "multi-state-value,1",
           "network-port,1"]


class World:
    """A site with a hub and the device above; runs client verbs there."""

    def __init__(self, folder):
        self.site = Site(folder, "hub", "device", "client", "other", "last")
        self.hub, self.port = self.site.hub()
        with open(self.site.path("device.yaml"), "w", encoding="utf-8") as file:
            file.write(DEVICE.format(port=self.port))
        self.device = Running("device", "--config", self.site.path("device.yaml"))
        self.connected = self.device.wait_for("connected")
        assert self.connected is not None, self.device.told()
        self.options = self.options_for("client")

    def options_for(self, name, port=None):
        return ["--hub", f"wss://127.0.0.1:{port or self.port}", *self.site.credentials(name)]

    def run(self, *arguments):
        """(status, output, errors) as text."""
        return run(*arguments, *self.options)

    def ask(self, *arguments):
        """(status, objects, errors) of a verb with --json."""
        status, out, err = run(*arguments, "--json", *self.options)
        return status, [json.loads(line) for line in out.splitlines()], err

    def value(self, target, prop):
        objects = self.ask("read", "1001", target, prop)[1]
        return objects[0].get("value") if objects else None


# whois

def check_whois(tap, w):
    ours = {"instance": 1001, "vmac": w.connected["vmac"], "max_apdu": 1476,
            "segmentation": "no-segmentation", "vendor": 555}
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
              f"    1001  {ours['vmac']}      1476  no-segmentation     555\n", out, err)
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
        ("ai:1", "pv", {"value": 21.5, "type": "real"}),
        ("ai:1", "units", {"value": "degrees-celsius", "type": "enumerated"}),
        ("ai:1", "object-name", {"value": "Supply air", "type": "text"}),
        ("ai:1", "object-identifier", {"value": "analog-input,1", "type": "object"}),
        ("ai:1", "object-type", {"value": "analog-input", "type": "enumerated"}),
        ("ai:1", "out-of-service", {"value": False, "type": "boolean"}),
        ("ai:1", "status-flags", {"value": [], "type": "bits"}),
        ("ai:1", "event-state", {"value": "normal", "type": "enumerated"}),
        ("bi:1", "pv", {"value": "inactive", "type": "enumerated"}),
        ("bi:1", "active-text", {"value": "open", "type": "text"}),
        ("bo:1", "description", {"value": "Big", "type": "text"}),
        ("bo:1", "priority-array", {"value": priorities, "type": "BACnetPriorityValue"}),
        ("ao:1", "relinquish-default", {"value": 5, "type": "real"}),
        ("msv:1", "pv", {"value": 2, "type": "unsigned"}),
        ("msv:1", "state-text", {"value": ["off", "vent", "heat"], "type": "text"}),
        ("msv:1", "state-text[3]", {"index": 3, "value": "heat", "type": "text"}),
        ("msv:1", "state-text[0]", {"index": 0, "value": 3, "type": "unsigned"}),
        ("dev:1001", "object-list", {"value": OBJECTS, "type": "object"}),
        ("dev:1001", "object-list[0]", {"index": 0, "value": 9, "type": "unsigned"}),
        ("dev:1001", "object-list[2]", {"index": 2, "value": OBJECTS[1], "type": "object"}),
        ("dev:1001", "object-name", {"value": 'Lüftung "1"', "type": "text"}),
        ("dev:1001", "vendor-identifier", {"value": 555, "type": "unsigned"}),
        ("dev:1001", "system-status", {"value": "operational", "type": "enumerated"}),
        ("dev:1001", "device-address-binding", {"value": []}),
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
        '"type":"real"}\n'), out)


def check_spelling(tap, w):
    for target, prop in (("ai:1", "pv"), ("ai,1", "present-value"), ("analog-input:1", "85"),
                         ("Analog_Input,1", "Present_Value"), ("0:1", "pv")):
        got = w.run("read", "1001", target, prop)
        tap.check(f"{target} {prop} is the present value", got == (0, "21.5\n", ""), got)
    got = w.run("read", "vmac:" + w.connected["vmac"], "ai:1", "pv")
    tap.check("a device can be named by its VMAC", got == (0, "21.5\n", ""), got)
    got = w.ask("read", "vmac:" + w.connected["vmac"], "dev:4194303", "oid")
    tap.check("then its own Device object need not be known", got == (0, [{
        "device": "vmac:" + w.connected["vmac"], "object": "device,1001",
        "property": "object-identifier", "value": "device,1001", "type": "object"}], ""), got)


def check_text(tap, w):
    cases = [("ai:1", "units", "degrees-celsius\n"), ("ai:1", "status-flags", "{}\n"),
             ("dev:1001", "object-name", '"Lüftung \\"1\\""\n'),
             ("dev:1001", "object-list", "".join(o + "\n" for o in OBJECTS)),
             ("msv:1", "state-text", '"off"\n"vent"\n"heat"\n'),
             ("dev:1001", "device-address-binding", "")]
    for target, prop, expected in cases:
        got = w.run("read", "1001", target, prop)
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

def result(target, prop, **answer):
    return {"device": 1001, "object": target, "property": prop, **answer}


UNKNOWN = {"error": "property: unknown-property", "error_class": "property",
           "error_code": "unknown-property"}
TOO_LONG = {"error": "communication: abort-segmentation-not-supported",
            "error_class": "communication", "error_code": "abort-segmentation-not-supported"}
NO_OBJECT = {"error": "object: unknown-object", "error_class": "object",
             "error_code": "unknown-object"}


def check_readm(tap, w):
    got = w.ask("readm", "1001", "ai:1", "pv,units", "msv:1", "state-text[2],state-text[0]",
                "dev:1001", "object-list[1]")
    tap.check("readm gives one object for each property", got == (0, [
        result("analog-input,1", "present-value", value=21.5, type="real"),
        result("analog-input,1", "units", value="degrees-celsius", type="enumerated"),
        result("multi-state-value,1", "state-text", index=2, value="vent", type="text"),
        result("multi-state-value,1", "state-text", index=0, value=3, type="unsigned"),
        result("device,1001", "object-list", index=1, value="analog-input,1", type="object"),
    ], ""), got)
    got = w.ask("readm", "1001", "ai:1", "pv,priority-array", "ai:9", "pv")
    tap.check("some in error: 7, with class and code in place of a value", got == (7, [
        result("analog-input,1", "present-value", value=21.5, type="real"),
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
        7, "analog-input,1       present-value   21.5\n"
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
    tap.check("the environment stands for missing options", got == (0, "21.5\n", ""), got)


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


# A device that answers what we want

class Puppet(threading.Thread):
    """Answers one request after another with what answer(invoke id, service, body) gives: an APDU,
    a list of them, or None."""

    def __init__(self, w, answer, i_am=None):
        super().__init__(daemon=True)
        self.answer = answer
        self.i_am = i_am
        self.peer = Peer(w.port, w.site.context("other"))
        self.peer.join()
        self.name_for_us = "vmac:" + ":".join(f"{o:02x}" for o in self.peer.vmac)
        self.requests = []
        self.start()

    def run(self):
        try:
            while True:
                self._take(*self.peer.receive())
        except (OSError, ConnectionError, ValueError):
            pass

    def _take(self, opcode, message):
        if opcode != 2 or message[0] != 1:
            return
        flags, origin, at = message[1], message[4:10], 10
        at += 6 if flags & 0x04 else 0
        npdu = message[at:]
        if npdu[1] & 0x80:  # of the network layer
            return
        apdu = npdu[2 + (4 if npdu[1] & 0x20 else 0):]
        if apdu[0] >> 4 == 1 and self.i_am is not None and apdu[1] == 8:
            self.peer.send_npdu(origin, b"\x01\x00" + self.i_am)
        if apdu[0] >> 4 != 0:
            return
        self.requests.append(apdu)
        self.origin = origin
        answers = self.answer(apdu[2], apdu[3], apdu[4:]) or []
        for one in answers if isinstance(answers, list) else [answers]:
            self.peer.send_npdu(origin, b"\x01\x00" + one)

    def close(self):
        self.peer.stream.shutdown(socket.SHUT_RDWR)
        self.join(PATIENCE)
        self.peer.close()


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
        ("a segmented answer", lambda i, s, b: bytes([0x3C, i, 0, 4, s]) + b, 1,
         "the request was aborted: segmentation-not-supported (4); the answer does not fit one "
         "message: ask for one element, PROPERTY[1]"),
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
        status, found, err = w.ask("read", puppet.name_for_us, "ai:1", "pv", "--timeout", "0.4")
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


# Coming and going

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
    tap.check("every command has left in order", len(left) > 100 and
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


# A hub that does what we want

class Stage(threading.Thread):
    """Takes connections, and plays one act for each. What came goes into heard."""

    def __init__(self, site, *acts):
        super().__init__(daemon=True)
        self.acts = acts
        self.heard = []
        self.context = site.context("hub", server=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        for act in self.acts:
            try:
                plain, _ = self.listener.accept()
                act(self, plain)
                plain.close()
            except OSError:
                pass
        self.listener.close()  # whoever comes again is refused

    def accept_websocket(self, plain):
        plain.settimeout(PATIENCE)
        stream = self.context.wrap_socket(plain, server_side=True)
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            request += stream.recv(4096)
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", request, re.I)[1]
        proof = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        stream.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                       b"Connection: Upgrade\r\nSec-WebSocket-Protocol: hub.bsc.bacnet.org\r\n"
                       b"Sec-WebSocket-Accept: " + base64.b64encode(proof) + b"\r\n\r\n")
        frame = stream.recv(4096)
        mask, payload = frame[2:6], frame[6:6 + (frame[1] & 0x7F)]
        message = bytes(o ^ mask[i % 4] for i, o in enumerate(payload))
        self.heard.append(message)
        return stream, message

    def nak_header(self, plain):
        """Connect-Request is refused for what stands in its header."""
        stream, message = self.accept_websocket(plain)
        answer = b"\x00\x00" + message[2:4] + b"\x06\x01\x00" + struct.pack(">HH", 7, 146)
        stream.sendall(bytes([0x82, len(answer)]) + answer)
        stream.recv(4096)
        stream.close()

    def never_accept(self, plain):
        """Takes the Connect-Request, and never answers."""
        stream, _ = self.accept_websocket(plain)
        while stream.recv(4096):
            pass

    def keep_silent(self, plain):
        """Takes the TCP connection, and that is all."""
        while plain.recv(4096):
            pass

    def speak_http(self, plain):
        plain.recv(4096)
        plain.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")


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


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as elsewhere:
        w = World(folder)
        stage = Stage(w.site, Stage.keep_silent)
        began = time.monotonic()
        mute = Stage(w.site, Stage.never_accept, Stage.nak_header)
        # These two take ten seconds each.
        slow = Running("whois", *w.options_for("client", stage.port))
        muted = Running("whois", *w.options_for("client", mute.port))
        for check in (check_whois, check_same_instance, check_read, check_spelling, check_text,
                      check_remote_errors, check_write, check_priority, check_readm, check_usage,
                      check_environment, check_nobody, check_kinds_of_others, check_refusals,
                      check_bvlc_refusal, check_one_after_another, check_found_by_instance,
                      check_signals, check_hello, check_no_tls, check_visitors,
                      check_left_in_order):
            check(tap, w)
        check_no_way(tap, w, Site(elsewhere, "client"))
        status = slow.end()
        tap.check("a hub that keeps silent: 3 after ten seconds", status == 3 and
                  9 < time.monotonic() - began, slow.told())
        tap.check("it says what was not done in time", b"within 10 s" in slow.errors, slow.told())
        status = muted.end()
        tap.check("a hub that never answers a Connect-Request gets the other form",
                  status == 3 and [m[1] for m in mute.heard] == [0x02, 0x00], mute.heard,
                  muted.told())
        check_hub_dies(tap, w)
        tap.check("the device goes in order", w.device.stop() == 0, w.device.told())
    tap.end()


main()
