//! RS256 by ring; keys that ring does not sign with go to the `rsa` crate.

use super::{Failed, rust_crypto};
use crate::crypto::NotAuthentic;
use crate::crypto::rsa_key::{RsaPrivate, RsaPublic};
use crate::error::KeyError;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPairComponents, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair};

#[allow(clippy::large_enum_variant, reason = "one per key, behind the key's own pointer")]
pub(super) enum Signer {
    Ring(RsaKeyPair, SystemRandom),
    /// A modulus above 4096 bits, an exponent below 65537 or primes of unequal length.
    RustCrypto(rust_crypto::Signer),
}

impl Signer {
    pub(super) fn new(key: &RsaPrivate) -> Result<Self, KeyError> {
        let pair = key.with_parts(|parts| {
            RsaKeyPair::from_components(&KeyPairComponents {
                public_key: PublicKeyComponents { n: parts.n, e: parts.e },
                d: parts.d,
                p: parts.p,
                q: parts.q,
                dP: parts.dp,
                dQ: parts.dq,
                qInv: parts.qi,
            })
        })?;
        Ok(match pair {
            Ok(pair) => Self::Ring(pair, SystemRandom::new()),
            Err(_) => Self::RustCrypto(rust_crypto::Signer::new(key)?),
        })
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failed> {
        match self {
            Self::Ring(pair, random) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, random, message, &mut signature)
                    .map_err(|_| Failed)?;
                Ok(signature)
            }
            Self::RustCrypto(signer) => signer.sign(message),
        }
    }
}

pub(super) struct Verifier(PublicKeyComponents<Box<[u8]>>);

impl Verifier {
    #[allow(clippy::unnecessary_wraps, reason = "one signature for all backends")]
    pub(super) fn new(key: &RsaPublic) -> Result<Self, KeyError> {
        Ok(Self(PublicKeyComponents { n: key.modulus().into(), e: key.exponent().into() }))
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), NotAuthentic> {
        self.0.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).map_err(|_| NotAuthentic)
    }
}
