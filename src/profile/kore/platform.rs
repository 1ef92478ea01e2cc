//! The platform's side: the registry of apps, and the way of a token to an identity.

use super::app::{App, AppKey};
#[cfg(feature = "jwe")]
use super::encrypted::{PlatformKeys, signed};
use super::identity::{Identity, broken};
use super::refusal::Refusal;
use super::reservation::{AsyncReservation, Reservation};
use super::wire::{self, Received};
use super::{AUDIENCE, AUDIENCE_COM};
use crate::profile::held::{AskedLater, inserted};
use crate::{
    AsyncReplayGuard, Audience, ClaimProblem, Error, HeaderProblem, Issuer, Leeway, Limits,
    NumericDate, RegisteredClaim, ReplayGuard, TokenHeader, UnverifiedHints, Validated, Validation,
    VerifyingKeys, jwt,
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
/// use strict_jose::{Hs256Key, MemoryReplayGuard, profile::kore};
///
/// let key = Hs256Key::generate()?;
/// let platform = kore::Platform::new(MemoryReplayGuard::with_capacity(100_000))
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
#[derive(Clone)]
pub struct Platform<G> {
    apps: BTreeMap<String, App>,
    #[cfg(feature = "jwe")]
    pub(super) keys: PlatformKeys,
    guard: G,
    compat: bool,
    leeway: Leeway,
    issued_after: Option<NumericDate>,
    now: Option<NumericDate>,
}

impl<G> Platform<G> {
    /// A platform that knows no app yet, and this guard: a [`ReplayGuard`] for
    /// [`accept`](Self::accept) and [`reserve`](Self::reserve), an [`AsyncReplayGuard`] for the calls
    /// that end in `_async`.
    #[must_use]
    pub fn new(guard: G) -> Self {
        Self {
            apps: BTreeMap::new(),
            #[cfg(feature = "jwe")]
            keys: PlatformKeys::default(),
            guard,
            compat: false,
            leeway: Leeway::ZERO,
            issued_after: None,
            now: None,
        }
    }

    /// Registers an app, in place of one of the same client id.
    #[must_use]
    pub fn register(mut self, app: App) -> Self {
        self.apps.insert(app.client_id().to_owned(), app);
        self
    }

    /// Takes what the documentation shows or leaves open beside what it says: `iat` in milliseconds,
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

    /// Tokens with a `jti` must have an `iat` after this date by more than the leeway, as
    /// [`Validation::issued_after`] has it: for a guard that forgets with its process.
    #[must_use]
    pub fn issued_after(mut self, date: NumericDate) -> Self {
        self.issued_after = Some(date);
        self
    }

    /// Verifies as if it were this time, instead of asking the system's clock at every call.
    #[must_use]
    pub fn at(mut self, now: NumericDate) -> Self {
        self.now = Some(now);
        self
    }

    pub(super) fn now(&self) -> Result<NumericDate, Error> {
        self.now.map_or_else(NumericDate::now, Ok)
    }

    /// The rules for claims, whoever vouches for them.
    pub(super) fn rules(&self, issuer: Issuer, now: NumericDate) -> Result<Validation, Error> {
        let rules = if self.compat {
            Validation::new(issuer, Audience::unchecked()).accept_milliseconds_in_issued_at()
        } else {
            let audience = Audience::includes_any([AUDIENCE, AUDIENCE_COM])?;
            Validation::new(issuer, audience).typ("JWT")
        };
        let rules = rules
            .leeway(self.leeway)
            .claim_alias(RegisteredClaim::Issuer, wire::ISSUER)?
            .claim_alias(RegisteredClaim::Subject, wire::SUBJECT)?
            .claim_alias(RegisteredClaim::JwtId, wire::JWT_ID)?;
        Ok(rules.require_subject().at(now))
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

    /// Everything but replay, about which there is a question left if the claims have a replay id.
    fn check<T: DeserializeOwned>(
        &self,
        assertion: &str,
        scope: &str,
        now: NumericDate,
    ) -> Result<Identity<T>, Refusal> {
        // Only tells the two kinds apart: their readers check the length and the form.
        #[cfg(feature = "jwe")]
        if assertion.split('.').count() == 5 {
            let refuse = |reason| Refusal::new(reason, false);
            let plaintext = self.keys.open(assertion).map_err(refuse)?;
            return self.check_signed(signed(&plaintext).map_err(refuse)?, scope, now, true);
        }
        self.check_signed(assertion, scope, now, false)
    }

    fn check_signed<T: DeserializeOwned>(
        &self,
        token: &str,
        scope: &str,
        now: NumericDate,
        was_encrypted: bool,
    ) -> Result<Identity<T>, Refusal> {
        let refuse = |reason| Refusal::new(reason, false);
        // Found by an unverified `iss`. `Issuer::exactly` below compares the verified one, under
        // the same alias, with the app whose key was used.
        let app = self.app(token).map_err(refuse)?;
        #[cfg(feature = "jwe")]
        if app.enforce_jwe && !was_encrypted {
            return Err(refuse(Error::SegmentCount { found: 3, expected: 5 }));
        }
        let rules = self.rules(Issuer::exactly(app.client_id()), now).map_err(refuse)?;
        let rules = if app.enforce_jti { rules.require_jwt_id() } else { rules };
        let mut rules = rules.single_use_if_jti_present(AskedLater).replay_scope(scope);
        if let Some(date) = self.issued_after {
            rules = rules.issued_after(date);
        }
        let claims = match &app.key {
            AppKey::Hs256(key) => verify(token, key, &rules),
            AppKey::Rs256(key) => verify(token, key, &rules),
        }?;
        self.check_silent(claims.audience(), claims.header())
            .and_then(|()| Identity::check(claims, was_encrypted, self.compat))
            .map_err(refuse)
    }

    /// The app that the token says it is from. Its key has the last word on that.
    fn app(&self, token: &str) -> Result<&App, Error> {
        let hints = UnverifiedHints::read_with_issuer_alias(token, wire::ISSUER, &Limits::DEFAULT)?;
        hints.issuer().and_then(|client_id| self.apps.get(client_id)).ok_or(Error::UnknownIssuer)
    }
}

impl<G: ReplayGuard> Platform<G> {
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

    /// [`accept`](Self::accept) for work that may fail: the id is given back unless the reservation is
    /// committed.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub fn reserve<T: DeserializeOwned>(
        &self,
        assertion: &str,
        scope: &str,
    ) -> Result<Reservation<T, &G>, Refusal> {
        self.reserve_by(&self.guard, assertion, scope)
    }

    /// [`reserve`](Self::reserve) for work that goes on elsewhere: the reservation has the guard, a
    /// shared pointer to it such as [`Arc`](std::sync::Arc), for itself.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub fn reserve_owned<T: DeserializeOwned>(
        &self,
        assertion: &str,
        scope: &str,
    ) -> Result<Reservation<T, G>, Refusal>
    where
        G: Clone,
    {
        self.reserve_by(self.guard.clone(), assertion, scope)
    }

    fn reserve_by<T: DeserializeOwned, H: ReplayGuard>(
        &self,
        guard: H,
        assertion: &str,
        scope: &str,
    ) -> Result<Reservation<T, H>, Refusal> {
        let now = self.now().map_err(|reason| Refusal::new(reason, false))?;
        let identity: Identity<T> = self.check(assertion, scope, now)?;
        if let Some(id) = identity.claims().replay_id() {
            let keep_until = identity.expires_at().saturating_add(self.leeway.as_duration());
            inserted(guard.insert_if_absent(id, keep_until, now))
                .map_err(|reason| Refusal::new(reason, true))?;
        }
        Ok(Reservation::new(identity, guard))
    }
}

