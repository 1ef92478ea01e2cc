//! The platform's side: an assertion comes in, a session goes out, once.
//!
//! | setting | meaning |
//! | --- | --- |
//! | `KORE_CLIENT_ID` | the client id of the registered app |
//! | `KORE_CLIENT_SECRET`, or `KORE_CLIENT_SECRET_FILE` | for an app registered for HS256 |
//! | `KORE_PUBLIC_KEY_FILE` | for one registered for RS256: PEM |
//! | `KORE_ENFORCE_JTI`, `KORE_ENFORCE_JWE` | what the app insists on |
//! | `KORE_PLATFORM_PRIVATE_JWK_FILE` | decrypts with this key, by either algorithm |
//! | `KORE_COMPAT` | takes what samples show beside what the documentation says |
//! | `KORE_REPLAY_CAPACITY` | how many ids are kept at once; 100000 unless set |
//! | `KORE_ISSUED_AFTER` | when the process before this one has stopped, in seconds since 1970; now unless it is later |
//!
//! The guard forgets with its process which tokens were used, so only those issued after that time are
//! accepted. To restart without a gap, start the new process with a time some 10 seconds ahead, tell the old one to
//! stop at once (it has [`STOPPING`](crate::serve::STOPPING) for the requests it has), and send the new one
//! requests once `GET /ready` says 200. Until then it answers every token with 503.

use crate::config::{ConfigError, Settings};
use crate::serve::{READY, answer, complete, ready};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use strict_jose::profile::kore::{App, Platform};
use strict_jose::{
    AfterRestart, Claims, Clock, Hs256Key, KeySet, MemoryReplayGuard, NoPrivateClaims,
    Rs256VerifyingKey, RsaOaepDecryptionKey, jwt, legacy::Rsa1_5DecryptionKey,
};

/// The documented path of the exchange.
pub const GRANT: &str = "/api/1.1/oAuth/token/jwtgrant";

/// A path of ours that stands for the socket connection: a place of use of its own.
pub const CONNECT: &str = "/connect";

/// Opens a session for a subject and gives its access token; the error's text is for the log.
pub type OpenSession = dyn Fn(&str) -> Result<String, &'static str> + Send + Sync;

/// What the service holds.
pub struct Config {
    platform: Platform<MemoryReplayGuard>,
    clock: Clock,
    /// Does the work behind a token.
    open_session: Box<OpenSession>,
}

impl Config {
    /// A platform for one app that keeps so many ids, and the work behind a token.
    #[must_use]
    pub fn new(
        app: App,
        capacity: usize,
        restart: AfterRestart<MemoryReplayGuard>,
        open_session: Box<OpenSession>,
    ) -> Self {
        let guard = MemoryReplayGuard::with_capacity(capacity);
        let platform = Platform::new(guard, restart).register(app);
        Self { platform, clock: Clock::SYSTEM, open_session }
    }

