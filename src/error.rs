//! Every way a call can fail: precise for public facts, one word for secret-dependent ones.
//!
//! This file imports nothing of the crate. No variant can hold token text, a claim's value or key
//! material, so no error, log line or panic message can leak one.

mod claim;
mod key;
mod replay;

pub use claim::{ClaimError, ClaimProblem, RuleError};
pub use key::{JwkProblem, KeyError};
pub use replay::{ExternalError, ReplayError, StoreFailure};

use core::fmt;

/// Why a token was refused, or could not be made.
///
/// Match on the variants that matter to you and treat the rest as "refused"; log [`Error::code`],
/// which never changes between versions.
///
/// ```
/// use strict_jose::{Error, Hs256Key, jws};
///
/// let key = Hs256Key::generate()?;
/// let error = jws::verify("not.a token", &key).unwrap_err();
/// assert_eq!(error, Error::IllegalCharacter);
/// assert_eq!(error.code(), "token.illegal_character");
/// # Ok::<(), strict_jose::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The token is longer than [`Limits`](crate::Limits) allow.
    TokenTooLong {
        /// The limit, in octets.
        limit: usize,
    },
    /// A character outside `A-Z a-z 0-9 - _ .` (RFC 7515 section 2).
    IllegalCharacter,
    /// Not the compact serialization asked for (RFC 7515 section 7.1, RFC 7516 section 7.1).
    SegmentCount {
        /// How many segments the token has; counting stops at six.
        found: usize,
        /// 3 for a JWS, 5 for a JWE.
        expected: usize,
    },
    /// A segment is not canonical base64url without padding (RFC 7515 appendix C).
    Base64url(Part),
    /// A segment is longer than [`Limits`](crate::Limits) allow.
    PartTooLong {
        /// The segment.
        part: Part,
        /// The limit, in octets.
        limit: usize,
    },
    /// A segment has not the length that the algorithm fixes.
    PartLength {
        /// The segment.
        part: Part,
        /// The length the algorithm fixes, in octets.
        expected: usize,
    },
    /// A segment is not the strict JSON object that it has to be.
    Json {
        /// The segment.
        part: Part,
        /// What is wrong with it.
        problem: JsonProblem,
    },
    /// A Header Parameter is missing, malformed or refused (RFC 7515 section 4, RFC 7516 section 4).
    Header {
        /// The Header Parameter's name.
        parameter: &'static str,
        /// What is wrong with it.
        problem: HeaderProblem,
    },
    /// No key of the set goes with this token. No key was tried.
    NoMatchingKey,
    /// The token names no `kid` and the set holds several keys. No key was tried.
    KeyIdRequired,
    /// No keys are known for the issuer that the token names. No key was tried.
    UnknownIssuer,
    /// The JWS Signature does not verify.
    InvalidSignature,
    /// The JWE does not decrypt. Deliberately the only thing said about the JWE Encrypted Key, the
    /// IV, the ciphertext and the tag (RFC 7516 section 11.5).
    DecryptionFailed,
    /// The content of a nested JWT is not a JWS.
    NestedNotSigned,
    /// A Claim breaks a rule.
    Claim(ClaimError),
    /// The `jti` was used before.
    Replayed,
    /// The replay guard could not answer, so the token is refused.
    Replay(ReplayError),
    /// The operating system gave no random octets.
    RandomnessUnavailable,
    /// This platform has no clock: name the time with `at(now)`.
    ClockUnavailable,
    /// The private claims do not serialize to a JSON object with names of their own.
    UnserializableClaims,
    /// The signature operation failed inside the process.
    SigningFailed,
    /// A signer or decrypter outside the process failed.
    External(ExternalError),
    /// The key is not usable.
    Key(KeyError),
    /// A rule could not be made, so nothing is taken by it.
    Rule(RuleError),
}

/// A segment of a compact serialization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The JOSE Header.
    Header,
    /// The JWS Payload, or the JWE Plaintext as a JWT Claims Set.
    Payload,
    /// The JWS Signature.
    Signature,
    /// The JWE Encrypted Key.
    EncryptedKey,
    /// The JWE Initialization Vector.
    InitializationVector,
    /// The JWE Ciphertext.
    Ciphertext,
    /// The JWE Authentication Tag.
    AuthenticationTag,
}

/// Why a text is not the JSON this crate takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JsonProblem {
    /// Not JSON, not UTF-8, or text after the end.
    Syntax,
    /// Not a JSON object: another value, or nothing that begins as one.
    NotAnObject,
    /// Two members of one object have the same name.
    DuplicateName,
    /// Nested deeper than the limit.
    TooDeep,
    /// An object or array with more entries than the limit.
    TooMany,
    /// A number whose magnitude is 10^308 or more (RFC 8259 section 6).
    NumberOutOfRange,
    /// A `\u` escape that is half of a surrogate pair (RFC 8259 section 8.2).
    LoneSurrogate,
}

/// Why a Header Parameter is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeaderProblem {
    /// It has to be there and is not.
    Missing,
    /// It has another JSON type than the RFC gives it.
    WrongType,
    /// It is longer than this crate takes.
    TooLong,
    /// This crate supports no token that uses it.
    Unsupported,
    /// It differs from what the key or the caller's rule says.
    Mismatch,
}

