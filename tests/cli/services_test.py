#!/usr/bin/env python3
"""Verbs against a device that answers what the test wants: alarms of other makers, objects that they
create, services of vendors. What goes out is compared octet by octet, what is printed too."""
import os
import tempfile

from client_world import Puppet, World
from tap import Tap

STAMPS = "3e2ea47e0a0c01b40d1e00002f19110cffffffff3f"
HIGH = "0c000000011903" + "2a0560" + STAMPS + "4900" + "5a05e0" + "6e2103210421056f"
QUIET = "0c000000021900" + "2a05c0" + STAMPS + "4901" + "5a05e0" + "6e2103210421056f"


def complex_ack(body):
    return lambda invoke, service: bytes([0x30, invoke, service]) + bytes.fromhex(body)


def simple_ack():
    return lambda invoke, service: bytes([0x20, invoke, service])


def error(body):
    return lambda invoke, service: bytes([0x50, invoke, service]) + bytes.fromhex(body)


def unknown():
    return lambda invoke, service: bytes([0x60, invoke, 9])


STAMP_JSON = ('{"datetime":{"date":"2026-10-12","time":"13:30:00.00"}},{"sequence-number":17},'
              '{"time":"*:*:*.*"}')
# (what, arguments behind the device, answers by service: a list is one after another, requests in
#  hex without their first 3 octets, exit status, text or None, JSON or None)
CASES = [
    ("alarms in two answers", ["alarms"],
     {29: [complex_ack("0e" + HIGH + "0f1901"), complex_ack("0e" + QUIET + "0f1900")]},
     ["1d", "1d0c00000001"], 0,
     "object                  state       unacknowledged          since\n"
     "analog-input,1          high-limit  to-offnormal            2026-10-12 13:30:00.00\n"
     "analog-input,2          normal      to-normal               *:*:*.*\n",
     '{"device":"$DEVICE","object":"analog-input,1","state":"high-limit",'
     '"acknowledged":["to-fault","to-normal"],"time_stamps":[' + STAMP_JSON +
     '],"notify_type":"alarm","enabled":["to-offnormal","to-fault","to-normal"],'
     '"priorities":[3,4,5]}\n'
     '{"device":"$DEVICE","object":"analog-input,2","state":"normal",'
     '"acknowledged":["to-offnormal","to-fault"],"time_stamps":[' + STAMP_JSON +
     '],"notify_type":"event","enabled":["to-offnormal","to-fault","to-normal"],'
     '"priorities":[3,4,5]}\n'),
    ("no alarms", ["alarms"], {29: complex_ack("0e0f1900")}, ["1d"], 0,
     "nothing is in alarm, and nothing waits to be acknowledged\n", ""),
    ("alarms of a device without GetEventInformation", ["alarms"],
     {29: unknown(), 3: complex_ack("c4000000019103820560")}, ["1d", "03"], 0,
     "object                  state       unacknowledged          since\n"
     "analog-input,1          high-limit  to-offnormal            \n",
     '{"device":"$DEVICE","object":"analog-input,1","state":"high-limit",'
     '"acknowledged":["to-fault","to-normal"]}\n'),
    ("a device that says more and has none", ["alarms"], {29: complex_ack("0e0f1901")}, ["1d"], 0,
     "nothing is in alarm, and nothing waits to be acknowledged\n", ""),
    ("alarms that cannot be decoded", ["alarms"], {29: complex_ack("0e0c")}, ["1d"], 1, None, None),
    ("ack of what waits", ["ack", "ai:1"],
     {29: complex_ack("0e" + HIGH + QUIET + "0f1900"), 0: simple_ack()}, ["1d", None], 0,
     "analog-input,1 high-limit of 2026-10-12 13:30:00.00 acknowledged\n",
     '{"device":"$DEVICE","object":"analog-input,1","state":"high-limit","time_stamp":{"datetime":'
     '{"date":"2026-10-12","time":"13:30:00.00"}},"acknowledged":true}\n'),
    ("ack of what does not wait", ["ack", "ai:3"], {29: complex_ack("0e" + HIGH + "0f1900")},
     ["1d"], 1, None, None),
    ("ack with a stamp", ["ack", "ai:1", "normal", "17"], {0: simple_ack()}, [None], 0,
     "analog-input,1 normal of 17 acknowledged\n", None),
    ("ack that is refused", ["ack", "ai:1", "normal", "17"], {0: error("91029102")}, [None], 1,
     None, None),
    ("create by type", ["create", "av"], {10: complex_ack("c400800007")}, ["0a0e09020f"], 0,
     "analog-value,7 created\n",
     '{"device":"$DEVICE","object":"analog-value,7","created":true}\n'),
    ("create with values", ["create", "av:7", "pv=-20.5@8", "desc=x"],
     {10: complex_ack("c400800007")},
     ["0a0e1c008000070f1e09552e44c1a400002f3908091c2e7200782f1f"],
     0, None, None),
    ("create that is refused for a value", ["create", "av:7", "pv=1", "units=9999"],
     {10: error("0e910291250f1902")}, [None], 1, None, None),
    ("delete", ["delete", "av:7"], {11: simple_ack()}, ["0bc400800007"], 0,
     "analog-value,7 deleted\n",
     '{"device":"$DEVICE","object":"analog-value,7","deleted":true}\n'),
    ("delete that is refused", ["delete", "av:7"], {11: error("91019117")}, ["0bc400800007"], 1,
     None, None),
    ("a message", ["text", "Hi", "--urgent", "--class", "5", "--from", "77"], {19: simple_ack()},
     ["130c0200004d1e09051f29013b004869"], 0, "device $DEVICE acknowledged the message\n",
     '{"device":"$DEVICE","message":"Hi","acknowledged":true}\n'),
    ("a vendor's service", ["private", "260", "7", "72.5", "text:on"],
     {18: complex_ack("0a010419072e21052f")},
     ["120a010419072e4442910000" "73006f6e" "2f"], 0, '{"result":[5]}\n',
     '{"device":"$DEVICE","vendor":260,"service":7,"acknowledged":true,"result":[5]}\n'),
    ("a vendor's service in hex, without a result", ["private", "260", "7", "--hex", "2105"],
     {18: complex_ack("0a01041907")}, ["120a010419072e21052f"], 0,
     "device $DEVICE acknowledged it without a result\n",
     '{"device":"$DEVICE","vendor":260,"service":7,"acknowledged":true}\n'),
    ("silence for a while", ["control", "disable-initiation", "5"], {17: simple_ack()},
     ["1109051902"], 0, "device $DEVICE acknowledged disable-initiation for 5 min\n",
     '{"device":"$DEVICE","service":"device-communication-control","state":"disable-initiation",'
     '"minutes":5,"acknowledged":true}\n'),
    ("a restart with a password", ["reinit", "warmstart", "--device-pwd-file", "$PASSWORD"],
     {20: simple_ack()}, ["1409011d07" "006d656c6c6f6e"], 0,
     "device $DEVICE acknowledged warmstart\n", None),
    ("a restart with a wrong password", ["reinit", "warmstart"], {20: error("9104911a")},
     ["140901"], 1, None, None),
]


