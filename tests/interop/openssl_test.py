#!/usr/bin/env python3
"""A foreign TLS and WebSocket stack (OpenSSL through Python) as a node of our hub: what is right works, what is wrong is refused by name."""
import socket
import ssl
import sys
import tempfile

from peer import Hub, Tap, WebSocket, context, join, make_pki

BASALT = sys.argv[1]
BROADCAST = bytes.fromhex("ffffffffffff")


def it_joins_without_hello_and_gets_none(hub, folder):
    ws = join(hub.port, context(folder, "a"), 1)
    assert ws.accepted[:4] == bytes.fromhex("07000001"), ws.accepted.hex()
    assert len(ws.accepted) == 30
    ws.close()


def it_joins_with_hello_and_gets_it_back(hub, folder):
    ws = join(hub.port, context(folder, "a"), 1, hello=True)
    assert ws.accepted[:8] == bytes.fromhex("0702000122000100"), ws.accepted.hex()
    ws.close()


def the_accept_carries_the_identity_of_the_hub(hub, folder):
    ws = join(hub.port, context(folder, "a"), 1)
    assert ws.accepted[4:10].hex() == hub.listening["vmac"].replace(":", ""), ws.accepted.hex()
    assert ws.accepted[10:26].hex() == hub.listening["uuid"].replace("-", "")
    ws.close()


def heartbeats_are_answered_with_their_id(hub, folder):
    ws = join(hub.port, context(folder, "a"), 1)
    ws.send(bytes.fromhex("0a001234"))
    assert ws.message() == bytes.fromhex("0b001234")
    ws.close()


def pings_are_answered_with_their_payload(hub, folder):
    ws = join(hub.port, context(folder, "a"), 1)
    ws.send(b"still there?", opcode=9)
    assert ws.receive() == (10, b"still there?")
    ws.close()


def an_npdu_is_relayed_to_its_destination_and_a_broadcast_to_all_others(hub, folder):
    a, b, c = (join(hub.port, context(folder, name), n) for n, name in ((1, "a"), (2, "b"), (3, "c")))
    npdu = bytes.fromhex("010400050 10c0c0200007b194d".replace(" ", ""))
    a.send(bytes.fromhex("01040010") + bytes([2, 0, 0, 0, 0, 2]) + npdu)
    assert b.message() == bytes.fromhex("01080010") + bytes([2, 0, 0, 0, 0, 1]) + npdu
    a.send(bytes.fromhex("01040011") + BROADCAST + npdu)
    for ws in (b, c):
        assert ws.message() == bytes.fromhex("010c0011") + bytes([2, 0, 0, 0, 0, 1]) + BROADCAST + npdu
    a.send(bytes.fromhex("0a000012"))
    assert a.message() == bytes.fromhex("0b000012"), "the broadcast was echoed"
    for ws in (a, b, c):
        ws.close()


def a_message_larger_than_a_tls_record_is_relayed_whole(hub, folder):
    a = join(hub.port, context(folder, "a"), 1)
    big = bytes(range(256)) * 100
    b = WebSocket(hub.port, context(folder, "b"))
    b.send(bytes.fromhex("06000001") + bytes([2, 0, 0, 0, 0, 2]) + bytes([2]) * 16 + bytes.fromhex("ffffef8f"))
    assert b.message()[0] == 7
    for _ in range(10):
        a.send(bytes.fromhex("01040010") + bytes([2, 0, 0, 0, 0, 2]) + b"\x01" + big)
    for _ in range(10):
        assert b.message()[10:] == b"\x01" + big
    a.close()
    b.close()


def a_message_over_a_nodes_limit_is_not_sent_to_it(hub, folder):
    a, b = join(hub.port, context(folder, "a"), 1), join(hub.port, context(folder, "b"), 2)
    a.send(bytes.fromhex("01040010") + bytes([2, 0, 0, 0, 0, 2]) + b"\x01" + bytes(1497))
    a.send(bytes.fromhex("0a000011"))
    assert a.message() == bytes.fromhex("0b000011")
    b.send(bytes.fromhex("0a000012"))
    assert b.message() == bytes.fromhex("0b000012"), "the long message came"
    a.close()
    b.close()


def disconnect_is_acknowledged_and_the_websocket_closed_with_1000(hub, folder):
    ws = join(hub.port, context(folder, "a"), 1)
    ws.send(bytes.fromhex("08000040"))
    assert ws.message() == bytes.fromhex("09000040")
    opcode, payload = ws.receive()
    assert (opcode, payload[:2]) == (8, (1000).to_bytes(2, "big")), (opcode, payload)
    ws.close()


