#!/usr/bin/env python3
"""basalt pki: what it makes, as openssl sees it, and what it refuses."""
import csv
import json
import os
import re
import subprocess
import tempfile
import time

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
    ("unknown action", ["isue", "site", "x"], 2, "did you mean basalt pki issue"),
    ("no folder", ["init"], 2, "DIR is missing; see basalt pki init --help"),
    ("no name", ["issue", "site"], 2, "takes DIR and NAME, or DIR and --from FILE"),
    ("one too many", ["list", "site", "x"], 2, "\"x\" is one argument too many"),
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
    ("option of another action", ["init", "new", "--san", "dns:a"], 2, "--san\" is not an option"),
    ("list of nothing", ["list", "nowhere"], 2, "nowhere"),
    ("request without a name", ["request", "dev"], 2, "DIR NAME is missing"),
    ("request over a key", ["request", "site", "hub"], 6, "name it (--key)"),
    ("request with a key that is none", ["request", "dev", "x", "--key", "site/hub.pem"], 6,
     "site/hub.pem is open to group or others"),
    ("request with a certificate for a key", ["request", "dev", "x", "--key", "junk.key"], 5,
     "junk.key holds no private key"),
    ("password file that is not there", ["request", "dev", "x", "--key-password-file", "no"], 2,
     "no"),
    ("password file that is empty", ["request", "dev", "x", "--key-password-file", "empty"], 2,
     "the key's password is empty"),
    ("password twice", ["request", "dev", "x", "--key-password-file", "pwd",
                        "--key-password-fd", "0"], 2, "is given twice"),
    ("sign of nothing", ["sign", "site", "no.csr"], 2, "no.csr"),
    ("sign of a certificate", ["sign", "site", "site/hub.pem"], 4,
     "it holds no certificate request in PEM form"),
    ("renew of nothing", ["renew", "site", "nobody"], 2, "nobody.pem"),
    ("renew of the authority", ["renew", "site", "ca"], 2, "the name ca"),
    ("renew with two keys", ["renew", "site", "hub", "--new-key", "--csr", "good.csr"], 2,
     "give one of the two"),
    ("renew with a password for no key", ["renew", "site", "hub", "--key-password-file", "pwd"], 2,
     "none is made"),
    ("revoke of nothing", ["revoke", "site", "nobody"], 2, "issued no certificate to nobody"),
    ("revoke of no number", ["revoke", "site", "--serial", "xyz"], 2, "is no serial number"),
    ("revoke of an unknown number", ["revoke", "site", "--serial", "4a4b"], 2, "of number 4a4b"),
    ("revoke of two", ["revoke", "site", "hub", "--serial", "4a"], 2, "give one of the two"),
    ("revoke for no good reason", ["revoke", "site", "hub", "--reason", "boredom"], 2, "--reason"),
    ("bundle without a password", ["bundle", "site", "hub"], 2, "give --password-file FILE"),
    ("bundle with and without", ["bundle", "site", "hub", "--no-password", "--password-file",
                                 "pwd"], 2, "--no-password is there with a password"),
    ("bundle of nothing", ["bundle", "site", "nobody", "--password-file", "pwd"], 2, "nobody.pem"),
    ("list that is not there", ["issue", "site", "--from", "no.csv"], 2, "no.csv"),
    ("list and name", ["issue", "site", "x", "--from", "no.csv"], 2, "DIR and --from FILE"),
    ("list and --san", ["issue", "site", "--from", "no.csv", "--san", "dns:a"], 2,
     "put it into its column"),
    ("check of nothing", ["check"], 2, "DIR|FILE... is missing"),
    ("check with no authority", ["check", "site/hub.pem", "--ca", "no.pem"], 2, "no.pem"),
    ("rotate without --plan", ["rotate", "site"], 2, "--plan"),
    ("rotate of nothing", ["rotate", "nowhere", "--plan"], 2, "nowhere"),
    ("rotate to itself", ["rotate", "site", "--plan", "--to", "site"], 2, "the same authority"),
    ("show of nothing", ["show", "nowhere.pem"], 2, "nowhere.pem"),
    ("show of a key", ["show", "site/hub.key"], 4, "site/hub.key"),
]


