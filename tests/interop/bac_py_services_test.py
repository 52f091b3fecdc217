#!/usr/bin/env python3
"""bac-py, a BACnet stack in Python: its client at our device, our verbs at its device, service by service."""
import asyncio
import json
import os
import sys
import tempfile

import foreign
import services_site
from bac_py_test import PATIENCE, Peer, at, outside, run
from foreign import Suite
from services_site import FILE_TEXT, PASSWORD

WHY = foreign.missing("bac-py")
if WHY is None:
    from bac_py.objects.binary import BinaryValueObject
    from bac_py.objects.file import FileObject
    from bac_py.objects.multistate import MultiStateValueObject
    from bac_py.objects.notification import NotificationClassObject
    from bac_py.objects.analog import AnalogValueObject
    from bac_py.encoding.primitives import decode_all_application_values
    from bac_py.network.address import GLOBAL_BROADCAST
    from bac_py.services.cov import BACnetPropertyReference, COVReference, COVSubscriptionSpecification
    from bac_py.services.errors import BACnetError
    from bac_py.services.file_access import StreamReadAccess, StreamWriteAccess
    from bac_py.services.read_property_multiple import PropertyReference, ReadAccessSpecification
    from bac_py.services.read_range import RangeByPosition
    from bac_py.types.constructed import BACnetDestination, BACnetRecipient
    from bac_py.types.enums import EnableDisable, ErrorClass, ErrorCode, ObjectType, PropertyIdentifier, ReinitializedState
    from bac_py.types.primitives import BACnetDate, BACnetTime, BitString, ObjectIdentifier

TEXT = "äöü " * 1000  # 7000 octets: a request in segments
CONFIRMED_REQUEST, UNCONFIRMED_REQUEST = 0, 1
CONFIRMED_COV, UNCONFIRMED_COV, UNCONFIRMED_COV_MULTIPLE = 1, 2, 11


UNOPENED = (0, 1)  # what it makes of an error with an opening tag in front: device, authentication-failed


def an(kind, instance):
    return ObjectIdentifier(kind, instance)


async def refused(request, error_class, code):
    """The error that the request must end with."""
    try:
        await request
    except BACnetError as error:
        assert (error.error_class, error.error_code) == (error_class, code), error
        return
    raise AssertionError("it was not refused")


# Its client at our device

def with_client(world, what, **config):
    async def inside():
        async with Peer(world, config=config) as peer:
            await what(peer, at(world.big_mac))
    run(inside())


def its_client_reads_properties_of_many_objects_in_one_request(world):
    async def inside(peer, device):
        specs = {f"analog-value,{n}": ["present-value", "object-name", "units"] for n in range(1, 21)}
        read = await peer.client.read_multiple(device, specs)
        assert len(read) == 20, read
        assert read["analog-value,7"]["object-name"] == "Value 7", read
    with_client(world, inside)


def its_client_is_told_which_property_of_a_request_is_not_there(world):
    async def inside(peer, device):
        ack = await peer.client.read_property_multiple(device, [ReadAccessSpecification(
            an(ObjectType.ANALOG_VALUE, 1), [PropertyReference(PropertyIdentifier.PRESENT_VALUE),
                                             PropertyReference(PropertyIdentifier.RECIPIENT_LIST)])])
        good, bad = ack.list_of_read_access_results[0].list_of_results
        assert good.property_access_error is None
        assert bad.property_access_error == (ErrorClass.PROPERTY, ErrorCode.UNKNOWN_PROPERTY), bad
    with_client(world, inside)


def its_client_reads_all_properties_of_every_kind_of_object(world):
    async def inside(peer, device):
        for one in ("device,1100", "analog-output,1", "binary-value,1", "multi-state-value,1", "file,1", "notification-class,1"):
            read = await peer.client.read_multiple(device, {one: ["all"]})
            assert len(read[one]) >= 5 and read[one]["object-name"], read
    with_client(world, inside)


def its_client_cannot_read_all_of_our_network_port(world):
    """knows no property above 4194303, where the standard's own go on, and drops the whole answer for one of them"""
    async def inside(peer, device):
        try:
            await peer.client.read_multiple(device, {"network-port,1": ["all"]})
        except ValueError as error:
            assert str(error).startswith("4194"), error
            assert await peer.client.read(device, "network-port,1", "object-name")
            return
        raise AssertionError("it knows them by now")
    with_client(world, inside)


