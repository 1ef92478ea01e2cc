//! B. RSA keys within bounds, and whole: classes 22 and 23.

use crate::support::{bytes::*, keys, outcome::*, raw_rsa::*};
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use strict_jose::{KeySet, Rs256SigningKey, Rs256VerifyingKey};

/// An odd number of exactly so many bits.
fn number(bits: usize) -> Vec<u8> {
    let mut bytes = vec![0x5b; bits.div_ceil(8)];
    bytes[0] = 1 << ((bits - 1) % 8);
    bytes
}

fn public_jwk(n: &[u8], e: &[u8]) -> String {
    format!(r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#, b64(n), b64(e))
}

fn length(bytes: usize) -> Vec<u8> {
    match bytes {
        0..=127 => vec![bytes as u8],
        128..=255 => vec![0x81, bytes as u8],
        256..=65535 => vec![0x82, (bytes >> 8) as u8, bytes as u8],
        _ => vec![0x83, (bytes >> 16) as u8, (bytes >> 8) as u8, bytes as u8],
    }
}

/// A DER value under this tag.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag][..], &length(content.len()), content].concat()
}

fn der_integer(bytes: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if bytes.first().is_some_and(|first| first & 0x80 != 0) { &[0] } else { &[] };
    der(2, &[sign, bytes].concat())
}

fn pkcs1(integers: &[&[u8]]) -> Vec<u8> {
    der(0x30, &integers.iter().flat_map(|integer| der_integer(integer)).collect::<Vec<_>>())
}

const RSA_ENCRYPTION: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";

fn spki(n: &[u8], e: &[u8]) -> Vec<u8> {
    let key = [&[0][..], &pkcs1(&[n, e])].concat();
    der(0x30, &[RSA_ENCRYPTION, &der(3, &key)].concat())
}

/// The outcome of a public key, the same by all three ways in.
fn public(n: &[u8], e: &[u8]) -> &'static str {
    let by_jwk = key_outcome(Rs256VerifyingKey::from_jwk(&public_jwk(n, e)));
    assert_eq!(key_outcome(Rs256VerifyingKey::from_spki_der(&spki(n, e))), by_jwk);
    assert_eq!(key_outcome(Rs256VerifyingKey::from_pkcs1_der(&pkcs1(&[n, e]))), by_jwk);
    by_jwk
}