def a_duplicate_vmac_gets_its_nak_before_the_close(hub, folder):
    a = join(hub.port, context(folder, "a"), 1)
    b = WebSocket(hub.port, context(folder, "b"))
    b.send(bytes.fromhex("06000007") + bytes([2, 0, 0, 0, 0, 1]) + bytes([9]) * 16 + bytes.fromhex("064005d9"))
    assert b.message() == bytes.fromhex("0000000706010000070097")
    assert b.receive()[0] == 8
    a.close()
    b.close()


def a_text_frame_is_closed_with_1003(hub, folder):
    ws = join(hub.port, context(folder, "a"), 1)
    ws.send(b"hello", opcode=1)
    opcode, payload = ws.receive()
    assert (opcode, payload[:2]) == (8, (1003).to_bytes(2, "big")), (opcode, payload)
    ws.close()


def a_wrong_subprotocol_is_answered_with_400(hub, folder):
    ws = WebSocket(hub.port, context(folder, "a"), subprotocol="chat")
    assert ws.status == 400, ws.head
    ws.close()


def no_certificate_is_refused_with_alert_116(hub, folder):
    try:
        WebSocket(hub.port, context(folder))
    except ssl.SSLError as error:
        assert "CERTIFICATE_REQUIRED" in str(error).upper().replace(" ", "_"), error
        return
    raise AssertionError("the hub took a client without certificate")


def a_stranger_is_refused_as_unknown_ca(hub, folder):
    tls = context(folder)
    tls.load_cert_chain(f"{folder}/other/a.pem", f"{folder}/other/a.key")
    try:
        WebSocket(hub.port, tls)
    except ssl.SSLError as error:
        assert "UNKNOWN_CA" in str(error).upper().replace(" ", "_"), error
        return
    raise AssertionError("the hub took a certificate of another issuer")


def tls_1_2_is_refused_by_its_version(hub, folder):
    try:
        WebSocket(hub.port, context(folder, "a", ssl.TLSVersion.TLSv1_2))
    except ssl.SSLError as error:
        assert "PROTOCOL_VERSION" in str(error).upper().replace(" ", "_"), error
        return
    raise AssertionError("the hub spoke TLS 1.2")


def plain_http_is_refused_and_the_hub_lives(hub, folder):
    with socket.create_connection(("127.0.0.1", hub.port), timeout=10) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while raw.recv(4096):
            pass
    join(hub.port, context(folder, "a"), 1).close()


def the_hub_stops_in_order(hub, folder):
    ws = join(hub.port, context(folder, "a"), 1)
    hub.process.terminate()
    request = ws.message()
    assert request[0] == 8, request.hex()
    ws.send(b"\x09\x00" + request[2:4])
    assert ws.receive()[0] == 8
    ws.close()
    _, err = hub.process.communicate(timeout=10)
    assert hub.process.returncode == 0, (hub.process.returncode, err)
    assert "1 longer than their destination takes" in err, err


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        make_pki(BASALT, folder, ("hub", "a", "b", "c"))
        make_pki(BASALT, f"{folder}/other", ("a",))
        hub = Hub(BASALT, folder)
        for test in (it_joins_without_hello_and_gets_none, it_joins_with_hello_and_gets_it_back,
                     the_accept_carries_the_identity_of_the_hub, heartbeats_are_answered_with_their_id,
                     pings_are_answered_with_their_payload,
                     an_npdu_is_relayed_to_its_destination_and_a_broadcast_to_all_others,
                     a_message_larger_than_a_tls_record_is_relayed_whole,
                     a_message_over_a_nodes_limit_is_not_sent_to_it,
                     disconnect_is_acknowledged_and_the_websocket_closed_with_1000,
                     a_duplicate_vmac_gets_its_nak_before_the_close, a_text_frame_is_closed_with_1003,
                     a_wrong_subprotocol_is_answered_with_400, no_certificate_is_refused_with_alert_116,
                     a_stranger_is_refused_as_unknown_ca, tls_1_2_is_refused_by_its_version,
                     plain_http_is_refused_and_the_hub_lives, the_hub_stops_in_order):
            tap.run(test, hub, folder)
        if hub.process.poll() is None:
            hub.process.kill()
    tap.end()


main()