def its_client_writes_many_properties_at_once(world):
    async def inside(peer, device):
        await peer.client.write_multiple(device, {"analog-value,1": {"present-value": 71.5, "description": "one"},
                                                  "analog-output,1": {"present-value": 33.0}}, priority=8)
        read = await peer.client.read_multiple(device, {"analog-value,1": ["present-value", "description"],
                                                        "analog-output,1": ["present-value"]})
        assert read == {"analog-value,1": {"present-value": 71.5, "description": "one"},
                        "analog-output,1": {"present-value": 33.0}}, read
        await peer.client.write(device, "analog-output,1", "present-value", None, priority=8)
        assert await peer.client.read(device, "analog-output,1", "present-value") == 5.0
    with_client(world, inside)


def its_client_is_told_the_first_write_that_failed(world):
    """does not open the errors that have members of their own: whatever they say is DEVICE, AUTHENTICATION_FAILED to it"""
    async def inside(peer, device):
        await refused(peer.client.write_multiple(device, {"analog-value,2": {"present-value": 1.5},
                                                          "analog-value,999": {"present-value": 2.5}}), *UNOPENED)
        assert await peer.client.read(device, "analog-value,2", "present-value") == 1.5
    with_client(world, inside)
    assert world.has_refused("10" "0e9101911f0f" "1e0c008003e719551f"), "object: unknown-object, analog-value,999 present-value"


def its_client_puts_our_object_list_together_from_segments(world):
    async def inside(peer, device):
        found = await peer.client.get_object_list(device, 1100)
        assert len(found) >= 305 and len(set(found)) == len(found), len(found)
    for octets in (50, 128, 480):
        world.hub.messages.clear()
        with_client(world, inside, max_apdu_length=octets)
        segments = [a for a in world.apdus() if a[0] >> 4 == 3 and a[0] & 8]
        assert len(segments) > 1525 // octets and all(len(a) <= octets for a in segments), [a.hex() for a in segments]


def its_client_reads_a_thousand_properties_in_one_answer(world):
    async def inside(peer, device):
        names = ["present-value", "object-name", "status-flags", "out-of-service"]
        read = await peer.client.read_multiple(device, {f"analog-value,{n}": names for n in range(1, 251)})
        assert len(read) == 250 and all(row["object-name"] for row in read.values()), read
    with_client(world, inside)


def its_client_writes_a_long_text_in_segments(world):
    async def inside(peer, device):
        await peer.client.atomic_write_file(device, an(ObjectType.FILE, 1), StreamWriteAccess(0, TEXT.encode()))
    with_client(world, inside)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "read")
        world.ask("file", "read", "1100", "1", path)
        with open(path, "rb") as file:
            assert file.read()[:len(TEXT.encode())] == TEXT.encode()
        with open(path, "wb") as file:
            file.write(FILE_TEXT)
        world.ask("file", "write", "1100", "1", path, "--replace")


def subscribed(world, subscribe, expected, confirmed):
    """What its client is told after subscribe(peer, device) and a write."""
    async def inside(peer, device):
        got = asyncio.Queue()
        peer.app.register_cov_callback(17, lambda notification, source: got.put_nowait(notification))
        await subscribe(peer, device)
        first = await asyncio.wait_for(got.get(), PATIENCE)
        await peer.client.write(device, "analog-value,5", "present-value", expected)
        while True:
            told = await asyncio.wait_for(got.get(), PATIENCE)
            values = {v.property_identifier: decode_all_application_values(v.value)[0] for v in told.list_of_values}
            if values.get(PropertyIdentifier.PRESENT_VALUE) == expected:
                break
        assert first.monitored_object_identifier == told.monitored_object_identifier == an(ObjectType.ANALOG_VALUE, 5)
        assert told.initiating_device_identifier == an(ObjectType.DEVICE, 1100)
        await peer.client.unsubscribe_cov(device, an(ObjectType.ANALOG_VALUE, 5), 17)
    with_client(world, inside)
    kind = (CONFIRMED_REQUEST, CONFIRMED_COV) if confirmed else (UNCONFIRMED_REQUEST, UNCONFIRMED_COV)
    assert world.has_sent(*kind), [a.hex() for a in world.apdus()]


def its_client_is_told_changes_by_unconfirmed_notifications(world):
    subscribed(world, lambda peer, device: peer.client.subscribe_cov(
        device, an(ObjectType.ANALOG_VALUE, 5), 17, confirmed=False, lifetime=60), 51.0, False)


def its_client_is_told_changes_by_confirmed_notifications(world):
    subscribed(world, lambda peer, device: peer.client.subscribe_cov(
        device, an(ObjectType.ANALOG_VALUE, 5), 17, confirmed=True, lifetime=60), 52.0, True)


