//! The service's side: a token and where it came from go in, a session comes out.

use super::binding::{check_address, check_origin};
use super::ended::{EndedSessions, NoEndedSessions};
use super::policy::Policy;
use super::refusal::{Reason, Refusal};
use super::subject::is_opaque;
use super::{ID_OCTETS, NETWORKS, ORIGINS, SESSION_ID, SOURCE};
use crate::{
    Audience, ClaimProblem, Error, HeaderProblem, Insertion, Issuer, NumericDate, ReplayGuard,
    ReplayId, RuleError, Validated, Validation, VerifyingKeys, jwt,
};
use core::fmt;
use core::net::IpAddr;
use core::time::Duration;
use serde_json::Value;
use std::collections::BTreeMap;

type Private = BTreeMap<String, Value>;

/// Where a token came from, as far as the service knows by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    origin: Option<&'a str>,
    address: Option<IpAddr>,
    session: Option<&'a str>,
    page_key: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The `Origin` header, as received.
    #[must_use]
    pub fn origin(mut self, origin: &'a str) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The client's address.
    #[must_use]
    pub fn address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// The session that the request is for: a token of another one is refused.
    #[must_use]
    pub fn session(mut self, session_id: &'a str) -> Self {
        self.session = Some(session_id);
        self
    }

    /// The key that the page names: a token with another `kid` is refused.
    #[must_use]
    pub fn page_key(mut self, kid: &'a str) -> Self {
        self.page_key = Some(kid);
        self
    }
}

/// A session whose token has kept every rule. Only a [`Verifier`] makes one.
pub struct Session {
    id: String,
    claims: Validated<Private>,
}

impl Session {
    /// `sid`, never empty.
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
    pub fn expires_at(&self) -> Option<NumericDate> {
        self.claims.expires_at()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session(<redacted>)")
    }
}

/// What takes tokens: a policy, the keys, the replay guard and the sessions that have ended.
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

    /// Refuses the tokens of the sessions that this store holds.
    #[must_use]
    pub fn with_ended<E: EndedSessions>(self, ended: E) -> Verifier<K, G, E> {
        let Self { policy, keys, guard, now, .. } = self;
        Verifier { policy, keys, guard, ended, now }
    }
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

    fn rules(&self, now: NumericDate) -> Result<Validation, RuleError> {
        let Policy { issuer, audience, .. } = &self.policy;
        let mut rules = Validation::new(
            issuer.as_ref().map_or_else(Issuer::unchecked, Issuer::exactly),
            audience.as_ref().map_or_else(Audience::unchecked, Audience::includes),
        );
        if self.policy.subject {
            rules = rules.require_subject();
        }
        if self.policy.jwt_id {
            rules = rules.require_jwt_id();
        }
        rules.typ("JWT").max_lifetime(self.policy.longest).at(now).leeway(self.policy.leeway)
    }
}

impl<K: VerifyingKeys, G: ReplayGuard, E: EndedSessions> Verifier<K, G, E> {
    /// Takes a token, and uses its id up.
    ///
    /// # Errors
    ///
    /// A [`Refusal`]. Only a token that keeps every rule uses its id up.
    pub fn accept(&self, token: &str, request: &Request<'_>) -> Result<Session, Refusal> {
        self.check(token, request).map_err(|reason| Refusal::new(reason, &self.policy.answer))
    }

    /// Ends a session: its tokens are refused from now on for so long, which has to be as long as any
    /// of them lives.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with status 503 if the store cannot keep it; the session goes on then.
    pub fn end(&self, session_id: &str, keep_for: Duration) -> Result<(), Refusal> {
        self.now()
            .map_err(Reason::Token)
            .and_then(|now| {
                let until = now.saturating_add(keep_for);
                self.ended.end(session_id, until, now).map_err(Reason::Store)
            })
            .map_err(|reason| Refusal::new(reason, &self.policy.answer))
    }

    fn check(&self, token: &str, request: &Request<'_>) -> Result<Session, Reason> {
        let now = self.now()?;
        let Ok(rules) = self.rules(now) else { unreachable!("the policy has checked the leeway") };
        let claims: Validated<Private> = jwt::verify(token, &self.keys, &rules)?;
        self.check_page_key(claims.header().key_id(), request)?;
        let id = self.session_id(claims.private().get(SESSION_ID), request)?;
        if claims.subject().is_some_and(|subject| !is_opaque(subject)) {
            return Err(Reason::SubjectNotOpaque);
        }
        self.check_place(claims.private(), request)?;
        if self.ended.has_ended(&id, now).map_err(Reason::Store)? {
            return Err(Reason::SessionEnded);
        }
        self.use_up(&claims, now)?;
        Ok(Session { id, claims })
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
        let wrong = |problem| Err(Reason::claim(SESSION_ID, problem));
        let id = match sid {
            None => return wrong(ClaimProblem::Missing),
            Some(Value::String(id)) if id.is_empty() => return wrong(ClaimProblem::Empty),
            Some(Value::String(id)) if id.len() > ID_OCTETS => return wrong(ClaimProblem::TooLong),
            Some(Value::String(id)) => id,
            Some(_) => return wrong(ClaimProblem::WrongType),
        };
        match request.session {
            None if self.policy.named_session => Err(Reason::SessionNotNamed),
            Some(session) if session != id => wrong(ClaimProblem::Mismatch),
            _ => Ok(id.clone()),
        }
    }

    fn check_place(&self, claims: &Private, request: &Request<'_>) -> Result<(), Reason> {
        let Policy { origins, source, networks, .. } = self.policy;
        for (claim, required) in [(ORIGINS, origins), (SOURCE, source), (NETWORKS, networks)] {
            match claims.get(claim) {
                None if required => return Err(Reason::claim(claim, ClaimProblem::Missing)),
                None => {}
                Some(value) if claim == NETWORKS => check_address(claim, value, request.address)?,
                Some(value) => check_origin(claim, value, request.origin)?,
            }
        }
        Ok(())
    }

    /// The one step that changes anything, and so the last.
    fn use_up(&self, claims: &Validated<Private>, now: NumericDate) -> Result<(), Reason> {
        let Some(jwt_id) = claims.jwt_id() else { return Ok(()) };
        let wrong = |claim, problem| Err(Reason::claim(claim, problem));
        if jwt_id.is_empty() {
            return wrong("jti", ClaimProblem::Empty);
        }
        if jwt_id.len() > ID_OCTETS {
            return wrong("jti", ClaimProblem::TooLong);
        }
        let Some(expires_at) = claims.expires_at() else {
            return wrong("exp", ClaimProblem::Missing);
        };
        let id = ReplayId::new(claims.issuer().unwrap_or_default(), "session", jwt_id);
        let keep_until = expires_at.saturating_add(self.policy.leeway);
        match self.guard.insert_if_absent(&id, keep_until, now).map_err(Error::Replay)? {
            Insertion::Inserted => Ok(()),
            Insertion::AlreadyPresent => Err(Error::Replayed.into()),
        }
    }
}

impl<K, G, E> fmt::Debug for Verifier<K, G, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("policy", &self.policy).finish_non_exhaustive()
    }
}
