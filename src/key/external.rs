//! Private keys that never leave their device (HSM, KMS): the crate asks for one operation.
//!
//! Implement the trait for your client, pair it with the public key, and use the pair wherever a key
//! is taken: [`ExternalRs256Key`] signs, [`ExternalRsaOaepKey`] and [`ExternalRsa1_5Key`] decrypt. Each
//! trait has an async twin, for the calls that end in `_async`. No runtime is required.
//!
//! ```
//! use strict_jose::external::{ExternalRs256Key, Rs256Signer};
//! use strict_jose::{ExternalError, Rs256SigningKey, jws};
//!
//! struct Kms;
//!
//! impl Rs256Signer for Kms {
//!     fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, ExternalError> {
//!         // Your client's call goes here; this device is always away.
//!         Err(ExternalError::Unavailable)
//!     }
//! }
//!
//! let public = Rs256SigningKey::generate(2048)?.public_key().with_key_id("kms-1")?;
//! let key = ExternalRs256Key::new(Kms, public);
//! assert_eq!(jws::sign(b"octets", &key).unwrap_err().code(), "external.unavailable");
//! # Ok::<(), strict_jose::Error>(())
//! ```

#[cfg(feature = "jwe")]
mod decryption;

#[cfg(feature = "jwe")]
pub use decryption::{
    AsyncOaepDecrypter, AsyncRawRsaDecrypter, ExternalRsa1_5Key, ExternalRsaOaepKey, OaepDecrypter,
    RawRsaDecrypter,
};

use super::rsa::{Rs256, RsaPublicKey};
use super::{debug_key, sealed};
use crate::encoding::base64url;
use crate::error::{Error, ExternalError};
use crate::jwa::SignatureAlgorithm;
use core::fmt;
use core::future::Future;

/// A device that makes RSASSA-PKCS1-v1_5 signatures with SHA-256.
pub trait Rs256Signer {
    /// The signature over the octets, which the device hashes.
    ///
    /// # Errors
    ///
    /// Whatever keeps the device from signing.
    fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, ExternalError>;
}

/// The async twin of [`Rs256Signer`].
pub trait AsyncRs256Signer: Sync {
    /// As [`Rs256Signer::sign`].
    ///
    /// # Errors
    ///
    /// Whatever keeps the device from signing.
    fn sign(
        &self,
        signing_input: &[u8],
    ) -> impl Future<Output = Result<Vec<u8>, ExternalError>> + Send;
}

/// An RS256 signing key in a device, paired with its public key.
///
/// Every signature is verified before it is used: a faulty or wrongly configured device gives
/// [`ExternalError::WrongAnswer`], never a token that nobody can verify.
#[derive(Clone)]
pub struct ExternalRs256Key<S> {
    device: S,
    public: RsaPublicKey<Rs256>,
}

impl<S> ExternalRs256Key<S> {
    /// Pairs the device with its public key, whose `kid` goes into the tokens.
    pub fn new(device: S, public: RsaPublicKey<Rs256>) -> Self {
        Self { device, public }
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> &RsaPublicKey<Rs256> {
        &self.public
    }

    fn finish(&self, token: &mut String, signature: &[u8]) -> Result<(), Error> {
        // Until the second dot is appended, `token` is the signing input. The check also holds back
        // what a faulty device computes: one wrong RSA signature can reveal the private key.
        sealed::Verify::verify(&self.public, token.as_bytes(), signature)
            .map_err(|_| ExternalError::WrongAnswer)?;
        token.push('.');
        base64url::encode_onto(signature, token);
        Ok(())
    }
}

/// No device: the key is in memory. It has no values.
///
/// The token services of the [profiles](crate::profile) are for this one unless their key is in a device.
#[derive(Debug, Clone, Copy)]
pub enum NoDevice {}

impl Rs256Signer for NoDevice {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, ExternalError> {
        match *self {}
    }
}

impl AsyncRs256Signer for NoDevice {
    async fn sign(&self, _: &[u8]) -> Result<Vec<u8>, ExternalError> {
        match *self {}
    }
}

impl<S> fmt::Debug for ExternalRs256Key<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_key(f, "ExternalRs256Key", self.public.key_id())
    }
}

impl<S> sealed::Identified for ExternalRs256Key<S> {
    fn key_id(&self) -> Option<&str> {
        self.public.key_id()
    }
}

impl<S> sealed::SignatureScheme for ExternalRs256Key<S> {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Rs256
    }

    fn signature_len(&self) -> usize {
        self.public.modulus_len()
    }
}

impl<S: Rs256Signer> sealed::Sign for ExternalRs256Key<S> {
    fn sign_onto(&self, token: &mut String) -> Result<(), Error> {
        let signature = self.device.sign(token.as_bytes())?;
        self.finish(token, &signature)
    }
}

impl<S: AsyncRs256Signer> sealed::AsyncSign for ExternalRs256Key<S> {
    async fn sign_onto(&self, token: &mut String) -> Result<(), Error> {
        let signature = self.device.sign(token.as_bytes()).await?;
        self.finish(token, &signature)
    }
}
