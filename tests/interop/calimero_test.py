#!/usr/bin/env python3
"""Calimero, in Java: its library and its command line tools as clients of our server, plain, secure, Data Secure."""
import contextlib
import os
import subprocess

import foreign
import knx_site
from foreign import HERE, Puppet, Suite
from knx_site import TEMPERATURE, TUNNELS

CLASSES = os.path.join(foreign.folder("calimero"), "lib", "*")
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]
COUNT = 200
TEXTS = {0: "plain text", 1: "secured text!!"}


class World(knx_site.World):
    """Two Java machines that live as long as the tests: starting one costs seconds."""

    def __init__(self, folder):
        super().__init__(folder)
        compiled = os.path.join(folder, "classes")
        subprocess.run(["javac", "-cp", CLASSES, "-d", compiled, os.path.join(HERE, "CalimeroPeer.java")], check=True)
        self.classes = f"{CLASSES}:{compiled}"
        self.peers = [Puppet(*JAVA, "-cp", self.classes, "CalimeroPeer") for _ in range(2)]

    def stop(self):
        for peer in self.peers:
            peer.end()
        super().stop()

    def tool(self, *arguments):
        """Calimero's tools: what they print."""
        done = subprocess.run([*JAVA, "-cp", self.classes, "tuwien.auto.calimero.tools.Main", *arguments], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=60,
                              check=False)
        return done.stdout


def plain(world, transport, **more):
    return {"transport": transport, "port": str(world.plain.port), "keyring": world.keyring.path,
            "secret": world.keyring.password, **more}


def secure(world, tunnel=0, **more):
    interface = world.keyring.interfaces[TUNNELS[tunnel]]
    return {"transport": "secure", "port": str(world.secure.port), "user": str(interface["user"]),
            "password": interface["password"], "device": interface["authentication"], "keyring": world.keyring.path,
            "secret": world.keyring.password, **more}


@contextlib.contextmanager
def client(world, settings, peer=0):
    peer = world.peers[peer]
    try:
        peer.order("connect", **settings)
        peer.address = peer.wait_for("connected")["address"]
        yield peer
    finally:
        peer.order("disconnect")
        peer.wait_for("gone")


def refused(world, do, settings):
    """What it says of the failure."""
    peer = world.peers[0]
    peer.order(do, **settings)
    reason = peer.wait_for("error")["reason"]
    peer.order("disconnect")
    peer.wait_for("gone")
    return reason


def read(peer, kind, group):
    peer.order("read", kind=kind, group=group)
    return peer.wait_for("value", group=group)["value"]


def write(peer, kind, group, value):
    peer.order("write", kind=kind, group=group, value=value)
    peer.wait_for("written")


def read_and_write(peer, main):
    assert read(peer, "bool", f"1/{main}/1") == "true"
    assert read(peer, "float", f"1/{main}/2") == "21.5"
    assert read(peer, "string", f"1/{main}/3") == TEXTS[main]
    write(peer, "bool", f"1/{main}/1", "false")
    assert read(peer, "bool", f"1/{main}/1") == "false"
    write(peer, "bool", f"1/{main}/1", "true")
    write(peer, "string", f"1/{main}/3", "another text")
    assert read(peer, "string", f"1/{main}/3") == "another text"
    write(peer, "string", f"1/{main}/3", TEXTS[main])


def many(world, settings, server, group):
    """Telegrams, confirmed one by one, arrive in order."""
    with client(world, settings) as peer:
        peer.order("many", group=group, count=str(COUNT))
        peer.wait_for("written")
        server.wait_for("changed", group=group, value=f"{(COUNT - 1) / 100} °C")
        write(peer, "float", group, "21.5")
        server.changed(group)
    assert server.numbers(group)[-COUNT - 1:-1] == [n / 100 for n in range(COUNT)], server.numbers(group)


# The library, plain.

def it_reads_and_writes_over_udp(world):
    with client(world, plain(world, "udp")) as peer:
        read_and_write(peer, 0)


def it_reads_and_writes_over_udp_through_a_nat(world):
    with client(world, plain(world, "udp", nat="yes")) as peer:
        read_and_write(peer, 0)


def it_reads_and_writes_over_tcp(world):
    """sets feature 08 without padding, and breaks off when the answer is padded: doc/decisions.md"""
    with client(world, plain(world, "tcp")) as peer:
        read_and_write(peer, 0)


def it_reads_and_writes_secured_groups_over_tcp(world):
    with client(world, plain(world, "tcp", address=TUNNELS[3])) as peer:
        assert peer.address == TUNNELS[3]
        read_and_write(peer, 1)


def it_is_refused_an_address_that_is_none_of_the_tunnels(world):
    assert "not a tunneling address" in refused(world, "connect", plain(world, "tcp", address="1.1.99")).lower()


def two_hundred_telegrams_over_udp_arrive_in_order(world):
    many(world, plain(world, "udp"), world.plain, "1/0/2")


def two_hundred_telegrams_over_tcp_arrive_in_order(world):
    many(world, plain(world, "tcp"), world.plain, "1/0/2")


# The library, secure.

def it_reads_and_writes_plain_groups_in_a_session(world):
    with client(world, secure(world)) as peer:
        assert peer.address == TUNNELS[0]
        read_and_write(peer, 0)


def it_reads_and_writes_secured_groups_in_a_session(world):
    with client(world, secure(world, 1)) as peer:
        assert peer.address == TUNNELS[1]
        read_and_write(peer, 1)


