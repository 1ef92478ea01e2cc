//! No secret outlives its owner in freed memory: keys, their texts, CEKs, plaintexts.
//!
//! Only the heap is looked through; the stack and registers are out of a test's reach.

#[cfg(feature = "jwe")]
mod content;
mod rsa_keys;

use crate::scanner::{Canary, Scanning, canaries, survivors};
use crate::support::{bytes::*, signing::*};
use std::collections::BTreeMap;
use strict_jose::{Hs256Key, KeySet, SecretBytes, jws};

#[global_allocator]
static ALLOCATOR: Scanning = Scanning;

/// What is left of these canaries after `work`: nothing.
#[track_caller]
fn assert_wiped(canaries: Vec<Canary>, what: &str, work: impl FnOnce()) {
    assert_eq!(survivors(canaries, work), BTreeMap::new(), "{what}");
}

/// The secret itself, in base64url, and as HMAC mixes it into its two blocks.
fn secret_canaries() -> Vec<Canary> {
    let mixed = |pad: u8| SECRET.map(|byte| byte ^ pad);
    let mut all = canaries("secret", SECRET);
    all.extend(canaries("secret in base64url", b64(SECRET).as_bytes()));
    all.extend(canaries("inner block", &mixed(0x36)));
    all.extend(canaries("outer block", &mixed(0x5c)));
    all
}

#[test]
fn what_leaks_is_found() {
    let leaks = |work: fn()| survivors(secret_canaries(), work);
    assert_eq!(leaks(|| drop(SECRET.to_vec())), BTreeMap::from([("secret", 1)]));
    let backwards = || drop(SECRET.iter().rev().copied().collect::<Vec<u8>>());
    assert_eq!(leaks(backwards), BTreeMap::from([("secret", 1)]));
    let text = || drop(format!("{{\"k\":\"{}\"}}", b64(SECRET)));
    assert!(leaks(text).contains_key("secret in base64url"));
    let grown = || {
        let mut bytes = SECRET.to_vec();
        bytes.extend([0; 1000]);
        bytes[..32].fill(0);
    };
    assert_eq!(leaks(grown), BTreeMap::from([("secret", 1)]));
    let boxed = || drop(Box::new(*SECRET));
    assert_eq!(leaks(boxed), BTreeMap::from([("secret", 1)]));
    // And what is wiped is not.
    let wiped = || drop(SecretBytes::from(SECRET.to_vec()));
    assert_eq!(leaks(wiped), BTreeMap::new());
}

#[test]
fn hmac_secrets() {
    let jwk: &'static str = hs256().to_secret_jwk().expose().to_owned().leak();
    let base64url: &'static str = b64(SECRET).leak();
    let base64: &'static str = "YSBzZWNyZXQgb2YgMzIgb2N0ZXRzLCBubyBtb3JlLiE=";
    let use_it = |key: Hs256Key| {
        let token = jws::sign("payload", &key).unwrap();
        let clone = key.clone();
        drop(key);
        assert!(jws::verify(&token, &clone).is_ok());
        assert_eq!(clone.thumbprint().len(), 43);
    };
    assert_wiped(secret_canaries(), "bytes", || use_it(Hs256Key::from_bytes(SECRET).unwrap()));
    let text = || Hs256Key::from_utf8(std::str::from_utf8(SECRET).unwrap()).unwrap();
    assert_wiped(secret_canaries(), "utf8", || use_it(text()));
    let url = || Hs256Key::from_base64url(base64url).unwrap();
    assert_wiped(secret_canaries(), "base64url", || use_it(url()));
    let padded = || Hs256Key::from_base64(base64).unwrap();
    assert_wiped(secret_canaries(), "base64", || use_it(padded()));
    assert_wiped(secret_canaries(), "jwk", || use_it(Hs256Key::from_jwk(jwk).unwrap()));
    assert_wiped(secret_canaries(), "export", || {
        let key = Hs256Key::from_bytes(SECRET).unwrap().with_key_id("a").unwrap();
        let exported = key.to_secret_jwk();
        assert!(exported.clone().expose().contains(base64url));
        // As many as would make a text grow that has no room for their commas.
        let keys = (10..20).map(|kid| key.clone().with_key_id(&kid.to_string()).unwrap());
        let set = KeySet::new(keys).unwrap().to_secret_jwk_set();
        let set = KeySet::<Hs256Key>::from_secret_jwk_set(set.expose()).unwrap();
        assert_eq!(set.len(), 10);
    });
}

#[test]
fn hmac_secrets_that_are_refused() {
    let broken: &'static str = format!("{}!", b64(SECRET)).leak();
    let jwks: Vec<&'static str> = [
        format!(r#"{{"kty":"oct","k":"{}="}}"#, b64(SECRET)),
        format!(r#"{{"kty":"oct","k":"{}","use":"enc"}}"#, b64(SECRET)),
        format!(r#"{{"kty":"oct","k":"{}","k":"AA"}}"#, b64(SECRET)),
        format!(r#"{{"kty":"oct","k":"{}","x":1e999}}"#, b64(SECRET)),
        format!(r#"{{"kty":"oct","k":"\u0041{}"}}"#, b64(SECRET)),
        format!(r#"{{"kty":"oct","x":"{}"}}"#, b64(SECRET)),
    ]
    .into_iter()
    .map(|jwk| &*jwk.leak())
    .collect();
    assert_wiped(secret_canaries(), "refused", || {
        assert!(Hs256Key::from_base64url(broken).is_err());
        assert!(Hs256Key::from_base64(broken).is_err());
        assert!(Hs256Key::from_bytes(&SECRET[..31]).is_err());
        for jwk in &jwks {
            assert!(Hs256Key::from_jwk(jwk).is_err(), "{jwk}");
        }
    });
}
