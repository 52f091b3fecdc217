#!/usr/bin/env python3
"""An independent dissector (tshark) reads an example of every service: its request, its answer where it has parameters, its error
where it has one of its own. Nothing is malformed, and every name and value that we read there, tshark shows too."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from peer import Tap

BASALT = os.path.abspath(sys.argv[1])
VECTORS = os.path.join(os.path.dirname(__file__), "../vectors/bacnet-services.txt")
HEADS = {(True, "request"): "000501", (False, "request"): "10", (True, "ack"): "3001", (True, "error"): "5001"}
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


class Judge(Tap):
    def check(self, name, good, *why):
        self.count += 1
        self.failed += 0 if good else 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        for line in () if good else why:
            print(f"# {line}")


def services():
    """(confirmed, name) -> choice, as the PICS of the program lists them."""
    out = subprocess.run([BASALT, "pics", "--json"], stdout=subprocess.PIPE, text=True, check=True).stdout
    rows = [json.loads(line) for line in out.splitlines()]
    return {(o["confirmed"], o["service"]): o["choice"] for o in rows if "service" in o and o["initiated"]}


def read_examples(choices):
    confirmed = {name: is_confirmed for is_confirmed, name in choices}
    examples = []
    with open(VECTORS, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                part, service, octets, says = line.split(" ", 3)
                examples.append({"part": part, "service": service, "confirmed": confirmed[service],
                                 "octets": octets.strip("-"), "says": json.loads(says)})
    return examples


def apdu(example, choice):
    return HEADS[(example["confirmed"], example["part"])] + f"{choice:02x}" + example["octets"]


def packet(hex_apdu):
    npdu = bytes([1, 0]) + bytes.fromhex(hex_apdu)
    return bytes([0x81, 0x0A]) + (len(npdu) + 4).to_bytes(2, "big") + npdu


def dissect(folder, apdus):
    """tshark's text of each."""
    with open(f"{folder}/octets.txt", "w", encoding="ascii") as file:
        file.writelines(f"0000 {packet(one).hex(' ')}\n" for one in apdus)
    subprocess.run(["text2pcap", "-q", "-u", "47808,47808", f"{folder}/octets.txt", f"{folder}/all.pcap"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    out = subprocess.run(["tshark", "-r", f"{folder}/all.pcap", "-O", "bacapp"], stdout=subprocess.PIPE, text=True, check=True).stdout
    frames = re.split(r"^Frame \d+:", out, flags=re.M)[1:]
    return [frame[frame.index("Building Automation and Control Network APDU"):] for frame in frames]


def leaves(says, key=""):
    """(name of the parameter, value) of all that is not made of other things."""
    if isinstance(says, dict):
        for name, value in says.items():
            yield from leaves(value, name)
    elif isinstance(says, list):
        for value in says:
            yield from leaves(value, key)
    else:
        yield key, says


def plain(text):
    return re.sub(r"[^a-z0-9.]", "", text.lower())


def duration(seconds):
    return f"{seconds // 3600}.{seconds // 60 % 60:02d}.{seconds % 60:02d}"


def shows_text(text, value):
    if date := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)( \*)?", value):
        return f"{MONTHS[int(date[2]) - 1]} {int(date[3])}, {date[1]}" in text
    if time := re.fullmatch(r"(\d\d):(\d\d):(\d\d)\.(\d\d)", value):
        return f"{int(time[1]):02d}:{time[2]}:{time[3]}.{int(time[4])}" in text
    if value == "*:*:*.*":
        return "any" in text
    return plain(value) in plain(text) or plain(bytes_of(value)) in plain(text)


def bytes_of(value):
    """What octets say, where tshark shows them as a text."""
    try:
        return bytes.fromhex(value).decode("ascii", "replace")
    except ValueError:
        return value


def shows(text, key, value):
    if isinstance(value, bool):
        return str(value).upper() in text or str(value) in text
    if isinstance(value, str):
        return shows_text(text, value)
    numbers = [float(n) for n in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\w)", text)]
    return any(abs(value - n) <= 1e-4 * max(1, abs(n)) for n in numbers) or \
        (isinstance(value, int) and duration(value) in text)


def service_name(text):
    found = re.search(r"Service Choice: ([\w-]+)", text)
    return plain(found[1]) if found else None


def check(tap, examples, texts):
    for example, text in zip(examples, texts):
        name = f"{'confirmed' if example['confirmed'] else 'unconfirmed'} {example['service']} {example['part']}"
        missing = [f"{key}: {value}" for key, value in leaves(example["says"]) if not shows(text, key, value)]
        said = service_name(text)
        ours = plain(example["service"])
        tap.check(f"{name}: tshark shows every name and value",
                  "alformed" not in text and said in (ours, "un" + ours, "confirmed" + ours) and not missing,
                  f"tshark calls it {said}", *missing)


def main():
    tap = Judge()
    if shutil.which("tshark") is None or shutil.which("text2pcap") is None:
        tap.skip("tshark reads an example of every service", "tshark is not installed")
        tap.end()
    choices = services()
    examples = read_examples(choices)
    shown = {(e["confirmed"], e["service"]) for e in examples}
    tap.check("there is an example of every service", shown == set(choices), *(shown ^ set(choices)))
    with tempfile.TemporaryDirectory() as folder:
        texts = dissect(folder, [apdu(e, choices[(e["confirmed"], e["service"])]) for e in examples])
    check(tap, examples, texts)
    tap.end()


main()
