#!/usr/bin/env python3
"""knxultimate, a client in JavaScript, at our server: UDP, KNX IP Secure over TCP, Data Secure, with its habits."""
import contextlib
import os

import foreign
import knx_site
from foreign import HERE, Puppet, Suite
from knx_site import ON, TEMPERATURE, TUNNELS

TEXTS = {0: b"plain text".ljust(14, b"\0").hex(), 1: b"secured text!!".hex()}


@contextlib.contextmanager
def client(options, connected=True):
    peer = Puppet("node", os.path.join(HERE, "knxultimate_peer.js"), foreign.folder("knxultimate"))
    try:
        peer.order("connect", options=options)
        if connected:
            peer.address = peer.wait_for("connected")["address"]
        yield peer
        if connected:
            peer.order("disconnect")
            peer.wait_for("gone")
    finally:
        peer.end()


def udp(world):
    return {"hostProtocol": "TunnelUDP", "ipAddr": "127.0.0.1", "ipPort": world.plain.port}


def secure(world, tunnel=0, **more):
    """With the keyring, or the settings in more."""
    keyring = {"knxkeys_file_path": world.keyring.path, "knxkeys_password": world.keyring.password}
    return {"hostProtocol": "TunnelTCP", "ipAddr": "127.0.0.1", "ipPort": world.secure.port, "isSecureKNXEnabled": True,
            "secureTunnelConfig": {"tunnelInterfaceIndividualAddress": TUNNELS[tunnel], **(more or keyring)}}


def read(peer, group):
    peer.order("read", group=group)
    return peer.wait_for("telegram", kind="response", group=group, echoed=False)["value"]


def read_and_write(peer, server, main):
    assert [read(peer, f"1/{main}/{sub}") for sub in (1, 2, 3)] == [ON, TEMPERATURE, TEXTS[main]]
    peer.order("write", group=f"1/{main}/1", value="00", bits=1)
    assert "is off" in server.changed(f"1/{main}/1")
    peer.order("write", group=f"1/{main}/1", value="01", bits=1)
    assert "is on" in server.changed(f"1/{main}/1")
    other = TEXTS[main][2:] + "2e"
    peer.order("write", group=f"1/{main}/3", value=other, bits=112)
    server.changed(f"1/{main}/3")
    assert read(peer, f"1/{main}/3") == other
    peer.order("write", group=f"1/{main}/3", value=TEXTS[main], bits=112)
    server.changed(f"1/{main}/3")


def many(world, options, server, group):
    """As fast as its queue goes (a telegram each 25 ms)."""
    with client(options) as peer:
        peer.order("many", group=group, count=60)
        server.wait_for("changed", group=group, value="0.59 °C", source=peer.address)
        peer.order("write", group=group, value=TEMPERATURE, bits=16)
        server.changed(group)
    numbers = server.numbers(group)[-61:-1]
    assert numbers == [n / 100 for n in range(60)], numbers


# Plain.

def it_reads_and_writes_over_udp(world):
    with client(udp(world)) as peer:
        read_and_write(peer, world.plain, 0)


def sixty_telegrams_over_udp_arrive_in_order(world):
    many(world, udp(world), world.plain, "1/0/2")


def it_disconnects_from_udp_in_order(world):
    with client(udp(world)):
        pass
    assert "disconnected by the client" in world.plain.wait_for("tunnel-free")["reason"]


def its_heartbeat_over_udp_is_answered(world):
    with client(udp(world)) as peer:
        peer.order("heartbeat")
        assert read(peer, "1/0/2") == TEMPERATURE


# KNX IP Secure and Data Secure.

def it_reads_and_writes_plain_groups_with_the_keyring(world):
    """acknowledges what it gets over TCP (row 1), sends serial 000000000000 (row 13) and sequence counter 0"""
    with client(secure(world)) as peer:
        assert peer.address == TUNNELS[0]
        read_and_write(peer, world.secure, 0)


def it_reads_and_writes_secured_groups_with_the_keyring(world):
    """keeps the standard frame's bit for telegrams longer than 15 octets (row 7)"""
    with client(secure(world, 1)) as peer:
        assert peer.address == TUNNELS[1]
        read_and_write(peer, world.secure, 1)


def it_finds_the_server_and_a_tunnel_by_itself(world):
    """searches over multicast before it connects"""
    server = world.searchable()
    options = {**secure(world), "ipAddr": server.address, "ipPort": server.port}
    del options["secureTunnelConfig"]["tunnelInterfaceIndividualAddress"]
    with client(options) as peer:
        assert peer.address in TUNNELS
        assert read(peer, "1/1/2") == TEMPERATURE


def it_logs_in_with_user_and_password(world):
    """does not check the device authentication code (row 2)"""
    interface = world.keyring.interfaces[TUNNELS[2]]
    with client(secure(world, 2, tunnelUserId=interface["user"], tunnelUserPassword=interface["password"])) as peer:
        assert read(peer, "1/0/2") == TEMPERATURE


def a_wrong_password_is_refused(world):
    with client(secure(world, 2, tunnelUserId=2, tunnelUserPassword="wrong one"), connected=False) as peer:
        assert "authentication failed" in peer.wait_for("error")["reason"]
    assert world.secure.wait_for("refused") is not None


def it_sees_what_another_tunnel_sends(world):
    with client(secure(world, 0)) as one, client(secure(world, 1)) as two:
        for group in ("1/0/2", "1/1/2"):
            one.order("write", group=group, value="0fd0", bits=16)
            seen = two.wait_for("telegram", kind="write", group=group)
            assert (seen["source"], seen["value"]) == (TUNNELS[0], "0fd0"), seen
            one.order("write", group=group, value=TEMPERATURE, bits=16)
            two.wait_for("telegram", kind="write", group=group)


def sixty_secured_telegrams_arrive_in_order(world):
    """begins its Data Secure sequence with the clock at each start (row 6)"""
    many(world, secure(world, 3), world.secure, "1/1/2")


def its_heartbeat_in_a_session_is_answered(world):
    with client(secure(world)) as peer:
        peer.order("heartbeat")
        assert read(peer, "1/1/2") == TEMPERATURE


def it_disconnects_from_a_session_in_order(world):
    """waits 2 s for nothing, closes without a session status (row 14)"""
    with client(secure(world)):
        pass
    assert "disconnected by the client" in world.secure.wait_for("tunnel-free")["reason"]
    assert world.secure.wait_for("session-down") is not None


Suite("knxultimate", foreign.version("knxultimate"), [
    *(("plain client", test) for test in (
        it_reads_and_writes_over_udp, sixty_telegrams_over_udp_arrive_in_order, it_disconnects_from_udp_in_order,
        its_heartbeat_over_udp_is_answered)),
    *(("secure client", test) for test in (
        it_reads_and_writes_plain_groups_with_the_keyring, it_reads_and_writes_secured_groups_with_the_keyring,
        it_finds_the_server_and_a_tunnel_by_itself, it_logs_in_with_user_and_password, a_wrong_password_is_refused,
        it_sees_what_another_tunnel_sends, sixty_secured_telegrams_arrive_in_order,
        its_heartbeat_in_a_session_is_answered, it_disconnects_from_a_session_in_order)),
]).main(foreign.missing("knxultimate") or foreign.needs("node"), knx_site.site)
