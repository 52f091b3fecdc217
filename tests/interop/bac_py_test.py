#!/usr/bin/env python3
"""bac-py, a BACnet stack in Python: its nodes at our hub, our nodes at its hub; the rows are those of section 11."""
import asyncio
import contextlib
import logging
import subprocess
import sys

import foreign
import sc_site
import spelling
from foreign import Suite
from sc_site import free_port

WHY = foreign.missing("bac-py")
if WHY is None:
    sys.path.insert(0, foreign.folder("bac-py"))
    spelling.read_as_3_12()
    from bac_py.app.application import BACnetApplication, DeviceConfig
    from bac_py.app.client import BACnetClient
    from bac_py.network.address import BACnetAddress
    from bac_py.objects.analog import AnalogValueObject
    from bac_py.objects.device import DeviceObject
    from bac_py.transport.sc import SCTransport, SCTransportConfig
    from bac_py.transport.sc.bvlc import SCMessage
    from bac_py.transport.sc.connection import SCConnectionConfig
    from bac_py.transport.sc.node_switch import SCNodeSwitchConfig
    from bac_py.transport.sc.hub_function import SCHubConfig, SCHubFunction
    from bac_py.transport.sc.tls import SCTLSConfig
    from bac_py.transport.sc.types import BvlcSCFunction
    from bac_py.transport.sc.vmac import SCVMAC, DeviceUUID
    from bac_py.types.enums import ErrorClass, PropertyIdentifier, ObjectType
    from bac_py.app.server import DefaultServerHandlers
    from bac_py.services.errors import BACnetError
    logging.disable(logging.CRITICAL)

PATIENCE = 20
BROADCAST = b"\xff" * 6


def tls(world, name):
    ca, certificate, key = world.paths(name)
    return SCTLSConfig(private_key_path=key, certificate_path=certificate, ca_certificates_path=ca)


def node_config(world, name="foreign", uri=None, **more):
    return SCTransportConfig(primary_hub_uri=uri or world.hub.uri, tls_config=tls(world, name), min_reconnect_time=0.2,
                             **more)


class Peer:
    """A bac-py device: its client, and a server with analog-value 1."""

    def __init__(self, world, instance=2001, config=None, **more):
        self.app = BACnetApplication(DeviceConfig(instance_number=instance, name=f"bac-py {instance}",
                                                  sc_config=node_config(world, **more), **(config or {})))
        self.client = BACnetClient(self.app)
        self.value = AnalogValueObject(1, object_name="Set point", present_value=21.5, commandable=False)
        self.instance = instance

    async def __aenter__(self):
        await asyncio.wait_for(self.app.start(), PATIENCE)
        device = DeviceObject(self.instance, object_name=f"bac-py {self.instance}")
        self.app.object_db.add(device)
        self.app.object_db.add(self.value)
        DefaultServerHandlers(self.app, self.app.object_db, device).register()
        return self

    async def __aexit__(self, *error):
        await asyncio.wait_for(self.app.stop(), PATIENCE)

    @property
    def mac(self):
        return self.app._transport.local_mac


class Raw:
    """A bac-py transport without anything above it, and the messages that it got."""

    def __init__(self, world, **more):
        self.transport = SCTransport(node_config(world, **more))
        self.got = asyncio.Queue()
        self.transport.hub_connector.on_message = self._on_message

    async def _on_message(self, message, raw=None):
        if message.function == BvlcSCFunction.ADDRESS_RESOLUTION_ACK:
            await self.transport._on_hub_message(message, raw)
        await self.got.put(message)

    async def __aenter__(self):
        await self.transport.start()
        await self.up()
        return self

    async def __aexit__(self, *error):
        await self.transport.stop()

    async def up(self):
        assert await self.transport.hub_connector.wait_connected(timeout=PATIENCE)

    async def send(self, function, **members):
        await self.transport.hub_connector.send(SCMessage(function, message_id=7, **members))

    async def next(self, function):
        """The next message of that function; what comes before it is dropped."""
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await self.got.get()
                if message.function == function:
                    return message


def run(what):
    return asyncio.run(asyncio.wait_for(what, 60))


async def outside(world, *arguments, **more):
    """A verb of ours, while bac-py's loop goes on."""
    return await asyncio.to_thread(world.ask, *arguments, **more)


def at(mac):
    return BACnetAddress(mac_address=mac)


# Its nodes at our hub

def its_client_finds_our_device(world):
    async def inside():
        async with Peer(world) as peer:
            found = await peer.client.who_is(1001, 1001, timeout=PATIENCE, expected_count=1)
            assert [d.object_identifier.instance_number for d in found] == [1001], found
    run(inside())


