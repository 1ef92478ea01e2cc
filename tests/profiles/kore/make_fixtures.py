"""Makes fixtures.json: keys, and six tokens that another library (jwcrypto) has encrypted.

    pip install jwcrypto && python3 tests/profiles/kore/make_fixtures.py > tests/profiles/kore/fixtures.json

The keys are for tests alone, and new at every run.
"""

import json
from importlib.metadata import version

from jwcrypto import jwe, jwk, jws

SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
KID = "k-ffb4hty69-750a-44af-91c1-de0bvcf6a"
CLAIMS = {
    "iat": 1466684723,
    "exp": 1466684783,
    "jti": "1234",
    "aud": "https://idproxy.kore.ai/authorize",
    "iss": "cs-xxxxxxxxxx-1234",
    "sub": "john.doe@achme.com",
    "isAnonymous": False,
    "identityToMerge": "anonymoususer1@test.com",
    "privateClaims": {"accountId": "123412512512556"},
}
ALGORITHMS = ["RSA-OAEP", "RSA1_5"]
ENCRYPTIONS = ["A128CBC-HS256", "A128GCM", "A256GCM"]


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def signed():
    token = jws.JWS(compact(CLAIMS))
    key = jwk.JWK(kty="oct", k=jwk.base64url_encode(SECRET))
    token.add_signature(key, "HS256", compact({"alg": "HS256", "typ": "JWT"}))
    return token.serialize(compact=True)


def encrypted(inner, alg, enc, key):
    header = {"alg": alg, "enc": enc, "kid": KID, "typ": "JWT"}
    token = jwe.JWE(inner, protected=compact(header), algs=[alg, enc], recipient=key)
    return token.serialize(compact=True)


def rsa(kid=None, size=2048):
    key = jwk.JWK.generate(kty="RSA", size=size)
    members = json.loads(key.export_private())
    members.pop("kid", None)
    return members | ({"kid": kid} if kid else {})


def main():
    platform = rsa(KID)
    inner = signed()
    key = jwk.JWK(**platform)
    tokens = [
        {"alg": alg, "enc": enc, "token": encrypted(inner, alg, enc, key)}
        for alg in ALGORITHMS
        for enc in ENCRYPTIONS
    ]
    small = rsa(KID, 1024)
    print(json.dumps({
        "made_by": "jwcrypto " + version("jwcrypto"),
        "platform_private_jwk": compact(platform),
        "other_private_jwk": compact(rsa(KID)),
        "app_private_jwk": compact(rsa()),
        "small_public_jwk": compact({name: small[name] for name in ("kty", "e", "kid", "n")}),
        "tokens": tokens,
    }, indent=2))


main()
