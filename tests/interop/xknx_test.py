#!/usr/bin/env python3
"""xknx, a client in Python, at our server: UDP, TCP, KNX IP Secure, Data Secure, device management."""
import asyncio
import logging
import sys
import threading

import foreign
import knx_site
from foreign import Suite
from knx_site import ON, TEMPERATURE, TUNNELS

WHY = foreign.missing("xknx")
if WHY is None:
    sys.path.insert(0, foreign.folder("xknx"))
    from xknx import XKNX
    from xknx.core import XknxConnectionState
    from xknx.dpt import DPTArray, DPTBinary
    from xknx.exceptions import CommunicationError, XKNXException
    from xknx.io import (ConnectionConfig, ConnectionType, GatewayScanner, SecureConfig, SecureDeviceManagementConnection,
                         TCPDeviceManagementConnection, UDPDeviceManagementConnection)
    from xknx.knxip import KNXIPFrame, SessionStatus
    from xknx.knxip.knxip_enum import SecureSessionStatusCode
    from xknx.profile.const import ResourceKNXNETIPPropertyId as Property
    from xknx.profile.const import ResourceObjectType as Type
    from xknx.telegram import GroupAddress, Telegram
    from xknx.telegram.apci import GroupValueRead, GroupValueResponse, GroupValueWrite
    logging.disable(logging.CRITICAL)

PATIENCE = 20


def config(world, kind, **more):
    """kind: udp, tcp or secure; more: for ConnectionConfig, and secure settings of one's own."""
    server = world.secure if kind == "secure" else world.plain
    names = {"udp": ConnectionType.TUNNELING, "tcp": ConnectionType.TUNNELING_TCP,
             "secure": ConnectionType.TUNNELING_TCP_SECURE}
    keyring = SecureConfig(knxkeys_file_path=world.keyring.path, knxkeys_password=world.keyring.password)
    return ConnectionConfig(**{"connection_type": names[kind], "gateway_ip": server.address, "gateway_port": server.port,
                               "local_ip": "127.0.0.1" if kind == "udp" else None, "auto_reconnect": False,
                               "secure_config": keyring, **more})


class Client:
    """One xknx with what it received."""

    def __init__(self, world, kind, **more):
        self.received = []
        self.arrived = asyncio.Event()
        self.xknx = XKNX(connection_config=config(world, kind, **more), telegram_received_cb=self._on_telegram)

    def _on_telegram(self, telegram):
        self.received.append(telegram)
        self.arrived.set()

    async def __aenter__(self):
        await asyncio.wait_for(self.xknx.start(), PATIENCE)
        return self

    async def __aexit__(self, *error):
        await asyncio.wait_for(self.xknx.stop(), PATIENCE)

    @property
    def tunnel(self):
        return self.xknx.knxip_interface._interface

    async def send(self, group, payload):
        """Gives control back when L_Data.con came."""
        await self.xknx.cemi_handler.send_telegram(
            Telegram(destination_address=GroupAddress(group), payload=payload,
                     source_address=self.xknx.current_address))

    async def read(self, group):
        """The value of the GroupValueResponse in hex."""
        before = len(self.received)
        await self.send(group, GroupValueRead())
        return value_of(await self.wait(lambda t: str(t.destination_address) == group and
                                        isinstance(t.payload, GroupValueResponse), before))

    async def write(self, group, value):
        data = DPTBinary(int(value, 16)) if len(value) == 2 else DPTArray(tuple(bytes.fromhex(value)))
        await self.send(group, GroupValueWrite(data))

    async def wait(self, matches, begin=0):
        """The first telegram from begin on that matches."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = next((t for t in self.received[begin:] if matches(t)), None)
                if found is not None:
                    return found
                self.arrived.clear()
                await self.arrived.wait()


def value_of(telegram):
    value = telegram.payload.value.value
    return f"{value:02x}" if isinstance(value, int) else bytes(value).hex()


def with_client(world, kind, what, **more):
    async def inside():
        async with Client(world, kind, **more) as client:
            return await asyncio.wait_for(what(client), 60)
    return asyncio.run(inside())


def chain(error):
    """What an exception says, and those behind it."""
    return f"{error} / {chain(error.__cause__)}" if error is not None else ""


def refused(world, kind, **more):
    """What ended the connection's set-up."""
    async def nothing(_):
        pass
    try:
        with_client(world, kind, nothing, **more)
    except XKNXException as error:
        return chain(error)
    raise AssertionError("it was let in")


