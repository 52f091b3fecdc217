#!/usr/bin/env python3
"""rusty-bacnet, a BACnet stack in Rust by its Python binding: its client, server and hub beside ours."""
import asyncio
import contextlib
import os
import sys

import foreign
import sc_site
from foreign import Suite

WHY = foreign.missing("rusty-bacnet")
if WHY is None:
    sys.path.insert(0, foreign.folder("rusty-bacnet"))
    from rusty_bacnet import (BACnetClient, BACnetServer, BacnetError, ObjectIdentifier, ObjectType, PropertyIdentifier,
                              PropertyValue, ScHub, ScReconnect)

PATIENCE = 20


def credentials(world, name, uri):
    ca, certificate, key = world.paths(name)
    vmac = bytearray(os.urandom(6))
    vmac[0] = vmac[0] & 0xF0 | 0x02
    return {"transport": "sc", "sc_hub": uri, "sc_vmac": bytes(vmac), "sc_ca_cert": ca, "sc_client_cert": certificate,
            "sc_client_key": key, "sc_device_uuid": os.urandom(16)}


def client(world, uri=None, name="foreign", **more):
    return BACnetClient(**{**credentials(world, name, uri or world.hub.uri), **more})


@contextlib.asynccontextmanager
async def server(world, instance, uri=None, name="foreign2"):
    """Its device with analog-value 1."""
    device = BACnetServer(device_instance=instance, device_name=f"rusty {instance}",
                          **credentials(world, name, uri or world.hub.uri))
    device.add_analog_value(1, "Set point", present_value_access="writable")
    await device.start()
    try:
        yield device
    finally:
        await device.stop()


@contextlib.asynccontextmanager
async def its_hub(world, listen="127.0.0.1:0"):
    ca, certificate, key = world.paths("foreign-hub")
    hub = ScHub(listen, certificate, key, b"\x02\x00\x00\x00\x00\x77", ca_cert=ca, device_uuid=b"\x77" * 16)
    await hub.start()
    hub_uri = f"wss://{await hub.address()}"
    try:
        yield hub_uri
    finally:
        await hub.stop()


def run(what):
    return asyncio.run(asyncio.wait_for(what, 60))


async def outside(world, *arguments, **more):
    """A verb of ours, while its loop goes on."""
    return await asyncio.to_thread(world.ask, *arguments, **more)


def text(mac):
    return ":".join(f"{o:02x}" for o in mac)


def value(instance=1):
    return ObjectIdentifier(ObjectType.ANALOG_VALUE, instance)


async def find(peer, instance):
    """Asks until it is answered: while it changes hubs it can ask nobody."""
    async with asyncio.timeout(PATIENCE):
        while (found := await peer.get_device(instance)) is None:
            with contextlib.suppress(BacnetError):
                await peer.who_is(instance, instance)
            await asyncio.sleep(0.1)
    return found


# Its nodes at our hub

def its_client_finds_our_device(world):
    async def inside():
        async with client(world) as peer:
            found = await find(peer, 1001)
            assert bytes(found.mac_address) == world.device_mac, found
    run(inside())


def its_client_reads_and_writes_our_device(world):
    async def inside():
        async with client(world) as peer:
            device = text(world.device_mac)
            await peer.write_property(device, value(), PropertyIdentifier.PRESENT_VALUE, PropertyValue.real(24.25))
            read = await peer.read_property(device, value(), PropertyIdentifier.PRESENT_VALUE)
            assert read.value == 24.25, read
    run(inside())
    assert world.ask("read", "1001", "av:1", "pv")[0]["value"] == 24.25


def its_client_is_told_our_errors(world):
    async def inside():
        async with client(world) as peer:
            try:
                await peer.read_property(text(world.device_mac), value(99), PropertyIdentifier.PRESENT_VALUE)
            except BacnetError as error:
                assert "class=1 code=31" in str(error), error
                return
            raise AssertionError("it read what is not there")
    run(inside())


