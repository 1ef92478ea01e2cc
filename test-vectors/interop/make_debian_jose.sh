#!/bin/sh
# Makes fixtures/debian-jose.json on standard output: keys and tokens of Debian's jose program.
# PYTHON is a Python with jwcrypto: the program itself knows JWKs only, so another tool writes the PEM.
# With OpenSSL 3 the program offers no RSA-OAEP; its only key management for RSA is RSA1_5.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

payload() { jose fmt -j "$here/cases.json" -g payloads -g "$1" -u- | jose b64 dec -i - -O payload; }
row() { printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$(tr -d '\n' <token)" >>rows; }
sign() { jose jws sig -s "{\"protected\":$1}" -I "$2" -k "$3.jwk" -c -o token; }
encrypt() { jose jwe enc -i "{\"protected\":$1}" -I "$2" -k "$3.pub" -c -o token; }
generate() { jose jwk gen -i "$2" -o "$1.jwk" && jose jwk pub -i "$1.jwk" -o "$1.pub"; }

jose jwk gen -i '{"alg":"HS256","kid":"hs256"}' -o hs256.jwk
for size in 2048 3072 4096; do generate "rsa$size" "{\"kty\":\"RSA\",\"bits\":$size}"; done
generate rs256 '{"alg":"RS256","bits":2048,"kid":"rs256"}'
generate rsa1_5 '{"alg":"RSA1_5","bits":2048,"kid":"rsa1_5"}'

payload 2048
sign '{"alg":"HS256"}' payload hs256 && row jws HS256 2048 hs256
for size in 2048 3072 4096; do
  payload $size
  sign '{"alg":"RS256"}' payload "rsa$size" && row jws RS256 $size "rsa$size"
  for enc in A128CBC-HS256 A128GCM A256GCM; do
    encrypt "{\"alg\":\"RSA1_5\",\"enc\":\"$enc\"}" payload "rsa$size" && row jwe RSA1_5/$enc $size "rsa$size"
  done
done

jose fmt -j "$here/cases.json" -g claims -o claims
sign '{"alg":"HS256","typ":"JWT","kid":"hs256"}' claims hs256 && row signed HS256 - hs256
encrypt '{"alg":"RSA1_5","enc":"A256GCM","typ":"JWT","kid":"rsa1_5"}' claims rsa1_5 && row encrypted RSA1_5/A256GCM - rsa1_5
sign '{"alg":"RS256","typ":"JWT","kid":"rs256"}' claims rs256 && row signed RS256 - rs256
tr -d '\n' <token >signed
for enc in A128CBC-HS256 A128GCM A256GCM; do
  encrypt "{\"alg\":\"RSA1_5\",\"enc\":\"$enc\",\"kid\":\"rsa1_5\",\"cty\":\"JWT\"}" signed rsa1_5 && row nested RSA1_5/$enc - rsa1_5
done

CASES=$here/cases.json VERSION=$(dpkg-query -W -f '${Version}' jose) "$PYTHON" - <<'PY'
import json, os, pathlib

from cryptography.hazmat.primitives import serialization as ser
from jwcrypto import jwk

cases = json.loads(pathlib.Path(os.environ["CASES"]).read_text())


def text(name):
    return pathlib.Path(name).read_text().strip()


def forms(name):
    key = jwk.JWK.from_json(text(name + ".jwk"))
    private = ser.load_pem_private_key(key.export_to_pem(private_key=True, password=None), None)
    pkcs1 = private.private_bytes(
        ser.Encoding.PEM, ser.PrivateFormat.TraditionalOpenSSL, ser.NoEncryption()
    )
    pkcs1_public = private.public_key().public_bytes(ser.Encoding.PEM, ser.PublicFormat.PKCS1)
    return {
        "private_jwk": text(name + ".jwk"),
        "public_jwk": text(name + ".pub"),
        "pkcs8": key.export_to_pem(private_key=True, password=None).decode(),
        "pkcs1": pkcs1.decode(),
        "spki": key.export_to_pem().decode(),
        "pkcs1_public": pkcs1_public.decode(),
    }


tokens = []
for line in pathlib.Path("rows").read_text().splitlines():
    kind, algorithm, size, key, token = line.split("\t")
    alg, _, enc = algorithm.partition("/")
    row = {"kind": kind, "alg": alg, **({"enc": enc} if enc else {}), "key": key}
    row.update({"signer": "rs256"} if kind == "nested" else {})
    row["token"] = token
    row.update({"payload": cases["payloads"][size]} if size != "-" else {})
    tokens.append(row)
fixture = {
    "library": "debian-jose",
    "version": os.environ["VERSION"],
    "claims": cases["claims"],
    "secret": {"hs256": text("hs256.jwk")},
    "rsa": {name: forms(name) for name in ["rsa2048", "rsa3072", "rsa4096", "rs256", "rsa1_5"]},
    "tokens": tokens,
}
print(json.dumps(fixture, indent=1, ensure_ascii=False))
PY
