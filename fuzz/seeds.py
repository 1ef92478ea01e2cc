#!/usr/bin/env python3
"""Makes seeds: of the test vectors every string that looks like a token, a JWK or a PEM, into corpus/;
and of the faults that this crate once had, or that a reader asked about, one each, into seeds/."""

import base64
import hashlib
import json
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "test-vectors"
TOKEN = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){2,4}")
# What `arbitrary` reads before the text or the octets: no members, then "some". Of an enum, the
# variant: a fraction of 2^32, little-endian.
PREFIXES = {
    "compact": b"",
    "header": b"\x00\x01",
    "claims": b"\x00\x00\x00\x00\x00\x01",
    "jwk": b"\x00\x01",
    "jwk_set": b"\x00\x01",
    "pem": b"\x00\x00\x00\x00",
    "pem, DER": b"\x00\x00\x00\xc0\x00",
    "differential": b"\x00\x00\x00\x00",
    "differential, claims": b"\x00\x00\x00\xb0",
}
# Inside an `Option` the text is not the rest of the input: its length comes after it.
LENGTH_LAST = ["header", "claims", "jwk", "jwk_set"]
TOKEN_TARGETS = ["compact", "differential"]
JSON_TARGETS = ["header", "claims", "differential, claims"]


def write(target: str, octets: bytes, fault: str | None = None) -> None:
    seed = PREFIXES[target] + octets
    if target in LENGTH_LAST:
        seed += len(octets).to_bytes(1 if len(octets) < 256 else 2, "big")
    folder = HERE / ("seeds" if fault else "corpus") / target.split(",")[0]
    folder.mkdir(parents=True, exist_ok=True)
    name = f"fault-{fault}" if fault else hashlib.sha256(seed).hexdigest()[:16]
    (folder / name).write_bytes(seed)


def octets_of(segment: str) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        return None


def token(text: str) -> None:
    for target in TOKEN_TARGETS:
        write(target, text.encode())
    for segment in text.split(".")[:2]:
        octets = octets_of(segment)
        if octets and octets.lstrip().startswith(b"{"):
            for target in JSON_TARGETS:
                write(target, octets)


def walk(value: object) -> None:
    if isinstance(value, dict):
        if "kty" in value:
            write("jwk", json.dumps(value).encode())
            write("jwk_set", json.dumps({"keys": [value]}).encode())
        if "keys" in value:
            write("jwk_set", json.dumps(value).encode())
        for member in value.values():
            walk(member)
    elif isinstance(value, list):
        for member in value:
            walk(member)
    elif isinstance(value, str):
        text = value.strip()
        if TOKEN.fullmatch(text):
            token(text)
        elif "-----BEGIN " in text:
            write("pem", text.encode())
            body = "".join(line for line in text.splitlines() if not line.startswith("-----"))
            write("pem, DER", base64.b64decode(body, validate=False))
        elif text.startswith("{"):
            try:
                walk(json.loads(text))
            except ValueError:
                pass
            for target in JSON_TARGETS + ["jwk", "jwk_set"]:
                write(target, text.encode())


def encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def members(count: int) -> str:
    return ",".join(f'"{number}":0' for number in range(count))


