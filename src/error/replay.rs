//! Why a party outside the pipeline could not answer: a replay store, a signer, a decrypter.

use core::fmt;

/// Why a replay guard could not answer. The token is then refused: a service would say 503, not 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReplayError {
    /// The store holds as many live ids as it may. A live id is never dropped to make room.
    Full,
    /// The store cannot be reached, did not answer in time, or is damaged; a store may say more.
    Unavailable(Option<StoreFailure>),
    /// The clock is behind the latest time that the guard has seen, by which the token has expired: its id may
    /// have been here and gone. It ends when the clock has caught up; a guard in memory forgets the time
    /// with its process.
    ClockBehind,
    /// The date after which tokens have to be issued has not come yet: another process may still accept them
    /// (see [`AfterRestart`](crate::AfterRestart)).
    NotReady,
}

impl ReplayError {
    /// A store that cannot answer and has no more to say.
    pub const UNAVAILABLE: Self = Self::Unavailable(None);

    /// A stable, machine-readable name for the failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Full => "replay.full",
            Self::Unavailable(_) => "replay.unavailable",
            Self::ClockBehind => "replay.clock_behind",
            Self::NotReady => "replay.not_ready",
        }
    }

    /// The name that the store itself gives to what failed, if it gives one.
    #[must_use]
    pub fn store_code(self) -> Option<&'static str> {
        match self {
            Self::Unavailable(failure) => failure.map(StoreFailure::code),
            Self::Full | Self::ClockBehind | Self::NotReady => None,
        }
    }
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the replay store is full",
            Self::Unavailable(_) => "the replay store is unavailable",
            Self::ClockBehind => {
                "the clock is behind the latest time that the replay store has seen"
            }
            Self::NotReady => {
                "tokens are not accepted yet: the date set for this process has not come"
            }
        })
    }
}

impl core::error::Error for ReplayError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Unavailable(Some(failure)) => Some(failure),
            _ => None,
        }
    }
}

/// What failed in a store, in the store's own words.
///
/// They are fixed texts, so that nothing of a token, an address or a password can be in them.
///
/// ```
/// use strict_jose::{ReplayError, StoreFailure};
///
/// const FORKED: StoreFailure = StoreFailure::new("store.forked", "opened by another process");
/// let error = ReplayError::from(FORKED);
/// assert_eq!((error.code(), error.store_code()), ("replay.unavailable", Some("store.forked")));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StoreFailure {
    code: &'static str,
    message: &'static str,
}

impl StoreFailure {
    /// A stable, machine-readable name, and a text for the log.
    #[must_use]
    pub const fn new(code: &'static str, message: &'static str) -> Self {
        Self { code, message }
    }

    /// The machine-readable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.code
    }
}

impl fmt::Display for StoreFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl core::error::Error for StoreFailure {}

impl From<StoreFailure> for ReplayError {
    fn from(failure: StoreFailure) -> Self {
        Self::Unavailable(Some(failure))
    }
}

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
