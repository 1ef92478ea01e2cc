//! What is encrypted comes out again: octets and claims, for every `alg`, every `enc`, every committed
//! key.

use crate::support::{block_on::block_on, keys};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use strict_jose::legacy::{Rsa1_5DecryptionKey, Rsa1_5EncryptionKey};
use strict_jose::{
    Audience, Claims, ContentEncryption, Hs256Key, Issuer, JwsHeader, Limits, NoPrivateClaims,
    NumericDate, RsaOaepDecryptionKey, RsaOaepEncryptionKey, Validated, Validation, jwe, jwt,
};

/// A key pair for one of the two algorithms.
struct Pair<D, E> {
    private: D,
    public: E,
}

static OAEP: LazyLock<Pair<RsaOaepDecryptionKey, RsaOaepEncryptionKey>> = LazyLock::new(|| {
    let private = RsaOaepDecryptionKey::from_pem(keys::RSA_2048).unwrap();
    Pair { public: private.public_key(), private }
});
static RSA1_5: LazyLock<Pair<Rsa1_5DecryptionKey, Rsa1_5EncryptionKey>> = LazyLock::new(|| {
    let private = Rsa1_5DecryptionKey::from_pem(keys::RSA_2048).unwrap();
    Pair { public: private.public_key(), private }
});
static HS256: LazyLock<Hs256Key> = LazyLock::new(|| Hs256Key::from_bytes(&[7; 64]).unwrap());

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        20 => vec(any::<u8>(), 0..200),
        4 => vec(any::<u8>(), 0..5000),
        1 => vec(any::<u8>(), 65_000..=65_536),
    ]
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Private {
    text: String,
    nested: BTreeMap<String, Vec<(i64, Option<bool>)>>,
}

fn private() -> impl Strategy<Value = Private> {
    let list = vec(any::<(i64, Option<bool>)>(), 0..4);
    (any::<String>(), btree_map(any::<String>(), list, 0..4))
        .prop_map(|(text, nested)| Private { text, nested })
}

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn encrypted_octets_come_back(bytes in bytes()) {
        for enc in ContentEncryption::ALL {
            let token = jwe::encrypt(&bytes, enc, &OAEP.public).unwrap();
            let plaintext = jwe::decrypt(&token, &OAEP.private).unwrap();
            prop_assert_eq!(plaintext.as_ref(), &bytes[..]);
            let token = jwe::encrypt(&bytes, enc, &RSA1_5.public).unwrap();
            let plaintext = jwe::decrypt(&token, &RSA1_5.private).unwrap();
            prop_assert_eq!(plaintext.as_ref(), &bytes[..]);
        }
    }

    #[test]
    fn encrypted_claims_come_back(subject in any::<String>(), private in private()) {
        let now = NumericDate::from_seconds(1_700_000_000).unwrap();
        let later = NumericDate::from_seconds(1_700_000_060).unwrap();
        let rules = Validation::new(Issuer::exactly("as"), Audience::includes("api")).at_fixed_time(now);
        let claims = Claims::expiring_at(later).issuer("as").audience("api").subject(subject.clone());
        let claims = claims.private(private.clone());
        for enc in ContentEncryption::ALL {
            let token = jwt::encrypt(&claims, enc, &OAEP.public).unwrap();
            let received = jwt::decrypt::<Private>(&token, &OAEP.private, &rules).unwrap();
            prop_assert_eq!(received.private(), &private);
            prop_assert_eq!(received.subject(), Some(subject.as_str()));

            let token = jwt::sign_then_encrypt(&claims, &*HS256, enc, &RSA1_5.public).unwrap();
            let received =
                jwt::decrypt_then_verify::<Private>(&token, &RSA1_5.private, &*HS256, &rules)
                    .unwrap();
            prop_assert_eq!(received.private(), &private);
            prop_assert_eq!(received.expires_at(), Some(later));
        }
    }
}

/// Round trips of one key: through every encoding, under every `enc`.
macro_rules! round_trips {
    ($pem:expr, $private:ty, $public:ty) => {{
        let key = <$private>::from_pem($pem).unwrap();
        let public = key.public_key();
        let privates = [
            <$private>::from_pem(key.to_secret_pem().expose()).unwrap(),
            <$private>::from_pem(key.to_secret_pkcs1_pem().expose()).unwrap(),
            <$private>::from_pkcs8_der(key.to_secret_pkcs8_der().expose()).unwrap(),
            <$private>::from_pkcs1_der(key.to_secret_pkcs1_der().expose()).unwrap(),
            <$private>::from_jwk(key.to_secret_jwk().expose()).unwrap(),
        ];
        let publics = [
            <$public>::from_pem(&public.to_pem()).unwrap(),
            <$public>::from_pem(&public.to_pkcs1_pem()).unwrap(),
            <$public>::from_spki_der(&public.to_spki_der()).unwrap(),
            <$public>::from_pkcs1_der(&public.to_pkcs1_der()).unwrap(),
            <$public>::from_jwk(&public.to_jwk()).unwrap(),
        ];
        let encs = ContentEncryption::ALL.into_iter().cycle();
        for ((private, public), enc) in privates.iter().zip(&publics).zip(encs) {
            assert_eq!(private.thumbprint(), public.thumbprint());
            let token = jwe::encrypt(b"octets", enc, public).unwrap();
            assert_eq!(jwe::decrypt(&token, private).unwrap().as_ref(), b"octets");
        }
    }};
}

