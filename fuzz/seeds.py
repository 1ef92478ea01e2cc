#!/usr/bin/env python3
"""Makes seeds out of the test vectors: every string that looks like a token, a JWK or a PEM."""

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


def write(target: str, octets: bytes) -> None:
    seed = PREFIXES[target] + octets
    if target in LENGTH_LAST:
        seed += len(octets).to_bytes(1 if len(octets) < 256 else 2, "big")
    folder = HERE / "corpus" / target.split(",")[0]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


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
    seeds = sum(1 for file in (HERE / "corpus").rglob("*") if file.is_file())
    print(f"{len(files)} files of vectors, {seeds} seeds")


if __name__ == "__main__":
    main()