def our_client_finds_reads_and_writes_its_device(world):
    async def inside():
        async with server(world, 3001) as device:
            found = await outside(world, "whois", "3001")
            assert [d["instance"] for d in found] == [3001], found
            await outside(world, "write", "3001", "av:1", "pv", "19.5")
            assert (await outside(world, "read", "3001", "av:1", "pv"))[0]["value"] == 19.5
            assert (await device.read_property(value(), PropertyIdentifier.PRESENT_VALUE)).value == 19.5
    run(inside())


def its_client_and_its_device_meet_at_our_hub(world):
    async def inside():
        async with server(world, 3001), client(world) as peer:
            found = await find(peer, 3001)
            read = await peer.read_property(text(found.mac_address), ObjectIdentifier(ObjectType.DEVICE, 3001),
                                            PropertyIdentifier.OBJECT_NAME)
            assert read.value == "rusty 3001", read
    run(inside())


def its_messages_have_no_originating(world):
    """0.9 dropped and sent them otherwise (rows 25 to 32)"""
    async def inside():
        async with client(world) as peer:
            await find(peer, 1001)
    run(inside())
    npdus = [m for way, m in world.hub.messages if way == "received" and m[0] == 1]
    assert npdus and all(m[1] & 0x08 == 0 for m in npdus), [m.hex() for m in npdus]


def its_broadcasts_name_the_broadcast_vmac(world):
    async def inside():
        async with client(world) as peer:
            await peer.who_is(4194302, 4194302)
            seen = await asyncio.to_thread(world.hub.saw, "received", lambda m: m[0] == 1 and m[4:10] == b"\xff" * 6)
            assert seen is not None
    run(inside())


def its_heartbeat_is_answered(world):
    """takes no shorter heartbeat than the 3 s of the standard"""
    async def inside():
        async with client(world, sc_heartbeat_interval_ms=3000, sc_heartbeat_timeout_ms=9000):
            asked = await asyncio.to_thread(world.hub.saw, "received", lambda m: m[0] == 0x0A)
            assert asked is not None, "it sent none"
            assert await asyncio.to_thread(world.hub.saw, "sent", lambda m: m == b"\x0b\x00" + asked[2:4]) is not None
    run(inside())


def its_end_is_in_order(world):
    async def inside():
        async with client(world):
            assert await asyncio.to_thread(world.hub.wait_for, "joined", subject="CN=foreign") is not None
    run(inside())
    assert world.hub.wait_for("left", subject="CN=foreign", reason="in order") is not None


def a_vmac_that_is_taken_is_refused_with_151(world):
    async def inside():
        try:
            async with client(world, sc_vmac=world.device_mac):
                pass
        except BacnetError as error:
            assert "151" in str(error) or "DUPLICATE" in str(error).upper() or "VMAC" in str(error), error
            return
        raise AssertionError("it was let in")
    run(inside())
    assert world.ask("read", "1001", "dev:1001", "object-name"), "the device that had it was thrown out"


def it_goes_to_its_failover_and_returns(world):
    """tries the failover only after all its retries of the primary (spec 4.2: after the first)"""
    async def inside():
        primary = sc_site.LoggedHub(world.site)
        world.stops.append(primary)
        async with client(world, uri=primary.uri, sc_failover_hub=world.hub.uri,
                          reconnect=ScReconnect(initial_delay_ms=200, max_delay_ms=400, max_retries=2)) as peer:
            await asyncio.to_thread(primary.stop)
            assert await asyncio.to_thread(world.hub.wait_for, "joined", subject="CN=foreign") is not None
            await find(peer, 1001)
            again = await asyncio.to_thread(sc_site.LoggedHub, world.site, port=primary.port)
            world.stops.append(again)
            assert await asyncio.to_thread(again.wait_for, "joined", subject="CN=foreign") is not None
    run(inside())


# Our nodes at its hub

