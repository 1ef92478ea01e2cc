//! A token that keeps every rule but replay, and the step that uses it up (RFC 7519 section 4.1.7).

use super::received::RegisteredClaims;
use super::registered_claim::RegisteredClaim;
use super::validated::{Checked, Validated};
use crate::error::{ClaimProblem, Error, ReplayError};
use crate::numeric_date::{Clock, NumericDate};
use crate::replay::{AsyncReplayGuard, Inserted, Insertion, ReplayGuard, ReplayId, Reservation};
use core::fmt;
use std::sync::Arc;

/// A token that keeps every rule but replay: nothing is used up yet.
///
/// Rules of your own run here: a tenant in the path, an origin, a session that was ended. What they reject
/// uses nothing up. Then [`spend`](Self::spend) uses the token.
///
/// Every call takes it and gives it back. Nothing of it can be had by reference, so that the compiler warns
/// of one that is never spent, as of any unused variable.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use std::time::Duration;
/// use strict_jose::{
///     AfterRestart, Audience, Claims, Error, Hs256Key, Issuer, MemoryReplayGuard, NumericDate, Validation,
///     jwt,
/// };
///
/// #[derive(Serialize, Deserialize)]
/// struct Tenant {
///     tenant: String,
/// }
///
/// #[derive(Debug, PartialEq)]
/// enum Rejected {
///     Token(Error),
///     OtherTenant,
/// }
/// # impl From<Error> for Rejected {
/// #     fn from(error: Error) -> Self {
/// #         Self::Token(error)
/// #     }
/// # }
///
/// # fn main() -> Result<(), Rejected> {
/// let guard = MemoryReplayGuard::with_capacity(100_000); // once for the whole process
/// // When the last process before this one stopped: `guard.created_at()?`, if it had by then.
/// # let stopped = NumericDate::from_seconds(1_790_000_000).unwrap();
/// let rules = Validation::new(Issuer::exactly("as"), Audience::includes("api"))
///     .single_use(&guard, AfterRestart::only_issued_after(stopped));
///
/// let key = Hs256Key::generate().map_err(Error::from)?;
/// let claims = Claims::expiring_in(Duration::from_secs(60)).issuer("as").audience("api");
/// let claims = claims.random_jwt_id().private(Tenant { tenant: "acme".into() });
/// let token = jwt::sign(&claims, &key)?;
///
/// let open = |tenant: &str| -> Result<Tenant, Rejected> {
///     let reservation = jwt::check::<Tenant, _>(&token, &key, &rules)?
///         .require(|claims| match claims.private().tenant == tenant {
///             true => Ok(()),
///             false => Err(Rejected::OtherTenant),
///         })?
///         .spend()?;
///     Ok(reservation.commit().into_private())
/// };
/// assert_eq!(open("other").err(), Some(Rejected::OtherTenant)); // used nothing up
/// assert!(open("acme").is_ok());
/// assert_eq!(open("acme").err(), Some(Rejected::Token(Error::Replayed)));
/// # Ok(())
/// # }
/// ```
#[must_use = "the token is not used up before `spend`; to drop it is to reject it"]
pub struct Unspent<T, G> {
    claims: Checked<T>,
    pending: Pending,
    guard: G,
}

/// What is left to be checked when a token is used.
#[derive(Debug)]
pub(crate) struct Pending {
    /// From when on the token is no longer valid, and by which claim.
    pub(crate) valid_until: Option<(NumericDate, RegisteredClaim)>,
    pub(crate) now: NumericDate,
    pub(crate) clock: Clock,
    /// Of a token that is accepted once.
    pub(crate) id: Option<PendingId>,
}

/// What the guard is to be asked, beside the claims.
#[derive(Debug)]
pub(crate) struct PendingId {
    pub(crate) scope: Arc<str>,
    pub(crate) keep_until: NumericDate,
}

impl PendingId {
    /// The id, of claims that the rules have required to have one.
    fn of<'p>(&'p self, claims: &'p RegisteredClaims) -> ReplayId<'p> {
        let issuer = claims.issuer.as_deref().unwrap_or_default();
        ReplayId::new(issuer, &self.scope, claims.jwt_id.as_deref().unwrap_or_default())
    }
}

impl Pending {
    /// Reads the clock again. Meanwhile the token may have expired, and its id have come and gone.
    fn check_time(&mut self, claims: &RegisteredClaims) -> Result<(), Error> {
        let Some((end, claim)) = self.valid_until else { return Ok(()) };
        self.now = self.now.max(self.clock.now()?);
        if self.now < end {
            return Ok(());
        }
        let problem = match claim {
            RegisteredClaim::IssuedAt => ClaimProblem::TooOld,
            _ => ClaimProblem::Expired,
        };
        Err(claims.broken(claim, problem).of_token(claims.has_jwt_id()))
    }
}

/// Only an id that was not there before is accepted.
fn accept(answer: Insertion) -> Result<(), Error> {
    match answer {
        Insertion::Inserted => Ok(()),
        Insertion::AlreadyPresent => Err(Error::Replayed),
    }
}

