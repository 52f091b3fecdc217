#!/usr/bin/env python3
"""Failover as people see it: a device and client verbs with two hubs, one of which is lost."""
import json
import os
import socket
import tempfile
import time

from client_world import Stage
from running import Running, Site
from tap import Tap, run

FAST = ["--set", "minimum-reconnect=0.1", "--set", "maximum-reconnect=0.3"]


def uri(port):
    return f"wss://127.0.0.1:{port}"


def free_port():
    """A port that nobody has now, so that a hub can come back at it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def hub_at(site, name, port):
    hub = Running("hub", "--bind", f"127.0.0.1:{port}", *site.credentials(name), "--state",
                  name + ".state")
    assert hub.wait_for("listening") is not None, hub.told()
    return hub


def check_device(tap, site):
    ports = free_port(), free_port()
    primary, failover = hub_at(site, "hub", ports[0]), hub_at(site, "other", ports[1])
    device = site.device(ports[0], "device", 1001, "--failover-hub", uri(ports[1]), *FAST)
    first = device.wait_for("connected") or {}
    tap.check("a device with two hubs connects to the primary",
              (first.get("role"), first.get("hub")) == ("primary", uri(ports[0])), device.told())
    primary.process.kill()
    primary.end()
    second = device.wait_for("connected") or {}
    tap.check("when it is lost, to the failover hub, and both are told",
              (second.get("role"), second.get("hub"), second.get("hub_subject")) ==
              ("failover", uri(ports[1]), "CN=other") and len(device.events("lost")) == 1,
              device.told())
    tap.check("as the node that it was", second.get("vmac") == first.get("vmac") and
              second.get("uuid") == first.get("uuid"))
    joined = failover.wait_for("joined") or {}
    tap.check("the failover hub sees it", joined.get("subject") == "CN=device", failover.told())
    begin = time.monotonic()
    options = ["--hub", uri(ports[0]), "--failover-hub", uri(ports[1]), *site.credentials("me")]
    status, out, err = run("read", "1001", "ai:1", "pv", *options)
    tap.check("a client reads through the failover hub, and does not wait for the primary",
              (status, out) == (0, "21.5 degrees-celsius\n") and time.monotonic() - begin < 5, status, out, err)
    status, out, err = run("read", "1001", "ai:1", "pv", *site.credentials("me"),
                           env={"BACNET_SC_PRIMARY_HUB_URI": uri(ports[0]),
                                "BACNET_SC_FAILOVER_HUB_URI": uri(ports[1])})
    tap.check("also with both from bacnet-stack's variables", (status, out) == (0, "21.5 degrees-celsius\n"), err)
    primary = hub_at(site, "hub", ports[0])
    third = device.wait_for("connected") or {}
    tap.check("when the primary is back, so is the device",
              (third.get("role"), third.get("hub")) == ("primary", uri(ports[0])), device.told())
    tap.check("without a time without a hub", len(device.events("lost")) == 1, device.told())
    left = failover.wait_for("left", subject="CN=device") or {}
    tap.check("it leaves the failover hub in order", left.get("reason") == "in order",
              failover.told())
    status, out, err = run("read", "1001", "ai:1", "pv", *options)
    tap.check("and the client reads through the primary", (status, out) == (0, "21.5 degrees-celsius\n"), err)
    tap.check("everything ends in order",
              (device.stop(), primary.stop(), failover.stop()) == (0, 0, 0), device.told())


def check_text(tap, site):
    failover, port = site.hub(name="other")
    device = Running("device", "--instance", "7", "--hub", uri(free_port()), "--failover-hub",
                     uri(port), *site.credentials("device"), *FAST, json_lines=False)
    line = device.next_line() or ""
    while " connected: " not in line and line:
        line = device.next_line() or ""
    tap.check("as text the line says which hub it is",
              f" connected: {uri(port)}, the failover hub, device 7, " in line, device.told())
    device.stop()
    failover.stop()


def check_clients(tap, site):
    hub, port = site.hub()
    credentials = site.credentials("me")
    stages = Stage(site, Stage.keep_silent), Stage(site, Stage.never_accept)
    for what, stage in (("keeps silent", stages[0]), ("never accepts", stages[1])):
        begin = time.monotonic()
        status, _, err = run("whois", "4000000", "--timeout", "0.2", "--hub", uri(stage.port),
                             "--failover-hub", uri(port), *credentials)
        took = time.monotonic() - begin
        tap.check(f"a primary hub that {what} leaves time for the failover hub",
                  status == 3 and "nobody answered" in err and took < 10, status, err, took)
    status, out, err = run("whois", "--json", "--hub", uri(free_port()), "--failover-hub",
                           uri(free_port()), *credentials)
    error = json.loads(out.splitlines()[-1])["error"] if out else ""
    tap.check("when neither is there, both are told (3)", status == 3 and
              "primary hub: " in error and "failover hub: " in error and
              error.count("connection refused") == 2, out, err)
    tap.check("and each of the two whole", error.count("is the port right?") == 2, error)
    strange = Site("strange", "hub")
    alien, alien_port = strange.hub()
    status, _, err = run("whois", "--hub", uri(alien_port), "--failover-hub", uri(free_port()),
                         *credentials)
    tap.check("the status is the primary's (4)", status == 4 and "failover hub: " in err, err)
    status, _, err = run("whois", "4000000", "--timeout", "0.2", "--hub", uri(alien_port),
                         "--failover-hub", uri(port), *credentials)
    tap.check("a primary hub that nobody trusts is passed by too",
              status == 3 and "nobody answered" in err, err)
    alien.stop()
    hub.stop()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site("site", "hub", "other", "device", "me")
        for check in (check_device, check_text, check_clients):
            check(tap, site)
        os.chdir("/")
    tap.end()


main()
