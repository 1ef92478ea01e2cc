//! RS256 by aws-lc-rs; a key that aws-lc does not take goes to the `rsa` crate.

use super::{Failed, rust_crypto};
use crate::crypto::NotAuthentic;
use crate::crypto::rsa_key::{RsaPrivate, RsaPublic};
use crate::error::KeyError;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};

#[allow(clippy::large_enum_variant, reason = "one per key, behind the key's own pointer")]
pub(super) enum Signer {
    AwsLc(KeyPair),
    /// A key that passes our checks and not those of aws-lc; none is known.
    RustCrypto(rust_crypto::Signer),
}

impl Signer {
    pub(super) fn new(key: &RsaPrivate) -> Result<Self, KeyError> {
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
        })?;
        Ok(match pair {
            Ok(pair) => Self::AwsLc(pair),
            Err(_) => Self::RustCrypto(rust_crypto::Signer::new(key)?),
        })
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failed> {
        match self {
            Self::AwsLc(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                // The generator is an argument that aws-lc-rs has from ring and does not use.
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(|_| Failed)?;
                Ok(signature)
            }
            Self::RustCrypto(signer) => signer.sign(message),
        }
    }
}

/// Threads share it: inside, aws-lc holds a lock of the key's for reading, which none waits for.
pub(super) struct Verifier(ParsedPublicKey);

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
