#!/usr/bin/env python3
"""basalt knx keyring: what it makes, as hashlib and openssl see it; what it tells of real files and
what it refuses; how a password comes in."""
import base64
import hashlib
import json
import os
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree

from tap import PROGRAM, Tap, run

SHARED = os.path.join(os.environ.get("BASALT_SHARED", ""), "data")
PASSWORD = "lab \u20ac"
NEW = ["--project", "Labor \u00e4 <1>", "--host", "1.1.0", "--tunnels", "1.1.10-1.1.12",
       "--groups", "1/1/1-1/1/2,0/0/7", "--senders", "1.1.5,1.1.6"]
FILE = ["--keyring-pwd-file", "pwd"]


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def items(text, kind):
    return [item for item in objects(text) if item["item"] == kind]


# The format, read without a line of ours

def derive(password):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), b"1.keyring.ets.knx.org", 65536, 16)


def text_of(value):
    octets, length, head = value.encode(), len(value.encode()), b""
    while length > 127:
        head, length = head + bytes([length & 127 | 128]), length >> 7
    return head + bytes([length]) + octets


def hashed(element):
    name = element.tag.split("}")[-1]
    attributes = {k: v for k, v in element.attrib.items() if k != "Signature"}
    body = b"".join(text_of(k) + text_of(attributes[k]) for k in sorted(attributes))
    return b"\x01" + text_of(name) + body + b"".join(map(hashed, element)) + b"\x02"


def signature(root, password):
    key = text_of(base64.b64encode(derive(password)).decode())
    return base64.b64encode(hashlib.sha256(hashed(root) + key).digest()[:16]).decode()


def decrypt(root, password, text):
    vector = hashlib.sha256(root.get("Created").encode()).digest()[:16]
    done = subprocess.run(["openssl", "enc", "-d", "-aes-128-cbc", "-nopad", "-K",
                           derive(password).hex(), "-iv", vector.hex()],
                          input=base64.b64decode(text), capture_output=True, check=True)
    return done.stdout


def unpadded(octets):
    return octets[8:-octets[-1]].decode()


def check_new(tap):
    status, out, err = run("knx", "keyring", "new", "lab.knxkeys", *FILE, *NEW, "--json")
    made = objects(out)[0]
    tap.check("new tells what it made", status == 0 and err == "" and made ==
              {"file": "lab.knxkeys", "host": "1.1.0", "first_tunnel": "1.1.10",
               "last_tunnel": "1.1.12", "tunnels": 3, "groups": 3, "devices": 3}, out, err)
    tap.check("the file has mode 0600", os.stat("lab.knxkeys").st_mode & 0o777 == 0o600)
    root = ElementTree.parse("lab.knxkeys").getroot()
    tap.check("its signature is what hashlib says",
              root.get("Signature") == signature(root, PASSWORD), root.attrib)
    shown = run("knx", "keyring", "info", "lab.knxkeys", *FILE, "--json", "--reveal")[1]
    names = {"k": "{http://knx.org/xml/keyring/1}"}
    tunnels = root.findall(f"{names['k']}Interface")
    tap.check("passwords are what openssl decrypts",
              [unpadded(decrypt(root, PASSWORD, t.get("Password"))) for t in tunnels] ==
              [i["password"] for i in items(shown, "interface")], shown)
    keys = root.findall(f"{names['k']}GroupAddresses/{names['k']}Group")
    tap.check("keys are what openssl decrypts",
              [decrypt(root, PASSWORD, k.get("Key")).hex() for k in keys] ==
              [g["key"] for g in items(shown, "group")], shown)
    tap.check("the project keeps its characters",
              items(shown, "keyring")[0]["project"] == NEW[1] and
              items(shown, "keyring")[0]["verified"], shown)
    first = items(shown, "interface")[0]
    tap.check("a tunnel accepts the senders and the other tunnels",
              first["address"] == "1.1.10" and first["user"] == 2 and first["groups"][2] ==
              {"group": "0/0/7", "senders": ["1.1.5", "1.1.6", "1.1.11", "1.1.12"]}, shown)
    secrets = re.findall(r'"(?:password|key|tool_key|management)":"([^"]+)"', shown)
    tap.check("all keys and passwords are different, passwords of 16 characters",
              len(secrets) == len(set(secrets)) == 11 and
              all(re.fullmatch(r"[0-9a-f]{32}|[A-Za-z0-9]{16}", s) for s in secrets), secrets)


