//! The algorithms, one table row each (RFC 7518 sections 3.1, 4.1 and 5.1).
//!
//! There is no `none`, no "other" and no way to add one from outside.

use core::fmt;

/// A JWS `alg` (RFC 7518 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// HMAC with SHA-256: a 32-octet MAC under a shared secret (section 3.2).
    Hs256,
    /// RSASSA-PKCS1-v1_5 with SHA-256: a signature as long as the modulus (section 3.3).
    Rs256,
}

/// A JWE `alg` (RFC 7518 section 4.1).
#[cfg(feature = "jwe")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyManagementAlgorithm {
    /// RSAES OAEP with SHA-1 and MGF1 with SHA-1 (section 4.3).
    RsaOaep,
    /// RSAES-PKCS1-v1_5 (section 4.2), for systems that offer nothing better.
    Rsa1_5,
}

/// A JWE `enc` (RFC 7518 section 5.1).
///
/// ```
/// use strict_jose::ContentEncryption;
///
/// assert_eq!(ContentEncryption::A128CbcHs256.name(), "A128CBC-HS256");
/// assert_eq!(ContentEncryption::from_name("A256GCM"), Some(ContentEncryption::A256Gcm));
/// assert_eq!(ContentEncryption::from_name("a256gcm"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentEncryption {
    /// AES-128 in CBC mode with HMAC-SHA-256, a 32-octet CEK (section 5.2.3).
    A128CbcHs256,
    /// AES-128 in GCM, a 16-octet CEK (section 5.3).
    A128Gcm,
    /// AES-256 in GCM, a 32-octet CEK (section 5.3).
    A256Gcm,
}

impl SignatureAlgorithm {
    /// The name in the `alg` Header Parameter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
        }
    }
}

#[cfg(feature = "jwe")]
impl KeyManagementAlgorithm {
    /// The name in the `alg` Header Parameter.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::Rsa1_5 => "RSA1_5",
        }
    }
}

impl ContentEncryption {
    /// All of them, in the order of the RFC's table.
    pub const ALL: [Self; 3] = [Self::A128CbcHs256, Self::A128Gcm, Self::A256Gcm];

    /// The length of every JWE Authentication Tag, in octets.
    #[cfg(feature = "jwe")]
    pub(crate) const TAG_LEN: usize = 16;

    /// The name in the `enc` Header Parameter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// The algorithm of that exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|enc| enc.name() == name)
    }

    /// The length of the Content Encryption Key, in octets.
    #[must_use]
    pub const fn cek_len(self) -> usize {
        match self {
            Self::A128CbcHs256 | Self::A256Gcm => 32,
            Self::A128Gcm => 16,
        }
    }

    /// The length of the Initialization Vector, in octets.
    #[cfg(feature = "jwe")]
    pub(crate) const fn iv_len(self) -> usize {
        match self {
            Self::A128CbcHs256 => 16,
            Self::A128Gcm | Self::A256Gcm => 12,
        }
    }
}

macro_rules! display_name {
    ($($algorithm:ty),*) => {$(
        impl fmt::Display for $algorithm {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    )*};
}

display_name!(SignatureAlgorithm, ContentEncryption);