async def _read_and_write(client, main):
    assert await client.read(f"1/{main}/1") == ON
    assert await client.read(f"1/{main}/2") == TEMPERATURE
    text = ("plain text".encode().ljust(14, b"\0") if main == 0 else b"secured text!!").hex()
    assert await client.read(f"1/{main}/3") == text
    await client.write(f"1/{main}/1", "00")
    assert await client.read(f"1/{main}/1") == "00"
    await client.write(f"1/{main}/1", ON)
    await client.write(f"1/{main}/3", text[2:] + "2e")
    assert await client.read(f"1/{main}/3") == text[2:] + "2e"
    await client.write(f"1/{main}/3", text)


def _many(world, kind, group):
    """200 telegrams of one tunnel, confirmed one by one, all seen by another, in order."""
    async def both():
        async with Client(world, kind) as one, Client(world, kind, **other(kind)) as two:
            for n in range(200):
                await one.write(group, f"{n:04x}")
            await two.wait(lambda t: value_of(t) == "00c7" if hasattr(t.payload, "value") else False)
            return [value_of(t) for t in two.received if isinstance(t.payload, GroupValueWrite)]
    assert asyncio.run(asyncio.wait_for(both(), 60)) == [f"{n:04x}" for n in range(200)]
    with_client(world, kind, lambda c: c.write(group, TEMPERATURE))


def other(kind):
    return {"individual_address": TUNNELS[1]} if kind != "udp" else {}


# Plain.

def it_reads_and_writes_over_udp(world):
    with_client(world, "udp", lambda c: _read_and_write(c, 0))


def it_reads_and_writes_through_a_route_back_address(world):
    with_client(world, "udp", lambda c: _read_and_write(c, 0), route_back=True)


def it_reads_and_writes_over_tcp(world):
    """sends no TUNNELLING_ACK over TCP (row 1)"""
    with_client(world, "tcp", lambda c: _read_and_write(c, 0))


def it_reads_and_writes_secured_groups_through_a_plain_tunnel(world):
    with_client(world, "tcp", lambda c: _read_and_write(c, 1))


def two_hundred_telegrams_over_udp_arrive_in_order(world):
    _many(world, "udp", "1/0/2")


def two_hundred_telegrams_over_tcp_arrive_in_order(world):
    _many(world, "tcp", "1/0/2")


def it_gets_the_tunnel_that_it_asks_for(world):
    async def address(client):
        return str(client.xknx.current_address)
    assert with_client(world, "tcp", address, individual_address=TUNNELS[2]) == TUNNELS[2]


def it_is_refused_a_taken_tunnel_and_an_address_that_is_none(world):
    async def both():
        async with Client(world, "tcp", individual_address=TUNNELS[2]):
            try:
                async with Client(world, "tcp", individual_address=TUNNELS[2]):
                    pass
            except CommunicationError as error:
                return chain(error)
    assert "E_CONNECTION_IN_USE" in asyncio.run(both())
    error = refused(world, "tcp", individual_address="1.1.99")
    assert "E_NO_TUNNELLING_ADDRESS" in error, error


def the_fifth_client_of_four_tunnels_is_refused(world):
    async def five():
        async with Client(world, "tcp"), Client(world, "tcp"), Client(world, "udp"), Client(world, "udp"):
            try:
                async with Client(world, "tcp"):
                    pass
            except CommunicationError as error:
                return chain(error)
    assert "E_NO_MORE_CONNECTIONS" in asyncio.run(five())


def its_heartbeat_is_answered(world):
    async def beat(client):
        return await client.tunnel._connectionstate_request()
    for kind in ("udp", "tcp", "secure"):
        good = with_client(world, kind, beat)
        assert good is None or good[0] is True, (kind, good)


def it_understands_the_description(world):
    async def description(client):
        return await client.xknx.knxip_interface.gateway_info()
    for kind in ("udp", "tcp", "secure"):
        told = with_client(world, kind, description)
        assert told.name == "Basalt lab" and str(told.individual_address) == "1.1.0", told
        assert told.supports_tunnelling_tcp, told


def it_finds_the_server_by_multicast(world):
    server = world.searchable()

    async def scan():
        return await GatewayScanner(XKNX(), local_ip="127.0.0.1", timeout_in_seconds=1).scan()
    found = [g for g in asyncio.run(scan()) if g.port == server.port]
    assert [g.name for g in found] == ["Basalt lab"], found
    assert found[0].supports_secure and found[0].tunnelling_requires_secure, found
    assert sorted(str(a) for a in found[0].tunnelling_slots) == TUNNELS, found


