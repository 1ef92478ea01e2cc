//! RSA private keys: their integers, and the texts they come in.

use super::{Canary, canaries, survivors};
use crate::support::{bytes::*, keys, signing::*};
use getrandom::SysRng;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::{BoxedUint, PrivateKey};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use strict_jose::{KeySet, Rs256SigningKey, jws};

/// The fixture in every form, never freed, so that only copies can be found.
struct Fixture {
    integers: Vec<(&'static str, Vec<u8>)>,
    jwk: &'static str,
    pkcs8: &'static [u8],
    pkcs1: &'static [u8],
    modulus: Vec<u8>,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let key = rsa();
    let jwk: &'static str = key.to_secret_jwk().expose().to_owned().leak();
    let json: serde_json::Value = serde_json::from_str(jwk).unwrap();
    let integers = ["d", "p", "q", "dp", "dq", "qi"]
        .map(|name| (name, unb64(json[name].as_str().unwrap())))
        .to_vec();
    let pkcs8 = key.to_secret_pkcs8_der().expose().to_vec().leak();
    let pkcs1 = key.to_secret_pkcs1_der().expose().to_vec().leak();
    let modulus = unb64(json["n"].as_str().unwrap());
    Fixture { integers, jwk, pkcs8, pkcs1, modulus }
});

/// The integers, and their text in the JWK and in both PEMs.
fn all_canaries() -> Vec<Canary> {
    let mut all = Vec::new();
    for (name, bytes) in &FIXTURE.integers {
        all.extend(canaries(name, bytes));
        all.extend(canaries("JWK text", b64(bytes).as_bytes()));
    }
    for pem in [keys::RSA_2048, keys::RSA_2048_PKCS1] {
        // From the ninth line on nothing in a PEM is public any more.
        for line in pem.lines().skip(9).filter(|line| line.len() == 64) {
            all.extend(canaries("PEM text", line.as_bytes()));
        }
    }
    all
}

/// How many freed blocks hold each secret integer of the key. Texts and encodings are in none, and other
/// crates' work leaves as much inside ours as it does alone.
type Leaks = BTreeMap<&'static str, usize>;

fn none() -> Leaks {
    Leaks::new()
}

fn integer(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_truncated(bytes, 2048)
}

/// The key as the `rsa` crate makes it, with another `d` if one is given.
fn rsa_key(d: Option<&[u8]>) -> Result<PrivateKey, rsa::Error> {
    let fixture = &*FIXTURE;
    let of = |name: &str| &*fixture.integers.iter().find(|(other, _)| *other == name).unwrap().1;
    let primes = vec![integer(of("p")), integer(of("q"))];
    let e = BoxedUint::from(65537_u32);
    PrivateKey::from_components(integer(&fixture.modulus), e, integer(d.unwrap_or(of("d"))), primes)
}

/// The `rsa` crate checks and prepares a key with temporaries, the primes among them, that it does not wipe.
fn made() -> Leaks {
    survivors(all_canaries(), || drop(rsa_key(None).unwrap()))
}

/// ring's `RsaKeyPair` has no wiping of its own. aws-lc has memory of its own, out of this test's sight, and
/// wipes all of it as it frees it.
#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
fn made_to_sign() -> Leaks {
    let mut both = survivors(all_canaries(), || {
        drop(ring::signature::RsaKeyPair::from_der(FIXTURE.pkcs1).unwrap());
    });
    for (name, number) in made() {
        *both.entry(name).or_default() += number;
    }
    both
}

#[cfg(not(all(feature = "ring", not(feature = "aws-lc-rs"))))]
fn made_to_sign() -> Leaks {
    made()
}

/// Each private operation of the `rsa` crate frees parameters of each prime.
fn used() -> Leaks {
    let key = leaked(rsa_key(None).unwrap());
    let ciphertext = integer(&[2]);
    survivors(all_canaries(), || {
        drop(rsa_decrypt_and_check(key, Some(&mut SysRng), &ciphertext).unwrap());
    })
}

const AWS_LC: bool = cfg!(feature = "aws-lc-rs");

#[track_caller]
fn assert_leaks(expected: &Leaks, work: impl FnOnce()) {
    assert_eq!(&survivors(all_canaries(), work), expected);
}

fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

#[test]
fn the_keys_integers_are_found_when_they_leak() {
    for (name, bytes) in &FIXTURE.integers {
        let found = survivors(all_canaries(), || drop(bytes.clone()));
        assert_eq!(found, BTreeMap::from([(*name, 1)]));
    }
    let found = |text: &'static str| survivors(all_canaries(), || drop(text.to_owned()));
    assert!(found(keys::RSA_2048).contains_key("PEM text"));
    assert!(found(keys::RSA_2048_PKCS1).contains_key("PEM text"));
    assert!(found(FIXTURE.jwk).contains_key("JWK text"));
}

#[test]
fn others_leave_the_primes_and_no_exponent() {
    let primes = ["p", "q"];
    assert!(made().into_keys().eq(primes));
    assert!(used().into_keys().eq(primes));
    let with_d = cfg!(all(feature = "ring", not(feature = "aws-lc-rs")));
    assert!(made_to_sign().into_keys().eq(["d", "p", "q"].into_iter().skip(usize::from(!with_d))));
}