def it_gets_its_own_tunnel_when_it_asks_for_it(world):
    """asks by extended CRI in a session, too (row 11)"""
    with client(world, secure(world, 2, address=TUNNELS[2])) as peer:
        assert peer.address == TUNNELS[2]


def it_is_refused_the_tunnel_of_another_user(world):
    reason = refused(world, "connect", secure(world, 2, address=TUNNELS[1])).lower()
    assert "authori" in reason, reason


def a_wrong_password_is_refused(world):
    assert "authorization failed" in refused(world, "connect", secure(world, password="wrong"))
    assert world.secure.wait_for("refused") is not None


def a_wrong_device_code_is_found_by_the_client(world):
    reason = refused(world, "connect", secure(world, device="wrong"))
    assert "KnxSecureException" in reason, reason


def a_plain_tunnel_is_refused_where_security_is_required(world):
    for transport in ("udp", "tcp"):
        reason = refused(world, "connect", plain(world, transport, port=str(world.secure.port)))
        assert "connection type" in reason, reason


def it_sees_what_another_tunnel_sends(world):
    with client(world, secure(world, 0), 0) as one, client(world, secure(world, 1), 1) as two:
        for group in ("1/0/2", "1/1/2"):
            write(one, "float", group, "20.0")
            seen = two.wait_for("telegram", kind="write", group=group)
            assert (seen["source"], seen["value"]) == (TUNNELS[0], "07d0"), seen
            write(one, "float", group, "21.5")
            assert two.wait_for("telegram", kind="write", group=group)["value"] == TEMPERATURE


def two_hundred_secured_telegrams_arrive_in_order(world):
    many(world, secure(world, 3), world.secure, "1/1/2")


def it_closes_tunnel_and_session_in_order(world):
    with client(world, secure(world)):
        pass
    assert "disconnected by the client" in world.secure.wait_for("tunnel-free")["reason"]
    assert "closed by the client" in world.secure.wait_for("session-down")["reason"]


# The library, device management.

def manage(world, **settings):
    """PID_KNX_INDIVIDUAL_ADDRESS of the KNXnet/IP parameter object."""
    peer = world.peers[0]
    peer.order("manage", **{"index": "1", "property": "52", "elements": "1", **settings})
    value = peer.wait_for("property")["value"]
    peer.wait_for("gone")
    return value


def it_reads_a_property_of_the_server(world):
    for transport in ("udp", "tcp"):
        assert manage(world, transport=transport, port=str(world.plain.port)) == "1100"


def it_reads_a_property_of_the_server_as_management_user(world):
    assert manage(world, transport="secure", port=str(world.secure.port), user="1",
                  password=world.keyring.host["management"], device=world.keyring.host["authentication"]) == "1100"


# The tools.

def its_tool_reads_and_writes_a_plain_group(world):
    host = ["127.0.0.1", "--localhost", "127.0.0.1", "-p", str(world.plain.port)]
    assert "21.5" in world.tool("read", "1/0/2", "9.001", *host)
    world.tool("write", "1/0/1", "switch", "off", *host, "--tcp")
    assert "is off" in world.plain.changed("1/0/1")
    world.tool("write", "1/0/1", "switch", "on", *host)
    assert "is on" in world.plain.changed("1/0/1")


def its_tool_describes_the_server(world):
    told = world.tool("describe", "127.0.0.1", "--netif", "127.0.0.1", "--serverport", str(world.plain.port))
    assert "Basalt lab" in told and "1.1.0" in told, told


def its_tool_reads_in_a_session_of_the_keyring(world):
    interface = world.keyring.interfaces[TUNNELS[0]]
    told = world.tool("read", "1/0/2", "9.001", "127.0.0.1", "--localhost", "127.0.0.1", "-p", str(world.secure.port),
                      "--user", str(interface["user"]), "--user-pwd", interface["password"], "--device-pwd",
                      interface["authentication"])
    assert "21.5" in told, told


def its_tool_finds_the_server_by_multicast(world):
    server = world.searchable()
    told = world.tool("discover", "search", "--unicast", "--netif", "lo", "--timeout", "2")
    assert "Basalt lab" in told and str(server.port) in told, told


Suite("calimero", foreign.version("calimero"), [
    *(("plain client", test) for test in (
        it_reads_and_writes_over_udp, it_reads_and_writes_over_udp_through_a_nat, it_reads_and_writes_over_tcp,
        it_reads_and_writes_secured_groups_over_tcp, it_is_refused_an_address_that_is_none_of_the_tunnels,
        two_hundred_telegrams_over_udp_arrive_in_order, two_hundred_telegrams_over_tcp_arrive_in_order)),
    *(("secure client", test) for test in (
        it_reads_and_writes_plain_groups_in_a_session, it_reads_and_writes_secured_groups_in_a_session,
        it_gets_its_own_tunnel_when_it_asks_for_it, it_is_refused_the_tunnel_of_another_user,
        a_wrong_password_is_refused, a_wrong_device_code_is_found_by_the_client,
        a_plain_tunnel_is_refused_where_security_is_required, it_sees_what_another_tunnel_sends,
        two_hundred_secured_telegrams_arrive_in_order, it_closes_tunnel_and_session_in_order)),
    *(("management client", test) for test in (
        it_reads_a_property_of_the_server, it_reads_a_property_of_the_server_as_management_user)),
    *(("tools", test) for test in (
        its_tool_reads_and_writes_a_plain_group, its_tool_describes_the_server,
        its_tool_reads_in_a_session_of_the_keyring, its_tool_finds_the_server_by_multicast)),
]).main(foreign.missing("calimero") or foreign.needs("java", "javac"), lambda: knx_site.site(World))