def its_client_is_told_changes_without_an_end(world):
    subscribed(world, lambda peer, device: peer.client.subscribe_cov(
        device, an(ObjectType.ANALOG_VALUE, 5), 17, confirmed=False, lifetime=0), 53.0, False)


def its_client_is_told_changes_of_one_property(world):
    subscribed(world, lambda peer, device: peer.client.subscribe_cov_property(
        device, an(ObjectType.ANALOG_VALUE, 5), PropertyIdentifier.PRESENT_VALUE, 17, confirmed=True, lifetime=60,
        cov_increment=0.25), 54.0, True)


def its_client_cannot_subscribe_to_many_properties_at_once(world):
    """leaves out the Timestamped of a COV reference, which the standard requires: we reject that as malformed"""
    async def inside(peer, device):
        try:
            await peer.client.subscribe_cov_property_multiple(device, 18, [COVSubscriptionSpecification(
                an(ObjectType.ANALOG_VALUE, 6), [COVReference(BACnetPropertyReference(PropertyIdentifier.PRESENT_VALUE))])],
                confirmed=False, lifetime=60, max_notification_delay=1)
        except Exception as error:  # whatever it makes of the answer
            assert "eject" in type(error).__name__, error
            return
        raise AssertionError("it says Timestamped by now")
    with_client(world, inside)


def recipient(process):
    whole_day = BACnetTime(0, 0, 0, 0), BACnetTime(23, 59, 59, 99)
    return BACnetDestination(BitString(b"\xfe", 1), *whole_day, BACnetRecipient(device=an(ObjectType.DEVICE, 2001)), process, True,
                             BitString(b"\xe0", 5)).encode()


def its_client_reads_ranges_of_our_list(world):
    async def inside(peer, device):
        where = device, an(ObjectType.NOTIFICATION_CLASS, 1), PropertyIdentifier.RECIPIENT_LIST
        all_of_them = [bytes(recipient(n)) for n in range(1, 31)]
        await peer.client.add_list_element(*where, b"".join(all_of_them))
        for first, count, expected in ((1, 10, all_of_them[:10]), (11, 50, all_of_them[10:]), (20, -10, all_of_them[10:20])):
            ack = await peer.client.read_range(*where, range_qualifier=RangeByPosition(first, count))
            assert ack.item_count == len(expected) and bytes(ack.item_data) == b"".join(expected), ack
            assert (ack.result_flags.first_item, ack.result_flags.last_item) == (first == 1, count == 50), ack
        await peer.client.remove_list_element(*where, b"".join(all_of_them))
        ack = await peer.client.read_range(*where)
        assert ack.item_count == 0, ack
    with_client(world, inside)


def its_client_is_told_that_our_object_list_is_no_list(world):
    """answers ReadRange for an array, too, where the standard has property-is-not-a-list"""
    async def inside(peer, device):
        await refused(peer.client.read_range(device, an(ObjectType.DEVICE, 1100), PropertyIdentifier.OBJECT_LIST,
                                             range_qualifier=RangeByPosition(1, 10)),
                      ErrorClass.SERVICES, ErrorCode.PROPERTY_IS_NOT_A_LIST)
    with_client(world, inside)


def its_client_reads_and_writes_our_file(world):
    async def inside(peer, device):
        file = an(ObjectType.FILE, 1)
        ack = await peer.client.atomic_read_file(device, file, StreamReadAccess(5, 100))
        assert bytes(ack.access_method.file_data) == FILE_TEXT[5:105] and not ack.end_of_file, ack
        whole = await peer.client.atomic_read_file(device, file, StreamReadAccess(0, 100000))
        assert bytes(whole.access_method.file_data) == FILE_TEXT and whole.end_of_file, whole
        await peer.client.atomic_write_file(device, file, StreamWriteAccess(0, b"Gabbro"))
        again = await peer.client.atomic_read_file(device, file, StreamReadAccess(0, 10))
        assert bytes(again.access_method.file_data) == b"Gabbro" + FILE_TEXT[6:10], again
        await peer.client.atomic_write_file(device, file, StreamWriteAccess(0, FILE_TEXT[:6]))
    with_client(world, inside)


