//! A WebSocket that a page opens with a token of its own, once, from the one origin it was issued for.
//!
//! | route | answer |
//! | --- | --- |
//! | `POST /session/{page key}` | a session and its token, for pages of the registered origin; no body |
//! | `GET /socket/{page key}` | 101, if the token is good; else the same 401 whatever was wrong, or 503 |
//!
//! The page carries the token in `Sec-WebSocket-Protocol`, beside the protocol it wants to speak:
//!
//! ```js
//! new WebSocket(`wss://${host}/socket/${pageKey}`, ["session.v1", `token.${token}`]);
//! ```
//!
//! That is the one header a page can set there. A query would stand in the access log of every proxy on
//! the way; a cookie would be sent for foreign pages too. The answer names `session.v1` alone, and the
//! log of this service has neither URLs nor headers. Tell the proxy in front not to log that header.
//!
//! | setting | meaning |
//! | --- | --- |
//! | `SESSION_SITES`, or `SESSION_SITES_FILE` | the sites, as [`Sites`] has them |
//! | `SESSION_SOCKET_SECONDS` | how long a socket may stay open; 900 unless set |
//! | `SESSION_REPLAY_CAPACITY` | how many ids are kept at once; 100000 unless set |
//! | `SESSION_ISSUED_AFTER` | when the process before this one has stopped, in seconds since 1970; now unless it is later |
//!
//! ```sh
//! secret=$(openssl rand 32 | basenc --base64url | tr -d =)
//! export SESSION_SITES='[{"pageKey":"pk_live_1","source":"https://www.bank.example","secret":"'$secret'"}]'
//! LISTEN=127.0.0.1:8080 cargo run --release --bin session_single_use
//! ```
//!
//! On SIGHUP the sites are read again, to rotate keys: the ids that were used up stay used up, which a
//! restart would forget. Sockets that are open stay open.
//!
//! After a restart only tokens issued after `SESSION_ISSUED_AFTER` are accepted. Until a time that is still
//! ahead has come, because the old process still serves, `GET /ready` and every token are answered with 503.
//!
//! TLS ends in front: the proxy has to pass `Origin`, `Upgrade` and `Connection` on as they came.

mod sites;

pub use sites::{Sites, policy};

use crate::config::{ConfigError, Settings};
use crate::serve::{READY, answer, complete, ready};
use crate::sockets::{Conversation, Sockets};
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use strict_jose::profile::session::{Request, Session};
use strict_jose::{AfterRestart, Clock, MemoryReplayGuard};
use tokio::sync::watch;

/// What a page and this service speak over the socket.
pub const PROTOCOL: &str = "session.v1";

/// Before the token, among the protocols that a page offers.
pub const TOKEN_PREFIX: &str = "token.";

/// What every refusal answers.
pub const REFUSED: &str = r#"{"error":"invalidSession"}"#;

/// The largest message taken from a page, in octets.
pub const MESSAGE_MAX_LEN: usize = 16 * 1024;

/// What the service holds.
pub struct Service {
    sites: watch::Sender<Arc<Sites>>,
    guard: Arc<MemoryReplayGuard>,
    restart: AfterRestart<MemoryReplayGuard>,
    sockets: Sockets,
}

impl Service {
    /// Reads the settings.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] that names the setting and not its value.
    pub fn read(settings: &Settings<'_>) -> Result<Self, ConfigError> {
        let seconds = number(settings, "SESSION_SOCKET_SECONDS", 900)?;
        let capacity = number(settings, "SESSION_REPLAY_CAPACITY", 100_000)?;
        let guard = Arc::new(MemoryReplayGuard::with_capacity(capacity));
        let restart = settings.after_restart("SESSION_ISSUED_AFTER")?;
        let sites = Sites::read(settings, Arc::clone(&guard), restart)?;
        let sockets = Sockets::open_for(Duration::from_secs(seconds));
        Ok(Self { sites: watch::Sender::new(Arc::new(sites)), guard, restart, sockets })
    }

    /// Reads the sites again; what has been used up stays so.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); the sites stay as they were.
    pub fn read_sites_again(&self, settings: &Settings<'_>) -> Result<(), ConfigError> {
        let sites = Sites::read(settings, Arc::clone(&self.guard), self.restart)?;
        self.sites.send_replace(Arc::new(sites));
        Ok(())
    }