def check_many(tap):
    status, out, err = run("knx", "keyring", "new", "many.knxkeys", *FILE, "--project", "M",
                           "--host", "1.1.0", "--tunnels", "40", "--groups", "1/0/0-1/2/255")
    status2, out2, err2 = run("knx", "keyring", "verify", "many.knxkeys", *FILE, "--json")
    tap.check("40 tunnels with 768 groups (values above 127 octets, more than 64 KiB) verify",
              status == 0 and status2 == 0 and objects(out2)[0]["groups"] == 768 and
              objects(out2)[0]["interfaces"] == 40, out, err, out2, err2)
    root = ElementTree.parse("many.knxkeys").getroot()
    tap.check("with the signature that hashlib says",
              root.get("Signature") == signature(root, PASSWORD))
    status, out, err = run("knx", "keyring", "new", "eight.knxkeys", *FILE, "--project", "E",
                           "--host", "1.1.0", "--json")
    tap.check("there are 8 tunnels behind the host where nothing is said", status == 0 and
              objects(out)[0]["first_tunnel"] == "1.1.1" and objects(out)[0]["tunnels"] == 8, out,
              err)


def check_info(tap):
    with_secrets = run("knx", "keyring", "info", "lab.knxkeys", *FILE, "--json", "--reveal")[1]
    secrets = re.findall(r'"(?:password|key|tool_key|management|authentication)":"([^"]+)"',
                         with_secrets)
    for arguments in ([], ["--json"]):
        status, out, err = run("knx", "keyring", "info", "lab.knxkeys", *FILE, *arguments)
        tap.check(f"info {' '.join(arguments)} prints no secret", status == 0 and err == "" and
                  not any(s in out for s in secrets) and len(secrets) >= 11, out, err)
    status, out, err = run("knx", "keyring", "info", "lab.knxkeys", *FILE, "--reveal")
    tap.check("info --reveal prints all of them as text", all(s in out for s in secrets), out)
    for what in (r"^project +Labor \u00e4 <1>$", r"^signature +fits$",
                 r"^backbone +224\.0\.23\.12, latency 2000 ms, key [0-9a-f]{32}$",
                 r"^1\.1\.10 +tunnelling 1\.1\.0 +2 +\w{16} +\w{16}$",
                 r"^  1/1/2 +from 1\.1\.5 1\.1\.6 1\.1\.11 1\.1\.12$",
                 r"^0/0/7 +[0-9a-f]{32} 3$", r"^1\.1\.5 +- +1 +[0-9a-f]{32} - +- +-$"):
        tap.check(f"info has a line {what}", re.search(what, out, re.M), out)


def check_verify(tap):
    status, out, err = run("knx", "keyring", "verify", "lab.knxkeys", *FILE)
    tap.check("verify tells a good one", (status, out, err) ==
              (0, "lab.knxkeys: good: 3 interfaces, 3 secured groups, 3 devices\n", ""), out, err)
    with open("lab.knxkeys", encoding="utf-8") as file:
        text = file.read()
    with open("changed.knxkeys", "w", encoding="utf-8") as file:
        file.write(text.replace('UserID="2"', 'UserID="9"'))
    status, out, err = run("knx", "keyring", "verify", "changed.knxkeys", *FILE)
    tap.check("a changed one ends with 5 and is told as one", status == 5 and out == "" and
              "changed.knxkeys: the signature" in err and "password is right" in err, err)
    status, out, err = run("knx", "keyring", "verify", "lab.knxkeys", "--keyring-pwd-file", "other",
                           "--json")
    tap.check("a wrong password ends with 5 and is told as one, also as JSON", status == 5 and
              "the keyring password is wrong" in err and objects(out)[0]["status"] == 5, out, err)
    status, out, err = run("knx", "keyring", "info", "changed.knxkeys", *FILE, "--ignore-signature")
    tap.check("info reads on when it shall", status == 0 and "does not fit" in out, out, err)
    status, out, err = run("knx", "keyring", "info", "lab.knxkeys", "--keyring-pwd-file", "other",
                           "--ignore-signature")
    tap.check("but not with a wrong password", status == 5 and out == "", out, err)


