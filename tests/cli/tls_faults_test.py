#!/usr/bin/env python3
"""Trust gone wrong, row by row: what is wrong, who is wrong, and what each side then says of it.
Our own material at the start; a client that our hub refuses; a hub that our client refuses; and
what looks odd but must work. Strangers speak through Python's ssl module and openssl."""
import contextlib
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading

from running import PATIENCE, Peer, Running, Site
from tap import Tap, run

# Material

CA_CONFIG = """[ca]
default_ca = site
[site]
database = index.txt
rand_serial = yes
new_certs_dir = .
certificate = {ca}.pem
private_key = {ca}.key
default_md = sha256
policy = any
unique_subject = no
{more}
[any]
commonName = supplied
[leaf]
{leaf}
[list]
issuingDistributionPoint = critical,@part
[part]
onlyuser = TRUE
"""
LEAF = "basicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature\n" \
       "extendedKeyUsage = serverAuth,clientAuth"
P256 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
P521 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-521")


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (arguments, done.stderr)


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def configure(ca, leaf=LEAF, more=""):
    write("ca.cnf", CA_CONFIG.format(ca=ca, leaf=leaf, more=more))
    if not os.path.exists("index.txt"):
        write("index.txt", "")


def forge(name, ca="site/ca", key=P256, leaf=LEAF, md="sha256", dates=("20200101", "20400101")):
    """site/NAME.pem and site/NAME.key."""
    configure(ca, leaf)
    openssl("req", "-new", "-newkey", *key, "-nodes", "-keyout", f"site/{name}.key", "-subj",
            f"/CN={name}", "-out", "forged.csr")
    openssl("ca", "-batch", "-config", "ca.cnf", "-extensions", "leaf", "-notext", "-md", md,
            "-in", "forged.csr", "-out", f"site/{name}.pem", "-startdate", dates[0] + "000000Z",
            "-enddate", dates[1] + "000000Z")


def sign(name, *arguments, leaf=LEAF):
    """The same with a serial number or a version that an authority would not choose."""
    openssl("req", "-new", "-newkey", *P256, "-nodes", "-keyout", f"site/{name}.key", "-subj",
            f"/CN={name}", "-out", "forged.csr")
    write("leaf.cnf", leaf)
    openssl("x509", "-req", "-in", "forged.csr", "-CA", "site/ca.pem", "-CAkey", "site/ca.key",
            "-days", "30", "-out", f"site/{name}.pem", *arguments)


def authority(name, key, *arguments):
    openssl("req", "-x509", "-newkey", *key, "-nodes", "-keyout", f"site/{name}.key", "-out",
            f"site/{name}.pem", "-subj", f"/CN={name}", "-days", "30", *arguments)


def old_authority():
    """One that has expired itself."""
    openssl("req", "-new", "-newkey", *P256, "-nodes", "-keyout", "site/old-ca.key", "-subj",
            "/CN=old-ca", "-out", "forged.csr")
    configure("site/old-ca", leaf="basicConstraints = critical,CA:TRUE\n"
                                  "keyUsage = critical,keyCertSign,cRLSign")
    openssl("ca", "-batch", "-config", "ca.cnf", "-extensions", "leaf", "-notext", "-selfsign",
            "-in", "forged.csr", "-out", "site/old-ca.pem", "-startdate", "20200101000000Z",
            "-enddate", "20210101000000Z")


def revocation_list(path, *names, ca="site/ca", more="", reason="keyCompromise",
                    dates=("20200102", "20400101")):
    if os.path.exists("index.txt"):
        os.remove("index.txt")
    configure(ca, more=more)
    for name in names:
        openssl("ca", "-config", "ca.cnf", "-revoke", f"site/{name}.pem", "-crl_reason", reason)
    openssl("ca", "-config", "ca.cnf", "-gencrl", "-out", path, "-crl_lastupdate",
            dates[0] + "000000Z", "-crl_nextupdate", dates[1] + "000000Z")


def tamper(name, path):
    """One bit of the signature, in the last octets of the certificate."""
    der = bytearray(ssl.PEM_cert_to_DER_cert(read(f"site/{name}.pem")))
    der[-3] ^= 1
    write(path, ssl.DER_cert_to_PEM_cert(bytes(der)))


