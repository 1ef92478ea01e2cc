//! What a system asks of its session tokens.

use crate::{AfterRestart, Audience, Clock, Issuer, Leeway, SingleUse, Validation};
use core::time::Duration;
use std::sync::Arc;

/// Who issues a policy's tokens, and whom they are for: written into them, and required of them.
#[derive(Debug, Clone)]
pub struct Parties {
    pub(super) issuer: Option<String>,
    pub(super) audience: Option<String>,
}

impl Parties {
    /// `iss` and `aud` have to be these, octet for octet.
    #[must_use]
    pub fn between(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self { issuer: Some(issuer.into()), audience: Some(audience.into()) }
    }

    /// Neither is written nor looked at: whoever has the key may say anything, to anyone who has it.
    /// For keys that sign nothing but these tokens.
    #[must_use]
    pub fn unchecked() -> Self {
        Self { issuer: None, audience: None }
    }
}

/// What tokens have to hold, how long they live, and what a refusal answers. The same policy issues and
/// verifies.
///
/// ```
/// use std::time::Duration;
/// use strict_jose::profile::session::{Parties, Policy};
///
/// let parties = Parties::between("https://shop.example", "https://calls.example");
/// let policy = Policy::new(parties, Duration::from_secs(120))
///     .requiring_subject()
///     .requiring_origins()
///     .single_use()
///     .answering(r#"{"error":"session"}"#);
/// # drop(policy);
/// ```
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub struct Policy {
    pub(super) parties: Parties,
    pub(super) longest: Duration,
    pub(super) leeway: Leeway,
    pub(super) subject: bool,
    pub(super) origins: bool,
    pub(super) source: bool,
    pub(super) networks: bool,
    pub(super) named_session: bool,
    pub(super) page_key: bool,
    jwt_id: bool,
    pub(super) answer: Arc<str>,
}

impl Policy {
    /// Tokens of a session, between these parties, that live so long at most. Bound to nothing else
    /// unless said.
    #[must_use]
    pub fn new(parties: Parties, max_lifetime: Duration) -> Self {
        Self {
            parties,
            longest: max_lifetime,
            leeway: Leeway::ZERO,
            subject: false,
            origins: false,
            source: false,
            networks: false,
            named_session: false,
            page_key: false,
            jwt_id: false,
            answer: r#"{"error":"invalidSession"}"#.into(),
        }
    }

    /// How long a token lives at most.
    #[must_use]
    pub fn max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.longest = max_lifetime;
        self
    }

    /// How far the issuer's clock may be off; it lengthens no life.
    #[must_use]
    pub fn leeway(mut self, leeway: Leeway) -> Self {
        self.leeway = leeway;
        self
    }

    /// Writes and requires this `iss`.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.parties.issuer = Some(issuer.into());
        self
    }

    /// Writes and requires this `aud`.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.parties.audience = Some(audience.into());
        self
    }

    /// Requires `sub`. Where there is one it has to be opaque, required or not.
    #[must_use]
    pub fn requiring_subject(mut self) -> Self {
        self.subject = true;
        self
    }

    /// Requires `dom`, the hosts and origins that the token may be used from.
    #[must_use]
    pub fn requiring_origins(mut self) -> Self {
        self.origins = true;
        self
    }

    /// Requires `src`, the one origin that the token was issued for.
    #[must_use]
    pub fn requiring_source(mut self) -> Self {
        self.source = true;
        self
    }

    /// Requires `ip`, the networks that the token may be used from.
    #[must_use]
    pub fn requiring_networks(mut self) -> Self {
        self.networks = true;
        self
    }

    /// Requires requests to name the session they are for.
    #[must_use]
    pub fn requiring_named_session(mut self) -> Self {
        self.named_session = true;
        self
    }

    /// Requires requests to name the page's key, which has to be the token's `kid`.
    #[must_use]
    pub fn bound_to_page_key(mut self) -> Self {
        self.page_key = true;
        self
    }

    /// Requires `jti`: every token is taken once. Without this those that have a `jti` are.
    #[must_use]
    pub fn single_use(mut self) -> Self {
        self.jwt_id = true;
        self
    }

    /// What every refusal answers.
    #[must_use]
    pub fn answering(mut self, answer: &str) -> Self {
        self.answer = answer.into();
        self
    }

    /// The rules for the registered claims.
    pub(super) fn rules<G>(
        &self,
        guard: G,
        restart: AfterRestart<G>,
        clock: Clock,
    ) -> Validation<SingleUse<G>> {
        let Parties { issuer, audience } = &self.parties;
        let rules = Validation::new(
            issuer.as_ref().map_or_else(Issuer::unchecked, Issuer::exactly),
            audience.as_ref().map_or_else(Audience::unchecked, Audience::includes),
        );
        let rules = rules.typ("JWT").max_lifetime(self.longest).leeway(self.leeway).clock(clock);
        let rules = if self.subject { rules.require_subject() } else { rules };
        if self.jwt_id {
            rules.single_use(guard, restart)
        } else {
            rules.single_use_if_jti_present(guard, restart)
        }
    }
}
