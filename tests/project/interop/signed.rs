//! JWSs and signed JWTs of the other libraries.

use super::fixture::{Fixture, LIBRARIES, Token};
use serde_json::{Map, Value};
use strict_jose::{Hs256Key, Rs256SigningKey, VerifyingKeys, jws, jwt};

/// Signed tokens opened by all forms of their keys, and changed ones refused.
#[derive(Default, PartialEq, Debug)]
struct Count {
    opened: usize,
    refused: usize,
}

impl Count {
    /// Gives the test each form of the token's key.
    fn verify(&mut self, fixture: &Fixture, token: &Token, check: &impl Check) {
        match token.alg.as_str() {
            "HS256" => {
                self.with(token, &Hs256Key::from_jwk(&fixture.secret[&token.key]).unwrap(), check);
            }
            "RS256" => {
                for key in fixture.rsa[&token.key].public() {
                    self.with::<strict_jose::Rs256VerifyingKey>(token, &key, check);
                }
            }
            other => panic!("{other}"),
        }
    }

    fn with<K: VerifyingKeys>(&mut self, token: &Token, key: &K, check: &impl Check) {
        check.opens(token, key);
        self.opened += 1;
        for (broken, code) in token.broken("signature.invalid") {
            assert_eq!(jws::verify(&broken, key).unwrap_err().code(), code, "{broken}");
            self.refused += 1;
        }
    }
}

trait Check {
    fn opens<K: VerifyingKeys>(&self, token: &Token, key: &K);
}

struct Bytes;

impl Check for Bytes {
    fn opens<K: VerifyingKeys>(&self, token: &Token, key: &K) {
        assert_eq!(jws::verify(&token.compact, key).unwrap().payload(), token.payload());
    }
}

struct Claims<'a>(&'a Fixture);

impl Check for Claims<'_> {
    fn opens<K: VerifyingKeys>(&self, token: &Token, key: &K) {
        let rules = self.0.rules().typ("JWT");
        let claims = jwt::verify::<Map<String, Value>>(&token.compact, key, &rules).unwrap();
        self.0.assert_claims(&claims);
        assert_eq!(claims.header().key_id(), Some(token.key.as_str()));
        let late = jwt::verify::<Value>(&token.compact, key, &self.0.rules_too_late());
        assert_eq!(late.unwrap_err().code(), "claim.expired");
    }
}

#[test]
fn signed_octets_of_every_library_are_verified() {
    for fixture in LIBRARIES.map(Fixture::read) {
        let mut count = Count::default();
        for token in fixture.of_kind("jws") {
            count.verify(&fixture, token, &Bytes);
        }
        // HS256 by its JWK; RS256 for three sizes by three forms, the last with an empty payload.
        let expected = Count { opened: 1 + 9, refused: 3 + 9 * 3 - 3 };
        assert_eq!(count, expected, "{}", fixture.library);
    }
}

#[test]
fn signed_claims_of_every_library_are_verified() {
    for fixture in LIBRARIES.map(Fixture::read) {
        let mut count = Count::default();
        for token in fixture.of_kind("signed") {
            count.verify(&fixture, token, &Claims(&fixture));
        }
        assert_eq!(count, Count { opened: 1 + 3, refused: 4 * 4 }, "{}", fixture.library);
    }
}

#[test]
fn another_key_verifies_none_of_them() {
    let fixtures = LIBRARIES.map(Fixture::read);
    for (at, fixture) in fixtures.iter().enumerate() {
        let other = &fixtures[(at + 1) % fixtures.len()];
        for token in fixture.of_kind("signed") {
            let result = match token.alg.as_str() {
                "HS256" => jws::verify(
                    &token.compact,
                    &Hs256Key::from_jwk(&other.secret["hs256"]).unwrap(),
                ),
                _ => jws::verify(&token.compact, &other.rsa["rs256"].public()[0]),
            };
            assert_eq!(result.unwrap_err().code(), "signature.invalid");
        }
    }
}

#[test]
fn the_libraries_private_keys_sign_for_their_public_keys() {
    for fixture in LIBRARIES.map(Fixture::read) {
        for name in ["rsa2048", "rsa3072", "rsa4096", "rs256"] {
            let forms = &fixture.rsa[name];
            let private: [Rs256SigningKey; 3] = forms.private();
            for (signing, verifying) in private.iter().zip(forms.public()) {
                let token = jws::sign(b"octets", signing).unwrap();
                assert_eq!(jws::verify(&token, &verifying).unwrap().payload(), b"octets");
            }
        }
    }
}
