#!/usr/bin/env python3
"""An independent dissector (tshark) reads our server's traffic with xknx: plain over UDP and TCP, and with the keys of
session and groups what KNX IP Secure and Data Secure hide."""
import contextlib
import os
import re
import signal
import socket
import subprocess
import time
import xml.etree.ElementTree as ElementTree

import foreign
import knx_site
import xknx_test
from foreign import PATIENCE, Suite, Unable
from knx_site import ON, TEMPERATURE, TUNNELS

DISCARD = 9  # the port of a service that answers nothing
TEXT = b"fourteen chars".hex()
# What xknx does, and what is known of it: read, or write, a group; its value.
STEPS = [("read", 1, ON), ("read", 2, TEMPERATURE), ("write", 3, TEXT), ("read", 3, TEXT), ("write", 1, "00"),
         ("write", 1, ON)]


def must_say(kinds, main):
    """The telegrams of STEPS as tshark tells them: message code, source, group, service and value."""
    client, device = TUNNELS[0], "1.1.5"
    for what, sub, value in STEPS:
        service = "GroupValueRead" if what == "read" else f"GroupValueWrite ${value.upper()}"
        kinds += [(code, client, f"1/{main}/{sub}", service) for code in ("L_Data.req", "L_Data.con")]
        if what == "read":
            kinds.append(("L_Data.ind", device, f"1/{main}/{sub}", f"GroupValueResp ${value.upper()}"))
    return kinds


async def act(client):
    for main in client.mains:
        for what, sub, value in STEPS:
            if what == "read":
                assert await client.read(f"1/{main}/{sub}") == value
            else:
                await client.write(f"1/{main}/{sub}", value)
    return client.tunnel.transport._key.hex() if client.is_secure else None


class Packet:
    """What tshark makes of one packet."""

    def __init__(self, pdml):
        self.protos = [(p.get("name"), p.get("showname") or "") for p in pdml.iter("proto")]
        self.fields = [(f.get("name"), f.get("show"), f.get("showname") or "") for f in pdml.iter("field")]
        self.secured = [{f.get("name"): f.get("show") for f in p.iter("field")} for p in pdml.iter("proto")
                        if p.get("name") == "cemi" and "DataSec" in p.get("showname")]
        self.knx = [text for name, text in self.protos if name in ("kip", "cemi")]

    def telegrams(self):
        """The cEMI messages that are not themselves Data Secure."""
        for name, text in self.protos:
            found = re.match(r"cEMI (L_Data\.\w+),.* Src=([\d.]+), Dst=([\d/]+), (GroupValue.*)$", text)
            if name == "cemi" and found:
                yield (*found.groups()[:3], found[4].replace(", $", " $"))