def its_client_reads_and_writes_our_device(world):
    async def inside():
        async with Peer(world) as peer:
            device = at(world.device_mac)
            await peer.client.write(device, "analog-value,1", "present-value", 23.25)
            assert await peer.client.read(device, "analog-value,1", "present-value") == 23.25
            assert await peer.client.read(device, "device,1001", "object-name")
    run(inside())
    assert world.ask("read", "1001", "av:1", "pv")[0]["value"] == 23.25


def its_client_reads_many_properties_at_once(world):
    async def inside():
        async with Peer(world) as peer:
            read = await peer.client.read_multiple(at(world.device_mac), {"device,1001": ["object-name", "protocol-revision"],
                                                                          "analog-value,1": ["present-value", "units"]})
            assert len(read) == 2 and all(len(row) == 2 for row in read.values()), read
    run(inside())


def its_client_is_told_our_errors(world):
    async def inside():
        async with Peer(world) as peer:
            try:
                await peer.client.read(at(world.device_mac), "analog-value,99", "present-value")
            except BACnetError as error:
                assert error.error_class == ErrorClass.OBJECT, error
                return
            raise AssertionError("it read what is not there")
    run(inside())


def our_client_finds_reads_and_writes_its_device(world):
    async def inside():
        async with Peer(world) as peer:
            found = await outside(world, "whois", "2001")
            assert [d["instance"] for d in found] == [2001], found
            assert (await outside(world, "read", "2001", "av:1", "pv"))[0]["value"] == 21.5
            await outside(world, "write", "2001", "av:1", "pv", "19.5")
            assert peer.value.read_property(PropertyIdentifier.PRESENT_VALUE) == 19.5
    run(inside())


def its_own_vmac_in_originating_is_replaced_by_ours(world):
    """names itself in Originating and uses message ID 0 for every NPDU (row 13)"""
    async def inside():
        async with Raw(world, name="foreign") as peer:
            mac = peer.transport.local_mac
            peer.transport.send_unicast(b"\x01\x00\x10\x08", world.device_mac)
            sent = b"\x01\x0c\x00\x00" + mac + world.device_mac + b"\x01\x00\x10\x08"
            seen = await asyncio.to_thread(world.hub.saw, "received", lambda m: m == sent)
            assert seen is not None, "it leaves Originating away by now"
            out = b"\x01\x08\x00\x00" + mac + b"\x01\x00\x10\x08"
            assert await asyncio.to_thread(world.hub.saw, "sent", lambda m: m == out) is not None
    run(inside())


def its_broadcasts_reach_all_others_and_not_itself(world):
    """names FFFFFFFFFFFF by now: the release that left the destination of broadcasts away was another (row 13)"""
    async def inside():
        async with Raw(world, name="foreign") as one, Raw(world, name="foreign2") as two:
            one.transport.send_broadcast(b"\x01\x00\x10\x08\x09\x01\x19\x01")
            got = await two.next(BvlcSCFunction.ENCAPSULATED_NPDU)
            assert got.originating.address == one.transport.local_mac and got.destination.is_broadcast, got
            two.transport.send_unicast(b"\x01\x00\x10\x08\x09\x02\x19\x02", one.transport.local_mac)
            back = await one.next(BvlcSCFunction.ENCAPSULATED_NPDU)
            assert back.payload[-1] == 2, back
    run(inside())


def a_broadcast_without_destination_is_refused_and_goes_to_nobody(world):
    """as releases before 1.5 sent it (rows 13 and 14)"""
    async def inside():
        async with Raw(world, name="foreign") as one, Raw(world, name="foreign2") as two:
            await one.send(BvlcSCFunction.ENCAPSULATED_NPDU, originating=SCVMAC(one.transport.local_mac),
                           payload=b"\x01\x00\x10\x08\x09\x03\x19\x03")
            nak = await one.next(BvlcSCFunction.BVLC_RESULT)
            assert nak.payload[:2] == b"\x01\x01" and nak.message_id == 7, nak
            one.transport.send_unicast(b"\x01\x00\x10\x08\x09\x04\x19\x04", two.transport.local_mac)
            got = await two.next(BvlcSCFunction.ENCAPSULATED_NPDU)
            assert got.payload[-1] == 4, "the broadcast came through"
    run(inside())