impl Error {
    /// What a replay store says of its failure beside [`code`](Self::code), if it says anything.
    #[must_use]
    pub fn store_code(&self) -> Option<&'static str> {
        match self {
            Self::Replay(error) => error.store_code(),
            _ => None,
        }
    }

    /// A stable, machine-readable name for the kind of failure: lower case, dotted, never changed.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TokenTooLong { .. } => "token.too_long",
            Self::IllegalCharacter => "token.illegal_character",
            Self::SegmentCount { .. } => "token.segment_count",
            Self::Base64url(_) => "token.base64url",
            Self::PartTooLong { .. } => "token.part_too_long",
            Self::PartLength { .. } => "token.part_length",
            Self::Json { problem, .. } => problem.code(),
            Self::Header { problem, .. } => problem.code(),
            Self::NoMatchingKey => "key.no_match",
            Self::KeyIdRequired => "key.id_required",
            Self::UnknownIssuer => "key.unknown_issuer",
            Self::InvalidSignature => "signature.invalid",
            Self::DecryptionFailed => "decryption.failed",
            Self::NestedNotSigned => "nested.not_signed",
            Self::Claim(error) => error.code(),
            Self::Replayed => "replay.replayed",
            Self::Replay(error) => error.code(),
            Self::RandomnessUnavailable => "random.unavailable",
            Self::ClockUnavailable => "clock.unavailable",
            Self::UnserializableClaims => "claims.unserializable",
            Self::SigningFailed => "signature.failed",
            Self::External(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Rule(error) => error.code(),
        }
    }
}

impl Error {
    /// Of a Claim's problem: the same of a token that has an id, or has none.
    pub(crate) fn of_token(self, has_jwt_id: bool) -> Self {
        match self {
            Self::Claim(error) => Self::Claim(error.of_token(has_jwt_id)),
            other => other,
        }
    }
}

impl JsonProblem {
    fn code(self) -> &'static str {
        match self {
            Self::Syntax => "json.syntax",
            Self::NotAnObject => "json.not_an_object",
            Self::DuplicateName => "json.duplicate_name",
            Self::TooDeep => "json.too_deep",
            Self::TooMany => "json.too_many",
            Self::NumberOutOfRange => "json.number",
            Self::LoneSurrogate => "json.surrogate",
        }
    }
}

impl HeaderProblem {
    fn code(self) -> &'static str {
        match self {
            Self::Missing => "header.missing",
            Self::WrongType => "header.wrong_type",
            Self::TooLong => "header.too_long",
            Self::Unsupported => "header.unsupported",
            Self::Mismatch => "header.mismatch",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TokenTooLong { limit } => {
                write!(f, "the token is longer than {limit} octets")
            }
            Self::IllegalCharacter => f.write_str("the token holds an illegal character"),
            Self::SegmentCount { found, expected } => {
                write!(f, "the token has {found} segments, {expected} expected")
            }
            Self::Base64url(part) => write!(f, "the {part} is not canonical base64url"),
            Self::PartTooLong { part, limit } => {
                write!(f, "the {part} is longer than {limit} octets")
            }
            Self::PartLength { part, expected } => {
                write!(f, "the {part} is not {expected} octets long")
            }
            Self::Json { part, problem } => write!(f, "the {part} {problem}"),
            Self::Header { parameter, problem } => {
                write!(f, "header parameter `{parameter}` {problem}")
            }
            Self::NoMatchingKey => f.write_str("no key matches the token"),
            Self::KeyIdRequired => f.write_str("the token names no kid and several keys fit"),
            Self::UnknownIssuer => f.write_str("no keys are known for the token's issuer"),
            Self::InvalidSignature => f.write_str("the signature is invalid"),
            Self::DecryptionFailed => f.write_str("decryption failed"),
            Self::NestedNotSigned => f.write_str("the encrypted content is not a signed token"),
            Self::Claim(error) => error.fmt(f),
            Self::Replayed => f.write_str("the token was used before"),
            Self::Replay(error) => error.fmt(f),
            Self::RandomnessUnavailable => f.write_str("no random octets are available"),
            Self::ClockUnavailable => f.write_str("no clock is available: name the time"),
            Self::UnserializableClaims => f.write_str(
                "the private claims are no JSON object with names of their own within the limits",
            ),
            Self::SigningFailed => f.write_str("the signature operation failed"),
            Self::External(error) => error.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::Rule(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
            Self::EncryptedKey => "encrypted key",
            Self::InitializationVector => "initialization vector",
            Self::Ciphertext => "ciphertext",
            Self::AuthenticationTag => "authentication tag",
        })
    }
}

impl fmt::Display for JsonProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "is not strict JSON",
            Self::NotAnObject => "is not a JSON object",
            Self::DuplicateName => "repeats a member name",
            Self::TooDeep => "is nested too deeply",
            Self::TooMany => "has too many entries",
            Self::NumberOutOfRange => "contains a number of 10^308 or more",
            Self::LoneSurrogate => "contains an escape that is half of a surrogate pair",
        })
    }
}

impl fmt::Display for HeaderProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing",
            Self::WrongType => "has the wrong type",
            Self::TooLong => "is too long",
            Self::Unsupported => "is not supported",
            Self::Mismatch => "is not the one expected",
        })
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Claim(error) => Some(error),
            Self::Replay(error) => Some(error),
            Self::External(error) => Some(error),
            Self::Key(error) => Some(error),
            Self::Rule(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ClaimError> for Error {
    fn from(error: ClaimError) -> Self {
        Self::Claim(error)
    }
}

impl From<ReplayError> for Error {
    fn from(error: ReplayError) -> Self {
        Self::Replay(error)
    }
}

impl From<ExternalError> for Error {
    fn from(error: ExternalError) -> Self {
        Self::External(error)
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl From<RuleError> for Error {
    fn from(error: RuleError) -> Self {
        Self::Rule(error)
    }
}
