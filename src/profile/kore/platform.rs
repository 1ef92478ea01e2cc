//! The platform's side: the registry of apps, and the way of a token to an identity.

use super::app::{App, AppKey};
use super::identity::{Facts, Identity, broken};
use super::keys::{Opened, OpensTokens, OpensTokensLater, PlatformKeys, signed};
use super::refusal::Refusal;
use super::wire::{self, Received};
use super::{AUDIENCE, AUDIENCE_COM};
use crate::{
    AfterRestart, AsyncReplayGuard, Audience, ClaimProblem, Clock, Error, HeaderProblem, Issuer,
    Leeway, Limits, NumericDate, RegisteredClaim, ReplayGuard, Reservation, SharedGuard, SingleUse,
    TokenHeader, Unspent, UnverifiedHints, Validation, VerifyingKeys, jwt,
};
use core::fmt;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// What takes the apps' tokens: their registry, the platform's own keys and the replay guard.
///
/// It is strict unless [`compat`](Self::compat) is said, and takes each token with a `jti` once per
/// scope.
///
/// ```
/// use strict_jose::{AfterRestart, Hs256Key, MemoryReplayGuard, NumericDate, profile::kore};
///
/// let key = Hs256Key::generate()?;
/// let guard = MemoryReplayGuard::with_capacity(100_000);
/// // When the last process before this one stopped: `guard.created_at()?`, if it had by then.
/// # let stopped = NumericDate::from_seconds(1_790_000_000).unwrap();
/// let platform = kore::Platform::new(guard, AfterRestart::only_issued_after(stopped))
///     .register(kore::App::hs256("cs-xxxxxxxxxx-1234", key.clone()).enforcing_jti());
///
/// let service = kore::TokenService::hs256("cs-xxxxxxxxxx-1234", key)?;
/// let token = service.issue(&kore::User::anonymous("visitor-7"))?;
/// let identity: kore::Identity = platform.accept(&token, "grant")?;
/// assert_eq!((identity.subject(), identity.is_anonymous()), ("visitor-7", true));
/// let rejected: Result<kore::Identity, _> = platform.accept(&token, "grant");
/// let refusal = rejected.unwrap_err();
/// assert_eq!(refusal.reason().code(), "replay.replayed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Platform<G, D = PlatformKeys> {
    apps: BTreeMap<String, App>,
    pub(super) keys: D,
    guard: G,
    compat: bool,
    leeway: Leeway,
    restart: AfterRestart<G>,
    clock: Clock,
}

impl<G> Platform<G> {
    /// A platform that knows no app yet, and this guard: a [`ReplayGuard`] for
    /// [`accept`](Self::accept) and [`reserve`](Self::reserve), an [`AsyncReplayGuard`] for the calls
    /// that end in `_async`.
    ///
    /// A date after which tokens have to be issued is for those with a `jti`. Then one without `iat` is
    /// rejected as missing it.
    #[must_use]
    pub fn new(guard: G, restart: AfterRestart<G>) -> Self {
        Self {
            apps: BTreeMap::new(),
            keys: PlatformKeys::none(),
            guard,
            compat: false,
            leeway: Leeway::ZERO,
            restart,
            clock: Clock::SYSTEM,
        }
    }
}

impl<G, D> Platform<G, D> {
    #[cfg(feature = "jwe")]
    pub(super) fn with_keys<N>(self, keys: impl FnOnce(D) -> N) -> Platform<G, N> {
        let Self { apps, keys: old, guard, compat, leeway, restart, clock } = self;
        Platform { apps, keys: keys(old), guard, compat, leeway, restart, clock }
    }

    /// Registers an app, in place of one of the same client id.
    #[must_use]
    pub fn register(mut self, app: App) -> Self {
        self.apps.insert(app.client_id().to_owned(), app);
        self
    }

    /// Takes what the documentation shows or leaves open beside what it says: dates in milliseconds,
    /// the text `"false"` for `isAnonymous`, `aud` missing or empty, `typ` missing.
    #[must_use]
    pub fn compat(mut self) -> Self {
        self.compat = true;
        self
    }

    /// How far the apps' clocks may be off. Zero unless said; it lengthens no lifetime.
    #[must_use]
    pub fn leeway(mut self, leeway: Leeway) -> Self {
        self.leeway = leeway;
        self
    }

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

    /// From when on tokens with a `jti` can be accepted, if not at once: for a readiness probe. See
    /// [`AfterRestart::ready_from`].
    #[must_use]
    pub fn ready_from(&self) -> Option<NumericDate> {
        self.restart.ready_from(self.leeway.as_duration())
    }

    /// The rules for claims, whoever vouches for them.
    pub(super) fn rules(&self, issuer: Issuer) -> Result<Validation, Error> {
        let rules = if self.compat {
            Validation::new(issuer, Audience::unchecked()).accept_milliseconds()
        } else {
            let audience = Audience::includes_any([AUDIENCE, AUDIENCE_COM])?;
            Validation::new(issuer, audience).typ("JWT")
        };
        let rules = rules
            .leeway(self.leeway)
            .claim_alias(RegisteredClaim::Issuer, wire::ISSUER)?
            .claim_alias(RegisteredClaim::Subject, wire::SUBJECT)?
            .claim_alias(RegisteredClaim::JwtId, wire::JWT_ID)?;
        Ok(rules.require_subject().clock(self.clock.clone()))
    }

