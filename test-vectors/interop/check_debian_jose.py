# Opens the tokens of strict-jose with Debian's jose program; one line for each algorithm.
# Argument: the output of examples/interop_tokens.rs. The program takes keys as JWKs only, and with
# OpenSSL 3 it has no RSA-OAEP.
import json
import pathlib
import subprocess
import sys
import tempfile

from report import Report, claims_hold, flipped

ours = json.load(open(sys.argv[1]))
payload = bytes(ours["payload"])
query = ["dpkg-query", "-W", "-f", "${Version}", "jose"]
version = subprocess.run(query, check=True, capture_output=True, text=True).stdout
report = Report("debian-jose", version)
work = tempfile.TemporaryDirectory()


def file(name, content):
    path = pathlib.Path(work.name, name)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def jose(*arguments):
    return subprocess.run(["jose", *arguments], check=True, capture_output=True).stdout


def load(name, private):
    key = ours["keys"][name]
    return file("key", key.get("jwk") or key["private_jwk" if private else "public_jwk"])


def verify(token, key):
    return jose("jws", "ver", "-i", file("token", token), "-k", key, "-O", "-")


def decrypt(token, key):
    return jose("jwe", "dec", "-i", file("token", token), "-k", key, "-O", "-")


def nested(token, key, signer):
    # One file serves for each key in turn.
    inner = decrypt(token, key).decode()
    return json.loads(verify(inner, load(signer, False)))


for row in ours["tokens"]:
    kind, algorithm, name, token = row["kind"], row["algorithm"], row["key"], row["token"]
    if algorithm.startswith("RSA-OAEP"):
        continue
    signed = kind in ("jws", "signed")
    octets = verify if signed else decrypt
    if kind in ("jws", "jwe"):
        report.check(algorithm, kind, lambda: octets(token, load(name, not signed)) == payload)
    elif kind == "nested":
        signer = "rs256-" + name.rpartition("-")[2]
        report.check(algorithm, kind, lambda: claims_hold(nested(token, load(name, True), signer)))
    else:
        report.check(
            algorithm, kind, lambda: claims_hold(json.loads(octets(token, load(name, not signed))))
        )
    report.refuse(algorithm, kind, lambda: octets(flipped(token), load(name, not signed)))

# The halves that opening tokens does not use.
for name in ours["keys"]:
    if name.startswith("rs256"):

        def signs():
            template = ["-s", '{"protected":{"alg":"RS256"}}', "-I", file("payload", payload)]
            token = jose("jws", "sig", *template, "-k", load(name, True), "-c")
            return verify(token, load(name, False)) == payload

        report.check("RS256", "private_jwk signs", signs)
    elif name.startswith("rsa1_5"):
        for enc in ["A128CBC-HS256", "A128GCM", "A256GCM"]:

            def encrypts():
                header = json.dumps({"protected": {"alg": "RSA1_5", "enc": enc}})
                given = ["-i", header, "-I", file("payload", payload)]
                token = jose("jwe", "enc", *given, "-k", load(name, False), "-c")
                return decrypt(token, load(name, True)) == payload

            report.check(f"RSA1_5/{enc}", "public_jwk encrypts", encrypts)
report.print()
