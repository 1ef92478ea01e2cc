//! K22 to K24, K26: what Kore.ai's own client asks of the two services, in the requests that it sends.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by ending")]

mod process;

use hyper::Method;
use process::Service;
use serde_json::{Value, json};
use std::time::Duration;
use strict_jose_services::client::{Client, Reply};
use strict_jose_services::kore_platform::{GRANT, GRANT_OF_SDK, START, START_OF_SDK};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const ISS: &str = "cs-xxxxxxxxxx-1234";
const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PAGE: &str = "https://shop.example";
const BODY_REPLAY: &str =
    r#"{"errors":[{"msg":"error verifying the jwt: possibly a replay","code":401}]}"#;
const WEBHOOK: &str = "/chatbot/v2/webhook/st-1";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");

/// Long enough for a busy machine; every wait is for something that happens at once.
const PATIENCE: Duration = Duration::from_secs(30);

const SETTINGS: [(&str, &str); 3] = [
    ("KORE_CLIENT_ID", ISS),
    ("KORE_CLIENT_SECRET", SECRET),
    ("KORE_ORIGINS", "https://shop.example, https://www.shop.example"),
];

fn token_service(more: &[(&str, &str)]) -> Service {
    Service::start(env!("CARGO_BIN_EXE_kore_token_service"), &[&SETTINGS[..], more].concat())
}

fn platform(more: &[(&str, &str)]) -> Service {
    Service::start_ready(env!("CARGO_BIN_EXE_kore_platform"), &[&SETTINGS[..], more].concat())
}