    /// Compat's rules for `aud` and `typ`, which the crate has none for: what says nothing is let pass,
    /// what says something else is not.
    pub(super) fn check_silent(
        &self,
        audience: &[String],
        header: &TokenHeader,
    ) -> Result<(), Error> {
        let typ = header.typ().unwrap_or("JWT");
        if !["JWT", "application/jwt"].iter().any(|jwt| jwt.eq_ignore_ascii_case(typ)) {
            return Err(Error::Header { parameter: "typ", problem: HeaderProblem::Mismatch });
        }
        let known = |one: &String| [AUDIENCE, AUDIENCE_COM].contains(&one.as_str());
        let silent = self.compat && audience.iter().all(String::is_empty);
        if silent || audience.iter().any(known) {
            Ok(())
        } else {
            Err(broken("aud", ClaimProblem::Mismatch))
        }
    }

    /// Every rule but replay.
    fn check<T: DeserializeOwned>(
        &self,
        assertion: &str,
        opened: Result<Option<Opened>, Error>,
        scope: &str,
    ) -> Result<(Unspent<Received<T>, &G>, Facts), Refusal> {
        let refuse = |reason| Refusal::new(reason, false);
        match opened.map_err(refuse)? {
            Some(opened) => self.check_signed(signed(&opened).map_err(refuse)?, scope, true),
            None => self.check_signed(assertion, scope, false),
        }
    }

    fn check_signed<T: DeserializeOwned>(
        &self,
        token: &str,
        scope: &str,
        was_encrypted: bool,
    ) -> Result<(Unspent<Received<T>, &G>, Facts), Refusal> {
        let refuse = |reason| Refusal::new(reason, false);
        // Found by an unverified `iss`. `Issuer::exactly` below compares the verified one, under
        // the same alias, with the app whose key was used.
        let app = self.app(token).map_err(refuse)?;
        #[cfg(feature = "jwe")]
        if app.enforce_jwe && !was_encrypted {
            return Err(refuse(Error::SegmentCount { found: 3, expected: 5 }));
        }
        let rules = self.rules(Issuer::exactly(app.client_id())).map_err(refuse)?;
        let rules = if app.enforce_jti { rules.require_jwt_id() } else { rules };
        let restart = self.restart.through_pointer();
        let rules = rules.single_use_if_jti_present(&self.guard, restart).replay_scope(scope);
        let unspent = match &app.key {
            AppKey::Hs256(key) => check(token, key, &rules),
            AppKey::Rs256(key) => check(token, key, &rules),
        }?;
        unspent.examine(|claims| {
            self.check_silent(claims.audience(), claims.header())
                .and_then(|()| Facts::check(claims, was_encrypted, self.compat))
                .map_err(refuse)
        })
    }

    /// The app that the token says it is from. Its key has the last word on that.
    fn app(&self, token: &str) -> Result<&App, Error> {
        let hints = UnverifiedHints::read_with_issuer_alias(token, wire::ISSUER, &Limits::DEFAULT)?;
        hints.issuer().and_then(|client_id| self.apps.get(client_id)).ok_or(Error::UnknownIssuer)
    }
}

impl<G: ReplayGuard, D: OpensTokens> Platform<G, D> {
    /// Takes a token: verifies it and uses its id up, in the scope named after the place of use.
    ///
    /// # Errors
    ///
    /// A [`Refusal`]. Only a token that keeps every rule uses its id up.
    pub fn accept<T: DeserializeOwned>(
        &self,
        assertion: &str,
        scope: &str,
    ) -> Result<Identity<T>, Refusal> {
        self.reserve(assertion, scope).map(Reservation::commit)
    }

    /// [`accept`](Self::accept) for work that may fail: [`settle`](Reservation::settle) then gives the
    /// token back.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub fn reserve<T: DeserializeOwned>(
        &self,
        assertion: &str,
        scope: &str,
    ) -> Result<Reservation<Identity<T>, &G>, Refusal> {
        let (unspent, facts) = self.check(assertion, self.keys.open(assertion), scope)?;
        let spent = unspent.spend().map_err(|reason| Refusal::new(reason, true))?;
        Ok(spent.map(|claims| facts.identity(claims)))
    }
}

impl<G: AsyncReplayGuard, D: OpensTokensLater> Platform<G, D> {
    /// [`accept`](Self::accept) for a guard, and for keys in a device, that answer later.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub async fn accept_async<T: DeserializeOwned>(
        &self,
        assertion: &str,
        scope: &str,
    ) -> Result<Identity<T>, Refusal> {
        self.reserve_async(assertion, scope).await.map(Reservation::commit)
    }

    /// [`reserve`](Self::reserve) for a guard, and for keys in a device, that answer later.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub async fn reserve_async<T: DeserializeOwned>(
        &self,
        assertion: &str,
        scope: &str,
    ) -> Result<Reservation<Identity<T>, &G>, Refusal> {
        let (unspent, facts) = self.check(assertion, self.keys.open(assertion).await, scope)?;
        let spent = unspent.spend_async().await.map_err(|reason| Refusal::new(reason, true))?;
        Ok(spent.map(|claims| facts.identity(claims)))
    }
}

impl<G, D> fmt::Debug for Platform<G, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform")
            .field("apps", &self.apps.len())
            .field("compat", &self.compat)
            .finish_non_exhaustive()
    }
}

fn check<T: DeserializeOwned, G: SharedGuard>(
    token: &str,
    key: &impl VerifyingKeys,
    rules: &Validation<SingleUse<G>>,
) -> Result<Unspent<Received<T>, G>, Refusal> {
    jwt::check(token, key, rules).map_err(|reason| {
        let has_jwt_id = matches!(&reason, Error::Claim(error) if error.token_has_jwt_id());
        Refusal::new(reason, has_jwt_id)
    })
}
