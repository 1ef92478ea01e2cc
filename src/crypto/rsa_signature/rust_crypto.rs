//! RS256 by the `rsa` crate, the private operation blinded.

use super::Failed;
use crate::crypto::random::SystemRandom;
use crate::crypto::rsa_key::RsaPrivate;
use rsa::pkcs1v15::SigningKey;
use rsa::signature::{RandomizedSigner as _, SignatureEncoding as _};
use sha2::Sha256;

pub(super) struct Signer(SigningKey<Sha256>);

impl Signer {
    pub(super) fn new(key: &RsaPrivate) -> Self {
        Self(SigningKey::new(key.as_rsa().clone()))
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failed> {
        let signature = self.0.try_sign_with_rng(&mut SystemRandom, message).map_err(|_| Failed)?;
        Ok(signature.to_vec())
    }
}

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
pub(super) use verifier::Verifier;

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
mod verifier {
    use crate::crypto::NotAuthentic;
    use crate::crypto::rsa_key::RsaPublic;
    use crate::error::KeyError;
    use rsa::pkcs1v15::{Signature, VerifyingKey};
    use rsa::signature::Verifier as _;
    use sha2::Sha256;

    pub(in super::super) struct Verifier(VerifyingKey<Sha256>);

    impl Verifier {
        pub(in super::super) fn new(key: &RsaPublic) -> Result<Self, KeyError> {
            Ok(Self(VerifyingKey::new(key.to_rsa()?)))
        }

        pub(in super::super) fn verify(
            &self,
            message: &[u8],
            signature: &[u8],
        ) -> Result<(), NotAuthentic> {
            let signature = Signature::try_from(signature).map_err(|_| NotAuthentic)?;
            self.0.verify(message, &signature).map_err(|_| NotAuthentic)
        }
    }
}
