//! The exchange: an assertion for a session, once.

use super::Config;
use super::envelope::refuse;
use crate::serve::answer;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use strict_jose::NoPrivateClaims;
use strict_jose::profile::kore::Refusal;

/// What a client sends; the documented body may hold more than the assertion.
#[derive(Deserialize)]
struct Exchange {
    assertion: String,
}

pub(super) async fn exchange(State(config): State<Arc<Config>>, body: Bytes) -> Response {
    let Ok(Exchange { assertion }) = serde_json::from_slice(&body) else {
        return refuse(StatusCode::BAD_REQUEST, "body.no_assertion");
    };
    // An RSA operation takes milliseconds, in which no other request should have to wait.
    let work = tokio::task::spawn_blocking(move || grant(&config, &assertion));
    work.await.unwrap_or_else(|_| refuse(StatusCode::SERVICE_UNAVAILABLE, "grant.panicked"))
}

/// A session that cannot be opened gives the token back.
fn grant(config: &Config, assertion: &str) -> Response {
    let reservation = match config.platform.reserve::<NoPrivateClaims>(assertion, "grant") {
        Ok(reservation) => reservation,
        Err(refusal) => return answer_refusal(&refusal),
    };
    let opened = reservation.settle(|identity| {
        let access_token = (config.open_session)(identity.subject())?;
        let user = config.sessions.user(identity.client_id(), identity.subject());
        let (user_id, account_id) = user.map_err(|error| error.code())?;
        tracing::info!(client_id = identity.client_id(), "granted");
        Ok(json!({
            "authorization": {"accessToken": access_token},
            "userInfo": {"userId": user_id, "accountId": account_id},
        }))
    });
    match opened {
        Ok(body) => answer(StatusCode::OK, body.to_string(), None),
        Err(reason) => refuse(StatusCode::SERVICE_UNAVAILABLE, reason),
    }
}

pub(super) fn answer_refusal(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status());
    let status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    answer(status, refusal.body(), Some(refusal.reason().code()))
}