def write(path, text, mode=0o600):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def check_refusals(tap):
    write("junk.key", "no key\n")
    write("empty", "\n")
    write("pwd", "correct horse\n")
    run("pki", "request", "good", "good")
    os.rename("good/good.csr", "good.csr")
    before = {n: os.stat("site/" + n).st_mtime_ns for n in sorted(os.listdir("site"))}
    for what, arguments, expected, text in REFUSALS:
        status, out, err = run("pki", *arguments)
        tap.check(f"pki: {what} ends with {expected}",
                  status == expected and text in err and len(err.splitlines()) == 1 and
                  err.startswith("basalt: ") and out == "", status, out, err)
    after = {n: os.stat("site/" + n).st_mtime_ns for n in sorted(os.listdir("site"))}
    tap.check("none of them changed the folder", before == after, before, after)


def check_request_and_sign(tap):
    write("pwd", "correct horse\n")
    uuid = "0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f1"
    status, out, err = run("pki", "request", "dev", "ahu", "--san", "dns:ahu.example", "--san",
                           "ip:192.0.2.9", "--uuid", uuid, "--key-password-file", "pwd", "--json")
    made = one(out)
    tap.check("request tells its files, and what it asks for", status == 0 and
              made["request_file"] == "dev/ahu.csr" and made["key_file"] == "dev/ahu.key" and
              made["uuid"] == uuid and made["names"] == ["uri:urn:uuid:" + uuid, "dns:ahu.example",
                                                         "ip:192.0.2.9"], out, err)
    tap.check("the new key has mode 0600 and is encrypted",
              os.stat("dev/ahu.key").st_mode & 0o777 == 0o600 and
              "ENCRYPTED PRIVATE KEY" in open("dev/ahu.key", encoding="ascii").read())
    status, text = openssl("pkey", "-in", "dev/ahu.key", "-passin", "file:pwd", "-noout", "-check")
    tap.check("openssl opens it with the password", status == 0 and "valid" in text, text)
    status, text = openssl("req", "-in", "dev/ahu.csr", "-noout", "-verify", "-text")
    tap.check("openssl verifies the request", status == 0 and "verify OK" in text and
              "DNS:ahu.example" in text and "URI:urn:uuid:" + uuid in text, text)
    status, out, err = run("pki", "sign", ".", "dev/ahu.csr")
    tap.check("sign needs an authority", status == 2 and "there is no authority in ." in err, err)
    status, out, err = run("pki", "sign", "site", "dev/ahu.csr", "--dry-run")
    tap.check("sign --dry-run tells what is asked for, and signs nothing", status == 0 and
              "asks for        CN=ahu\n" in out and "dns:ahu.example" in out and
              not os.path.exists("site/ahu.pem"), out, err)
    tap.check("show tells the same", run("pki", "show", "dev/ahu.csr")[1] == out)
    shown = one(run("pki", "show", "dev/ahu.csr", "--json")[1])
    tap.check("show tells the key's identifier", len(shown["key_id"]) == 40 and
              shown["uuid"] == uuid, shown)
    status, out, err = run("pki", "sign", "site", "dev/ahu.csr", "--days", "40", "--json")
    made = one(out)
    tap.check("sign makes the certificate alone", status == 0 and
              made["certificate_file"] == "site/ahu.pem" and "key_file" not in made and
              made["uuid"] == uuid, out, err)
    text = look("site/ahu.pem")
    for what in ("DNS:ahu.example", "IP Address:192.0.2.9", "URI:urn:uuid:" + uuid, "CA:FALSE",
                 "TLS Web Server Authentication, TLS Web Client Authentication"):
        tap.check(f"openssl sees in what was signed: {what}", what in text, text)
    status, text = openssl("verify", "-x509_strict", "-CAfile", "site/ca.pem", "site/ahu.pem")
    tap.check("openssl verifies what was signed", status == 0, text)
    tap.check("it is the key of the request", openssl("x509", "-in", "site/ahu.pem", "-noout",
                                                      "-pubkey")[1] ==
              openssl("req", "-in", "dev/ahu.csr", "-noout", "-pubkey")[1])