def prepare_certificates():
    authority("rsa-ca", ("rsa:2048",))
    authority("self", P256, "-addext", "basicConstraints=critical,CA:FALSE")
    old_authority()
    forge("of-old", ca="site/old-ca")
    forge("expired", dates=("20200101", "20210101"))
    forge("future", dates=("20380101", "20400101"))
    forge("weak", key=("rsa:1024",))
    forge("curve", key=P521)
    forge("signer", leaf=LEAF.replace("serverAuth,clientAuth", "codeSigning"))
    forge("as-server", leaf=LEAF.replace("serverAuth,clientAuth", "serverAuth"))
    forge("as-client", leaf=LEAF.replace("serverAuth,clientAuth", "clientAuth"))
    forge("cipher", leaf=LEAF.replace("digitalSignature", "keyEncipherment"))
    forge("silent", leaf="basicConstraints = critical,CA:FALSE")
    forge("sub-ca", leaf="basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,"
                         "digitalSignature")
    forge("grandchild", ca="site/sub-ca")
    forge("alien", leaf=LEAF + "\n1.3.6.1.4.1.99999.1 = critical,ASN1:NULL")
    forge("huge", leaf=LEAF + "\nsubjectAltName = " +
          ",".join(f"DNS:{i:05}.{'x' * 60}.example" for i in range(900)))
    forge("sha1", md="sha1")
    forge("md5", ca="site/rsa-ca", md="md5")
    forge("stolen")
    forge("stolen-hub")
    forge("of-rsa", ca="site/rsa-ca")
    sign("negative", "-set_serial", "-7", "-extfile", "leaf.cnf")
    sign("long-serial", "-set_serial", "0x7" + "123456789a" * 6 + "f", "-extfile", "leaf.cnf")
    sign("v1", "-set_serial", "77")
    tamper("node", "site/tampered.pem")
    shutil.copy("site/node.key", "site/tampered.key")


def prepare_lists():
    revocation_list("site/site.crl", "stolen", "stolen-hub")
    revocation_list("site/stale.crl", "stolen", dates=("20200102", "20200103"))
    revocation_list("site/future.crl", "stolen", dates=("20390101", "20400101"))
    revocation_list("site/self.crl", ca="site/self")
    revocation_list("site/part.crl", more="crl_extensions = list")
    revocation_list("site/unsaid.crl", "stolen", reason="unspecified")
    der = bytearray(subprocess.run(["openssl", "crl", "-in", "site/site.crl", "-outform", "DER"],
                                   capture_output=True, check=True).stdout)
    der[-3] ^= 1
    with open("damaged.der", "wb") as file:
        file.write(der)
    openssl("crl", "-inform", "DER", "-in", "damaged.der", "-out", "site/damaged.crl")
    write("site/junk.crl", "this is no list\n")
    write("site/empty.crl", "")


def prepare_keys():
    openssl("pkcs8", "-topk8", "-in", "site/node.key", "-v2", "aes-256-cbc", "-passout",
            "pass:secret", "-out", "site/locked.key")
    openssl("ec", "-in", "site/node.key", "-aes128", "-passout", "pass:secret", "-out",
            "site/old.key")
    openssl("pkcs8", "-topk8", "-in", "site/node.key", "-scrypt", "-passout", "pass:secret",
            "-out", "site/scrypt.key")
    for name in ("locked", "old", "scrypt"):
        os.chmod(f"site/{name}.key", 0o600)
    shutil.copy("site/node.key", "site/open.key")
    os.chmod("site/open.key", 0o644)
    write("password", "secret\nnot this\n", 0o600)
    write("wrong.password", "Secret\n", 0o600)
    write("open.password", "secret\n", 0o644)
    write("no.password", "\n", 0o600)
    write("site/junk.key", "this is no key\n", 0o600)
    write("site/junk.pem", "this is no certificate\n")
    write("site/empty.pem", "")
    write("site/empty.key", "", 0o600)
    write("site/cut.pem", read("site/node.pem")[:300])


def prepare():
    site = Site("site", "hub", "node", "device")
    Site("other", "stranger")
    subject = json.loads(run("pki", "show", "site/ca.pem", "--json")[1])["subject"]
    run("pki", "init", "twin", "--name", subject.replace("CN=", ""))
    run("pki", "issue", "twin", "double")
    prepare_certificates()
    prepare_lists()
    prepare_keys()
    return site


# The sentences: two rows that mean different things must not look alike.

PATTERNS = {}


def pattern_of(reason):
    """The sentence without who and when."""
    for what, by in ((r"the (client|server)('s)?", "PEER"), (r"\d{4}-\d\d-\d\dT[\d:]+Z", "TIME"),
                     (r"(CN|O)=[^:(;]*?(?= was| has| is| does| expired| cannot|,|\.\.\.|:|;| \()",
                      "NAME"),
                     (r"serial [0-9a-f]+", "SERIAL"), (r"[\w./-]+\.(pem|key|crl|password)", "FILE"),
                     (r"^\w+: ", ""), (r"127\.0\.0\.1:\d+", "ADDRESS"), (r"CN=\S+", "NAME")):
        reason = re.sub(what, by, reason)
    return reason


def check_pattern(cause, reason):
    """Whether this sentence has meant the same cause so far."""
    return PATTERNS.setdefault(pattern_of(reason), cause) == cause


# Our own material, which is checked at the start: what is wrong, the cause where several rows share
# it, what replaces the good options, exit status, error code, words.