def it_disconnects_in_order(world):
    async def nothing(_):
        pass
    for kind, server in (("udp", world.plain), ("tcp", world.plain), ("secure", world.secure)):
        with_client(world, kind, nothing)
        free = server.wait_for("tunnel-free")
        assert free is not None and "disconnected by the client" in free["reason"], (kind, free)


def it_hears_the_server_stop(world):
    async def until_lost():
        server = knx_site.Server(world.folder, world.keyring, "required")
        lost = asyncio.Event()
        settings = config(world, "secure", gateway_port=server.port)
        xknx = XKNX(connection_config=settings, connection_state_changed_cb=lambda state: lost.set()
                    if state is XknxConnectionState.DISCONNECTED else None)
        await asyncio.wait_for(xknx.start(), PATIENCE)
        status = []
        stopping = threading.Thread(target=lambda: status.append(server.stop()))
        stopping.start()
        await asyncio.wait_for(lost.wait(), PATIENCE)
        await xknx.stop()
        stopping.join()
        return status
    assert asyncio.run(until_lost()) == [0]


# KNX IP Secure and Data Secure.

def it_reads_and_writes_plain_groups_with_the_keyring(world):
    with_client(world, "secure", lambda c: _read_and_write(c, 0))


def it_reads_and_writes_secured_groups_with_the_keyring(world):
    with_client(world, "secure", lambda c: _read_and_write(c, 1))


def it_takes_a_free_tunnel_of_the_keyring_by_itself(world):
    async def address(client):
        return str(client.xknx.current_address)
    assert with_client(world, "secure", address) in TUNNELS


def it_logs_in_with_user_and_passwords(world):
    interface = world.keyring.interfaces[TUNNELS[1]]
    secure = SecureConfig(user_id=interface["user"], user_password=interface["password"],
                          device_authentication_password=interface["authentication"])

    async def read(client):
        assert await client.read("1/0/2") == TEMPERATURE
        return str(client.xknx.current_address)
    assert with_client(world, "secure", read, secure_config=secure) == TUNNELS[1]


def the_management_user_may_take_any_tunnel(world):
    secure = SecureConfig(user_id=1, user_password=world.keyring.host["management"],
                          device_authentication_password=world.keyring.host["authentication"])

    async def address(client):
        return str(client.xknx.current_address)
    assert with_client(world, "secure", address, secure_config=secure) in TUNNELS


def a_wrong_password_is_refused(world):
    error = refused(world, "secure", secure_config=SecureConfig(user_id=2, user_password="wrong"))
    assert "AUTHENTICATION_FAILED" in error.upper(), error
    assert world.secure.wait_for("refused") is not None


def an_unknown_user_is_refused(world):
    error = refused(world, "secure", secure_config=SecureConfig(user_id=99, user_password="wrong"))
    assert "AUTHENTICATION_FAILED" in error.upper(), error


def a_wrong_device_code_is_found_by_the_client(world):
    interface = world.keyring.interfaces[TUNNELS[0]]
    error = refused(world, "secure", secure_config=SecureConfig(
        user_id=2, user_password=interface["password"], device_authentication_password="wrong"))
    assert "MAC" in error, error


def a_plain_tunnel_is_refused_where_security_is_required(world):
    for kind in ("tcp", "udp"):
        error = refused(world, kind, gateway_port=world.secure.port)
        assert "E_CONNECTION_TYPE" in error, error


def it_sees_what_another_tunnel_sends(world):
    async def both():
        async with Client(world, "secure", individual_address=TUNNELS[0]) as one, \
                Client(world, "secure", individual_address=TUNNELS[1]) as two:
            for group in ("1/0/2", "1/1/2"):
                await one.write(group, "0fd0")
                seen = await two.wait(lambda t, g=group: str(t.destination_address) == g)
                assert str(seen.source_address) == TUNNELS[0] and value_of(seen) == "0fd0", seen
                assert bool(seen.data_secure) == (group == "1/1/2"), seen
                await one.write(group, TEMPERATURE)
    asyncio.run(asyncio.wait_for(both(), 60))


def a_plain_telegram_to_a_secured_group_changes_nothing(world):
    """drops it on its side, too (row 15)"""
    plain = SecureConfig(user_id=3, user_password=world.keyring.interfaces[TUNNELS[1]]["password"])
    with_client(world, "secure", lambda c: c.write("1/1/1", "00"), secure_config=plain)
    assert with_client(world, "secure", lambda c: c.read("1/1/1")) == ON


