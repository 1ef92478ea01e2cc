//! A token's id taken, and given back unless the work behind the token succeeds.

use super::identity::Identity;
use super::refusal::Refusal;
use crate::profile::held::Held;
use crate::{AsyncReplayGuard, ReplayGuard};
use core::fmt;

/// An accepted token whose work is still to be done: commit it then. Dropped before, it gives the
/// token's id back, and the client may send the same token again.
///
/// ```
/// use strict_jose::{Hs256Key, MemoryReplayGuard, NoPrivateClaims, profile::kore};
///
/// let key = Hs256Key::generate()?;
/// let app = kore::App::hs256("cs-1", key.clone());
/// let platform = kore::Platform::new(MemoryReplayGuard::with_capacity(1_000)).register(app);
/// let token = kore::TokenService::hs256("cs-1", key)?.issue(&kore::User::new("john"))?;
///
/// let reservation: kore::Reservation<NoPrivateClaims, _> =
///     platform.reserve(&token, "grant")?;
/// drop(reservation); // no session could be opened
/// let identity = platform.reserve(&token, "grant")?.commit();
/// let identity: kore::Identity = identity;
/// assert_eq!(identity.subject(), "john");
/// assert_eq!(platform.accept::<NoPrivateClaims>(&token, "grant").unwrap_err().status(), 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "dropping it gives the token's id back"]
pub struct Reservation<T, G: ReplayGuard> {
    identity: Identity<T>,
    held: Held<G>,
}

impl<T, G: ReplayGuard> Reservation<T, G> {
    pub(super) fn new(identity: Identity<T>, guard: G) -> Self {
        let id = identity.claims().replay_id().cloned();
        Self { identity, held: Held::new(guard, id) }
    }

    /// Who the token stands for.
    #[must_use]
    pub fn identity(&self) -> &Identity<T> {
        &self.identity
    }

    /// The work is done: the token stays used.
    #[must_use]
    pub fn commit(self) -> Identity<T> {
        self.held.keep();
        self.identity
    }

    /// The work failed: the token can be used again. Dropping the reservation does the same and hides
    /// what the guard answers.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with status 503 if the guard cannot answer; the token then stays used.
    pub fn release(self) -> Result<(), Refusal> {
        self.held.release().map_err(|error| Refusal::new(error.into(), true))
    }
}

impl<T, G: ReplayGuard> fmt::Debug for Reservation<T, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reservation(<redacted>)")
    }
}

/// The [`Reservation`] of a guard that answers later. Dropping cannot wait for it, so a token that is
/// neither committed nor released stays used.
#[must_use = "dropping it leaves the token used"]
pub struct AsyncReservation<T, G> {
    identity: Identity<T>,
    guard: G,
}

impl<T, G: AsyncReplayGuard> AsyncReservation<T, G> {
    pub(super) fn new(identity: Identity<T>, guard: G) -> Self {
        Self { identity, guard }
    }

    /// Who the token stands for.
    #[must_use]
    pub fn identity(&self) -> &Identity<T> {
        &self.identity
    }

    /// The work is done: the token stays used.
    #[must_use]
    pub fn commit(self) -> Identity<T> {
        self.identity
    }

    /// The work failed: the token can be used again.
    ///
    /// # Errors
    ///
    /// As [`Reservation::release`].
    pub async fn release(self) -> Result<(), Refusal> {
        match self.identity.claims().replay_id() {
            Some(id) => {
                self.guard.release(id).await.map_err(|error| Refusal::new(error.into(), true))
            }
            None => Ok(()),
        }
    }
}

impl<T, G> fmt::Debug for AsyncReservation<T, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsyncReservation(<redacted>)")
    }
}