GOOD = {"--ca": "site/ca.pem", "--cert": "site/node.pem", "--key": "site/node.key"}
SECRET = {"--key": "site/locked.key"}
AT_START = [
    ("no such certificate", None, {"--cert": "no.pem"}, 2, None, "cannot read no.pem"),
    ("no such key", "no such certificate", {"--key": "no.key"}, 2, None, "cannot read no.key"),
    ("no such issuer", "no such certificate", {"--ca": "no.pem"}, 2, None, "cannot read no.pem"),
    ("no such list", "no such certificate", {"--crl": "no.crl"}, 2, None, "cannot read no.crl"),
    ("certificate that is no PEM", None, {"--cert": "site/junk.pem"}, 4, "certificate-malformed",
     "site/junk.pem holds no certificate in PEM form"),
    ("certificate that is cut", "certificate that is no PEM", {"--cert": "site/cut.pem"}, 4,
     "certificate-malformed", "site/cut.pem holds no certificate in PEM form"),
    ("empty certificate", "certificate that is no PEM", {"--cert": "site/empty.pem"}, 4,
     "certificate-malformed", "site/empty.pem holds no certificate in PEM form"),
    ("issuer that is no PEM", None, {"--ca": "site/junk.pem"}, 4, "certificate-malformed",
     "site/junk.pem holds no issuer certificate in PEM form"),
    ("empty issuer alone", None, {"--ca": "site/empty.pem"}, 2, None,
     "no issuer certificate is configured"),
    ("issuer that is a device", None, {"--ca": "site/node.pem"}, 4, "certificate-invalid",
     "CN=node cannot be an issuer: it lacks CA:TRUE or keyCertSign"),
    ("key that is no PEM", None, {"--key": "site/junk.key"}, 5, None,
     "site/junk.key holds no private key that can be read"),
    ("empty key", "key that is no PEM", {"--key": "site/empty.key"}, 5, None,
     "site/empty.key holds no private key that can be read"),
    ("key that others can read", None, {"--key": "site/open.key"}, 6, None,
     "the private key site/open.key is open to group or others (mode 0644): chmod 600 it"),
    ("key of another", None, {"--key": "site/hub.key"}, 5, "unknown-certificate-key",
     "the key site/hub.key does not belong to the certificate site/node.pem"),
    ("encrypted key without password", None, SECRET, 5, None,
     "site/locked.key is encrypted, and no password is configured: name a file"),
    ("encrypted key of the old style without password", "encrypted key without password",
     {"--key": "site/old.key"}, 5, None, "site/old.key is encrypted, and no password"),
    ("wrong password", None, {**SECRET, "--key-password-file": "wrong.password"}, 5, None,
     "the password in the file wrong.password does not open the private key site/locked.key"),
    ("wrong password for a key of the old style", "wrong password",
     {"--key": "site/old.key", "--key-password-file": "wrong.password"}, 5, None,
     "does not open the private key site/old.key"),
    ("empty password", None, {**SECRET, "--key-password-file": "no.password"}, 5, None,
     "the key's password in the file no.password is empty"),
    ("password that others can read", None, {**SECRET, "--key-password-file": "open.password"}, 6,
     None, "the password file open.password is open to group or others (mode 0644)"),
    ("encryption that is not known", None,
     {"--key": "site/scrypt.key", "--key-password-file": "password"}, 5, None,
     "is damaged, or encrypted in a way that is not known here"),
    ("token that is not there", None, {"--key": "pkcs11:token=no-such;object=no-such"}, 2, None,
     "no token holds the private key pkcs11:token=no-such;object=no-such"),
    ("expired", None, {"--cert": "site/expired.pem", "--key": "site/expired.key"}, 4,
     "certificate-expired", "CN=expired expired at 2021-01-01T00:00:00Z; our clock says 20"),
    ("not yet valid", None, {"--cert": "site/future.pem", "--key": "site/future.key"}, 4,
     "certificate-expired", "CN=future is not valid before 2038-01-01T00:00:00Z; our clock says"),
    ("unknown issuer", None, {"--cert": "other/stranger.pem", "--key": "other/stranger.key"}, 4,
     "certificate-invalid", "CN=stranger was signed by none of our issuers but by CN="),
    ("self-signed", "unknown issuer", {"--cert": "site/self.pem", "--key": "site/self.key"}, 4,
     "certificate-invalid", "CN=self was signed by none of our issuers but by CN=self"),
    ("below an intermediate", "unknown issuer",
     {"--cert": "site/grandchild.pem", "--key": "site/grandchild.key"}, 4, "certificate-invalid",
     "CN=grandchild was signed by none of our issuers but by CN=sub-ca"),
    ("issuer of the same name", None, {"--cert": "twin/double.pem", "--key": "twin/double.key"}, 4,
     "certificate-invalid", "CN=double was signed with another key than that of our issuer"),
    ("tampered signature", None, {"--cert": "site/tampered.pem", "--key": "site/tampered.key"}, 4,
     "certificate-invalid", "CN=node is damaged or forged: its signature is not one of"),
    ("the authority's own", None, {"--cert": "site/ca.pem", "--key": "site/ca.key"}, 4,
     "certificate-invalid", "is an issuer's own, not a device's"),
    ("CA certificate", None, {"--cert": "site/sub-ca.pem", "--key": "site/sub-ca.key"}, 4,
     "certificate-invalid", "CN=sub-ca is one of a CA (CA:TRUE), not a device's"),
    ("version 1", None, {"--cert": "site/v1.pem", "--key": "site/v1.key"}, 4,
     "certificate-invalid", "CN=v1 is not of X.509 version 3"),
    ("weak RSA key", None, {"--cert": "site/weak.pem", "--key": "site/weak.key"}, 4,
     "certificate-invalid", "CN=weak uses a key or signature that is too weak"),
    ("SHA-1 signature", "weak RSA key", {"--cert": "site/sha1.pem", "--key": "site/sha1.key"}, 4,
     "certificate-invalid", "CN=sha1 uses a key or signature that is too weak"),
    ("MD5 signature", "weak RSA key", {"--ca": "site/rsa-ca.pem", "--cert": "site/md5.pem",
                                       "--key": "site/md5.key"}, 4,
     "certificate-invalid", "CN=md5 uses a key or signature that is too weak"),
    ("other curve", None, {"--cert": "site/curve.pem", "--key": "site/curve.key"}, 4,
     "certificate-invalid", "CN=curve has a key of a kind or size that is not taken here"),
    ("for other purposes", None, {"--cert": "site/signer.pem", "--key": "site/signer.key"}, 4,
     "certificate-invalid", "CN=signer has an extended key usage without clientAuth and serverAuth"),
    ("key usage without signing", None, {"--cert": "site/cipher.pem", "--key": "site/cipher.key"},
     4, "certificate-invalid", "CN=cipher has a key usage without digitalSignature"),
    ("unknown critical extension", None, {"--cert": "site/alien.pem", "--key": "site/alien.key"},
     4, "certificate-invalid", "CN=alien has a critical extension that nobody here knows"),
    ("revoked", None, {"--cert": "site/stolen.pem", "--key": "site/stolen.key",
                       "--crl": "site/site.crl"}, 4, "certificate-revoked",
     "CN=stolen was revoked at 20"),
    ("list that is no PEM", None, {"--crl": "site/junk.crl"}, 4, "certificate-malformed",
     "site/junk.crl holds no revocation list in PEM form"),
    ("empty list", "list that is no PEM", {"--crl": "site/empty.crl"}, 4, "certificate-malformed",
     "site/empty.crl holds no revocation list in PEM form"),
    ("list of nobody we trust", None, {"--crl": "site/self.crl"}, 4, "certificate-invalid",
     "of CN=self is of none of our issuers"),
    ("damaged list", None, {"--crl": "site/damaged.crl"}, 4, "certificate-invalid",
     "is damaged or forged: its signature does not verify"),
    ("list of a part", None, {"--crl": "site/part.crl"}, 4, "certificate-invalid",
     "is not a full one (it has a critical extension)"),
]

