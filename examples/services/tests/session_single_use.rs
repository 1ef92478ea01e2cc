//! T1 to T5 over real sockets, with a client that says whatever it likes: what opens a socket, what
//! does not, and what is left of a token afterwards.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by ending")]

mod process;

use futures_util::{SinkExt, StreamExt};
use hyper::Method;
use process::{Files, Service};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use strict_jose::profile::session::{Ticket, TokenService};
use strict_jose::{Hs256Key, NumericDate};
use strict_jose_services::client::{Client, Reply};
use strict_jose_services::session_single_use::{MESSAGE_MAX_LEN, PROTOCOL, REFUSED, policy};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};
use tokio_tungstenite::tungstenite::{Message, handshake::client::generate_key};
use tokio_tungstenite::{WebSocketStream, client_async};

const PATIENCE: Duration = Duration::from_secs(30);
const BANK: &str = "https://www.bank.example";
const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const OTHER_SECRET: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

fn site(page_key: &str, source: &str, secret: &str) -> Value {
    json!({"pageKey": page_key, "source": source, "secret": secret})
}

fn two_keys() -> String {
    json!([site("pk_live_1", BANK, SECRET), site("pk_live_2", BANK, OTHER_SECRET)]).to_string()
}

fn start(more: &[(&str, &str)]) -> Service {
    let sites = two_keys();
    let settings = [&[("SESSION_SITES", sites.as_str())][..], more].concat();
    Service::start_ready(env!("CARGO_BIN_EXE_session_single_use"), &settings)
}

/// Stops it, sees that its log has no secret, and gives the reasons of the refusals in their order.
fn reasons(service: Service) -> Vec<String> {
    let log = service.stop();
    for secret in [SECRET, OTHER_SECRET, "eyJ", PROTOCOL, "bank.example", "pk_live"] {
        assert!(!log.contains(secret), "{secret} in the log: {log}");
    }
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .filter(|line| line["fields"]["message"] == json!("request"))
        .filter_map(|line| line["fields"]["reason"].as_str().map(str::to_owned))
        .collect()
}

async fn ask(service: &Service, page_key: &str, origins: &[&str]) -> Reply {
    let headers: Vec<_> = origins.iter().map(|origin| ("origin", *origin)).collect();
    let mut client = Client::connect(service.address).await.unwrap();
    client.send(Method::POST, &format!("/session/{page_key}"), &headers, "").await.unwrap()
}

/// A session's id and its token.
async fn issue(service: &Service, page_key: &str) -> (String, String) {
    let reply = ask(service, page_key, &[BANK]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 2);
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (text("session"), text("token"))
}

fn offered(token: &str) -> String {
    format!("{PROTOCOL}, token.{token}")
}

/// The handshake alone.
async fn shake(service: &Service, path: &str, origins: &[&str], protocols: &str) -> Reply {
    let key = generate_key();
    let mut headers = vec![
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", key.as_str()),
        ("sec-websocket-protocol", protocols),
    ];
    headers.extend(origins.iter().map(|origin| ("origin", *origin)));
    let mut client = Client::connect(service.address).await.unwrap();
    client.send(Method::GET, path, &headers, "").await.unwrap()
}

/// An open socket, from the permitted origin.
async fn open(service: &Service, token: &str) -> WebSocketStream<TcpStream> {
    let url = format!("ws://{}/socket/pk_live_1", service.address);
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("origin", BANK.parse().unwrap());
    headers.insert("sec-websocket-protocol", offered(token).parse().unwrap());
    let stream = TcpStream::connect(service.address).await.unwrap();
    let (socket, response) = client_async(request, stream).await.unwrap();
    assert_eq!(response.status(), 101);
    assert_eq!(response.headers()["sec-websocket-protocol"], PROTOCOL);
    assert_eq!(response.headers().get_all("sec-websocket-protocol").iter().count(), 1);
    socket
}

async fn next(socket: &mut WebSocketStream<TcpStream>) -> Message {
    tokio::time::timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap()
}

