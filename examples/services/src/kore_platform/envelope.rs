//! The documented envelope of what is refused.

use crate::serve::{Reason, answer};
use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use serde_json::json;

/// A refusal in this platform's words.
pub(super) fn refuse(status: StatusCode, reason: &'static str) -> Response {
    let text = match status {
        StatusCode::UNAUTHORIZED => "not authorized",
        StatusCode::SERVICE_UNAVAILABLE => "try again later",
        status => status.canonical_reason().unwrap_or("refused"),
    };
    let body = json!({"errors": [{"msg": text, "code": status.as_u16()}]});
    answer(status, body.to_string(), Some(reason))
}

/// Puts what is refused before a handler is asked into the envelope: no such path or method, too large, no upgrade.
pub(super) fn around(routes: Router) -> Router {
    routes.layer(middleware::from_fn(enclose))
}

async fn enclose(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let (status, refused) = (response.status(), response.status().as_u16() >= 400);
    if !refused || response.extensions().get::<Reason>().is_some() {
        return response;
    }
    let mut enclosed = refuse(status, "request.not_served");
    if let Some(allowed) = response.headers().get(header::ALLOW) {
        enclosed.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    enclosed
}
