# Opens the tokens of strict-jose with Python's jwcrypto; one line for each algorithm.
# Argument: the output of examples/interop_tokens.rs.
import functools
import importlib.metadata
import json
import sys

from jwcrypto import jwe, jwk, jws, jwt

from report import Report, claims_hold, flipped, pem_forms

ours = json.load(open(sys.argv[1]))
payload = bytes(ours["payload"])
report = Report("jwcrypto", importlib.metadata.version("jwcrypto"))
# RSA1_5 is not among the defaults.
jwe.default_allowed_algs.append("RSA1_5")


@functools.cache  # Reading a private key costs more than using it.
def load(name, private):
    key = ours["keys"][name]
    if "jwk" in key:
        return [("jwk", jwk.JWK.from_json(key["jwk"]))]
    label = "private_jwk" if private else "public_jwk"
    pems = [(form, jwk.JWK.from_pem(key[form].encode())) for form in pem_forms(private)]
    return [(label, jwk.JWK.from_json(key[label])), *pems]


def verify(token, key):
    received = jws.JWS()
    received.deserialize(token, key)
    return received.payload


def decrypt(token, key):
    received = jwe.JWE()
    received.deserialize(token, key)
    return received.payload


def claims(token, key):
    return json.loads(jwt.JWT(jwt=token, key=key, expected_type="JWE" if token.count(".") == 4 else "JWS").claims)


def nested(token, key, signer):
    return json.loads(jwt.JWT(jwt=decrypt(token, key).decode(), key=signer).claims)


def sign(key):
    token = jws.JWS(payload)
    token.add_signature(key, None, '{"alg":"RS256"}')
    return token.serialize(compact=True)


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
            report.check("RS256", f"{form} signs", lambda: verify(sign(private), public) == payload)
    elif name.startswith("rsa"):
        alg = name.rpartition("-")[0].upper()
        for (_, private), (form, public) in zip(load(name, True), load(name, False)):
            for enc in ["A128CBC-HS256", "A128GCM", "A256GCM"]:

                def round_trip():
                    made = jwe.JWE(payload, json.dumps({"alg": alg, "enc": enc}))
                    made.add_recipient(public)
                    return decrypt(made.serialize(compact=True), private) == payload

                report.check(f"{alg}/{enc}", f"{form} encrypts", round_trip)
report.print()