def a_vmac_that_is_taken_is_refused_with_151(world):
    """waits for 113 instead of 151 (row 15), so it does not draw another VMAC; it asks again with the same"""
    async def inside():
        taken = SCVMAC(world.device_mac)
        transport = SCTransport(node_config(world, name="foreign", vmac=taken))
        await transport.start()
        refused = await asyncio.to_thread(world.hub.wait_for, "refused", code="node-duplicate-vmac")
        assert refused is not None and refused["subject"] == "CN=foreign", refused
        assert not transport.hub_connector.is_connected
        await transport.stop()
    run(inside())
    assert world.ask("read", "1001", "dev:1001", "object-name"), "the device that had it was thrown out"


def a_solicitation_between_its_nodes_is_answered(world):
    """answers with message ID 0"""
    async def inside():
        async with Raw(world, name="foreign") as one:
            other = SCTransport(node_config(world, name="foreign2"))
            await other.start()
            assert await other.hub_connector.wait_connected(timeout=PATIENCE)
            await one.send(BvlcSCFunction.ADVERTISEMENT_SOLICITATION, destination=SCVMAC(other.local_mac))
            told = await one.next(BvlcSCFunction.ADVERTISEMENT)
            assert told.originating.address == other.local_mac and told.payload[:2] == b"\x01\x00", told
            await one.send(BvlcSCFunction.ADDRESS_RESOLUTION, destination=SCVMAC(other.local_mac))
            nak = await one.next(BvlcSCFunction.BVLC_RESULT)
            assert nak.payload[:2] == b"\x02\x01", nak
            await other.stop()
    run(inside())


def our_device_answers_its_solicitation_and_refuses_resolution_with_45(world):
    """would itself say 57 where 45 is meant (row 16)"""
    async def inside():
        async with Raw(world, name="foreign") as one:
            device = SCVMAC(world.device_mac)
            await one.send(BvlcSCFunction.ADVERTISEMENT_SOLICITATION, destination=device)
            told = await one.next(BvlcSCFunction.ADVERTISEMENT)
            assert told.payload[:2] == b"\x01\x00" and len(told.payload) == 6, told
            await one.send(BvlcSCFunction.ADDRESS_RESOLUTION, destination=device)
            nak = await one.next(BvlcSCFunction.BVLC_RESULT)
            assert (nak.message_id, nak.payload[:7]) == (7, bytes.fromhex("0201000007002d")), nak
    run(inside())


def an_unknown_function_passes_our_hub_and_is_refused_by_our_device(world):
    """cannot make such a message by its own means; it is written as octets"""
    async def inside():
        async with Raw(world, name="foreign") as one:
            await one.transport.hub_connector.send_raw(b"\x20\x04\x00\x09" + world.device_mac + b"\xab")
            nak = await one.next(BvlcSCFunction.BVLC_RESULT)
            assert (nak.message_id, nak.payload[:7]) == (9, bytes.fromhex("2001000007008f")), nak
    run(inside())


def its_heartbeats_are_answered_and_their_flood_harms_nobody(world):
    """never looks whether the answer comes (row 22), and sends without a pause, for it never lets its answer be read"""
    flood = subprocess.Popen([sys.executable, __file__, "--heartbeats", world.hub.uri, *world.paths("foreign2")],
                             stderr=subprocess.DEVNULL)
    try:
        asked = world.hub.saw("received", lambda m: m[0] == 0x0A)
        assert asked is not None, "it sent none"
        assert world.hub.saw("sent", lambda m: m == b"\x0b\x00" + asked[2:4]) is not None
        for _ in range(3):
            assert world.ask("read", "1001", "dev:1001", "object-name")
    finally:
        flood.kill()
        flood.wait()
    assert world.hub.wait_for("left", subject="CN=foreign2") is not None
    world.hub.messages.clear()


def send_heartbeats(uri, ca, certificate, key):
    """In a process of its own: bac-py keeps its loop for itself once it begins."""
    async def inside():
        config = SCTransportConfig(primary_hub_uri=uri, tls_config=SCTLSConfig(
            private_key_path=key, certificate_path=certificate, ca_certificates_path=ca),
            connection_config=SCConnectionConfig(heartbeat_timeout=0.1))
        await SCTransport(config).start()
        await asyncio.sleep(PATIENCE)
    asyncio.run(inside())


def it_comes_back_after_our_hub_was_gone(world):
    async def inside():
        hub = sc_site.LoggedHub(world.site)
        world.stops.append(hub)
        async with Raw(world, name="foreign", uri=hub.uri) as one:
            await asyncio.to_thread(hub.stop)
            again = await asyncio.to_thread(sc_site.LoggedHub, world.site, port=hub.port)
            world.stops.append(again)
            assert await asyncio.to_thread(again.wait_for, "joined", subject="CN=foreign") is not None
            await one.up()
    run(inside())


