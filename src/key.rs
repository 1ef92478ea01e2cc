//! Keys: one type is one algorithm in one role (RFC 7517, RFC 8725 section 3.1).
//!
//! A key is checked once, when it is made, and holds everything its operation needs. The algorithm is
//! part of its type, so no header can choose it, and the traits below are sealed, so no other type
//! can stand in for a key.

pub mod external;
pub(crate) mod hs256;
pub(crate) mod jwk;
pub(crate) mod key_set;
mod key_text;
mod pem;
pub(crate) mod rsa;

use crate::error::{Error, KeyError};
use crate::header::UnverifiedHints;
use crate::limits::KEY_ID_MAX_LEN;
use std::sync::Arc;

/// A key that signs: [`Hs256Key`](crate::Hs256Key), [`Rs256SigningKey`](crate::Rs256SigningKey) or an
/// [`ExternalRs256Key`](crate::external::ExternalRs256Key).
pub trait SigningKey: sealed::Sign {}
impl<K: sealed::Sign> SigningKey for K {}

/// A key that signs outside the process and answers later. Keys inside the process do too, at once.
pub trait AsyncSigningKey: sealed::AsyncSign {}
impl<K: sealed::AsyncSign> AsyncSigningKey for K {}

/// Where the key that verifies a token comes from: a key, a [`KeySet`](crate::KeySet) or
/// [`TrustedIssuers`](crate::TrustedIssuers).
pub trait VerifyingKeys: sealed::SelectKey<Key: sealed::Verify> {}
impl<K: sealed::SelectKey<Key: sealed::Verify>> VerifyingKeys for K {}

/// A key that encrypts CEKs: [`RsaOaepEncryptionKey`](crate::RsaOaepEncryptionKey) or
/// [`legacy::Rsa1_5EncryptionKey`](crate::legacy::Rsa1_5EncryptionKey).
#[cfg(feature = "jwe")]
pub trait EncryptionKey: sealed::Wrap {}
#[cfg(feature = "jwe")]
impl<K: sealed::Wrap> EncryptionKey for K {}

/// Where the key that decrypts a token comes from:
/// [`RsaOaepDecryptionKey`](crate::RsaOaepDecryptionKey),
/// [`legacy::Rsa1_5DecryptionKey`](crate::legacy::Rsa1_5DecryptionKey), one of
/// [`external`](crate::external), or a [`KeySet`](crate::KeySet) of one of them.
#[cfg(feature = "jwe")]
pub trait DecryptionKeys: sealed::SelectKey<Key: sealed::Unwrap> {}
#[cfg(feature = "jwe")]
impl<K: sealed::SelectKey<Key: sealed::Unwrap>> DecryptionKeys for K {}

/// [`DecryptionKeys`] that may answer later, outside the process. Keys inside it do, at once.
#[cfg(feature = "jwe")]
pub trait AsyncDecryptionKeys: sealed::SelectKey<Key: sealed::AsyncUnwrap> + Sync {}
#[cfg(feature = "jwe")]
impl<K: sealed::SelectKey<Key: sealed::AsyncUnwrap> + Sync> AsyncDecryptionKeys for K {}

/// The key picked for a token, and the issuer it was picked for, if it was.
#[derive(Debug)]
pub struct SelectedKey<'a, K> {
    pub(crate) key: &'a K,
    pub(crate) issuer: Option<&'a str>,
}

/// What keys do, out of reach from outside the crate.
pub(crate) mod sealed {
    use super::{Error, SelectedKey, UnverifiedHints};
    use crate::jwa::SignatureAlgorithm;
    #[cfg(feature = "jwe")]
    use crate::jwa::{ContentEncryption, KeyManagementAlgorithm};
    use core::future::Future;

    pub trait Identified {
        fn key_id(&self) -> Option<&str>;
    }

    pub trait SignatureScheme: Identified {
        fn algorithm(&self) -> SignatureAlgorithm;
        /// The one length that a signature of this key has.
        fn signature_len(&self) -> usize;
    }

    pub trait Sign: SignatureScheme {
        /// Appends `.` and the encoded signature over `token` as it stands.
        fn sign_onto(&self, token: &mut String) -> Result<(), Error>;
    }

