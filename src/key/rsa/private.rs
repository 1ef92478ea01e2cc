//! The private half of an RSA key: made, from and to JWK, PEM and DER, wiped when dropped.

use super::{RsaAlgorithm, RsaPublicKey};
use crate::crypto::rsa_key::{PrivateParts, RsaPrivate};
use crate::encoding::base64url;
use crate::error::KeyError;
#[cfg(feature = "jwe")]
use crate::jwa::ContentEncryption;
use crate::key::jwk::{self, Jwk};
use crate::key::{KeyId, debug_key, key_id_methods, pem};
use crate::secret::{SecretBytes, SecretString};
use core::fmt;
#[cfg(feature = "jwe")]
use std::borrow::Cow;
use std::sync::Arc;

/// The private half of an RSA key pair, for one algorithm.
///
/// Use it by its names: [`Rs256SigningKey`](crate::Rs256SigningKey),
/// [`RsaOaepDecryptionKey`](crate::RsaOaepDecryptionKey),
/// [`legacy::Rsa1_5DecryptionKey`](crate::legacy::Rsa1_5DecryptionKey). Cloning shares the key, which
/// is wiped with the last clone.
pub struct RsaPrivateKey<A: RsaAlgorithm> {
    pub(super) inner: Arc<Inner<A>>,
    key_id: Option<KeyId>,
    #[cfg(feature = "jwe")]
    pub(super) content_encryptions: Cow<'static, [ContentEncryption]>,
}

pub(super) struct Inner<A: RsaAlgorithm> {
    private: RsaPrivate,
    /// The public half, without a `kid`.
    public: RsaPublicKey<A>,
    pub(super) prepared: A::Private,
}

impl<A: RsaAlgorithm> RsaPrivateKey<A> {
    fn new(private: RsaPrivate, key_id: Option<KeyId>) -> Result<Self, KeyError> {
        let prepared = A::private(&private);
        let public = RsaPublicKey::new(private.public(), None)?;
        Ok(Self {
            inner: Arc::new(Inner { private, public, prepared }),
            key_id,
            #[cfg(feature = "jwe")]
            content_encryptions: Cow::Borrowed(&ContentEncryption::ALL),
        })
    }

    /// A new key pair with a modulus of so many bits and the exponent 65537.
    ///
    /// 2048 bits take part of a second, 4096 several.
    ///
    /// # Errors
    ///
    /// [`KeyError::UnsupportedModulusSize`] outside 2048 to 8192 bits, [`KeyError::RandomnessUnavailable`] if the
    /// operating system gives no random octets.
    pub fn generate(modulus_bits: usize) -> Result<Self, KeyError> {
        Self::new(RsaPrivate::generate(modulus_bits)?, None)
    }

