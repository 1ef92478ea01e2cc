//! What every service does: listen, log each request, say that it is well, stop when told to.

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use std::future::Future;
use std::io;
use std::time::{Duration, Instant};
use strict_jose::{Clock, NumericDate};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Why a request was refused, for the log alone: put it into the response's extensions.
#[derive(Debug, Clone, Copy)]
pub struct Reason(pub &'static str);

/// The largest body taken, in octets: a nested token with room to spare.
pub const BODY_MAX_LEN: usize = 64 * 1024;

/// A JSON text with its status, and the reason for the log if it is a refusal.
pub fn answer(
    status: StatusCode,
    body: impl Into<String>,
    reason: Option<&'static str>,
) -> Response {
    let headers = [("content-type", "application/json"), ("cache-control", "no-store")];
    let mut response = (status, headers, body.into()).into_response();
    if let Some(reason) = reason {
        response.extensions_mut().insert(Reason(reason));
    }
    response
}

/// Where a probe asks.
pub const READY: &str = "/ready";

/// Behind [`READY`]: 503 until tokens are accepted, for whatever decides which process gets the requests.
pub fn ready<S>(from: Option<NumericDate>, clock: Clock) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    get(move || async move {
        if clock.now().is_ok_and(|now| from.is_none_or(|from| from <= now)) {
            answer(StatusCode::OK, r#"{"status":"ready"}"#, None)
        } else {
            let body = r#"{"status":"not ready"}"#;
            answer(StatusCode::SERVICE_UNAVAILABLE, body, None)
        }
    })
}

/// Adds `GET /health`, a limit on bodies and the request log.
pub fn complete(routes: Router) -> Router {
    routes
        .route("/health", get(|| async { answer(StatusCode::OK, r#"{"status":"ok"}"#, None) }))
        .layer(axum::extract::DefaultBodyLimit::max(BODY_MAX_LEN))
        .layer(middleware::from_fn(log))
}

/// One line a request: the route as this program names it, never the URL, a header or a body.
async fn log(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    if route.as_ref().is_some_and(|route| route.as_str() == READY) {
        return response; // a probe asks every second
    }
    let reason = response.extensions().get::<Reason>().map(|reason| reason.0);
    tracing::info!(
        %method,
        route = route.as_ref().map_or("none", MatchedPath::as_str),
        status = response.status().as_u16(),
        microseconds = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX),
        reason,
        "request"
    );
    response
}

/// How long requests that are under way have to end when the service is told to stop. A process that takes its
/// place accepts tokens no earlier than that: a client that holds back its body would else be served by both.
pub const STOPPING: Duration = Duration::from_secs(5);

/// Serves until told to stop, and [`STOPPING`] longer what is under way.
///
/// # Errors
///
/// If the socket fails.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, mut told) = tokio::sync::watch::channel(());
    let serving = axum::serve(listener, routes).with_graceful_shutdown(async move {
        stop.await;
        stopping.send_replace(());
    });
    let too_late = async {
        told.changed().await.ok();
        tokio::time::sleep(STOPPING).await;
    };
    tokio::select! {
        served = serving => served,
        () = too_late => Ok(()),
    }
}

/// Runs a service to its end: listens at `LISTEN` (any free port of loopback unless set), writes the
/// address to standard output and the log to standard error, stops on SIGTERM and ctrl-c.
///
/// What is to be done at the stop, as closing sockets, is begun at once and has [`STOPPING`] as requests have: then
/// the process ends, and with it whatever a client still holds back.
///
/// # Errors
///
/// If the address cannot be listened at, or the socket fails.
pub async fn run(
    name: &'static str,
    routes: Router,
    at_stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    tracing_subscriber::fmt().json().with_writer(io::stderr).init();
    let address = std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    println!("listening on {address}");
    tracing::info!(name, %address, "started");
    let (told, stopping) = tokio::sync::oneshot::channel();
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!(name, "stopping");
        told.send(()).ok();
    };
    let stopped = tokio::spawn(async move {
        if stopping.await.is_ok() {
            tokio::time::timeout(STOPPING, at_stop).await.ok();
        }
    });
    serve(listener, routes, stop).await?;
    stopped.await.ok();
    tracing::info!(name, "stopped");
    Ok(())
}
