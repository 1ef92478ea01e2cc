//! The service's side: a token and where it came from go in, a session comes out.

use super::binding::{check_address, check_origins, check_source};
use super::ended::{AsyncEndedSessions, EndedSessions, NoEndedSessions};
use super::policy::Policy;
use super::refusal::{Reason, Refusal};
use super::request::Request;
use super::reservation::{AsyncReservation, Reservation};
use super::subject::is_opaque;
use super::{NETWORKS, ORIGINS, SESSION_ID, SOURCE, check_session_id};
use crate::profile::held::{Held, inserted};
use crate::{
    AsyncReplayGuard, ClaimProblem, Error, HeaderProblem, NumericDate, ReplayGuard, ReplayId,
    Validated, VerifyingKeys, jwt,
};
use core::fmt;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

type Private = BTreeMap<String, Value>;

/// A session whose token has kept every rule. Only a [`Verifier`] makes one.
pub struct Session {
    id: String,
    expires_at: NumericDate,
    claims: Validated<Private>,
}

impl Session {
    /// `sid`, 1 to 256 octets.
    #[must_use]
    pub fn session_id(&self) -> &str {
        &self.id
    }

    /// `sub`, if there is one: opaque.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.claims.subject()
    }

    /// The header's `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.claims.header().key_id()
    }

    /// `exp`, from when on the token is no longer valid.
    #[must_use]
    pub fn expires_at(&self) -> NumericDate {
        self.expires_at
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session(<redacted>)")
    }
}

/// What takes tokens: a policy, the keys, the replay guard and the sessions that have ended.
///
/// The keys are one, a [`KeySet`](crate::KeySet) to rotate them, or
/// [`TrustedIssuers`](crate::TrustedIssuers). The guard and the store both answer at once, for
/// [`accept`](Self::accept), or both later, for the calls that end in `_async`; those in memory do
/// either.
#[derive(Clone)]
pub struct Verifier<K, G, E = NoEndedSessions> {
    policy: Policy,
    keys: K,
    guard: G,
    ended: E,
    now: Option<NumericDate>,
}

impl<K, G> Verifier<K, G> {
    /// Sessions end by expiry alone unless [`with_ended`](Self::with_ended) says otherwise.
    #[must_use]
    pub fn new(policy: Policy, keys: K, guard: G) -> Self {
        Self { policy, keys, guard, ended: NoEndedSessions, now: None }
    }

    /// Refuses the tokens of the sessions that this store holds: an [`EndedSessions`] or an
    /// [`AsyncEndedSessions`].
    #[must_use]
    pub fn with_ended<E>(self, ended: E) -> Verifier<K, G, E> {
        let Self { policy, keys, guard, now, .. } = self;
        Verifier { policy, keys, guard, ended, now }
    }
}

/// A token that keeps every rule that needs no store.
struct Checked {
    session: Session,
    id: Option<ReplayId>,
    now: NumericDate,
}

impl<K, G, E> Verifier<K, G, E> {
    /// Verifies as if it were this time, instead of asking the system's clock at every call.
    #[must_use]
    pub fn at(mut self, now: NumericDate) -> Self {
        self.now = Some(now);
        self
    }

    /// The keys, to rotate them.
    pub fn keys_mut(&mut self) -> &mut K {
        &mut self.keys
    }

    fn now(&self) -> Result<NumericDate, Error> {
        self.now.map_or_else(NumericDate::now, Ok)
    }

    /// How long a token that is valid by now may go on to be.
    fn until(&self, now: NumericDate) -> NumericDate {
        now.saturating_add(self.policy.longest).saturating_add(self.policy.leeway.as_duration())
    }

    fn keep_until(&self, session: &Session) -> NumericDate {
        session.expires_at.saturating_add(self.policy.leeway.as_duration())
    }

    fn refusal(&self, reason: Reason) -> Refusal {
        Refusal::new(reason, &self.policy.answer)
    }