    /// PEM with the label `PRIVATE KEY` (PKCS #8, RFC 5208) or `RSA PRIVATE KEY` (PKCS #1, RFC 8017),
    /// not encrypted.
    ///
    /// # Errors
    ///
    /// [`KeyError::UnexpectedPemLabel`] for another label, [`KeyError::Malformed`] or [`KeyError::NotRsa`] for
    /// other content, [`KeyError::UnsupportedModulusSize`], [`KeyError::EvenModulus`] or [`KeyError::UnsupportedExponent`]
    /// for a key out of bounds, [`KeyError::Inconsistent`] if its integers do not belong together.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let (label, der) = pem::decode(pem)?;
        match label {
            pem::PKCS8 => Self::from_pkcs8_der(&der),
            pem::PKCS1_PRIVATE => Self::from_pkcs1_der(&der),
            _ => Err(KeyError::UnexpectedPemLabel),
        }
    }

    /// DER of a `PrivateKeyInfo` (RFC 5208 section 5) with `rsaEncryption`.
    ///
    /// # Errors
    ///
    /// As [`from_pem`](Self::from_pem).
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::new(RsaPrivate::from_pkcs8_der(der)?, None)
    }

    /// DER of an `RSAPrivateKey` with two primes (RFC 8017 appendix A.1.2).
    ///
    /// # Errors
    ///
    /// As [`from_pem`](Self::from_pem).
    pub fn from_pkcs1_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::new(RsaPrivate::from_pkcs1_der(der)?, None)
    }

    /// A JWK with `kty` `RSA` and all of `d`, `p`, `q`, `dp`, `dq`, `qi` (RFC 7518 section 6.3.2), its
    /// `kid` taken over.
    ///
    /// # Errors
    ///
    /// [`KeyError::InvalidJson`] or [`KeyError::InvalidJwk`] if it is no such JWK, or one for another `use`,
    /// `key_ops` or `alg`; else as [`from_pem`](Self::from_pem).
    pub fn from_jwk(jwk: &str) -> Result<Self, KeyError> {
        Self::from_members(&Jwk::read(jwk)?)
    }

    pub(crate) fn from_members(jwk: &Jwk<'_>) -> Result<Self, KeyError> {
        let key_id = jwk.check(&A::PRIVATE)?;
        let key = jwk.private()?;
        let private = RsaPrivate::new(&PrivateParts {
            n: &key.n,
            e: &key.e,
            d: &key.d,
            p: &key.p,
            q: &key.q,
            dp: &key.dp,
            dq: &key.dq,
            qi: &key.qi,
        })?;
        Self::new(private, key_id)
    }

    key_id_methods!(
        "written into the tokens it signs, compared with those it decrypts and exported with the key"
    );

    /// The length of the modulus, in octets.
    #[must_use]
    pub fn modulus_len(&self) -> usize {
        self.inner.public.modulus_len()
    }

    /// The public half, with the same `kid`.
    #[must_use]
    pub fn public_key(&self) -> RsaPublicKey<A> {
        RsaPublicKey { key_id: self.key_id.clone(), ..self.inner.public.clone() }
    }

    /// The key as a private JWK.
    #[must_use]
    pub fn to_secret_jwk(&self) -> SecretString {
        self.inner.private.with_parts(|parts| {
            let (n, e) = (base64url::encode(parts.n), base64url::encode(parts.e));
            let [d, p, q, dp, dq, qi] = [parts.d, parts.p, parts.q, parts.dp, parts.dq, parts.qi]
                .map(base64url::secret_encode);
            let members = [
                ("n", n.as_str()),
                ("e", &e),
                ("d", &d),
                ("p", &p),
                ("q", &q),
                ("dp", &dp),
                ("dq", &dq),
                ("qi", &qi),
            ];
            jwk::write_secret(&A::PRIVATE, &members, self.key_id())
        })
    }

    /// The key in PEM, label `PRIVATE KEY`.
    #[must_use]
    pub fn to_secret_pem(&self) -> SecretString {
        pem::encode_secret(pem::PKCS8, &self.inner.private.to_pkcs8_der())
    }

    /// The key as DER of a `PrivateKeyInfo`.
    #[must_use]
    pub fn to_secret_pkcs8_der(&self) -> SecretBytes {
        SecretBytes::new(self.inner.private.to_pkcs8_der())
    }

    /// The key in PEM, label `RSA PRIVATE KEY`.
    #[must_use]
    pub fn to_secret_pkcs1_pem(&self) -> SecretString {
        pem::encode_secret(pem::PKCS1_PRIVATE, &self.inner.private.to_pkcs1_der())
    }

    /// The key as DER of an `RSAPrivateKey`.
    #[must_use]
    pub fn to_secret_pkcs1_der(&self) -> SecretBytes {
        SecretBytes::new(self.inner.private.to_pkcs1_der())
    }

    /// The JWK Thumbprint of the public half with SHA-256, base64url (RFC 7638 section 3).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        self.inner.public.thumbprint()
    }
}

impl<A: RsaAlgorithm> Clone for RsaPrivateKey<A> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            key_id: self.key_id.clone(),
            #[cfg(feature = "jwe")]
            content_encryptions: self.content_encryptions.clone(),
        }
    }
}

impl<A: RsaAlgorithm> fmt::Debug for RsaPrivateKey<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_key(f, "RsaPrivateKey", self.key_id())
    }
}