VERBS = {"client": ["read", "1", "device,1", "object-name", "--hub", "wss://127.0.0.1:1"],
         "hub": ["hub", "--bind", "127.0.0.1:0"]}


def check_at_start(tap):
    for what, cause, changed, expected, code, words in AT_START:
        options = [o for pair in {**GOOD, **changed}.items() for o in pair]
        for side, verb in VERBS.items():
            status, out, err = run(*verb, *options, "--json")
            told = json.loads(out) if out.count("\n") == 1 else {}
            line = err.removeprefix(f"basalt: {verb[0]}: ").rstrip("\n")
            good = (status == expected and told.get("status") == expected and words in line and
                    told.get("error_code") == code and len(err.splitlines()) == 1 and
                    "ecret" not in err + out)
            tap.check(f"at the start, {side}: {what}",
                      good and check_pattern(cause or what, line), status, out, err)


# Two sources for one password cannot come from options alone.

def check_two_sources(tap):
    status, _, err = run(*VERBS["hub"], *[o for pair in {**GOOD, **SECRET}.items() for o in pair],
                         "--key-password-file", "password", "--set", "key-password-variable=HOME")
    tap.check("at the start, hub: two sources of a password", status == 2 and
              "key-password-file says where the password is; leave one out" in err, err)


# A client that is wrong, and our hub: what is wrong, what is done, the code and words of the hub's
# log, and what the client learns: an alert, or of our own client exit status, code and words.


def foreign(name, folder="site", chain=(), **attributes):
    """A client of Python's ssl with that certificate (and others behind it)."""
    def act(site, port):
        context = site.context(**attributes)
        context.set_ciphers("ALL:@SECLEVEL=0")
        if name is not None:
            with open("chain.pem", "w", encoding="ascii") as file:
                file.write("".join(read(f"{folder}/{n}.pem") for n in (name, *chain)))
            context.load_cert_chain("chain.pem", f"{folder}/{name}.key")
        try:
            return f"read {Peer(port, context).stream.recv(1)!r}"
        except ssl.SSLError as error:
            return error.reason or str(error)
        except OSError as error:
            return str(error)
    return act


def ours(name, *more, folder="site"):
    """Our client with that certificate: (exit status, code, line)."""
    def act(site, port):
        status, out, err = run("read", "1", "device,1", "object-name", "--json", "--hub",
                               f"wss://127.0.0.1:{port}", "--ca", "site/ca.pem", "--cert",
                               f"{folder}/{name}.pem", "--key", f"{folder}/{name}.key", *more)
        return status, json.loads(out).get("error_code"), err
    return act


def s_client(*arguments):
    def act(site, port):
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-cert", "site/node.pem",
             "-key", "site/node.key", *arguments], stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=PATIENCE, check=False)
        found = re.search(r":((?:ss|tls)\w* alert [\w ]+):", done.stderr)
        return found[1] if found else done.stderr
    return act