impl<G: AsyncReplayGuard> Platform<G> {
    /// [`accept`](Self::accept) for a guard that answers later.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub async fn accept_async<T: DeserializeOwned>(
        &self,
        assertion: &str,
        scope: &str,
    ) -> Result<Identity<T>, Refusal> {
        self.reserve_async(assertion, scope).await.map(AsyncReservation::commit)
    }

    /// [`reserve`](Self::reserve) for a guard that answers later.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub async fn reserve_async<T: DeserializeOwned>(
        &self,
        assertion: &str,
        scope: &str,
    ) -> Result<AsyncReservation<T, &G>, Refusal> {
        let now = self.now().map_err(|reason| Refusal::new(reason, false))?;
        let identity: Identity<T> = self.check(assertion, scope, now)?;
        if let Some(id) = identity.claims().replay_id() {
            let keep_until = identity.expires_at().saturating_add(self.leeway.as_duration());
            inserted(self.guard.insert_if_absent(id, keep_until, now).await)
                .map_err(|reason| Refusal::new(reason, true))?;
        }
        Ok(AsyncReservation::new(identity, &self.guard))
    }
}

impl<G> fmt::Debug for Platform<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform")
            .field("apps", &self.apps.len())
            .field("compat", &self.compat)
            .finish_non_exhaustive()
    }
}

fn verify<T: DeserializeOwned>(
    token: &str,
    key: &impl VerifyingKeys,
    rules: &Validation<crate::SingleUse<AskedLater>>,
) -> Result<Validated<Received<T>>, Refusal> {
    jwt::verify(token, key, rules).map_err(|reason| {
        let has_jwt_id = matches!(&reason, Error::Claim(error) if error.token_has_jwt_id());
        Refusal::new(reason, has_jwt_id)
    })
}