    /// Takes the time from this clock instead of the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.platform = self.platform.clock(clock.clone());
        self.clock = clock;
        self
    }

    /// Reads the settings; access tokens are signed with a key that lives as long as the process.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] that names the setting and not its value.
    pub fn read(settings: &Settings<'_>) -> Result<Self, ConfigError> {
        let client_id = settings.required("KORE_CLIENT_ID")?;
        let secret = settings.secret("KORE_CLIENT_SECRET")?;
        let pem = settings.secret("KORE_PUBLIC_KEY")?;
        let wrong = |name: &'static str| move |error| ConfigError::new(name, error);
        let mut app = match (secret, pem) {
            (Some(secret), None) => Hs256Key::from_utf8(&secret)
                .map(|key| App::hs256(client_id, key))
                .map_err(wrong("KORE_CLIENT_SECRET"))?,
            (None, Some(pem)) => Rs256VerifyingKey::from_pem(&pem)
                .map(|key| App::rs256(client_id, key))
                .map_err(wrong("KORE_PUBLIC_KEY"))?,
            _ => {
                let problem = "set this or KORE_PUBLIC_KEY, and not both";
                return Err(ConfigError::new("KORE_CLIENT_SECRET", problem));
            }
        };
        if settings.switch("KORE_ENFORCE_JTI")? {
            app = app.enforcing_jti();
        }
        if settings.switch("KORE_ENFORCE_JWE")? {
            app = app.enforcing_jwe();
        }
        let capacity = settings.optional("KORE_REPLAY_CAPACITY");
        let capacity = capacity.unwrap_or_else(|| "100000".to_owned()).parse();
        let capacity = capacity.map_err(|error| ConfigError::new("KORE_REPLAY_CAPACITY", error))?;
        let restart = settings.after_restart("KORE_ISSUED_AFTER")?;
        let key = Hs256Key::generate().map_err(wrong("access tokens"))?;
        let open_session = Box::new(move |subject: &str| session(&key, subject));
        let mut config = Self::new(app, capacity, restart, open_session);
        if settings.switch("KORE_COMPAT")? {
            config.platform = config.platform.compat();
        }
        if let Some(jwk) = settings.secret("KORE_PLATFORM_PRIVATE_JWK")? {
            let wrong = wrong("KORE_PLATFORM_PRIVATE_JWK");
            let rsa_oaep = RsaOaepDecryptionKey::from_jwk(&jwk).and_then(|key| KeySet::new([key]));
            let rsa1_5 = Rsa1_5DecryptionKey::from_jwk(&jwk).and_then(|key| KeySet::new([key]));
            config.platform = config
                .platform
                .decrypting(rsa_oaep.map_err(wrong)?)
                .decrypting_rsa1_5(rsa1_5.map_err(wrong)?);
        }
        Ok(config)
    }
}

/// A session that is nothing but its access token.
fn session(key: &Hs256Key, subject: &str) -> Result<String, &'static str> {
    let claims = Claims::expiring_in(Duration::from_secs(900)).subject(subject).random_jwt_id();
    jwt::sign(&claims, key).map_err(|error| error.code())
}

/// The service.
pub fn routes(config: Config) -> Router {
    let routes = Router::new()
        .route(READY, ready(config.platform.ready_from(), config.clock.clone()))
        .route(GRANT, post(|state, body| exchange(state, body, "grant")))
        .route(CONNECT, post(|state, body| exchange(state, body, "socket")))
        .with_state(Arc::new(config));
    complete(routes)
}

/// What a client sends; the documented body may hold more than the assertion.
#[derive(Deserialize)]
struct Exchange {
    assertion: String,
}

async fn exchange(State(config): State<Arc<Config>>, body: Bytes, scope: &'static str) -> Response {
    let Ok(Exchange { assertion }) = serde_json::from_slice(&body) else {
        let body = json!({"errors": [{"msg": "assertion expected", "code": 400}]}).to_string();
        return answer(StatusCode::BAD_REQUEST, body, Some("body.no_assertion"));
    };
    // An RSA operation takes milliseconds, in which no other request should have to wait.
    let work = tokio::task::spawn_blocking(move || grant(&config, &assertion, scope));
    work.await.unwrap_or_else(|_| unavailable("grant.panicked"))
}

/// A session that cannot be opened gives the token back.
fn grant(config: &Config, assertion: &str, scope: &str) -> Response {
    let reservation = match config.platform.reserve::<NoPrivateClaims>(assertion, scope) {
        Ok(reservation) => reservation,
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status());
            let status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            return answer(status, refusal.body(), Some(refusal.reason().code()));
        }
    };
    let opened = reservation.settle(|identity| {
        let access_token = (config.open_session)(identity.subject())?;
        tracing::info!(client_id = identity.client_id(), scope, "granted");
        Ok(access_token)
    });
    match opened {
        Ok(access_token) => {
            let body = json!({"authorization": {"accessToken": access_token}});
            answer(StatusCode::OK, body.to_string(), None)
        }
        Err(reason) => unavailable(reason),
    }
}

fn unavailable(reason: &'static str) -> Response {
    let body = json!({"errors": [{"msg": "try again later", "code": 503}]}).to_string();
    answer(StatusCode::SERVICE_UNAVAILABLE, body, Some(reason))
}
