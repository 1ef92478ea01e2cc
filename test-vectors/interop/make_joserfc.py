# Makes fixtures/joserfc.json on standard output: keys and tokens of Python's joserfc.
import importlib.metadata
import json
import pathlib

from cryptography.hazmat.primitives import serialization as ser
from joserfc import jwe, jws, jwt
from joserfc.jwk import OctKey, RSAKey
from joserfc.util import urlsafe_b64decode

cases = json.loads(pathlib.Path(__file__).with_name("cases.json").read_text())
ENC = ["A128CBC-HS256", "A128GCM", "A256GCM"]
ALG = ["RSA-OAEP", "RSA1_5"]
# RSA1_5 and RSA-OAEP have to be named to be allowed.
ALLOWED = ALG + ENC


def compact(value):
    return json.dumps(value, separators=(",", ":"))


hs256 = OctKey.generate_key(256, {"alg": "HS256", "use": "sig", "kid": "hs256"})
keys = {f"rsa{size}": RSAKey.generate_key(size) for size in (2048, 3072, 4096)}
for alg, use in [("RS256", "sig"), ("RSA-OAEP", "enc"), ("RSA1_5", "enc")]:
    keys[alg.lower()] = RSAKey.generate_key(2048, {"alg": alg, "use": use, "kid": alg.lower()})


def forms(key):
    private = key.private_key
    pkcs1 = private.private_bytes(
        ser.Encoding.PEM, ser.PrivateFormat.TraditionalOpenSSL, ser.NoEncryption()
    )
    pkcs1_public = private.public_key().public_bytes(ser.Encoding.PEM, ser.PublicFormat.PKCS1)
    return {
        "private_jwk": compact(key.as_dict(private=True)),
        "public_jwk": compact(key.as_dict(private=False)),
        "pkcs8": key.as_pem(private=True).decode(),
        "pkcs1": pkcs1.decode(),
        "spki": key.as_pem(private=False).decode(),
        "pkcs1_public": pkcs1_public.decode(),
    }


tokens = []


def octets(kind, header, key_name, key, payload):
    data = urlsafe_b64decode(payload.encode())
    if kind == "jws":
        token = jws.serialize_compact(header, data, key)
    else:
        token = jwe.encrypt_compact(header, data, key, algorithms=ALLOWED)
    tokens.append({"kind": kind, **header, "key": key_name, "token": token, "payload": payload})


def claims(header, key_name, key):
    full = {"typ": "JWT", "kid": key_name, **header}
    if "enc" in header:
        registry = jwe.JWERegistry(algorithms=ALLOWED)
        token = jwt.encode(full, cases["claims"], key, registry=registry)
    else:
        token = jwt.encode(full, cases["claims"], key)
    kind = "encrypted" if "enc" in header else "signed"
    tokens.append({"kind": kind, **header, "key": key_name, "token": token})
    return token


octets("jws", {"alg": "HS256"}, "hs256", hs256, cases["payloads"]["2048"])
for size, payload in cases["payloads"].items():
    name = f"rsa{size}"
    octets("jws", {"alg": "RS256"}, name, keys[name], payload)
    for alg in ALG:
        for enc in ENC:
            octets("jwe", {"alg": alg, "enc": enc}, name, keys[name], payload)
claims({"alg": "HS256"}, "hs256", hs256)
signed = claims({"alg": "RS256"}, "rs256", keys["rs256"])
for alg in ALG:
    claims({"alg": alg, "enc": "A256GCM"}, alg.lower(), keys[alg.lower()])
for enc in ENC:
    header = {"alg": "RSA-OAEP", "enc": enc}
    full = {**header, "kid": "rsa-oaep", "cty": "JWT"}
    token = jwe.encrypt_compact(full, signed.encode(), keys["rsa-oaep"], algorithms=ALLOWED)
    tokens.append({"kind": "nested", **header, "key": "rsa-oaep", "signer": "rs256", "token": token})

fixture = {
    "library": "joserfc",
    "version": importlib.metadata.version("joserfc"),
    "claims": cases["claims"],
    "secret": {"hs256": compact(hs256.as_dict(private=True))},
    "rsa": {name: forms(key) for name, key in keys.items()},
    "tokens": tokens,
}
print(json.dumps(fixture, indent=1, ensure_ascii=False))