def its_client_creates_and_deletes_an_object(world):
    async def inside(peer, device):
        made = await peer.client.create_object(device, object_type=ObjectType.ANALOG_VALUE)
        assert made.object_type == ObjectType.ANALOG_VALUE and made.instance_number not in range(1, 301), made
        await peer.client.write(device, f"analog-value,{made.instance_number}", "present-value", 4.5)
        await peer.client.delete_object(device, made)
        await refused(peer.client.delete_object(device, made), ErrorClass.OBJECT, ErrorCode.UNKNOWN_OBJECT)
        chosen = an(ObjectType.BINARY_VALUE, 77)
        assert await peer.client.create_object(device, object_identifier=chosen) == chosen
        await refused(peer.client.create_object(device, object_identifier=chosen), *UNOPENED)
        await peer.client.delete_object(device, chosen)
        await refused(peer.client.delete_object(device, an(ObjectType.ANALOG_VALUE, 1)), ErrorClass.OBJECT,
                      ErrorCode.OBJECT_DELETION_NOT_PERMITTED)
    with_client(world, inside)
    assert world.has_refused("0a" "0e910191180f1900"), "object: object-identifier-already-exists, first failed 0"


def its_client_adds_and_removes_a_recipient(world):
    async def inside(peer, device):
        where = device, an(ObjectType.NOTIFICATION_CLASS, 1), PropertyIdentifier.RECIPIENT_LIST
        await peer.client.add_list_element(*where, recipient(3))
        read = await outside(world, "read", "1100", "nc:1", "recipient-list")
        assert len(read[0]["value"]) == 1, read
        ack = await peer.client.read_property(*where)
        assert bytes(ack.property_value) == bytes(recipient(3)), ack
        await peer.client.remove_list_element(*where, recipient(3))
        assert not (await outside(world, "read", "1100", "nc:1", "recipient-list"))[0]["value"]
    with_client(world, inside)


def a_wrong_password_neither_silences_our_device_nor_starts_it_anew(world):
    async def inside(peer, device):
        for password in ("open", None):
            await refused(peer.client.device_communication_control(device, EnableDisable.DISABLE_INITIATION, 1, password),
                          ErrorClass.SECURITY, ErrorCode.PASSWORD_FAILURE)
            await refused(peer.client.reinitialize_device(device, ReinitializedState.WARMSTART, password),
                          ErrorClass.SECURITY, ErrorCode.PASSWORD_FAILURE)
        await peer.client.device_communication_control(device, EnableDisable.DISABLE_INITIATION, 1, PASSWORD)
        await peer.client.device_communication_control(device, EnableDisable.ENABLE, None, PASSWORD)
    with_client(world, inside)


def its_client_sets_our_clock(world):
    async def inside(peer, device):
        peer.client.time_synchronization(device, BACnetDate(2031, 5, 6, 2), BACnetTime(7, 8, 9, 0))
        date = await peer.client.read(device, "device,1100", "local-date")
        assert (date.year, date.month, date.day) == (2031, 5, 6), date
        time = await peer.client.read(device, "device,1100", "local-time")
        assert (time.hour, time.minute) == (7, 8), time
    with_client(world, inside)


def its_client_reads_that_we_have_no_alarms(world):
    async def inside(peer, device):
        ack = await peer.client.get_event_information(device)
        assert not ack.list_of_event_summaries and not ack.more_events, ack
        assert not (await peer.client.get_alarm_summary(device)).list_of_alarm_summaries
    with_client(world, inside)


def its_client_finds_our_object_by_name_and_by_identifier(world):
    async def inside(peer, device):
        for asked in ({"object_name": "Value 17"}, {"object_identifier": "analog-value,17"}):
            found = await peer.client.who_has(**asked, low_limit=1100, high_limit=1100, timeout=2)
            assert [one.object_name for one in found] == ["Value 17"], found
    with_client(world, inside)


# Our verbs at its device

class Device(Peer):
    """A bac-py device with objects of several types, and 200 more analog values."""

    def __init__(self, world):
        super().__init__(world, config={"password": PASSWORD})
        self.file = FileObject(1, object_name="Text", file_type="text/plain")
        self.file.write_stream(0, FILE_TEXT)
        self.others = [
            BinaryValueObject(1, object_name="Door", present_value=0), MultiStateValueObject(1, number_of_states=3, object_name="Mode"),
            NotificationClassObject(1, object_name="Operators"), self.file,
            *(AnalogValueObject(n, object_name=f"Value {n}", present_value=float(n), commandable=False) for n in range(2, 202))]

    async def __aenter__(self):
        await super().__aenter__()
        for one in self.others:
            self.app.object_db.add(one)
        return self


def at_device(world, what):
    async def inside():
        async with Device(world) as device:
            await asyncio.to_thread(what, device)
    run(inside())


