#!/usr/bin/env python3
"""basalt knx discover, describe, tunnels: one server by name, and all that a multicast reaches.

Multicast goes to a fixed port: that part runs in a network namespace of its own.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

from running import Running
from tap import Tap, run

HOLD = os.environ["BASALT_KNX_HOLD"]
INSIDE = "inside"  # argument of the run in a namespace


def serve(*arguments):
    server = Running("knx", "serve", "--keyring", "site.knxkeys", "--keyring-pwd-file",
                     "site.password", *arguments)
    listening = server.wait_for("listening")
    assert listening is not None, server.told()
    return server, f"{listening['address']}:{listening['port']}"


def old_server(answer):
    """An interface that answers each datagram with that frame; gives its socket."""
    old = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    old.bind(("127.0.0.1", 0))

    def answers():
        try:
            while True:
                request, sender = old.recvfrom(1000)
                if request[2:4] == b"\x02\x03":  # DESCRIPTION_REQUEST
                    old.sendto(answer, sender)
        except OSError:
            pass  # closed
    threading.Thread(target=answers, daemon=True).start()
    return old


def describe_response(name):
    """DIBs 01 and 02 of an interface without extended search."""
    info = (bytes.fromhex("3601 0200 1105 0000 00fa01020304 e000170c 020304050607") +
            name.encode("latin-1").ljust(30, b"\0"))
    families = bytes.fromhex("0802 0201 0301 0401")
    body = info + families
    return bytes.fromhex("06100204") + (6 + len(body)).to_bytes(2, "big") + body


def check_describe(tap):
    server, address = serve("--bind", "127.0.0.1:0", "--set", "name=Keller \u00dc")
    for arguments in ((), ("--tcp",), ("--nat",)):
        status, out, err = run("knx", "describe", address, *arguments)
        lines = dict(re.split(r"  +", line, maxsplit=1) for line in out.splitlines())
        tap.check(f"describe tells all blocks {' '.join(arguments)}", status == 0 and
                  lines.get("address") == address and lines.get("individual address") == "1.1.0" and
                  lines.get("services") == "core 2, device management 2, tunnelling 2, security 1"
                  and lines.get("secured services") == "device management 1, tunnelling 1" and
                  lines.get("addresses") == "1.1.0, 1.1.10, 1.1.11, 1.1.12" and
                  lines.get("tunnels") == "1.1.10 free, 1.1.11 free, 1.1.12 free" and
                  lines.get("bus") == "connected" and lines.get("longest APDU") == "254",
                  status, out, err)
    status, out, err = run("knx", "describe", address, "--json")
    told = json.loads(out)
    tap.check("with --json as one object", status == 0 and
              f"{told['address']}:{told['port']}" == address and
              told["device_info"]["address"] == "1.1.0" and
              len(told["tunnelling"]["tunnels"]) == 3, out, err)
    server.stop()


def check_tunnels(tap):
    server, address = serve("--bind", "127.0.0.1:0")
    holder = subprocess.Popen([HOLD, address, "site.knxkeys", "1.1.11"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "up\n", server.told()
    status, out, err = run("knx", "tunnels", address)
    tap.check("tunnels tells which are free", status == 0 and out ==
              "tunnel     state   usable\n"
              "1.1.10     free    yes\n"
              "1.1.11     in use  yes\n"
              "1.1.12     free    yes\n", out, err)
    keyring = ("--keyring", "site.knxkeys", "--keyring-pwd-file", "site.password")
    status, out, err = run("knx", "tunnels", address, *keyring, "--tcp")
    tap.check("with a keyring also whose they are", status == 0 and out ==
              "tunnel     state   usable  user\n"
              "1.1.10     free    yes     2\n"
              "1.1.11     in use  yes     3\n"
              "1.1.12     free    yes     4\n", out, err)
    status, out, err = run("knx", "tunnels", address, *keyring, "--json")
    told = [json.loads(line) for line in out.splitlines()]
    tap.check("with --json one object each", status == 0 and told[1] ==
              {"address": "1.1.11", "is_free": False, "is_usable": True, "is_authorised": False,
               "is_in_keyring": True, "user": 3}, out, err)
    status, _, err = run("knx", "tunnels", address, "--keyring", "site.knxkeys",
                         "--keyring-pwd", "wrong")
    tap.check("a wrong password is said, with exit status 5", status == 5 and "site.knxkeys" in err,
              status, err)
    holder.stdin.close()
    holder.wait()
    server.stop()


def check_old_server(tap):
    old = old_server(describe_response("K\u00fcche\x1b"))
    address = "%s:%d" % old.getsockname()
    status, out, err = run("knx", "tunnels", address, "--timeout", "0.3")
    tap.check("a server without extended search does not tell, and that is said",
              status == 1 and out == "" and "extended search" in err, status, out, err)
    status, out, err = run("knx", "describe", address, "--timeout", "0.3")
    tap.check("it is described as far as it tells; its name is tamed and in UTF-8", status == 0 and
              re.search("^name +K\u00fcche\\?$", out, re.M) and "tunnels" not in out and
              re.search(r"^routing multicast +224\.0\.23\.12$", out, re.M) and
              re.search(r"^serial number +00fa:01020304$", out, re.M), status, out, err)
    old.close()


def check_nobody(tap):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        address = "%s:%d" % silent.getsockname()
        status, out, err = run("knx", "describe", address, "--timeout", "0.2")
        tap.check("who does not answer is told with exit status 3",
                  status == 3 and out == "" and address in err and "--tcp" in err, status, out, err)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = "%s:%d" % closed.getsockname()
        status, out, err = run("knx", "tunnels", address, "--tcp")
        tap.check("so is where nobody listens", status == 3 and "refused" in err, status, out, err)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = "%s:%d" % other.getsockname()

        def answer():
            peer, _ = other.accept()
            peer.recv(1000)
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        threading.Thread(target=answer, daemon=True).start()
        status, out, err = run("knx", "describe", address, "--tcp")
        tap.check("what is no KNXnet/IP server is told with exit status 1",
                  status == 1 and "KNXnet/IP" in err, status, out, err)


def check_discover(tap):
    """Inside of the namespace: two servers at the port of KNX, one after the other."""
    status, out, err = run("knx", "discover", "--timeout", "0.2")
    tap.check("nobody there is said, with exit status 3", status == 3 and out == "", out, err)
    for bind in ("0.0.0.0:3671", "127.0.0.1:3671"):
        server, _ = serve("--bind", bind, "--set", "name=Cellar")
        status, out, err = run("knx", "discover", "--timeout", "0.3")
        lines = out.splitlines()
        tap.check(f"discover finds a server on {bind}", status == 0 and len(lines) == 2 and
                  re.fullmatch(r"127\.0\.0\.1:3671 +1\.1\.0 +[0-9a-f]{4}:[0-9a-f]{8} +3/3 +Cellar +"
                               r"core, device management \(secured\), tunnelling \(secured\), "
                               r"security", lines[1]), status, out, err)
        status, out, err = run("knx", "discover", "--interface", "127.0.0.1", "--timeout", "0.3",
                               "--json")
        told = json.loads(out)
        tap.check("from one interface, with --json", status == 0 and
                  (told["address"], told["port"], told["name"], told["individual_address"]) ==
                  ("127.0.0.1", 3671, "Cellar", "1.1.0") and
                  (told["tunnels"], told["tunnels_free"]) == (3, 3) and
                  [s["is_secured"] for s in told["services"]] == [False, True, True, False],
                  out, err)
        server.stop()


def outside(tap):
    """Runs check_discover in a namespace."""
    me = [sys.executable, os.path.abspath(__file__), INSIDE]
    command = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if shutil.which("unshare") is None or \
            subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
        tap.skip("discover finds servers", "no network namespace can be made here (unshare -rn)")
        return
    done = subprocess.run([*command, *me], capture_output=True, text=True, timeout=60, check=False)
    tap.check("discover finds servers by multicast", done.returncode == 0, done.stdout,
              done.stderr)


def main():
    tap = Tap()
    if sys.argv[1:] == [INSIDE]:
        check_discover(tap)
        tap.end()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        subprocess.run([HOLD, "files"], check=True)
        check_describe(tap)
        check_tunnels(tap)
        check_old_server(tap)
        check_nobody(tap)
        outside(tap)
        os.chdir("/")
    tap.end()


main()