class Answers:
    """What a device answers, in order."""

    def __init__(self, by_service):
        self.left = {k: list(v) if isinstance(v, list) else v for k, v in by_service.items()}

    def __call__(self, invoke, service, _body):
        answer = self.left.get(service, unknown())
        if isinstance(answer, list):
            answer = answer.pop(0)
        return answer(invoke, service)


def check_case(tap, w, case):
    what, arguments, by_service, requests, status, text, json_lines = case
    for more, expected in (([], text), (["--json"], json_lines)):
        puppet = Puppet(w, Answers(by_service))
        verb, *rest = [a.replace("$PASSWORD", w.site.path("pwd")) for a in arguments]
        got = w.run(verb, puppet.name_for_us, *rest, *more)
        as_text = [g.replace(puppet.name_for_us, "$DEVICE") if isinstance(g, str) else g
                   for g in got]
        good = got[0] == status and (expected is None or as_text[1] == expected)
        good = good and (status != 0 or got[2] == "") and (status == 0 or got[2].count("\n") == 1)
        tap.check(f"{what}{' as JSON' if more else ''}: status {status}", good, *as_text)
        sent = [r[3:].hex() for r in puppet.requests]
        tap.check("that was asked", len(sent) == len(requests) and all(
            e is None or e == g for e, g in zip(requests, sent)), sent, requests)
        puppet.close()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        w = World(folder)
        with open(w.site.path("pwd"), "w", encoding="utf-8",
                  opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write("mellon\n")
        for case in CASES:
            check_case(tap, w, case)
        w.device.stop()
        w.hub.stop()
    tap.end()


main()
