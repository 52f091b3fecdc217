#!/usr/bin/env python3
"""basalt knx serve: what it prints, what it refuses, SIGHUP, how it ends."""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile

from running import PATIENCE, Running
from tap import Tap, run

HOLD = os.environ["BASALT_KNX_HOLD"]
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
CONFIG = """\
knx-server:
  bind: 127.0.0.1:0
  keyring: own.knxkeys
  keyring-password-file: site.password
  objects:
    - {group: 1/0/1, device: 1.1.6, dpt: "1.001", name: Lamp, value: "on"}
"""


def serve(*arguments, **keywords):
    """A server that listens, and its address."""
    server = Running("knx", "serve", *arguments, **keywords)
    listening = server.wait_for("listening")
    assert listening is not None, server.told()
    return server, f"{listening['address']}:{listening['port']}"


class Holder:
    """A secure tunnel in the background."""

    def __init__(self, address, keyring, tunnel):
        self.process = subprocess.Popen([HOLD, address, keyring, tunnel], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def line(self):
        return self.process.stdout.readline().rstrip("\n")

    def after_telegrams(self):
        """The next line that is not about what others sent."""
        line = self.line()
        while line == "telegram":
            line = self.line()
        return line

    def write(self):
        self.process.stdin.write("w")
        self.process.stdin.flush()

    def leave(self):
        self.process.stdin.close()
        self.process.stdout.read()
        return self.process.wait(PATIENCE)


def files():
    """Keyrings and a configuration, in the current folder."""
    subprocess.run([HOLD, "files"], check=True)
    shutil.copy("site.knxkeys", "own.knxkeys")
    with open("knx.yaml", "w", encoding="utf-8") as file:
        file.write(CONFIG)


def check_listening(tap):
    server, address = serve("--config", "knx.yaml")
    good = re.fullmatch(r'\{"event":"listening","time":"%s","address":"127\.0\.0\.1","port":%s,'
                        r'"host":"1\.1\.0","tunnels":3,"secure":"required"\}' %
                        (TIME, address.split(":")[1]), server.lines[0])
    tap.check("with --json listening is one object: where, host, tunnels, secured or not", good,
              server.lines[0])
    tap.check("the bus is told to be there", server.wait_for("bus-up") is not None, server.told())
    tap.check("SIGTERM ends it with 0", server.stop() == 0, server.told())
    stopped = server.events("stopped")
    tap.check("at the end come the counters", len(stopped) == 1 and
              {"sessions", "channels", "refused", "telegrams_in", "telegrams_out", "dropped",
               "wrappers_dropped", "malformed", "skipped"} <= stopped[0].keys(), server.told())
    server = Running("knx", "serve", "--bind", "127.0.0.1:0", "--set", "tunnels=1.1.250",
                     json_lines=False)
    line = server.next_line() or ""
    tap.check("without it, one line; without a keyring, plain", re.fullmatch(
        rf"{TIME} listening: 127\.0\.0\.1:\d+, tunnels 1, KNX IP Secure off", line), server.told())
    tap.check("SIGINT ends it with 130", server.stop(signal.SIGINT) == 130, server.told())
    tap.check("nothing stands in its log", server.errors == b"", server.told())


def check_tunnel(tap):
    server, address = serve("--config", "knx.yaml")
    holder = Holder(address, "site.knxkeys", "1.1.10")
    tap.check("a client of the keyring comes in", holder.line() == "up", server.told())
    up = server.wait_for("session-up") or {}
    tap.check("its session is told with user and peer", up.get("user") == 2 and
              up.get("peer", "").startswith("127.0.0.1:") and up.get("transport") == "TCP" and
              "session" in up, server.told())
    taken = server.wait_for("tunnel-taken") or {}
    tap.check("so is its tunnel", {k: taken.get(k) for k in ("address", "user", "peer")} ==
              {"address": "1.1.10", "user": 2, "peer": up.get("peer")}, server.told())
    holder.write()
    tap.check("what it writes is confirmed", holder.line() == "confirmed", server.told())
    changed = server.wait_for("changed") or {}
    tap.check("a value that changes is told in parts",
              {k: changed.get(k) for k in ("group", "name", "device", "source", "value")} ==
              {"group": "1/0/1", "name": "Lamp", "device": "1.1.6", "source": "1.1.10",
               "value": "off"}, server.told())
    tap.check("the client leaves in order", holder.leave() == 0)
    free = server.wait_for("tunnel-free") or {}
    down = server.wait_for("session-down") or {}
    tap.check("tunnel and session are told to be over, and why",
              free.get("address") == "1.1.10" and "by the client" in free.get("reason", "") and
              down.get("user") == 2 and "by the client" in down.get("reason", ""), server.told())
    tap.check("the end is in order", server.stop() == 0, server.told())
    stopped = server.events("stopped")[0]
    tap.check("the counters count it", (stopped["sessions"], stopped["channels"],
                                        stopped["telegrams_in"]) == (1, 1, 1), stopped)


def check_refused(tap):
    server, address = serve("--config", "knx.yaml")
    holder = Holder(address, "changed.knxkeys", "1.1.10")
    tap.check("a wrong password does not come in", holder.line().startswith("down: "))
    holder.leave()
    refused = server.wait_for("refused") or {}
    tap.check("and is told with peer and reason",
              refused.get("peer", "").startswith("127.0.0.1:") and refused.get("reason"),
              server.told())
    server.stop()


def check_flood(tap):
    """What anybody can cause is bounded in rate."""
    server, address = serve("--bind", "127.0.0.1:0", "--set", "tunnels=1.1.250")
    host, port = address.split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
        flood.settimeout(PATIENCE)
        for i in range(300):
            flood.sendto(bytes.fromhex("06100205001a"), (host, int(port)))  # cut off
            if i % 50 == 49:  # until it has been read
                flood.sendto(bytes.fromhex("06100203000e0801000000000000"), (host, int(port)))
                flood.recv(1000)
    tap.check("the server is still in order", server.stop() == 0, server.told())
    dropped, stopped = server.events("dropped"), server.events("stopped")
    tap.check("dropped frames are told up to a bound, all of them are counted",
              20 <= len(dropped) < 60 and stopped[0]["malformed"] == 300, len(dropped), stopped)


def check_reload(tap):
    server, address = serve("--config", "knx.yaml")
    changed, same = (Holder(address, "site.knxkeys", t) for t in ("1.1.10", "1.1.11"))
    tap.check("two clients come in", (changed.line(), same.line()) == ("up", "up"), server.told())
    shutil.copy("changed.knxkeys", "own.knxkeys")
    server.process.send_signal(signal.SIGHUP)
    reloaded = server.wait_for("reloaded") or {}
    tap.check("SIGHUP reads the keyring again and says so",
              (reloaded.get("tunnels"), reloaded.get("users")) == (3, 4), server.told())
    tap.check("the session of a user whose password changed ends",
              changed.line().startswith("down: "), server.told())
    same.write()
    tap.check("the session of another stays", same.line() == "confirmed", server.told())
    changed.leave()
    again = Holder(address, "changed.knxkeys", "1.1.10")
    tap.check("the new password comes in", again.line() == "up", server.told())
    with open("own.knxkeys", "w", encoding="utf-8") as file:
        file.write("nonsense")
    server.process.send_signal(signal.SIGHUP)
    failed = server.wait_for("reload-failed") or {}
    tap.check("a keyring that cannot be read is told by name",
              "own.knxkeys" in failed.get("reason", ""), server.told())
    same.write()
    again.write()
    tap.check("and nobody loses anything", (same.after_telegrams(), again.after_telegrams()) ==
              ("confirmed", "confirmed"), server.told())
    shutil.copy("site.knxkeys", "own.knxkeys")
    server.process.send_signal(signal.SIGTERM)
    tap.check("SIGTERM closes what is open, in order", server.end() == 0 and
              len(server.events("tunnel-free")) == 3, server.told())
    for holder in (same, again):
        holder.leave()


def check_plain_reload(tap):
    server, _ = serve("--bind", "127.0.0.1:0", "--set", "tunnels=1.1.250")
    server.process.send_signal(signal.SIGHUP)
    failed = server.wait_for("reload-failed") or {}
    tap.check("without a keyring, SIGHUP says that there is none",
              "no keyring" in failed.get("reason", ""), server.told())
    tap.check("and ends nothing", server.stop() == 0, server.told())


def check_bad_configurations(tap):
    for text, says in (("knx-server:\n  bnd: x\n", "bad.yaml:2: "),
                       ("knx-server:\n  tunnels: [1.1.250, 1.1.999]\n", "bad.yaml:2: "),
                       ("knx-server:\n  tunnels: 1.1.250\n  objects:\n"
                        "    - {group: 1/2/3, device: 1.1.6, dpt: \"9.001\", value: warm}\n",
                        "bad.yaml:4: "),
                       ("hub:\n  bind: 127.0.0.1:0\n", "has no section knx-server"),
                       ("knx-server:\n  keyring: own.knxkeys\n  keyring-password-file: knx.yaml\n",
                        "own.knxkeys")):
        with open("bad.yaml", "w", encoding="utf-8") as file:
            file.write(text)
        status, out, err = run("knx", "serve", "--config", "bad.yaml")
        tap.check(f"refused, with file and line: {text.splitlines()[-1].strip()}",
                  status in (2, 5) and out == "" and says in err and err.count("\n") == 1,
                  status, out, err)
    server, address = serve("--config", "knx.yaml")
    status, _, err = run("knx", "serve", "--config", "knx.yaml", "--bind", address)
    tap.check("a port that is taken is said so, with exit status 6",
              status == 6 and address in err and "in use" in err, status, err)
    server.stop()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        files()
        check_listening(tap)
        check_tunnel(tap)
        check_refused(tap)
        check_flood(tap)
        check_reload(tap)
        check_plain_reload(tap)
        check_bad_configurations(tap)
        os.chdir("/")
    tap.end()


main()