#[test]
fn every_key_decrypts_and_comes_back_from_every_encoding() {
    let pems = [
        keys::RSA_2048,
        keys::RSA_2048_P_BELOW_Q,
        keys::RSA_2048_E3,
        keys::RSA_2049,
        keys::RSA_2056,
        keys::RSA_3072,
        keys::RSA_4096,
    ];
    for pem in pems {
        round_trips!(pem, RsaOaepDecryptionKey, RsaOaepEncryptionKey);
        round_trips!(pem, Rsa1_5DecryptionKey, Rsa1_5EncryptionKey);
    }
}

#[test]
fn what_an_async_key_signed_comes_back() {
    let now = NumericDate::from_seconds(1_700_000_000).unwrap();
    let later = NumericDate::from_seconds(1_700_000_060).unwrap();
    let rules =
        Validation::new(Issuer::exactly("as"), Audience::includes("api")).at_fixed_time(now);
    let claims = Claims::expiring_at(later).issuer("as").audience("api").subject("alice");
    for enc in ContentEncryption::ALL {
        let token =
            block_on(jwt::sign_then_encrypt_async(&claims, &*HS256, enc, &OAEP.public)).unwrap();
        let received =
            jwt::decrypt_then_verify::<NoPrivateClaims>(&token, &OAEP.private, &*HS256, &rules);
        assert_eq!(received.unwrap().subject(), Some("alice"));
    }
}

#[test]
fn a_nested_token_has_the_header_that_was_asked_for() {
    let now = NumericDate::from_seconds(1_700_000_000).unwrap();
    let later = NumericDate::from_seconds(1_700_000_060).unwrap();
    let rules = Validation::new(Issuer::unchecked(), Audience::unchecked())
        .at_fixed_time(now)
        .typ("at+jwt");
    let claims = Claims::expiring_at(later);
    let (enc, header) = (ContentEncryption::A256Gcm, JwsHeader::new().typ("at+jwt"));
    let typed =
        jwt::sign_then_encrypt_with_header(&claims, &header, &*HS256, enc, &OAEP.public).unwrap();
    let made =
        jwt::sign_then_encrypt_with_header_async(&claims, &header, &*HS256, enc, &OAEP.public);
    for token in [typed, block_on(made).unwrap()] {
        let received: Result<Validated, _> =
            jwt::decrypt_then_verify(&token, &OAEP.private, &*HS256, &rules);
        assert_eq!(received.unwrap().header().typ(), Some("at+jwt"));
    }
    let plain = jwt::sign_then_encrypt(&claims, &*HS256, enc, &OAEP.public).unwrap();
    let received: Result<Validated, _> =
        jwt::decrypt_then_verify(&plain, &OAEP.private, &*HS256, &rules);
    assert_eq!(received.unwrap_err().code(), "header.mismatch");
}

#[test]
fn other_limits_hold_for_both_ways_to_decrypt() {
    let token = jwe::encrypt(b"octets", ContentEncryption::A256Gcm, &OAEP.public).unwrap();
    let limits = Limits { token_len: token.len() - 1, ..Limits::DEFAULT };
    let now = jwe::decrypt_with_limits(&token, &OAEP.private, &limits);
    let later = block_on(jwe::decrypt_with_limits_async(&token, &OAEP.private, &limits));
    assert_eq!(now.unwrap_err().code(), "token.too_long");
    assert_eq!(later.unwrap_err().code(), "token.too_long");
    assert!(block_on(jwe::decrypt_async(&token, &OAEP.private)).is_ok());
}

#[test]
fn a_token_is_written_into_one_allocation() {
    for bytes in [0, 16, 1600] {
        let plaintext = vec![7; bytes]; // whole blocks, for which CBC has the longest padding
        let token =
            jwe::encrypt(&plaintext, ContentEncryption::A128CbcHs256, &OAEP.public).unwrap();
        assert_eq!(token.capacity(), token.len());
    }
}

#[test]
fn the_largest_key_works() {
    round_trips!(keys::RSA_8192, RsaOaepDecryptionKey, RsaOaepEncryptionKey);
    round_trips!(keys::RSA_8192, Rsa1_5DecryptionKey, Rsa1_5EncryptionKey);
}

#[test]
fn generated_keys_work() {
    let oaep = RsaOaepDecryptionKey::generate(2048).unwrap();
    let rsa1_5 = Rsa1_5DecryptionKey::generate(2048).unwrap();
    for enc in ContentEncryption::ALL {
        let token = jwe::encrypt(b"octets", enc, &oaep.public_key()).unwrap();
        assert_eq!(jwe::decrypt(&token, &oaep).unwrap().as_ref(), b"octets");
        let token = jwe::encrypt(b"octets", enc, &rsa1_5.public_key()).unwrap();
        assert_eq!(jwe::decrypt(&token, &rsa1_5).unwrap().as_ref(), b"octets");
    }
}
