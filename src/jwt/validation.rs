//! The rules a Claims Set has to keep (RFC 7519 section 4.1, RFC 8725 sections 3.8 to 3.12).

mod check;
mod leeway;
mod parties;

#[cfg(feature = "jwe")]
pub(crate) use check::same_media_type;
pub use leeway::Leeway;
pub use parties::{Audience, Issuer};

use super::claim_aliases::ReadingRules;
use super::registered_claim::RegisteredClaim;
use super::single_use::{NoReplayProtection, SingleUse};
use crate::error::RuleError;
use crate::limits::Limits;
use crate::numeric_date::{Clock, NumericDate};
use crate::replay::AfterRestart;
use core::time::Duration;
use std::borrow::Cow;

/// The rules for a token's claims. Every rule that is named makes its claim required.
///
/// Always checked: `exp` is there and has not come, `nbf` has come, `iat` is not in the future, `exp`
/// is after `iat`, and every registered claim has its type.
///
/// ```
/// use strict_jose::{Audience, Issuer, Leeway, NumericDate, Validation};
/// use std::time::Duration;
///
/// let rules = Validation::new(Issuer::exactly("https://as.example"), Audience::includes("api"))
///     .subject("alice")
///     .typ("at+jwt")
///     .max_lifetime(Duration::from_secs(600))
///     .leeway(Leeway::new(Duration::from_secs(30))?)
///     .at_fixed_time(NumericDate::from_seconds(1_466_684_723).unwrap());
/// # Ok::<(), strict_jose::RuleError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Validation<R = NoReplayProtection> {
    issuer: Issuer,
    audience: Audience,
    subject: Option<String>,
    typ: Option<String>,
    required: Vec<RegisteredClaim>,
    expiration_required: bool,
    max_lifetime: Option<Duration>,
    issued_at_optional: bool,
    max_age: Option<Duration>,
    leeway: Leeway,
    clock: Clock,
    pub(super) reading: ReadingRules,
    pub(super) replay: R,
}

/// The lifetime that a token with a `jti` may have at most under single use: 1 hour. It bounds
/// how long the guard has to remember an id.
const REPLAY_LIFETIME: Duration = Duration::from_secs(3600);

impl Validation {
    /// The rules that always hold, for tokens from this issuer and for this audience.
    #[must_use]
    pub fn new(issuer: Issuer, audience: Audience) -> Self {
        Self {
            issuer,
            audience,
            subject: None,
            typ: None,
            required: Vec::new(),
            expiration_required: true,
            max_lifetime: None,
            issued_at_optional: false,
            max_age: None,
            leeway: Leeway::ZERO,
            clock: Clock::SYSTEM,
            reading: ReadingRules::DEFAULT,
            replay: NoReplayProtection,
        }
    }

    /// Accepts each token once: `jti` is required, the lifetime is at most 1 hour unless
    /// [`max_lifetime`](Self::max_lifetime) says otherwise, and the guard must not know the id.
    ///
    /// The guard is asked last, so nothing but a token that keeps all other rules can use up an id. If it
    /// cannot answer, the token is rejected. A [`ReplayGuard`](crate::ReplayGuard) goes with the plain calls,
    /// an [`AsyncReplayGuard`](crate::AsyncReplayGuard) with those that end in `_async`; the other way round
    /// does not compile. [`AfterRestart`] says what a restart of the process does.
    ///
    /// Make guard and rules once for the process, not for each request: a new guard knows of no token.
    ///
    /// ```
    /// use strict_jose::{
    ///     AfterRestart, Audience, Claims, Hs256Key, Issuer, MemoryReplayGuard, NumericDate, Validated,
    ///     Validation, jwt,
    /// };
    /// use std::time::Duration;
    ///
    /// // When the last process before this one stopped: `guard.created_at()?`, if it had by then.
    /// # let stopped = NumericDate::from_seconds(1_790_000_000).unwrap();
    /// let rules = Validation::new(Issuer::exactly("as"), Audience::includes("api")).single_use(
    ///     MemoryReplayGuard::with_capacity(100_000),
    ///     AfterRestart::only_issued_after(stopped),
    /// );
    ///
    /// let key = Hs256Key::generate()?;
    /// let claims = Claims::expiring_in(Duration::from_secs(60)).issuer("as").audience("api");
    /// let token = jwt::sign(&claims.random_jwt_id(), &key)?;
    /// let accepted: Validated = jwt::verify(&token, &key, &rules)?;
    /// let rejected: Result<Validated, _> = jwt::verify(&token, &key, &rules);
    /// assert_eq!(rejected.unwrap_err().code(), "replay.replayed");
    /// # Ok::<(), strict_jose::Error>(())
    /// ```
    #[must_use]
    pub fn single_use<G>(self, guard: G, restart: AfterRestart<G>) -> Validation<SingleUse<G>> {
        self.with_replay(SingleUse::new(guard, restart, true))
    }

    /// As [`single_use`](Self::single_use) for tokens that have a `jti`. Those without are accepted as
    /// often as they come, and this rule bounds neither their lifetime nor their `iat`.
    #[must_use]
    pub fn single_use_if_jti_present<G>(
        self,
        guard: G,
        restart: AfterRestart<G>,
    ) -> Validation<SingleUse<G>> {
        self.with_replay(SingleUse::new(guard, restart, false))
    }

