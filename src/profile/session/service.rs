//! The backend's side: a session goes in, its token comes out.

use super::binding::{check_networks, check_origins};
use super::policy::Policy;
use super::refusal::Reason;
use super::subject::is_opaque;
use super::{ID_OCTETS, NETWORKS, ORIGINS, SESSION_ID, SOURCE};
use crate::{
    ClaimProblem, Claims, Error, HeaderProblem, Hs256Key, NumericDate, Rs256SigningKey, jwt,
};
use core::fmt;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a token is to say: the session, and what it is bound to.
#[derive(Clone)]
pub struct Ticket {
    subject: Option<String>,
    private: BTreeMap<&'static str, Value>,
}

impl Ticket {
    /// For the session of this id.
    #[must_use]
    pub fn new(session_id: &str) -> Self {
        Self { subject: None, private: [(SESSION_ID, json!(session_id))].into() }
    }

    /// Sets `sub`, an id made up for the user. It has to be opaque.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Sets `dom`: the origins that the token may be used from; a host alone is one on `https`.
    #[must_use]
    pub fn origins<'a>(self, origins: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(ORIGINS, origins.into_iter().collect())
    }

    /// Sets `src`: the one origin that the token is issued for.
    #[must_use]
    pub fn source(self, origin: &str) -> Self {
        self.with(SOURCE, json!(origin))
    }

    /// Sets `ip`: the networks that the token may be used from, as in `203.0.113.0/24`.
    #[must_use]
    pub fn networks<'a>(self, networks: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(NETWORKS, networks.into_iter().collect())
    }

    fn with(mut self, claim: &'static str, value: Value) -> Self {
        self.private.insert(claim, value);
        self
    }

    /// That the verifier of the same policy will take it.
    fn check(&self, policy: &Policy) -> Result<(), Reason> {
        match self.private.get(SESSION_ID).and_then(Value::as_str) {
            None | Some("") => return Err(Reason::claim(SESSION_ID, ClaimProblem::Empty)),
            Some(id) if id.len() > ID_OCTETS => {
                return Err(Reason::claim(SESSION_ID, ClaimProblem::TooLong));
            }
            Some(_) => {}
        }
        for (claim, required) in
            [(ORIGINS, policy.origins), (SOURCE, policy.source), (NETWORKS, policy.networks)]
        {
            match self.private.get(claim) {
                None if required => return Err(Reason::claim(claim, ClaimProblem::Missing)),
                None => {}
                Some(value) if claim == NETWORKS => check_networks(claim, value)?,
                Some(value) => check_origins(claim, value)?,
            }
        }
        match &self.subject {
            None if policy.subject => Err(Reason::claim("sub", ClaimProblem::Missing)),
            Some(subject) if !is_opaque(subject) => Err(Reason::SubjectNotOpaque),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(<redacted>)")
    }
}

/// What issues tokens: a policy and the key of the day, whose `kid` the tokens name.
#[derive(Clone)]
pub struct TokenService {
    policy: Policy,
    key: Key,
    now: Option<NumericDate>,
}

#[derive(Clone)]
enum Key {
    Hs256(Hs256Key),
    Rs256(Rs256SigningKey),
}

impl TokenService {
    /// Signs with a secret that the verifier has too.
    #[must_use]
    pub fn hs256(policy: Policy, key: Hs256Key) -> Self {
        Self { policy, key: Key::Hs256(key), now: None }
    }

    /// Signs with a private key, of which the verifier has the public one.
    #[must_use]
    pub fn rs256(policy: Policy, key: Rs256SigningKey) -> Self {
        Self { policy, key: Key::Rs256(key), now: None }
    }

    /// Issues as if it were this time, instead of asking the system's clock at every call.
    #[must_use]
    pub fn at(mut self, now: NumericDate) -> Self {
        self.now = Some(now);
        self
    }

    /// A token: `iat` now, `exp` the policy's longest life later, a fresh `jti` of 128 random bits.
    ///
    /// # Errors
    ///
    /// The [`Reason`] for which it would be refused, or that of [`jwt::sign`].
    pub fn issue(&self, ticket: &Ticket) -> Result<String, Reason> {
        ticket.check(&self.policy)?;
        let kid = match &self.key {
            Key::Hs256(key) => key.key_id(),
            Key::Rs256(key) => key.key_id(),
        };
        if self.policy.page_key && kid.is_none() {
            let problem = HeaderProblem::Missing;
            return Err(Error::Header { parameter: "kid", problem }.into());
        }
        let mut claims = Claims::expiring_in(self.policy.longest).random_jwt_id();
        if let Some(now) = self.now {
            claims = claims.issued_at(now);
        }
        if let Some(issuer) = &self.policy.issuer {
            claims = claims.issuer(issuer);
        }
        if let Some(audience) = &self.policy.audience {
            claims = claims.audience(audience);
        }
        if let Some(subject) = &ticket.subject {
            claims = claims.subject(subject);
        }
        let claims = claims.private(&ticket.private);
        Ok(match &self.key {
            Key::Hs256(key) => jwt::sign(&claims, key),
            Key::Rs256(key) => jwt::sign(&claims, key),
        }?)
    }
}

impl fmt::Debug for TokenService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenService").field("policy", &self.policy).finish_non_exhaustive()
    }
}