    pub trait AsyncSign: SignatureScheme + Sync {
        fn sign_onto(&self, token: &mut String) -> impl Future<Output = Result<(), Error>> + Send;
    }

    pub trait Verify: SignatureScheme {
        fn verify(&self, signing_input: &[u8], signature: &[u8]) -> Result<(), Error>;
    }

    #[cfg(feature = "jwe")]
    pub trait Wrap: Identified {
        fn algorithm(&self) -> KeyManagementAlgorithm;
        fn wrap(&self, cek: &[u8]) -> Result<Vec<u8>, Error>;
    }

    #[cfg(feature = "jwe")]
    pub trait Unwrapping: Identified {
        fn algorithm(&self) -> KeyManagementAlgorithm;
        /// The one length that a JWE Encrypted Key for this key has.
        fn encrypted_key_len(&self) -> usize;
        fn content_encryptions(&self) -> &[ContentEncryption];
    }

    #[cfg(feature = "jwe")]
    pub trait Unwrap: Unwrapping {
        /// Replaces `cek`, filled with random octets by the caller, unless the JWE Encrypted Key is
        /// broken in any way (RFC 7516 section 11.5). An error says something else, and is public.
        fn unwrap(&self, encrypted_key: &[u8], cek: &mut [u8]) -> Result<(), Error>;
    }

    #[cfg(feature = "jwe")]
    pub trait AsyncUnwrap: Unwrapping + Sync {
        /// As [`Unwrap::unwrap`].
        fn unwrap(
            &self,
            encrypted_key: &[u8],
            cek: &mut [u8],
        ) -> impl Future<Output = Result<(), Error>> + Send;
    }

    pub trait SelectKey {
        type Key;
        /// Whether choosing needs the token's `iss`; reading it costs a look into the payload.
        const BY_ISSUER: bool = false;
        fn select(&self, hints: &UnverifiedHints) -> Result<SelectedKey<'_, Self::Key>, Error>;
    }
}

/// One key is a choice of one: refused if both it and the token name a `kid` and the two differ.
macro_rules! choice_of_one {
    ($(impl[$($generics:tt)*] $key:ty;)*) => {$(
        impl<$($generics)*> $crate::key::sealed::SelectKey for $key {
            type Key = Self;

            fn select(
                &self,
                hints: &$crate::header::UnverifiedHints,
            ) -> Result<$crate::key::SelectedKey<'_, Self>, $crate::error::Error> {
                match ($crate::key::sealed::Identified::key_id(self), hints.key_id()) {
                    (Some(own), Some(named)) if own != named => {
                        Err($crate::error::Error::NoMatchingKey)
                    }
                    _ => Ok($crate::key::SelectedKey { key: self, issuer: None }),
                }
            }
        }
    )*};
}
use choice_of_one;

/// `with_key_id` and `key_id` of a key type with the field `key_id`.
macro_rules! key_id_methods {
    ($what_for:literal) => {
        #[doc = concat!("The same key with this `kid`, ", $what_for, ".")]
        ///
        /// # Errors
        ///
        /// [`KeyError::InvalidKeyId`] if it is empty or longer than 256 octets.
        pub fn with_key_id(self, kid: &str) -> Result<Self, KeyError> {
            Ok(Self { key_id: Some(crate::key::KeyId::new(kid)?), ..self })
        }

        /// The `kid`, if it has one.
        #[must_use]
        pub fn key_id(&self) -> Option<&str> {
            self.key_id.as_ref().map(crate::key::KeyId::as_str)
        }
    };
}
use key_id_methods;

/// A `kid` from 1 to 256 octets (RFC 7517 section 4.5), compared octet for octet.
#[derive(Clone)]
pub(crate) struct KeyId(Arc<str>);

impl KeyId {
    pub(crate) fn new(kid: &str) -> Result<Self, KeyError> {
        if kid.is_empty() || kid.len() > KEY_ID_MAX_LEN {
            return Err(KeyError::InvalidKeyId);
        }
        Ok(Self(kid.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A key's Debug: its type and id, never its material.
pub(crate) fn debug_key(
    f: &mut core::fmt::Formatter<'_>,
    name: &str,
    key_id: Option<&str>,
) -> core::fmt::Result {
    f.debug_struct(name)
        .field("key_id", &key_id)
        .field("material", &format_args!("<redacted>"))
        .finish()
}
