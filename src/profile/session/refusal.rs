//! Why a token is not taken: the precise reason for the log, one answer for the wire.

use super::ended::SessionStoreError;
use crate::{ClaimError, ClaimProblem, Error, ExternalError};
use core::fmt;
use std::sync::Arc;

/// The refusal of a token: what to log and what to answer, by different calls.
///
/// Displaying it says no more than the answer does.
#[derive(Debug, Clone)]
pub struct Refusal {
    reason: Reason,
    answer: Arc<str>,
}

/// Why a token is refused, or not issued. It holds no octet of the token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The token itself, one of its claims, or the replay guard.
    Token(Error),
    /// The token is bound to an origin and the request has none.
    OriginMissing,
    /// The request's origin is `null`, or no origin of a page.
    OriginInvalid,
    /// The token is bound to networks and the request's address is not known.
    AddressMissing,
    /// The policy needs the request to name its session.
    SessionNotNamed,
    /// The policy needs the request to name the page's key.
    PageKeyNotNamed,
    /// `sub` may tell who somebody is, or is a token.
    SubjectNotOpaque,
    /// The session has been ended.
    SessionEnded,
    /// The store of ended sessions could not answer.
    Store(SessionStoreError),
}

impl Reason {
    pub(super) fn claim(claim: &'static str, problem: ClaimProblem) -> Self {
        Self::Token(ClaimError::new(claim, problem).into())
    }

    /// A stable, machine-readable name for the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::OriginMissing => "session.origin_missing",
            Self::OriginInvalid => "session.origin_invalid",
            Self::AddressMissing => "session.address_missing",
            Self::SessionNotNamed => "session.not_named",
            Self::PageKeyNotNamed => "session.page_key_not_named",
            Self::SubjectNotOpaque => "session.subject_not_opaque",
            Self::SessionEnded => "session.ended",
            Self::Store(error) => error.code(),
        }
    }

    pub(super) fn is_unavailable(&self) -> bool {
        matches!(
            self,
            Self::Store(_)
                | Self::Token(
                    Error::Replay(_)
                        | Error::ClockUnavailable
                        | Error::RandomnessUnavailable
                        | Error::External(ExternalError::Unavailable)
                )
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(error) => return error.fmt(f),
            Self::Store(error) => return error.fmt(f),
            Self::OriginMissing => "the request has no origin",
            Self::OriginInvalid => "the request's origin is null or no origin",
            Self::AddressMissing => "the request's address is not known",
            Self::SessionNotNamed => "the request names no session",
            Self::PageKeyNotNamed => "the request names no page key",
            Self::SubjectNotOpaque => "claim `sub` is not opaque",
            Self::SessionEnded => "the session has ended",
        })
    }
}

impl core::error::Error for Reason {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Token(error) => Some(error),
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Error> for Reason {
    fn from(error: Error) -> Self {
        Self::Token(error)
    }
}

impl Refusal {
    pub(super) fn new(reason: Reason, answer: &Arc<str>) -> Self {
        Self { reason, answer: Arc::clone(answer) }
    }

    /// Why, precisely: for the log.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// What to answer: the policy's one text.
    #[must_use]
    pub fn answer(&self) -> &str {
        &self.answer
    }

    /// The HTTP status to answer with: 401, or 503 if a store, the clock or a device could not be asked, or this
    /// process is not ready yet.
    #[must_use]
    pub fn status(&self) -> u16 {
        if self.reason.is_unavailable() { 503 } else { 401 }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.status() {
            503 => "the token cannot be checked now",
            _ => "the token is not accepted",
        })
    }
}

impl core::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.reason)
    }
}
