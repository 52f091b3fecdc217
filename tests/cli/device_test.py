#!/usr/bin/env python3
"""basalt device: what it prints, what its objects answer to a node that is not ours, how it comes
back, how it ends."""
import json
import os
import re
import signal
import socket
import tempfile

from running import PATIENCE, Peer, Running, Site
from tap import Tap, run

READ = "0104000501 0c 0c{object} 19{property}"
WRITE = "0104000502 0f 0c{object} 19{property} 3e{value}3f{priority}"
TYPES = {"analog-input": 0, "analog-output": 1, "analog-value": 2, "binary-input": 3,
         "binary-output": 4, "binary-value": 5, "multi-state-input": 13, "multi-state-output": 14,
         "multi-state-value": 19, "device": 8, "network-port": 56}


def ask(peer, vmac, npdu):
    """The APDU of the answer, in hex."""
    peer.send_npdu(vmac, bytes.fromhex(npdu))
    message = b"\x00"
    while message[0] != 1:
        message = peer.receive()[1]
    return message[10:].hex()  # function, control, id, originating address; NPCI of 2 octets: below


def read(peer, vmac, kind, instance, prop):
    """The encoded value of a property, in hex, or the whole answer of an error."""
    text = READ.format(object=f"{TYPES[kind] << 22 | instance:08x}", property=f"{prop:02x}")
    answer = ask(peer, vmac, text)
    found = re.fullmatch(r"0100300.0c0c.{8}19..3e(.*)3f", answer)
    return found[1] if found else answer


def write(peer, vmac, kind, value, priority=""):
    text = WRITE.format(object=f"{TYPES[kind] << 22 | 1:08x}", property="55", value=value,
                        priority=priority)
    return ask(peer, vmac, text)


def check_connected(tap, site):
    hub, port = site.hub()
    device = site.device(port, "device", 1001, "--state", "device.state")
    connected = device.wait_for("connected") or {}
    joined = hub.wait_for("joined") or {}
    listening = hub.events("listening")[0]
    tap.check("when connected it tells the hub and itself, and the hub sees the same",
              connected.get("hub") == f"wss://127.0.0.1:{port}" and
              connected.get("instance") == 1001 and connected.get("vmac") == joined.get("vmac") and
              connected.get("uuid") == joined.get("uuid") and
              connected.get("hub_vmac") == listening["vmac"] and
              connected.get("hub_uuid") == listening["uuid"] and
              connected.get("hub_subject") == "CN=hub", device.told(), hub.told())
    tap.check("SIGTERM ends it with 0 and in order",
              device.stop() == 0 and len(device.events("disconnected")) == 1 and
              (hub.wait_for("left") or {}).get("reason") == "in order", device.told(), hub.told())
    again = site.device(port, "device", 1001, "--state", "device.state")
    same = again.wait_for("connected") or {}
    tap.check("VMAC and UUID survive a restart", same.get("vmac") == connected.get("vmac") and
              same.get("uuid") == connected.get("uuid"), again.told())
    tap.check("SIGINT ends it with 130", again.stop(signal.SIGINT) == 130, again.told())
    text = site.device(port, "device", 1001, json_lines=False)
    line = text.next_line() or ""
    tap.check("as text it is one line", re.match(
        rf"\S+Z connected: wss://127\.0\.0\.1:{port}, device 1001, VMAC ", line), text.told())
    text.stop()
    hub.stop()


def check_environment(tap, site):
    hub, port = site.hub()
    names = {"BACNET_SC_PRIMARY_HUB_URI": f"wss://127.0.0.1:{port}",
             "BACNET_SC_ISSUER_1_CERTIFICATE_FILE": site.path("ca.pem"),
             "BACNET_SC_OPERATIONAL_CERTIFICATE_FILE": site.path("device.pem"),
             "BACNET_SC_OPERATIONAL_CERTIFICATE_PRIVATE_KEY_FILE": site.path("device.key")}
    device = Running("device", "--instance", "7", env=names)
    tap.check("what bacnet-stack says in its environment need not be said again",
              (device.wait_for("connected") or {}).get("instance") == 7, device.told())
    device.stop()
    wrong = Running("device", "--instance", "7", "--cert", "no.pem", env=names)
    tap.check("an option counts more than the environment",
              wrong.end() == 2 and b"no.pem" in wrong.errors, wrong.told())
    hub.stop()