def its_disconnect_request_is_acknowledged(world):
    """sends one when a connection is told to end; stop() hangs up without a word"""
    async def inside():
        async with Raw(world, name="foreign2") as one:
            await one.transport.hub_connector._connection.disconnect()
            asked = await asyncio.to_thread(world.hub.saw, "received", lambda m: m[0] == 0x08)
            assert asked is not None, "it sent none"
            assert await asyncio.to_thread(world.hub.saw, "sent", lambda m: m == b"\x09\x00" + asked[2:4]) is not None
    run(inside())
    assert world.hub.wait_for("left", subject="CN=foreign2", reason="in order") is not None


# Our nodes at its hub

@contextlib.asynccontextmanager
async def its_hub(world):
    """Its hub function on a free port."""
    hub = SCHubFunction(SCVMAC.random(), DeviceUUID.generate(), config=SCHubConfig(
        bind_address="127.0.0.1", bind_port=0, tls_config=tls(world, "foreign-hub")))
    await hub.start()
    hub.uri = f"wss://127.0.0.1:{hub._server.sockets[0].getsockname()[1]}"
    try:
        yield hub
    finally:
        await hub.stop()


def our_device_and_our_client_meet_at_its_hub(world):
    """takes Hello and answers without it; asks our certificates for a strict form (row 24)"""
    async def inside():
        async with its_hub(world) as hub:
            port = int(hub.uri.rsplit(":", 1)[1])
            device = await asyncio.to_thread(world.device_at, port, "device", 1003)
            found = await outside(world, "whois", "1003", uri=hub.uri)
            assert [d["instance"] for d in found] == [1003], found
            await outside(world, "write", "1003", "av:1", "pv", "17.5", uri=hub.uri)
            read = await outside(world, "read", "1003", "av:1", "pv", uri=hub.uri)
            assert read[0]["value"] == 17.5, read
            assert await asyncio.to_thread(device.stop) == 0
    run(inside())


def our_client_reaches_its_device_at_its_hub(world):
    async def inside():
        async with its_hub(world) as hub, Peer(world, 2002, uri=hub.uri):
            found = await outside(world, "whois", "2002", uri=hub.uri)
            assert [d["instance"] for d in found] == [2002], found
            await outside(world, "write", "2002", "av:1", "pv", "18.5", uri=hub.uri)
            assert (await outside(world, "read", "2002", "av:1", "pv", uri=hub.uri))[0]["value"] == 18.5
    run(inside())


def our_device_comes_back_when_its_hub_does(world):
    async def inside():
        async with its_hub(world) as hub:
            port = int(hub.uri.rsplit(":", 1)[1])
            device = await asyncio.to_thread(world.device_at, port, "device", 1003)
        down = await asyncio.to_thread(device.wait_for, "lost")
        assert down is not None, device.told()
        again = SCHubFunction(SCVMAC.random(), DeviceUUID.generate(), config=SCHubConfig(
            bind_address="127.0.0.1", bind_port=port, tls_config=tls(world, "foreign-hub")))
        await again.start()
        assert await asyncio.to_thread(device.wait_for, "connected") is not None, device.told()
        assert await asyncio.to_thread(device.stop) == 0
        await again.stop()
    run(inside())


# Direct connections

def switch(world, name="foreign"):
    return SCNodeSwitchConfig(enable=True, bind_address="127.0.0.1", bind_port=0, tls_config=tls(world, name))


@contextlib.asynccontextmanager
async def our_direct_device(world, *settings):
    """A device of ours that accepts direct connections."""
    port = free_port()
    device = await asyncio.to_thread(world.device_at, world.hub.port, "client", 1005, "--set", f"direct-bind=127.0.0.1:{port}",
                                     *settings)
    device.mac = bytes.fromhex(device.events("connected")[0]["vmac"].replace(":", ""))
    device.uri = f"wss://127.0.0.1:{port}"
    try:
        yield device
    finally:
        assert await asyncio.to_thread(device.stop) == 0, device.told()


def npdus(world, mac):
    """How many NPDUs from or to that node the hub has received."""
    return sum(way == "received" and m[0] == 1 and mac in m for way, m in list(world.hub.messages))


