#!/usr/bin/env python3
"""basalt pki: what it makes, as openssl sees it, and what it refuses."""
import json
import os
import re
import subprocess
import tempfile

from tap import Tap, run


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def look(path):
    """The text of openssl x509 with its white space folded."""
    return " ".join(openssl("x509", "-in", path, "-noout", "-text")[1].split())


def one(text):
    """The one object that was printed."""
    lines = text.splitlines()
    assert len(lines) == 1, text
    return json.loads(lines[0])


def check_made(tap):
    status, out, err = run("pki", "init", "site", "--name", "Test CA", "--json")
    made = one(out)
    tap.check("init makes an authority and tells its files",
              status == 0 and err == "" and made["certificate_file"] == "site/ca.pem" and
              made["key_file"] == "site/ca.key" and made["subject"] == "CN=Test CA", out, err)
    status, out, err = run("pki", "issue", "site", "hub", "--san", "dns:hub.example", "--san",
                           "ip:192.0.2.7", "--san", "ip:2001:db8::1", "--days", "30")
    tap.check("issue tells the files, the subject and the date in a line",
              status == 0 and re.fullmatch(r"site/hub\.pem and site/hub\.key: CN=hub, valid until "
                                           r"\d{4}-\d\d-\d\dT.*Z.*\n", out), out, err)
    for name in ("ca", "hub"):
        mode = os.stat(f"site/{name}.key").st_mode & 0o777
        tap.check(f"{name}.key has mode 0600", mode == 0o600, oct(mode))
    tap.check("the folder has mode 0700", os.stat("site").st_mode & 0o777 == 0o700)


def check_authority(tap):
    text = look("site/ca.pem")
    for what in ("Version: 3", "ecdsa-with-SHA256", "NIST CURVE: P-256",
                 "Basic Constraints: critical CA:TRUE, pathlen:0",
                 "Key Usage: critical Digital Signature, Certificate Sign, CRL Sign",
                 "Subject Key Identifier"):
        tap.check(f"openssl sees in the authority: {what}", what in text, text)


def check_leaf(tap):
    text = look("site/hub.pem")
    for what in ("Version: 3", "ecdsa-with-SHA256", "NIST CURVE: P-256",
                 "Basic Constraints: critical CA:FALSE", "Key Usage: critical Digital Signature X",
                 "TLS Web Server Authentication, TLS Web Client Authentication",
                 "Subject Key Identifier", "Authority Key Identifier", "DNS:hub.example",
                 "IP Address:192.0.2.7", "IP Address:2001:DB8:0:0:0:0:0:1", "URI:urn:uuid:"):
        tap.check(f"openssl sees in a device's: {what}", what in text, text)
    for purpose in ("sslserver", "sslclient"):
        status, text = openssl("verify", "-x509_strict", "-purpose", purpose, "-CAfile",
                               "site/ca.pem", "site/hub.pem")
        tap.check(f"openssl verifies it strictly as {purpose}", status == 0, text)
    public = openssl("x509", "-in", "site/hub.pem", "-noout", "-pubkey")[1]
    tap.check("key and certificate belong together",
              openssl("pkey", "-in", "site/hub.key", "-pubout")[1] == public)
    status, text = openssl("x509", "-in", "site/hub.pem", "-noout", "-checkend", str(29 * 86400))
    tap.check("30 days are more than 29", status == 0, text)
    status, text = openssl("x509", "-in", "site/hub.pem", "-noout", "-checkend", str(31 * 86400))
    tap.check("and less than 31", status == 1, text)


def check_show(tap):
    status, out, err = run("pki", "show", "site/hub.pem", "--json")
    shown = one(out)
    fingerprint = openssl("x509", "-in", "site/hub.pem", "-noout", "-fingerprint", "-sha256")[1]
    serial = openssl("x509", "-in", "site/hub.pem", "-noout", "-serial")[1]
    names = ["uri:urn:uuid:" + shown["uuid"], "dns:hub.example", "ip:192.0.2.7", "ip:2001:db8::1"]
    tap.check("show tells fingerprint and serial number as openssl does",
              status == 0 and fingerprint.split("=")[1].strip().replace(":", "").lower() ==
              shown["fingerprint"] and
              int(serial.split("=")[1], 16) == int(shown["serial"], 16), out, err)
    tap.check("show tells all names", shown["names"] == names, out)
    tap.check("show tells issuer and state", shown["issuer"] == "CN=Test CA" and
              shown["state"] == "valid" and shown["ca"] is False, out)
    status, out, err = run("pki", "show", "site/ca.pem")
    tap.check("show tells an authority as text", status == 0 and
              re.search(r"^authority +yes$", out, re.M) and "CN=Test CA" in out, out, err)


