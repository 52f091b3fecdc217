#!/usr/bin/env python3
"""The programs of examples/ for BACnet/SC against our own: each does what its first lines say."""
import os
import re
import signal
import socket
import subprocess
import tempfile

from running import PATIENCE, Running, Site
from tap import Tap, run

EXAMPLES = os.environ["BASALT_EXAMPLES"]
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples")
MAC = r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}"


def start(name, *arguments):
    return Running(*arguments, program=os.path.join(EXAMPLES, name), json_lines=False,
                   env={"ASAN_OPTIONS": "detect_leaks=0"})  # those that run for ever free nothing


def files(site, name):
    """What the examples take: authority, certificate, key."""
    return [site.path("ca.pem"), site.path(name + ".pem"), site.path(name + ".key")]


def line_with(running, text):
    """The first line from now on that the pattern matches, or None."""
    line = running.next_line()
    while line is not None and not re.search(text, line):
        line = running.next_line()
    return line


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def check_lengths(tap):
    for name in sorted(os.listdir(SOURCES)):
        if name.startswith("sc_"):
            with open(os.path.join(SOURCES, name), encoding="utf-8") as file:
                lines = len(file.readlines())
            tap.check(f"{name} has fewer than 60 lines", lines < 60, lines)


def check_node(tap, site):
    hub, port = site.hub()
    device = site.device(port, "device", 1001)
    device.wait_for("connected")
    node = start("sc_node", f"wss://127.0.0.1:{port}", *files(site, "node"), "0120ffff00ff1008")
    tap.check("sc_node hears the I-Am that its Who-Is asked for", line_with(node, rf"^{MAC}: 01.*1000c4"), node.told())
    tap.check("and ends in order", node.end() == 0 and
              hub.wait_for("left", subject="CN=node", reason="in order"), node.told(), hub.told())
    lost = start("sc_node", f"wss://127.0.0.1:{free_port()}", *files(site, "node"), "0120ffff00ff1008")
    tap.check("without a hub it says why", lost.end() == 3 and b"nobody listens" in lost.errors, lost.told())
    device.stop()
    hub.stop()


def check_hub(tap, site):
    hub = start("sc_hub", "127.0.0.1:0", *files(site, "hub"))
    uri = line_with(hub, "^listening: wss://").split(" ")[1]
    device = site.device(int(uri.rsplit(":", 1)[1]), "device", 1001)
    tap.check("sc_hub tells who joins", line_with(hub, rf"^CN=device \({MAC}\) joined"), hub.told())
    status, out, err = run("whois", "1001", "--hub", uri, *site.credentials("node"))
    tap.check("and relays", status == 0 and "1001" in out, out, err)
    device.stop()
    tap.check("and who leaves", line_with(hub, r"^CN=device \(.*\) left"), hub.told())
    tap.check("SIGTERM ends it in order", hub.stop() == 0, hub.told())


def check_server(tap, site):
    with open(site.path("site.yaml"), "w", encoding="utf-8") as file:
        file.write("hub:\n  bind: 127.0.0.1:0\n  ca: [ca.pem]\n  certificate: hub.pem\n  key: hub.key\n"
                   "device:\n  instance: 7\n  objects:\n    - {type: analog-value, instance: 1, name: Set point}\n")
    server = start("sc_server", site.path("site.yaml"))
    uri = line_with(server, "^listening: wss://").split(" ")[1]
    tap.check("the device of sc_server is on its hub", line_with(server, "the device is connected"), server.told())
    status, out, err = run("write", "7", "av:1", "pv", "3.5", "--hub", uri, *site.credentials("node"))
    tap.check("it takes a write", status == 0 and line_with(server, "was written"), out, err)
    status, out, err = run("read", "7", "av:1", "pv", "--hub", uri, *site.credentials("node"))
    tap.check("and is read", status == 0 and out.strip() == "3.5", out, err)
    tap.check("SIGTERM ends hub and device in order", server.stop() == 0, server.told())
    lost = start("sc_server", site.path("none.yaml"))
    tap.check("a file that is not there is named", lost.end() == 2 and b"none.yaml" in lost.errors, lost.told())


def check_client(tap, site):
    hub, port = site.hub()
    device = site.device(port, "device", 1001, "--set", "name=Air handler")
    device.wait_for("connected")
    client = start("sc_client", f"wss://127.0.0.1:{port}", *files(site, "node"))
    tap.check("sc_client reads the name of who answers", line_with(client, r'^device,1001 object-name: "Air handler"$'), client.told())
    tap.check("and counts its objects", line_with(client, r"^device,1001 object-list\[0\]: [1-9]"), client.told())
    tap.check("and ends", client.end() == 0, client.told())
    device.stop()
    hub.stop()