    /// Tells every page that the service is going away, and waits until its socket is closed.
    pub async fn close_sockets(&self) {
        self.sockets.close().await;
    }

    fn sites(&self) -> Arc<Sites> {
        Arc::clone(&self.sites.borrow())
    }
}

fn number<T>(settings: &Settings<'_>, name: &str, unless_set: T) -> Result<T, ConfigError>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    settings
        .optional(name)
        .map_or(Ok(unless_set), |text| text.parse().map_err(|error| ConfigError::new(name, error)))
}

/// The service.
pub fn routes(service: Arc<Service>) -> Router {
    let routes = Router::new()
        .route(READY, ready(service.sites().verifier().ready_from(), Clock::SYSTEM))
        .route("/session/{page_key}", post(issue))
        .route("/socket/{page_key}", get(open))
        .with_state(service);
    complete(routes)
}

/// A session for a page. The request is one that browsers send without asking first, so the origin is
/// checked before anything is done.
async fn issue(
    State(service): State<Arc<Service>>,
    Path(page_key): Path<String>,
    headers: HeaderMap,
) -> Response {
    match service.sites().issue(&page_key, origin(&headers)) {
        Ok(issued) => {
            let cross_origin = [
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, issued.source.as_str()),
                (header::VARY, "origin"),
            ];
            let body = json!({"session": issued.session_id, "token": issued.token});
            (cross_origin, answer(StatusCode::OK, body.to_string(), None)).into_response()
        }
        Err((status, reason)) => answer(status, REFUSED, Some(reason)),
    }
}

/// A socket for a token. A request that could not be upgraded does not come so far, and a refused one
/// uses nothing up; a connection that is lost after the 101 costs the page a new token.
async fn open(
    State(service): State<Arc<Service>>,
    Path(page_key): Path<String>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let token = match token(&upgrade) {
        Ok(token) => token,
        Err(reason) => return answer(StatusCode::UNAUTHORIZED, REFUSED, Some(reason)),
    };
    let mut request = Request::new().page_key(&page_key);
    if let Some(origin) = origin(&headers) {
        request = request.origin(origin);
    }
    // Before the token is used up.
    let Some(place) = service.sockets.place() else {
        return answer(StatusCode::SERVICE_UNAVAILABLE, REFUSED, Some("socket.all_taken"));
    };
    let session = match service.sites().verifier().accept(token, &request) {
        Ok(session) => session,
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status());
            let status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            return answer(status, refusal.answer(), Some(refusal.reason().code()));
        }
    };
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(MESSAGE_MAX_LEN)
        .max_frame_size(MESSAGE_MAX_LEN)
        .on_upgrade(move |socket| place.serve(socket, Echo(session)))
}

/// Every text comes back with the session's id.
struct Echo(Session);

impl Conversation for Echo {
    fn answer(&mut self, text: &str) -> Vec<String> {
        vec![json!({"session": self.0.session_id(), "echo": text}).to_string()]
    }
}

/// The one `Origin`: of two, nobody could say which of them was checked by whom.
fn origin(headers: &HeaderMap) -> Option<&str> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let origin = origins.next()?.to_str().ok()?;
    origins.next().is_none().then_some(origin)
}

/// The one token among the protocols. [`PROTOCOL`] has to be there, for a browser fails a connection
/// whose answer names none of those it offered, and the token would have been used up.
fn token(upgrade: &WebSocketUpgrade) -> Result<&str, &'static str> {
    let offered = || upgrade.requested_protocols().filter_map(|value| value.to_str().ok());
    if !offered().any(|protocol| protocol == PROTOCOL) {
        return Err("socket.protocol_not_offered");
    }
    let mut tokens = offered().filter_map(|protocol| protocol.strip_prefix(TOKEN_PREFIX));
    match (tokens.next(), tokens.next()) {
        (Some(token), None) => Ok(token),
        (None, _) => Err("socket.token_missing"),
        (Some(_), Some(_)) => Err("socket.several_tokens"),
    }
}
