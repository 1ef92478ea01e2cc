# What the two Python checks share: the claims to expect, and counting by algorithm.
import sys
import time


def pem_forms(private):
    return ["pkcs8", "pkcs1"] if private else ["spki", "pkcs1_public"]


def claims_hold(claims):
    expected = {
        "iss": "https://as.example",
        "sub": "alice",
        "aud": ["https://api.example", "https://other.example"],
        "jti": "c2f1d3e0-0002",
        "roles": ["reader", "writer"],
        "given_name": "Alïce ☃",
    }
    now = time.time()
    times = {name: claims.get(name, 0) for name in ("nbf", "iat", "exp")}
    fresh = times["nbf"] <= now + 1 and times["iat"] <= now + 1 and now < times["exp"]
    rest = {name: value for name, value in claims.items() if name not in times}
    return fresh and times["exp"] - times["iat"] == 3600 and rest == expected


def flipped(token):
    """The token with one character of its last segment changed."""
    at = len(token) - 8
    return token[:at] + ("g" if token[at] == "f" else "f") + token[at + 1 :]


class Report:
    def __init__(self, library, version):
        self.library = f"{library} {version}"
        self.counts = {}

    def count(self, algorithm, what, error):
        passed, failed = self.counts.get(algorithm, (0, 0))
        self.counts[algorithm] = (passed, failed + 1) if error else (passed + 1, failed)
        if error:
            print(f"{self.library} {algorithm}: {what}: {error}", file=sys.stderr)

    def check(self, algorithm, what, holds):
        try:
            self.count(algorithm, what, None if holds() else "differs")
        except Exception as error:
            self.count(algorithm, what, repr(error))

    def refuse(self, algorithm, what, opens):
        try:
            opens()
        except Exception:
            return self.count(algorithm, what, None)
        self.count(algorithm, what, "a changed token was opened")

    def print(self):
        for algorithm, (passed, failed) in self.counts.items():
            print(f"{self.library}\t{algorithm}\t{passed}\t{failed}")
