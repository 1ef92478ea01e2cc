//! The service's side: a token and where it came from go in, a session comes out.

use super::binding::{check_address, check_origins, check_source};
use super::ended::{AsyncEndedSessions, EndedSessions, NoEndedSessions};
use super::policy::Policy;
use super::refusal::{Reason, Refusal};
use super::request::Request;
use super::subject::is_opaque;
use super::{NETWORKS, ORIGINS, SESSION_ID, SOURCE, check_session_id};
use crate::{
    AfterRestart, AsyncReplayGuard, Checked, ClaimProblem, Clock, Error, HeaderProblem,
    NumericDate, ReplayError, ReplayGuard, Reservation, Unspent, Validated, VerifyingKeys, jwt,
};
use core::fmt;
use serde_json::Value;
use std::collections::BTreeMap;

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
pub struct Verifier<K, G, E = NoEndedSessions> {
    policy: Policy,
    keys: K,
    guard: G,
    ended: E,
    restart: AfterRestart<G>,
    /// What the guard or the store of ended sessions forgets with its process, whichever is later.
    issued_after: Option<NumericDate>,
    clock: Clock,
}

impl<K, G> Verifier<K, G> {
    /// Sessions end by expiry alone unless [`with_ended`](Self::with_ended) says otherwise.
    ///
    /// A date after which tokens have to be issued is for all of them, with or without `jti`.
    #[must_use]
    pub fn new(policy: Policy, keys: K, guard: G, restart: AfterRestart<G>) -> Self {
        let issued_after = restart.issued_after();
        let (ended, clock) = (NoEndedSessions, Clock::SYSTEM);
        Self { policy, keys, guard, ended, restart, issued_after, clock }
    }

    /// Rejects the tokens of the sessions that this store holds: an [`EndedSessions`] or an
    /// [`AsyncEndedSessions`].
    #[must_use]
    pub fn with_ended<E>(self, ended: E, restart: AfterRestart<E>) -> Verifier<K, G, E> {
        let issued_after = self.issued_after.max(restart.issued_after());
        let Self { policy, keys, guard, restart, clock, .. } = self;
        Verifier { policy, keys, guard, ended, restart, issued_after, clock }
    }
}

impl<K, G, E> Verifier<K, G, E> {
    /// Takes the time from this clock instead of the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Verifies as if it were this time, at every call: for tests.
    #[must_use]
    pub fn at_fixed_time(self, now: NumericDate) -> Self {
        self.clock(Clock::fixed(now))
    }

    /// The keys, to rotate them.
    pub fn keys_mut(&mut self) -> &mut K {
        &mut self.keys
    }

    /// From when on tokens can be accepted, if not at once: for a readiness probe. See
    /// [`AfterRestart::ready_from`].
    #[must_use]
    pub fn ready_from(&self) -> Option<NumericDate> {
        let restart = self.issued_after.map(AfterRestart::<G>::only_issued_after);
        restart?.ready_from(self.policy.leeway.as_duration())
    }

    /// How long a token that is valid by now may go on to be: its issuer's clock may be ahead by one leeway,
    /// and it is accepted one after its end.
    fn until(&self, now: NumericDate) -> NumericDate {
        let leeway = self.policy.leeway.as_duration();
        now.saturating_add(self.policy.longest).saturating_add(2 * leeway)
    }

    fn refusal(&self, reason: Reason) -> Refusal {
        Refusal::new(reason, &self.policy.answer)
    }

    /// Where the guard is to know the token. Under a policy of page keys each key is a customer's, and a
    /// customer can use up no id of another's.
    fn scope(&self, claims: &Checked<Private>) -> String {
        let customer = claims.header().key_id().filter(|_| self.policy.page_key);
        customer.map_or("session".into(), |kid| format!("session {kid}"))
    }