def our_list_shows_its_objects(world):
    def inside(_):
        listed = world.ask("list", "2001")
        assert len(listed) == 206, len(listed)
        by_name = {one["object"]: one for one in listed}
        assert (by_name["analog-value,150"]["name"], by_name["analog-value,150"]["value"]) == ("Value 150", 150), by_name
    at_device(world, inside)


def our_dump_reads_all_of_its_properties(world):
    """has no value for some that every Device must have: Vendor_Name, Vendor_Identifier, Model_Name"""
    def inside(_):
        status, rows = world.try_to("dump", "2001")
        names = {row["object"] for row in rows if row["property"] == "object-name" and "value" in row}
        assert status in (0, 7) and len(names) == 206, (status, len(names))
        bad = [row for row in rows if "error" in row]
        assert all(row["error_code"] == "value-not-initialized" for row in bad), bad[:3]
    at_device(world, inside)


def our_readm_and_writem_read_and_write_many_of_its_properties(world):
    def inside(device):
        world.ask("writem", "2001", "av:1", "pv=12.5", "av:2", "pv=13.5", "description=two")
        read = world.ask("readm", "2001", "av:1", "pv,object-name", "av:2", "pv,description")
        assert [row["value"] for row in read] == [12.5, "Set point", 13.5, "two"], read
        assert device.value.read_property(PropertyIdentifier.PRESENT_VALUE) == 12.5
    at_device(world, inside)


def our_readm_is_told_what_it_does_not_have(world):
    def inside(_):
        status, rows = world.try_to("readm", "2001", "av:1", "pv,recipient-list")
        assert status == 7 and rows[0]["value"] == 21.5 and rows[1]["error_code"] == "unknown-property", rows
    at_device(world, inside)


def our_writem_is_told_the_write_that_failed(world):
    """sends the bare error, without the write that failed"""
    def inside(device):
        status, rows = world.try_to("writem", "2001", "av:1", "pv=12.5", "av:999", "pv=13.5", "bv:1", "pv=active")
        assert status == 7 and rows[0]["acknowledged"] and rows[1]["error_code"] == "unknown-object", rows
        assert rows[2]["error"] == "not tried" and rows[2]["object"] == "binary-value,1", rows
        assert device.value.read_property(PropertyIdentifier.PRESENT_VALUE) == 12.5
    at_device(world, inside)


COV = "cov", "2001", "av:1"


def watch(world, verb, *options):
    """What our cov prints when its value changes twice."""
    async def inside():
        async with Device(world) as device:
            watching = asyncio.create_task(outside(world, *verb, "-C", "3", "-W", "15", *options))
            for value in (31.5, 32.5):
                while not (device.app.cov_manager._subscriptions or device.app.cov_manager._property_subscriptions):
                    await asyncio.sleep(0.02)
                await outside(world, "write", "2001", "av:1", "pv", str(value), name="foreign2")
            return await watching
    return asyncio.run(asyncio.wait_for(inside(), 60))


def our_cov_prints_its_unconfirmed_notifications(world):
    told = watch(world, COV)
    values = [v["value"] for one in told for v in one["values"] if v["property"] == "present-value"]
    assert values == [21.5, 31.5, 32.5], told
    assert world.has_sent(UNCONFIRMED_REQUEST, UNCONFIRMED_COV)


def our_cov_prints_and_acknowledges_its_confirmed_notifications(world):
    told = watch(world, COV, "--confirmed")
    values = [v["value"] for one in told for v in one["values"] if v["property"] == "present-value"]
    assert values == [21.5, 31.5, 32.5], told
    assert world.has_sent(CONFIRMED_REQUEST, CONFIRMED_COV)


def our_covp_prints_changes_of_one_property(world):
    told = watch(world, ("covp", "2001", "av:1", "pv"))
    assert [one["values"][0]["value"] for one in told] == [21.5, 31.5, 32.5], told


def our_readrange_reads_its_object_list(world):
    def inside(_):
        assert len(world.ask("readrange", "2001", "dev:2001", "object-list")) == 206
        assert len(world.ask("readrange", "2001", "dev:2001", "object-list", "--position", "11", "--count", "5")) == 5
    at_device(world, inside)


def our_file_verbs_read_and_write_its_file(world):
    def inside(device):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "text")
            world.ask("file", "read", "2001", "1", path)
            with open(path, "rb") as file:
                assert file.read() == FILE_TEXT
            with open(path, "wb") as file:
                file.write(TEXT.encode())
            world.ask("file", "write", "2001", "1", path)
            assert device.file.read_stream(0, 100000)[0] == TEXT.encode()
    at_device(world, inside)


