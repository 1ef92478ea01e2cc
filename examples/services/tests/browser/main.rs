//! The guarded socket from pages in a real browser: the permitted one, foreign ones, one without an
//! origin. What `Origin` says, and what a page may read, is the browser's doing here.
//!
//! Without Chromium nothing is tested, and the test says so; with `STRICT_JOSE_REQUIRE_BROWSER=1` that
//! is a failure.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by ending"
)]

#[path = "../process/mod.rs"]
mod process;

mod chromium;
mod pages;

use chromium::Chromium;
use process::{Files, Service};
use serde_json::{Value, json};
use std::io::{Write, stderr};
use std::time::Duration;
use strict_jose_services::session_single_use::PROTOCOL;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;
use url::form_urlencoded::byte_serialize;

/// Long enough for a browser to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// What a page reports that may neither have a token nor use one: the browser tells it nothing.
fn refused(origin: &str) -> Value {
    json!({"origin": origin, "asked": {"status": 0}, "attempts": [closed()]})
}

/// A socket that the browser closed without having opened it.
fn closed() -> Value {
    json!({"opened": false, "protocol": "", "reply": null, "code": 1006})
}

#[tokio::test]
async fn a_socket_opens_once_and_for_the_permitted_page_alone() {
    let Some(program) = chromium::find() else {
        let required = std::env::var("STRICT_JOSE_REQUIRE_BROWSER").is_ok_and(|text| text == "1");
        assert!(!required, "not run: no chromium");
        // Not by a macro, whose text the test runner would keep to itself.
        writeln!(stderr(), "\n*** not run: no chromium, so no page has tried the socket ***")
            .unwrap();
        return;
    };
    let (sender, mut reports) = unbounded_channel();
    let (permitted, foreign) = (pages::serve(&sender).await, pages::serve(&sender).await);
    let origin = format!("http://{permitted}");
    let other_port = format!("http://{foreign}");
    let other_host = format!("http://localhost:{}", permitted.port());
    let sites = json!([{"pageKey": "pk_live_1", "source": origin, "secret": SECRET}]).to_string();
    let service = env!("CARGO_BIN_EXE_session_single_use");
    let service = Service::start_ready(service, &[("SESSION_SITES", &sites)]);

    // The permitted page gets a token; others try it; the permitted page uses it, twice.
    let journey = json!([
        {"page": origin, "attempts": 0},
        {"page": other_port, "attempts": 1},
        {"page": other_host, "attempts": 1},
        {"page": format!("{origin}/sandboxed"), "attempts": 1},
        {"page": origin, "attempts": 2},
    ]);
    let task = json!({"service": service.address, "pageKey": "pk_live_1", "journey": journey});
    let task: String = byte_serialize(task.to_string().as_bytes()).collect();
    let files = Files::new();
    let browser = Chromium::open(&program, files.directory(), &format!("{origin}#{task}"));
    let mut next = async || {
        timeout(PATIENCE, reports.recv()).await.expect("the page reports in time").unwrap()
    };

    let first = next().await;
    assert_eq!((&first["origin"], &first["asked"]["status"]), (&json!(origin), &json!(200)));
    for origin in [&other_port, &other_host, "null"] {
        assert_eq!(next().await, refused(origin));
    }
    let reply = json!({"session": first["asked"]["session"], "echo": "hello"});
    let opened = json!({"opened": true, "protocol": PROTOCOL, "reply": reply, "code": 1000});
    assert_eq!(next().await["attempts"], json!([opened, closed()]));

    drop(browser);
    let log = service.stop();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let answers = lines.filter(|line| line["fields"]["message"] == json!("request")).map(|line| {
        let reason = line["fields"]["reason"].as_str().unwrap_or_default();
        format!("{} {reason}", line["fields"]["status"])
    });
    let expected = [
        "200 ",
        "403 origin.not_registered",
        "401 claim.mismatch",
        "403 origin.not_registered",
        "401 claim.mismatch",
        "403 origin.not_registered",
        "401 session.origin_invalid",
        "200 ",
        "101 ",
        "401 replay.replayed",
    ];
    assert_eq!(answers.collect::<Vec<_>>(), expected);
    for secret in [SECRET, "eyJ", PROTOCOL] {
        assert!(!log.contains(secret), "{secret} in the log");
    }
}
