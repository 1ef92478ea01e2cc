//! The public half of an RSA key: from and to JWK, PEM and DER, never with a private member.

use super::{RsaAlgorithm, thumbprint};
use crate::crypto::rsa_key::RsaPublic;
use crate::encoding::base64url;
use crate::error::KeyError;
use crate::key::jwk::{self, Jwk};
use crate::key::{KeyId, key_id_methods, pem};
use core::fmt;
use std::sync::Arc;

/// The public half of an RSA key pair, for one algorithm: 2048 to 8192 bits, odd exponent from 3 up to
/// 33 bits.
///
/// Use it by its names: [`Rs256VerifyingKey`](crate::Rs256VerifyingKey),
/// [`RsaOaepEncryptionKey`](crate::RsaOaepEncryptionKey),
/// [`legacy::Rsa1_5EncryptionKey`](crate::legacy::Rsa1_5EncryptionKey). It cannot hold, export or
/// print a private member. Cloning shares the key.
pub struct RsaPublicKey<A: RsaAlgorithm> {
    pub(super) inner: Arc<Inner<A>>,
    pub(super) key_id: Option<KeyId>,
}

pub(super) struct Inner<A: RsaAlgorithm> {
    public: RsaPublic,
    pub(super) prepared: A::Public,
}

impl<A: RsaAlgorithm> RsaPublicKey<A> {
    pub(super) fn new(public: RsaPublic, key_id: Option<KeyId>) -> Result<Self, KeyError> {
        let prepared = A::public(&public)?;
        Ok(Self { inner: Arc::new(Inner { public, prepared }), key_id })
    }

    /// PEM with the label `PUBLIC KEY` (SPKI, RFC 5280) or `RSA PUBLIC KEY` (PKCS #1, RFC 8017).
    ///
    /// # Errors
    ///
    /// [`KeyError::UnexpectedPemLabel`] for another label, [`KeyError::Malformed`] or [`KeyError::NotRsa`] for
    /// other content, [`KeyError::UnsupportedModulusSize`], [`KeyError::EvenModulus`] or [`KeyError::UnsupportedExponent`]
    /// for a key out of bounds.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let (label, der) = pem::decode(pem)?;
        match label {
            pem::SPKI => Self::from_spki_der(&der),
            pem::PKCS1_PUBLIC => Self::from_pkcs1_der(&der),
            _ => Err(KeyError::UnexpectedPemLabel),
        }
    }

    /// DER of a `SubjectPublicKeyInfo` (RFC 5280 section 4.1) with `rsaEncryption`.
    ///
    /// # Errors
    ///
    /// As [`from_pem`](Self::from_pem).
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::new(RsaPublic::from_spki_der(der)?, None)
    }

    /// DER of an `RSAPublicKey` (RFC 8017 appendix A.1.1).
    ///
    /// # Errors
    ///
    /// As [`from_pem`](Self::from_pem).
    pub fn from_pkcs1_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::new(RsaPublic::from_pkcs1_der(der)?, None)
    }

    /// A JWK with `kty` `RSA` (RFC 7518 section 6.3.1), its `kid` taken over.
    ///
    /// # Errors
    ///
    /// [`KeyError::PrivateMember`] if it holds any private member; [`KeyError::InvalidJson`] or
    /// [`KeyError::InvalidJwk`] if it is no such JWK, or one for another `use`, `key_ops` or `alg`; else as
    /// [`from_pem`](Self::from_pem).
    pub fn from_jwk(jwk: &str) -> Result<Self, KeyError> {
        Self::from_members(&Jwk::read(jwk)?)
    }

    pub(crate) fn from_members(jwk: &Jwk<'_>) -> Result<Self, KeyError> {
        if jwk.is_secret() {
            return Err(KeyError::PrivateMember);
        }
        let key_id = jwk.check(&A::PUBLIC)?;
        let (n, e) = jwk.public()?;
        Self::new(RsaPublic::new(&n, &e)?, key_id)
    }

    key_id_methods!("compared with that of the tokens and exported with the key");

    /// The length of the modulus, in octets.
    #[must_use]
    pub fn modulus_len(&self) -> usize {
        self.inner.public.modulus_len()
    }

    /// The key as a public JWK.
    #[must_use]
    pub fn to_jwk(&self) -> String {
        let (n, e) = (
            base64url::encode(self.inner.public.modulus()),
            base64url::encode(self.inner.public.exponent()),
        );
        jwk::write(&A::PUBLIC, &[("n", &n), ("e", &e)], self.key_id())
    }

    /// The key in PEM, label `PUBLIC KEY`.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(pem::SPKI, &self.to_spki_der())
    }

    /// The key as DER of a `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        self.inner.public.to_spki_der()
    }

    /// The key in PEM, label `RSA PUBLIC KEY`.
    #[must_use]
    pub fn to_pkcs1_pem(&self) -> String {
        pem::encode(pem::PKCS1_PUBLIC, &self.to_pkcs1_der())
    }

    /// The key as DER of an `RSAPublicKey`.
    #[must_use]
    pub fn to_pkcs1_der(&self) -> Vec<u8> {
        self.inner.public.to_pkcs1_der()
    }

    /// The JWK Thumbprint with SHA-256, base64url (RFC 7638 section 3).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        thumbprint(&self.inner.public)
    }
}

impl<A: RsaAlgorithm> Clone for RsaPublicKey<A> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), key_id: self.key_id.clone() }
    }
}

impl<A: RsaAlgorithm> fmt::Debug for RsaPublicKey<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaPublicKey")
            .field("alg", &A::PUBLIC.alg)
            .field("key_id", &self.key_id())
            .field("thumbprint", &self.thumbprint())
            .finish()
    }
}