/// The code that the service closes with.
async fn close_code(socket: &mut WebSocketStream<TcpStream>) -> u16 {
    match next(socket).await {
        Message::Close(Some(CloseFrame { code, .. })) => code.into(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn t1_a_token_opens_one_socket() {
    let service = start(&[]);
    let (session, token) = issue(&service, "pk_live_1").await;
    let mut socket = open(&service, &token).await;
    for text in ["hello", "{\"quoted\"}"] {
        socket.send(Message::text(text)).await.unwrap();
        let reply: Value =
            serde_json::from_str(next(&mut socket).await.to_text().unwrap()).unwrap();
        assert_eq!(reply, json!({"session": session, "echo": text}));
    }
    for _ in 0..2 {
        let again = shake(&service, "/socket/pk_live_1", &[BANK], &offered(&token)).await;
        assert_eq!((again.status, again.body.as_str()), (401, REFUSED));
    }
    // The first socket is none the worse for it.
    socket.send(Message::text("still")).await.unwrap();
    assert!(next(&mut socket).await.to_text().unwrap().contains("still"));
    // A close is answered with its own code.
    let close = CloseFrame { code: CloseCode::Normal, reason: "".into() };
    socket.send(Message::Close(Some(close))).await.unwrap();
    assert_eq!(close_code(&mut socket).await, 1000);
    assert_eq!(reasons(service), ["replay.replayed", "replay.replayed"]);
}

#[tokio::test]
async fn t3_t5_refusals_use_nothing_up() {
    let service = start(&[]);
    let (_, token) = issue(&service, "pk_live_1").await;
    let good = offered(&token);
    let path = "/socket/pk_live_1";
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let tampered = offered(&format!("{signed}.{first}{}", &signature[1..]));
    let twice = format!("{good}, token.{token}x");
    let cases: [(&str, &[&str], &str, &str); 17] = [
        (path, &["http://www.bank.example"], &good, "claim.mismatch"),
        (path, &["https://www.bank.example:8443"], &good, "claim.mismatch"),
        (path, &["https://evil.example"], &good, "claim.mismatch"),
        (path, &["https://www.bank.example.evil.example"], &good, "claim.mismatch"),
        (path, &["https://bank.example"], &good, "claim.mismatch"),
        (path, &["null"], &good, "session.origin_invalid"),
        (path, &["https://www.bank.example/"], &good, "session.origin_invalid"),
        (path, &[], &good, "session.origin_missing"),
        (path, &[BANK, "https://evil.example"], &good, "session.origin_missing"),
        (path, &[BANK, BANK], &good, "session.origin_missing"),
        ("/socket/pk_live_2", &[BANK], &good, "header.mismatch"),
        ("/socket/pk_live_3", &[BANK], &good, "header.mismatch"),
        (path, &[BANK], PROTOCOL, "socket.token_missing"),
        (path, &[BANK], &twice, "socket.several_tokens"),
        (path, &[BANK], good.split_once(", ").unwrap().1, "socket.protocol_not_offered"),
        (path, &[BANK], &tampered, "signature.invalid"),
        (path, &[BANK], "session.v1, token.", "token.segment_count"),
    ];
    for (path, origins, protocols, reason) in &cases {
        let reply = shake(&service, path, origins, protocols).await;
        assert_eq!((reply.status, reply.body.as_str()), (401, REFUSED), "{reason} {origins:?}");
        assert!(!reply.headers.contains_key("sec-websocket-protocol"));
    }
    // A token in the URL is not looked at, and a request that is no handshake does not come so far.
    let in_url = format!("{path}?token={token}");
    assert_eq!(shake(&service, &in_url, &[BANK], PROTOCOL).await.status, 401);
    let mut plain = Client::connect(service.address).await.unwrap();
    let headers = [("origin", BANK), ("sec-websocket-protocol", good.as_str())];
    assert_eq!(plain.send(Method::GET, path, &headers, "").await.unwrap().status, 400);

    // The same origin, written in another way.
    let same = shake(&service, path, &["https://WWW.BANK.EXAMPLE:443"], &good).await;
    assert_eq!(same.status, 101, "{}", same.body);
    assert_eq!(shake(&service, path, &[BANK], &good).await.status, 401);

    let mut expected: Vec<_> = cases.iter().map(|case| case.3).collect();
    expected.extend(["socket.token_missing", "replay.replayed"]);
    assert_eq!(reasons(service), expected);
}

#[tokio::test]
async fn tokens_live_sixty_seconds() {
    let service = start(&[]);
    let now = NumericDate::now().unwrap().seconds();
    let key = Hs256Key::from_base64url(SECRET).unwrap().with_key_id("pk_live_1").unwrap();
    let tokens = |policy| TokenService::hs256(policy, key.clone());
    let (policy, ticket) = (policy(), Ticket::new("s-1").source(BANK));
    let old = NumericDate::from_seconds(now - 60).unwrap();
    let expired = tokens(policy.clone()).at_fixed_time(old).issue(&ticket).unwrap();
    let long = policy.clone().max_lifetime(Duration::from_secs(3600));
    let long = tokens(long).issue(&ticket).unwrap();
    let fresh = tokens(policy).issue(&ticket).unwrap();
    for (token, status) in [(expired, 401), (long, 401), (fresh, 101)] {
        let reply = shake(&service, "/socket/pk_live_1", &[BANK], &offered(&token)).await;
        assert_eq!(reply.status, status, "{}", reply.body);
    }
    assert_eq!(reasons(service), ["claim.expired", "claim.lifetime_too_long"]);
}

#[tokio::test]
async fn t2_of_64_sockets_at_once_one_opens() {
    let service = Arc::new(start(&[]));
    let (_, token) = issue(&service, "pk_live_1").await;
    let barrier = Arc::new(tokio::sync::Barrier::new(64));
    let attempts: Vec<_> = (0..64)
        .map(|_| {
            let (service, barrier, token) = (service.clone(), barrier.clone(), token.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                shake(&service, "/socket/pk_live_1", &[BANK], &offered(&token)).await.status
            })
        })
        .collect();
    let (mut opened, mut refused) = (0, 0);
    for attempt in attempts {
        match attempt.await.unwrap() {
            101 => opened += 1,
            401 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!((opened, refused), (1, 63));
    let reasons = reasons(Arc::into_inner(service).unwrap());
    assert_eq!(reasons, vec!["replay.replayed"; 63]);
}

#[tokio::test]
async fn t4_a_full_store_is_a_503() {
    let service = start(&[("SESSION_REPLAY_CAPACITY", "1")]);
    for status in [101, 503, 503] {
        let (_, token) = issue(&service, "pk_live_1").await;
        let reply = shake(&service, "/socket/pk_live_1", &[BANK], &offered(&token)).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.body, if status == 101 { "" } else { REFUSED });
    }
    assert_eq!(reasons(service), ["replay.full", "replay.full"]);
}

#[tokio::test]
async fn pages_of_the_registered_origin_get_tokens() {
    let service = start(&[]);
    let mut sessions = BTreeSet::new();
    for page_key in ["pk_live_1", "pk_live_2"] {
        let reply = ask(&service, page_key, &[BANK]).await;
        assert_eq!(reply.headers["access-control-allow-origin"], BANK);
        assert_eq!(reply.headers["vary"], "origin");
        assert_eq!(reply.headers["cache-control"], "no-store");
        let (session, token) = issue(&service, page_key).await;
        // 32 hexadecimal digits hold 128 bits.
        assert_eq!(session.len(), 32, "{session}");
        assert!(sessions.insert(session) && sessions.insert(token));
    }
    assert_eq!(sessions.len(), 4);
    let refusals: [(&str, &[&str]); 8] = [
        ("pk_live_1", &["https://evil.example"]),
        ("pk_live_1", &["http://www.bank.example"]),
        ("pk_live_1", &["https://www.bank.example:8443"]),
        ("pk_live_1", &["null"]),
        ("pk_live_1", &[]),
        ("pk_live_1", &[BANK, "https://evil.example"]),
        ("pk_live_3", &[BANK]),
        ("pk_live_3", &[]),
    ];
    for (page_key, origins) in refusals {
        let reply = ask(&service, page_key, origins).await;
        assert_eq!((reply.status, reply.body.as_str()), (403, REFUSED), "{page_key} {origins:?}");
        assert!(!reply.headers.contains_key("access-control-allow-origin"));
    }
    let mut expected = vec!["origin.not_registered"; 6];
    expected.extend(["page_key.unknown"; 2]);
    assert_eq!(reasons(service), expected);
}

#[tokio::test]
async fn keys_are_rotated_and_what_is_used_up_stays_so() {
    let files = Files::new();
    let file = files.write("sites", &two_keys());
    let service = start(&[("SESSION_SITES_FILE", file.as_str())]);
    let (_, used) = issue(&service, "pk_live_1").await;
    let (_, fresh) = issue(&service, "pk_live_1").await;
    drop(open(&service, &used).await);

    // A file that cannot be used changes nothing; the file after it does, so it has been read.
    let only_second = json!([site("pk_live_2", BANK, OTHER_SECRET)]).to_string();
    for (text, page_key, status) in
        [("[", "pk_live_1", 200), (&only_second, "pk_live_1", 403), (&two_keys(), "pk_live_1", 200)]
    {
        files.write("sites", text);
        service.signal("HUP");
        let answered = async { while ask(&service, page_key, &[BANK]).await.status != status {} };
        tokio::time::timeout(PATIENCE, answered).await.unwrap();
        let token = shake(&service, "/socket/pk_live_1", &[BANK], &offered(&used)).await;
        assert_eq!(token.status, 401);
        assert_eq!(ask(&service, "pk_live_2", &[BANK]).await.status, 200);
    }
    let token = shake(&service, "/socket/pk_live_1", &[BANK], &offered(&fresh)).await;
    assert_eq!(token.status, 101, "the key is back, and its unused token good");
    let reasons = reasons(service);
    let of_tokens: Vec<_> = reasons.iter().filter(|reason| *reason != "page_key.unknown").collect();
    assert_eq!(of_tokens, ["replay.replayed", "key.no_match", "replay.replayed"]);
}

#[tokio::test]
async fn sockets_come_to_an_end() {
    let service = start(&[]);
    let longest = "x".repeat(MESSAGE_MAX_LEN);
    let cases = [
        (Message::text(longest.clone()), None),
        (Message::text(longest + "x"), Some(1008)),
        (Message::binary("octets"), Some(1003)),
    ];
    for (message, code) in cases {
        let mut socket = open(&service, &issue(&service, "pk_live_1").await.1).await;
        socket.send(message).await.unwrap();
        match code {
            None => assert!(next(&mut socket).await.is_text()),
            Some(code) => assert_eq!(close_code(&mut socket).await, code),
        }
    }
    let mut left_open = open(&service, &issue(&service, "pk_live_1").await.1).await;
    let stopped = tokio::task::spawn_blocking(|| service.stop());
    assert_eq!(close_code(&mut left_open).await, 1001);
    assert!(left_open.next().await.is_none_or(|end| end.is_err()), "nothing after the close");
    let log = stopped.await.unwrap();
    assert!(log.contains(r#""reason":"stopping""#) && log.contains("stopped"), "{log}");

    let service = start(&[("SESSION_SOCKET_SECONDS", "0")]);
    let mut socket = open(&service, &issue(&service, "pk_live_1").await.1).await;
    assert_eq!(close_code(&mut socket).await, 1000);
    drop(socket);
    assert!(service.stop().contains(r#""reason":"time limit""#));
}

#[test]
fn sites_that_do_not_fit_are_refused_without_being_shown() {
    let cases = [
        json!([]),
        json!({}),
        json!([site("pk_live_1", BANK, "c2hvcnQ")]),
        json!([site("", BANK, SECRET)]),
        json!([site("pk_live_1", "https://www.bank.example/", SECRET)]),
        json!([site("pk_live_1", "https://WWW.bank.example", SECRET)]),
        json!([site("pk_live_1", "https://www.bank.example:443", SECRET)]),
        json!([site("pk_live_1", "www.bank.example", SECRET)]),
        json!([site("pk_live_1", "ftp://www.bank.example", SECRET)]),
        json!([site("pk_live_1", "null", SECRET)]),
        json!([site("pk_live_1", BANK, SECRET), site("pk_live_1", BANK, OTHER_SECRET)]),
        json!([{"pageKey": "pk_live_1", "source": BANK, "secret": SECRET, "more": 1}]),
        json!([{"pageKey": "pk_live_1", "source": BANK, "secret": [SECRET]}]),
        json!([{"pageKey": "pk_live_1", "secret": SECRET}]),
        json!([BANK, SECRET]),
    ];
    let mut refused = BTreeSet::new();
    for sites in &cases {
        let settings = [("SESSION_SITES", sites.to_string())];
        let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
        let message = process::fails(env!("CARGO_BIN_EXE_session_single_use"), &settings);
        assert!(message.contains("SESSION_SITES"), "{message}");
        assert!(!message.contains(SECRET) && !message.contains("c2hvcnQ"), "{message}");
        refused.insert(sites.to_string());
    }
    assert_eq!(refused.len(), cases.len());
}