def it_is_told_where_our_device_is_and_connects_there(world):
    async def inside():
        async with our_direct_device(world) as device, Raw(world, node_switch_config=switch(world)) as peer:
            our, ns = SCVMAC(device.mac), peer.transport.node_switch
            uris = await ns.resolve_address(our, peer.transport.hub_connector.send)
            assert uris == [device.uri], uris
            assert await ns.establish_direct(our, uris) and ns.has_direct(our)
            up = await asyncio.to_thread(device.wait_for, "direct_connected")
            assert up is not None and up["direction"] == "accepted", device.told()
    run(inside())


def npdus_leave_the_hub_both_ways(world):
    """attributes what comes over a direct connection to VMAC 0, as it has no Originating there: its client cannot use it"""
    async def inside():
        async with our_direct_device(world) as device, Raw(world, node_switch_config=switch(world)) as peer:
            our, ns = SCVMAC(device.mac), peer.transport.node_switch
            got = asyncio.Queue()
            ns.on_message = lambda message, raw=None: got.put(message)
            assert await ns.establish_direct(our, [device.uri])
            assert await asyncio.to_thread(device.wait_for, "direct_connected") is not None, device.told()
            before = npdus(world, device.mac)
            ask = bytes.fromhex("0104000501" + "0c0c02" + "3fffff" + "194d")  # ReadProperty device,any object-name
            peer.transport.send_unicast(ask, device.mac)
            answer = await asyncio.wait_for(got.get(), PATIENCE)
            assert answer.payload[2:3] == b"\x30" and answer.originating is None, answer
            assert npdus(world, device.mac) == before, "something went through the hub"
    run(inside())


def our_device_connects_to_it_and_falls_back_to_the_hub(world):
    """answers an Address-Resolution with no URI at all, so that ours has to be told"""
    async def inside():
        async with Raw(world, node_switch_config=switch(world)) as peer:
            port = peer.transport.node_switch._server.sockets[0].getsockname()[1]
            vmac = ":".join(f"{o:02x}" for o in peer.transport.local_mac)
            async with our_direct_device(world, "--set", "direct-initiate=true", "--set",
                                         f"direct-peers={vmac} always wss://127.0.0.1:{port}") as device:
                up = await asyncio.to_thread(device.wait_for, "direct_connected")
                assert up is not None and up["direction"] == "opened", device.told()
                await peer.transport.node_switch.stop()
                assert await asyncio.to_thread(device.wait_for, "direct_lost") is not None, device.told()
                ask = bytes.fromhex("0104000501" + "0c0c02" + "3fffff" + "194d")
                peer.transport.send_unicast(ask, device.mac)
                answer = await peer.next(BvlcSCFunction.ENCAPSULATED_NPDU)
                while answer.payload[2:3] != b"\x30":  # what the network layer asks comes first
                    answer = await peer.next(BvlcSCFunction.ENCAPSULATED_NPDU)
                assert answer.originating.address == device.mac, answer
    run(inside())


NODE, HUB, DIRECT = "node at our hub", "hub of our nodes", "direct connections"
TESTS = [
    (NODE, its_client_finds_our_device),
    (NODE, its_client_reads_and_writes_our_device),
    (NODE, its_client_reads_many_properties_at_once),
    (NODE, its_client_is_told_our_errors),
    (NODE, our_client_finds_reads_and_writes_its_device),
    (NODE, its_own_vmac_in_originating_is_replaced_by_ours),
    (NODE, its_broadcasts_reach_all_others_and_not_itself),
    (NODE, a_broadcast_without_destination_is_refused_and_goes_to_nobody),
    (NODE, a_vmac_that_is_taken_is_refused_with_151),
    (NODE, a_solicitation_between_its_nodes_is_answered),
    (NODE, our_device_answers_its_solicitation_and_refuses_resolution_with_45),
    (NODE, an_unknown_function_passes_our_hub_and_is_refused_by_our_device),
    (NODE, its_heartbeats_are_answered_and_their_flood_harms_nobody),
    (NODE, it_comes_back_after_our_hub_was_gone),
    (NODE, its_disconnect_request_is_acknowledged),
    (HUB, our_device_and_our_client_meet_at_its_hub),
    (HUB, our_client_reaches_its_device_at_its_hub),
    (HUB, our_device_comes_back_when_its_hub_does),
    (DIRECT, it_is_told_where_our_device_is_and_connects_there),
    (DIRECT, npdus_leave_the_hub_both_ways),
    (DIRECT, our_device_connects_to_it_and_falls_back_to_the_hub),
]

if __name__ == "__main__":
    if "--heartbeats" in sys.argv:
        send_heartbeats(*sys.argv[2:])
        sys.exit(0)
    Suite("bac-py", foreign.version("bac-py"), TESTS).main(WHY, sc_site.site)
