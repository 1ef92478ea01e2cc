//! RS256 by aws-lc-rs or ring, one interface under two names; a key that neither signs with goes to the `rsa`
//! crate.

use super::{Failed, rust_crypto};
use crate::crypto::NotAuthentic;
use crate::crypto::rsa_key::{RsaPrivate, RsaPublic};
use crate::error::KeyError;
#[cfg(feature = "aws-lc-rs")]
use aws_lc_rs as ring;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, KeyPairComponents, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};

#[allow(clippy::large_enum_variant, reason = "one per key, behind the key's own pointer")]
pub(super) enum Signer {
    /// The generator blinds ring's operation; aws-lc-rs has the argument from ring and does not use it.
    RingLike { pair: KeyPair, random: SystemRandom, modulus_len: usize },
    /// With ring a modulus above 4096 bits, an exponent below 65537 or primes of unequal length; with
    /// aws-lc none is known.
    RustCrypto(rust_crypto::Signer),
}

impl Signer {
    pub(super) fn new(key: &RsaPrivate) -> Self {
        let pair = key.with_parts(|parts| {
            KeyPair::from_components(&KeyPairComponents {
                public_key: PublicKeyComponents { n: parts.n, e: parts.e },
                d: parts.d,
                p: parts.p,
                q: parts.q,
                dP: parts.dp,
                dQ: parts.dq,
                qInv: parts.qi,
            })
        });
        match pair {
            Ok(pair) => Self::RingLike {
                pair,
                random: SystemRandom::new(),
                modulus_len: key.public().modulus_len(),
            },
            Err(_) => Self::RustCrypto(rust_crypto::Signer::new(key)),
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failed> {
        match self {
            Self::RingLike { pair, random, modulus_len } => {
                let mut signature = vec![0; *modulus_len];
                pair.sign(&RSA_PKCS1_SHA256, random, message, &mut signature)
                    .map_err(|_| Failed)?;
                Ok(signature)
            }
            Self::RustCrypto(signer) => signer.sign(message),
        }
    }
}

/// Parsed once. Threads share it: inside, aws-lc holds a lock of the key's for reading, which none waits for.
#[cfg(feature = "aws-lc-rs")]
pub(super) struct Verifier(ring::signature::ParsedPublicKey);

#[cfg(feature = "aws-lc-rs")]
impl Verifier {
    pub(super) fn new(key: &RsaPublic) -> Result<Self, KeyError> {
        PublicKeyComponents { n: key.modulus(), e: key.exponent() }
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .map(Self)
            .map_err(|_| KeyError::Malformed)
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), NotAuthentic> {
        self.0.verify_sig(message, signature).map_err(|_| NotAuthentic)
    }
}

/// ring parses the key at every call.
#[cfg(not(feature = "aws-lc-rs"))]
pub(super) struct Verifier(PublicKeyComponents<Box<[u8]>>);

#[cfg(not(feature = "aws-lc-rs"))]
impl Verifier {
    #[allow(clippy::unnecessary_wraps, reason = "one signature for all backends")]
    pub(super) fn new(key: &RsaPublic) -> Result<Self, KeyError> {
        Ok(Self(PublicKeyComponents { n: key.modulus().into(), e: key.exponent().into() }))
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), NotAuthentic> {
        self.0.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).map_err(|_| NotAuthentic)
    }
}
