//! A socket for a session, and what is said there.

use super::envelope::refuse;
use super::{Config, Sessions};
use crate::serve::answer;
use crate::sockets::Conversation;
use axum::extract::State;
use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use strict_jose::Error;

/// The largest message taken from a page, in octets.
const MESSAGE_MAX_LEN: usize = 16 * 1024;

/// The address of a socket. Its query is there even for a client that only appends `&isReconnect=true`.
pub(super) async fn start(State(config): State<Arc<Config>>, headers: HeaderMap) -> Response {
    let session = match bearer(&headers).map(|token| config.sessions.session(token)) {
        Some(Ok(session)) => session,
        Some(Err(error)) => return refuse_for(&error),
        None => return refuse(StatusCode::UNAUTHORIZED, "session.no_bearer"),
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let at = config.socket_url.clone().unwrap_or_else(|| format!("ws://{host}"));
    match config.sessions.ticket(&session) {
        Ok(ticket) => {
            let body = json!({"url": format!("{at}/rtm?ticket={ticket}")});
            answer(StatusCode::OK, body.to_string(), None)
        }
        Err(error) => refuse(StatusCode::SERVICE_UNAVAILABLE, error.code()),
    }
}

/// 401 makes a client give its session up: not where nothing is wrong with it.
fn refuse_for(error: &Error) -> Response {
    let status = match error {
        Error::Replay(_) | Error::ClockUnavailable | Error::RandomnessUnavailable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::UNAUTHORIZED,
    };
    refuse(status, error.code())
}

/// The token of `Authorization: bearer ..`, whose scheme may be in any case (RFC 9110 section 11.1).
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, token) = values.next()?.to_str().ok()?.split_once(' ')?;
    (values.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then_some(token.trim_start())
}

#[derive(Deserialize)]
struct Opening {
    ticket: String,
}

/// The ticket goes into the address, for a page can set no header of a socket: so it opens one socket, within
/// seconds, and the log of this service has no addresses.
pub(super) async fn open(
    State(config): State<Arc<Config>>,
    address: Uri,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        return refuse(StatusCode::UPGRADE_REQUIRED, "socket.no_upgrade");
    };
    let query = address.query().unwrap_or_default();
    let Ok(Opening { ticket }) = serde_urlencoded::from_str(query) else {
        return refuse(StatusCode::UNAUTHORIZED, "socket.no_ticket");
    };
    let Some(place) = config.sessions.place() else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "socket.all_taken");
    };
    let (subject, place) = match config.sessions.spend(&ticket, place) {
        Ok(spent) => spent,
        Err(error) => return refuse_for(&error),
    };
    let sessions = Arc::clone(&config.sessions);
    upgrade
        .max_message_size(MESSAGE_MAX_LEN)
        .max_frame_size(MESSAGE_MAX_LEN)
        .on_upgrade(move |socket| place.serve(socket, Bot { subject, sessions }))
}

/// Says who is there, and what they have said.
struct Bot {
    subject: String,
    sessions: Arc<Sessions>,
}

impl Conversation for Bot {
    fn answer(&mut self, text: &str) -> Vec<String> {
        let message: Value = serde_json::from_str(text).unwrap_or_default();
        let said = message["message"]["body"].as_str();
        let (Some(said), Ok(id)) = (said, self.sessions.next_message()) else { return Vec::new() };
        let received = json!({"type": "ack", "ok": true, "replyto": message["id"]});
        let answer = json!({
            "type": "bot_response",
            "from": "bot",
            "messageId": id,
            "message": [{"type": "text", "cInfo": {"body": reply(&self.subject, said)}}],
        });
        vec![received.to_string(), answer.to_string()]
    }
}

pub(super) fn reply(subject: &str, said: &str) -> String {
    format!("{subject} said: {said}")
}