def plain(octets, half=False):
    """No TLS, or the beginning of some: those octets and, when half, the end."""
    def act(site, port):
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as stream:
            stream.sendall(octets)
            if half:
                stream.shutdown(socket.SHUT_WR)
            answer = stream.recv(64)
            return f"alert {answer[6]}" if len(answer) == 7 and answer[0] == 21 else "nothing"
    return act


def client_hello():
    """The first octets of a client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(incoming, outgoing,
                                                              server_hostname="hub")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


CLIENTS = [
    ("no certificate", None, foreign(None), "tls-client-authentication-failed",
     "the client showed no certificate (alert 116 sent)", "CERTIFICATE_REQUIRED"),
    ("unknown issuer", None, foreign("stranger", "other"), "tls-client-authentication-failed",
     "CN=stranger was signed by none of our issuers but by CN=", "UNKNOWN_CA"),
    ("unknown issuer, our client", "unknown issuer",
     ours("stranger", "--ca", "other/ca.pem", folder="other"), "tls-client-authentication-failed",
     "CN=stranger was signed by none of our issuers but by CN=",
     (4, "tls-client-authentication-failed",
      "the server refused our certificate CN=stranger, issued by CN=")),
    ("self-signed", "unknown issuer", foreign("self"), "tls-client-authentication-failed",
     "CN=self was signed by none of our issuers but by CN=self", "UNKNOWN_CA"),
    ("below an intermediate", "unknown issuer", foreign("grandchild", chain=["sub-ca"]),
     "tls-client-authentication-failed", "by none of our issuers but by CN=sub-ca", "UNKNOWN_CA"),
    ("issuer of the same name", None, foreign("double", "twin"),
     "tls-client-authentication-failed", "with another key than that of our issuer", "UNKNOWN_CA"),
    ("tampered signature", None, foreign("tampered"), "tls-client-certificate-error",
     "CN=node is damaged or forged: its signature is not one of", "BAD_CERTIFICATE"),
    ("expired", None, foreign("expired"), "tls-client-certificate-expired",
     "CN=expired expired at 2021-01-01T00:00:00Z; our clock says 20", "CERTIFICATE_EXPIRED"),
    ("not yet valid", None, foreign("future"), "tls-client-certificate-expired",
     "CN=future is not valid before 2038-01-01T00:00:00Z; our clock", "CERTIFICATE_EXPIRED"),
    ("revoked", None, foreign("stolen"), "tls-client-certificate-revoked",
     "CN=stolen was revoked at 20", "CERTIFICATE_REVOKED"),
    ("revoked, our client", "revoked", ours("stolen"), "tls-client-certificate-revoked",
     "(keyCompromise), serial ", (4, "tls-client-certificate-revoked",
                                  "refused our certificate CN=stolen")),
    ("the authority's own", None, foreign("ca"), "tls-client-certificate-error",
     "is an issuer's own, not a device's", "BAD_CERTIFICATE"),
    ("CA certificate", None, foreign("sub-ca"), "tls-client-certificate-error",
     "CN=sub-ca is one of a CA (CA:TRUE), not a device's", "BAD_CERTIFICATE"),
    ("version 1", None, foreign("v1"), "tls-client-certificate-error",
     "CN=v1 is not of X.509 version 3", "BAD_CERTIFICATE"),
    ("weak RSA key", None, foreign("weak"), "tls-client-certificate-error",
     "CN=weak uses a key or signature that is too weak", "BAD_CERTIFICATE"),
    ("SHA-1 signature", "weak RSA key", foreign("sha1"), "tls-client-certificate-error",
     "CN=sha1 uses a key or signature that is too weak", "BAD_CERTIFICATE"),
    ("MD5 signature", "weak RSA key", foreign("md5"), "tls-client-certificate-error",
     "CN=md5 uses a key or signature that is too weak", "BAD_CERTIFICATE"),
    ("for other purposes", None, foreign("signer"), "tls-client-certificate-error",
     "CN=signer has an extended key usage without clientAuth", "UNSUPPORTED_CERTIFICATE"),
    ("for servers alone", "for other purposes", foreign("as-server"),
     "tls-client-certificate-error", "CN=as-server has an extended key usage without clientAuth",
     "UNSUPPORTED_CERTIFICATE"),
    ("key usage without signing", None, foreign("cipher"), "tls-client-certificate-error",
     "CN=cipher has a key usage without digitalSignature", "UNSUPPORTED_CERTIFICATE"),
    ("unknown critical extension", None, foreign("alien"), "tls-client-certificate-error",
     "CN=alien has a critical extension that nobody here knows", "BAD_CERTIFICATE"),
    ("certificate of other curve, which nobody may sign with", "no certificate", foreign("curve"),
     "tls-client-authentication-failed", "the client showed no certificate",
     "CERTIFICATE_REQUIRED"),
    ("huge certificate", None, foreign("huge"), "tls-error",
     "the client sent over 65,536 octets of handshake", "ILLEGAL_PARAMETER"),
    ("TLS 1.2", None, foreign("node", maximum_version=ssl.TLSVersion.TLSv1_2), "tls-error",
     "the client does not speak TLS 1.3 (alert 70 sent)", "PROTOCOL_VERSION"),
    ("no common cipher", None, s_client("-ciphersuites", "TLS_AES_128_CCM_SHA256"), "tls-error",
     "has no cipher suite, group or signature in common with us", "handshake failure"),
    ("no common group", "no common cipher", s_client("-groups", "P-384"), "tls-error",
     "has no cipher suite, group or signature in common with us", "handshake failure"),
    ("plain HTTP", None, plain(b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n"), "tls-error",
     "does not speak TLS; its first octets are 474554202f", "alert 10"),
    ("garbage", "plain HTTP", plain(bytes(range(200, 255))), "tls-error",
     "does not speak TLS; its first octets are c8c9cacbcc", "alert 10"),
    ("end within the handshake", None, plain(client_hello(), half=True), "tcp-closed-other",
     "the peer closed the connection during the TLS handshake", "nothing"),
]


def check_told(expected, found):
    """Whether the client learnt what it should: a part of its text, or (status, code, words)."""
    if isinstance(expected, str):
        return isinstance(found, str) and expected in found
    return found[:2] == expected[:2] and expected[2] in found[2] and found[2].count("\n") == 1


def check_clients(tap, site):
    hub, port = site.hub("--ca", "site/rsa-ca.pem", "--crl", "site/site.crl")
    for what, cause, act, code, words, told in CLIENTS:
        found = act(site, port)
        refused = hub.wait_for("refused") or {}
        reason = refused.get("reason", "")
        good = (words in reason and refused.get("code") == code and check_told(told, found) and
                refused.get("peer", "").startswith("127.0.0.1:"))
        tap.check(f"a client is wrong, our hub refuses: {what}",
                  good and check_pattern(cause or what, reason), refused, found)
    node = Peer(port, site.context("node"))
    node.join()
    tap.check("after all that the hub serves on", hub.wait_for("joined"), hub.told())
    node.close()
    tap.check("and stops in order", hub.stop() == 0 and hub.errors == b"", hub.told())


# A hub that is wrong, and our client: what is wrong, what the hub is, exit status, code and words
# of our client, and what the hub learns.


class Server:
    """Serves one connection; how the handshake ended stands in told."""

    def __init__(self, serve):
        self.told = ""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._run, args=(serve,), daemon=True)
        self.thread.start()

    def _run(self, serve):
        try:
            stream, _ = self.listener.accept()
            stream.settimeout(PATIENCE)
            with stream:
                self.told = serve(stream) or ""
        except ssl.SSLError as error:
            self.told = error.reason or str(error)
        except OSError as error:
            self.told = str(error)

    def close(self):
        self.thread.join(PATIENCE)
        self.listener.close()
        return self.told


def serving(name, folder="site", chain=(), answer=b"", **attributes):
    """Python's ssl with that certificate; answers the request with those octets."""
    def serve(site):
        context = site.context(server=True, **attributes)
        context.set_ciphers("ALL:@SECLEVEL=0")
        with open("served.pem", "w", encoding="ascii") as file:
            file.write("".join(read(f"{folder}/{n}.pem") for n in (name, *chain)))
        context.load_cert_chain("served.pem", f"{folder}/{name}.key")

        def one(stream):
            with context.wrap_socket(stream, server_side=True) as secure:
                secure.recv(4096)
                secure.sendall(answer)
                return "no alert"
        return one
    return serve


