//! What goes in comes out: octets, claims and keys, for every algorithm and every committed key.

use crate::support::block_on::block_on;
use crate::support::keys::{self, der};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use strict_jose::{
    Audience, Claims, Hs256Key, Issuer, JwsHeader, NoPrivateClaims, NumericDate, Rs256SigningKey,
    Rs256VerifyingKey, Validation, jws, jwt,
};

/// Of every shape that an import may meet: sizes, odd sizes, exponent 3, primes in either order.
const PEMS: [(usize, &str); 8] = [
    (256, keys::RSA_2048),
    (256, keys::RSA_2048_P_BELOW_Q),
    (256, keys::RSA_2048_E3),
    (257, keys::RSA_2049),
    (257, keys::RSA_2056),
    (384, keys::RSA_3072),
    (512, keys::RSA_4096),
    (1024, keys::RSA_8192),
];

/// Those for the tests that run many cases.
static HS256: LazyLock<Hs256Key> = LazyLock::new(|| Hs256Key::from_bytes(&[7; 64]).unwrap());
static RS256: LazyLock<Rs256SigningKey> =
    LazyLock::new(|| Rs256SigningKey::from_pem(keys::RSA_2048).unwrap());
static RS256_PUBLIC: LazyLock<Rs256VerifyingKey> = LazyLock::new(|| RS256.public_key());

/// Octets mostly short, and a few of up to 64 KiB.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        20 => vec(any::<u8>(), 0..200),
        4 => vec(any::<u8>(), 0..5000),
        1 => vec(any::<u8>(), 65_000..=65_536),
    ]
}

