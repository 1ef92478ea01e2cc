//! RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2).

#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod ring_like;
mod rust_crypto;

#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
use ring_like as backend;
#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
use rust_crypto as backend;

use super::NotAuthentic;
use super::count::{Operation, note};
use super::rsa_key::{RsaPrivate, RsaPublic};
use crate::error::KeyError;

/// The key did not produce a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failed;

/// A private key ready to sign.
pub struct Signer(backend::Signer);

/// A public key ready to verify.
pub struct Verifier {
    backend: backend::Verifier,
    modulus_len: usize,
}

impl Signer {
    pub(crate) fn new(key: &RsaPrivate) -> Self {
        Self(backend::Signer::new(key))
    }

    /// A signature as long as the modulus.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failed> {
        // Counted for the tests that compare work; in any other build this call is nothing.
        note(Operation::RsaPrivate);
        self.0.sign(message)
    }
}

impl Verifier {
    pub(crate) fn new(key: &RsaPublic) -> Result<Self, KeyError> {
        Ok(Self { backend: backend::Verifier::new(key)?, modulus_len: key.modulus_len() })
    }

    /// Holds for the one signature of exactly `k` octets, below the modulus, whose padding is whole.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), NotAuthentic> {
        note(Operation::Verify);
        if signature.len() != self.modulus_len {
            return Err(NotAuthentic);
        }
        self.backend.verify(message, signature)
    }
}