class World(knx_site.World):
    """Servers on the standard's port, and what was captured while xknx spoke with each of them."""

    def __init__(self, folder):
        super().__init__(folder)
        self.secure = self.searchable()
        self.plain = knx_site.Server(folder, self.keyring, "off", address="127.0.0.6", port=3671)
        self.stops.append(self.plain)
        self.packets = {}
        for kind, mains in (("udp", [0]), ("tcp", [0, 1]), ("secure", [0, 1])):
            self.packets[kind] = self.captured(kind, mains)

    def captured(self, kind, mains):
        async def spoken(client):
            client.mains, client.is_secure = mains, kind == "secure"
            return await act(client)
        path = os.path.join(self.folder, f"{kind}.pcapng")
        with capture(path):
            more = {} if kind == "udp" else {"individual_address": TUNNELS[0]}
            key = xknx_test.with_client(self, kind, spoken, **more)
        return self.dissected(path, [key] * (key is not None) + list(self.keyring.groups.values()))

    def dissected(self, path, keys):
        options = [word for n, key in enumerate(keys, 1) for word in ("-o", f"kip.key_{n}:{key}")]
        done = subprocess.run(["tshark", "-r", path, *options, "-Y", "kip", "-T", "pdml"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=True)
        return [Packet(p) for p in ElementTree.fromstring(done.stdout)]


def is_captured(path, mark):
    """Sends the mark, which is no KNX, until it stands in the file: so does all that was sent before it."""
    deadline = time.monotonic() + PATIENCE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        while time.monotonic() < deadline:
            probe.sendto(mark, ("127.0.0.1", DISCARD))
            time.sleep(0.1)
            with open(path, "rb") as file:
                if mark in file.read():
                    return True
    return False


@contextlib.contextmanager
def capture(path):
    """All that passes the loopback interface from and to the standard's port."""
    open(path, "wb").close()
    with subprocess.Popen(["tshark", "-q", "-i", "lo", "-f", f"port 3671 or port {DISCARD}", "-w", path],
                          stderr=subprocess.PIPE, text=True) as shark:
        try:
            if not is_captured(path, b"the capture begins"):
                shark.kill()
                raise Unable(f"tshark does not capture here: {shark.stderr.read()}")
            yield
            assert is_captured(path, b"the capture ends")
        finally:
            shark.send_signal(signal.SIGINT)


def no_frame_is_malformed(world):
    for kind, packets in world.packets.items():
        assert len(packets) > 12, (kind, len(packets))
        marks = [p.protos for p in packets if any("malformed" in name for name, _ in p.protos)]
        errors = [(p.knx, text) for p in packets for name, show, text in p.fields
                  if name == "_ws.expert.severity" and int(show or 0) >= 0x800000]
        assert not marks and not errors, (kind, marks, errors)


def telegrams(world, kind):
    return [t for packet in world.packets[kind] for t in packet.telegrams()]


def telegrams_over_udp_are_those_that_were_sent(world):
    assert telegrams(world, "udp") == must_say([], 0), telegrams(world, "udp")


def every_telegram_over_udp_is_acknowledged(world):
    told = [text for p in world.packets["udp"] for text in p.knx]
    requests = [t for t in told if "Tunneling Request" in t]
    acknowledged = [t for t in told if "Tunneling Ack" in t]
    assert len(requests) == len(acknowledged) == len(must_say([], 0)), (len(requests), len(acknowledged))


def telegrams_over_tcp_are_those_that_were_sent_and_not_acknowledged(world):
    """needs the group keys for the secured ones"""
    assert telegrams(world, "tcp") == must_say(must_say([], 0), 1), telegrams(world, "tcp")
    assert not [text for p in world.packets["tcp"] for text in p.knx if "Tunneling Ack" in text]


def telegrams_of_a_session_are_those_that_were_sent(world):
    """needs the session's key, which xknx tells, and the group keys"""
    assert telegrams(world, "secure") == must_say(must_say([], 0), 1), telegrams(world, "secure")


def every_wrapper_and_secured_telegram_has_a_right_mac(world):
    told = [text for p in world.packets["secure"] for text in p.knx]
    wrappers = [t for t in told if "Secure Wrapper" in t]
    secured = [t for t in told if "DataSec" in t]
    assert len(wrappers) > 2 * len(STEPS) and len(secured) == len(must_say([], 1)), (len(wrappers), len(secured))
    assert all(t.endswith("MAC OK") for t in wrappers + secured), [t for t in wrappers + secured if "OK" not in t]


def both_directions_count_their_wrappers_from_zero_with_serials_of_their_own(world):
    numbers = {}
    for text in (text for p in world.packets["secure"] for text in p.knx):
        found = re.search(r"Secure Wrapper.*Seq Nr: \$(\w+), Ser Nr: \$(\w+), Tag: \$0000", text)
        if found:
            numbers.setdefault(found[2], []).append(int(found[1], 16))
    assert len(numbers) == 2 and "000000000000" not in numbers, numbers
    assert all(list(range(len(n))) == n for n in numbers.values()), numbers


def secured_telegrams_longer_than_15_octets_are_extended_frames(world):
    """row 7"""
    types = {(int(cemi["cemi.len"]) > 15, cemi["cemi.ft"] == "1")
             for packet in world.packets["secure"] for cemi in packet.secured}
    assert types == {(False, True), (True, False)}, types


if __name__ == "__main__":
    Suite("tshark", foreign.version("tshark"), [("dissector", test) for test in (
        no_frame_is_malformed, telegrams_over_udp_are_those_that_were_sent, every_telegram_over_udp_is_acknowledged,
        telegrams_over_tcp_are_those_that_were_sent_and_not_acknowledged,
        telegrams_of_a_session_are_those_that_were_sent, every_wrapper_and_secured_telegram_has_a_right_mac,
        both_directions_count_their_wrappers_from_zero_with_serials_of_their_own,
        secured_telegrams_longer_than_15_octets_are_extended_frames,
    )]).main(foreign.missing("tshark") or foreign.needs("tshark") or foreign.missing("xknx"),
             lambda: knx_site.site(World))
