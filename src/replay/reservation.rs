//! A token that is used up, and the work behind it that is still to be done.

use super::guard::{AsyncReplayGuard, ReplayGuard, ReplayId, SharedGuard};
use crate::error::ReplayError;
use crate::numeric_date::{Clock, NumericDate};
use core::fmt;

/// A token that is used up, whose work is still to be done.
///
/// Dropping it, a panic or a cancelled future leaves the token used. Only [`unspend`](Self::unspend) and work
/// that fails inside [`settle`](Self::settle) give it back, so that its sender can use it again.
///
/// ```
/// use std::time::Duration;
/// use strict_jose::{
///     AfterRestart, Audience, Claims, Hs256Key, Issuer, MemoryReplayGuard, NumericDate, Validation, jwt,
/// };
///
/// let guard = MemoryReplayGuard::with_capacity(100_000); // once for the whole process
/// // When the last process before this one stopped: `guard.created_at()?`, if it had by then.
/// # let stopped = NumericDate::from_seconds(1_790_000_000).unwrap();
/// let rules = Validation::new(Issuer::exactly("as"), Audience::includes("api"))
///     .single_use(&guard, AfterRestart::only_issued_after(stopped));
///
/// let key = Hs256Key::generate()?;
/// let claims = Claims::expiring_in(Duration::from_secs(60)).issuer("as").audience("api").subject("alice");
/// let token = jwt::sign(&claims.random_jwt_id(), &key)?;
///
/// let unspent = jwt::check::<strict_jose::NoPrivateClaims, _>(&token, &key, &rules)?;
/// let failed: Result<(), _> = unspent.spend()?.settle(|_claims| Err("the room is full"));
/// assert_eq!(failed, Err("the room is full")); // so the token can be used again
///
/// let unspent = jwt::check::<strict_jose::NoPrivateClaims, _>(&token, &key, &rules)?;
/// let claims = unspent.spend()?.commit();
/// assert_eq!(claims.subject(), Some("alice"));
/// # Ok::<(), strict_jose::Error>(())
/// ```
#[must_use = "the token is used up: `settle` it with its work, `commit` it, or `unspend` it"]
pub struct Reservation<V, G> {
    value: V,
    inserted: Option<Inserted>,
    guard: G,
}

/// What the guard knows of the token.
pub(crate) struct Inserted {
    pub(crate) id: ReplayId<'static>,
    pub(crate) keep_until: NumericDate,
    pub(crate) clock: Clock,
}

impl Inserted {
    /// The id, unless its time has passed: the guard has then let go of it, and may know it again by another
    /// token.
    fn to_give_back(&self) -> Option<&ReplayId<'static>> {
        let has_passed = self.clock.now().is_ok_and(|now| self.keep_until <= now);
        (!has_passed).then_some(&self.id)
    }
}

impl<V, G> Reservation<V, G> {
    pub(crate) fn new(value: V, inserted: Option<Inserted>, guard: G) -> Self {
        Self { value, inserted, guard }
    }

    /// What the token stands for.
    #[must_use]
    pub fn claims(&self) -> &V {
        &self.value
    }

    /// Hands out what the token stands for; the token stays used.
    #[allow(clippy::must_use_candidate, reason = "work that needs no claims commits all the same")]
    pub fn commit(self) -> V {
        self.value
    }

    /// The same reservation of something else that is made of the claims.
    pub fn map<U>(self, make: impl FnOnce(V) -> U) -> Reservation<U, G> {
        let Self { value, inserted, guard } = self;
        Reservation { value: make(value), inserted, guard }
    }
}

impl<V, G: SharedGuard> Reservation<V, &G> {
    /// The reservation with its own pointer to the guard, an [`Arc`](std::sync::Arc): for work that
    /// goes on elsewhere, as that behind a WebSocket's upgrade.
    pub fn into_owned(self) -> Reservation<V, G> {
        let Self { value, inserted, guard } = self;
        Reservation { value, inserted, guard: guard.clone() }
    }
}

impl<V, G: ReplayGuard> Reservation<V, G> {
    /// Gives the token back, so that it can be used again: for work that was certainly not done. After the token
    /// has expired there is nothing to give back.
    ///
    /// # Errors
    ///
    /// A [`ReplayError`] if the guard cannot answer; the token then stays used.
    pub fn unspend(self) -> Result<(), ReplayError> {
        let id = self.inserted.as_ref().and_then(Inserted::to_give_back);
        id.map_or(Ok(()), |id| self.guard.release(id))
    }

    /// Does the work: `Ok` leaves the token used, `Err` gives it back, a panic leaves it used.
    ///
    /// `Err` has to mean that nothing was done. Work that may have been done is `Ok`, with the doubt inside.
    /// If the guard cannot give the token back, it stays used; [`unspend`](Self::unspend) would say so.
    ///
    /// # Errors
    ///
    /// The error of the work.
    pub fn settle<R, E>(self, work: impl FnOnce(&V) -> Result<R, E>) -> Result<R, E> {
        let done = work(&self.value);
        if done.is_err() {
            self.unspend().ok(); // rejecting once too often is the safe side
        }
        done
    }
}

impl<V, G: AsyncReplayGuard> Reservation<V, G> {
    /// Async version of [`unspend`](Self::unspend).
    ///
    /// # Errors
    ///
    /// As [`unspend`](Self::unspend).
    pub async fn unspend_async(self) -> Result<(), ReplayError> {
        match self.inserted.as_ref().and_then(Inserted::to_give_back) {
            Some(id) => self.guard.release(id).await,
            None => Ok(()),
        }
    }

    /// Async version of [`settle`](Self::settle). Dropping the future leaves the token used, however far the
    /// work has come: spawn what must not stop half-way.
    ///
    /// # Errors
    ///
    /// The error of the work.
    pub async fn settle_async<R, E>(
        self,
        work: impl AsyncFnOnce(&V) -> Result<R, E>,
    ) -> Result<R, E> {
        let done = work(&self.value).await;
        if done.is_err() {
            self.unspend_async().await.ok();
        }
        done
    }
}

impl<V, G> fmt::Debug for Reservation<V, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reservation(<redacted>)")
    }
}
