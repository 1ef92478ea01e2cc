//! Why a party outside the pipeline could not answer: a replay store, a signer, a decrypter.

use core::fmt;

/// Why a replay guard could not answer. The token is then refused: a service would say 503, not 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReplayError {
    /// The store holds as many live ids as it may. A live id is never dropped to make room.
    Full,
    /// The store cannot be reached, did not answer in time, or is damaged.
    Unavailable,
}

impl ReplayError {
    /// A stable, machine-readable name for the failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Full => "replay.full",
            Self::Unavailable => "replay.unavailable",
        }
    }
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the replay store is full",
            Self::Unavailable => "the replay store is unavailable",
        })
    }
}

impl core::error::Error for ReplayError {}

/// Why a signer or decrypter outside the process (HSM, KMS) gave no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExternalError {
    /// The device looked at the octets and refused them. When decrypting this is not reported: the
    /// call goes on with a random CEK and ends in [`Error::DecryptionFailed`](crate::Error).
    Rejected,
    /// The device cannot be reached, did not answer in time, or does not know the key.
    Unavailable,
    /// The device answered with octets that do not belong to the public key it was paired with.
    WrongAnswer,
}

impl ExternalError {
    /// A stable, machine-readable name for the failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Rejected => "external.rejected",
            Self::Unavailable => "external.unavailable",
            Self::WrongAnswer => "external.wrong_answer",
        }
    }
}

impl fmt::Display for ExternalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rejected => "the external key refused the operation",
            Self::Unavailable => "the external key is unavailable",
            Self::WrongAnswer => "the external key's answer does not match its public key",
        })
    }
}

impl core::error::Error for ExternalError {}