def check_diff(tap):
    status, out, err = run("knx", "keyring", "diff", "lab.knxkeys", "lab.knxkeys", *FILE)
    tap.check("nothing is different from itself", (status, out) == (0, "nothing is different\n"),
              out, err)
    out = run("knx", "keyring", "diff", "lab.knxkeys", "lab.knxkeys", *FILE, "--json")[1]
    tap.check("and as JSON that is no object", out == "", out)
    with open("lab.knxkeys", encoding="utf-8") as file:
        text = file.read()
    for old, new in (('UserID="2"', 'UserID="9"'), ("1.1.5 1.1.6 1.1.11", "1.1.7 1.1.6 1.1.11"),
                     ('IndividualAddress="1.1.6"', 'IndividualAddress="1.1.8"'),
                     ("Labor", "La\x7fbor"), ('SequenceNumber="1"', 'SequenceNumber="77"')):
        text = text.replace(old, new, 1)
    text = re.sub(r'(<Group Address="7" Key=")[^"]*', r"\1AAAAAAAAAAAAAAAAAAAAAA==", text)
    with open("new.knxkeys", "w", encoding="utf-8") as file:
        file.write(text)
    arguments = ("knx", "keyring", "diff", "lab.knxkeys", "new.knxkeys", *FILE,
                 "--ignore-signature")
    status, out, err = run(*arguments)
    expected = ["~ keyring: Project Labor \u00e4 <1> -> La?bor \u00e4 <1>",
                "~ interface 1.1.10: UserID 2 -> 9",
                "- interface 1.1.10 group 1/1/1: sender 1.1.5",
                "+ interface 1.1.10 group 1/1/1: sender 1.1.7", "~ group 0/0/7: Key is another one",
                "~ device 1.1.0: SequenceNumber 1 -> 77", "- device 1.1.6", "+ device 1.1.8"]
    tap.check("each difference is a line", status == 0 and out.splitlines() == expected, out, err)
    status, out, err = run(*arguments, "--json")
    told = objects(out)
    tap.check("and an object", len(told) == 8 and told[1] ==
              {"change": "changed", "item": "interface 1.1.10", "field": "UserID", "old": "2",
               "new": "9"} and told[6] == {"change": "removed", "item": "device 1.1.6"}, out)
    run("knx", "keyring", "new", "again.knxkeys", "--keyring-pwd-file", "other", *NEW)
    status, out, err = run("knx", "keyring", "diff", "lab.knxkeys", "again.knxkeys",
                           "--keyring-pwd-file", "other", "--old-pwd-file", "pwd")
    tap.check("two keyrings with two passwords", status == 0 and
              out.count("Password is another one") == 4 and "sender" not in out, out, err)
    values = re.findall(r'="([A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{43}=)"', text)
    tap.check("no difference shows a secret", values and not any(v in out for v in values), out)


