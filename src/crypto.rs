//! Octets in, octets out: the only place that names a crypto crate.
//!
//! One file a primitive. Where two backends offer the same primitive, the file holds what both share
//! and picks one of its sub-files; no choice is left for run time and none shows in a signature.

#[cfg(feature = "jwe")]
pub(crate) mod aes_cbc_hmac;
#[cfg(feature = "jwe")]
pub(crate) mod aes_gcm;
pub(crate) mod count;
pub(crate) mod hmac_sha256;
pub(crate) mod random;
#[cfg(feature = "jwe")]
pub(crate) mod rsa_encryption;
pub(crate) mod rsa_key;
#[cfg(feature = "jwe")]
pub(crate) mod rsa_padding;
pub(crate) mod rsa_signature;
pub(crate) mod sha256;
pub(crate) mod siphash;

/// The octets do not authenticate. Nothing else is ever said about why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAuthentic;
