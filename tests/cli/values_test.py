#!/usr/bin/env python3
"""What a device keeps: writes are there again after kill -9, whenever that comes; what does not fit
the configuration any more is told; a damaged file is left alone."""
import os
import signal
import struct
import tempfile

from asking import Client, file_octets, real, text
from running import Running, Site
from tap import Tap, run

KILLS = int(os.environ.get("BASALT_KILLS", "12"))
YAML = """device:
  instance: 1001
  hub-uri: wss://127.0.0.1:{port}
  ca: [{ca}]
  certificate: {cert}
  key: {key}
  state-file: d.state
  minimum-reconnect: 0.1
  create-objects: 5
  objects:
    - {{type: analog-value, instance: 1, name: Plain, value: 1}}
    - {{type: analog-output, instance: 1, name: Valve, relinquish-default: 5}}
    - {{type: analog-input, instance: 1, name: Wave, value: ramp 0 100 1h}}
    - {{type: notification-class, instance: 1, name: Alarms}}
    - {{type: binary-value, instance: 7, name: Pump, deletable: true}}
    - {{type: file, instance: 3, name: Notes, file: notes.txt, max-size: 100}}
"""
AV, AO, DEVICE = 2 << 22 | 1, 1 << 22 | 1, 8 << 22 | 1001
CLASS, PUMP, MADE = 15 << 22 | 1, 5 << 22 | 7, 2 << 22 | 99
# All days, 00:00 to 24:00, device 7, process 1, confirmed, to-offnormal.
RECIPIENT = bytes.fromhex("8201fe b400000000 b4173b3b63 0c02000007 2101 11 820580")


def start(port, site):
    with open("d.yaml", "w", encoding="utf-8") as file:
        file.write(YAML.format(port=port, ca=site.path("ca.pem"), cert=site.path("device.pem"),
                               key=site.path("device.key")))
    device = Running("device", "--config", "d.yaml")
    connected = device.wait_for("connected")
    assert connected is not None, device.told()
    return device, connected["vmac"]


def check_kept(tap, site, port):
    device, vmac = start(port, site)
    client = Client(site, port, vmac)
    writes = [(AV, 85, real(42.5), None), (AO, 85, real(50), 8), (AO, 85, real(60), 16),
              (AV, 77, text("Renamed"), None), (AO, 77, text("Plain"), None),
              (AV, 28, text("what it is"), None), (AO, 81, b"\x11", None),
              (CLASS, 102, RECIPIENT, None)]
    for write in writes:
        client.write(*write)
        answer = client.answer()
        tap.check(f"property {write[1]} is written", answer[0] == 0x20, answer.hex())
    revision = client.read(DEVICE, 155)
    client.peer.close()
    device.stop(signal.SIGKILL)
    device, vmac = start(port, site)
    client = Client(site, port, vmac)
    for instance, prop, value, priority in writes:
        if priority is None:
            got = client.read(instance, prop)
            tap.check(f"and is there after kill -9: {prop}", got == value, got.hex())
    got = client.read(AO, 87)
    tap.check("so is the priority array", got == b"\0" * 7 + real(50) + b"\0" * 7 + real(60),
              got.hex())
    got = client.read(DEVICE, 155)
    tap.check("and the database revision", got == revision, got.hex(), revision.hex())
    client.write(AO, 85, b"\0", 16)
    client.answer()
    device.stop(signal.SIGKILL)
    device, vmac = start(port, site)
    client = Client(site, port, vmac)
    got = client.read(AO, 87)
    tap.check("a priority that was relinquished stays so",
              got == b"\0" * 7 + real(50) + b"\0" * 8, got.hex())
    tap.check("it ends with 0", device.stop() == 0, device.told())


def check_objects(tap, site, port):
    """Created objects and their values, and deleted ones."""
    device, vmac = start(port, site)
    client = Client(site, port, vmac)
    client.send(b"\x0a\x0e\x1c" + struct.pack(">I", MADE) + b"\x0f")
    answer = client.answer()
    tap.check("an object is created, and told", answer[0] == 0x30 and
              (device.wait_for("created") or {}).get("object") == "analog-value,99", answer.hex())
    client.write(MADE, 77, text("Made"))
    client.answer()
    client.send(b"\x0b\xc4" + struct.pack(">I", PUMP))
    answer = client.answer()
    tap.check("an object is deleted, and told", answer[0] == 0x20 and
              (device.wait_for("deleted") or {}).get("object") == "binary-value,7", answer.hex())
    revision = client.read(DEVICE, 155)
    device.stop(signal.SIGKILL)
    device, vmac = start(port, site)
    client = Client(site, port, vmac)
    got = client.read(MADE, 77)
    tap.check("the created one is there after kill -9", got == text("Made"), got.hex())
    got = client.read(PUMP, 77)
    tap.check("the deleted one is not", got[0] == 0x50, got.hex())
    got = client.read(DEVICE, 155)
    tap.check("and the database revision counts on", got == revision, got.hex(), revision.hex())
    client.send(b"\x0b\xc4" + struct.pack(">I", MADE))
    client.answer()
    client.write(AV, 77, text("Made"))
    answer = client.answer()
    tap.check("its name is free again", answer[0] == 0x20, answer.hex())
    device.stop(signal.SIGKILL)
    device, vmac = start(port, site)
    client = Client(site, port, vmac)
    got = client.read(AV, 77)
    tap.check("and has been taken", got == text("Made"), got.hex())
    got = client.read(MADE, 77)
    tap.check("a created one that was deleted is gone", got[0] == 0x50, got.hex())
    device.stop()
    tap.check("nothing of it is told as a fault", b"does not fit" not in device.errors,
              device.told())