    fn with_replay<R>(self, replay: R) -> Validation<R> {
        Validation {
            issuer: self.issuer,
            audience: self.audience,
            subject: self.subject,
            typ: self.typ,
            required: self.required,
            expiration_required: self.expiration_required,
            max_lifetime: self.max_lifetime,
            issued_at_optional: self.issued_at_optional,
            max_age: self.max_age,
            leeway: self.leeway,
            clock: self.clock,
            reading: self.reading,
            replay,
        }
    }
}

impl<G> Validation<SingleUse<G>> {
    /// Names the place at which the token is used: each scope takes it once.
    #[must_use]
    pub fn replay_scope(mut self, scope: impl Into<String>) -> Self {
        self.replay.set_scope(scope.into());
        self
    }

    /// The guard.
    #[must_use]
    pub fn guard(&self) -> &G {
        self.replay.guard()
    }
}

impl<R> Validation<R> {
    /// `sub` has to be this, octet for octet.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The header's `typ` has to be this media type: in any case of its letters, with or without
    /// `application/` (RFC 8725 section 3.11). For a nested token it is the inner header's.
    #[must_use]
    pub fn typ(mut self, typ: impl Into<String>) -> Self {
        self.typ = Some(typ.into());
        self
    }

    /// `sub` has to be there and not empty.
    #[must_use]
    pub fn require_subject(mut self) -> Self {
        self.required.push(RegisteredClaim::Subject);
        self
    }

    /// `jti` has to be there and not empty.
    #[must_use]
    pub fn require_jwt_id(mut self) -> Self {
        self.required.push(RegisteredClaim::JwtId);
        self
    }

    /// `nbf` has to be there.
    #[must_use]
    pub fn require_not_before(mut self) -> Self {
        self.required.push(RegisteredClaim::NotBefore);
        self
    }

    /// `iat` has to be there.
    #[must_use]
    pub fn require_issued_at(mut self) -> Self {
        self.required.push(RegisteredClaim::IssuedAt);
        self
    }

    /// Takes tokens that have no `exp`, if no other rule needs it. One that is there is honoured.
    #[must_use]
    pub fn without_expiration(mut self) -> Self {
        self.expiration_required = false;
        self
    }

    /// `exp` may lie at most so far from `iat`, which has to be there unless
    /// [`without_issued_at`](Self::without_issued_at) says otherwise. Leeway does not lengthen it.
    #[must_use]
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = Some(lifetime);
        self
    }

    /// Accepts tokens without `iat` beside [`max_lifetime`](Self::max_lifetime): their `exp` may then lie at
    /// most so far from now, with the leeway. That does not bound the life of a token that was issued long
    /// ago and used late.
    #[must_use]
    pub fn without_issued_at(mut self) -> Self {
        self.issued_at_optional = true;
        self
    }

    /// `iat` has to be there, and from so long after it on the token is rejected. Leeway does not lengthen it.
    ///
    /// Beside [`without_expiration`](Self::without_expiration) it bounds how long a guard keeps an id, as for
    /// logout tokens and security events, which have no `exp`.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// How far the issuer's clock may be off, for `exp`, `nbf` and `iat`: by default not at all.
    #[must_use]
    pub fn leeway(mut self, leeway: Leeway) -> Self {
        self.leeway = leeway;
        self
    }

    /// Takes the time from this clock instead of the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Validates as if it were this time, at every call: for one call, and for tests. Rules that are kept
    /// let no token expire; give them a [`clock`](Self::clock) instead.
    #[must_use]
    pub fn at_fixed_time(self, now: NumericDate) -> Self {
        self.clock(Clock::fixed(now))
    }

    /// Limits other than the default ones.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.reading.limits = limits;
        self
    }

    /// Takes a member of another name in place of the registered claim: where the token has both, the
    /// alias wins; where it has the alias alone, that is the claim. A claim has one alias at most.
    ///
    /// The alias is typed and checked as the registered claim is, names it in errors, and is not seen
    /// by the type of the private claims. [`TrustedIssuers`](crate::TrustedIssuers) pick the key by the
    /// alias of `iss` too.
    ///
    /// ```
    /// use strict_jose::{Audience, Hs256Key, Issuer, RegisteredClaim, Validated};
    /// use strict_jose::{Validation, jws, jwt};
    ///
    /// let key = Hs256Key::generate()?;
    /// let payload = br#"{"sub":"an identity provider's","app_sub":"alice"}"#;
    /// let rules = Validation::new(Issuer::unchecked(), Audience::unchecked())
    ///     .claim_alias(RegisteredClaim::Subject, "app_sub")?
    ///     .without_expiration();
    /// let claims: Validated = jwt::verify(&jws::sign(payload, &key)?, &key, &rules)?;
    /// assert_eq!(claims.subject(), Some("alice"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RuleError::AliasTaken`] for a registered name, for another claim's alias, and for none.
    pub fn claim_alias(
        mut self,
        claim: RegisteredClaim,
        alias: impl Into<Cow<'static, str>>,
    ) -> Result<Self, RuleError> {
        self.reading.aliases.add(claim, alias.into())?;
        Ok(self)
    }

    /// Accepts an `exp`, `nbf` or `iat` that can only be milliseconds as such: for issuers that write `Date.now()`.
    /// Without it the error is [`LooksLikeMilliseconds`](crate::ClaimProblem::LooksLikeMilliseconds).
    ///
    /// No date has two readings: as seconds such a number would be past the year 9999, which no date may be.
    ///
    /// Such issuers round some of their dates and not others, so `iat` is then held against the clock
    /// in whole seconds. Lifetimes are still counted exactly.
    #[must_use]
    pub fn accept_milliseconds(mut self) -> Self {
        self.reading.milliseconds = true;
        self
    }
}
