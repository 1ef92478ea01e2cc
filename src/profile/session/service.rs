//! The backend's side: a session goes in, its token comes out.

use super::binding::{networks, origin_of, origins};
use super::policy::Policy;
use super::refusal::Reason;
use super::subject::is_opaque;
use super::{NETWORKS, ORIGINS, SESSION_ID, SOURCE, check_session_id};
use crate::{
    ClaimProblem, Claims, Clock, Error, HeaderProblem, Hs256Key, NumericDate, Rs256SigningKey, jwt,
};
use core::fmt;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a token is to say: the session, and what it is bound to.
#[derive(Clone)]
pub struct Ticket {
    session_id: String,
    subject: Option<String>,
    origins: Option<Value>,
    source: Option<String>,
    networks: Option<Value>,
}

impl Ticket {
    /// For the session of this id, 1 to 256 octets.
    #[must_use]
    pub fn new(session_id: &str) -> Self {
        Self {
            session_id: session_id.to_owned(),
            subject: None,
            origins: None,
            source: None,
            networks: None,
        }
    }

    /// Sets `sub`, an id made up for the user. It has to be opaque.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Sets `dom`: the origins that the token may be used from, 100 at most; a host alone is one on
    /// `https`.
    #[must_use]
    pub fn origins<'a>(mut self, origins: impl IntoIterator<Item = &'a str>) -> Self {
        self.origins = Some(origins.into_iter().collect());
        self
    }

    /// Sets `src`: the one origin that the token is issued for, which is that of this URL.
    #[must_use]
    pub fn source(mut self, url: &str) -> Self {
        self.source = Some(url.to_owned());
        self
    }

    /// Sets `ip`: the networks that the token may be used from, 100 at most, as in `203.0.113.0/24`.
    #[must_use]
    pub fn networks<'a>(mut self, networks: impl IntoIterator<Item = &'a str>) -> Self {
        self.networks = Some(networks.into_iter().collect());
        self
    }

    /// The private claims, as the verifier of the same policy will take them.
    fn private(&self, policy: &Policy) -> Result<BTreeMap<&'static str, Value>, Reason> {
        check_session_id(&self.session_id)?;
        if self.subject.as_deref().is_some_and(|subject| !is_opaque(subject)) {
            return Err(Reason::SubjectNotOpaque);
        }
        // Parsed as the verifier does: a token that it would always reject is not issued.
        self.origins.as_ref().map(origins).transpose()?;
        self.networks.as_ref().map(networks).transpose()?;
        let source = self.source.as_deref().map(origin_of).transpose()?;
        let missing = [
            ("sub", policy.subject && self.subject.is_none()),
            (ORIGINS, policy.origins && self.origins.is_none()),
            (SOURCE, policy.source && source.is_none()),
            (NETWORKS, policy.networks && self.networks.is_none()),
        ];
        if let Some((claim, _)) = missing.into_iter().find(|(_, missing)| *missing) {
            return Err(Reason::claim(claim, ClaimProblem::Missing));
        }
        let claims = [
            (SESSION_ID, Some(json!(self.session_id))),
            (ORIGINS, self.origins.clone()),
            (SOURCE, source.map(Value::String)),
            (NETWORKS, self.networks.clone()),
        ];
        Ok(claims.into_iter().filter_map(|(claim, value)| Some((claim, value?))).collect())
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
    clock: Clock,
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
        Self { policy, key: Key::Hs256(key), clock: Clock::SYSTEM }
    }

    /// Signs with a private key, of which the verifier has the public one.
    #[must_use]
    pub fn rs256(policy: Policy, key: Rs256SigningKey) -> Self {
        Self { policy, key: Key::Rs256(key), clock: Clock::SYSTEM }
    }

    /// Takes the time from this clock instead of the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Issues as if it were this time, at every call: for tests.
    #[must_use]
    pub fn at_fixed_time(self, now: NumericDate) -> Self {
        self.clock(Clock::fixed(now))
    }

    /// A token: `iat` now, `exp` the policy's longest life later, a fresh `jti` of 128 random bits.
    ///
    /// # Errors
    ///
    /// The [`Reason`] for which it would be refused, or that of [`jwt::sign`].
    pub fn issue(&self, ticket: &Ticket) -> Result<String, Reason> {
        let private = ticket.private(&self.policy)?;
        let kid = match &self.key {
            Key::Hs256(key) => key.key_id(),
            Key::Rs256(key) => key.key_id(),
        };
        if self.policy.page_key && kid.is_none() {
            let problem = HeaderProblem::Missing;
            return Err(Error::Header { parameter: "kid", problem }.into());
        }
        let mut claims =
            Claims::expiring_in(self.policy.longest).issued_at(self.clock.now()?).random_jwt_id();
        if let Some(issuer) = &self.policy.parties.issuer {
            claims = claims.issuer(issuer);
        }
        if let Some(audience) = &self.policy.parties.audience {
            claims = claims.audience(audience);
        }
        if let Some(subject) = &ticket.subject {
            claims = claims.subject(subject);
        }
        let claims = claims.private(private);
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