def our_long_text_goes_there_and_back_in_segments(world):
    def inside(_):
        world.ask("write", "2001", "av:1", "description", TEXT)
        assert any(a[0] >> 4 == 0 and a[0] & 8 for a in world.apdus()), "the request had no segments"
        assert world.ask("read", "2001", "av:1", "description")[0]["value"] == TEXT
        assert any(a[0] >> 4 == 3 and a[0] & 8 for a in world.apdus()), "the answer had no segments"
    at_device(world, inside)


def our_create_and_delete_make_and_take_its_objects(world):
    def inside(_):
        assert world.ask("create", "2001", "bv")[0]["object"] == "binary-value,2"
        assert world.ask("create", "2001", "av:500", "object-name=New")[0]["object"] == "analog-value,500"
        assert world.ask("read", "2001", "av:500", "object-name")[0]["value"] == "New"
        world.ask("delete", "2001", "av:500")
        status, rows = world.try_to("delete", "2001", "av:500")
        assert status == 1 and rows[0]["error_code"] == "unknown-object", rows
    at_device(world, inside)


def our_control_silences_it_with_the_right_password_only(world):
    def inside(device):
        status, rows = world.try_to("control", "2001", "disable-initiation", "1", "--device-pwd", "open")
        assert status in (1, 5) and rows[0]["error_code"] == "password-failure", (status, rows)
        world.ask("control", "2001", "disable-initiation", "1", "--device-pwd", PASSWORD)
        assert device.app.dcc_state == EnableDisable.DISABLE_INITIATION
        where = "vmac:" + ":".join(f"{o:02x}" for o in device.mac)
        world.ask("control", where, "enable", "--device-pwd", PASSWORD)
        assert device.app.dcc_state == EnableDisable.ENABLE
    at_device(world, inside)


def our_timesync_reinit_and_text_are_taken(world):
    def inside(_):
        world.ask("timesync", "2001", "2031-05-06", "07:08:09")
        world.ask("reinit", "2001", "warmstart", "--device-pwd", PASSWORD)
        world.ask("text", "2001", "Hello")
    at_device(world, inside)


def our_alarms_finds_none(world):
    def inside(_):
        assert world.ask("alarms", "2001") == []
    at_device(world, inside)


def our_whohas_finds_its_object(world):
    def inside(_):
        for asked in ("Set point", "av:1"):
            found = world.ask("whohas", asked, "2001", "2001", "--timeout", "2")
            assert [(one["device"], one["name"]) for one in found] == [(2001, "Set point")], found
    at_device(world, inside)


def our_call_is_told_that_its_list_takes_no_recipient(world):
    """takes elements of application tags alone: a recipient, which has a context tag, it rejects"""
    def inside(_):
        elements = [{"bits": "1111111"}, {"time": "00:00:00.00"}, {"time": "23:59:59.99"}, {"tag": 0, "octets": "020007d1"}, 3, True,
                    {"bits": "111"}]
        status, rows = world.try_to("call", "2001", "add-list-element", json.dumps({
            "object-identifier": "notification-class,1", "property-identifier": "recipient-list", "list-of-elements": elements}))
        assert status == 1 and rows[0]["error_code"] == "reject-invalid-parameter-data-type", rows
        with_context_tag = bytes.fromhex("8201feb400000000b4173b3b630c020007d12103118205e0")
        assert any(a[0] >> 4 == 0 and a[3:] == b"\x08\x0c\x03\xc0\x00\x01\x19\x66\x3e" + with_context_tag + b"\x3f"
                   for a in world.apdus()), "what we sent is not what the standard has"
    at_device(world, inside)


def our_private_is_told_that_it_has_no_service_of_a_vendor(world):
    def inside(_):
        status, rows = world.try_to("private", "2001", "260", "7", "unsigned:5")
        assert status == 1 and rows[0]["error_code"] == "reject-unrecognized-service", (status, rows)
    at_device(world, inside)


CLIENT, SERVER = "client of our device", "device of our client"
TESTS = [(CLIENT if name.startswith(("its", "a_wrong")) else SERVER, test) for name, test in list(globals().items())
         if name.startswith(("its_", "a_wrong_", "our_")) and callable(test)]

if __name__ == "__main__":
    Suite("bac-py services", foreign.version("bac-py"), TESTS).main(WHY, services_site.site)