def check_objects(tap, site):
    hub, port = site.hub()
    ours = start("sc_objects", f"wss://127.0.0.1:{port}", *files(site, "device"))
    hub.wait_for("joined", subject="CN=device")
    client = ("--hub", f"wss://127.0.0.1:{port}", *site.credentials("node"))
    status, out, err = run("read", "42", "ai:1", "pv", *client)
    first = float(out) if status == 0 else 0
    tap.check("sc_objects serves an input", first >= 20.5, out, err)
    readings = (run("read", "42", "ai:1", "pv", *client)[1] for _ in range(50))
    tap.check("whose value changes", any(float(text) > first for text in readings), first)
    status, out, err = run("write", "42", "ao:1", "pv", "12.5@8", *client)
    ours.stop()
    tap.check("and an output that others command", status == 0 and b"the valve is at 12.5" in ours.errors, out, err, ours.told())
    with open(os.path.join(SOURCES, "sc_objects.c"), encoding="utf-8") as file:
        tap.check("it has at most 40 lines", len(file.readlines()) <= 40)
    hub.stop()


def check_direct(tap, site):
    hub, port = site.hub()
    uri = f"wss://127.0.0.1:{port}"
    binds = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    one = start("sc_direct", uri, *files(site, "node"), binds[0], "wss://" + binds[0])
    vmac = line_with(one, f"^VMAC {MAC}").split(" ")[1]
    other = start("sc_direct", uri, *files(site, "device"), binds[1], "wss://" + binds[1], vmac)
    theirs = line_with(other, f"^VMAC {MAC}").split(" ")[1]
    tap.check("sc_direct asks the hub where a node is, and connects", line_with(other, f"^connected with {vmac}: "), other.told())
    tap.check("the other one accepts", line_with(one, f"^connected with {theirs}: "), one.told())
    tap.check("NPDUs go both ways", line_with(one, f"^4 octets from {theirs}$") and line_with(other, f"^4 octets from {vmac}$"),
              one.told(), other.told())
    tap.check("one that goes is told", other.stop(signal.SIGKILL) is not None and
              line_with(one, f"^not connected with {theirs}$"), one.told())
    one.stop(signal.SIGKILL)
    hub.stop()
    tap.check("none of it went through the hub", hub.events("stopped")[-1]["relayed"] <= 2, hub.told())


def check_failover(tap, site):
    primary, port = site.hub()
    second, other = site.hub(name="hub2")
    uris = [f"wss://127.0.0.1:{n}" for n in (port, other)]
    node = start("sc_failover", *uris, *files(site, "node"))
    tap.check("sc_failover begins with the primary", line_with(node, f"^on the primary: {uris[0]}"), node.told())
    primary.stop()
    tap.check("it goes to the failover", line_with(node, f"^on the failover: {uris[1]}"), node.told())
    again = Running("hub", "--bind", f"127.0.0.1:{port}", *site.credentials("hub"))
    tap.check("and returns to the primary", line_with(node, f"^on the primary: {uris[0]}"), node.told())
    tap.check("leaving the failover in order", second.wait_for("left", subject="CN=node", reason="in order"), second.told())
    tap.check("SIGTERM ends it in order", node.stop() == 0 and again.wait_for("left", reason="in order"), node.told())
    again.stop()
    second.stop()


def check_pki(tap):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([os.path.join(EXAMPLES, "sc_pki")], cwd=folder, capture_output=True, text=True, check=False,
                              timeout=PATIENCE)
        made = {f"{n}.{kind}" for n in ("ca", "hub", "node-1", "node-2") for kind in ("pem", "key")}
        tap.check("sc_pki makes an authority, a hub and two nodes", made <= set(os.listdir(folder)), os.listdir(folder))
        tap.check("and proves that they trust each other", done.returncode == 0 and done.stdout.splitlines() ==
                  [f"CN=hub and CN=node-{n} trust each other" for n in (1, 2)], done.stdout, done.stderr)
        status, out, err = run("pki", "list", folder)
        tap.check("our own verb reads it", status == 0 and "node-2" in out, out, err)
        again = subprocess.run([os.path.join(EXAMPLES, "sc_pki")], cwd=folder, capture_output=True, text=True, check=False,
                               timeout=PATIENCE)
        tap.check("a folder that has one is left alone", again.returncode == 1 and "ca.pem" in again.stderr, again.stderr)


def main():
    tap = Tap()
    check_lengths(tap)
    check_pki(tap)
    with tempfile.TemporaryDirectory() as folder:
        site = Site(os.path.join(folder, "site"), "hub", "hub2", "node", "device")
        for check in (check_node, check_hub, check_server, check_client, check_objects, check_direct, check_failover):
            check(tap, site)
    tap.end()


main()
