//! Why a Claim breaks a rule (RFC 7519 section 4).

use core::fmt;
use std::borrow::Cow;

/// A Claim that breaks a rule: which one, and how.
///
/// Two are equal if claim and problem are: which token it was found in does not count.
#[derive(Debug, Clone)]
pub struct ClaimError {
    claim: Cow<'static, str>,
    problem: ClaimProblem,
    token_has_jwt_id: bool,
}

/// How a Claim breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClaimProblem {
    /// A rule needs it and it is absent.
    Missing,
    /// It has another JSON type than the RFC gives it.
    WrongType,
    /// It is the empty text or the empty array.
    Empty,
    /// It is longer than this crate takes.
    TooLong,
    /// A NumericDate below 0 or after the year 9999, or finer than a nanosecond.
    OutOfRange,
    /// A NumericDate that would be a date of our time if it were milliseconds; it has to be seconds.
    LooksLikeMilliseconds,
    /// It is not what the rule allows.
    Mismatch,
    /// `exp`: the time has come.
    Expired,
    /// `nbf`: the time has not come.
    NotYetValid,
    /// `iat`: lies in the future.
    IssuedInTheFuture,
    /// `exp`: lies too far from now or from `iat`.
    LifetimeTooLong,
    /// `iat`: lies too far back.
    TooOld,
    /// `iat`: may lie before the date that a replay guard knows nothing from.
    IssuedTooEarly,
}

impl ClaimError {
    /// A Claim that breaks a rule of the caller's own, to be reported as the crate's rules are.
    ///
    /// ```
    /// use strict_jose::{ClaimError, ClaimProblem, Error};
    ///
    /// let error = Error::from(ClaimError::new("tenant", ClaimProblem::Mismatch));
    /// assert_eq!(error.to_string(), "claim `tenant` is not the one expected");
    /// ```
    #[must_use]
    pub const fn new(claim: &'static str, problem: ClaimProblem) -> Self {
        Self { claim: Cow::Borrowed(claim), problem, token_has_jwt_id: false }
    }

    pub(crate) fn named(claim: Cow<'static, str>, problem: ClaimProblem) -> Self {
        Self { claim, problem, token_has_jwt_id: false }
    }

    /// The same of a token that has an id, or has none.
    pub(crate) fn of_token(self, token_has_jwt_id: bool) -> Self {
        Self { token_has_jwt_id, ..self }
    }

    /// The Claim's name, as in `exp`; `private claims` for those of the caller's own type.
    #[must_use]
    pub fn claim(&self) -> &str {
        &self.claim
    }

    /// How it breaks the rule.
    #[must_use]
    pub fn problem(&self) -> ClaimProblem {
        self.problem
    }

    /// Whether the token that breaks the rule has a `jti`, or the alias of it, that is a string: some
    /// systems answer differently then. False if the problem was not found in a token.
    ///
    /// A signed token's signature has been verified by then; one that was only decrypted may be anyone's.
    ///
    /// ```
    /// use std::time::Duration;
    /// use strict_jose::{Audience, Claims, Error, Hs256Key, Issuer, Validated, Validation, jwt};
    ///
    /// let key = Hs256Key::generate()?;
    /// let claims = Claims::expiring_in(Duration::from_secs(300)).issuer("as").audience("api");
    /// let token = jwt::sign(&claims.jwt_id("1"), &key)?;
    /// let rules = Validation::new(Issuer::exactly("as"), Audience::includes("another api"));
    /// let rejected: Result<Validated, _> = jwt::verify(&token, &key, &rules);
    /// let Err(Error::Claim(error)) = rejected else {
    ///     panic!("meant for another");
    /// };
    /// assert!(error.token_has_jwt_id());
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn token_has_jwt_id(&self) -> bool {
        self.token_has_jwt_id
    }

    /// A stable, machine-readable name for the problem.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.problem {
            ClaimProblem::Missing => "claim.missing",
            ClaimProblem::WrongType => "claim.wrong_type",
            ClaimProblem::Empty => "claim.empty",
            ClaimProblem::TooLong => "claim.too_long",
            ClaimProblem::OutOfRange => "claim.out_of_range",
            ClaimProblem::LooksLikeMilliseconds => "claim.milliseconds",
            ClaimProblem::Mismatch => "claim.mismatch",
            ClaimProblem::Expired => "claim.expired",
            ClaimProblem::NotYetValid => "claim.not_yet_valid",
            ClaimProblem::IssuedInTheFuture => "claim.issued_in_the_future",
            ClaimProblem::LifetimeTooLong => "claim.lifetime_too_long",
            ClaimProblem::TooOld => "claim.too_old",
            ClaimProblem::IssuedTooEarly => "claim.issued_too_early",
        }
    }
}

// An error that a caller makes, to compare one with, is of no token.
impl PartialEq for ClaimError {
    fn eq(&self, other: &Self) -> bool {
        (&self.claim, self.problem) == (&other.claim, other.problem)
    }
}

impl Eq for ClaimError {}

impl fmt::Display for ClaimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "claim `{}` ", self.claim)?;
        f.write_str(match self.problem {
            ClaimProblem::Missing => "is missing",
            ClaimProblem::WrongType => "has the wrong type",
            ClaimProblem::Empty => "is empty",
            ClaimProblem::TooLong => "is too long",
            ClaimProblem::OutOfRange => "is out of range",
            ClaimProblem::LooksLikeMilliseconds => "looks like milliseconds, seconds expected",
            ClaimProblem::Mismatch => "is not the one expected",
            ClaimProblem::Expired => "has expired",
            ClaimProblem::NotYetValid => "has not come yet",
            ClaimProblem::IssuedInTheFuture => "lies in the future",
            ClaimProblem::LifetimeTooLong => "lies too far ahead",
            ClaimProblem::TooOld => "lies too far back",
            ClaimProblem::IssuedTooEarly => "lies before the replay guard began",
        })
    }
}

impl core::error::Error for ClaimError {}

/// Why a rule could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RuleError {
    /// A list of permitted values without any: it would refuse everything, or be taken for "any".
    EmptyList,
    /// A leeway above five minutes.
    LeewayTooLong,
    /// An alias that already stands for another claim, is a registered name, or is empty.
    AliasTaken,
}

impl RuleError {
    /// A stable, machine-readable name for the failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::EmptyList => "rule.empty_list",
            Self::LeewayTooLong => "rule.leeway_too_long",
            Self::AliasTaken => "rule.alias_taken",
        }
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EmptyList => "the list of permitted values is empty",
            Self::LeewayTooLong => "the leeway is longer than 300 seconds",
            Self::AliasTaken => "the alias already names a claim",
        })
    }
}

impl core::error::Error for RuleError {}