impl<T> Unspent<T, ()> {
    pub(super) fn new(claims: Checked<T>, pending: Pending) -> Self {
        Self { claims, pending, guard: () }
    }

    pub(super) fn guarded_by<G>(self, guard: G) -> Unspent<T, G> {
        let Self { claims, pending, .. } = self;
        Unspent { claims, pending, guard }
    }

    /// For rules that accept a token as often as it comes, and so ask nothing. None of them makes an id pending.
    pub(super) fn unguarded(self) -> Result<Validated<T>, Error> {
        match self.pending.id {
            None => Ok(self.claims.into_validated()),
            Some(_) => Err(ReplayError::UNAVAILABLE.into()),
        }
    }
}

impl<T, G> Unspent<T, G> {
    /// A rule of your own over the claims. What it rejects uses nothing up.
    ///
    /// # Errors
    ///
    /// The error of the rule.
    pub fn require<E>(self, rule: impl FnOnce(&Checked<T>) -> Result<(), E>) -> Result<Self, E> {
        rule(&self.claims)?;
        Ok(self)
    }

    /// Async version of [`require`](Self::require), as for a rule that asks a store.
    ///
    /// # Errors
    ///
    /// The error of the rule.
    pub async fn require_async<E>(
        self,
        rule: impl AsyncFnOnce(&Checked<T>) -> Result<(), E>,
    ) -> Result<Self, E> {
        rule(&self.claims).await?;
        Ok(self)
    }

    /// [`require`](Self::require) for a rule that finds something out.
    ///
    /// # Errors
    ///
    /// The error of the rule.
    pub fn examine<F, E>(
        self,
        rule: impl FnOnce(&Checked<T>) -> Result<F, E>,
    ) -> Result<(Self, F), E> {
        let found = rule(&self.claims)?;
        Ok((self, found))
    }

    /// Names the place at which the token is used by what was verified, instead of the rules' scope. Take
    /// nothing of the request into it: who chooses the scope chooses how often a token is accepted.
    pub fn scope_by(mut self, scope: impl FnOnce(&Checked<T>) -> String) -> Self {
        if let Some(id) = &mut self.pending.id {
            id.scope = scope(&self.claims).into();
        }
        self
    }

    fn into_reservation(self) -> Reservation<Validated<T>, G> {
        let Self { claims, pending, guard } = self;
        let Pending { clock, id, .. } = pending;
        let inserted = id.map(|id| {
            let keep_until = id.keep_until;
            Inserted { id: id.of(claims.registered()).into_owned(), keep_until, clock }
        });
        Reservation::new(claims.into_validated(), inserted, guard)
    }
}

impl<T, G: ReplayGuard> Unspent<T, G> {
    /// Uses the token up: reads the clock again, then has the guard insert the id in one atomic step. A token
    /// without `jti`, where the rules accept one, is not asked about.
    ///
    /// # Errors
    ///
    /// [`Error::Claim`] if the token has expired since it was checked; [`Error::Replayed`];
    /// [`Error::Replay`] if the guard is full or cannot answer.
    pub fn spend(mut self) -> Result<Reservation<Validated<T>, G>, Error> {
        self.pending.check_time(self.claims.registered())?;
        self.insert()?;
        Ok(self.into_reservation())
    }

    /// All steps in one, by the time of the check.
    pub(super) fn spend_and_commit(self) -> Result<Validated<T>, Error> {
        self.insert()?;
        Ok(self.claims.into_validated())
    }

    fn insert(&self) -> Result<(), Error> {
        let Pending { id: Some(id), now, .. } = &self.pending else { return Ok(()) };
        let replay_id = id.of(self.claims.registered());
        accept(self.guard.insert_if_absent(&replay_id, id.keep_until, *now)?)
    }
}

impl<T, G: AsyncReplayGuard> Unspent<T, G> {
    /// Async version of [`spend`](Self::spend). Dropping the future may leave the token used.
    ///
    /// # Errors
    ///
    /// As [`spend`](Self::spend).
    pub async fn spend_async(mut self) -> Result<Reservation<Validated<T>, G>, Error> {
        self.pending.check_time(self.claims.registered())?;
        let Self { claims, pending, guard } = self;
        insert_async(claims.registered(), &pending, &guard).await?;
        Ok(Self { claims, pending, guard }.into_reservation())
    }

    pub(super) async fn spend_and_commit_async(self) -> Result<Validated<T>, Error> {
        let Self { claims, pending, guard } = self;
        insert_async(claims.registered(), &pending, &guard).await?;
        Ok(claims.into_validated())
    }
}

async fn insert_async<G: AsyncReplayGuard>(
    claims: &RegisteredClaims,
    pending: &Pending,
    guard: &G,
) -> Result<(), Error> {
    let Pending { id: Some(id), now, .. } = pending else { return Ok(()) };
    let replay_id = id.of(claims);
    accept(guard.insert_if_absent(&replay_id, id.keep_until, *now).await?)
}

impl<T, G> fmt::Debug for Unspent<T, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unspent(<redacted>)")
    }
}
