//! CEKs and plaintexts of JWEs, accepted and refused.

use super::assert_wiped;
use crate::scanner::{Canary, canaries};
use crate::support::block_on::ready;
use crate::support::encrypted::{CBC, CEK, GCM, header, jwe, jwe_under, private, with_segment};
use crate::support::{bytes::*, claims::*, keys, outcome::*, signing::*};
use strict_jose::external::{
    AsyncOaepDecrypter, ExternalRsa1_5Key, ExternalRsaOaepKey, OaepDecrypter, RawRsaDecrypter,
};
use strict_jose::legacy::Rsa1_5DecryptionKey;
use strict_jose::{
    Claims, ContentEncryption, ExternalError, NoPrivateClaims, RsaOaepDecryptionKey, SecretBytes,
    internals, jwe as jwes, jwt,
};

const CONTENT: &str = "a plaintext that nobody else may ever see";

fn content_canaries() -> Vec<Canary> {
    canaries("plaintext", CONTENT.as_bytes())
}

fn cek_canaries() -> Vec<Canary> {
    canaries("CEK", CEK)
}

fn all_canaries() -> Vec<Canary> {
    content_canaries().into_iter().chain(cek_canaries()).collect()
}

fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn legacy() -> Rsa1_5DecryptionKey {
    Rsa1_5DecryptionKey::from_pem(keys::RSA_2048).unwrap()
}

/// A JWE whose CEK is encrypted by RSA1_5, so that the block itself shows the CEK.
fn legacy_jwe(enc: ContentEncryption) -> String {
    let public = legacy().public_key();
    let encrypted_key = internals::wrap_with(&public, CEK, &[5; 256 - 32 - 3]);
    let header = header("RSA1_5", enc);
    let iv = &[9; 16][..internals::iv_len(enc)];
    let plaintext = CONTENT.as_bytes();
    internals::assemble_jwe(header.as_bytes(), &encrypted_key, enc, CEK, iv, plaintext).unwrap()
}

/// Runs a future from a box of its own, so that what it held is looked through as well.
fn boxed<T>(future: impl Future<Output = T>) -> T {
    ready(Box::pin(future))
}

#[test]
fn decrypted_and_dropped() {
    let (oaep, legacy) = (leaked(private()), leaked(legacy()));
    for enc in [CBC, GCM] {
        let (token, old) = (jwe(enc, CONTENT), legacy_jwe(enc));
        assert_wiped(all_canaries(), "RSA-OAEP", || {
            assert_eq!(*jwes::decrypt(&token, oaep).unwrap(), *CONTENT.as_bytes());
        });
        assert_wiped(all_canaries(), "RSA1_5", || {
            assert_eq!(*jwes::decrypt(&old, legacy).unwrap(), *CONTENT.as_bytes());
        });
        assert_wiped(all_canaries(), "async", || {
            let plaintext = boxed(jwes::decrypt_async(&token, oaep)).unwrap();
            assert_eq!(*plaintext, *CONTENT.as_bytes());
        });
    }
}

#[test]
fn refused_content() {
    let (oaep, legacy) = (leaked(private()), leaked(legacy()));
    let rules = leaked(rules());
    for enc in [CBC, GCM] {
        let (token, old) = (jwe(enc, CONTENT), legacy_jwe(enc));
        let no_claims = jwe(enc, format!("{{\"x\":\"{CONTENT}\""));
        let expired = jwe(enc, claims(&[("exp", "1"), ("x", &text(CONTENT))]));
        let unsigned =
            jwe_under(&header("RSA-OAEP", enc).replace('}', ",\"cty\":\"JWT\"}"), enc, CONTENT);
        for position in [2, 3, 4] {
            let bytes = token.split('.').nth(position).unwrap();
            let mut spoilt = unb64(bytes);
            *spoilt.last_mut().unwrap() ^= 1;
            let fault = with_segment(&token, position, &b64(&spoilt));
            assert_wiped(all_canaries(), "refused", || {
                assert!(jwes::decrypt(&fault, oaep).is_err());
                assert!(boxed(jwes::decrypt_async(&fault, oaep)).is_err());
            });
            let fault = with_segment(&old, position, &b64(&spoilt));
            assert_wiped(all_canaries(), "refused", || {
                assert!(jwes::decrypt(&fault, legacy).is_err());
            });
        }
        assert_wiped(all_canaries(), "claims refused", || {
            assert!(jwt::decrypt::<NoPrivateClaims>(&no_claims, oaep, rules).is_err());
            assert!(jwt::decrypt::<NoPrivateClaims>(&expired, oaep, rules).is_err());
            let verdict =
                jwt::decrypt_then_verify::<NoPrivateClaims>(&unsigned, oaep, &hs256(), rules);
            assert_rejected(&verdict, "nested.not_signed", "unsigned");
        });
    }
}

#[test]
fn encrypted() {
    let public = leaked(legacy().public_key());
    let oaep = leaked(private().public_key());
    let mut block_of = vec![];
    assert_wiped(cek_canaries(), "wrapping", || {
        block_of = internals::wrap_with(public, CEK, &[5; 256 - 32 - 3]);
        drop(internals::wrap_with(oaep, CEK, &[5; 20]));
    });
    assert_eq!(block_of.len(), 256);
    for enc in ContentEncryption::ALL {
        assert_wiped(content_canaries(), "encrypting", || {
            drop(jwes::encrypt(CONTENT, enc, oaep).unwrap());
            drop(jwes::encrypt(CONTENT, enc, public).unwrap());
        });
    }
}