    /// The id by which the guard is to know the token. Under a policy of page keys each key is a
    /// customer's, and a customer can use up no id of another's.
    fn replay_id(&self, claims: &Validated<Private>) -> Option<ReplayId> {
        let id = claims.replay_id()?;
        let customer = claims.header().key_id().filter(|_| self.policy.page_key);
        let scope = customer.map_or("session".into(), |kid| format!("session {kid}"));
        Some(ReplayId::new(id.issuer(), &scope, id.jwt_id()))
    }

    fn check_page_key(&self, kid: Option<&str>, request: &Request<'_>) -> Result<(), Reason> {
        let wrong = |problem| Error::Header { parameter: "kid", problem }.into();
        match (request.page_key, kid) {
            (None, _) if self.policy.page_key => Err(Reason::PageKeyNotNamed),
            (None, _) => Ok(()),
            (Some(_), None) => Err(wrong(HeaderProblem::Missing)),
            (Some(named), Some(kid)) if named == kid => Ok(()),
            _ => Err(wrong(HeaderProblem::Mismatch)),
        }
    }

    fn session_id(&self, sid: Option<&Value>, request: &Request<'_>) -> Result<String, Reason> {
        let wrong = |problem| Reason::claim(SESSION_ID, problem);
        let id = sid.ok_or(wrong(ClaimProblem::Missing))?;
        let id = id.as_str().ok_or(wrong(ClaimProblem::WrongType))?;
        check_session_id(id)?;
        match request.session {
            None if self.policy.named_session => Err(Reason::SessionNotNamed),
            Some(session) if session != id => Err(wrong(ClaimProblem::Mismatch)),
            _ => Ok(id.to_owned()),
        }
    }

    fn check_place(&self, claims: &Private, request: &Request<'_>) -> Result<(), Reason> {
        let Policy { origins, source, networks, .. } = self.policy;
        for (claim, required) in [(ORIGINS, origins), (SOURCE, source), (NETWORKS, networks)] {
            if required && !claims.contains_key(claim) {
                return Err(Reason::claim(claim, ClaimProblem::Missing));
            }
        }
        claims.get(ORIGINS).map_or(Ok(()), |dom| check_origins(dom, request.origin))?;
        claims.get(SOURCE).map_or(Ok(()), |src| check_source(src, request.origin))?;
        claims.get(NETWORKS).map_or(Ok(()), |ip| check_address(ip, request.address))
    }
}

impl<K: VerifyingKeys, G, E> Verifier<K, G, E> {
    fn check(&self, token: &str, request: &Request<'_>) -> Result<Checked, Reason> {
        // One time for the rules, the store and the guard: with two, a token could be valid by one
        // and its id expired by the other.
        let now = self.now()?;
        let claims: Validated<Private> = jwt::verify(token, &self.keys, &self.policy.rules(now))?;
        self.check_page_key(claims.header().key_id(), request)?;
        let id = self.session_id(claims.private().get(SESSION_ID), request)?;
        if claims.subject().is_some_and(|subject| !is_opaque(subject)) {
            return Err(Reason::SubjectNotOpaque);
        }
        self.check_place(claims.private(), request)?;
        let missing = Reason::claim("exp", ClaimProblem::Missing);
        let expires_at = claims.expires_at().ok_or(missing)?;
        let replay_id = self.replay_id(&claims);
        Ok(Checked { session: Session { id, expires_at, claims }, id: replay_id, now })
    }
}

impl<K: VerifyingKeys, G: ReplayGuard, E: EndedSessions> Verifier<K, G, E> {
    /// Takes a token, and uses its id up.
    ///
    /// # Errors
    ///
    /// A [`Refusal`]. Only a token that keeps every rule uses its id up.
    pub fn accept(&self, token: &str, request: &Request<'_>) -> Result<Session, Refusal> {
        self.reserve(token, request).map(Reservation::commit)
    }

