//! JWEs with a header, CEK and segments of the test's choice.

use super::bytes::b64;
use super::keys;
use super::outcome::outcome;
use strict_jose::{ContentEncryption, Error, RsaOaepDecryptionKey, internals, jwe};

pub const CEK: &[u8; 32] = b"content encryption key, 32 octs!";
pub const CBC: ContentEncryption = ContentEncryption::A128CbcHs256;
pub const GCM: ContentEncryption = ContentEncryption::A256Gcm;

pub fn private() -> RsaOaepDecryptionKey {
    RsaOaepDecryptionKey::from_pem(keys::RSA_2048).unwrap()
}

pub fn header(alg: &str, enc: ContentEncryption) -> String {
    format!(r#"{{"alg":"{alg}","enc":"{enc}"}}"#)
}

/// A whole JWE under this header text, everything in it known.
pub fn jwe_under(header: &str, enc: ContentEncryption, plaintext: impl AsRef<[u8]>) -> String {
    let public = private().public_key();
    let (cek, iv) = (&CEK[..enc.cek_len()], &[9; 16][..internals::iv_len(enc)]);
    let encrypted_key = internals::wrap_with(&public, cek, &[5; 20]);
    internals::assemble_jwe(header.as_bytes(), &encrypted_key, enc, cek, iv, plaintext.as_ref())
        .unwrap()
}

pub fn jwe(enc: ContentEncryption, plaintext: impl AsRef<[u8]>) -> String {
    jwe_under(&header("RSA-OAEP", enc), enc, plaintext)
}

pub fn jwe_outcome(token: &str) -> &'static str {
    outcome(&jwe::decrypt(token, &private()))
}

/// The token with one segment replaced, by its place from 0.
pub fn with_segment(token: &str, place: usize, segment: &str) -> String {
    let mut segments: Vec<_> = token.split('.').collect();
    segments[place] = segment;
    segments.join(".")
}

/// What comes of a header in plain text before segments as they stand.
pub fn decrypt_parts(header: &str, rest: &[&str]) -> Result<(), Error> {
    let token = format!("{}.{}", b64(header), rest.join("."));
    jwe::decrypt(&token, &private()).map(|_| ())
}
