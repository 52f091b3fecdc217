#!/usr/bin/env python3
"""knxd with a bus that nobody is on: as gateway of our client over UDP, and as the bus behind our server."""
import contextlib
import os
import subprocess
import time

import foreign
import knx_site
from foreign import PATIENCE, Suite, Unable, must_be_enclosed
from knx_site import TUNNELS, Running, run

GATEWAY, TOOL_PORT = "192.0.2.1", 6720  # knxd takes no loopback interface
FILES = foreign.folder("knxd")
ENVIRONMENT = {**os.environ, "LD_LIBRARY_PATH": os.path.join(FILES, "usr/lib/x86_64-linux-gnu")}
SETTINGS = f"""\
[main]
addr = 0.0.1
client-addrs = 0.0.2:16
connections = server,tools,dummy
[dummy]
driver = dummy
[tools]
server = knxd_tcp
port = {TOOL_PORT}
[server]
server = ets_router
tunnel = tunnel
discover = true
[tunnel]
"""


def tool(name, group, *arguments):
    return [os.path.join(FILES, "usr/bin/knxtool"), name, f"ip:127.0.0.1:{TOOL_PORT}", group, *arguments]


class Listener:
    """knxtool that prints what is written to a group."""

    def __init__(self, group):
        self.process = subprocess.Popen(["stdbuf", "-oL", *tool("grouplisten", group)], env=ENVIRONMENT, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def heard(self, n):
        """The next n lines; lines come as telegrams do."""
        return [self.process.stdout.readline().strip() for _ in range(n)]

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class World(knx_site.World):
    """knxd on an interface of our own, and our server in front of it."""

    def __init__(self, folder):
        must_be_enclosed()
        super().__init__(folder)
        for command in ("link add knx0 type veth peer name knx1", f"addr add {GATEWAY}/24 dev knx0",
                        "link set knx1 up", "link set knx0 up multicast on", "route replace 224.0.0.0/4 dev knx0"):
            if subprocess.run(["ip", *command.split()], check=False).returncode != 0:
                raise Unable("this machine gives no network interface in a namespace")
        self.settings = os.path.join(folder, "knxd.ini")
        with open(self.settings, "w", encoding="utf-8") as file:
            file.write(SETTINGS)
        self.start_knxd()
        self.server = knx_site.Server(folder, self.keyring, "required", f"upstream: {GATEWAY}", objects="")
        self.stops.append(self.server)
        assert self.server.wait_for("bus-up") is not None, self.server.told()

    def start_knxd(self):
        self.knxd = subprocess.Popen([os.path.join(FILES, "usr/bin/knxd"), self.settings], env=ENVIRONMENT,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while run("knx", "describe", GATEWAY, "--timeout", "0.5")[0] != 0:
            assert time.monotonic() < deadline and self.knxd.poll() is None, "knxd does not start"

    def stop_knxd(self):
        self.knxd.terminate()
        self.knxd.wait(PATIENCE)

    def stop(self):
        super().stop()
        self.stop_knxd()

    def send(self, group, *octets):
        name = "groupswrite" if len(octets) == 1 else "groupwrite"
        subprocess.run(tool(name, group, *octets), env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)

    def way(self, tunnel=None):
        """Options to knxd itself, or through our server's tunnel."""
        if tunnel is None:
            return ["--gateway", GATEWAY, "--no-state"]
        return ["--gateway", f"127.0.0.1:{self.server.port}", "--keyring", self.keyring.path, "--keyring-pwd-file",
                self.keyring.password_file, "--interface", TUNNELS[tunnel], "--no-state"]

    @contextlib.contextmanager
    def monitor(self, *way):
        monitor = Running("knx", "monitor", *way)
        try:
            assert monitor.next_line() is not None, monitor.told()  # connected
            yield monitor
        finally:
            monitor.stop()

    @contextlib.contextmanager
    def listener(self, group):
        """Heard something once: from then on it listens."""
        listener = Listener(group)
        try:
            time.sleep(0.3)
            self.send(group, "0")
            assert listener.heard(1)[0].startswith("Write"), group
            yield listener
        finally:
            listener.end()


def seen(monitor, **members):
    """The next telegram with those members."""
    found = monitor.next_line()
    while found is not None and any(found.get(k) != v for k, v in members.items()):
        found = monitor.next_line()
    assert found is not None, (members, monitor.told())
    return found


def write(way, group, value, dpt):
    status, _, err = run("knx", "write", group, value, "--dpt", dpt, *way)
    assert status == 0, err


def read(world, way, group):
    """A value that another client of knxd answers with."""
    with world.monitor(*world.way()) as monitor:
        asking = Running("knx", "read", group, "--dpt", "9.001", *way, "--timeout", str(PATIENCE))
        seen(monitor, destination=group, service="GroupValueRead")
        status, _, err = run("knx", "respond", group, "21.5", "--dpt", "9.001", *world.way())
        assert status == 0, err
        answer = asking.next_line()
        assert asking.end() == 0, asking.told()
    return answer["value"]


# Gateway of our client.

def our_search_and_question_find_it(world):
    status, out, err = run("knx", "discover", "--timeout", "1", "--json")
    assert status == 0 and f'"{GATEWAY}' in out and "knxd" in out, (out, err)
    status, out, _ = run("knx", "describe", GATEWAY)
    assert status == 0 and "0.0.1" in out and "knxd" in out, out


def our_check_is_content(world):
    """has no TCP, tells core version 1"""
    status, out, _ = run("knx", "check", GATEWAY)
    assert "connect      ok" in out and "state        ok" in out, (status, out)


def what_we_write_is_heard(world):
    with world.listener("1/0/2") as listener:
        write(world.way(), "1/0/2", "21.5", "9.001")
        line = listener.heard(1)[0]
        assert line.endswith("0C 33") and "0.0." in line, line


def we_see_what_its_tool_sends(world):
    with world.monitor(*world.way()) as monitor:
        world.send("1/0/1", "1")
        assert seen(monitor, destination="1/0/1")["hex"] == "01"
        world.send("1/0/2", "0c", "33")
        assert seen(monitor, destination="1/0/2")["hex"] == "0c33"


def we_read_what_another_client_answers(world):
    assert read(world, world.way(), "1/0/2") == 21.5


def thirty_telegrams_in_a_row_are_seen_in_order(world):
    with world.monitor(*world.way()) as monitor:
        for n in range(30):
            world.send("1/0/4", "0c", f"{n:02x}")
        assert [seen(monitor, destination="1/0/4")["hex"] for _ in range(30)] == [f"0c{n:02x}" for n in range(30)]


# The bus behind our server.

def what_a_secure_tunnel_writes_is_heard(world):
    """is told the telegram's own source, the tunnel's address"""
    with world.listener("1/0/2") as listener:
        write(world.way(0), "1/0/2", "21.5", "9.001")
        assert listener.heard(1) == [f"Write from {TUNNELS[0]}: 0C 33"]


def a_secure_tunnel_sees_what_its_tool_sends(world):
    with world.monitor(*world.way(1)) as monitor:
        world.send("1/0/2", "0c", "33")
        assert seen(monitor, destination="1/0/2")["hex"] == "0c33"


def a_secure_tunnel_reads_what_a_client_answers(world):
    assert read(world, world.way(2), "1/0/2") == 21.5


def secured_telegrams_pass_as_they_are(world):
    keys = os.path.join(world.folder, "group-keys")
    with open(os.open(keys, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{group} {key}\n" for group, key in world.keyring.groups.items())
    with world.monitor(*world.way(), "--group-key-file", keys) as behind, world.monitor(*world.way(1)) as beside, \
            world.monitor(*world.way()) as keyless:
        write(world.way(0), "1/1/2", "21.5", "9.001")
        for monitor in (behind, beside):
            telegram = seen(monitor, destination="1/1/2")
            assert (telegram["hex"], telegram["source"]) == ("0c33", TUNNELS[0]), telegram
        assert "0c33" not in str(seen(keyless, destination="1/1/2").get("hex"))


def it_goes_unheard_and_comes_back_and_our_server_with_it(world):
    """says no goodbye: the next telegram finds it gone"""
    world.stop_knxd()
    status, _, _ = run("knx", "write", "1/0/1", "on", "--dpt", "1.001", *world.way(0))
    assert status != 0, "written to a bus that is not there"
    assert world.server.wait_for("bus-down") is not None
    world.start_knxd()
    assert world.server.wait_for("bus-up") is not None
    what_a_secure_tunnel_writes_is_heard(world)


if __name__ == "__main__":
    Suite("knxd", foreign.version("knxd"), [
        *(("gateway of our client", test) for test in (
            our_search_and_question_find_it, our_check_is_content, what_we_write_is_heard, we_see_what_its_tool_sends,
            we_read_what_another_client_answers, thirty_telegrams_in_a_row_are_seen_in_order)),
        *(("upstream of our server", test) for test in (
            what_a_secure_tunnel_writes_is_heard, a_secure_tunnel_sees_what_its_tool_sends,
            a_secure_tunnel_reads_what_a_client_answers, secured_telegrams_pass_as_they_are,
            it_goes_unheard_and_comes_back_and_our_server_with_it)),
    ]).main(foreign.missing("knxd") or foreign.needs("ip", "stdbuf"), lambda: knx_site.site(World))