#[test]
fn b22_sizes_of_rsa_keys() {
    let e = [1, 0, 1];
    for bits in [8, 512, 1024, 2040, 2047, 8193, 8200, 16384, 65536] {
        assert_eq!(public(&number(bits), &e), "key.modulus_size", "{bits} bits");
    }
    for bits in [2048, 2049, 3072, 4096, 8191, 8192] {
        assert_eq!(public(&number(bits), &e), ACCEPTED, "{bits} bits");
    }
    // What cannot be a key by its length alone is not even decoded.
    for bits in [300_000, 2_000_000] {
        assert_eq!(public(&number(bits), &e), "key.too_long", "{bits} bits");
        let member = public_jwk(&number(bits), &e);
        let set = format!(r#"{{"keys":[{member},{}]}}"#, RSA.verifying.to_jwk());
        let set = KeySet::<Rs256VerifyingKey>::from_jwk_set(&set).unwrap();
        assert_eq!(set.skipped()[0].reason().code(), "key.too_long");
    }

    let n = number(2048);
    let mut before = n.clone();
    before[255] -= 2;
    let refused: [&[u8]; 10] = [
        &[1],
        &[2],
        &[4],
        &[1, 0, 0],
        &[1, 0, 0, 0, 0],
        &[2, 0, 0, 0, 1],
        &[0xff; 5],
        &[1; 9],
        &before,
        &n,
    ];
    for e in refused {
        assert_eq!(public(&n, e), "key.exponent", "{} octets", e.len());
    }
    for e in
        [&[3][..], &[17], &[1, 0, 1], &[0xff; 4], &[1, 0, 0, 0, 1], &[1, 0xff, 0xff, 0xff, 0xff]]
    {
        assert_eq!(public(&n, e), ACCEPTED, "{e:?}");
    }
    // Zero is not even a JWK integer.
    let zero = Rs256VerifyingKey::from_jwk(&public_jwk(&n, &[0]));
    assert_eq!(key_outcome(zero), "key.jwk_encoding");
    assert_eq!(key_outcome(Rs256VerifyingKey::from_pkcs1_der(&pkcs1(&[&n, &[0]]))), "key.exponent");

    for bits in [0, 512, 1024, 2047, 8193, usize::MAX] {
        assert_eq!(key_outcome(Rs256SigningKey::generate(bits)), "key.modulus_size", "{bits}");
    }
    assert_eq!(key_outcome(Rs256SigningKey::from_pem(keys::RSA_3072)), ACCEPTED);
    assert_eq!(key_outcome(Rs256SigningKey::from_pem(keys::RSA_2048_E3)), ACCEPTED);
}

#[test]
fn b23_integers_of_a_jwk() {
    let (n, e) = (RSA.modulus(), [1, 0, 1]);
    let mut even = n.clone();
    even[255] -= 1;
    assert_eq!(public(&even, &e), "key.modulus_even");
    let with = |n: &str, e: &str| {
        let jwk = format!(r#"{{"kty":"RSA","n":{n},"e":{e}}}"#);
        key_outcome(Rs256VerifyingKey::from_jwk(&jwk))
    };
    let whole = format!("\"{}\"", b64(&n));
    let zero_first = format!("\"{}\"", b64([&[0], &n[..]].concat()));
    let padded = format!("\"{}==\"", b64(&n));
    let ordinary = format!("\"{}\"", plain_base64(&n));
    let escaped = whole.replacen('\"', "\"\\u0041", 1);
    let integers = [
        (zero_first.as_str(), "\"AQAB\"", "key.jwk_encoding"),
        ("\"\"", "\"AQAB\"", "key.jwk_encoding"),
        ("\"AA\"", "\"AQAB\"", "key.jwk_encoding"),
        (&padded, "\"AQAB\"", "key.jwk_encoding"),
        (&ordinary, "\"AQAB\"", "key.jwk_encoding"),
        (&escaped, "\"AQAB\"", "key.jwk_wrong_type"),
        ("5", "\"AQAB\"", "key.jwk_wrong_type"),
        ("null", "\"AQAB\"", "key.jwk_wrong_type"),
        (&whole, "\"\"", "key.jwk_encoding"),
        (&whole, "\"AAEAAQ\"", "key.jwk_encoding"),
        (&whole, "\"AQAB=\"", "key.jwk_encoding"),
        (&whole, "\"AQAB \"", "key.jwk_encoding"),
        (&whole, "65537", "key.jwk_wrong_type"),
        (&whole, "null", "key.jwk_wrong_type"),
    ];
    for (n, e, code) in integers {
        assert_eq!(with(n, e), code, "{e}");
    }
    assert_eq!(with(&whole, "\"AQAB\""), ACCEPTED);
}

#[test]
fn b23_parts_of_a_private_key() {
    let exported = RSA.signing.to_secret_jwk();
    let jwk: serde_json::Value = serde_json::from_str(exported.expose()).unwrap();
    let refused = |change: &dyn Fn(&mut serde_json::Map<String, serde_json::Value>)| {
        let mut other = jwk.as_object().unwrap().clone();
        change(&mut other);
        let text = serde_json::Value::Object(other).to_string();
        key_outcome(Rs256SigningKey::from_jwk(&text))
    };
    let part = |name: &str| jwk[name].as_str().unwrap().to_owned();
    let set = |name: &'static str, value: String| {
        refused(&move |jwk| {
            jwk.insert(name.to_owned(), value.clone().into());
        })
    };
    assert_eq!(refused(&|_| ()), ACCEPTED);

    let inconsistent = "key.inconsistent";
    for name in ["d", "p", "q", "dp", "dq", "qi"] {
        assert_eq!(refused(&|jwk| drop(jwk.remove(name))), "key.jwk_missing", "{name}");
        for (value, code) in [
            ("", "key.jwk_encoding"),
            ("AA", "key.jwk_encoding"),
            ("AAE", "key.jwk_encoding"),
            ("AQ", inconsistent),
            ("Ag", inconsistent),
            ("Aw", inconsistent),
        ] {
            assert_eq!(set(name, value.to_owned()), code, "{name} = {value:?}");
        }
        let mut bytes = unb64(&part(name));
        let last = bytes.len() - 1;
        bytes[last] ^= 2;
        assert_eq!(set(name, b64(&bytes)), inconsistent, "{name} is off by two");
        bytes[last] ^= 3;
        assert_eq!(set(name, b64(&bytes)), inconsistent, "{name} has another parity");
        assert_eq!(set(name, b64([0xff; 256])), inconsistent, "{name} is above n");
        assert_eq!(set(name, b64([0xff; 4096])), inconsistent, "{name} is far too long");
    }
    // Products that come out right, of factors that are none.
    let factors = |p: String, q: String| {
        refused(&move |jwk| {
            jwk.insert("p".to_owned(), p.clone().into());
            jwk.insert("q".to_owned(), q.clone().into());
        })
    };
    assert_eq!(factors("AQ".to_owned(), part("n")), inconsistent, "p = 1");
    assert_eq!(factors(part("n"), "AQ".to_owned()), inconsistent, "q = 1");
    assert_eq!(factors(part("q"), part("p")), inconsistent, "swapped, dp and dq are not");
    assert_eq!(factors(part("p"), part("p")), inconsistent, "twice the same");
    assert_eq!(set("n", b64(OTHER.modulus())), inconsistent, "n of another key");
    assert_eq!(set("e", "Aw".to_owned()), inconsistent, "e of another key");

    let only = |names: [&str; 3]| {
        refused(&move |jwk| {
            for name in names {
                jwk.remove(name);
            }
        })
    };
    assert_eq!(only(["dp", "dq", "qi"]), "key.jwk_missing", "d, p, q alone");
    assert_eq!(only(["q", "dp", "dq"]), "key.jwk_missing", "p without q");
    let third = serde_json::json!([{"r": "AQ", "d": "AQ", "t": "AQ"}]);
    for oth in [third, serde_json::json!([]), serde_json::Value::Null] {
        let code = refused(&|jwk| {
            jwk.insert("oth".to_owned(), oth.clone());
        });
        assert_eq!(code, "key.jwk_forbidden");
    }
    assert_eq!(set("k", "AQ".to_owned()), "key.jwk_forbidden");
}

#[test]
fn b23_parts_of_a_der_key() {
    let exported = RSA.signing.to_secret_jwk();
    let jwk: serde_json::Value = serde_json::from_str(exported.expose()).unwrap();
    let parts: Vec<_> = ["n", "e", "d", "p", "q", "dp", "dq", "qi"]
        .map(|name| unb64(jwk[name].as_str().unwrap()))
        .to_vec();
    let build = |parts: &[Vec<u8>]| {
        let integers: Vec<_> =
            [&[0_u8][..]].into_iter().chain(parts.iter().map(|p| &p[..])).collect();
        pkcs1(&integers)
    };
    let good = build(&parts);
    assert!(rsa::PrivateKey::from_pkcs1_der(&good).is_ok());
    assert_eq!(key_outcome(Rs256SigningKey::from_pkcs1_der(&good)), ACCEPTED);
    for place in 0..parts.len() {
        for value in [vec![1], vec![2], vec![0], vec![0xff; 256], vec![0xff; 1025]] {
            let mut other = parts.clone();
            other[place] = value;
            let code = key_outcome(Rs256SigningKey::from_pkcs1_der(&build(&other)));
            let expected: &[&str] = match place {
                0 => &["key.modulus_size", "key.modulus_even", "key.inconsistent"],
                1 => &["key.exponent"],
                _ => &["key.inconsistent"],
            };
            assert!(expected.contains(&code), "part {place}: {code}");
        }
    }
    let mut cut = good.clone();
    cut.pop();
    assert_eq!(key_outcome(Rs256SigningKey::from_pkcs1_der(&cut)), "key.malformed");
    let longer = [&good[..], &[0]].concat();
    assert_eq!(key_outcome(Rs256SigningKey::from_pkcs1_der(&longer)), "key.malformed");
    // Version 1 announces more than two primes.
    let mut version = good.clone();
    let place = version.windows(3).position(|window| window == [2, 1, 0]).unwrap();
    version[place + 2] = 1;
    assert_eq!(key_outcome(Rs256SigningKey::from_pkcs1_der(&version)), "key.malformed");
    // Every octet of the DER may be anything, and nothing panics.
    for place in 0..good.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut other = good.clone();
            other[place] ^= change;
            assert_ne!(key_outcome(Rs256SigningKey::from_pkcs1_der(&other)), ACCEPTED, "{place}");
        }
    }
}