    /// [`accept`](Self::accept) for work that may fail: the id is given back unless the reservation is
    /// committed.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub fn reserve(&self, token: &str, request: &Request<'_>) -> Result<Reservation<&G>, Refusal> {
        self.reserve_by(&self.guard, token, request)
    }

    /// [`reserve`](Self::reserve) for work that goes on elsewhere, as that behind a WebSocket's upgrade:
    /// the reservation has the guard, a shared pointer to it such as [`Arc`](std::sync::Arc), for itself.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub fn reserve_owned(
        &self,
        token: &str,
        request: &Request<'_>,
    ) -> Result<Reservation<G>, Refusal>
    where
        G: Clone,
    {
        self.reserve_by(self.guard.clone(), token, request)
    }

    fn reserve_by<H: ReplayGuard>(
        &self,
        guard: H,
        token: &str,
        request: &Request<'_>,
    ) -> Result<Reservation<H>, Refusal> {
        let ask = || {
            let Checked { session, id, now } = self.check(token, request)?;
            // Before the guard, so that a token of an ended session does not use its id up.
            if self.ended.has_ended(&session.id, now).map_err(Reason::Store)? {
                return Err(Reason::SessionEnded);
            }
            if let Some(id) = &id {
                inserted(guard.insert_if_absent(id, self.keep_until(&session), now))?;
            }
            Ok(Reservation::new(session, Held::new(guard, id), Arc::clone(&self.policy.answer)))
        };
        ask().map_err(|reason| self.refusal(reason))
    }
}

impl<K, G, E: EndedSessions> Verifier<K, G, E> {
    /// Ends a session: its tokens are refused from now on, for as long as any that is good now can live.
    /// One that is being taken meanwhile, or was reserved before, may still go through: close what the
    /// session has open after this call.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if the id is none that a token can have, or, with status 503, if the store cannot
    /// keep it; the session goes on then.
    pub fn end(&self, session_id: &str) -> Result<(), Refusal> {
        let end = || {
            check_session_id(session_id)?;
            let now = self.now()?;
            self.ended.end(session_id, self.until(now), now).map_err(Reason::Store)
        };
        end().map_err(|reason| self.refusal(reason))
    }
}

impl<K: VerifyingKeys, G: AsyncReplayGuard, E: AsyncEndedSessions> Verifier<K, G, E> {
    /// [`accept`](Self::accept) for a guard and a store that answer later.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub async fn accept_async(
        &self,
        token: &str,
        request: &Request<'_>,
    ) -> Result<Session, Refusal> {
        self.reserve_async(token, request).await.map(AsyncReservation::commit)
    }

    /// [`reserve`](Self::reserve) for a guard and a store that answer later.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub async fn reserve_async(
        &self,
        token: &str,
        request: &Request<'_>,
    ) -> Result<AsyncReservation<&G>, Refusal> {
        let ask = async {
            let Checked { session, id, now } = self.check(token, request)?;
            if self.ended.has_ended(&session.id, now).await.map_err(Reason::Store)? {
                return Err(Reason::SessionEnded);
            }
            if let Some(id) = &id {
                inserted(self.guard.insert_if_absent(id, self.keep_until(&session), now).await)?;
            }
            Ok(AsyncReservation::new(session, &self.guard, id, Arc::clone(&self.policy.answer)))
        };
        ask.await.map_err(|reason| self.refusal(reason))
    }
}

impl<K, G, E: AsyncEndedSessions> Verifier<K, G, E> {
    /// [`end`](Self::end) for a store that answers later.
    ///
    /// # Errors
    ///
    /// As [`end`](Self::end).
    pub async fn end_async(&self, session_id: &str) -> Result<(), Refusal> {
        let end = async {
            check_session_id(session_id)?;
            let now = self.now()?;
            self.ended.end(session_id, self.until(now), now).await.map_err(Reason::Store)
        };
        end.await.map_err(|reason| self.refusal(reason))
    }
}

impl<K, G, E> fmt::Debug for Verifier<K, G, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("policy", &self.policy).finish_non_exhaustive()
    }
}
