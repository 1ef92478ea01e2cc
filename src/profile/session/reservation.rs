//! A token's id taken, and given back unless the work behind the token succeeds.

use super::refusal::{Reason, Refusal};
use super::verifier::Session;
use crate::profile::held::Held;
use crate::{AsyncReplayGuard, Error, ReplayError, ReplayGuard, ReplayId};
use core::fmt;
use std::sync::Arc;

/// An accepted token whose work is still to be done: commit it then. Dropped before, it gives the
/// token's id back, and the client may send the same token again.
///
/// ```
/// use std::time::Duration;
/// use strict_jose::{Hs256Key, KeySet, MemoryReplayGuard, profile::session};
///
/// let policy = session::Policy::new(session::Parties::unchecked(), Duration::from_secs(60))
///     .requiring_source()
///     .bound_to_page_key()
///     .single_use();
/// let key = Hs256Key::generate()?.with_key_id("pk_live_1")?;
/// let service = session::TokenService::hs256(policy.clone(), key.clone());
/// let site = "https://www.bank.example";
/// let token = service.issue(&session::Ticket::new("chat-1").source(site))?;
///
/// let guard = MemoryReplayGuard::with_capacity(100_000);
/// let verifier = session::Verifier::new(policy, KeySet::new([key])?, guard);
/// let request = session::Request::new().origin(site).page_key("pk_live_1");
/// let reservation = verifier.reserve(&token, &request)?;
/// drop(reservation); // the connection was lost before the upgrade
/// let session = verifier.reserve(&token, &request)?.commit();
/// assert_eq!(session.session_id(), "chat-1");
/// assert_eq!(verifier.accept(&token, &request).unwrap_err().status(), 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "dropping it gives the token's id back"]
pub struct Reservation<G: ReplayGuard> {
    session: Session,
    held: Held<G>,
    answer: Arc<str>,
}

impl<G: ReplayGuard> Reservation<G> {
    pub(super) fn new(session: Session, held: Held<G>, answer: Arc<str>) -> Self {
        Self { session, held, answer }
    }

    /// The session that the token is for.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The work is done: the token stays used.
    #[must_use]
    pub fn commit(self) -> Session {
        self.held.keep();
        self.session
    }

    /// The work failed: the token can be used again. Dropping the reservation does the same and hides
    /// what the guard answers.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with status 503 if the guard cannot answer; the token then stays used.
    pub fn release(self) -> Result<(), Refusal> {
        self.held.release().map_err(|error| unreleased(error, &self.answer))
    }
}

impl<G: ReplayGuard> fmt::Debug for Reservation<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reservation(<redacted>)")
    }
}

/// The [`Reservation`] of a guard that answers later. Dropping cannot wait for it, so a token that is
/// neither committed nor released stays used.
#[must_use = "dropping it leaves the token used"]
pub struct AsyncReservation<G> {
    session: Session,
    guard: G,
    id: Option<ReplayId>,
    answer: Arc<str>,
}

impl<G: AsyncReplayGuard> AsyncReservation<G> {
    pub(super) fn new(session: Session, guard: G, id: Option<ReplayId>, answer: Arc<str>) -> Self {
        Self { session, guard, id, answer }
    }

    /// The session that the token is for.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The work is done: the token stays used.
    #[must_use]
    pub fn commit(self) -> Session {
        self.session
    }

    /// The work failed: the token can be used again.
    ///
    /// # Errors
    ///
    /// As [`Reservation::release`].
    pub async fn release(self) -> Result<(), Refusal> {
        match &self.id {
            Some(id) => {
                self.guard.release(id).await.map_err(|error| unreleased(error, &self.answer))
            }
            None => Ok(()),
        }
    }
}

impl<G> fmt::Debug for AsyncReservation<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsyncReservation(<redacted>)")
    }
}

fn unreleased(error: ReplayError, answer: &Arc<str>) -> Refusal {
    Refusal::new(Reason::Token(Error::Replay(error)), answer)
}
