#!/usr/bin/env python3
"""Calimero's server with an emulated bus, plain and secure: as gateway of our client and as the bus behind our server."""
import contextlib
import os
import subprocess
import time

import foreign
import knx_site
from foreign import PATIENCE, Suite, must_be_enclosed
from knx_site import PASSWORD, TUNNELS, Running, run

HOST = "127.0.0.1"
CLASSES = os.path.join(foreign.folder("calimero"), "lib", "*")
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]
DATAPOINTS = """<?xml version="1.0" encoding="UTF-8"?>
<datapoints><datapoint stateBased="true" name="t" mainNumber="9" dptID="9.001" priority="low">
<knxAddress type="group">1/0/2</knxAddress></datapoint></datapoints>
"""
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<knxServer name="lab" friendlyName="Calimero lab" appData="{folder}">
<discovery listenNetIf="all" outgoingNetIf="all" activate="true"/>
<serviceContainer activate="true" routing="false" networkMonitoring="false" udpPort="3671" listenNetIf="lo"
 keyring="{keyring}" keyfile="{folder}/keyfile" securedServices="optional">
<knxAddress type="individual">1.1.0</knxAddress><knxSubnet type="emulate">lab</knxSubnet>
<datapoints ref="{folder}/datapoints.xml"/><groupAddressFilter/><additionalAddresses>{addresses}</additionalAddresses>
</serviceContainer></knxServer>
"""


class World(knx_site.World):
    """Calimero's server on the standard's port."""

    def __init__(self, folder):
        must_be_enclosed()
        super().__init__(folder)
        addresses = "".join(f'<knxAddress type="individual">{a}</knxAddress>' for a in TUNNELS)
        for name, text in (("keyfile", f"keyring.pwd={PASSWORD}\n"), ("datapoints.xml", DATAPOINTS),
                           ("server.xml", SETTINGS.format(folder=folder, keyring=self.keyring.path,
                                                          addresses=addresses))):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        self.calimero = None
        self.start_calimero()

    def start_calimero(self):
        self.calimero = subprocess.Popen([*JAVA, "-cp", CLASSES, "tuwien.auto.calimero.server.Launcher", "--no-stdin",
                                          os.path.join(self.folder, "server.xml")], stdin=subprocess.DEVNULL,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while run("knx", "describe", HOST, "--tcp", "--timeout", "0.5")[0] != 0:
            assert time.monotonic() < deadline and self.calimero.poll() is None, "Calimero's server does not start"

    def stop(self):
        super().stop()
        if self.calimero is not None:
            self.calimero.kill()
            self.calimero.wait()

    def keyed(self, tunnel=None):
        """Options of our client: the keyring, and which tunnel of it."""
        return ["--gateway", HOST, "--no-state", "--keyring", self.keyring.path, "--keyring-pwd-file",
                self.keyring.password_file, *(["--interface", TUNNELS[tunnel]] if tunnel is not None else [])]

    @contextlib.contextmanager
    def monitor(self, *way):
        monitor = Running("knx", "monitor", *way)
        try:
            connected = monitor.next_line()
            assert connected is not None, monitor.told()
            monitor.address = connected["address"]
            yield monitor
        finally:
            monitor.stop()


def good(*arguments):
    """What our program says when all is well."""
    status, out, err = run("knx", *arguments)
    assert status == 0, (arguments, out, err)
    return out


def write_and_read(way, value):
    """Its emulated bus now and then leaves a question unanswered, so it is asked again."""
    good("write", "1/0/2", value, "--dpt", "9.001", *way)
    for _ in range(4):
        status, out, err = run("knx", "read", "1/0/2", "--dpt", "9.001", "--timeout", "2", *way)
        if "nobody answered" not in err:
            break
    assert status == 0 and out.startswith(f"{value} °C"), (status, out, err)


# Plain.

def our_search_and_question_find_it(world):
    """tells each of its additional addresses twice"""
    assert "Calimero lab" in good("discover", "--timeout", "1")
    told = good("describe", HOST)
    assert "Calimero lab" in told and "1.1.0" in told and "mask                 091a" in told, told


def our_check_is_content(world):
    told = good("check", HOST)
    assert "failed" not in told and "4 of 4 tunnels are free" in told, told


def we_write_and_read_over_udp(world):
    """takes telegrams on a port other than the one of connections"""
    write_and_read(["--gateway", HOST], "21.5")


def we_write_and_read_through_a_route_back_address(world):
    write_and_read(["--gateway", HOST, "--nat"], "22.5")


def we_write_and_read_over_tcp(world):
    write_and_read(["--gateway", HOST, "--tcp"], "23.5")


def our_tunnels_tells_which_are_free(world):
    with world.monitor("--gateway", HOST, "--tcp") as monitor:
        told = good("tunnels", HOST)
        lines = {line.split()[0]: line for line in told.splitlines() if line.startswith("1.1.")}
        assert sorted(lines) == TUNNELS and "free" not in lines[monitor.address], (monitor.address, told)


# Secure.

def our_check_with_the_keyring_is_content(world):
    told = good("check", HOST, *world.keyed()[2:])
    assert "failed" not in told and "KNX IP Secure" in told, told


def we_write_and_read_with_the_keyring(world):
    """sends serial 000000000000 from the loopback interface (row 13)"""
    write_and_read(world.keyed(), "24.5")


def we_get_the_tunnel_that_we_ask_for(world):
    for n, address in enumerate(TUNNELS):
        with world.monitor(*world.keyed(n)) as monitor:
            assert monitor.address == address


def we_log_in_with_user_and_passwords(world):
    interface = world.keyring.interfaces[TUNNELS[2]]
    write_and_read(["--gateway", HOST, "--user", str(interface["user"]), "--user-pwd", interface["password"], "--device-pwd",
                    interface["authentication"]], "25.5")


def a_wrong_password_is_told(world):
    interface = world.keyring.interfaces[TUNNELS[2]]
    status, _, err = run("knx", "read", "1/0/2", "--gateway", HOST, "--user", str(interface["user"]), "--user-pwd",
                         "wrong", "--device-pwd", interface["authentication"])
    assert status != 0 and "password" in err, (status, err)


def a_wrong_device_code_is_found(world):
    interface = world.keyring.interfaces[TUNNELS[2]]
    status, _, err = run("knx", "read", "1/0/2", "--gateway", HOST, "--user", str(interface["user"]), "--user-pwd",
                         interface["password"], "--device-pwd", "wrong")
    assert status != 0 and "authentication code" in err, (status, err)


def plain_and_secured_telegrams_pass_between_two_sessions(world):
    """forgets a session with its last channel, before we close it (row 12)"""
    with world.monitor(*world.keyed(1)) as monitor:
        for group, secured in (("1/0/1", False), ("1/1/2", True)):
            good("write", group, "21.5", "--dpt", "9.001", *world.keyed(0))
            seen = monitor.wait_for("telegram", destination=group, source=TUNNELS[0])
            assert seen is not None and (seen["hex"], seen["secured"]) == ("0c33", secured), monitor.told()


def we_hear_it_stop_and_come_back_when_it_does(world):
    """still takes connections while it ends, and answers that the tunnel is in use"""
    with world.monitor(*world.keyed(0)) as monitor:
        world.calimero.terminate()
        lost = monitor.next_line()
        assert lost is not None and "DISCONNECT_REQUEST" in lost["error"], monitor.told()
        world.calimero.kill()
        world.calimero.wait()
        world.start_calimero()
        assert monitor.wait_for("connected") is not None, monitor.told()


# The bus behind our server.

def it_is_the_bus_behind_our_server(world, transport):
    server = knx_site.Server(world.folder, world.keyring, "required", f"upstream: {HOST}",
                             f"upstream-transport: {transport}", objects="")
    try:
        assert server.wait_for("bus-up") is not None, server.told()
        way = [*world.keyed(3)[2:], "--gateway", f"{HOST}:{server.port}"]
        write_and_read(way, "19.5")
        with world.monitor("--gateway", HOST) as monitor:
            good("write", "1/1/2", "21.5", "--dpt", "9.001", *way)
            assert monitor.wait_for("telegram", destination="1/1/2", source=TUNNELS[3]) is not None, monitor.told()
    finally:
        server.stop()


def our_server_has_its_bus_through_it_over_udp(world):
    it_is_the_bus_behind_our_server(world, "udp")


def our_server_has_its_bus_through_it_over_tcp(world):
    it_is_the_bus_behind_our_server(world, "tcp")


if __name__ == "__main__":
    Suite("calimero server", foreign.version("calimero", "calimero-server"), [
        *(("gateway of our client", test) for test in (
            our_search_and_question_find_it, our_check_is_content, we_write_and_read_over_udp,
            we_write_and_read_through_a_route_back_address, we_write_and_read_over_tcp,
            our_tunnels_tells_which_are_free)),
        *(("secure gateway of our client", test) for test in (
            our_check_with_the_keyring_is_content, we_write_and_read_with_the_keyring,
            we_get_the_tunnel_that_we_ask_for, we_log_in_with_user_and_passwords, a_wrong_password_is_told,
            a_wrong_device_code_is_found, plain_and_secured_telegrams_pass_between_two_sessions,
            we_hear_it_stop_and_come_back_when_it_does)),
        *(("upstream of our server", test) for test in (
            our_server_has_its_bus_through_it_over_udp, our_server_has_its_bus_through_it_over_tcp)),
    ]).main(foreign.missing("calimero") or foreign.needs("java"), lambda: knx_site.site(World))