# Members beside good ones: of a header, a Claims Set or a JWK. The outermost object is the first of 32.
ANYWHERE = {
    "raw-value": r'"x":{"$serde_json::private::RawValue":"{\"a\":1,\"a\":2}"}',
    "raw-value-by-escape": r'"x":{"\u0024serde_json::private::RawValue":"{\"a\":1,\"a\":2}"}',
    "raw-value-at-the-top": r'"$serde_json::private::RawValue":"{}"',
    "depth-32": f'"x":{nested(31)}',
    "depth-33": f'"x":{nested(32)}',
    "depth-128": f'"x":{nested(127)}',
    "members-257": f'"x":{{{members(257)}}}',
    "repeated-below": r'"x":[{"a":1,"\u0061":2}]',
    "number-1e400": '"x":1e400',
    "surrogate": r'"x":"\ud800"',
    "surrogate-in-a-name": r'"\udc00":1',
}
HEADERS = {
    "escaped-name": r'"\u006bid":"a"',
    "repeated": '"alg":"HS256"',
    "repeated-by-escape": r'"\u0061lg":"none"',
    "crit-by-escape": r'"cr\u0069t":["b64"]',
    "kid-256": f'"kid":"{"k" * 256}"',
    "kid-257": f'"kid":"{"k" * 257}"',
    "kid-with-surrogate": r'"kid":"\ud800"',
}
CLAIMS = {
    "repeated-by-escape": r'"\u0069at":0',
    "jti-256": f'"jti":"{"j" * 256}"',
    "jti-257": f'"jti":"{"j" * 257}"',
    "jti-with-surrogate": r'"jti":"\ud800"',
    "aud-4097": '"aud":[' + '"",' * 4096 + '""]',
    "exp-fraction": '"exp":300.123456789',
    "exp-fraction-too-fine": '"exp":300.0000000001',
    "exp-fraction-of-zeros": '"exp":300.0000000000',
    "exp-exponent": '"exp":3E+2',
    "exp-negative-exponent": '"exp":3000000000000e-10',
    "exp-1e400": '"exp":1e400',
    "exp-huge-exponent": '"exp":0.0e999999999999',
    "exp-minus-zero": '"exp":-0',
    "exp-milliseconds": '"exp":1611810186883',
    "exp-last-second": '"exp":253402300799',
    "exp-after-9999": '"exp":253402300800',
}
GOOD_HEADER = {"alg": '"HS256"'}
GOOD_CLAIMS = {"iss": '"JWT"', "aud": '"RSA"', "exp": "300", "iat": "0", "jti": '"j"'}


def beside(good: dict[str, str], member: str) -> bytes:
    """A good object with this member, which stands in the place of one that has the same name."""
    name = member.split('"')[1]
    kept = [f'"{other}":{value}' for other, value in good.items() if other != name or name == "alg"]
    return f"{{{','.join([*kept, member])}}}".encode()


def json_faults() -> None:
    for name, member in (ANYWHERE | HEADERS).items():
        header = beside(GOOD_HEADER, member)
        write("header", header, name)
        write("differential", f"{encode(header)}.e30.AA".encode(), f"header-{name}")
    for name, member in (ANYWHERE | CLAIMS).items():
        for target in ("claims", "differential, claims"):
            claims = beside(GOOD_CLAIMS, member)
            write(target, claims, name if target == "claims" else f"claims-{name}")
    mark = b"\xef\xbb\xbf"
    write("header", mark + beside({}, '"alg":"HS256"'), "byte-order-mark")
    write("claims", mark + beside({}, '"iss":"JWT"'), "byte-order-mark")


def key_faults(key: dict[str, str]) -> None:
    octets = {name: base64.urlsafe_b64decode(value + "==") for name, value in key.items() if name != "kty"}
    public = {name: key[name] for name in ("kty", "n", "e")}
    secret = {"kty": "oct", "k": encode(bytes(range(33)))}
    point = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004") + bytes(range(64))
    keys = {f"zero-before-{name}": key | {name: encode(b"\0" + octets[name])} for name in octets}
    keys |= {
        "zero-before-public-n": public | {"n": encode(b"\0" + octets["n"])},
        "zero-before-public-e": public | {"e": encode(b"\0" + octets["e"])},
        "secret-of-zeros": {"kty": "oct", "k": encode(bytes(32))},
        "secret-that-is-a-der-key": {"kty": "oct", "k": encode(point)},
        "kid-256": secret | {"kid": "k" * 256},
        "kid-257": secret | {"kid": "k" * 257},
        "no-private-primes": public | {"d": key["d"]},
    }
    texts = {name: json.dumps(value) for name, value in keys.items()}
    base = json.dumps(secret)[:-1]
    texts |= {name: f"{base},{member}}}" for name, member in ANYWHERE.items()}
    texts["repeated-by-escape"] = base + r',"\u006bty":"oct"}'
    texts["secret-with-escape"] = json.dumps(secret).replace("AAEC", r"\u0041AEC")
    for name, text in texts.items():
        write("jwk", text.encode(), name)
    for name, text in texts.items():
        if not name.startswith("zero-before-"):
            write("jwk_set", f'{{"keys":[{text}]}}'.encode(), name)
    sets = {
        "first-without-kid": [public, public | {"kid": "b"}, secret, secret | {"kid": "b"}],
        "last-without-kid": [public | {"kid": "b"}, public, secret | {"kid": "b"}, secret],
        "kid-twice": [secret | {"kid": "a"}, secret | {"kid": "a"}],
        "first-unknown": [{"kty": "EC", "crv": "P-256"}, public | {"kid": "a"}],
        "private-among-public": [public | {"kid": "a"}, key | {"kid": "b"}],
        "none": [],
        "101-keys": [{"kty": "oct"}] * 101,
    }
    for name, value in sets.items():
        write("jwk_set", json.dumps({"keys": value}).encode(), name)
    write("jwk_set", rb'{"keys":[],"\u006beys":[]}', "keys-twice-by-escape")


