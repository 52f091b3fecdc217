#!/usr/bin/env python3
"""Every BACnet/SC vector of tests/vectors through `basalt decode`."""
import json
import os

from tap import Tap, decode

A = "123456789abc"
B = "a20b0c0d0e0f"
H = ["--self", "e21122334455", "--uuid", "8a6d5f103c2b4e19b7a80123456789ab"]
NODE = ["--role", "node"]
HUB = ["--role", "hub", "--peer", A]

# Who gets a frame of each context: the first is where its expected action is looked for.
CONTEXTS = {
    "hub->node (as delivered by the hub)": [NODE],
    "node->hub (as sent by a node on its hub connection)": [HUB],
    "any connection": [NODE, HUB, ["--role", "direct"]],
    "direct connection": [["--role", "direct"]],
    "connection peer, both directions": [NODE, HUB],
    "accepting peer": [["--role", "unconnected"]],
    "accepting peer in AWAITING_REQUEST": [["--role", "unconnected"]],
    "initiating peer": [["--role", "unconnected"]],
    "initiating peer -> accepting peer": [["--role", "unconnected"], HUB],
    "accepting peer -> initiating peer": [["--role", "unconnected"], NODE],
    "accepting peer -> initiating peer, answer to Connect-Request id 1": [
        ["--role", "unconnected"]],
    "hub receives from node A": [HUB],
    "hub receives from node A; nobody connected as B2:99:99:99:99:99": [
        [*HUB, "--connected", B]],
}

# What the vectors call an action, in our words; where several are right, what we chose.
ACTIONS = {
    "discard silently": "drop",
    "discard and NAK": "nak",
    "forward": "forward",
    "process, ignore the text": "deliver",
    "discard; NAK optional": "nak",     # hub-receives-npdu-no-dest: doc/decisions.md
    "discard, or NAK": "drop",          # proprietary-unsupported: our nodes have no such functions
}

# Valid requests and what goes back (our fresh ids start at 0; Address-Resolution is refused).
ANSWERS = {
    "heartbeat-request": ("answer", "0b000041"),
    "heartbeat-request-optional-dest-option": ("answer", "0b000042"),
    "disconnect-request": ("answer", "09000040"),
    "disconnect-request-optional-dest-option": ("answer", "09000043"),
    "connect-request": ("answer", "@connect-accept"),
    "connect-request-hello-none": ("answer", "@connect-accept-hello-none"),
    "address-resolution-h2n": ("nak", "00040020123456789abc0201000007002d"),
    "address-resolution-direct": ("nak", "000000210201000007002d"),
    "advertisement-solicitation-h2n": ("answer", "04040000123456789abc0100164905d9"),
    "npdu-h2n-two-dest-options-mu": ("nak", "@result-nak-header-not-understood-n2h"),
}


def load():
    with open(os.path.join(os.environ["BASALT_VECTORS"], "bacnet-sc-vectors.json"),
              encoding="utf-8") as file:
        data = json.load(file)
    return data, {v["name"]: v for v in data["vectors"] if v["proto"] == "bacnet-sc"}


def decode_by_role(vectors):
    """One run of the program for each way of receiving; gives (name, arguments) -> object."""
    wanted = {}
    for vector in vectors.values():
        for arguments in CONTEXTS[vector["context"]]:
            wanted.setdefault(tuple(arguments), []).append(vector)
    found = {}
    for arguments, group in wanted.items():
        objects = decode([v["hex"] for v in group], *arguments, *H)
        found.update({(v["name"], arguments): o for v, o in zip(group, objects)})
    return found


def check_valid(tap, vector, arguments, got):
    wrong = {key: (value, got.get(key)) for key, value in vector["decoded"].items()
             if got.get(key) != value or key not in got}
    tap.check(f"{vector['name']} decodes to its fields ({' '.join(arguments)})", not wrong, wrong)


def check_malformed(tap, vector, arguments, got):
    expected = vector["expected"]
    action = ACTIONS[expected["action"]]
    name = expected.get("error_name") or expected.get("would_be")
    good = got["action"] == action
    if action == "nak":
        good = good and got.get("reply") == expected["reply_hex"]
    if action == "forward":
        good = good and got.get("forward") == expected["forward_hex"]
    if action in ("nak", "drop"):
        good = good and "error" in got and name in (None, got["error"])
    tap.check(f"{vector['name']}: {expected['action']} ({' '.join(arguments)})", good,
              expected, got)


def check_answers(tap, vectors):
    for name, (action, reply) in ANSWERS.items():
        vector = vectors[name]
        arguments = CONTEXTS[vector["context"]][0]
        if name == "heartbeat-request":
            arguments = HUB
        reply = vectors[reply[1:]]["hex"] if reply.startswith("@") else reply
        got = decode([vector["hex"]], *arguments, *H)[0]
        tap.check(f"{name} is answered", (got["action"], got.get("reply")) == (action, reply),
                  reply, got)


def main():
    tap = Tap()
    data, vectors = load()
    found = decode_by_role(vectors)
    for vector in vectors.values():
        for arguments in CONTEXTS[vector["context"]]:
            got = found[(vector["name"], tuple(arguments))]
            check = check_valid if vector["kind"] == "valid" else check_malformed
            check(tap, vector, arguments, got)
    for pair in data["hub_pairs"]:
        peer = A if pair["from"] == "A" else B
        got = decode([vectors[pair["in"]]["hex"]], "--role", "hub", "--peer", peer)[0]
        tap.check(f"hub pair {pair['in']}",
                  (got["action"], got.get("forward")) == ("forward", vectors[pair["out"]]["hex"]),
                  vectors[pair["out"]]["hex"], got)
    check_answers(tap, vectors)
    tap.end()


main()
