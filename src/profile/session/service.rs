//! The backend's side: a session goes in, its token comes out.

use super::binding::{networks, origin_of, origins};
use super::policy::Policy;
use super::refusal::Reason;
use super::subject::is_opaque;
use super::{NETWORKS, ORIGINS, SESSION_ID, SOURCE, check_session_id};
use crate::external::{AsyncRs256Signer, ExternalRs256Key, NoDevice, Rs256Signer};
use crate::profile::service_key::ServiceKey;
use crate::{
    ClaimProblem, Claims, Clock, Error, HeaderProblem, Hs256Key, NumericDate, Rs256SigningKey,
};
use core::fmt;
use serde_json::{Value, json};
use std::collections::BTreeMap;

type Private = BTreeMap<&'static str, Value>;

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
    fn private(&self, policy: &Policy) -> Result<Private, Reason> {
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
pub struct TokenService<S = NoDevice> {
    policy: Policy,
    key: ServiceKey<S>,
    clock: Clock,
}

impl TokenService {
    /// Signs with a secret that the verifier has too.
    #[must_use]
    pub fn hs256(policy: Policy, key: Hs256Key) -> Self {
        Self::new(policy, ServiceKey::Hs256(key))
    }

    /// Signs with a private key, of which the verifier has the public one.
    #[must_use]
    pub fn rs256(policy: Policy, key: Rs256SigningKey) -> Self {
        Self::new(policy, ServiceKey::Rs256(key))
    }
}

impl<S> TokenService<S> {
    /// Signs with a private key in a device, of which the verifier has the public one: [`issue`](Self::issue) asks a
    /// [`Rs256Signer`], [`issue_async`](Self::issue_async) an [`AsyncRs256Signer`].
    #[must_use]
    pub fn external(policy: Policy, key: ExternalRs256Key<S>) -> Self {
        Self::new(policy, ServiceKey::External(key))
    }

    fn new(policy: Policy, key: ServiceKey<S>) -> Self {
        Self { policy, key, clock: Clock::SYSTEM }
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

    fn claims(&self, ticket: &Ticket) -> Result<Claims<Private>, Reason> {
        let private = ticket.private(&self.policy)?;
        if self.policy.page_key && self.key.key_id().is_none() {
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
        Ok(claims.private(private))
    }
}

impl<S: Rs256Signer> TokenService<S> {
    /// A token: `iat` now, `exp` the policy's longest life later, a fresh `jti` of 128 random bits.
    ///
    /// # Errors
    ///
    /// The [`Reason`] for which it would be refused, or that of [`jwt::sign`](crate::jwt::sign).
    pub fn issue(&self, ticket: &Ticket) -> Result<String, Reason> {
        Ok(self.key.sign(&self.claims(ticket)?)?)
    }
}

impl<S: AsyncRs256Signer> TokenService<S> {
    /// [`issue`](Self::issue) for a device that answers later.
    ///
    /// # Errors
    ///
    /// As [`issue`](Self::issue).
    pub async fn issue_async(&self, ticket: &Ticket) -> Result<String, Reason> {
        let claims = self.claims(ticket)?;
        Ok(self.key.sign_async(&claims).await?)
    }
}

impl<S> fmt::Debug for TokenService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenService").field("policy", &self.policy).finish_non_exhaustive()
    }
}