def pem_faults(pem: str) -> None:
    begin, *body, end = pem.splitlines()
    inside = "\n".join(body)
    for name, text in {
        "text-around": f"subject=/CN=example\n{pem}\nand so on\n",
        "text-before": f"text\n{pem}",
        "text-after": f"{pem}text\n",
        "crlf": pem.replace("\n", "\r\n"),
        "cr": pem.replace("\n", "\r"),
        "no-last-line-break": pem.rstrip("\n"),
        "one-line": f"{begin}\n{''.join(body)}\n{end}\n",
        "spaces-at-line-ends": pem.replace("\n", " \n"),
        "empty-line-inside": f"{begin}\n\n{inside}\n{end}\n",
        "headers": f"{begin}\nProc-Type: 4,ENCRYPTED\n\n{inside}\n{end}\n",
        "two-blocks": pem + pem,
        "two-labels": pem.replace("END PUBLIC", "END RSA PUBLIC"),
        "byte-order-mark": "\ufeff" + pem,
        "no-octets": f"{begin}\n{end}\n",
    }.items():
        write("pem", text.encode(), name)


def token_faults() -> None:
    header, payload, tag = encode(b'{"alg":"HS256"}'), "e30", encode(bytes(32))
    encrypted = encode(b'{"alg":"RSA-OAEP","enc":"A128GCM"}')
    for name, text in {
        "two-segments": f"{header}.{payload}",
        "four-segments": f"{header}.{payload}.{tag}.{tag}",
        "seven-segments": f"{header}.{payload}" + f".{tag}" * 5,
        "empty-segments-of-a-jws": "..",
        "empty-segments-of-a-jwe": "....",
        "trailing-bits-of-a-header": f"{header[:-1]}R.{payload}.{tag}",
        "trailing-bits-of-a-payload": f"{header}.e31.{tag}",
        "one-character-too-many": f"{header}.{payload}AA.{tag}",
        "line-break-at-the-end": f"{header}.{payload}.{tag}\n",
        "padding": f"{header}.{payload}=.{tag}",
        "encrypted-with-three-segments": f"{encrypted}.{payload}.{tag}",
        "signed-with-five-segments": f"{header}.{payload}.{tag}.{tag}.{tag}",
    }.items():
        for target in TOKEN_TARGETS:
            write(target, text.encode(), f"token-{name}")


def main() -> None:
    key = json.loads((HERE / "src" / "rfc7516-a1.json").read_text())
    walk(key)
    walk({name: key[name] for name in ("kty", "n", "e")})
    walk({"kty": "oct", "k": base64.urlsafe_b64encode(bytes(range(33))).decode()})
    files = sorted(VECTORS.rglob("*.json")) if VECTORS.is_dir() else []
    for file in files:
        try:
            walk(json.loads(file.read_text()))
        except ValueError:
            print(f"no JSON: {file.name}")
    json_faults()
    key_faults(key)
    pem_faults((HERE.parent / "tests" / "pem" / "rsa-2048-public.pem").read_text())
    token_faults()
    count = lambda folder, name: sum(1 for file in (HERE / folder).rglob(name) if file.is_file())
    print(f"{len(files)} files of vectors, {count('corpus', '*')} seeds, {count('seeds', 'fault-*')} faults")


if __name__ == "__main__":
    main()
