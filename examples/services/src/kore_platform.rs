//! The platform's side: an assertion comes in, a session goes out, once; and the session opens a conversation.
//!
//! | route | answer |
//! | --- | --- |
//! | `POST /api/1.1/oAuth/token/jwtgrant`, `POST /api/oAuth/token/jwtgrant` | a session for an assertion |
//! | `POST /api/1.1/rtm/start`, `POST /api/rtm/start` | the address of a socket for a session's access token |
//! | `GET /rtm?ticket=..` | that socket, once; each message gets an answer |
//! | `POST /chatbot/v2/webhook/{bot}` | an answer to one message, whose bearer is the assertion itself |
//!
//! Whatever is refused there, from a wrong path to a full guard, is answered in the documented envelope. A client
//! that gets a body that is not JSON, or none, sends the same assertion again. `GET /ready` and `GET /health` are for
//! whoever runs it.
//!
//! | setting | meaning |
//! | --- | --- |
//! | `KORE_CLIENT_ID` | the client id of the registered app |
//! | `KORE_CLIENT_SECRET`, or `KORE_CLIENT_SECRET_FILE` | for an app registered for HS256 |
//! | `KORE_PUBLIC_KEY_FILE` | for one registered for RS256: PEM |
//! | `KORE_ENFORCE_JTI`, `KORE_ENFORCE_JWE` | what the app insists on |
//! | `KORE_PLATFORM_PRIVATE_JWK_FILE` | decrypts with this key, by either algorithm |
//! | `KORE_COMPAT` | takes what samples show beside what the documentation says |
//! | `KORE_ORIGINS` | the origins whose pages may ask, separated by commas |
//! | `KORE_SOCKET_URL` | where sockets are reached, as in `wss://platform.example`; set it wherever TLS ends in front, for it is `ws://` and the request's own host unless set |
//! | `KORE_REPLAY_CAPACITY` | how many ids are kept at once; 100000 unless set |
//! | `KORE_ISSUED_AFTER` | when the process before this one has stopped, in seconds since 1970; now unless it is later |
//!
//! The guard forgets with its process which tokens were used, so only those issued after that time are
//! accepted. To restart without a gap, start the new process with a time some 10 seconds ahead, tell the old one to
//! stop at once (it has [`STOPPING`](crate::serve::STOPPING) for the requests it has), and send the new one
//! requests once `GET /ready` says 200. Until then it answers every token with 503.

mod conversation;
mod envelope;
mod grant;
mod sessions;
mod webhook;

pub use sessions::Sessions;

use crate::config::{ConfigError, Settings};
use crate::cross_origin::CrossOrigin;
use crate::serve::{READY, complete, ready};
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;
use strict_jose::profile::kore::{App, Platform};
use strict_jose::{
    AfterRestart, Clock, Error, Hs256Key, KeySet, MemoryReplayGuard, Rs256VerifyingKey,
    RsaOaepDecryptionKey, legacy::Rsa1_5DecryptionKey,
};

/// The documented path of the exchange.
pub const GRANT: &str = "/api/1.1/oAuth/token/jwtgrant";

/// The path that Kore.ai's client for the web asks unless its page sets another.
pub const GRANT_OF_SDK: &str = "/api/oAuth/token/jwtgrant";

/// Where a session asks for a socket.
pub const START: &str = "/api/1.1/rtm/start";

/// The same, as [`GRANT_OF_SDK`].
pub const START_OF_SDK: &str = "/api/rtm/start";

/// Opens a session for a subject and gives its access token; the error's text is for the log.
pub type OpenSession = dyn Fn(&str) -> Result<String, &'static str> + Send + Sync;

/// What the service holds.
pub struct Config {
    platform: Platform<MemoryReplayGuard>,
    clock: Clock,
    sessions: Arc<Sessions>,
    /// Does the work behind a token.
    open_session: Box<OpenSession>,
    pages: CrossOrigin,
    socket_url: Option<String>,
}

impl Config {
    /// A platform for one app that keeps so many ids. What it gives for a token is a session, and nothing more.
    ///
    /// # Errors
    ///
    /// If the system gives no random numbers.
    pub fn new(
        app: App,
        capacity: usize,
        restart: AfterRestart<MemoryReplayGuard>,
    ) -> Result<Self, Error> {
        let guard = MemoryReplayGuard::with_capacity(capacity);
        let platform = Platform::new(guard, restart).register(app);
        let sessions = Arc::new(Sessions::new()?);
        let opening = Arc::clone(&sessions);
        Ok(Self {
            platform,
            clock: Clock::SYSTEM,
            sessions,
            open_session: Box::new(move |subject| {
                opening.access_token(subject).map_err(|error| error.code())
            }),
            pages: pages(""),
            socket_url: None,
        })
    }

    /// Does this work for a token instead.
    #[must_use]
    pub fn opening_sessions_by(self, open_session: Box<OpenSession>) -> Self {
        Self { open_session, ..self }
    }

    /// Pages of these origins may ask, separated by commas.
    #[must_use]
    pub fn for_pages_of(self, origins: &str) -> Self {
        Self { pages: pages(origins), ..self }
    }

    /// The sessions, to end them.
    #[must_use]
    pub fn sessions(&self) -> Arc<Sessions> {
        Arc::clone(&self.sessions)
    }

    /// Takes the time from this clock instead of the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.platform = self.platform.clock(clock.clone());
        self.sessions.set_clock(clock.clone());
        self.clock = clock;
        self
    }

    /// Reads the settings.
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
        let mut config = Self::new(app, capacity, restart)
            .map_err(|error| ConfigError::new("access tokens", error))?;
        config.pages = pages(&settings.optional("KORE_ORIGINS").unwrap_or_default());
        let url = settings.optional("KORE_SOCKET_URL");
        config.socket_url = url.map(|url| url.trim_end_matches('/').to_owned());
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

fn pages(origins: &str) -> CrossOrigin {
    CrossOrigin::new(origins, "GET, POST", "content-type, authorization", envelope::refuse)
}

/// The service.
pub fn routes(config: Config) -> Router {
    let pages = config.pages.clone();
    let ready = ready(config.platform.ready_from(), config.clock.clone());
    let routes = Router::new()
        .route(GRANT, post(grant::exchange))
        .route(GRANT_OF_SDK, post(grant::exchange))
        .route(START, post(conversation::start))
        .route(START_OF_SDK, post(conversation::start))
        .route("/rtm", get(conversation::open))
        .route("/chatbot/v2/webhook/{bot}", post(webhook::answer_message))
        .with_state(Arc::new(config));
    complete(pages.before(envelope::around(routes)).route(READY, ready))
}
