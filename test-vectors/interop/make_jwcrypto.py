# Makes fixtures/jwcrypto.json on standard output: keys and tokens of Python's jwcrypto.
import importlib.metadata
import json
import pathlib

from cryptography.hazmat.primitives import serialization as ser
from jwcrypto import jwe, jwk, jws, jwt
from jwcrypto.common import base64url_decode

cases = json.loads(pathlib.Path(__file__).with_name("cases.json").read_text())
ENC = ["A128CBC-HS256", "A128GCM", "A256GCM"]
ALG = ["RSA-OAEP", "RSA1_5"]
# RSA1_5 is not among the defaults.
jwe.default_allowed_algs.append("RSA1_5")


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def rsa(size, **marks):
    return jwk.JWK.generate(kty="RSA", size=size, **marks)


hs256 = jwk.JWK.generate(kty="oct", size=256, alg="HS256", use="sig", kid="hs256")
keys = {f"rsa{size}": rsa(size) for size in (2048, 3072, 4096)}
keys["rs256"] = rsa(2048, alg="RS256", use="sig", kid="rs256", key_ops=["sign", "verify"])
keys["rsa-oaep"] = rsa(2048, alg="RSA-OAEP", use="enc", kid="rsa-oaep")
keys["rsa1_5"] = rsa(2048, alg="RSA1_5", use="enc", kid="rsa1_5")


def forms(key):
    private = ser.load_pem_private_key(key.export_to_pem(private_key=True, password=None), None)
    pkcs1 = private.private_bytes(
        ser.Encoding.PEM, ser.PrivateFormat.TraditionalOpenSSL, ser.NoEncryption()
    )
    pkcs1_public = private.public_key().public_bytes(ser.Encoding.PEM, ser.PublicFormat.PKCS1)
    return {
        "private_jwk": key.export_private(),
        "public_jwk": key.export_public(),
        "pkcs8": key.export_to_pem(private_key=True, password=None).decode(),
        "pkcs1": pkcs1.decode(),
        "spki": key.export_to_pem().decode(),
        "pkcs1_public": pkcs1_public.decode(),
    }


def sign(payload, key, header):
    token = jws.JWS(payload)
    token.add_signature(key, None, compact(header))
    return token.serialize(compact=True)


def encrypt(payload, key, header):
    token = jwe.JWE(payload, compact(header))
    token.add_recipient(key)
    return token.serialize(compact=True)


tokens = []


def octets(kind, header, key_name, key, payload):
    make = sign if kind == "jws" else encrypt
    token = make(base64url_decode(payload), key, header)
    tokens.append({"kind": kind, **header, "key": key_name, "token": token, "payload": payload})


def claims(header, key_name, key):
    token = jwt.JWT(header=compact({"typ": "JWT", "kid": key_name, **header}), claims=cases["claims"])
    if "enc" in header:
        token.make_encrypted_token(key)
    else:
        token.make_signed_token(key)
    kind = "encrypted" if "enc" in header else "signed"
    tokens.append({"kind": kind, **header, "key": key_name, "token": token.serialize()})
    return token.serialize()


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
    token = encrypt(signed, keys["rsa-oaep"], {**header, "kid": "rsa-oaep", "cty": "JWT"})
    tokens.append({"kind": "nested", **header, "key": "rsa-oaep", "signer": "rs256", "token": token})

fixture = {
    "library": "jwcrypto",
    "version": importlib.metadata.version("jwcrypto"),
    "claims": cases["claims"],
    "secret": {"hs256": hs256.export()},
    "rsa": {name: forms(key) for name, key in keys.items()},
    "tokens": tokens,
}
print(json.dumps(fixture, indent=1, ensure_ascii=False))
