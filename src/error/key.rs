//! Why octets are not a key (RFC 7517, RFC 7518 section 6, RFC 8017).

use core::fmt;

/// Why a key could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// Not the encoding asked for: base64, base64url, PEM or DER.
    Malformed,
    /// The PEM label is not one that this kind of key takes.
    UnexpectedPemLabel,
    /// A key, but for another algorithm than `rsaEncryption`.
    NotRsa,
    /// An HMAC secret shorter than RFC 7518 section 3.2 allows.
    SecretTooShort {
        /// The least number of octets.
        minimum: usize,
    },
    /// An HMAC secret longer than any sensible one.
    SecretTooLong {
        /// The greatest number of octets.
        maximum: usize,
    },
    /// The octets of an HMAC secret look like a PEM, DER or JWK text: most likely a public key.
    SecretLooksLikeKeyText,
    /// An RSA modulus outside 2048 to 8192 bits.
    UnsupportedModulusSize,
    /// An RSA modulus that is even.
    EvenModulus,
    /// An RSA public exponent that is even, below 3 or above 33 bits.
    UnsupportedExponent,
    /// The members of a private key do not belong together.
    Inconsistent,
    /// The text is longer than any key of this kind.
    TooLong,
    /// A JWK member is wrong.
    InvalidJwk {
        /// The member's name.
        member: &'static str,
        /// What is wrong with it.
        problem: JwkProblem,
    },
    /// The text is not a strict JSON object.
    InvalidJson,
    /// The key id is empty or longer than 256 octets.
    InvalidKeyId,
    /// Two keys of a set have the same `kid`.
    DuplicateKeyId,
    /// A set with several keys in which one has no `kid`.
    KeyIdMissing,
    /// More keys than a set may have.
    TooManyKeys,
    /// A key set without a usable key.
    NoKeys,
    /// A private or symmetric member where only public keys may stand.
    PrivateMember,
    /// The operating system gave no random octets.
    RandomnessUnavailable,
}

/// What is wrong with a member of a JWK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JwkProblem {
    /// It has to be there and is not.
    Missing,
    /// It has another JSON type than the RFC gives it.
    WrongType,
    /// It is not canonical base64url, or not the shortest form of its number.
    Encoding,
    /// It says that the key is for something else.
    Mismatch,
    /// No key of this kind may have it.
    Forbidden,
}

impl KeyError {
    /// A stable, machine-readable name for the kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "key.malformed",
            Self::UnexpectedPemLabel => "key.pem_label",
            Self::NotRsa => "key.not_rsa",
            Self::SecretTooShort { .. } => "key.secret_too_short",
            Self::SecretTooLong { .. } => "key.secret_too_long",
            Self::SecretLooksLikeKeyText => "key.secret_looks_like_key_text",
            Self::UnsupportedModulusSize => "key.modulus_size",
            Self::EvenModulus => "key.modulus_even",
            Self::UnsupportedExponent => "key.exponent",
            Self::Inconsistent => "key.inconsistent",
            Self::TooLong => "key.too_long",
            Self::InvalidJwk { problem, .. } => match problem {
                JwkProblem::Missing => "key.jwk_missing",
                JwkProblem::WrongType => "key.jwk_wrong_type",
                JwkProblem::Encoding => "key.jwk_encoding",
                JwkProblem::Mismatch => "key.jwk_mismatch",
                JwkProblem::Forbidden => "key.jwk_forbidden",
            },
            Self::InvalidJson => "key.json",
            Self::InvalidKeyId => "key.id",
            Self::DuplicateKeyId => "key.duplicate_id",
            Self::KeyIdMissing => "key.id_missing",
            Self::TooManyKeys => "key.too_many",
            Self::NoKeys => "key.none",
            Self::PrivateMember => "key.private_member",
            Self::RandomnessUnavailable => "key.random_unavailable",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("the key is not in the encoding named"),
            Self::UnexpectedPemLabel => {
                f.write_str("the PEM label does not go with this kind of key")
            }
            Self::NotRsa => f.write_str("the key is not an rsaEncryption key"),
            Self::SecretTooShort { minimum } => {
                write!(f, "the secret is shorter than {minimum} octets")
            }
            Self::SecretTooLong { maximum } => {
                write!(f, "the secret is longer than {maximum} octets")
            }
            Self::SecretLooksLikeKeyText => {
                f.write_str("the secret looks like a PEM, DER or JWK text")
            }
            Self::UnsupportedModulusSize => {
                f.write_str("the RSA modulus is not 2048 to 8192 bits long")
            }
            Self::EvenModulus => f.write_str("the RSA modulus is even"),
            Self::UnsupportedExponent => {
                f.write_str("the RSA public exponent is not odd, from 3 and of at most 33 bits")
            }
            Self::Inconsistent => {
                f.write_str("the parts of the private key do not belong together")
            }
            Self::TooLong => f.write_str("the text is too long for a key"),
            Self::InvalidJwk { member, problem } => {
                write!(f, "JWK member `{member}` ")?;
                f.write_str(match problem {
                    JwkProblem::Missing => "is missing",
                    JwkProblem::WrongType => "has the wrong type",
                    JwkProblem::Encoding => "is not canonically encoded",
                    JwkProblem::Mismatch => "is for another use",
                    JwkProblem::Forbidden => "may not be there",
                })
            }
            Self::InvalidJson => f.write_str("the JWK is not a strict JSON object"),
            Self::InvalidKeyId => f.write_str("the key id is empty or longer than 256 octets"),
            Self::DuplicateKeyId => f.write_str("two keys of the set have the same kid"),
            Self::KeyIdMissing => f.write_str("a key of the set has no kid"),
            Self::TooManyKeys => f.write_str("the set has too many keys"),
            Self::NoKeys => f.write_str("the set has no usable key"),
            Self::PrivateMember => f.write_str("a public key holds a private member"),
            Self::RandomnessUnavailable => f.write_str("no random octets are available"),
        }
    }
}

impl core::error::Error for KeyError {}
