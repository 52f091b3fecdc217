#!/usr/bin/env python3
"""basalt sc-check: every outcome of every step, at one hub and at two."""
import json
import os
import socket
import ssl
import struct
import tempfile

from client_world import Stage
from running import Site
from tap import Tap, run

STEPS = ["tcp", "tls", "websocket", "connect"]


class Checker:
    """Runs the verb and takes its lines apart."""

    def __init__(self, site, name="me"):
        self.options = site.credentials(name)

    def check(self, primary, failover=None, *arguments):
        """(status, certificates, {"primary": steps, "failover": steps}, errors)"""
        hubs = ["--hub", primary, *(["--failover-hub", failover] if failover else [])]
        status, out, err = run("sc-check", "--json", *hubs, *self.options, *arguments)
        lines = [json.loads(line) for line in out.splitlines()]
        return (status, [x for x in lines if "hub" not in x],
                {hub: [x for x in lines if x.get("hub") == hub] for hub in ("primary", "failover")},
                err)


def uri(port):
    return f"wss://127.0.0.1:{port}"


def went(steps):
    """The names of the steps that are told, and whether each but the last is good."""
    return [s["step"] for s in steps], all(s["ok"] for s in steps[:-1]) and steps[-1]["ok"]


def nobody():
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def check_two(tap, site):
    hub, port = site.hub()
    other, other_port = site.hub(name="other")
    checker = Checker(site)
    status, own, hubs, err = checker.check(uri(port), uri(other_port))
    listening = hub.events("listening")[0]
    tap.check("two hubs that work are 0", status == 0 and err == "", status, err)
    tap.check("our certificate and its issuer are told with the days left",
              [c["step"] for c in own] == ["certificate", "issuer"] and
              own[0]["subject"] == "CN=me" and own[0]["issuer"] == own[1]["subject"] and
              all(c["days_left"] > 300 and c["valid_until"] > "2000" for c in own), own)
    tap.check("each step of both is told and good",
              all(went(hubs[h]) == (STEPS, True) for h in hubs), hubs)
    tap.check("with the time that it took", all(0 <= s["ms"] < 60000 for h in hubs.values()
                                                for s in h), hubs)
    tap.check("TLS tells the hub's certificate, connecting who it is",
              hubs["primary"][1]["subject"] == "CN=hub" and
              hubs["failover"][1]["subject"] == "CN=other" and
              hubs["primary"][3]["vmac"] == listening["vmac"] and
              hubs["primary"][3]["uuid"] == listening["uuid"] and
              hubs["primary"][3]["max_npdu"] == 61327, hubs)
    joined = hub.wait_for("joined") or {}
    left = hub.wait_for("left") or {}
    tap.check("the hub sees a node that comes and leaves in order",
              joined.get("subject") == "CN=me" and left.get("reason") == "in order", hub.told())
    status, _, hubs, _ = checker.check(uri(nobody()), uri(other_port))
    tap.check("only the failover hub works: 7", status == 7 and not hubs["primary"][0]["ok"] and
              hubs["primary"][0]["error_code"] == "tcp-connection-refused" and
              went(hubs["failover"]) == (STEPS, True), status, hubs)
    status, _, hubs, _ = checker.check(uri(port), uri(nobody()))
    tap.check("only the primary hub works: 7", status == 7 and
              went(hubs["primary"]) == (STEPS, True) and not hubs["failover"][0]["ok"], status)
    status, _, hubs, _ = checker.check(uri(nobody()), uri(nobody()))
    tap.check("none works: why the primary does not", status == 3, status, hubs)
    status, out, err = run("sc", "check", "--hub", uri(port), *checker.options)
    lines = out.splitlines()
    tap.check("as text it is a line a step, also as sc check",
              status == 0 and [x.split()[0] for x in lines] ==
              ["certificate", "issuer", "primary", *STEPS] and
              all(" ok: " in x and x.endswith(" ms") for x in lines[3:]), out, err)
    other.stop()
    hub.stop()


def check_names(tap, site):
    status, _, hubs, _ = Checker(site).check("wss://no-such-host.invalid:1")
    step = hubs["primary"][-1]
    tap.check("a name that nobody has is told at the first step", status == 3 and
              step["step"] == "tcp" and step["error_code"].startswith("dns-"), status, step)


