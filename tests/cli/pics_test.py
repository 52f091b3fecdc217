#!/usr/bin/env python3
"""What the PICS says, and what a running device answers."""
import json
import os
import tempfile

from running import Running, Site
from tap import Tap, run

PAGE = os.path.join(os.path.dirname(__file__), "../../doc/pics.md")
SPECIAL = {"multi-state-input": ", states: [a, b]", "multi-state-output": ", states: [a, b]",
           "multi-state-value": ", states: [a, b]"}
HEAD = """\
device:
  instance: 1001
  name: Everything
  hub-uri: wss://127.0.0.1:{port}
  ca: ca.pem
  certificate: device.pem
  key: device.key
  objects:
"""
IMPLIED = {"object-identifier", "object-name", "object-type", "property-list"}


def claims():
    """(head, services, object types, BIBBs) as the program prints them."""
    lines = [json.loads(line) for line in run("pics", "--json")[1].splitlines()]
    types = {o["object-type"]: o["properties"] for o in lines if "object-type" in o}
    return lines[0], [o for o in lines if "service" in o], types, [o for o in lines if "bibb" in o]


class Device:
    """A device with an object of each type that is claimed."""

    def __init__(self, folder, types):
        self.site = Site(folder, "hub", "device", "client")
        self.hub, port = self.site.hub()
        with open(self.site.path("device.yaml"), "w", encoding="utf-8") as file:
            file.write(HEAD.format(port=port))
            for name in types:
                if name not in ("device", "network-port"):
                    file.write(f"    - {{type: {name}, instance: 1{SPECIAL.get(name, '')}}}\n")
        self.process = Running("device", "--config", self.site.path("device.yaml"))
        assert self.process.wait_for("connected") is not None, self.process.told()
        self.options = ["--hub", f"wss://127.0.0.1:{port}", *self.site.credentials("client")]

    def end(self):
        self.process.stop()
        self.hub.stop()

    def read(self, target, *properties):
        """property -> value, of those that can be read."""
        _, out, _ = run("readm", "1001", target, ",".join(properties), "--json", *self.options)
        answers = [json.loads(line) for line in out.splitlines()]
        return {o["property"]: o["value"] for o in answers if "value" in o}

    def properties(self, name):
        instance = 1001 if name == "device" else 1
        return self.read(f"{name},{instance}", "property-list")["property-list"]


def limits_are_true(device, head):
    wanted = ["protocol-version", "protocol-revision", "max-apdu-length-accepted",
              "segmentation-supported"]
    told = device.read("device,1001", *wanted)
    return told == {name: head[name] for name in wanted}


def services_that_differ(device, services):
    """What is told and not claimed, or the other way round."""
    told = device.read("device,1001", "protocol-services-supported")
    return set(told["protocol-services-supported"]) ^ {s["service"] for s in services
                                                       if s["executed"]}


def types_are_true(device, types):
    told = device.read("device,1001", "protocol-object-types-supported")
    return set(told["protocol-object-types-supported"]) == set(types)


def differences(device, types):
    """What a property list lacks or has too much."""
    found = []
    for name, rows in types.items():
        listed = set(device.properties(name)) | IMPLIED
        claimed = {row["property"] for row in rows}
        required = {row["property"] for row in rows if row["conformance"] in "RW"}
        found += [f"{name} lacks {p}" for p in required - listed]
        found += [f"{name} has {p}, which is not claimed" for p in listed - claimed]
    return found


def unreadable(device, types):
    found = []
    for name in types:
        target = f"{name},{1001 if name == 'device' else 1}"
        listed = device.properties(name)
        told = device.read(target, *listed)
        found += [f"{target} {p}" for p in listed if p not in told]
    return found


def main():
    tap = Tap()
    head, services, types, bibbs = claims()
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    tap.check("doc/pics.md is what basalt pics prints", page == run("pics")[1])
    tap.check("building blocks of a smart sensor and more are claimed",
         {"DS-RP-B", "DS-RPM-B", "DS-WP-B", "DM-DDB-B", "DM-DOB-B", "DM-DCC-B"} <=
         {b["bibb"] for b in bibbs if b["claimed"]})
    with tempfile.TemporaryDirectory() as folder:
        device = Device(folder, types)
        tap.check("version, revision, limits are those of a running device",
             limits_are_true(device, head))
        wrong = services_that_differ(device, services)
        tap.check("so are the services that it executes", not wrong, *wrong)
        tap.check("so are its object types", types_are_true(device, types))
        wrong = differences(device, types)
        tap.check("every object has what is required and nothing that is not claimed", not wrong, *wrong)
        wrong = unreadable(device, types)
        tap.check("every property that is listed can be read", not wrong, *wrong)
        device.end()
    tap.end()


main()