def with_descriptor(text, *arguments):
    ours, theirs = os.pipe()
    os.write(theirs, text.encode())
    os.close(theirs)
    done = subprocess.run([PROGRAM, "knx", "keyring", *arguments, "--keyring-pwd-fd", str(ours)],
                          capture_output=True, timeout=60, check=False, pass_fds=[ours])
    os.close(ours)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def check_passwords(tap):
    verify = ("knx", "keyring", "verify", "lab.knxkeys")
    for end in ("", "\n", "\r\n", "\nanother line\n"):
        with open("ended", "w", encoding="utf-8", newline="") as file:
            file.write(PASSWORD + end)
        os.chmod("ended", 0o600)
        status, _, err = run(*verify, "--keyring-pwd-file", "ended")
        tap.check(f"a file whose first line ends with {end!r}", status == 0 and err == "", err)
    status, _, err = with_descriptor(PASSWORD + "\n", "verify", "lab.knxkeys")
    tap.check("a descriptor", status == 0 and err == "", err)
    status, _, err = run(*verify, "--keyring-pwd-fd", "0", text=PASSWORD)
    tap.check("standard input as one", status == 0 and err == "", err)
    status, _, err = run(*verify, env={"KNX_KEYRING_PWD": PASSWORD})
    tap.check("KNX_KEYRING_PWD", status == 0 and err == "", err)
    status, _, err = run(*verify, env={"KNX_KEYRING_PASSWORD_FILE": "pwd"})
    tap.check("KNX_KEYRING_PASSWORD_FILE", status == 0 and err == "", err)
    status, _, err = run(*verify, *FILE, env={"KNX_KEYRING_PWD": "other"})
    tap.check("an option counts more than the environment", status == 0 and err == "", err)
    status, out, err = run(*verify, "--keyring-pwd", PASSWORD)
    tap.check("--keyring-pwd works, with a warning that does not have it", status == 0 and
              err.startswith("warning: --keyring-pwd: everybody") and PASSWORD not in err + out and
              len(err.splitlines()) == 1, err)
    os.chmod("ended", 0o644)
    status, _, err = run(*verify, "--keyring-pwd-file", "ended")
    tap.check("a file that others may read works, with a warning", status == 0 and
              "warning: ended: holds a password" in err, status, err)
    diff = ("knx", "keyring", "diff", "lab.knxkeys", "lab.knxkeys")
    status, _, err = run(*diff, env={"KNX_KEYRING_PWD": PASSWORD})
    tap.check("one password of the environment is enough for two files", status == 0, err)
    status, _, err = with_descriptor(PASSWORD, "diff", "lab.knxkeys", "lab.knxkeys")
    tap.check("one descriptor, too", status == 0, err)


# What is wrong, arguments, environment, exit status, text of the error.
REFUSALS = [
    ("no action", [], {}, 2, "is missing"),
    ("unknown action", ["verfy", "lab.knxkeys", *FILE], {}, 2, "did you mean verify"),
    ("no file", ["info", *FILE], {}, 2, "info takes FILE"),
    ("one file of two", ["diff", "lab.knxkeys", *FILE], {}, 2, "diff takes OLD NEW"),
    ("no password", ["info", "lab.knxkeys"], {}, 2, "the keyring's password is missing; give"),
    ("two passwords", ["info", "lab.knxkeys", *FILE, "--keyring-pwd-fd", "0"], {}, 2, "twice"),
    ("two variables", ["info", "lab.knxkeys"],
     {"KNX_KEYRING_PWD": "x", "KNX_KEYRING_PASSWORD_FILE": "pwd"}, 2, "are both set"),
    ("no password file", ["info", "lab.knxkeys", "--keyring-pwd-file", "no"], {}, 2, "no: cannot"),
    ("closed descriptor", ["info", "lab.knxkeys", "--keyring-pwd-fd", "77"], {}, 6,
     "--keyring-pwd-fd 77: cannot be read"),
    ("long password", ["info", "lab.knxkeys", "--keyring-pwd-file", "long"], {}, 2, "longer than"),
    ("password with a zero", ["info", "lab.knxkeys", "--keyring-pwd-file", "zero"], {}, 2, "zero"),
    ("no keyring", ["info", "no.knxkeys", *FILE], {}, 2, "no.knxkeys: cannot be opened"),
    ("text", ["info", "pwd", *FILE], {}, 1, "pwd: line 1: not XML"),
    ("other XML", ["verify", "other.xml", *FILE], {}, 1, "not Keyring"),
    ("a folder", ["verify", ".", *FILE], {}, 6, ".: "),
    ("reveal for verify", ["verify", "lab.knxkeys", *FILE, "--reveal"], {}, 2,
     "--reveal: is not for verify"),
    ("ignoring for verify", ["verify", "lab.knxkeys", *FILE, "--ignore-signature"], {}, 2,
     "--ignore-signature: is not for verify"),
    ("host for info", ["info", "lab.knxkeys", *FILE, "--host", "1.1.0"], {}, 2, "is not for info"),
    ("file exists", ["new", "lab.knxkeys", *FILE, *NEW], {}, 6, "lab.knxkeys: exists"),
    ("no folder", ["new", "no/x", *FILE, *NEW], {}, 2, "no/x: cannot be made"),
    ("no project", ["new", "x", *FILE, "--host", "1.1.0"], {}, 2, "new needs --project"),
    ("no host", ["new", "x", *FILE, "--project", "x"], {}, 2, "new needs --host"),
    ("host of none", ["new", "x", *FILE, "--project", "x", "--host", "1.1"], {}, 2, "--host"),
    ("empty password", ["new", "x", "--keyring-pwd-file", "empty", *NEW], {}, 2, "not empty"),
    ("no tunnels", ["new", "x", *FILE, *NEW[:4], "--tunnels", "0"], {}, 2, "--tunnels: give"),
    ("127 tunnels", ["new", "x", *FILE, *NEW[:4], "--tunnels", "127"], {}, 2, "--tunnels: give"),
    ("tunnels beyond the line", ["new", "x", *FILE, *NEW[:2], "--host", "1.1.250", "--tunnels",
                                 "6"], {}, 2, "--tunnels: give"),
    ("tunnels with the host", ["new", "x", *FILE, *NEW[:4], "--tunnels", "1.1.0-1.1.3"], {}, 2,
     "without the host"),
    ("tunnels backwards", ["new", "x", *FILE, *NEW[:4], "--tunnels", "1.1.9-1.1.3"], {}, 2,
     "--tunnels: give"),
    ("group of none", ["new", "x", *FILE, *NEW[:4], "--groups", "1/1/1,x"], {}, 2,
     '--groups: "x" is not an address'),
    ("sender of none", ["new", "x", *FILE, *NEW[:4], "--senders", "1.1.5,"], {}, 2,
     '--senders: "" is not an address'),
    ("too many senders", ["new", "x", *FILE, *NEW[:4], "--senders", "2.0.0-2.15.255"], {}, 2,
     "--senders: there are too many"),
    ("too many links", ["new", "x", *FILE, *NEW[:4], "--groups", "0/0/1-31/7/255"], {}, 2,
     "more than a keyring holds"),
    ("too many senders of links", ["new", "x", *FILE, *NEW[:4], "--tunnels", "100", "--groups",
                                   "1/0/0-1/1/255"], {}, 2, "more than a keyring holds"),
]