def check_foreign_requests(tap):
    """Requests that openssl makes, good and bad."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    uuid = one(run("pki", "show", "site/ahu.pem", "--json")[1])["uuid"]
    cases = [
        ("P-256", curve, [], 0, ""),
        ("P-384", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"], [], 0, ""),
        ("Ed25519", ["-newkey", "ed25519"], [], 0, ""),
        ("RSA of 2048 bits", ["-newkey", "rsa:2048"], [], 0, ""),
        ("RSA of 1024 bits", ["-newkey", "rsa:1024"], [], 4, "its key is not fit"),
        ("P-521", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"], [], 4, "not fit"),
        ("CA:TRUE", curve, ["-addext", "basicConstraints=CA:TRUE"], 4, "to be an authority"),
        ("keyCertSign", curve, ["-addext", "keyUsage=keyCertSign"], 4, "to be an authority"),
        ("a mail address", curve, ["-addext", "subjectAltName=email:a@b.example"], 4, "a@b"),
        ("another device's UUID", curve,
         ["-addext", f"subjectAltName=URI:urn:uuid:{uuid}"], 6, "belongs to ahu"),
    ]
    for i, (what, key, more, expected, text) in enumerate(cases):
        status, said = openssl("req", "-new", *key, "-nodes", "-keyout", f"f{i}.key", "-subj",
                               f"/O=Other/CN=f{i}", "-out", f"f{i}.csr", *more)
        assert status == 0, said
        status, out, err = run("pki", "sign", "site", f"f{i}.csr")
        tap.check(f"a request of openssl with {what} ends with {expected}",
                  status == expected and text in err and
                  os.path.exists(f"site/f{i}.pem") == (expected == 0), status, out, err)
    status, said = openssl("verify", "-x509_strict", "-CAfile", "site/ca.pem",
                           *(f"site/f{i}.pem" for i in range(4)))
    tap.check("openssl verifies all that were signed", status == 0, said)
    tap.check("the subject is the one that was asked for",
              "subject=O = Other, CN = f0" in openssl("x509", "-in", "site/f0.pem", "-noout",
                                                      "-subject")[1])


def check_renew(tap):
    before = one(run("pki", "show", "site/hub.pem", "--json")[1])
    public = openssl("x509", "-in", "site/hub.pem", "-noout", "-pubkey")[1]
    status, out, err = run("pki", "renew", "site", "hub", "--json")
    made = one(out)
    tap.check("renew keeps subject, names, UUID and key", status == 0 and "key_file" not in made and
              all(made[k] == before[k] for k in ("subject", "names", "uuid")) and
              made["serial"] != before["serial"] and
              openssl("x509", "-in", "site/hub.pem", "-noout", "-pubkey")[1] == public, out, err)
    old = "site/hub.pem." + before["serial"]
    tap.check("the old certificate is kept", made["old_certificate_file"] == old and
              one(run("pki", "show", old, "--json")[1])["serial"] == before["serial"])
    status, out, err = run("pki", "renew", "site", "hub", "--new-key", "--days", "20")
    tap.check("renew --new-key tells the files and where the old ones are", status == 0 and
              out.startswith("site/hub.pem and site/hub.key: CN=hub, valid until ") and
              f"\nkept as site/hub.pem.{made['serial']} and site/hub.key.{made['serial']}\n" in out,
              out, err)
    new = openssl("x509", "-in", "site/hub.pem", "-noout", "-pubkey")[1]
    tap.check("the key is new, and the certificate's", new != public and
              openssl("pkey", "-in", "site/hub.key", "-pubout")[1] == new)
    status, text = openssl("verify", "-CAfile", "site/ca.pem", "site/hub.pem")
    tap.check("openssl verifies the renewed one", status == 0, text)
    run("pki", "request", "dev", "again")
    status, out, err = run("pki", "renew", "site", "ahu", "--csr", "dev/again.csr")
    tap.check("renew --csr takes the key of a request", status == 0 and
              openssl("x509", "-in", "site/ahu.pem", "-noout", "-pubkey")[1] ==
              openssl("req", "-in", "dev/again.csr", "-noout", "-pubkey")[1], out, err)


def verify_crl(name):
    with open("both.pem", "w", encoding="ascii") as both:
        for part in ("site/ca.pem", "site/ca.crl"):
            both.write(open(part, encoding="ascii").read())
    return openssl("verify", "-crl_check", "-CAfile", "both.pem", name)


def check_revoke(tap):
    status, out, err = run("pki", "revoke", "site", "d2", "--reason", "keyCompromise", "--json")
    made = one(out)
    tap.check("revoke writes the first list", status == 0 and made["number"] == 1 and
              made["new"] == 1 and made["written"] and made["crl_file"] == "site/ca.crl", out, err)
    status, text = verify_crl("site/d2.pem")
    tap.check("openssl finds it revoked", status != 0 and "certificate revoked" in text, text)
    status, text = verify_crl("site/hub.pem")
    tap.check("and others not", status == 0, text)
    status, text = openssl("crl", "-in", "site/ca.crl", "-noout", "-text", "-CAfile", "site/ca.pem")
    folded = " ".join(text.split())
    serial = one(run("pki", "show", "site/d2.pem", "--json")[1])["serial"]
    tap.check("openssl reads number, reason and issuer of the list", "verify OK" in text and
              "X509v3 CRL Number: 1" in folded and "Key Compromise" in text and
              serial.upper() in text and "X509v3 Authority Key Identifier" in text, text)
    before = open("site/ca.crl", encoding="ascii").read()
    status, out, err = run("pki", "revoke", "site", "d2")
    tap.check("once more changes nothing", status == 0 and "was revoked already" in out and
              open("site/ca.crl", encoding="ascii").read() == before, out, err)
    serial = one(run("pki", "show", "site/d1.pem", "--json")[1])["serial"]
    status, out, err = run("pki", "revoke", "site", "--serial", serial.upper(), "--crl-days", "10")
    tap.check("revoke by serial number", status == 0 and "1 revoked; list 2 has 2" in out, out, err)
    status, text = verify_crl("site/d1.pem")
    tap.check("openssl finds that one, too", "certificate revoked" in text, text)
    status, out, err = run("pki", "revoke", "site", "--json")
    tap.check("without a name it is a fresh list", status == 0 and one(out)["number"] == 3 and
              one(out)["certificates"] == 2 and one(out)["new"] == 0, out, err)
    listed = {e["name"]: e for e in map(json.loads,
                                        run("pki", "list", "site", "--json")[1].splitlines())}
    tap.check("list tells who is revoked", listed["d2"]["revoked"] and
              not listed["hub"]["revoked"], listed)
    status, out, err = run("pki", "renew", "site", "d2")
    tap.check("who was revoked is not renewed", status == 4 and "was revoked" in err, out, err)


def check_bundle(tap):
    write("pwd", "correct horse\n")
    for more, words in (([], ("PBES2", "AES-256-CBC", "MAC: sha256")),
                        (["--legacy"], ("pbeWithSHA1And3-KeyTripleDES-CBC", "MAC: sha1"))):
        name = "legacy.p12" if more else "hub.p12"
        status, out, err = run("pki", "bundle", "site", "hub", "--password-file", "pwd", "--out",
                               name, *more)
        tap.check(f"bundle makes {name}", status == 0 and out.startswith(name), out, err)
        status, text = openssl("pkcs12", "-in", name, "-info", "-passin", "file:pwd", "-nodes",
                               *(["-legacy"] if more else []))
        tap.check(f"openssl opens {name}", status == 0 and all(w in text for w in words) and
                  text.count("BEGIN CERTIFICATE") == 2 and text.count("BEGIN PRIVATE KEY") == 1 and
                  "friendlyName: hub" in text, text)
        status, text = openssl("pkcs12", "-in", name, "-info", "-passin", "pass:wrong", "-noout",
                               *(["-legacy"] if more else []))
        tap.check(f"and not without the password of {name}", status != 0, text)
        tap.check(f"{name} has mode 0600", os.stat(name).st_mode & 0o777 == 0o600)
    status, out, err = run("pki", "bundle", "site", "hub", "--password-file", "pwd", "--out",
                           "hub.p12")
    tap.check("a bundle that exists stays", status == 6 and "exists already" in err, out, err)
    status, out, err = run("pki", "bundle", "site", "hub", "--no-password", "--out", "bare.p12")
    tap.check("a bare bundle is made with a warning", status == 0 and
              "warning: bare.p12 holds a private key without a password" in err, out, err)
    status, text = openssl("pkcs12", "-in", "bare.p12", "-info", "-passin", "pass:", "-nodes")
    tap.check("openssl opens the bare one", status == 0 and "BEGIN PRIVATE KEY" in text, text)


def check_locked_authority(tap):
    write("capwd", "open sesame\n")
    status, out, err = run("pki", "init", "locked", "--key-password-file", "capwd")
    tap.check("init can encrypt ca.key", status == 0 and
              "ENCRYPTED" in open("locked/ca.key", encoding="ascii").read(), out, err)
    status, out, err = run("pki", "issue", "locked", "x")
    tap.check("then nothing is signed without the password", status == 5 and
              "locked/ca.key is encrypted: give its password" in err, out, err)
    status, out, err = run("pki", "issue", "locked", "x", "--ca-password-file", "pwd")
    tap.check("nor with another", status == 5 and "is not right" in err, out, err)
    ways = [["issue", "locked", "x"], ["renew", "locked", "x"], ["revoke", "locked", "x"],
            ["sign", "locked", "good.csr"]]
    for arguments in ways:
        status, out, err = run("pki", *arguments, "--ca-password-file", "capwd")
        tap.check(f"with it, {arguments[0]} works", status == 0, out, err)
    status, out, err = run("pki", "revoke", "locked", "--ca-password-fd", "0",
                           text="open sesame\n")
    tap.check("a descriptor gives it, too", status == 0, out, err)


def check_foreign_authority(tap):
    """An authority that openssl made, with keys of other kinds and a serial number of its own."""
    kinds = [("rsa", ["-newkey", "rsa:2048"]), ("ed25519", ["-newkey", "ed25519"]),
             ("p384", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"])]
    for name, key in kinds:
        os.mkdir(name)
        status, said = openssl("req", "-x509", "-new", *key, "-nodes", "-keyout", f"{name}/ca.key",
                               "-out", f"{name}/ca.pem", "-subj", f"/O=Site/CN={name}", "-days",
                               "1000", "-addext", "keyUsage=keyCertSign,cRLSign")
        assert status == 0, said
        os.chmod(f"{name}/ca.key", 0o600)
        run("pki", "request", name, "by-openssl")
        status, said = openssl("x509", "-req", "-in", f"{name}/by-openssl.csr", "-CA",
                               f"{name}/ca.pem", "-CAkey", f"{name}/ca.key", "-set_serial",
                               "0xf00dfeed", "-days", "100", "-out", f"{name}/by-openssl.pem")
        assert status == 0, said
        status, out, err = run("pki", "issue", name, "ours")
        tap.check(f"an authority of openssl ({name}) issues", status == 0, out, err)
        status, said = openssl("verify", "-x509_strict", "-CAfile", f"{name}/ca.pem",
                               f"{name}/ours.pem")
        tap.check(f"openssl verifies what it issued ({name})", status == 0, said)
        for arguments in (["ours"], ["--serial", "F0:0D:FE:ED"]):
            status, out, err = run("pki", "revoke", name, *arguments)
            tap.check(f"and revokes {arguments[-1]}", status == 0 and "1 revoked" in out, out, err)
        with open("both.pem", "w", encoding="ascii") as both:
            for part in (f"{name}/ca.pem", f"{name}/ca.crl"):
                both.write(open(part, encoding="ascii").read())
        for device in ("ours", "by-openssl"):
            status, said = openssl("verify", "-crl_check", "-CAfile", "both.pem",
                                   f"{name}/{device}.pem")
            tap.check(f"openssl finds {device} revoked", "certificate revoked" in said, said)


def check_devices(tap):
    with open("devices.csv", "w", encoding="utf-8") as file:
        file.write("name,san,uuid,days\n")
        for i in range(300):
            file.write(f"vav-{i},dns:vav-{i}.example ip:10.1.{i // 250}.{i % 250},,{200 + i}\n")
    start = time.monotonic()
    status, out, err = run("pki", "issue", "many", "--from", "devices.csv")
    tap.check("a list needs an authority", status == 2 and "no authority" in err, out, err)
    run("pki", "init", "many")
    start = time.monotonic()
    status, out, err = run("pki", "issue", "many", "--from", "devices.csv", "--json")
    seconds = time.monotonic() - start
    made = one(out)
    print(f"# 300 devices: {seconds:.2f} s")
    tap.check("300 devices in under 5 seconds", status == 0 and made["new"] == 300 and
              seconds < 5 and err == "", seconds, out, err)
    with open("many/devices.manifest.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    tap.check("the manifest has a line for each", len(rows) == 300 and
              len({r["serial"] for r in rows}) == 300 and len({r["uuid"] for r in rows}) == 300)
    shown = one(run("pki", "show", rows[7]["certificate_file"], "--json")[1])
    tap.check("it tells the truth", shown["serial"] == rows[7]["serial"] and
              shown["uuid"] == rows[7]["uuid"] and
              shown["fingerprint"] == rows[7]["fingerprint"] and
              shown["not_after"][:19] == rows[7]["not_after"][:19] and
              shown["names"][1:] == ["dns:vav-7.example", "ip:10.1.0.7"] and
              os.stat(rows[7]["key_file"]).st_mode & 0o777 == 0o600, shown, rows[7])
    status, text = openssl("verify", "-CAfile", "many/ca.pem",
                           *(r["certificate_file"] for r in rows))
    tap.check("openssl verifies all of them", status == 0, text[-300:])
    before = {n: os.stat("many/" + n).st_mtime_ns for n in os.listdir("many")}
    status, out, err = run("pki", "issue", "many", "--from", "devices.csv")
    tap.check("a second run makes nothing and says so", status == 0 and
              out.startswith("nothing new: all 300 devices") and
              before == {n: os.stat("many/" + n).st_mtime_ns for n in os.listdir("many")}, out, err)
    with open("devices.csv", "a", encoding="utf-8") as file:
        file.write("new-1,,,\n../bad,,,\nnew-2,mailto:x,,\nnew-3,,nonsense,0\n")
    status, out, err = run("pki", "issue", "many", "--from", "devices.csv")
    tap.check("all mistakes are told at once, with their lines", status == 2 and
              [line.split(" ")[0] for line in err.splitlines()[:-1]] ==
              ["devices.csv:303:", "devices.csv:304:", "devices.csv:305:", "devices.csv:305:"] and
              "4 mistakes" in err.splitlines()[-1], err)
    tap.check("and nothing is made then", not os.path.exists("many/new-1.pem") and
              not [n for n in os.listdir("many") if n.endswith(".new")])


def check_check(tap):
    status, out, err = run("pki", "init", "watch")
    run("pki", "issue", "watch", "a")
    status, out, err = run("pki", "check", "watch")
    tap.check("a good folder is fine", status == 0 and
              out.startswith("2 certificates, all fine; the first expires 20"), out, err)
    status, out, err = run("pki", "check", "--quiet", "watch")
    tap.check("for cron it is silent", (status, out, err) == (0, "", ""), out, err)
    for days, expected, level in ((80, 0, "notice"), (20, 7, "warning"), (5, 4, "critical")):
        run("pki", "issue", "watch", f"d{days}", "--days", str(days))
        status, out, err = run("pki", "check", "watch", "--json")
        found = [json.loads(line) for line in out.splitlines()]
        mine = [f for f in found if f.get("file") == f"watch/d{days}.pem"]
        tap.check(f"{days} days left is {level} ({expected})", status == expected and
                  len(mine) == 1 and mine[0]["level"] == level and mine[0]["kind"] == "expiry" and
                  found[-1]["worst"] == level, status, out, err)
    os.remove("watch/d5.pem")
    os.remove("watch/d20.pem")
    status, out, err = run("pki", "check", "watch", "--warning", "85")
    tap.check("the days can be set", status == 7 and out.startswith("warning"), status, out, err)
    os.chmod("watch/a.key", 0o644)
    status, out, err = run("pki", "check", "watch/a.pem")
    tap.check("an open key is critical, also of a single file", status == 4 and
              "watch/a.key is open to group or others (mode 0644)" in out, status, out, err)
    os.chmod("watch/a.key", 0o600)
    run("pki", "revoke", "watch", "a")
    status, out, err = run("pki", "check", "watch/a.pem")
    tap.check("a revoked one is critical", status == 4 and "was revoked" in out, status, out, err)
    status, out, err = run("pki", "check", "site/hub.pem", "--ca", "watch/ca.pem")
    tap.check("another authority's is critical", status == 4 and
              "does not pass for a certificate of this authority" in out, status, out, err)
    status, out, err = run("pki", "check", "nowhere")
    tap.check("what is not there cannot be checked", status == 2 and out == "" and
              "nowhere" in err, status, out, err)


def check_rotate(tap):
    run("pki", "init", "old", "--name", "Old CA")
    for name in ("hub", "ahu"):
        run("pki", "issue", "old", name, "--san", f"dns:{name}.example")
    run("pki", "request", "far", "far")
    run("pki", "sign", "old", "far/far.csr")
    uuid = one(run("pki", "show", "old/ahu.pem", "--json")[1])["uuid"]
    command = f"basalt pki issue next ahu --uuid {uuid} --san dns:ahu.example"
    status, out, err = run("pki", "rotate", "old", "--plan", "--to", "next")
    steps = re.findall(r"^(\d)\. \[(.*?)\]", out, re.M)
    tap.check("the plan has its steps in order", status == 0 and
              [s[0] for s in steps] == list("123456") and steps[0][1] == "to do" and
              "     basalt pki init next\n" in out, out, err)
    tap.check("it tells how each device gets its certificate", f"     {command}\n" in out and
              "basalt pki sign next far.csr --name far --uuid " in out, out)
    tap.check("and who is still on the old authority",
              "3 of 3 devices are still on the old authority" in out, out)
    run("pki", "init", "next", "--name", "Next CA")
    status, out, err = run(*command.split()[1:])
    tap.check("the command that it tells works", status == 0, out, err)
    status, out, err = run("pki", "rotate", "old", "--plan", "--to", "next", "--json")
    told = [json.loads(line) for line in out.splitlines()]
    states = {t["device"]: t["move"] for t in told if "device" in t}
    tap.check("then that device has both", status == 0 and
              states == {"ahu": "moved", "far": "stays", "hub": "stays"} and
              told[0]["state"] == "done" and len(told[2]["commands"]) == 2, out, err)
    run("pki", "sign", "next", "far/far.csr")
    run("pki", "issue", "next", "hub", "--uuid",
        one(run("pki", "show", "old/hub.pem", "--json")[1])["uuid"])
    out = run("pki", "rotate", "old", "--plan", "--to", "next")[1]
    tap.check("in the end nobody is on the old one",
              "0 of 3 devices are still on the old authority" in out and "3. [done]" in out, out)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for check in (check_made, check_authority, check_leaf, check_show, check_uuid, check_list,
                      check_refusals, check_request_and_sign, check_foreign_requests, check_renew,
                      check_revoke, check_bundle, check_locked_authority, check_foreign_authority,
                      check_devices,
                      check_check, check_rotate):
            check(tap)
        os.chdir("/")
    tap.end()


main()