def trusting(path, crl=None):
    """A good server that trusts other issuers, or looks into a list."""
    def serve(site):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(path)
        if crl is not None:
            context.load_verify_locations(crl)
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        context.load_cert_chain("site/hub.pem", "site/hub.key")

        def one(stream):
            with context.wrap_socket(stream, server_side=True) as secure:
                secure.recv(4096)
                return "no refusal"
        return one
    return serve


def answering(octets):
    """No TLS: those octets come back, then the end."""
    def serve(_):
        def one(stream):
            stream.recv(4096)
            stream.sendall(octets)
            return "answered"
        return one
    return serve


def alert(number):
    """A server that answers the hello with this alert."""
    return answering(bytes([21, 3, 3, 0, 2, 2, number]))


HTTP_101 = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n"
            b"Sec-WebSocket-Protocol: dc.bsc.bacnet.org\r\n\r\n")

SERVERS = [
    ("unknown issuer", None, serving("stranger", "other"), 4, "tls-server-authentication-failed",
     "CN=stranger was signed by none of our issuers but by CN=", "UNKNOWN_CA"),
    ("self-signed", "unknown issuer", serving("self"), 4, "tls-server-authentication-failed",
     "CN=self was signed by none of our issuers but by CN=self", "UNKNOWN_CA"),
    ("below an intermediate", "unknown issuer", serving("grandchild", chain=["sub-ca"]), 4,
     "tls-server-authentication-failed", "by none of our issuers but by CN=sub-ca", "UNKNOWN_CA"),
    ("issuer of the same name", None, serving("double", "twin"), 4,
     "tls-server-authentication-failed", "with another key than that of our issuer", "UNKNOWN_CA"),
    ("tampered signature", None, serving("tampered"), 4, "tls-server-certificate-error",
     "CN=node is damaged or forged: its signature is not one of", "BAD_CERTIFICATE"),
    ("expired", None, serving("expired"), 4, "tls-server-certificate-expired",
     "CN=expired expired at 2021-01-01T00:00:00Z; our clock says 20", "CERTIFICATE_EXPIRED"),
    ("not yet valid", None, serving("future"), 4, "tls-server-certificate-expired",
     "CN=future is not valid before 2038-01-01T00:00:00Z; our clock", "CERTIFICATE_EXPIRED"),
    ("revoked", None, serving("stolen-hub"), 4, "tls-server-certificate-revoked",
     "CN=stolen-hub was revoked at 20", "CERTIFICATE_REVOKED"),
    ("the authority's own", None, serving("ca"), 4, "tls-server-certificate-error",
     "is an issuer's own, not a device's", "BAD_CERTIFICATE"),
    ("CA certificate", None, serving("sub-ca"), 4, "tls-server-certificate-error",
     "CN=sub-ca is one of a CA (CA:TRUE), not a device's", "BAD_CERTIFICATE"),
    ("version 1", None, serving("v1"), 4, "tls-server-certificate-error",
     "CN=v1 is not of X.509 version 3", "BAD_CERTIFICATE"),
    ("weak RSA key", None, serving("weak"), 4, "tls-server-certificate-error",
     "CN=weak uses a key or signature that is too weak", "BAD_CERTIFICATE"),
    ("SHA-1 signature", "weak RSA key", serving("sha1"), 4, "tls-server-certificate-error",
     "CN=sha1 uses a key or signature that is too weak", "BAD_CERTIFICATE"),
    ("MD5 signature", "weak RSA key", serving("md5"), 4, "tls-server-certificate-error",
     "CN=md5 uses a key or signature that is too weak", "BAD_CERTIFICATE"),
    ("for other purposes", None, serving("signer"), 4, "tls-server-certificate-error",
     "CN=signer has an extended key usage without serverAuth", "UNSUPPORTED_CERTIFICATE"),
    ("for clients alone", "for other purposes", serving("as-client"), 4,
     "tls-server-certificate-error", "CN=as-client has an extended key usage without serverAuth",
     "UNSUPPORTED_CERTIFICATE"),
    ("key usage without signing", None, serving("cipher"), 4, "tls-server-certificate-error",
     "CN=cipher has a key usage without digitalSignature", "UNSUPPORTED_CERTIFICATE"),
    ("unknown critical extension", None, serving("alien"), 4, "tls-server-certificate-error",
     "CN=alien has a critical extension that nobody here knows", "BAD_CERTIFICATE"),
    ("huge certificate", None, serving("huge"), 4, "tls-error",
     "the server sent over 65,536 octets of handshake", "ILLEGAL_PARAMETER"),
    ("certificate of other curve", None, serving("curve"), 4, "tls-error",
     "has no cipher suite, group or signature in common with us (TLS 1.3", ""),
    ("TLS 1.2", None, serving("hub", maximum_version=ssl.TLSVersion.TLSv1_2), 4, "tls-error",
     "it does not speak TLS 1.3, which BACnet/SC needs: update it", "UNSUPPORTED_PROTOCOL"),
    ("plain HTTP", None, answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"), 4, "tls-error",
     "the server does not speak TLS; its first octets are 485454502f", ""),
    ("end within the handshake", None, answering(b""), 3, "tcp-closed-other",
     "the peer closed the connection during the TLS handshake", ""),
    ("no answer to the upgrade", None, serving("hub"), 3, "http-error",
     "the peer closed the connection during the WebSocket upgrade", ""),
    ("other proof", None, serving("hub", answer=HTTP_101), 1, "http-websocket-header-error",
     "Sec-WebSocket-Accept does not fit our key", ""),
    ("it does not know our issuer", None, trusting("other/ca.pem"), 4,
     "tls-client-authentication-failed",
     "the server refused our certificate CN=node, issued by CN=", ""),
    ("it says that ours is revoked", None, alert(44), 4, "tls-client-certificate-revoked",
     "(alert 44 received): it was revoked; look at its log", ""),
    ("it says that ours has expired", None, alert(45), 4, "tls-client-certificate-expired",
     "(alert 45 received): it has expired or is not valid yet. Ours runs 20", ""),
    ("it says that ours is bad", None, alert(42), 4, "tls-client-certificate-error",
     "(alert 42 received): it holds it for bad or damaged", ""),
    ("it does not take ours", None, alert(43), 4, "tls-client-certificate-error",
     "(alert 43 received): it does not take its kind", ""),
    ("it gives us no access", None, alert(49), 4, "tls-client-authentication-failed",
     "(alert 49 received): it gives this device no access", ""),
    ("it misses ours", None, alert(116), 4, "tls-client-authentication-failed",
     "(alert 116 received): none has reached it", ""),
    ("it failed inside", None, alert(80), 4, "tls-error", "it failed inside; look at its log", ""),
]


