//! RSA private keys: their integers, and the texts they come in.

use super::{Canary, canaries, support_eh::*, survivors};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use strict_jose::{KeySet, Rs256SigningKey, jws};

const PKCS1_PEM: &str = include_str!("../keys/eh/rsa-pkcs1.pem");

/// The fixture in every form, never freed, so that only copies can be found.
struct Fixture {
    integers: Vec<(&'static str, Vec<u8>)>,
    jwk: &'static str,
    pkcs8: &'static [u8],
    pkcs1: &'static [u8],
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let key = rsa();
    let jwk: &'static str = key.to_secret_jwk().unwrap().expose().to_owned().leak();
    let json: serde_json::Value = serde_json::from_str(jwk).unwrap();
    let integers = ["d", "p", "q", "dp", "dq", "qi"]
        .map(|name| (name, unb64(json[name].as_str().unwrap())))
        .to_vec();
    let pkcs8 = key.to_secret_pkcs8_der().unwrap().expose().to_vec().leak();
    let pkcs1 = key.to_secret_pkcs1_der().unwrap().expose().to_vec().leak();
    Fixture { integers, jwk, pkcs8, pkcs1 }
});

/// The integers, and their text in the JWK and in both PEMs.
fn all_canaries() -> Vec<Canary> {
    let mut all = Vec::new();
    for (name, octets) in &FIXTURE.integers {
        all.extend(canaries(name, octets));
        all.extend(canaries("JWK text", b64(octets).as_bytes()));
    }
    for pem in [RSA_PEM, PKCS1_PEM] {
        // From the ninth line on nothing in a PEM is public any more.
        for line in pem.lines().skip(9).filter(|line| line.len() == 64) {
            all.extend(canaries("PEM text", line.as_bytes()));
        }
    }
    all
}

/// The secret integers of a key that others leave behind, with the number of freed blocks that hold
/// each. Texts and encodings, and whatever is ours, are in none.
type Leaks = &'static [(&'static str, usize)];

/// The `rsa` crate (0.10.0-rc.20) checks and prepares a key with temporaries that it does not wipe:
/// the primes, in `from_components` with `validate` and `precompute`. `d`, `dp`, `dq`, `qi` it wipes.
const MADE: Leaks = &[("p", 10), ("q", 5)];

/// The same, refused by our comparison of `dp`, `dq` and `qi` at the end, or by `validate` before.
const REFUSED_LATE: Leaks = MADE;
const REFUSED_EARLY: Leaks = &[("p", 4), ("q", 1)];

/// ring's `RsaKeyPair` has no wiping of its own: `d`, and the primes in their Montgomery moduli.
/// aws-lc has memory of its own, out of this test's sight, and wipes all of it as it frees it.
const MADE_TO_SIGN: Leaks = if RING_SIGNS { &[("d", 1), ("p", 11), ("q", 7)] } else { MADE };

const RING_SIGNS: bool = cfg!(feature = "ring") && !AWS_LC;
const AWS_LC: bool = cfg!(feature = "aws-lc-rs");

/// Each private operation of the `rsa` crate frees one `BoxedMontyParams` of each prime.
const USED: Leaks = &[("p", 1), ("q", 1)];

/// Each signature of ring and of aws-lc frees nothing secret.
const SIGNED: Leaks = if RING_SIGNS || AWS_LC { &[] } else { USED };

/// Nor does RSA-OAEP of aws-lc.
#[cfg(feature = "jwe")]
const OAEP_DECRYPTED: Leaks = if AWS_LC { &[] } else { USED };

/// Nor RSA1_5 by its raw operation.
#[cfg(feature = "jwe")]
const RSA1_5_DECRYPTED: Leaks = if cfg!(feature = "fast-rsa1_5") { &[] } else { USED };

#[track_caller]
fn assert_leaks(expected: Leaks, work: impl FnOnce()) {
    assert_eq!(survivors(all_canaries(), work), BTreeMap::from_iter(expected.iter().copied()));
}

fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

#[test]
fn the_keys_integers_are_found_when_they_leak() {
    for (name, octets) in &FIXTURE.integers {
        let found = survivors(all_canaries(), || drop(octets.clone()));
        assert_eq!(found, BTreeMap::from([(*name, 1)]));
    }
    let found = |text: &'static str| survivors(all_canaries(), || drop(text.to_owned()));
    assert!(found(RSA_PEM).contains_key("PEM text"));
    assert!(found(PKCS1_PEM).contains_key("PEM text"));
    assert!(found(FIXTURE.jwk).contains_key("JWK text"));
}

