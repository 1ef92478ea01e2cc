//! Sites on loopback, whose one page does what its address tells it and reports.

use axum::Router;
use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::routing::{get, post};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedSender;

const PAGE: &str = include_str!("page.html");
const HTML: &str = "text/html; charset=utf-8";

/// Runs a site: `/` is a page of its origin, `/sandboxed` one whose origin the browser takes away.
pub async fn serve(reports: &UnboundedSender<Value>) -> SocketAddr {
    let sandbox = [(CONTENT_TYPE, HTML), (CONTENT_SECURITY_POLICY, "sandbox allow-scripts")];
    let routes = Router::new()
        .route("/", get(|| async { ([(CONTENT_TYPE, HTML)], PAGE) }))
        .route("/sandboxed", get(|| async { (sandbox, PAGE) }))
        .route("/report", post(report))
        .with_state(reports.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, routes).await });
    address
}

async fn report(State(reports): State<UnboundedSender<Value>>, body: String) {
    reports.send(serde_json::from_str(&body).unwrap()).unwrap();
}