fn config(cases: u32) -> ProptestConfig {
    // A failing case is printed; a file beside the source would be one more thing to keep.
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Private claims of every JSON type, nested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Private {
    text: String,
    flag: bool,
    count: i64,
    large: u64,
    maybe: Option<String>,
    list: Vec<Inner>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    map: BTreeMap<String, Vec<u32>>,
    choice: Choice,
    #[serde(flatten)]
    flat: Flat,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Inner {
    #[serde(rename = "iss")] // registered at the top only
    issuer: String,
    pair: (u8, bool),
    deeper: Option<Box<Inner>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Choice {
    None,
    One(String),
    Two { a: i32, b: char },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Flat {
    scope: String,
}

fn inner() -> impl Strategy<Value = Inner> {
    let leaf = (any::<String>(), any::<(u8, bool)>()).prop_map(|(issuer, pair)| Inner {
        issuer,
        pair,
        deeper: None,
    });
    leaf.prop_recursive(4, 4, 1, |inner| {
        (any::<String>(), any::<(u8, bool)>(), inner).prop_map(|(issuer, pair, deeper)| Inner {
            issuer,
            pair,
            deeper: Some(Box::new(deeper)),
        })
    })
}

fn private() -> impl Strategy<Value = Private> {
    let choice = prop_oneof![
        Just(Choice::None),
        any::<String>().prop_map(Choice::One),
        any::<(i32, char)>().prop_map(|(a, b)| Choice::Two { a, b }),
    ];
    (
        (any::<String>(), any::<bool>(), any::<i64>(), any::<u64>(), any::<Option<String>>()),
        (vec(inner(), 0..4), btree_map(any::<String>(), vec(any::<u32>(), 0..4), 0..4)),
        (choice, any::<String>()),
    )
        .prop_map(|((text, flag, count, large, maybe), (list, map), (choice, scope))| {
            Private { text, flag, count, large, maybe, list, map, choice, flat: Flat { scope } }
        })
}

/// The registered claims in the making, as the accessors will give them back.
#[derive(Debug, Clone)]
struct Registered {
    issuer: Option<String>,
    subject: Option<String>,
    audience: Vec<String>,
    expires: Option<NumericDate>,
    not_before: Option<NumericDate>,
    issued: Option<NumericDate>,
    jwt_id: Option<String>,
}

const NOW: u64 = 1_700_000_000;

fn date(seconds: std::ops::Range<u64>) -> impl Strategy<Value = NumericDate> {
    let nanoseconds = prop_oneof![Just(0), 0..1_000_000_000_u32];
    (seconds, nanoseconds)
        .prop_map(|(s, n)| NumericDate::from_duration(std::time::Duration::new(s, n)).unwrap())
}

fn registered() -> impl Strategy<Value = Registered> {
    (
        any::<Option<String>>(),
        any::<Option<String>>(),
        vec(any::<String>(), 0..4),
        proptest::option::of(date(NOW + 1..253_402_300_799)),
        proptest::option::of(date(0..NOW)),
        proptest::option::of(date(0..NOW)),
        any::<Option<String>>(),
    )
        .prop_map(|(issuer, subject, audience, expires, not_before, issued, jwt_id)| {
            Registered { issuer, subject, audience, expires, not_before, issued, jwt_id }
        })
}

impl Registered {
    fn claims(&self) -> Claims {
        let mut claims = match self.expires {
            Some(time) => Claims::expiring_at(time),
            None => Claims::without_expiration(),
        };
        claims = claims.with_fractions();
        claims = self.audience.iter().fold(claims, Claims::audience);
        claims = self.issuer.iter().fold(claims, Claims::issuer);
        claims = self.subject.iter().fold(claims, Claims::subject);
        claims = self.jwt_id.iter().fold(claims, Claims::jwt_id);
        claims = self.not_before.iter().fold(claims, |claims, one| claims.not_before(*one));
        self.issued.iter().fold(claims, |claims, one| claims.issued_at(*one))
    }
}

/// Both types of received claims have the same accessors and nothing else in common.
macro_rules! assert_same {
    ($received:expr, $sent:expr, $private:expr) => {{
        let (received, sent) = (&$received, &$sent);
        prop_assert_eq!(received.issuer(), sent.issuer.as_deref());
        prop_assert_eq!(received.subject(), sent.subject.as_deref());
        prop_assert_eq!(received.audience(), &sent.audience[..]);
        prop_assert_eq!(received.expires_at(), sent.expires);
        prop_assert_eq!(received.not_before(), sent.not_before);
        prop_assert_eq!(received.issued_at(), sent.issued);
        prop_assert_eq!(received.jwt_id(), sent.jwt_id.as_deref());
        prop_assert_eq!(received.private(), $private);
    }};
}

fn rules() -> Validation {
    Validation::new(Issuer::unchecked(), Audience::unchecked())
        .without_expiration()
        .at_fixed_time(NumericDate::from_seconds(NOW).unwrap())
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn signed_octets_come_back(bytes in bytes()) {
        let token = jws::sign(&bytes, &*HS256).unwrap();
        prop_assert_eq!(jws::verify(&token, &*HS256).unwrap().into_payload(), bytes.clone());
        let token = jws::sign(&bytes, &*RS256).unwrap();
        prop_assert_eq!(jws::verify(&token, &*RS256_PUBLIC).unwrap().into_payload(), bytes.clone());
    }

    #[test]
    fn signed_claims_come_back(registered in registered(), private in private()) {
        let claims = registered.claims().private(private.clone());
        let token = jwt::sign(&claims, &*HS256).unwrap();
        assert_same!(jwt::verify::<Private>(&token, &*HS256, &rules()).unwrap(), registered, &private);
        let token = jwt::sign(&claims, &*RS256).unwrap();
        let received = jwt::verify::<Private>(&token, &*RS256_PUBLIC, &rules()).unwrap();
        assert_same!(received, registered, &private);
    }
}

#[test]
fn every_key_signs_and_comes_back_from_every_encoding() {
    for (bytes, pem) in PEMS {
        let key = Rs256SigningKey::from_pem(pem).unwrap().with_key_id("kid").unwrap();
        assert_eq!(key.modulus_len(), bytes);
        assert_eq!(key.to_secret_pem().expose(), pem, "OpenSSL's own text");
        assert_eq!(key.to_secret_pkcs8_der().expose(), der(pem));
        let public = key.public_key();
        assert_eq!((public.key_id(), public.thumbprint()), (key.key_id(), key.thumbprint()));

        let privates = [
            Rs256SigningKey::from_pem(key.to_secret_pem().expose()),
            Rs256SigningKey::from_pem(key.to_secret_pkcs1_pem().expose()),
            Rs256SigningKey::from_pkcs8_der(key.to_secret_pkcs8_der().expose()),
            Rs256SigningKey::from_pkcs1_der(key.to_secret_pkcs1_der().expose()),
            Rs256SigningKey::from_jwk(key.to_secret_jwk().expose()),
        ];
        let publics = [
            Rs256VerifyingKey::from_pem(&public.to_pem()),
            Rs256VerifyingKey::from_pem(&public.to_pkcs1_pem()),
            Rs256VerifyingKey::from_spki_der(&public.to_spki_der()),
            Rs256VerifyingKey::from_pkcs1_der(&public.to_pkcs1_der()),
            Rs256VerifyingKey::from_jwk(&public.to_jwk()),
        ];
        // RS256 is deterministic: the same key is the same signature, and the same octets again.
        let token = jws::sign(b"octets", &key).unwrap();
        for private in privates {
            let private = private.unwrap().with_key_id("kid").unwrap();
            assert_eq!(jws::sign(b"octets", &private).unwrap(), token);
            let exported = private.to_secret_jwk();
            assert_eq!(exported.expose(), key.to_secret_jwk().expose());
        }
        for public in publics {
            let public = public.unwrap().with_key_id("kid").unwrap();
            assert_eq!(jws::verify(&token, &public).unwrap().payload(), b"octets");
            assert_eq!(public.to_jwk(), key.public_key().to_jwk());
        }
    }
}

#[test]
fn the_async_calls_make_the_same_tokens() {
    let claims = Claims::expiring_at(NumericDate::from_seconds(2_000_000_000).unwrap())
        .issued_at(NumericDate::from_seconds(1_000_000_000).unwrap())
        .jwt_id("1");
    let token = jwt::sign(&claims, &*HS256).unwrap();
    assert_eq!(block_on(jwt::sign_async(&claims, &*HS256)).unwrap(), token);
    let token = jwt::sign(&claims, &*RS256).unwrap();
    assert_eq!(block_on(jwt::sign_async(&claims, &*RS256)).unwrap(), token);
    let header = JwsHeader::new().typ("at+jwt");
    let typed = jwt::sign_with_header(&claims, &header, &*RS256).unwrap();
    let made = block_on(jwt::sign_with_header_async(&claims, &header, &*RS256)).unwrap();
    assert_eq!((made == typed, typed == token), (true, false));

    let token = jws::sign(b"octets", &*HS256).unwrap();
    assert_eq!(block_on(jws::sign_async(b"octets", &*HS256)).unwrap(), token);
    let typed = jws::sign_with_header(b"octets", &header, &*HS256).unwrap();
    let made = block_on(jws::sign_with_header_async(b"octets", &header, &*HS256)).unwrap();
    assert_eq!((made == typed, typed == token), (true, false));
}

#[test]
fn a_token_is_written_into_one_allocation() {
    let header = JwsHeader::new();
    for bytes in [0, 1, 1000] {
        let payload = vec![7; bytes];
        for token in [
            jws::sign(&payload, &*HS256).unwrap(),
            jws::sign(&payload, &*RS256).unwrap(),
            block_on(jws::sign_with_header_async(&payload, &header, &*HS256)).unwrap(),
            block_on(jws::sign_with_header_async(&payload, &header, &*RS256)).unwrap(),
        ] {
            assert_eq!(token.capacity(), token.len());
        }
    }
}

#[test]
fn no_private_claims_are_any_object_and_nothing_else() {
    let read = serde_json::from_str::<NoPrivateClaims>;
    for object in ["{}", r#"{"a":{"b":[1]},"c":null}"#] {
        assert_eq!(read(object).unwrap(), NoPrivateClaims);
    }
    for other in ["", "null", "1", "[]", "{", r#"{"a":1"#] {
        assert!(read(other).is_err(), "{other}");
    }
    let error = read("[]").unwrap_err().to_string();
    assert!(error.contains("expected an object"), "{error}");
}

#[test]
fn encodings_are_those_of_openssl() {
    let key = Rs256SigningKey::from_pem(keys::RSA_2048).unwrap();
    assert_eq!(key.to_secret_pkcs1_pem().expose(), keys::RSA_2048_PKCS1);
    let public = key.public_key();
    assert_eq!(public.to_pem(), keys::RSA_2048_PUBLIC);
    assert_eq!(public.to_pkcs1_pem(), keys::RSA_2048_PUBLIC_PKCS1);
}

#[test]
fn a_secret_comes_back_from_every_encoding() {
    for bytes in [32, 33, 64, 100, 4096] {
        let key = Hs256Key::from_bytes(&vec![0xfe; bytes]).unwrap().with_key_id("kid").unwrap();
        let again = Hs256Key::from_jwk(key.to_secret_jwk().expose()).unwrap();
        assert_eq!(again.key_id(), Some("kid"));
        assert_eq!(again.thumbprint(), key.thumbprint());
        let token = jws::sign(b"octets", &key).unwrap();
        assert_eq!(jws::sign(b"octets", &again).unwrap(), token);
    }
}

#[test]
fn generated_keys_work_and_differ() {
    let (one, other) = (Hs256Key::generate().unwrap(), Hs256Key::generate().unwrap());
    assert_ne!(one.thumbprint(), other.thumbprint());
    assert!(jws::verify(&jws::sign(b"octets", &one).unwrap(), &one).is_ok());
    let key = Rs256SigningKey::generate(2048).unwrap();
    assert_eq!(key.modulus_len(), 256);
    let token = jws::sign(b"octets", &key).unwrap();
    assert!(jws::verify(&token, &key.public_key()).is_ok());
    let again = Rs256SigningKey::from_jwk(key.to_secret_jwk().expose()).unwrap();
    assert_eq!(jws::sign(b"octets", &again).unwrap(), token);
}