    /// A restart forgets which sessions have ended too, so tokens without `jti` have to keep the date as well.
    fn check_issued_after(&self, claims: &Checked<Private>) -> Result<(), Reason> {
        let Some(date) = self.issued_after else { return Ok(()) };
        if self.ready_from().is_some_and(|ready| claims.checked_at() < ready) {
            return Err(Error::from(ReplayError::NotReady).into());
        }
        let missing = Reason::claim("iat", ClaimProblem::Missing);
        let issued = claims.issued_at().ok_or(missing)?;
        if issued > date.saturating_add(self.policy.leeway.as_duration()) {
            Ok(())
        } else {
            Err(Reason::claim("iat", ClaimProblem::IssuedTooEarly))
        }
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

/// What has been found of a token that keeps every rule that needs no store.
struct Found {
    id: String,
    expires_at: NumericDate,
    checked_at: NumericDate,
}

impl Found {
    fn session(self, claims: Validated<Private>) -> Session {
        let Self { id, expires_at, .. } = self;
        Session { id, expires_at, claims }
    }
}

impl<K: VerifyingKeys, G, E> Verifier<K, G, E> {
    fn check(
        &self,
        token: &str,
        request: &Request<'_>,
    ) -> Result<(Unspent<Private, &G>, Found), Reason> {
        let restart = self.restart.through_pointer();
        let rules = self.policy.rules(&self.guard, restart, self.clock.clone());
        jwt::check(token, &self.keys, &rules)?
            .scope_by(|claims| self.scope(claims))
            .examine(|claims| self.check_own(claims, request))
    }

    /// The profile's own rules that need no store.
    fn check_own(&self, claims: &Checked<Private>, request: &Request<'_>) -> Result<Found, Reason> {
        self.check_issued_after(claims)?;
        self.check_page_key(claims.header().key_id(), request)?;
        let id = self.session_id(claims.private().get(SESSION_ID), request)?;
        if claims.subject().is_some_and(|subject| !is_opaque(subject)) {
            return Err(Reason::SubjectNotOpaque);
        }
        self.check_place(claims.private(), request)?;
        let missing = Reason::claim("exp", ClaimProblem::Missing);
        let expires_at = claims.expires_at().ok_or(missing)?;
        Ok(Found { id, expires_at, checked_at: claims.checked_at() })
    }
}

impl<K: VerifyingKeys, G: ReplayGuard, E: EndedSessions> Verifier<K, G, E> {
    /// Accepts a token, and uses it up.
    ///
    /// # Errors
    ///
    /// A [`Refusal`]. Only a token that keeps every rule uses its id up.
    pub fn accept(&self, token: &str, request: &Request<'_>) -> Result<Session, Refusal> {
        self.reserve(token, request).map(Reservation::commit)
    }

    /// [`accept`](Self::accept) for work that may fail: [`settle`](Reservation::settle) then gives the
    /// token back.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub fn reserve(
        &self,
        token: &str,
        request: &Request<'_>,
    ) -> Result<Reservation<Session, &G>, Refusal> {
        let reserve = || {
            let (unspent, found) = self.check(token, request)?;
            // Before the guard, so that a token of an ended session does not use its id up.
            if self.ended.has_ended(&found.id, found.checked_at).map_err(Reason::Store)? {
                return Err(Reason::SessionEnded);
            }
            Ok(unspent.spend()?.map(|claims| found.session(claims)))
        };
        reserve().map_err(|reason| self.refusal(reason))
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
            let now = self.clock.now()?;
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
        self.reserve_async(token, request).await.map(Reservation::commit)
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
    ) -> Result<Reservation<Session, &G>, Refusal> {
        let reserve = async {
            let (unspent, found) = self.check(token, request)?;
            if self.ended.has_ended(&found.id, found.checked_at).await.map_err(Reason::Store)? {
                return Err(Reason::SessionEnded);
            }
            Ok(unspent.spend_async().await?.map(|claims| found.session(claims)))
        };
        reserve.await.map_err(|reason| self.refusal(reason))
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
            let now = self.clock.now()?;
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