def check_servers(tap, site):
    for what, cause, make, expected, code, words, told in SERVERS:
        status, said, line, found = ask_server(make, site)
        good = status == expected and said == code and words in line and told in found
        tap.check(f"a hub is wrong, our client refuses: {what}",
                  good and check_pattern(cause or what, line), status, said, line, found)


def ask_server(make, site):
    """(exit status, code, line) of our client, and what the server was told."""
    server = Server(make(site))
    status, out, err = run("read", "1", "device,1", "object-name", "--json", "--hub",
                           f"wss://127.0.0.1:{server.port}", "--ca", "site/ca.pem", "--ca",
                           "site/rsa-ca.pem", "--cert", "site/node.pem", "--key", "site/node.key",
                           "--crl", "site/site.crl")
    said = json.loads(out) if out.count("\n") == 1 else {}
    good = said.get("status") == status and err.count("\n") == 1
    line = err.removeprefix("basalt: read: ").rstrip("\n")
    return status if good else None, said.get("error_code"), line, server.close()


def check_late_alert(tap, site):
    """In TLS 1.3 the client is done before the server judges it: the alert comes while we send the
    request already, and the server may be gone by then."""
    answers = [ask_server(trusting("other/ca.pem"), site)[:3] for _ in range(10)]
    tap.check("an alert behind the handshake is not lost to a connection that breaks",
              all(status == 4 and code == "tls-client-authentication-failed"
                  for status, code, _ in answers), *answers)


