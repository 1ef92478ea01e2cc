//! K21, K25: Kore.ai's own client for the web, unchanged, in a real browser, with the two services on origins of
//! their own and nothing between.
//!
//! `exchange.json` holds what it asked and was answered, so that another version of it shows. `BLESS=1` writes it anew.
//!
//! Without Chromium or the client (`npm ci` in this folder) nothing is tested, and the test says so; with
//! `STRICT_JOSE_REQUIRE_BROWSER=1` that is a failure.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by ending"
)]

#[path = "../browser/chromium.rs"]
mod chromium;
#[path = "../process/mod.rs"]
mod process;
mod record;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post};
use chromium::Chromium;
use process::Files;
use record::{Exchange, recorded};
use serde_json::{Value, json};
use std::io::{Write, stderr};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use strict_jose::profile::kore::{App, TokenService};
use strict_jose::{AfterRestart, Hs256Key, NumericDate};
use strict_jose_services::cross_origin::CrossOrigin;
use strict_jose_services::kore_platform::{self, Sessions};
use strict_jose_services::kore_token_service;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use url::form_urlencoded::byte_serialize;

/// Long enough for a browser to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kore_sdk");
const CLIENT: &str = "node_modules/kore-web-sdk/dist/umd/kore-web-sdk-umd-chat.min.js";
const CLIENT_ID: &str = "cs-xxxxxxxxxx-1234";

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn run(listener: TcpListener, routes: Router) {
    tokio::spawn(async { axum::serve(listener, routes).await });
}

/// A page with the client, and what it reports.
fn pages(client: String, reports: UnboundedSender<Value>) -> Router {
    let script = [(CONTENT_TYPE, "text/javascript; charset=utf-8")];
    let page = [(CONTENT_TYPE, "text/html; charset=utf-8")];
    let report = async |State(reports): State<UnboundedSender<Value>>, body: String| {
        reports.send(serde_json::from_str(&body).unwrap()).unwrap();
    };
    Router::new()
        .route("/", get(move || async move { (page, include_str!("page.html")) }))
        .route("/sdk.js", get(move || async move { (script, client) }))
        .route("/report", post(report))
        .with_state(reports)
}

/// A browser with the page, and the two services that the page names.
struct Stage {
    page: SocketAddr,
    token_service: SocketAddr,
    platform: SocketAddr,
    sessions: Arc<Sessions>,
    exchange: Exchange,
    reports: UnboundedReceiver<Value>,
}

impl Stage {
    async fn set(client: String) -> Self {
        let (sender, reports) = unbounded_channel();
        let (listener, page) = listen().await;
        run(listener, pages(client, sender));
        let origin = format!("http://{page}");
        let exchange = Exchange::default();
        let key = Hs256Key::generate().unwrap();

        let (listener, token_service) = listen().await;
        let config = kore_token_service::Config {
            tokens: TokenService::hs256(CLIENT_ID, key.clone()).unwrap(),
            pages: CrossOrigin::new(&origin, "POST", "content-type", kore_token_service::refuse),
        };
        let routes = kore_token_service::routes(config);
        run(listener, recorded(routes, "token service", &exchange));

        let (listener, platform) = listen().await;
        let app = App::hs256(CLIENT_ID, key).enforcing_jti();
        let start = AfterRestart::only_issued_after(NumericDate::from_seconds(0).unwrap());
        let config = kore_platform::Config::new(app, 100, start).unwrap().for_pages_of(&origin);
        let sessions = config.sessions();
        run(listener, recorded(kore_platform::routes(config), "platform", &exchange));
        Self { page, token_service, platform, sessions, exchange, reports }
    }

    fn open(&self, program: &Path, files: &Files, client_secret: &str) -> Chromium {
        let task = json!({"tokenService": self.token_service, "platform": self.platform,
            "clientId": "", "clientSecret": client_secret});
        let task: String = byte_serialize(task.to_string().as_bytes()).collect();
        Chromium::open(program, files.directory(), &format!("http://{}#{task}", self.page))
    }

    /// The next of these reports; the messages before it are part of the exchange.
    async fn next(&mut self, name: &str) -> Value {
        let next = async {
            loop {
                let report = self.reports.recv().await.unwrap();
                assert!(report.get("error").is_none(), "{report}");
                if let Some(message) = report.get("message") {
                    self.exchange.message(message);
                } else if let Some(value) = report.get(name) {
                    return value.clone();
                }
            }
        };
        let next = timeout(PATIENCE, next).await;
        next.unwrap_or_else(|_| panic!("no {name}; so far {:#?}", self.exchange.steps()))
    }
}

/// The browser and the client, or a note of what is missing.
fn installed() -> Option<(std::path::PathBuf, String)> {
    let client = std::fs::read_to_string(Path::new(FOLDER).join(CLIENT)).ok();
    let found = chromium::find().zip(client);
    if found.is_none() {
        let required = std::env::var("STRICT_JOSE_REQUIRE_BROWSER").is_ok_and(|text| text == "1");
        assert!(!required, "not run: no chromium, or no `npm ci` in {FOLDER}");
        // Not by a macro, whose text the test runner would keep to itself.
        let mut terminal = stderr();
        writeln!(terminal, "\n*** not run: Chromium or kore-web-sdk is not installed ***").unwrap();
    }
    found
}

#[tokio::test]
async fn k21_k25_a_whole_conversation() {
    let Some((program, client)) = installed() else { return };
    let mut stage = Stage::set(client).await;
    let files = Files::new();
    let browser = stage.open(&program, &files, "");
    assert_eq!(stage.next("said").await, json!("hello 1"));

    // The socket is lost: the same session opens another.
    stage.sessions.close_sockets().await;
    assert_eq!(stage.next("said").await, json!("hello 2"));
    assert_eq!(stage.exchange.count("POST /token"), 1);

    // The session is over too: 401, and a fresh token.
    stage.sessions.end_all().unwrap();
    stage.sessions.close_sockets().await;
    assert_eq!(stage.next("said").await, json!("hello 3"));
    drop(browser);
    assert_eq!(stage.exchange.count("POST /token"), 2);
    assert_eq!(stage.exchange.count("POST /api/oAuth/token/jwtgrant"), 2);

    let way = ["POST /token", "POST /api/oAuth/token/jwtgrant", "POST /api/rtm/start", "GET /rtm"];
    let places = way.map(|step| stage.exchange.first(step));
    assert!(places.is_sorted() && places[0].is_some(), "{:#?}", stage.exchange.steps());
    stage.exchange.compare(&Path::new(FOLDER).join("exchange.json"));
}

#[tokio::test]
async fn k21_a_page_that_holds_the_secret_gets_no_token() {
    let Some((program, client)) = installed() else { return };
    let mut stage = Stage::set(client).await;
    let files = Files::new();
    let _browser = stage.open(&program, &files, "a-secret-that-every-visitor-can-read");
    let answer = stage.next("refused").await;
    assert_eq!(answer, json!({"status": 400, "body": {"error": "body.client_secret"}}));
    assert_eq!(stage.exchange.count("POST /api/oAuth/token/jwtgrant"), 0);
}