def our_device_and_our_client_meet_at_its_hub(world):
    async def inside():
        async with its_hub(world) as uri:
            device = await asyncio.to_thread(world.device_at, int(uri.rsplit(":", 1)[1]), "device", 1003)
            found = await outside(world, "whois", "1003", uri=uri)
            assert [d["instance"] for d in found] == [1003], found
            await outside(world, "write", "1003", "av:1", "pv", "17.5", uri=uri)
            assert (await outside(world, "read", "1003", "av:1", "pv", uri=uri))[0]["value"] == 17.5
            assert await asyncio.to_thread(device.stop) == 0
    run(inside())


def our_client_reaches_its_device_at_its_hub(world):
    async def inside():
        async with its_hub(world) as uri, server(world, 3002, uri=uri):
            found = await outside(world, "whois", "3002", uri=uri)
            assert [d["instance"] for d in found] == [3002], found
            await outside(world, "write", "3002", "av:1", "pv", "18.5", uri=uri)
            assert (await outside(world, "read", "3002", "av:1", "pv", uri=uri))[0]["value"] == 18.5
    run(inside())


def its_client_reaches_our_device_at_its_hub(world):
    async def inside():
        async with its_hub(world) as uri, client(world, uri=uri) as peer:
            device = await asyncio.to_thread(world.device_at, int(uri.rsplit(":", 1)[1]), "device", 1003)
            found = await find(peer, 1003)
            read = await peer.read_property(text(found.mac_address), value(), PropertyIdentifier.PRESENT_VALUE)
            assert read.value is not None, read
            assert await asyncio.to_thread(device.stop) == 0
    run(inside())


def our_device_comes_back_when_its_hub_does(world):
    async def inside():
        async with its_hub(world) as uri:
            device = await asyncio.to_thread(world.device_at, int(uri.rsplit(":", 1)[1]), "device", 1003)
        assert await asyncio.to_thread(device.wait_for, "lost") is not None, device.told()
        async with its_hub(world, uri.removeprefix("wss://")):
            assert await asyncio.to_thread(device.wait_for, "connected") is not None, device.told()
            assert await asyncio.to_thread(device.stop) == 0
    run(inside())


def our_node_goes_from_its_hub_to_ours_and_back(world):
    async def inside():
        async with its_hub(world) as uri:
            port = int(uri.rsplit(":", 1)[1])
            device = world.site.device(port, "client", 1004, "--set", f"failover-uri={world.hub.uri}",
                                       "--set", "maximum-reconnect=0.3")
            world.stops.insert(0, device)
            assert await asyncio.to_thread(device.wait_for, "connected") is not None, device.told()
        assert await asyncio.to_thread(world.hub.wait_for, "joined", subject="CN=client") is not None, device.told()
        async with its_hub(world, uri.removeprefix("wss://")):
            assert await asyncio.to_thread(world.hub.wait_for, "left", subject="CN=client", reason="in order") is not None
            assert await asyncio.to_thread(device.stop) == 0
    run(inside())


NODE, HUB = "node at our hub", "hub of our nodes"
TESTS = [
    (NODE, its_client_finds_our_device),
    (NODE, its_client_reads_and_writes_our_device),
    (NODE, its_client_is_told_our_errors),
    (NODE, our_client_finds_reads_and_writes_its_device),
    (NODE, its_client_and_its_device_meet_at_our_hub),
    (NODE, its_messages_have_no_originating),
    (NODE, its_broadcasts_name_the_broadcast_vmac),
    (NODE, its_heartbeat_is_answered),
    (NODE, its_end_is_in_order),
    (NODE, a_vmac_that_is_taken_is_refused_with_151),
    (NODE, it_goes_to_its_failover_and_returns),
    (HUB, our_device_and_our_client_meet_at_its_hub),
    (HUB, our_client_reaches_its_device_at_its_hub),
    (HUB, its_client_reaches_our_device_at_its_hub),
    (HUB, our_device_comes_back_when_its_hub_does),
    (HUB, our_node_goes_from_its_hub_to_ours_and_back),
]

if __name__ == "__main__":
    Suite("rusty-bacnet", foreign.version("rusty-bacnet"), TESTS).main(WHY, sc_site.site)