/// Private claims that are long enough to make a buffer grow, the secret first; of single digits, so
/// that one octet makes it.
#[derive(serde::Serialize, Clone)]
struct Private {
    secret: &'static str,
    rest: &'static [u8],
}

const PRIVATE: Private = Private { secret: CONTENT, rest: &[7; 1000] };

fn secret_claims() -> Claims<Private> {
    Claims::expiring_at(at(NOW + 60)).issuer(ISS).audience(AUD).private(PRIVATE)
}

#[test]
fn claims_encrypted_and_decrypted() {
    let (oaep, rules, key) = (leaked(private()), leaked(rules()), leaked(hs256()));
    let public = leaked(oaep.public_key());
    for enc in [CBC, GCM] {
        assert_wiped(content_canaries(), "encrypt", || {
            drop(jwt::encrypt(&secret_claims(), enc, public).unwrap());
        });
        let token = jwt::encrypt(&secret_claims(), enc, public).unwrap();
        assert_wiped(content_canaries(), "decrypt", || {
            drop(jwt::decrypt::<NoPrivateClaims>(&token, oaep, rules).unwrap());
        });
        // The signed token inside is as secret as its claims: as text, and decoded.
        let inner = jwt::sign(&secret_claims(), key).unwrap();
        let mut both = content_canaries();
        both.extend(canaries("inner token", inner.split('.').nth(1).unwrap().as_bytes()));
        both.extend(canaries("inner signature", inner.split('.').nth(2).unwrap().as_bytes()));
        assert_wiped(both, "sign_then_encrypt", || {
            drop(jwt::sign_then_encrypt(&secret_claims(), key, enc, public).unwrap());
            drop(boxed(jwt::sign_then_encrypt_async(&secret_claims(), key, enc, public)).unwrap());
        });
        let mut both = content_canaries();
        both.extend(canaries("inner token", inner.split('.').nth(1).unwrap().as_bytes()));
        both.extend(canaries("inner signature", inner.split('.').nth(2).unwrap().as_bytes()));
        let token = jwt::sign_then_encrypt(&secret_claims(), key, enc, public).unwrap();
        assert_wiped(both, "decrypt_then_verify", || {
            let verdict = jwt::decrypt_then_verify::<NoPrivateClaims>(&token, oaep, key, rules);
            assert!(verdict.is_ok());
            let verdict =
                boxed(jwt::decrypt_then_verify_async::<NoPrivateClaims>(&token, oaep, key, rules));
            assert!(verdict.is_ok());
        });
    }
}

/// A device that has the answer ready.
struct Device(fn() -> SecretBytes);

impl OaepDecrypter for Device {
    fn decrypt_oaep(&self, _: &[u8]) -> Result<SecretBytes, ExternalError> {
        Ok(self.0())
    }
}

impl AsyncOaepDecrypter for Device {
    async fn decrypt_oaep(&self, _: &[u8]) -> Result<SecretBytes, ExternalError> {
        Ok(self.0())
    }
}

impl RawRsaDecrypter for Device {
    fn decrypt_raw(&self, _: &[u8]) -> Result<SecretBytes, ExternalError> {
        Ok(self.0())
    }
}

fn cek() -> SecretBytes {
    SecretBytes::from(CEK.to_vec())
}

fn long_cek() -> SecretBytes {
    SecretBytes::from([&CEK[..], &[0]].concat())
}

fn block() -> SecretBytes {
    let mut block = Vec::with_capacity(256);
    block.extend([0, 2]);
    block.resize(223, 5);
    block.push(0);
    block.extend(CEK);
    SecretBytes::from(block)
}

#[test]
fn devices_answers() {
    let private: &RsaOaepDecryptionKey = leaked(private());
    let public = private.public_key();
    let (token, old) = (jwe(GCM, CONTENT), legacy_jwe(GCM));
    let good = leaked(ExternalRsaOaepKey::new(Device(cek), public));
    assert_wiped(all_canaries(), "OAEP device", || {
        assert_eq!(*jwes::decrypt(&token, good).unwrap(), *CONTENT.as_bytes());
        assert!(boxed(jwes::decrypt_async(&token, good)).is_ok());
    });
    let long = leaked(ExternalRsaOaepKey::new(Device(long_cek), private.public_key()));
    let raw = leaked(ExternalRsa1_5Key::new(Device(block), legacy().public_key()));
    let short = leaked(ExternalRsa1_5Key::new(Device(cek), legacy().public_key()));
    let mut of_the_test = cek_canaries();
    of_the_test.extend(content_canaries());
    assert_wiped(of_the_test, "raw device", || {
        assert_eq!(*jwes::decrypt(&old, raw).unwrap(), *CONTENT.as_bytes());
        assert!(jwes::decrypt(&old, short).is_err());
        assert!(jwes::decrypt(&token, long).is_err());
    });
}
