//! Why a token is not taken: the precise reason for the log, one of four bodies for the wire.

use crate::{ClaimError, ClaimProblem, Error, ExternalError};
use core::fmt;

/// The refusal of a token: what to log and what to answer, by different calls.
///
/// Displaying it says no more than the answer does; the reason is its
/// [`source`](core::error::Error::source) and [`reason`](Self::reason).
///
/// ```
/// use strict_jose::{AfterRestart, MemoryReplayGuard, NumericDate, profile::kore};
///
/// let guard = MemoryReplayGuard::with_capacity(1_000);
/// let platform = kore::Platform::new(guard, AfterRestart::only_issued_after(NumericDate::now()?));
/// let rejected: Result<kore::Identity, _> = platform.accept("not a token", "grant");
/// let refusal = rejected.unwrap_err();
/// assert_eq!(refusal.reason().code(), "token.illegal_character"); // for the log
/// assert_eq!(refusal.status(), 401); // for the wire
/// assert!(refusal.body().starts_with(r#"{"errors":[{"msg":"#));
/// # Ok::<(), strict_jose::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    reason: Error,
    answer: Answer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Lifetime,
    Replay,
    NotAccepted,
    Unavailable,
}

/// Documented, octet for octet.
const BODY_LIFETIME: &str = r#"{"errors":[{"msg":"error verifying the jwt: if \"jti\" claim \"exp\" must be <= 1 hour(s)","code":401}]}"#;

/// Documented, octet for octet.
const BODY_REPLAY: &str =
    r#"{"errors":[{"msg":"error verifying the jwt: possibly a replay","code":401}]}"#;

/// The documented envelope around a text of this crate: one for every other reason.
const BODY_NOT_ACCEPTED: &str =
    r#"{"errors":[{"msg":"error verifying the jwt: not accepted","code":401}]}"#;

/// The same for when nothing is wrong with the token.
const BODY_UNAVAILABLE: &str =
    r#"{"errors":[{"msg":"error verifying the jwt: try again later","code":503}]}"#;

impl Refusal {
    /// The refusal for this reason; `has_jwt_id` as far as the verified claims say so.
    pub(super) fn new(reason: Error, has_jwt_id: bool) -> Self {
        let answer = match &reason {
            Error::Replayed => Answer::Replay,
            Error::Claim(error) if is_too_long(error, has_jwt_id) => Answer::Lifetime,
            Error::Replay(_)
            | Error::ClockUnavailable
            | Error::RandomnessUnavailable
            | Error::External(ExternalError::Unavailable) => Answer::Unavailable,
            _ => Answer::NotAccepted,
        };
        Self { reason, answer }
    }

    /// Why, precisely: for the log. It holds no octet of the token.
    #[must_use]
    pub fn reason(&self) -> &Error {
        &self.reason
    }

    /// The JSON to answer with: one of the two documented texts, or one for all other reasons.
    #[must_use]
    pub fn body(&self) -> &'static str {
        match self.answer {
            Answer::Lifetime => BODY_LIFETIME,
            Answer::Replay => BODY_REPLAY,
            Answer::NotAccepted => BODY_NOT_ACCEPTED,
            Answer::Unavailable => BODY_UNAVAILABLE,
        }
    }

    /// The HTTP status to answer with: 401, or 503 if the replay guard, a device, the clock or the
    /// randomness could not be asked, or this process is not ready yet.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.answer {
            Answer::Lifetime | Answer::Replay | Answer::NotAccepted => 401,
            Answer::Unavailable => 503,
        }
    }
}

/// Too long a lifetime is an error with a `jti` only; an `exp` in milliseconds is one anyway.
fn is_too_long(error: &ClaimError, has_jwt_id: bool) -> bool {
    error.claim() == "exp"
        && match error.problem() {
            ClaimProblem::LifetimeTooLong => true,
            ClaimProblem::LooksLikeMilliseconds => has_jwt_id,
            _ => false,
        }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.answer {
            Answer::Lifetime => "the token lives longer than its id is kept",
            Answer::Replay => "the token was used before",
            Answer::NotAccepted => "the token is not accepted",
            Answer::Unavailable => "the token cannot be checked now",
        })
    }
}

impl core::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.reason)
    }
}