#[test]
fn made_and_dropped() {
    let fixture = &*FIXTURE;
    let makes: [fn(&Fixture) -> Rs256SigningKey; 5] = [
        |_| Rs256SigningKey::from_pem(RSA_PEM).unwrap(),
        |_| Rs256SigningKey::from_pem(PKCS1_PEM).unwrap(),
        |fixture| Rs256SigningKey::from_pkcs8_der(fixture.pkcs8).unwrap(),
        |fixture| Rs256SigningKey::from_pkcs1_der(fixture.pkcs1).unwrap(),
        |fixture| Rs256SigningKey::from_jwk(fixture.jwk).unwrap(),
    ];
    for make in makes {
        assert_leaks(MADE_TO_SIGN, || drop(make(fixture)));
    }
}

#[test]
fn refused() {
    let spoilt = |place: usize| {
        let mut der = FIXTURE.pkcs1.to_vec();
        der[place] ^= 1;
        leaked(der)
    };
    let (in_d, in_qi) = (spoilt(300), spoilt(FIXTURE.pkcs1.len() - 1));
    let refuse = |der: &[u8]| {
        assert_eq!(Rs256SigningKey::from_pkcs1_der(der).unwrap_err().code(), "key.inconsistent");
    };
    assert_leaks(REFUSED_EARLY, || refuse(in_d));
    assert_leaks(REFUSED_LATE, || refuse(in_qi));
    // Texts that fail before there is a key leave nothing at all.
    let texts: Vec<&'static str> = [
        FIXTURE.jwk.replace("RS256", "RS512"),
        FIXTURE.jwk.replacen('}', ",\"qi\":\"AA\"}", 1),
        FIXTURE.jwk.replacen("\"qi\":\"", "\"qi\":\"=", 1),
        RSA_PEM.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
        RSA_PEM.replace("-----END", "!-----END"),
        RSA_PEM.replace("-----END", "AAAA\n-----END"),
    ]
    .into_iter()
    .map(|text| &*text.leak())
    .collect();
    assert_leaks(&[], || {
        for text in &texts {
            assert!(Rs256SigningKey::from_jwk(text).is_err(), "{text}");
            assert!(Rs256SigningKey::from_pem(text).is_err(), "{text}");
        }
    });
}

#[test]
fn exported() {
    let key: &'static Rs256SigningKey = leaked(rsa());
    assert_leaks(&[], || {
        assert!(key.to_secret_jwk().unwrap().clone().expose().contains("\"qi\":"));
        assert_eq!(key.to_secret_pkcs8_der().unwrap().clone().expose(), FIXTURE.pkcs8);
        assert_eq!(key.to_secret_pkcs1_der().unwrap().expose(), FIXTURE.pkcs1);
        assert_eq!(key.to_secret_pem().unwrap().expose(), RSA_PEM);
        assert_eq!(key.to_secret_pkcs1_pem().unwrap().expose(), PKCS1_PEM);
        drop(key.public_key().unwrap());
        let set = KeySet::new([key.clone()]).unwrap().to_secret_jwk_set().unwrap();
        assert!(set.expose().contains("\"qi\":"));
    });
    let set = leaked(KeySet::new([key.clone()]).unwrap().to_secret_jwk_set().unwrap());
    assert_leaks(MADE_TO_SIGN, || {
        drop(KeySet::<Rs256SigningKey>::from_secret_jwk_set(set.expose()).unwrap());
    });
}

#[test]
fn signed() {
    let key: &'static Rs256SigningKey = leaked(rsa());
    assert_leaks(SIGNED, || drop(jws::sign("payload", key).unwrap()));
}

#[test]
#[cfg(feature = "jwe")]
fn decrypted() {
    use strict_jose::legacy::Rsa1_5DecryptionKey;
    use strict_jose::{ContentEncryption, RsaOaepDecryptionKey, jwe};
    assert_leaks(MADE, || drop(RsaOaepDecryptionKey::from_pem(RSA_PEM).unwrap()));
    assert_leaks(MADE, || drop(Rsa1_5DecryptionKey::from_pem(PKCS1_PEM).unwrap()));
    let oaep: &'static RsaOaepDecryptionKey =
        leaked(RsaOaepDecryptionKey::from_pem(RSA_PEM).unwrap());
    let legacy: &'static Rsa1_5DecryptionKey =
        leaked(Rsa1_5DecryptionKey::from_pem(RSA_PEM).unwrap());
    let enc = ContentEncryption::A128Gcm;
    let token = jwe::encrypt("content", enc, &oaep.public_key().unwrap()).unwrap();
    assert_leaks(OAEP_DECRYPTED, || drop(jwe::decrypt(&token, oaep).unwrap()));
    let token = jwe::encrypt("content", enc, &legacy.public_key().unwrap()).unwrap();
    assert_leaks(RSA1_5_DECRYPTED, || drop(jwe::decrypt(&token, legacy).unwrap()));
}