# Object type, its name (87 is Priority_Array), units or number of states, Present_Value, commandable.
BUILT_IN = [
    ("analog-input", "Supply air temperature", "913e", "4441ac0000", False),
    ("analog-output", "Heating valve", "9162", "4400000000", True),
    ("analog-value", "Temperature setpoint", "913e", "4441a80000", True),
    ("binary-input", "Filter alarm", None, "9100", False),
    ("binary-output", "Fan", None, "9100", True),
    ("binary-value", "Occupied", None, "9101", False),
    ("multi-state-input", "Mode in force", "2103", "2102", False),
    ("multi-state-output", "Fan stage", "2104", "2101", True),
    ("multi-state-value", "Mode wanted", "2103", "2102", True),
]


def check_built_in(tap, peer, vmac):
    tap.check("the device has its instance",
              read(peer, vmac, "device", 1001, 75) == f"c4{8 << 22 | 1001:08x}")
    tap.check("the device has a network port", read(peer, vmac, "network-port", 1, 75) ==
              f"c4{56 << 22 | 1:08x}")
    for kind, name, extra, value, commandable in BUILT_IN:
        got = read(peer, vmac, kind, 1, 77)
        tap.check(f"{kind} 1 is called {name}", bytes.fromhex(got).endswith(b"\0" + name.encode()),
                  got)
        got = read(peer, vmac, kind, 1, 85)
        tap.check(f"{kind} 1 begins as it should", got == value, got)
        if extra is not None:
            got = read(peer, vmac, kind, 1, 117 if kind.startswith("analog") else 74)
            tap.check(f"{kind} 1 has its units or states", got == extra, got)
        got = read(peer, vmac, kind, 1, 87)
        tap.check(f"{kind} 1 has {'a' if commandable else 'no'} priority array",
                  (got == "00" * 16) == commandable, got)


def check_writes(tap, device, peer, vmac):
    address = ":".join(f"{o:02x}" for o in peer.vmac)
    answer = write(peer, vmac, "analog-output", "4442280000", "4908")
    told = device.wait_for("write") or {}
    expected = {"object": "analog-output,1", "property": "present-value", "value": 42,
                "priority": 8, "from": address}
    tap.check("a write is done", answer == "010020020f", answer)
    tap.check("a write is told with object, value, priority and source",
              {k: told.get(k) for k in expected} == expected, device.told())
    write(peer, vmac, "binary-output", "9101", "4910")
    told = device.wait_for("write") or {}
    tap.check("an enumerated value is told by its name", told.get("value") == "active", told)
    write(peer, vmac, "analog-output", "00", "4908")
    told = device.wait_for("write") or {}
    tap.check("a relinquished priority is told as null", told.get("value", "") is None, told)
    tap.check("and the relinquish default counts again",
              read(peer, vmac, "analog-output", 1, 85) == "4400000000")
    answer = write(peer, vmac, "analog-input", "4442280000")
    tap.check("an input cannot be written (write-access-denied)", answer == "010050020f91029128",
              answer)


def check_objects(tap, site):
    hub, port = site.hub()
    device = site.device(port, "device", 1001)
    vmac = (device.wait_for("connected") or {}).get("vmac")
    peer = Peer(port, site.context("peer"))
    peer.join()
    check_built_in(tap, peer, vmac)
    check_writes(tap, device, peer, vmac)
    peer.close()
    tap.check("it ends with 0", device.stop() == 0, device.told())
    hub.stop()


def free_port():
    with socket.socket() as stream:
        stream.bind(("127.0.0.1", 0))
        return stream.getsockname()[1]