def check_clock(tap, site, port):
    device, vmac = start(port, site)
    client = Client(site, port, vmac)
    client.peer.send_npdu(vmac, bytes.fromhex("01001006a482051105b408300000"))
    told = device.wait_for("time") or {}
    tap.check("time synchronization is told", told.get("clock") == "2030-05-17 08:48:00.00" and
              told.get("zone") == "local", device.told())
    tap.check("and counts for the device", client.read(DEVICE, 56) == bytes.fromhex("a482051105"))
    device.stop()


def check_files(tap, site, port):
    device, vmac = start(port, site)
    client = Client(site, port, vmac)
    notes, certificate = 10 << 22 | 3, 10 << 22 | 4194296
    got = file_octets(client, notes, 0, 50)
    tap.check("a file begins as the configuration says", got == b"hello world", got)
    client.send(b"\x07\xc4" + struct.pack(">I", notes) + b"\x0e\x31\x06\x65\x06kitten\x0f")
    answer = client.answer()
    tap.check("it is written", answer[0] == 0x30, answer.hex())
    client.send(b"\x07\xc4" + struct.pack(">I", notes) + b"\x0e\x31\x60\x65\x06kitten\x0f")
    answer = client.answer()
    tap.check("but not behind its end", answer[0] == 0x50, answer.hex())
    client.write(certificate, 42, b"\x21\x00")
    answer = client.answer()
    tap.check("a certificate is emptied", answer[0] == 0x20, answer.hex())
    device.stop(signal.SIGKILL)
    device, vmac = start(port, site)
    client = Client(site, port, vmac)
    got = file_octets(client, notes, 0, 50)
    tap.check("what was written is there after kill -9", got == b"hello kitten", got)
    got = file_octets(client, certificate, 0, 27)
    tap.check("what was only staged is not", got == b"-----BEGIN CERTIFICATE-----", got)
    device.stop()


def check_kills(tap, site, port):
    """Some writes are acknowledged, the ones behind them are on their way when it is killed."""
    last = 0
    for kill in range(KILLS):
        device, vmac = start(port, site)
        client = Client(site, port, vmac)
        got = struct.unpack(">f", client.read(AV, 85)[1:])[0]
        if kill > 0:
            tap.check(f"kill {kill}: nothing that was acknowledged is lost",
                      acknowledged <= got <= last, acknowledged, got, last)
        base = last = int(max(last, got)) + 1
        for n in range(40):
            client.write(AV, 85, real(base + n))
        last = base + 39
        acknowledged = base - 1
        for _ in range(1 + 3 * kill % 37):
            if client.answer()[0] == 0x20:
                acknowledged += 1
        device.stop(signal.SIGKILL)
        client.peer.close()
    device, _ = start(port, site)
    device.stop()


def check_change(tap, site, port):
    """The configuration changes under what was kept."""
    global YAML
    before = YAML
    YAML = YAML.replace("{{type: analog-output, instance: 1, name: Valve, relinquish-default: 5}}",
                        "{{type: binary-value, instance: 9}}")
    device, _ = start(port, site)
    device.stop()
    tap.check("what does not fit any more is told", b"analog-output,1" in device.errors and
              b"does not fit any more" in device.errors, device.told())
    YAML = before
    device, vmac = start(port, site)
    client = Client(site, port, vmac)
    got = client.read(AO, 87)
    tap.check("and counts again when it fits again", real(50) in got, got.hex())
    device.stop()


def check_damage(tap, site, port):
    with open("d.state.values", "r+b") as file:
        file.truncate(5000)
    with open("d.state.values", "rb") as file:
        damaged = file.read()
    status, _, err = run("device", "--config", "d.yaml")
    with open("d.state.values", "rb") as file:
        same = file.read() == damaged
    tap.check("a damaged file is told, and left as it is",
              status != 0 and "d.state.values" in err and "move it away" in err and same, status,
              err)
    os.remove("d.state.values")
    device, vmac = start(port, site)
    client = Client(site, port, vmac)
    tap.check("without it the configuration counts", client.read(AV, 85) == real(1), device.told())
    device.stop()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site(folder, "hub", "device", "peer")
        hub, port = site.hub()
        with open("notes.txt", "w", encoding="utf-8") as file:
            file.write("hello world")
        check_kept(tap, site, port)
        check_objects(tap, site, port)
        check_files(tap, site, port)
        check_clock(tap, site, port)
        check_kills(tap, site, port)
        check_change(tap, site, port)
        check_damage(tap, site, port)
        hub.stop()
    tap.end()


if __name__ == "__main__":
    main()