def check_uuid(tap):
    uuid = "0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0"
    run("pki", "issue", "site", "again", "--uuid", uuid)
    tap.check("--uuid stands in the certificate",
              one(run("pki", "show", "site/again.pem", "--json")[1])["uuid"] == uuid)
    uuids = set()
    for i in range(3):
        run("pki", "issue", "site", f"d{i}")
        uuids.add(one(run("pki", "show", f"site/d{i}.pem", "--json")[1])["uuid"])
    tap.check("without it each device gets one of its own", len(uuids) == 3, uuids)


def check_list(tap):
    status, out, err = run("pki", "list", "site", "--json")
    listed = [json.loads(line) for line in out.splitlines()]
    tap.check("list has the authority first, then all devices", status == 0 and
              [e["name"] for e in listed] == ["ca", "again", "d0", "d1", "d2", "hub"], out, err)
    os.rename("site/d0.key", "d0.key")
    with open("site/junk.pem", "w", encoding="utf-8") as file:
        file.write("no certificate\n")
    status, out, err = run("pki", "list", "site", "--json")
    listed = {e["name"]: e for e in map(json.loads, out.splitlines()) if "name" in e}
    tap.check("list tells a key that is not there", not listed["d0"]["has_key"] and
              listed["d1"]["has_key"], out)
    tap.check("a file that cannot be read makes the result partial (7)",
              status == 7 and "error" in listed["junk"] and "pki show" in err, status, out, err)
    status, out, err = run("pki", "list", "site")
    tap.check("as text it is a table", status == 7 and out.splitlines()[0].split() ==
              ["NAME", "STATE", "UNTIL", "KEY", "UUID", "SUBJECT"] and len(out.splitlines()) == 8,
              out)
    os.rename("d0.key", "site/d0.key")
    os.remove("site/junk.pem")


# What is wrong, arguments, exit status, text of the error.
REFUSALS = [
    ("no action", [], 2, "is missing"),
    ("unknown action", ["isue", "site", "x"], 2, "did you mean issue"),
    ("no folder", ["init"], 2, "init takes DIR"),
    ("no name", ["issue", "site"], 2, "issue takes DIR NAME"),
    ("one too many", ["list", "site", "x"], 2, "list takes DIR"),
    ("an authority exists", ["init", "site"], 6, "exists"),
    ("a device exists", ["issue", "site", "hub"], 6, "exists"),
    ("no authority", ["issue", ".", "x"], 2, "no authority"),
    ("no parent", ["init", "a/b/c"], 2, "a/b/c"),
    ("name with a slash", ["issue", "site", "../x"], 2, "x"),
    ("the authority's name", ["issue", "site", "ca"], 2, "ca"),
    ("no days", ["issue", "site", "x", "--days", "0"], 2, "--days"),
    ("too many days", ["issue", "site", "x", "--days", "100000"], 2, "--days"),
    ("outlives the authority", ["issue", "site", "x", "--days", "4000"], 4, "x"),
    ("kind of name unknown", ["issue", "site", "x", "--san", "email:a@b"], 2, "dns:"),
    ("malformed address", ["issue", "site", "x", "--san", "ip:1.2.3"], 2, "1.2.3"),
    ("malformed host name", ["issue", "site", "x", "--san", "dns:a b"], 2, "a b"),
    ("malformed UUID", ["issue", "site", "x", "--uuid", "1"], 2, "--uuid"),
    ("option of another action", ["init", "new", "--san", "dns:a"], 2, "--san: is not for init"),
    ("list of nothing", ["list", "nowhere"], 2, "nowhere"),
    ("show of nothing", ["show", "nowhere.pem"], 2, "nowhere.pem"),
    ("show of a key", ["show", "site/hub.key"], 4, "site/hub.key"),
]


def check_refusals(tap):
    before = {n: os.stat("site/" + n).st_mtime_ns for n in sorted(os.listdir("site"))}
    for what, arguments, expected, text in REFUSALS:
        status, out, err = run("pki", *arguments)
        tap.check(f"pki: {what} ends with {expected}",
                  status == expected and text in err and len(err.splitlines()) == 1 and
                  err.startswith("basalt: pki: ") and out == "", status, out, err)
    after = {n: os.stat("site/" + n).st_mtime_ns for n in sorted(os.listdir("site"))}
    tap.check("none of them changed the folder", before == after, before, after)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for check in (check_made, check_authority, check_leaf, check_show, check_uuid, check_list,
                      check_refusals):
            check(tap)
        os.chdir("/")
    tap.end()


main()