def check_refusals(tap):
    for name, text in (("long", "x" * 300), ("zero", "a\0b"), ("empty", "\n"),
                       ("other.xml", "<Keyting/>")):
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o600)
    before = sorted(os.listdir("."))
    made = os.stat("lab.knxkeys").st_mtime_ns
    for what, arguments, env, expected, text in REFUSALS:
        status, out, err = run("knx", "keyring", *arguments, env=env)
        tap.check(f"knx keyring: {what} ends with {expected}",
                  status == expected and text in err and len(err.splitlines()) == 1 and
                  err.startswith("basalt: knx keyring: ") and out == "", status, out, err)
    tap.check("none of them made or changed a file", sorted(os.listdir(".")) == before and
              os.stat("lab.knxkeys").st_mtime_ns == made, sorted(os.listdir(".")), before)


def check_real_files(tap):
    """The files that the vectors name; they are not part of this tree."""
    if not os.path.exists(os.path.join(SHARED, "keyring.knxkeys")):
        tap.skip("keyrings of others", "there are none beside this tree")
        return
    with open(os.path.join(os.environ["BASALT_VECTORS"], "knx-vectors.json"),
              encoding="utf-8") as file:
        vectors = [v for v in json.load(file)["vectors"] if v["group"].startswith("keyring")]
    for vector in vectors:
        status, out, err = run("knx", "keyring", "verify",
                               os.path.join(SHARED, vector["input"]["file"]),
                               env={"KNX_KEYRING_PWD": vector["input"].get("password", "x")})
        good = vector["expect"].get("signature_ok")
        wanted = 0 if good else 1 if good is None else 5
        tap.check(f"{vector['id']} {vector['title']}: ends with {wanted}", status == wanted, out,
                  err)


def main():
    tap = Tap()
    for name in ("KNX_KEYRING_PWD", "KNX_KEYRING_PASSWORD_FILE"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, text in (("pwd", PASSWORD + "\n"), ("other", "other\n")):
            with open(name, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(name, 0o600)
        for check in (check_new, check_many, check_info, check_verify, check_diff, check_passwords,
                      check_refusals, check_real_files):
            check(tap)
        os.chdir("/")
    tap.end()


main()
