#!/usr/bin/env python3
"""An independent dissector (tshark) reads the demo's traffic: all of it, and what it sees is what the hub logged.

The demo runs in a network namespace of its own, with a wrapper around the program that makes the hub log every message (-v) and
write the keys of its TLS sessions. tshark decrypts the capture; its fields are compared with the log, message by message. A second
capture holds what the demo lacks: a direct connection, Address-Resolution, Advertisement and their kin, by a device of ours.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from peer import Hub, Tap, WebSocket, connect_request, context, make_pki

BASALT = os.path.abspath(sys.argv[1])
DEMO = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../scripts/demo"))
MESSAGE = re.compile(r" message: (received|sent), (?:from|to) ([0-9.:]+), .*, ([0-9a-f]*)$")

WRAPPER = """#!/bin/bash
if [ "$1" = hub ]; then
    SSLKEYLOGFILE={folder}/keys exec {basalt} "$@" -v > >(tee {folder}/hub.log | grep --line-buffered -v ' message: ')
fi
exec {basalt} "$@"
"""


DIRECT_PORT = 4555  # in a namespace of our own


def start_shark(folder, name):
    """Records the loopback interface."""
    with open(f"{folder}/{name}.log", "w") as log:
        shark = subprocess.Popen(["tshark", "-q", "-i", "lo", "-f", "tcp", "-w", f"{folder}/{name}.pcapng"], stderr=log)
    while "Capturing on" not in open(f"{folder}/{name}.log").read():
        if shark.poll() is not None:
            sys.exit(3)  # no capture here
    return shark


def stop_shark(shark, file):
    seen = -1
    while seen != os.path.getsize(file):  # until the last packets are written
        seen = os.path.getsize(file)
        subprocess.run(["ip", "-s", "link", "show", "lo"], stdout=subprocess.DEVNULL)
        try:
            shark.wait(0.3)
        except subprocess.TimeoutExpired:
            pass
    shark.send_signal(signal.SIGINT)
    shark.wait(20)


def direct_scene(folder):
    """A device of ours that is asked through its hub where it is, and then over a direct connection. What was said there is
    written down."""
    make_pki(BASALT, f"{folder}/site", ["hub", "device", "client", "peer"])
    hub = Hub(BASALT, f"{folder}/site")
    uri, keys = f"wss://127.0.0.1:{hub.port}", {**os.environ, "SSLKEYLOGFILE": f"{folder}/direct.keys"}
    files = ["--ca", f"{folder}/site/ca.pem"]
    device = subprocess.Popen([BASALT, "device", "--instance", "1001", "--hub", uri, *files, "--cert", f"{folder}/site/device.pem",
                               "--key", f"{folder}/site/device.key", "--set", f"direct-bind=127.0.0.1:{DIRECT_PORT}", "--json"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=keys)
    connected = next(o for o in map(json.loads, device.stdout) if o["event"] == "connected")
    for verb in ("solicit", "resolve"):
        subprocess.run([BASALT, "sc", verb, connected["vmac"], "--hub", uri, *files, "--cert", f"{folder}/site/client.pem",
                        "--key", f"{folder}/site/client.key"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=keys)
    said = talk_directly(folder)
    with open(f"{folder}/direct.json", "w", encoding="utf-8") as file:
        json.dump({"hub": hub.port, "said": said}, file)
    device.terminate()
    device.wait(20)
    hub.stop()


def talk_directly(folder):
    """(received or sent by the device, octets) of each message on the direct connection."""
    ws = WebSocket(DIRECT_PORT, context(f"{folder}/site", "peer"), "dc.bsc.bacnet.org")
    asks = [connect_request(bytes.fromhex("220000000077"), bytes([0x77]) * 16, hello=True),
            bytes.fromhex("02000101"),  # Address-Resolution
            bytes.fromhex("05000102"),  # Advertisement-Solicitation
            bytes.fromhex("010001030104000501" + "0c0c023fffff194d"),  # ReadProperty object-name
            bytes.fromhex("0101010441" + "0104000502" + "0c0c023fffff194d"),  # the same with Secure Path
            bytes.fromhex("0d000105ab"),  # no such function: NAK
            bytes.fromhex("0a000106"),  # Heartbeat-Request
            bytes.fromhex("08000107")]  # Disconnect-Request
    said = []
    for octets in asks:
        ws.send(octets)
        said += [["received", octets.hex()], ["sent", ws.message().hex()]]
    ws.close()
    return said


def capture(folder):
    """Inside the namespace: records the demo, and then the scene above."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    shark = start_shark(folder, "demo")
    with open(f"{folder}/wrapper", "w") as wrapper:
        wrapper.write(WRAPPER.format(basalt=BASALT, folder=folder))
    os.chmod(f"{folder}/wrapper", 0o755)
    demo = subprocess.run([DEMO, f"{folder}/wrapper"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    stop_shark(shark, f"{folder}/demo.pcapng")
    if demo.returncode != 0:
        print(demo.stdout, file=sys.stderr)
        sys.exit(4)
    shark = start_shark(folder, "direct")
    direct_scene(folder)
    stop_shark(shark, f"{folder}/direct.pcapng")


def logged(folder):
    """The hub's log: (peer, direction) -> messages as octets, in order."""
    messages = {}
    for line in open(f"{folder}/hub.log"):
        found = MESSAGE.search(line)
        if found:
            messages.setdefault((found[2], found[1]), []).append(found[3])
    return messages


def decoded(octets, role):
    """What Basalt makes of messages."""
    run = subprocess.run([BASALT, "decode", "--layer", "bvlc-sc", "--role", role, "-"], input="\n".join(octets) + "\n",
                         stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


class Dissected:
    """One BACnet/SC message as tshark shows it: its fields, by name, each a list of (show, showname)."""

    def __init__(self):
        self.fields = {}

    def add(self, proto):
        for field in proto.iter("field"):
            self.fields.setdefault(field.get("name"), []).append((field.get("show"), field.get("showname") or ""))

    def show(self, name):
        return self.fields[name][0][0] if name in self.fields else None

    def octets(self, name):
        show = self.show(name)
        return show.replace(":", "") if show else None

    def names(self, name):
        """The texts of a field: "Property Identifier: present-value (85)" gives present-value."""
        return [re.sub(r".*: (.*) \(\d+\)$", r"\1", text) for _, text in self.fields.get(name, [])]


def dissected(folder, port, name="demo", keys="keys"):
    """tshark's view: (peer, direction) -> messages, the malformed marks, and the number of binary WebSocket frames."""
    run = subprocess.run(["tshark", "-r", f"{folder}/{name}.pcapng", "-o", f"tls.keylog_file:{folder}/{keys}",
                          "-d", f"tcp.port=={port},tls", "-d", f"tls.port=={port},http",
                          "-Y", f"websocket && tcp.port == {port}", "-T", "pdml"],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    messages, marks, binary = {}, [], 0
    for packet in ElementTree.fromstring(run.stdout):
        ports = {}
        current = None
        for proto in packet.iter("proto"):
            name = proto.get("name")
            if name == "tcp" and "src" not in ports:
                ports = {field.get("name")[4:7]: field.get("show") for field in proto
                         if field.get("name") in ("tcp.srcport", "tcp.dstport")}
            if "malformed" in name:
                marks.append(packet.find("proto").get("showname"))
            if name == "websocket":
                current = None
                binary += any(f.get("name") == "websocket.opcode" and f.get("show") == "2" for f in proto.iter("field"))
            if name == "bscvlc" and port in ports.values():
                current = Dissected()
                received = ports["dst"] == port
                key = (f"127.0.0.1:{ports['src'] if received else ports['dst']}", "received" if received else "sent")
                messages.setdefault(key, []).append(current)
            if name in ("bscvlc", "bacnet", "bacapp") and current:
                current.add(proto)
    return messages, marks, binary


def values(json_value, key):
    """All values under a key, at any depth, in order."""
    found = []
    if isinstance(json_value, dict):
        for name, inside in json_value.items():
            found += [inside] if name == key else values(inside, key)
    elif isinstance(json_value, list):
        for inside in json_value:
            found += values(inside, key)
    return found


def flat(json_value):
    """All leaves of a value."""
    if isinstance(json_value, dict):
        return [leaf for inside in json_value.values() for leaf in flat(inside)]
    if isinstance(json_value, list):
        return [leaf for inside in json_value for leaf in flat(inside)]
    return [json_value]


class Comparison:
    def __init__(self, folder):
        first = next(line for line in open(f"{folder}/hub.log") if "listening" in line)
        self.port = re.search(r"127\.0\.0\.1:(\d+)", first)[1]
        self.log = logged(folder)
        self.seen, self.marks, self.binary = dissected(folder, self.port)
        self.pairs = []
        for key, octets in self.log.items():
            ours = decoded(octets, "hub" if key[1] == "received" else "node")
            self.pairs += list(zip(ours, self.seen.get(key, [])))
        self._read_direct(folder)

    def _read_direct(self, folder):
        with open(f"{folder}/direct.json", encoding="utf-8") as file:
            told = json.load(file)
        self.said = told["said"]
        seen, marks, _ = dissected(folder, str(DIRECT_PORT), "direct", "direct.keys")
        self.direct = {way: [m for (_, w), found in seen.items() if w == way for m in found] for way in ("received", "sent")}
        self.by_hub, more, _ = dissected(folder, str(told["hub"]), "direct", "direct.keys")
        self.marks += marks + more

    def through_hub(self, function):
        return [m for found in self.by_hub.values() for m in found if int(m.show("bscvlc.function"), 16) == function]


def tshark_sees_every_message_that_the_hub_logged(c):
    assert c.log, "the hub logged nothing"
    assert {key: len(m) for key, m in c.log.items()} == {key: len(m) for key, m in c.seen.items()}
    assert c.binary == sum(len(m) for m in c.log.values())


def no_frame_is_malformed(c):
    assert not c.marks, c.marks


def function_id_and_addresses_are_equal(c):
    for ours, seen in c.pairs:
        assert ours["function"] == int(seen.show("bscvlc.function"), 16), (ours, seen.fields)
        assert ours["message_id"] == int(seen.show("bscvlc.msgid")), ours
        assert ours["originating"] == seen.octets("bscvlc.orig_virtual_address"), ours
        assert ours["destination"] == seen.octets("bscvlc.dest_virtual_address"), ours


def identities_and_limits_of_connect_messages_are_equal(c):
    connects = [(ours, seen) for ours, seen in c.pairs if ours["function"] in (6, 7)]
    assert len(connects) >= 6, len(connects)
    for ours, seen in connects:
        assert ours["vmac"] == seen.octets("bscvlc.connect_virtual_address"), ours
        assert ours["uuid"] == seen.show("bscvlc.connect_uuid").replace("-", "").replace(":", ""), (ours, seen.fields)
        assert ours["max_bvlc"] == int(seen.show("bscvlc.max_bvlc_length")), ours
        assert ours["max_npdu"] == int(seen.show("bscvlc.max_npdu_length")), ours


def apdus(c):
    for ours, seen in c.pairs:
        apdu = ours.get("network", {}).get("application")
        if apdu:
            yield apdu, seen


def services_are_equal(c):
    kinds = set()
    for apdu, seen in apdus(c):
        names = seen.names("bacapp.confirmed_service") + seen.names("bacapp.unconfirmed_service")
        if "service" in apdu and names:
            canon = [re.sub("[^a-z]", "", n.lower()) for n in (apdu["service"], names[0])]
            assert canon[0] == canon[1], (apdu, names)
            kinds.add(apdu["service"])
        if "invoke_id" in apdu:
            assert apdu["invoke_id"] == int(seen.show("bacapp.invoke_id")), apdu
    assert {"who-is", "i-am", "read-property", "write-property", "read-property-multiple"} <= kinds, kinds


def objects_and_properties_are_equal(c):
    compared = 0
    for apdu, seen in apdus(c):
        objects = [tuple(o.split(",")) for o in values(apdu, "object-identifier")]
        theirs = list(zip(seen.names("bacapp.objectType"), [i for i, _ in seen.fields.get("bacapp.instance_number", [])]))
        if objects:
            assert objects == theirs[:len(objects)], (apdu, theirs)
            compared += 1
        properties = values(apdu, "property-identifier")
        assert properties == seen.names("bacapp.property_identifier"), (apdu, seen.names("bacapp.property_identifier"))
    assert compared > 10, compared


def real_values_are_equal(c):
    compared = 0
    for apdu, seen in apdus(c):
        theirs = [float(show) for show, _ in seen.fields.get("bacapp.present_value.real", [])]
        ours = [leaf for leaf in flat(values(apdu, "property-value")) if isinstance(leaf, float)]
        if theirs or ours:
            assert all(value in flat(apdu) for value in theirs), (apdu, theirs)
            compared += len(theirs)
    assert compared >= 4, compared


def every_message_of_a_direct_connection_is_seen_without_addresses(c):
    for way in ("received", "sent"):
        octets = [o for w, o in c.said if w == way]
        ours = decoded(octets, "direct")
        assert len(c.direct[way]) == len(octets) == 8, (way, len(c.direct[way]), len(octets))
        for mine, seen in zip(ours, c.direct[way]):
            assert mine["function"] == int(seen.show("bscvlc.function"), 16), (mine, seen.fields)
            assert mine["message_id"] == int(seen.show("bscvlc.msgid")), mine
            assert seen.octets("bscvlc.orig_virtual_address") is None and seen.octets("bscvlc.dest_virtual_address") is None


def the_answers_on_a_direct_connection_are_those_of_the_standard(c):
    answers = [int(seen.show("bscvlc.function"), 16) for seen in c.direct["sent"]]
    assert answers == [7, 3, 4, 1, 1, 0, 11, 9], answers
    nak = c.direct["sent"][5]
    assert (nak.show("bscvlc.error_class"), nak.show("bscvlc.error_code")) in (("7", "143"), ("0x0007", "0x008f")), nak.fields


def address_resolution_tells_our_uri_both_ways(c):
    found = [c.direct["sent"][1], *c.through_hub(3)]
    assert len(found) == 3, len(found)  # on the hub's way in and out
    for ack in found:
        assert bytes.fromhex(ack.octets("bscvlc.uris")) == f"wss://127.0.0.1:{DIRECT_PORT}".encode(), ack.fields


def advertisements_tell_hub_direct_accept_and_limits(c):
    found = [c.direct["sent"][2], *c.through_hub(4)]
    assert len(found) == 3, len(found)
    for seen in found:
        told = [int(seen.show(f"bscvlc.{name}"), 0)
                for name in ("hub_conn_state", "accept_conns", "max_bvlc_length", "max_npdu_length")]
        assert told == [1, 1, 5705, 1497], told


def a_secure_path_is_seen_as_an_option(c):
    seen = c.direct["received"][4]
    assert int(seen.show("bscvlc.header_type") or "0", 0) == 1, seen.fields


TESTS = (tshark_sees_every_message_that_the_hub_logged, no_frame_is_malformed, function_id_and_addresses_are_equal,
         identities_and_limits_of_connect_messages_are_equal, services_are_equal, objects_and_properties_are_equal,
         real_values_are_equal, every_message_of_a_direct_connection_is_seen_without_addresses,
         the_answers_on_a_direct_connection_are_those_of_the_standard, address_resolution_tells_our_uri_both_ways,
         advertisements_tell_hub_direct_accept_and_limits, a_secure_path_is_seen_as_an_option)


def main():
    if len(sys.argv) == 3:
        capture(sys.argv[2])
        return
    tap = Tap()
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    allowed = shutil.which("tshark") and subprocess.run(["unshare", *user, "--net", "true"]).returncode == 0
    with tempfile.TemporaryDirectory() as folder:
        inside = allowed and subprocess.run(["unshare", *user, "--net", sys.executable, __file__, BASALT, folder])
        if not inside or inside.returncode == 3:
            for test in TESTS:
                tap.skip(test.__name__, "needs tshark and a network namespace of its own")
            tap.end()
        assert inside.returncode == 0, "the demo failed under the capture"
        comparison = Comparison(folder)
    for test in TESTS:
        tap.run(test, comparison)
    tap.end()


main()
