//! Each key in each form is the same key, and is written as the library wrote it.

use super::fixture::{Fixture, Forms, LIBRARIES};
use serde_json::{Map, Value};
use strict_jose::{Hs256Key, RsaAlgorithm, RsaPrivateKey, RsaPublicKey};

impl Forms {
    pub(crate) fn private<A: RsaAlgorithm>(&self) -> [RsaPrivateKey<A>; 3] {
        [
            RsaPrivateKey::from_jwk(&self.private_jwk).unwrap(),
            RsaPrivateKey::from_pem(&self.pkcs8).unwrap(),
            RsaPrivateKey::from_pem(&self.pkcs1).unwrap(),
        ]
    }

    pub(crate) fn public<A: RsaAlgorithm>(&self) -> [RsaPublicKey<A>; 3] {
        [
            RsaPublicKey::from_jwk(&self.public_jwk).unwrap(),
            RsaPublicKey::from_pem(&self.spki).unwrap(),
            RsaPublicKey::from_pem(&self.pkcs1_public).unwrap(),
        ]
    }
}

/// The integers alone, without what the key is for.
fn integers(jwk: &str) -> Map<String, Value> {
    let mut members: Map<String, Value> = serde_json::from_str(jwk).unwrap();
    members.retain(|name, _| !["alg", "use", "key_ops", "kid"].contains(&name.as_str()));
    members
}

/// Base64 of both, whatever the width of the lines and the end of the text.
fn body(pem: &str) -> String {
    pem.split_whitespace().collect()
}

fn check<A: RsaAlgorithm>(forms: &Forms) {
    for key in forms.private::<A>() {
        assert_eq!(integers(key.to_secret_jwk().expose()), integers(&forms.private_jwk));
        assert_eq!(body(key.to_secret_pkcs1_pem().expose()), body(&forms.pkcs1));
        assert_eq!(body(key.to_secret_pem().expose()), body(&forms.pkcs8));
    }
    for key in forms.public::<A>() {
        assert_eq!(integers(&key.to_jwk()), integers(&forms.public_jwk));
        assert_eq!(body(&key.to_pem()), body(&forms.spki));
        assert_eq!(body(&key.to_pkcs1_pem()), body(&forms.pkcs1_public));
    }
}

#[test]
fn every_rsa_key_is_read_and_written_in_every_form() {
    let mut checked = 0;
    for fixture in LIBRARIES.map(Fixture::read) {
        for (name, forms) in &fixture.rsa {
            match name.as_str() {
                #[cfg(feature = "jwe")]
                "rsa-oaep" => check::<strict_jose::RsaOaep>(forms),
                #[cfg(feature = "jwe")]
                "rsa1_5" => check::<strict_jose::Rsa1_5>(forms),
                #[cfg(not(feature = "jwe"))]
                "rsa-oaep" | "rsa1_5" => continue,
                _ => check::<strict_jose::Rs256>(forms),
            }
            checked += 1;
        }
    }
    assert_eq!(checked, if cfg!(feature = "jwe") { 22 } else { 16 });
}

#[test]
fn a_key_that_says_its_algorithm_is_refused_for_another() {
    for fixture in LIBRARIES.map(Fixture::read) {
        for (name, forms) in &fixture.rsa {
            let expected = match name.as_str() {
                "rsa-oaep" | "rsa1_5" => Some("key.jwk_mismatch"),
                _ => None,
            };
            let key = RsaPublicKey::<strict_jose::Rs256>::from_jwk(&forms.public_jwk);
            assert_eq!(key.err().map(|error| error.code()), expected, "{name}");
        }
    }
}

#[test]
fn a_private_jwk_is_no_public_key() {
    for fixture in LIBRARIES.map(Fixture::read) {
        for forms in fixture.rsa.values() {
            let error = RsaPublicKey::<strict_jose::Rs256>::from_jwk(&forms.private_jwk);
            assert_eq!(error.unwrap_err().code(), "key.private_member");
        }
    }
}

#[test]
fn every_secret_is_read_and_written() {
    for fixture in LIBRARIES.map(Fixture::read) {
        for jwk in fixture.secret.values() {
            let key = Hs256Key::from_jwk(jwk).unwrap();
            assert_eq!(integers(key.to_secret_jwk().expose()), integers(jwk));
            let k = integers(jwk)["k"].as_str().unwrap().to_owned();
            assert_eq!(Hs256Key::from_base64url(&k).unwrap().thumbprint(), key.thumbprint());
        }
    }
}