def check_trust(tap, site):
    strange = Site("strange", "stranger")
    hub, port = site.hub()
    checker = Checker(site)
    checker.options = ["--ca", site.path("ca.pem"), "--ca", strange.path("ca.pem"), "--cert",
                       strange.path("stranger.pem"), "--key", strange.path("stranger.key")]
    status, own, hubs, _ = checker.check(uri(port))
    step = hubs["primary"][-1]
    tap.check("a hub that does not trust us fails at TLS (4), and both issuers are told",
              status == 4 and (step["step"], step["ok"]) == ("tls", False) and
              "CN=stranger" in step["error"] and len(own) == 3, status, hubs, own)
    status, _, hubs, _ = Checker(strange, "stranger").check(uri(port))
    step = hubs["primary"][-1]
    tap.check("a hub that we do not trust fails there too, and is named",
              status == 4 and step["step"] == "tls" and "CN=hub" in step["error"], status, hubs)
    status, own, hubs, _ = Checker(site, "none").check(uri(port))
    tap.check("without our own certificate no hub is tried (2)", status == 2 and
              [(c["step"], c["ok"]) for c in own] == [("certificate", False)] and
              hubs["primary"] == [], status, own)
    mixed = Checker(site)
    mixed.options[-1] = site.path("hub.key")
    status, own, _, _ = mixed.check(uri(port))
    tap.check("a key of another certificate is told (5)", status == 5 and not own[0]["ok"], status,
              own)
    hub.stop()


def refuse_connect(stage, plain):
    """A NAK for the Connect-Request: resources, other"""
    stream, message = stage.accept_websocket(plain)
    answer = b"\x00\x00" + message[2:4] + b"\x06\x01\x00" + struct.pack(">HH", 3, 0)
    stream.sendall(bytes([0x82, len(answer)]) + answer)
    stream.recv(4096)
    stream.close()


def old_tls(stage, plain):
    context = stage.context
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.wrap_socket(plain, server_side=True).close()
    except ssl.SSLError:
        pass


def no_websocket(stage, plain):
    stream = stage.context.wrap_socket(plain, server_side=True)
    stream.recv(4096)
    stream.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    try:
        stream.recv(4096)
    except OSError:
        pass
    stream.close()


def accept_plain(stage, plain):
    """Without Hello; answers Disconnect-Request."""
    stream, message = stage.accept_websocket(plain)
    stage.flags = message[1]
    answer = b"\x07\x00" + message[2:4] + b"\x22" * 6 + b"\x33" * 16 + struct.pack(">HH", 6000, 2000)
    stream.sendall(bytes([0x82, len(answer)]) + answer)
    frame = stream.recv(4096)
    mask, payload = frame[2:6], frame[6:]
    request = bytes(o ^ mask[i % 4] for i, o in enumerate(payload))
    answer = b"\x09\x00" + request[2:4]
    stream.sendall(bytes([0x82, len(answer)]) + answer)
    try:
        stream.recv(4096)
    except OSError:
        pass
    stream.close()


# What a hub does, and what is told: step, status.
STRANGE = [
    ("keeps silent after TCP", Stage.keep_silent, "tls", 3),
    ("speaks plain HTTP", Stage.speak_http, "tls", 4),
    ("knows no TLS 1.3", old_tls, "tls", 4),
    ("is a web server", no_websocket, "websocket", 3),
    ("never accepts", Stage.never_accept, "connect", 3),
    ("refuses the Connect-Request", refuse_connect, "connect", 3),
]


def check_strange(tap, site):
    checker = Checker(site)
    for what, act, step, expected in STRANGE:
        stage = Stage(site, act, act)
        status, _, hubs, _ = checker.check(uri(stage.port), None, "--timeout", "0.5")
        last = hubs["primary"][-1]
        tap.check(f"a hub that {what} fails at {step} ({expected})",
                  (last["step"], last["ok"], status) == (step, False, expected) and
                  all(s["ok"] for s in hubs["primary"][:-1]), status, hubs)
    stage = Stage(site, Stage.nak_header, accept_plain)
    status, _, hubs, _ = checker.check(uri(stage.port), None, "--timeout", "2")
    tap.check("one that does not take the Hello option works at the second attempt",
              status == 0 and hubs["primary"][-1].get("second_attempt") is True and
              stage.flags & 2 == 0, status, hubs)


def check_plaintext(tap, site):
    hub, port = site.hub("--allow-plaintext")
    status, out, err = run("sc-check", "--json", "--hub", f"ws://127.0.0.1:{port}",
                           "--allow-plaintext")
    steps = [json.loads(line) for line in out.splitlines()]
    tap.check("ws:// is tried where it is allowed, without TLS and certificates, and loudly",
              status == 0 and [s["step"] for s in steps] == ["tcp", "websocket", "connect"] and
              "PLAINTEXT" in err, out, err)
    hub.stop()
    hub, port = site.hub()
    _, out, _ = run("sc-check", "--json", "--hub", f"ws://127.0.0.1:{port}", "--allow-plaintext")
    steps = [json.loads(line) for line in out.splitlines()]
    tap.check("where it meets TLS it is the WebSocket that fails",
              [(s["step"], s["ok"]) for s in steps] == [("tcp", True), ("websocket", False)], out)
    hub.stop()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = Site("site", "hub", "other", "me")
        for check in (check_two, check_names, check_trust, check_strange, check_plaintext):
            check(tap, site)
        os.chdir("/")
    tap.end()


main()