#[test]
fn made_and_dropped() {
    let fixture = &*FIXTURE;
    let makes: [fn(&Fixture) -> Rs256SigningKey; 5] = [
        |_| Rs256SigningKey::from_pem(keys::RSA_2048).unwrap(),
        |_| Rs256SigningKey::from_pem(keys::RSA_2048_PKCS1).unwrap(),
        |fixture| Rs256SigningKey::from_pkcs8_der(fixture.pkcs8).unwrap(),
        |fixture| Rs256SigningKey::from_pkcs1_der(fixture.pkcs1).unwrap(),
        |fixture| Rs256SigningKey::from_jwk(fixture.jwk).unwrap(),
    ];
    let expected = made_to_sign();
    for make in makes {
        assert_leaks(&expected, || drop(make(fixture)));
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
    // By the `rsa` crate, and by our comparison of `dp`, `dq` and `qi` after it.
    let parts = rsa::pkcs1::RsaPrivateKeyRef::try_from(in_d.as_slice()).unwrap();
    let d = leaked(parts.private_exponent.as_bytes().to_vec());
    let refused_by_rsa = survivors(all_canaries(), || assert!(rsa_key(Some(d)).is_err()));
    assert_leaks(&refused_by_rsa, || refuse(in_d));
    assert_leaks(&made(), || refuse(in_qi));
    // Texts that fail before there is a key leave nothing at all.
    let texts: Vec<&'static str> = [
        FIXTURE.jwk.replace("RS256", "RS512"),
        FIXTURE.jwk.replacen('}', ",\"qi\":\"AA\"}", 1),
        FIXTURE.jwk.replacen("\"qi\":\"", "\"qi\":\"=", 1),
        keys::RSA_2048.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
        keys::RSA_2048.replace("-----END", "!-----END"),
        keys::RSA_2048.replace("-----END", "AAAA\n-----END"),
    ]
    .into_iter()
    .map(|text| &*text.leak())
    .collect();
    assert_leaks(&none(), || {
        for text in &texts {
            assert!(Rs256SigningKey::from_jwk(text).is_err(), "{text}");
            assert!(Rs256SigningKey::from_pem(text).is_err(), "{text}");
        }
    });
}

#[test]
fn exported() {
    let key: &'static Rs256SigningKey = leaked(rsa());
    assert_leaks(&none(), || {
        assert!(key.to_secret_jwk().clone().expose().contains("\"qi\":"));
        assert_eq!(key.to_secret_pkcs8_der().clone().expose(), FIXTURE.pkcs8);
        assert_eq!(key.to_secret_pkcs1_der().expose(), FIXTURE.pkcs1);
        assert_eq!(key.to_secret_pem().expose(), keys::RSA_2048);
        assert_eq!(key.to_secret_pkcs1_pem().expose(), keys::RSA_2048_PKCS1);
        drop(key.public_key());
        let set = KeySet::new([key.clone()]).unwrap().to_secret_jwk_set();
        assert!(set.expose().contains("\"qi\":"));
    });
    let set = leaked(KeySet::new([key.clone()]).unwrap().to_secret_jwk_set());
    assert_leaks(&made_to_sign(), || {
        drop(KeySet::<Rs256SigningKey>::from_secret_jwk_set(set.expose()).unwrap());
    });
}

#[test]
fn signed() {
    let key: &'static Rs256SigningKey = leaked(rsa());
    let by_a_backend = AWS_LC || cfg!(feature = "ring");
    let expected = if by_a_backend { none() } else { used() };
    assert_leaks(&expected, || drop(jws::sign("payload", key).unwrap()));
}

#[test]
#[cfg(feature = "jwe")]
fn decrypted() {
    use strict_jose::legacy::Rsa1_5DecryptionKey;
    use strict_jose::{ContentEncryption, RsaOaepDecryptionKey, jwe};
    let made = made();
    assert_leaks(&made, || drop(RsaOaepDecryptionKey::from_pem(keys::RSA_2048).unwrap()));
    assert_leaks(&made, || drop(Rsa1_5DecryptionKey::from_pem(keys::RSA_2048_PKCS1).unwrap()));
    let oaep: &'static RsaOaepDecryptionKey =
        leaked(RsaOaepDecryptionKey::from_pem(keys::RSA_2048).unwrap());
    let legacy: &'static Rsa1_5DecryptionKey =
        leaked(Rsa1_5DecryptionKey::from_pem(keys::RSA_2048).unwrap());
    let enc = ContentEncryption::A128Gcm;
    let token = jwe::encrypt("content", enc, &oaep.public_key()).unwrap();
    let expected = if AWS_LC { none() } else { used() };
    assert_leaks(&expected, || drop(jwe::decrypt(&token, oaep).unwrap()));
    let token = jwe::encrypt("content", enc, &legacy.public_key()).unwrap();
    let expected = if cfg!(feature = "fast-rsa1_5") { none() } else { used() };
    assert_leaks(&expected, || drop(jwe::decrypt(&token, legacy).unwrap()));
}