def check_comes_back(tap, site):
    """The one place with a port of a number: the hub must come back where it was."""
    hub, port = site.hub()
    device = site.device(port, "device", 1001, "--set", "maximum-reconnect=0.2")
    device.wait_for("connected")
    hub.stop(signal.SIGKILL)
    lost = device.wait_for("lost") or {}
    retry = device.wait_for("retry") or {}
    tap.check("a hub that vanishes is told as lost", lost.get("hub") and lost.get("reason"),
              device.told())
    tap.check("then each refused attempt as retry, with what to do",
              f"127.0.0.1:{port}" in retry.get("reason", "") and
              "nobody listens there" in retry["reason"] and
              retry.get("code") == "tcp-connection-refused", device.told())
    back = Running("hub", "--bind", f"127.0.0.1:{port}", *site.credentials("hub"))
    tap.check("it connects by itself when the hub is back", device.wait_for("connected"),
              device.told(), back.told())
    back.stop()
    device.wait_for("retry")
    tap.check("it ends while it retries, too", device.stop() == 0, device.told())


def check_first_failure(tap, site):
    device = site.device(free_port(), "device", 1001)
    retry = device.wait_for("retry") or {}
    tap.check("without a hub the first attempt is told, and it runs on",
              "nobody listens there" in retry.get("reason", "") and device.process.poll() is None,
              device.told())
    tap.check("SIGINT while nothing is connected: 130", device.stop(signal.SIGINT) == 130,
              device.told())


CONFIG = """device:
  instance: 77
  name: Roof unit
  hub-uri: wss://127.0.0.1:1
  ca: site/ca.pem
  certificate: site/device.pem
  key: site/device.key
  vendor-identifier: 999
  objects:
    - type: analog-value
      instance: 5
      name: Setpoint
      units: degrees-celsius
      commandable: true
      relinquish-default: 20.5
    - {type: analog-output, instance: 6, value: 30, relinquish-default: 10}
"""


def check_config(tap, site):
    hub, port = site.hub()
    with open("device.yaml", "w", encoding="utf-8") as file:
        file.write(CONFIG)
    device = Running("device", "--config", "device.yaml", "--hub", f"wss://127.0.0.1:{port}/x")
    connected = device.wait_for("connected") or {}
    tap.check("options override the file", connected.get("instance") == 77 and
              connected.get("hub") == f"wss://127.0.0.1:{port}/x", device.told())
    peer = Peer(port, site.context("peer"))
    peer.join()
    vmac = connected.get("vmac")
    tap.check("its objects are those of the file",
              read(peer, vmac, "analog-value", 5, 85) == "4441a40000" and
              "1f" == read(peer, vmac, "analog-input", 1, 85)[-2:], device.told())
    tap.check("a value beside a relinquish-default is commanded with the lowest priority",
              read(peer, vmac, "analog-output", 6, 85) == "4441f00000" and
              read(peer, vmac, "analog-output", 6, 104) == "4441200000" and
              read(peer, vmac, "analog-output", 6, 87) == "00" * 15 + "4441f00000", device.told())
    tap.check("its vendor identifier is the file's", read(peer, vmac, "device", 77, 120) ==
              "2203e7")
    peer.close()
    device.stop()
    hub.stop()


def check_keylog(tap, site):
    hub, port = site.hub()
    device = site.device(port, "device", 1001, env={"SSLKEYLOGFILE": "device-keys.log"})
    device.wait_for("connected")
    device.stop()
    hub.stop()
    with open("device-keys.log", encoding="ascii") as file:
        lines = file.read().splitlines()
    tap.check("SSLKEYLOGFILE is followed once, and loudly",
              lines and len(lines) == len(set(lines)) and b"device-keys.log" in device.errors,
              device.told(), *lines)
    status, out, _ = run("pki", "show", site.path("ca.pem"), "--json",
                         env={"SSLKEYLOGFILE": "never.log"})
    tap.check("a verb without TLS leaves it alone",
              status == 0 and json.loads(out)["ca"] and not os.path.exists("never.log"))


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site("site", "hub", "device", "peer")
        for check in (check_connected, check_environment, check_objects, check_comes_back, check_first_failure,
                      check_config, check_keylog):
            check(tap, site)
        os.chdir("/")
    tap.end()


main()
