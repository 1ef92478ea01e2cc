//! RSAES for one CEK (RFC 8017 section 7).

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
mod rust_crypto;

#[cfg(feature = "aws-lc-rs")]
use aws_lc as backend;
#[cfg(not(feature = "aws-lc-rs"))]
use rust_crypto as backend;

use super::count::{Operation, note};
use super::random::Unavailable;
use super::rsa_key::{RsaPrivate, RsaPublic};
use super::rsa_padding::Padding;
use crate::error::KeyError;

/// A public key ready to encrypt CEKs.
pub struct Encrypter(backend::Encrypter);

/// A private key ready to decrypt CEKs.
pub struct Decrypter(backend::Decrypter);

impl Encrypter {
    pub(crate) fn new(key: &RsaPublic, padding: Padding) -> Result<Self, KeyError> {
        backend::Encrypter::new(key, padding).map(Self)
    }

    /// The JWE Encrypted Key: as many octets as the modulus.
    pub(crate) fn encrypt(&self, cek: &[u8]) -> Result<Vec<u8>, Unavailable> {
        self.0.encrypt(cek)
    }

    /// The same with the padding's random octets given, so that published values can be reproduced.
    #[cfg(feature = "__internals")]
    pub(crate) fn encrypt_with(&self, cek: &[u8], padding: &[u8]) -> Vec<u8> {
        self.0.encrypt_with(cek, padding)
    }
}

impl Decrypter {
    pub(crate) fn new(key: &RsaPrivate, padding: Padding) -> Self {
        Self(backend::Decrypter::new(key, padding))
    }

    /// Replaces `cek`, which comes in filled with random octets, by the CEK that the encrypted key of
    /// exactly `k` octets holds; keeps it if the padding is broken or the CEK's length another.
    pub(crate) fn decrypt(&self, encrypted_key: &[u8], cek: &mut [u8]) -> Result<(), Unavailable> {
        note(Operation::RsaPrivate);
        self.0.decrypt(encrypted_key, cek)
    }
}
