//! Pages of listed origins may ask; those of any other go no further.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The origins whose pages may ask, and what they may send.
#[derive(Debug, Clone)]
pub struct CrossOrigin {
    origins: Arc<[String]>,
    methods: &'static str,
    headers: &'static str,
    refuse: fn(StatusCode, &'static str) -> Response,
}

impl CrossOrigin {
    /// Pages of these origins, separated by commas, may send these headers; whoever else is a page gets 403, in the
    /// service's own words.
    #[must_use]
    pub fn new(
        origins: &str,
        methods: &'static str,
        headers: &'static str,
        refuse: fn(StatusCode, &'static str) -> Response,
    ) -> Self {
        let origins = origins.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        Self { origins: origins.map(str::to_owned).collect(), methods, headers, refuse }
    }

    /// Puts itself before the routes, and before what is no route.
    pub fn before(self, routes: Router) -> Router {
        routes.layer(middleware::from_fn_with_state(self, check))
    }
}

/// A browser's request from another origin would be carried out even if the page could not read the answer. One
/// without an origin comes from a program.
async fn check(State(rule): State<CrossOrigin>, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        return next.run(request).await;
    };
    if !rule.origins.iter().any(|permitted| permitted.as_bytes() == origin.as_bytes()) {
        return (rule.refuse)(StatusCode::FORBIDDEN, "origin.not_permitted");
    }
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        let headers = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, rule.methods),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, rule.headers),
            (header::ACCESS_CONTROL_MAX_AGE, "600"),
        ];
        (StatusCode::NO_CONTENT, headers).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    response
}
