//! Webhook mode: no session, and the assertion itself is the bearer of every request.
//!
//! So it has to have no `jti`, or the first request is the only one; and an app that enforces `jti` cannot be
//! spoken to this way.

use super::Config;
use super::conversation::{bearer, reply};
use super::envelope::refuse;
use super::grant::answer_refusal;
use crate::serve::answer;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;
use strict_jose::NoPrivateClaims;

pub(super) async fn answer_message(
    State(config): State<Arc<Config>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(assertion) = bearer(&headers).map(str::to_owned) else {
        return refuse(StatusCode::UNAUTHORIZED, "webhook.no_bearer");
    };
    // Before the token is used up, if it has a `jti`.
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    let said = message["message"]["val"].as_str().or(message["message"]["text"].as_str());
    let Some(said) = said.map(str::to_owned) else {
        return refuse(StatusCode::BAD_REQUEST, "body.no_message");
    };
    let work = tokio::task::spawn_blocking(move || {
        match config.platform.accept::<NoPrivateClaims>(&assertion, "webhook") {
            Ok(identity) => {
                let data = json!([{"type": "text", "val": reply(identity.subject(), &said)}]);
                answer(StatusCode::OK, json!({"_v": "v2", "data": data}).to_string(), None)
            }
            Err(refusal) => answer_refusal(&refusal),
        }
    });
    work.await.unwrap_or_else(|_| refuse(StatusCode::SERVICE_UNAVAILABLE, "webhook.panicked"))
}
