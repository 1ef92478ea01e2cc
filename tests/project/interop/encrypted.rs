//! JWEs, encrypted JWTs and nested JWTs of the other libraries.

use super::fixture::{Fixture, LIBRARIES, Token};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use strict_jose::{
    ContentEncryption, DecryptionKeys, Rs256VerifyingKey, Rsa1_5, RsaAlgorithm, RsaOaep,
    RsaPrivateKey, jwe, jwt,
};

fn bytes(token: &Token, keys: &[impl DecryptionKeys; 3]) -> usize {
    for key in keys {
        let plaintext = jwe::decrypt(&token.compact, key).unwrap();
        assert_eq!(plaintext.as_ref(), token.payload(), "{}", token.compact);
    }
    refusals(token, &keys[0])
}

fn refusals(token: &Token, key: &impl DecryptionKeys) -> usize {
    let broken = token.broken("decryption.failed");
    for (broken, code) in &broken {
        assert_eq!(jwe::decrypt(broken, key).unwrap_err().code(), *code, "{broken}");
    }
    broken.len()
}

fn claims(fixture: &Fixture, token: &Token, keys: &[impl DecryptionKeys; 3]) {
    for key in keys {
        let rules = fixture.rules().typ("JWT");
        let claims = jwt::decrypt::<Map<String, Value>>(&token.compact, key, &rules).unwrap();
        assert_eq!(claims.private(), &fixture.private_claims());
        assert_eq!(claims.subject(), fixture.claims["sub"].as_str());
        let late = jwt::decrypt::<Value>(&token.compact, key, &fixture.rules_too_late());
        assert_eq!(late.unwrap_err().code(), "claim.expired");
    }
}

fn nested(fixture: &Fixture, token: &Token, keys: &[impl DecryptionKeys; 3]) -> usize {
    let signer = &fixture.rsa[token.signer.as_ref().unwrap()];
    let signers: [Rs256VerifyingKey; 3] = signer.public();
    for (key, signer) in keys.iter().zip(&signers) {
        let open = |rules| {
            jwt::decrypt_then_verify::<Map<String, Value>>(&token.compact, key, signer, &rules)
        };
        fixture.assert_claims(&open(fixture.rules().typ("JWT")).unwrap());
        assert_eq!(open(fixture.rules_too_late()).unwrap_err().code(), "claim.expired");
    }
    refusals(token, &keys[0])
}

fn keys<A: RsaAlgorithm>(fixture: &Fixture, token: &Token) -> [RsaPrivateKey<A>; 3] {
    fixture.rsa[&token.key].private()
}

#[test]
fn encrypted_octets_of_every_library_are_decrypted() {
    for (library, expected) in LIBRARIES.into_iter().zip([18, 18, 9, 9]) {
        let fixture = Fixture::read(library);
        let (mut opened, mut refused, mut empty) = (0, 0, 0);
        let mut pairs = BTreeSet::new();
        for token in fixture.of_kind("jwe") {
            refused += match token.alg.as_str() {
                "RSA-OAEP" => bytes(token, &keys::<RsaOaep>(&fixture, token)),
                _ => bytes(token, &keys::<Rsa1_5>(&fixture, token)),
            };
            opened += 1;
            empty += usize::from(token.compact.contains(".."));
            let enc = token.enc.as_deref().unwrap();
            assert!(ContentEncryption::from_name(enc).is_some());
            pairs.insert((&token.alg, enc, &token.key));
        }
        assert_eq!(opened, expected, "{library}");
        // Each pair with each size; an empty plaintext has an empty ciphertext with GCM.
        assert_eq!(pairs.len(), expected, "{library}");
        assert_eq!((empty, refused), (expected / 9 * 2, expected * 5 - empty), "{library}");
        assert_eq!(fixture.is_pair("RSA-OAEP"), library != "debian-jose");
        assert_eq!(fixture.is_pair("RSA1_5"), library != "node-jose");
    }
}

#[test]
fn encrypted_claims_of_every_library_are_decrypted() {
    for (library, expected) in LIBRARIES.into_iter().zip([2, 2, 1, 1]) {
        let fixture = Fixture::read(library);
        let mut opened = 0;
        for token in fixture.of_kind("encrypted") {
            match token.alg.as_str() {
                "RSA-OAEP" => claims(&fixture, token, &keys::<RsaOaep>(&fixture, token)),
                _ => claims(&fixture, token, &keys::<Rsa1_5>(&fixture, token)),
            }
            opened += 1;
        }
        assert_eq!(opened, expected, "{library}");
    }
}

#[test]
fn nested_claims_of_every_library_are_decrypted_then_verified() {
    for fixture in LIBRARIES.map(Fixture::read) {
        let (mut opened, mut refused) = (0, 0);
        for token in fixture.of_kind("nested") {
            refused += match token.alg.as_str() {
                "RSA-OAEP" => nested(&fixture, token, &keys::<RsaOaep>(&fixture, token)),
                _ => nested(&fixture, token, &keys::<Rsa1_5>(&fixture, token)),
            };
            opened += 1;
        }
        assert_eq!((opened, refused), (3, 18), "{}", fixture.library);
    }
}
