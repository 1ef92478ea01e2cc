//! What a build with one backend makes, every build opens: the tokens under
//! `test-vectors/interop/builds` were made by each of the three.
//!
//! `cargo test --test project cross_backend -- --ignored` makes those of the build it runs in anew.

use crate::support::keys;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use strict_jose::legacy::Rsa1_5DecryptionKey;
use strict_jose::{
    ContentEncryption, DecryptionKeys, Error, Rs256SigningKey, RsaOaepDecryptionKey, jwe, jws,
};

const BACKENDS: [&str; 3] = ["rust-crypto", "ring", "aws-lc-rs"];

/// The one of this build: of several the fastest.
const OWN: &str = if cfg!(feature = "aws-lc-rs") {
    "aws-lc-rs"
} else if cfg!(feature = "ring") {
    "ring"
} else {
    "rust-crypto"
};

/// Every size and shape for which a backend might have an opinion of its own.
const KEYS: [(&str, &str); 7] = [
    ("2048", keys::RSA_2048),
    ("2048, p below q", keys::RSA_2048_P_BELOW_Q),
    ("2048, exponent 3", keys::RSA_2048_E3),
    ("2049", keys::RSA_2049),
    ("3072", keys::RSA_3072),
    ("4096", keys::RSA_4096),
    ("8192", keys::RSA_8192),
];

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Tokens {
    key: String,
    signed: String,
    oaep: Vec<String>,
    rsa1_5: Vec<String>,
}

/// Every octet value once, and no whole number of AES blocks.
fn payload() -> Vec<u8> {
    (0..=255).chain(0..9).collect()
}

fn file(backend: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/test-vectors/interop/builds");
    PathBuf::from(folder).join(format!("{backend}.json"))
}

#[test]
#[ignore = "writes a fixture"]
fn record() {
    let tokens = KEYS.map(|(name, pem)| {
        let oaep = RsaOaepDecryptionKey::from_pem(pem).unwrap().public_key();
        let rsa1_5 = Rsa1_5DecryptionKey::from_pem(pem).unwrap().public_key();
        let made = |make: &dyn Fn(ContentEncryption) -> Result<String, Error>| {
            ContentEncryption::ALL.iter().map(|enc| make(*enc).unwrap()).collect()
        };
        Tokens {
            key: name.to_owned(),
            signed: jws::sign(payload(), &Rs256SigningKey::from_pem(pem).unwrap()).unwrap(),
            oaep: made(&|enc| jwe::encrypt(payload(), enc, &oaep)),
            rsa1_5: made(&|enc| jwe::encrypt(payload(), enc, &rsa1_5)),
        }
    });
    std::fs::write(file(OWN), serde_json::to_string_pretty(&tokens).unwrap() + "\n").unwrap();
}

/// The token with its last segment replaced by zeros of the same length.
fn with_zeros_at_the_end(token: &str) -> String {
    let (start, end) = token.rsplit_once('.').unwrap();
    format!("{start}.{}", "A".repeat(end.len()))
}

fn opens(token: &str, key: &impl DecryptionKeys) {
    assert_eq!(*jwe::decrypt(token, key).unwrap(), payload());
    let spoilt = jwe::decrypt(&with_zeros_at_the_end(token), key);
    assert_eq!(spoilt.unwrap_err(), Error::DecryptionFailed);
}

#[test]
fn every_build_opens_what_every_build_made() {
    let mut opened = 0;
    for backend in BACKENDS {
        let text = std::fs::read_to_string(file(backend)).unwrap();
        let all: Vec<Tokens> = serde_json::from_str(&text).unwrap();
        assert_eq!(all.len(), KEYS.len());
        for (tokens, (name, pem)) in all.iter().zip(KEYS) {
            assert_eq!(tokens.key, name);
            let signer = Rs256SigningKey::from_pem(pem).unwrap();
            // RS256 leaves nothing to chance.
            assert_eq!(jws::sign(payload(), &signer).unwrap(), tokens.signed, "{backend} {name}");
            let public = signer.public_key();
            assert_eq!(jws::verify(&tokens.signed, &public).unwrap().payload(), payload());
            let spoilt = jws::verify(&with_zeros_at_the_end(&tokens.signed), &public);
            assert_eq!(spoilt.unwrap_err(), Error::InvalidSignature);
            let oaep = RsaOaepDecryptionKey::from_pem(pem).unwrap();
            let rsa1_5 = Rsa1_5DecryptionKey::from_pem(pem).unwrap();
            tokens.oaep.iter().for_each(|token| opens(token, &oaep));
            tokens.rsa1_5.iter().for_each(|token| opens(token, &rsa1_5));
            opened += 1 + tokens.oaep.len() + tokens.rsa1_5.len();
        }
    }
    assert_eq!(opened, BACKENDS.len() * KEYS.len() * 7);
}
