//! The rules a Claims Set has to keep (RFC 7519 section 4.1, RFC 8725 sections 3.8 to 3.12).

mod check;
mod leeway;
mod parties;

pub(crate) use check::ReplayQuery;
#[cfg(feature = "jwe")]
pub(crate) use check::same_media_type;
pub use leeway::Leeway;
pub use parties::{Audience, Issuer};

use super::claim_aliases::ReadingRules;
use super::registered_claim::RegisteredClaim;
use super::single_use::{NoReplayProtection, SingleUse};
use crate::error::{Error, RuleError};
use crate::limits::Limits;
use crate::numeric_date::NumericDate;
use crate::replay::{ReplayGuard, ReplayId};
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
///     .at(NumericDate::from_seconds(1_466_684_723).unwrap());
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
    max_age: Option<Duration>,
    leeway: Leeway,
    now: Option<NumericDate>,
    pub(super) reading: ReadingRules,
    pub(super) replay: R,
}

/// The lifetime that a token with a `jti` may have at most where replay is refused: 1 hour. It bounds
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
            max_age: None,
            leeway: Leeway::ZERO,
            now: None,
            reading: ReadingRules::DEFAULT,
            replay: NoReplayProtection,
        }
    }

    /// Takes each token once: `jti` is required, the lifetime is at most 1 hour unless
    /// [`max_lifetime`](Self::max_lifetime) says otherwise, and the guard must not know the id.
    ///
    /// The guard is asked last, so nothing but a token that keeps all other rules can use up an id. If
    /// it cannot answer, the token is refused. A [`ReplayGuard`] goes with the plain calls, an
    /// [`AsyncReplayGuard`](crate::AsyncReplayGuard) with those that end in `_async`; the other way
    /// round does not compile.
    ///
    /// ```
    /// use strict_jose::{
    ///     Audience, Claims, Hs256Key, Issuer, MemoryReplayGuard, Validated, Validation, jwt,
    /// };
    /// use std::time::Duration;
    ///
    /// let rules = Validation::new(Issuer::exactly("as"), Audience::includes("api"))
    ///     .single_use(MemoryReplayGuard::with_capacity(100_000));
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
    pub fn single_use<G>(self, guard: G) -> Validation<SingleUse<G>> {
        self.with_replay(SingleUse::new(guard, true))
    }

    /// As [`single_use`](Self::single_use) for tokens that have a `jti`; those without are taken as
    /// often as they come, and their lifetime is not bounded by this rule.
    #[must_use]
    pub fn single_use_if_jti_present<G>(self, guard: G) -> Validation<SingleUse<G>> {
        self.with_replay(SingleUse::new(guard, false))
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
            max_age: self.max_age,
            leeway: self.leeway,
            now: self.now,
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

    /// Tokens that are taken once must have an `iat` after this date by more than the leeway: for a guard
    /// that forgets with its process, so that a restart lets no token through again.
    ///
    /// A token that was used before the date had an `iat` no later than that use and the leeway, or it
    /// was refused as issued in the future; so no token that was used has a later one, whatever its
    /// issuer's clock. What is refused beside them, for a leeway of L seconds:
    ///
    /// - tokens issued before the date and not used, until they expire: their holders need new ones;
    /// - tokens issued in the L seconds after it, in 2 L if the issuer's clock is L behind, and a second
    ///   more where `iat` is cut to whole seconds.
    ///
    /// This process must not allow less leeway than the one before, nor its clock be set back between
    /// the two: either opens the window again by as much.
    ///
    /// ```
    /// use std::time::Duration;
    /// use strict_jose::{
    ///     Audience, Claims, Hs256Key, Issuer, MemoryReplayGuard, Validated, Validation, jwt,
    /// };
    ///
    /// let guard = MemoryReplayGuard::with_capacity(100_000);
    /// let began = guard.created_at()?;
    /// let rules = Validation::new(Issuer::exactly("as"), Audience::includes("api"))
    ///     .single_use(guard)
    ///     .issued_after(began);
    ///
    /// let key = Hs256Key::generate()?;
    /// let claims = Claims::expiring_in(Duration::from_secs(60)).issuer("as").audience("api");
    /// let token = jwt::sign(&claims.issued_at(began).random_jwt_id(), &key)?;
    /// let rejected: Result<Validated, _> = jwt::verify(&token, &key, &rules);
    /// assert_eq!(rejected.unwrap_err().code(), "claim.issued_too_early");
    /// # Ok::<(), strict_jose::Error>(())
    /// ```
    #[must_use]
    pub fn issued_after(mut self, date: NumericDate) -> Self {
        self.replay.set_issued_after(date);
        self
    }

    /// The guard.
    #[must_use]
    pub fn guard(&self) -> &G {
        self.replay.guard()
    }

    /// Gives a token's id back, so that it can be used again: for when the work behind it failed. Call
    /// it once for each use; a second call would give back the next use of the same id.
    ///
    /// # Errors
    ///
    /// [`Error::Replay`] if the guard cannot answer; the id then stays used.
    pub fn release(&self, id: &ReplayId) -> Result<(), Error>
    where
        G: ReplayGuard,
    {
        Ok(self.guard().release(id)?)
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

    /// `exp` may lie at most so far from now and, if there is an `iat`, from that. Leeway never
    /// lengthens it.
    #[must_use]
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = Some(lifetime);
        self
    }

    /// `iat` has to be there and to lie at most so far back. Leeway never lengthens it.
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

    /// Validates as if it were this time, instead of asking the system's clock at every call.
    #[must_use]
    pub fn at(mut self, now: NumericDate) -> Self {
        self.now = Some(now);
        self
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

    /// Takes an `iat` that can only be milliseconds as such: for issuers that write `Date.now()`.
    /// Without it the error is [`LooksLikeMilliseconds`](crate::ClaimProblem::LooksLikeMilliseconds),
    /// as it stays for the other dates.
    ///
    /// Such issuers round some of their dates and not others, so `iat` is then held against the clock
    /// in whole seconds. Lifetimes are still counted exactly.
    #[must_use]
    pub fn accept_milliseconds_in_issued_at(mut self) -> Self {
        self.reading.milliseconds_in_issued_at = true;
        self
    }
}
