#!/usr/bin/env python3
"""The Network Port object of a device from outside: another hub, another certificate, restarts; what
is kept of it, and how it is forgotten."""
import os
import signal
import struct
import tempfile

from asking import Client, file_octets, text, write_file
from running import Running, Site
from tap import Tap, run

PORT, CERTIFICATE = 56 << 22 | 1, 10 << 22 | 4194296
REQUEST = CERTIFICATE + 3
COMMAND, PENDING, PRIMARY, RESULT = 417, 416, 4194325, 510
ACTIVATE, WARMSTART = 7, 1


def start(site, port, *arguments):
    device = Running("device", "--instance", "1001", "--hub", f"wss://127.0.0.1:{port}",
                     *site.credentials("device"), "--state", "device.state", *arguments)
    connected = device.wait_for("connected")
    assert connected is not None, device.told()
    return device, connected


def uri(port):
    return f"wss://127.0.0.1:{port}"


def check_hub(tap, site, ports):
    device, connected = start(site, ports[0])
    client = Client(site, ports[0], connected["vmac"])
    tap.check("another hub is written", client.does(PORT, PRIMARY, text(uri(ports[1]))))
    tap.check("it is pending", client.read(PORT, PENDING) == b"\x11" and
              client.read(PORT, PRIMARY) == text(uri(ports[1])))
    answer = client.reinitialize(ACTIVATE)
    tap.check("its activation is acknowledged before the port restarts", answer[0] == 0x20,
              answer.hex())
    tap.check("and told", (device.wait_for("reinitialize") or {}).get("state") ==
              "activate-changes", device.told())
    connected = device.wait_for("connected") or {}
    tap.check("the device connects to the other hub", connected.get("hub") == uri(ports[1]),
              device.told())
    device.stop(signal.SIGKILL)
    device, connected = start(site, ports[0])
    tap.check("and does so after kill -9, whatever the command line says",
              connected["hub"] == uri(ports[1]), connected)
    device.stop()
    tap.check("which is told", b"--forget-changes" in device.errors, device.told())
    device, connected = start(site, ports[0], "--forget-changes")
    tap.check("until it is to be forgotten", connected["hub"] == uri(ports[0]), connected)
    device.stop()
    device, connected = start(site, ports[0])
    tap.check("for good", connected["hub"] == uri(ports[0]), connected)
    return device, connected


def check_wrong(tap, client):
    client.does(PORT, PRIMARY, text("http://hub"))
    answer = client.reinitialize(WARMSTART)
    tap.check("what cannot be is not activated (services, invalid-configuration-data)",
              answer[0] == 0x50 and answer.endswith(bytes.fromhex("9105912e")), answer.hex())
    tap.check("changes are discarded", client.does(PORT, COMMAND, b"\x91\x01") and
              client.read(PORT, PENDING) == b"\x10")


def check_certificate(tap, site, device, connected, port):
    """A new key and its certificate, without anybody at the device."""
    client = Client(site, port, connected["vmac"])
    check_wrong(tap, client)
    tap.check("a request is asked for", client.does(PORT, COMMAND, b"\x91\x09"))
    request = b""
    while not request.rstrip().endswith(b"-----END CERTIFICATE REQUEST-----"):
        piece = file_octets(client, REQUEST, len(request), 100)
        if not piece:
            break
        request += piece
    with open("new.csr", "wb") as file:
        file.write(request)
    status, _, err = run("pki", "renew", site.folder, "device", "--csr", "new.csr")
    tap.check("it can be read, and signed", status == 0, err, request)
    with open(site.path("device.pem"), "rb") as file:
        certificate = file.read()
    tap.check("the certificate is written", write_file(client, CERTIFICATE, certificate))
    tap.check("and pending", client.read(PORT, PENDING) == b"\x11")
    client.does(PORT, COMMAND, b"\x91\x0a")
    result = client.read(PORT, RESULT)
    tap.check("it is found valid (object, success)", bytes.fromhex("1e910191541f") in result,
              result.hex())
    answer = client.reinitialize(ACTIVATE)
    tap.check("it is activated", answer[0] == 0x20, answer.hex())
    again = device.wait_for("connected")
    tap.check("the device connects with it", again is not None, device.told())
    device.stop(signal.SIGKILL)
    return Running("device", "--instance", "1001", "--hub", uri(port), "--ca",
                   site.path("ca.pem"), "--cert", site.path("device.pem"), "--key",
                   site.path("old.key"), "--state", "device.state")


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site(folder, "hub", "device", "peer")
        hubs = [site.hub() for _ in range(2)]
        ports = [port for _, port in hubs]
        device, connected = check_hub(tap, site, ports)
        os.link(site.path("device.key"), site.path("old.key"))
        device = check_certificate(tap, site, device, connected, ports[0])
        tap.check("and after kill -9, although the configuration has the old key",
                  device.wait_for("connected") is not None, device.told())
        device.stop()
        for hub, _ in hubs:
            hub.stop()
    tap.end()


if __name__ == "__main__":
    main()
