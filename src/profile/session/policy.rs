//! What a system asks of its session tokens.

use crate::{Audience, Issuer, RuleError, Validation};
use core::time::Duration;
use std::sync::Arc;

/// What tokens have to hold, how long they live, and what a refusal answers. The same policy issues and
/// verifies.
///
/// ```
/// use std::time::Duration;
/// use strict_jose::profile::session::Policy;
///
/// let policy = Policy::new(Duration::from_secs(120))
///     .requiring_subject()
///     .requiring_origins()
///     .single_use()
///     .answering(r#"{"error":"session"}"#);
/// # drop(policy);
/// ```
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub struct Policy {
    pub(super) longest: Duration,
    pub(super) leeway: Duration,
    pub(super) issuer: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) subject: bool,
    pub(super) origins: bool,
    pub(super) source: bool,
    pub(super) networks: bool,
    pub(super) named_session: bool,
    pub(super) page_key: bool,
    pub(super) jwt_id: bool,
    pub(super) answer: Arc<str>,
}

impl Policy {
    /// Tokens of a session that live so long at most. Bound to nothing else unless said.
    #[must_use]
    pub fn new(longest_life: Duration) -> Self {
        Self {
            longest: longest_life,
            leeway: Duration::ZERO,
            issuer: None,
            audience: None,
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

    /// `JodoWorld` SDK: signed session tokens from the backend in place of long-lived keys.
    ///
    /// # What its documentation requires
    ///
    /// Short-lived, signed tokens issued by the backend; keys restricted to domains and addresses, and
    /// rotated; a unique id of the session (`systemcallid`) and of the user (`uniqueuserid`); expiry
    /// checked; no replay; no sensitive data in errors, whose event is `invalidLicenseKey`.
    ///
    /// # What is checked
    ///
    /// `sid`, `sub`, `dom`, `ip` and `jti` are required, each token is taken once, and lives 300
    /// seconds at most with 30 seconds of leeway. Every refusal answers
    /// `{"event":"invalidLicenseKey"}`. Give the verifier a [`KeySet`](crate::KeySet) to rotate keys.
    ///
    /// # What is open, and the choice made
    ///
    /// The claims' names: `sid` is the `systemcallid`, `sub` the `uniqueuserid`, `dom` and `ip` are the
    /// restrictions. The lifetime: 300 seconds. A domain is one host, on `https`; each subdomain has to
    /// be listed.
    ///
    /// # What stays with you
    ///
    /// Making both ids unique, ending sessions by [`Verifier::end`](super::Verifier::end), and what
    /// [the module](super) lists. `examples/session_jodoworld.rs` runs.
    #[must_use]
    pub fn jodoworld() -> Self {
        Self {
            leeway: Duration::from_secs(30),
            subject: true,
            origins: true,
            networks: true,
            jwt_id: true,
            answer: r#"{"event":"invalidLicenseKey"}"#.into(),
            ..Self::new(Duration::from_secs(300))
        }
    }

    /// Cognigy Click To Call: credentials for one session.
    ///
    /// # What its documentation requires
    ///
    /// Credentials scoped to the session, never exposed or logged; a `userId` that is opaque and never
    /// personal data; TLS only.
    ///
    /// # What is checked
    ///
    /// `sid` against the session that the request has to name; `sub`, which is the `userId`, for being
    /// opaque; a life of 20 seconds without leeway. With the feature `jwe` credentials are sealed for the
    /// session service by `seal` and opened by `open`, whose one error says nothing.
    ///
    /// # What is open, and the choice made
    ///
    /// What opaque means: letters, digits, `-` and `_`, nothing that reads as a telephone number or a
    /// token; no rule can tell a name from an id, so make ids up. The lifetime: long enough for a page
    /// to hand the token on; [`longest_life`](Self::longest_life) changes it. Whether a token is used
    /// once: one with a `jti` is, and those issued here have one.
    ///
    /// # What stays with you
    ///
    /// Keeping opened credentials out of logs, TLS, and what [the module](super) lists.
    /// `examples/session_cognigy.rs` runs.
    #[must_use]
    pub fn cognigy() -> Self {
        Self { subject: true, named_session: true, ..Self::new(Duration::from_secs(20)) }
    }

    /// Talkative: a token that opens one WebSocket for one site.
    ///
    /// # What its documentation requires
    ///
    /// The page's key and the URL that a request comes from lead to a session token: used once, for one
    /// customer, for this session. It opens a secure WebSocket.
    ///
    /// # What is checked
    ///
    /// The header's `kid` is the page's key, which the request has to name; `src` is the request's
    /// origin; `sid` and `jti` are there; each token is taken once and lives 60 seconds at most.
    ///
    /// # What is open, and the choice made
    ///
    /// The claims' names, and the lifetime. The source URL counts by its origin, since that is all that
    /// a WebSocket's handshake tells: the path is left out.
    ///
    /// # What stays with you
    ///
    /// Verifying before the upgrade is answered, keeping tokens out of the logs if they come in the
    /// URL, and what [the module](super) lists. `examples/session_talkative.rs` runs.
    #[must_use]
    pub fn talkative() -> Self {
        Self { source: true, page_key: true, jwt_id: true, ..Self::new(Duration::from_secs(60)) }
    }

    /// How long a token lives at most.
    #[must_use]
    pub fn longest_life(mut self, longest_life: Duration) -> Self {
        self.longest = longest_life;
        self
    }

    /// How far the issuer's clock may be off; it lengthens no life.
    ///
    /// # Errors
    ///
    /// [`RuleError::LeewayTooLong`] above 300 seconds.
    pub fn leeway(mut self, leeway: Duration) -> Result<Self, RuleError> {
        Validation::new(Issuer::unchecked(), Audience::unchecked()).leeway(leeway)?;
        self.leeway = leeway;
        Ok(self)
    }

    /// Writes and requires this `iss`.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Writes and requires this `aud`.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
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
}
