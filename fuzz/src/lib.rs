//! What the fuzz targets share: fixed keys, tokens made to get past the outer checks, a reference.

pub mod input;
pub mod reference;

use std::sync::LazyLock;
use strict_jose::external::{ExternalRsaOaepKey, OaepDecrypter};
use strict_jose::{
    Audience, ContentEncryption, ExternalError, Hs256Key, Issuer, NumericDate, Rs256SigningKey,
    RsaOaepDecryptionKey, SecretBytes, Validation, internals,
};

/// The key of RFC 7516 appendix A.1: published, so it guards nothing, and the same in every run.
pub const RFC_KEY: &str = include_str!("rfc7516-a1.json");

pub static HS256: LazyLock<Hs256Key> =
    LazyLock::new(|| Hs256Key::from_bytes(&[7; 32]).expect("32 octets"));

pub static RS256: LazyLock<Rs256SigningKey> =
    LazyLock::new(|| Rs256SigningKey::from_jwk(RFC_KEY).expect("the key of the RFC"));

pub static RSA_OAEP: LazyLock<RsaOaepDecryptionKey> =
    LazyLock::new(|| RsaOaepDecryptionKey::from_jwk(RFC_KEY).expect("the key of the RFC"));

/// Answers with a CEK that is known, so that inputs get past RSA and do so fast.
pub static DEVICE: LazyLock<ExternalRsaOaepKey<KnownCek>> =
    LazyLock::new(|| ExternalRsaOaepKey::new(KnownCek, RSA_OAEP.public_key()));

/// The device's CEK has as many octets as the last octet of the JWE Encrypted Key says.
pub struct KnownCek;

impl OaepDecrypter for KnownCek {
    fn decrypt_oaep(&self, encrypted_key: &[u8]) -> Result<SecretBytes, ExternalError> {
        match encrypted_key.last() {
            Some(&length @ (16 | 32)) => Ok(vec![CEK_BYTE; usize::from(length)].into()),
            _ => Err(ExternalError::Rejected),
        }
    }
}

const CEK_BYTE: u8 = 3;

/// A JWE that [`DEVICE`] decrypts, if its header is a good one.
pub fn jwe_for_device(header: &[u8], enc: ContentEncryption, plaintext: &[u8]) -> String {
    let cek = vec![CEK_BYTE; enc.cek_len()];
    let iv = vec![4; internals::iv_len(enc)];
    let mut encrypted_key = vec![5; RSA_OAEP.modulus_len()];
    *encrypted_key.last_mut().expect("256 octets") = enc.cek_len() as u8; // 16 or 32
    internals::assemble_jwe(header, &encrypted_key, enc, &cek, &iv, plaintext)
        .expect("lengths of enc")
}

/// Rules that let every well-formed Claims Set pass.
pub fn lenient_rules() -> Validation {
    Validation::new(Issuer::unchecked(), Audience::unchecked())
        .without_expiration()
        .at_fixed_time(NumericDate::from_seconds(0).expect("1970"))
}