def check_revoked_hub(tap, site):
    """Both are ours: only the client knows that the hub was revoked."""
    hub, port = site.hub(name="stolen-hub")
    status, code, line = ours("node", "--crl", "site/site.crl")(site, port)
    refused = hub.wait_for("refused") or {}
    tap.check("our hub is revoked, and both say so", status == 4 and
              code == "tls-server-certificate-revoked" and "CN=stolen-hub was revoked at" in line and
              refused.get("code") == "tls-server-certificate-revoked" and
              "the client refused our certificate CN=stolen-hub" in refused.get("reason", "") and
              "it was revoked" in refused.get("reason", ""), line, refused)
    hub.stop()


# What looks odd and must work: options of the hub, credentials of the client.

MUST_WORK = [
    ("the client's issuer is the hub's second", ["--ca", "other/ca.pem"], "stranger", "other"),
    ("the client's issuer has expired", ["--ca", "site/old-ca.pem"], "of-old", "site"),
    ("names that are not the host's", [], "node", "site"),
    ("a certificate without usages", [], "silent", "site"),
    ("a certificate for clients alone, as a client", [], "as-client", "site"),
    ("a negative serial number", [], "negative", "site"),
    ("a serial number of 30 octets", [], "long-serial", "site"),
    ("an issuer with an RSA key", ["--ca", "site/rsa-ca.pem"], "of-rsa", "site"),
    ("a list that does not name the client", ["--crl", "site/site.crl"], "node", "site"),
    ("a list that is out of date and does not name it", ["--crl", "site/stale.crl"], "node", "site"),
    ("a list of the future that does not name it", ["--crl", "site/future.crl"], "node", "site"),
]


def check_must_work(tap, site):
    for what, options, name, folder in MUST_WORK:
        hub, port = site.hub(*options)
        context = site.context()
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
        why = ""
        try:
            peer = Peer(port, context)
            peer.join()
            peer.close()
        except (OSError, AssertionError) as error:
            why = str(error)
        tap.check(f"must work: {what}", why == "" and hub.wait_for("joined"), why, hub.told())
        hub.stop()


def check_old_lists(tap, site):
    """A list out of its time still keeps out whom it names, and the hub says so at the start."""
    for path, words in (("site/stale.crl", "should have been replaced by 2020-01-03T00:00:00Z"),
                        ("site/future.crl", "is of 2039-01-01T00:00:00Z, but our clock says")):
        hub, port = site.hub("--crl", path)
        foreign("stolen")(site, port)
        refused = hub.wait_for("refused") or {}
        hub.stop()
        tap.check(f"{path} still revokes, and the log tells what is wrong with it",
                  refused.get("code") == "tls-client-certificate-revoked" and
                  words in hub.told(), hub.told())


def check_passwords(tap, site):
    """Each source of a password opens the key."""
    good = ["--ca", "site/ca.pem", "--cert", "site/node.pem", "--key", "site/locked.key"]
    write("credentials.pw", "secret\n", 0o400)
    for what, options, env in (
            ("a file", ["--key-password-file", "password"], {}),
            ("a variable", ["--set", "key-password-variable=KEY_PASSWORD"],
             {"KEY_PASSWORD": "secret"}),
            ("a credential", ["--set", "key-password-credential=credentials.pw"],
             {"CREDENTIALS_DIRECTORY": os.getcwd()})):
        hub = Running("hub", "--bind", "127.0.0.1:0", *good, *options, env=env)
        listening = hub.wait_for("listening")
        hub.stop()
        tap.check(f"must work: an encrypted key with its password from {what}",
                  listening and "secret" not in hub.told(), hub.told())


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        site = prepare()
        check_at_start(tap)
        check_two_sources(tap)
        check_clients(tap, site)
        check_servers(tap, site)
        check_late_alert(tap, site)
        check_revoked_hub(tap, site)
        check_must_work(tap, site)
        check_old_lists(tap, site)
        check_passwords(tap, site)
        os.chdir("/")
    tap.end()


main()
