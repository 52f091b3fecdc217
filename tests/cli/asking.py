"""A client of tests that asks one device, APDU by APDU."""
import struct

from running import Peer


class Client:
    """A peer that asks one device, with an invoke id for each request."""

    def __init__(self, site, port, vmac):
        self.peer = Peer(port, site.context("peer"))
        self.peer.join()
        self.vmac = vmac
        self.invoke = 0

    def send(self, apdu):
        self.invoke = (self.invoke + 1) % 256
        self.peer.send_npdu(self.vmac, bytes([1, 4, 0, 5, self.invoke]) + apdu)
        return self.invoke

    def answer(self):
        """The next APDU that is an answer."""
        while True:
            message = self.peer.receive()[1]
            if message[0] == 1 and message[12] & 0xF0 != 0x10:
                return message[12:]

    def read(self, instance, prop):
        """The encoded value, or the whole APDU of an error."""
        self.send(struct.pack(">BBI", 12, 12, instance) + number(prop))
        apdu = self.answer()
        return apdu[8 + len(number(prop)) + 1:-1] if apdu[0] == 0x30 else apdu

    def write(self, instance, prop, value, priority=None):
        tail = b"" if priority is None else bytes([0x49, priority])
        self.send(struct.pack(">BBI", 15, 12, instance) + number(prop) + b"\x3e" + value + b"\x3f" +
                  tail)

    def does(self, *write):
        """Writes; whether that was acknowledged."""
        self.write(*write)
        return self.answer()[0] == 0x20

    def reinitialize(self, state):
        """The APDU of the answer to ReinitializeDevice."""
        self.send(b"\x14\x09" + bytes([state]))
        return self.answer()


def number(prop):
    """A property in its context tag 1."""
    octets = prop.to_bytes(max(1, (prop.bit_length() + 7) // 8), "big")
    return bytes([0x18 | len(octets)]) + octets


def real(number):
    return b"\x44" + struct.pack(">f", number)


def text(word):
    octets = b"\0" + word.encode()
    return b"\x75" + bytes([len(octets)]) + octets if len(octets) > 4 else \
        bytes([0x70 | len(octets)]) + octets


def file_octets(client, file, start, count):
    """AtomicReadFile of a stream: the octets."""
    client.send(b"\x06\xc4" + struct.pack(">I", file) + b"\x0e\x32" + struct.pack(">H", start) +
                b"\x21" + bytes([count]) + b"\x0f")
    apdu = client.answer()
    if apdu[0] != 0x30:
        return b""
    at = 6 + (apdu[5] & 7)  # behind the start
    short = apdu[at] & 7
    length, at = (apdu[at + 1], at + 2) if short == 5 else (short, at + 1)
    return apdu[at:at + length]


def write_file(client, file, octets):
    """Empties a stream and writes it in pieces; whether all was acknowledged."""
    good = client.does(file, 42, b"\x21\x00")
    for start in range(0, len(octets), 1000):
        piece = octets[start:start + 1000]
        client.send(b"\x07\xc4" + struct.pack(">I", file) + b"\x0e\x32" + struct.pack(">H", start) +
                    b"\x65\xfe" + struct.pack(">H", len(piece)) + piece + b"\x0f")
        good &= client.answer()[0] == 0x30
    return good
