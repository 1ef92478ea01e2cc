# Opens the tokens of strict-jose with Python's joserfc; one line for each algorithm.
# Argument: the output of examples/interop_tokens.rs.
import functools
import importlib.metadata
import json
import sys

from joserfc import jwe, jws, jwt
from joserfc.jwk import OctKey, RSAKey

from report import Report, claims_hold, flipped, pem_forms

ours = json.load(open(sys.argv[1]))
payload = bytes(ours["payload"])
report = Report("joserfc", importlib.metadata.version("joserfc"))
ENC = ["A128CBC-HS256", "A128GCM", "A256GCM"]
# RSA1_5 has to be named to be allowed.
ALLOWED = ["RSA-OAEP", "RSA1_5", *ENC]


@functools.cache  # Reading a private key costs more than using it.
def load(name, private):
    key = ours["keys"][name]
    if "jwk" in key:
        return [("jwk", OctKey.import_key(json.loads(key["jwk"])))]
    label = "private_jwk" if private else "public_jwk"
    pems = [(form, RSAKey.import_key(key[form])) for form in pem_forms(private)]
    return [(label, RSAKey.import_key(json.loads(key[label]))), *pems]


def verify(token, key):
    return jws.deserialize_compact(token, key).payload


def decrypt(token, key):
    return jwe.decrypt_compact(token, key, algorithms=ALLOWED).plaintext


def claims(token, key):
    registry = jwe.JWERegistry(algorithms=ALLOWED) if token.count(".") == 4 else None
    received = jwt.decode(token, key, registry=registry).claims
    audience = {"essential": True, "value": "https://api.example"}
    jwt.JWTClaimsRegistry(iss={"essential": True}, aud=audience).validate(received)
    return received


def nested(token, key, signer):
    return claims(decrypt(token, key).decode(), signer)


for row in ours["tokens"]:
    kind, algorithm, name, token = row["kind"], row["algorithm"], row["key"], row["token"]
    signed = kind in ("jws", "signed")
    octets = verify if signed else decrypt
    signer = load("rs256-" + name.rpartition("-")[2], False)[0][1] if kind == "nested" else None
    for form, key in load(name, not signed):
        what = f"{kind} by {form}"
        if kind in ("jws", "jwe"):
            report.check(algorithm, what, lambda: octets(token, key) == payload)
        elif kind == "nested":
            report.check(algorithm, what, lambda: claims_hold(nested(token, key, signer)))
        else:
            report.check(algorithm, what, lambda: claims_hold(claims(token, key)))
        report.refuse(algorithm, what, lambda: octets(flipped(token), key))

# The halves that opening tokens does not use.
for name in ours["keys"]:
    if name.startswith("rs256"):
        for (form, private), (_, public) in zip(load(name, True), load(name, False)):

            def round_trip():
                made = jws.serialize_compact({"alg": "RS256"}, payload, private)
                return verify(made, public) == payload

            report.check("RS256", f"{form} signs", round_trip)
    elif name.startswith("rsa"):
        alg = name.rpartition("-")[0].upper()
        for (_, private), (form, public) in zip(load(name, True), load(name, False)):
            for enc in ENC:

                def round_trip():
                    header = {"alg": alg, "enc": enc}
                    made = jwe.encrypt_compact(header, payload, public, algorithms=ALLOWED)
                    return decrypt(made, private) == payload

                report.check(f"{alg}/{enc}", f"{form} encrypts", round_trip)
report.print()