async fn send(
    service: &Service,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Reply {
    let mut client = Client::connect(service.address).await.unwrap();
    client.send(method, path, headers, body.to_owned()).await.unwrap()
}

/// The body that the client sends with these settings of its page.
fn form(client_id: &str, client_secret: &str) -> String {
    format!(
        "clientId={client_id}&clientSecret={client_secret}&identity=user%40example.com&aud=&isAnonymous=false"
    )
}

async fn token(service: &Service) -> String {
    let reply = send(service, Method::POST, "/token", &[FORM], &form("", "")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    body["jwt"].as_str().unwrap().to_owned()
}

/// The grant as the client sends it, with its two members beside the assertion.
fn grant_body(assertion: &str) -> String {
    let bot = json!({"chatBot": "Shop", "taskBotId": "st-1"});
    json!({"assertion": assertion, "botInfo": bot, "token": {}}).to_string()
}

async fn grant(service: &Service, path: &str, assertion: &str) -> Reply {
    send(service, Method::POST, path, &[JSON], &grant_body(assertion)).await
}

/// The documented envelope, as a client reads it.
#[track_caller]
fn assert_envelope(reply: &Reply) {
    assert_eq!(reply.headers["content-type"], "application/json", "{}", reply.body);
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(body["errors"][0]["code"], json!(reply.status), "{body}");
    assert!(body["errors"][0]["msg"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
}

#[tokio::test]
async fn k21_the_clients_form_with_and_without_a_secret() {
    let (service, platform) = (token_service(&[]), platform(&[]));
    for body in [
        form("", ""),
        form(ISS, ""),
        "identity=user%40example.com&aud=&isAnonymous=false".to_owned(),
    ] {
        let reply = send(&service, Method::POST, "/token", &[FORM], &body).await;
        assert_eq!(reply.status, 200, "{body}: {}", reply.body);
    }
    let secret = "a-secret-that-every-visitor-can-read";
    let refused = send(&service, Method::POST, "/token", &[FORM], &form(ISS, secret)).await;
    assert_eq!((refused.status, refused.body.as_str()), (400, r#"{"error":"body.client_secret"}"#));
    // Whatever else it says of what is the service's to know is not looked at.
    let other = "clientId=another&identity=user%40example.com&aud=https%3A%2F%2Fevil.example";
    let reply = send(&service, Method::POST, "/token", &[FORM], other).await;
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(grant(&platform, GRANT, body["jwt"].as_str().unwrap()).await.status, 200);
    let log = service.stop();
    assert!(log.contains(r#""reason":"body.client_secret""#), "{log}");
    assert!(!log.contains(secret), "{log}");
}

#[tokio::test]
async fn k22_listed_origins_on_answers_and_refusals_alike() {
    let (service, platform) = (token_service(&[]), platform(&[]));
    let paths = [GRANT, GRANT_OF_SDK, START, START_OF_SDK, WEBHOOK];
    let ask = [
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type"),
    ];
    for path in paths {
        for origin in [PAGE, "https://www.shop.example"] {
            let headers = [&[("origin", origin)][..], &ask].concat();
            let reply = send(&platform, Method::OPTIONS, path, &headers, "").await;
            assert_eq!(reply.status, 204, "{path}");
            assert_eq!(reply.headers["access-control-allow-origin"], origin);
            assert_eq!(reply.headers["access-control-allow-methods"], "GET, POST");
            let allowed = &reply.headers["access-control-allow-headers"];
            assert_eq!(allowed, "content-type, authorization");
        }
        for origin in ["https://evil.example", "http://shop.example", "null"] {
            let headers = [&[("origin", origin)][..], &ask].concat();
            for method in [Method::OPTIONS, Method::POST] {
                let reply = send(&platform, method, path, &headers, "{}").await;
                assert_eq!(reply.status, 403, "{path} {origin}");
                assert!(!reply.headers.contains_key("access-control-allow-origin"));
                assert_envelope(&reply);
            }
        }
    }
    // Refusals of each kind are for the page to read.
    let big = " ".repeat(65 * 1024);
    let origin = ("origin", PAGE);
    let mut refused = 0;
    for (method, path, body, status) in [
        (Method::POST, GRANT, "{}", 400),
        (Method::POST, GRANT, r#"{"assertion":"x"}"#, 401),
        (Method::POST, START, "{}", 401),
        (Method::POST, WEBHOOK, "{}", 401),
        (Method::GET, "/nowhere", "", 404),
        (Method::PUT, GRANT, "{}", 405),
        (Method::POST, GRANT, &big, 413),
        (Method::GET, "/rtm?ticket=x", "", 426),
    ] {
        let reply = send(&platform, method.clone(), path, &[origin, JSON], body).await;
        assert_eq!(reply.status, status, "{method} {path}");
        assert_eq!(reply.headers["access-control-allow-origin"], PAGE, "{method} {path}");
        assert_envelope(&reply);
        // Programs have no origin, and are answered as before.
        let plain = send(&platform, method, path, &[JSON], body).await;
        assert!(!plain.headers.contains_key("access-control-allow-origin"));
        assert_eq!((plain.status, plain.body), (reply.status, reply.body));
        refused += 1;
    }
    assert_eq!(refused, 8);
    let secret = send(&service, Method::POST, "/token", &[origin, FORM], &form("", "s")).await;
    assert_eq!(
        (secret.status, &secret.headers["access-control-allow-origin"]),
        (400, &PAGE.parse().unwrap())
    );
    let reply =
        send(&platform, Method::POST, GRANT, &[origin, JSON], &grant_body(&token(&service).await))
            .await;
    assert_eq!(
        (reply.status, &reply.headers["access-control-allow-origin"]),
        (200, &PAGE.parse().unwrap())
    );
}

#[tokio::test]
async fn k23_both_paths_and_the_envelope() {
    let (service, platform) = (token_service(&[]), platform(&[]));
    let mut users = Vec::new();
    for path in [GRANT, GRANT_OF_SDK] {
        let reply = grant(&platform, path, &token(&service).await).await;
        assert_eq!(reply.status, 200, "{path}");
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        assert!(!body["authorization"]["accessToken"].as_str().unwrap().is_empty());
        users.push(body["userInfo"].clone());
    }
    // One user has one id, and no name in it.
    assert_eq!(users[0], users[1]);
    for id in ["userId", "accountId"] {
        assert_eq!(users[0][id].as_str().map(str::len), Some(24), "{users:?}");
    }
    let refused = [
        (Method::POST, "/api/2/oAuth/token/jwtgrant", "{}", 404),
        (Method::GET, GRANT, "", 405),
        (Method::POST, GRANT, "", 400),
        (Method::POST, GRANT, "assertion=x", 400),
        (Method::POST, GRANT, r#"{"assertion":{}}"#, 400),
        (Method::POST, START, "", 401),
    ];
    for (method, path, body, status) in refused {
        let reply = send(&platform, method.clone(), path, &[JSON], body).await;
        assert_eq!(reply.status, status, "{method} {path} {body}");
        assert_envelope(&reply);
        assert_eq!(reply.headers.contains_key("allow"), status == 405);
    }
}

#[tokio::test]
async fn k24_an_answer_that_is_lost_leaves_one_session() {
    let (service, platform) = (token_service(&[]), platform(&[]));
    let assertion = token(&service).await;
    let body = grant_body(&assertion);
    let mut cut = TcpStream::connect(platform.address).await.unwrap();
    let request = format!(
        "POST {GRANT_OF_SDK} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    cut.write_all(request.as_bytes()).await.unwrap();
    cut.readable().await.unwrap(); // the answer is there, and nobody reads it
    drop(cut);
    // The browser sends the same octets again within 100 ms, the client after 1 s.
    for _ in 0..2 {
        let again = grant(&platform, GRANT_OF_SDK, &assertion).await;
        assert_eq!((again.status, again.body.as_str()), (401, BODY_REPLAY));
    }
    // A fresh token is what helps.
    assert_eq!(grant(&platform, GRANT_OF_SDK, &token(&service).await).await.status, 200);
    let log = platform.stop();
    assert_eq!(log.matches(r#""message":"granted""#).count(), 2, "{log}");
}

#[tokio::test]
async fn k25_a_session_asks_for_sockets_as_often_as_it_needs_them() {
    let (service, platform) = (token_service(&[]), platform(&[]));
    let granted = grant(&platform, GRANT, &token(&service).await).await;
    let granted: Value = serde_json::from_str(&granted.body).unwrap();
    let access = granted["authorization"]["accessToken"].as_str().unwrap();
    let start = async |bearer: &str| {
        send(&platform, Method::POST, START_OF_SDK, &[JSON, ("authorization", bearer)], "{}").await
    };
    let mut addresses = Vec::new();
    for bearer in [format!("bearer {access}"), format!("Bearer {access}")] {
        let reply = start(&bearer).await;
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        let url = body["url"].as_str().unwrap().to_owned();
        assert!(url.starts_with(&format!("ws://{}/rtm?ticket=", platform.address)), "{url}");
        addresses.push(url);
    }
    assert_ne!(addresses[0], addresses[1]);
    // An assertion is no access token, an access token no ticket, and a ticket no access token.
    let (_, ticket) = addresses[0].split_once("ticket=").unwrap();
    for bearer in [&*token(&service).await, ticket, "x"] {
        let reply = start(&format!("bearer {bearer}")).await;
        assert_eq!(reply.status, 401);
        assert_envelope(&reply);
    }
    let open = async |ticket: &str| {
        let url = format!("ws://{}/rtm?ticket={ticket}&isReconnect=true", platform.address);
        tokio_tungstenite::connect_async(url).await.map(drop).map_err(|error| error.to_string())
    };
    assert!(open(access).await.unwrap_err().contains("401"));
    open(ticket).await.unwrap();
    assert!(open(ticket).await.unwrap_err().contains("401"), "once");

    let behind_tls = self::platform(&[("KORE_SOCKET_URL", "wss://platform.example/")]);
    let granted = grant(&behind_tls, GRANT, &token(&service).await).await;
    let granted: Value = serde_json::from_str(&granted.body).unwrap();
    let bearer = format!("bearer {}", granted["authorization"]["accessToken"].as_str().unwrap());
    let headers = [JSON, ("authorization", &*bearer)];
    let reply = send(&behind_tls, Method::POST, START, &headers, "{}").await;
    assert!(reply.body.contains(r#""wss://platform.example/rtm?ticket="#), "{}", reply.body);
}

#[tokio::test]
async fn k26_webhook_mode() {
    let platform = platform(&[]);
    let say = async |platform: &Service, token: &str| {
        let bearer = format!("bearer {token}");
        let message = r#"{"message":{"type":"text","val":"hello"}}"#;
        send(platform, Method::POST, WEBHOOK, &[JSON, ("authorization", &bearer)], message).await
    };
    let without = token_service(&[("KORE_WITHOUT_JTI", "1"), ("KORE_LIFETIME", "3600")]);
    let bearer = token(&without).await;
    for _ in 0..5 {
        let reply = say(&platform, &bearer).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert!(reply.body.contains("user@example.com said: hello"), "{}", reply.body);
    }
    let once = token(&token_service(&[])).await;
    // A message that cannot be read uses nothing up.
    let headers = [JSON, ("authorization", &*format!("bearer {once}"))];
    assert_eq!(send(&platform, Method::POST, WEBHOOK, &headers, "{}").await.status, 400);
    let answers = [say(&platform, &once).await.status, say(&platform, &once).await.status];
    assert_eq!(answers, [200, 401]);
    let enforcing = self::platform(&[("KORE_ENFORCE_JTI", "1")]);
    assert_eq!(say(&enforcing, &bearer).await.status, 401);
    let both = [&SETTINGS[..], &[("KORE_WITHOUT_JTI", "1"), ("KORE_ENFORCE_JTI", "1")]].concat();
    let message = process::fails(env!("CARGO_BIN_EXE_kore_token_service"), &both);
    assert!(message.contains("KORE_WITHOUT_JTI"), "{message}");
}