def two_hundred_secured_telegrams_arrive_in_order(world):
    _many(world, "secure", "1/1/2")


def its_keepalive_holds_the_session(world):
    async def keep(client):
        session = client.tunnel.transport
        session.send(KNXIPFrame.init_from_body(SessionStatus(status=SecureSessionStatusCode.STATUS_KEEPALIVE)))
        return await client.read("1/0/2")
    assert with_client(world, "secure", keep) == TEMPERATURE


# Device management.

async def _manage(connection):
    async with connection:
        name = await connection.read_property(Type.OBJECT_KNXNETIP_PARAMETER, Property.PID_FRIENDLY_NAME,
                                              number_of_elements=10)
        address = await connection.read_property(Type.OBJECT_KNXNETIP_PARAMETER, Property.PID_KNX_INDIVIDUAL_ADDRESS)
        more = await connection.read_property(Type.OBJECT_KNXNETIP_PARAMETER,
                                              Property.PID_ADDITIONAL_INDIVIDUAL_ADDRESSES, number_of_elements=4)
        try:
            await connection.read_property(Type.OBJECT_KNXNETIP_PARAMETER, 93)
            raise AssertionError("password hashes were readable")
        except CommunicationError:
            pass
    assert name == b"Basalt lab" and address.hex() == "1100" and more.hex() == "110a110b110c110d", (name, address, more)


def it_reads_properties_of_the_server_over_udp(world):
    asyncio.run(_manage(UDPDeviceManagementConnection("127.0.0.1", world.plain.port, local_ip="127.0.0.1")))


def it_reads_properties_of_the_server_over_tcp(world):
    asyncio.run(_manage(TCPDeviceManagementConnection("127.0.0.1", world.plain.port)))


def it_reads_properties_of_the_server_as_management_user(world):
    asyncio.run(_manage(SecureDeviceManagementConnection(
        "127.0.0.1", world.secure.port, user_id=1, user_password=world.keyring.host["management"],
        device_authentication_password=world.keyring.host["authentication"])))


def a_tunnel_user_may_not_manage(world):
    try:
        asyncio.run(_manage(SecureDeviceManagementConnection(
            "127.0.0.1", world.secure.port, user_id=2, user_password=world.keyring.interfaces[TUNNELS[0]]["password"])))
    except CommunicationError as error:
        assert "E_CONNECTION_TYPE" in chain(error), chain(error)
        return
    raise AssertionError("it was let in")


if __name__ == "__main__":
    PLAIN, SECURE, MANAGEMENT = "plain client", "secure client", "management client"
    Suite("xknx", foreign.version("xknx"), [
        *((PLAIN, test) for test in (
            it_reads_and_writes_over_udp, it_reads_and_writes_through_a_route_back_address, it_reads_and_writes_over_tcp,
            it_reads_and_writes_secured_groups_through_a_plain_tunnel, two_hundred_telegrams_over_udp_arrive_in_order,
            two_hundred_telegrams_over_tcp_arrive_in_order, it_gets_the_tunnel_that_it_asks_for,
            it_is_refused_a_taken_tunnel_and_an_address_that_is_none, the_fifth_client_of_four_tunnels_is_refused,
            its_heartbeat_is_answered, it_understands_the_description, it_finds_the_server_by_multicast, it_disconnects_in_order)),
        *((SECURE, test) for test in (
            it_hears_the_server_stop, it_reads_and_writes_plain_groups_with_the_keyring,
            it_reads_and_writes_secured_groups_with_the_keyring, it_takes_a_free_tunnel_of_the_keyring_by_itself,
            it_logs_in_with_user_and_passwords, the_management_user_may_take_any_tunnel, a_wrong_password_is_refused,
            an_unknown_user_is_refused, a_wrong_device_code_is_found_by_the_client,
            a_plain_tunnel_is_refused_where_security_is_required, it_sees_what_another_tunnel_sends,
            a_plain_telegram_to_a_secured_group_changes_nothing, two_hundred_secured_telegrams_arrive_in_order,
            its_keepalive_holds_the_session)),
        *((MANAGEMENT, test) for test in (
            it_reads_properties_of_the_server_over_udp, it_reads_properties_of_the_server_over_tcp,
            it_reads_properties_of_the_server_as_management_user, a_tunnel_user_may_not_manage)),
    ]).main(WHY, knx_site.site)
