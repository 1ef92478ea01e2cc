//! Both services as processes of their own, with real sockets between: the whole flow, and what must
//! not happen on the way.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by ending")]

mod process;

use hyper::Method;
use process::Service;
use serde_json::{Value, json};
use std::time::Duration;
use strict_jose::profile::kore::{TokenService, User};
use strict_jose::{Hs256Key, NumericDate, RsaOaepDecryptionKey};
use strict_jose_services::client::{Client, Reply};
use strict_jose_services::kore_platform::GRANT;

const ISS: &str = "cs-xxxxxxxxxx-1234";
const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PAGE: &str = "https://shop.example";
const BODY_EXP: &str = r#"{"errors":[{"msg":"error verifying the jwt: if \"jti\" claim \"exp\" must be <= 1 hour(s)","code":401}]}"#;
const BODY_REPLAY: &str =
    r#"{"errors":[{"msg":"error verifying the jwt: possibly a replay","code":401}]}"#;
const BODY_OTHER: &str =
    r#"{"errors":[{"msg":"error verifying the jwt: not accepted","code":401}]}"#;
const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

fn token_service(more: &[(&str, &str)]) -> Service {
    let settings = [
        ("KORE_CLIENT_ID", ISS),
        ("KORE_CLIENT_SECRET", SECRET),
        ("KORE_ORIGINS", "https://shop.example, https://www.shop.example"),
    ];
    Service::start(env!("CARGO_BIN_EXE_kore_token_service"), &[&settings[..], more].concat())
}

fn platform(more: &[(&str, &str)]) -> Service {
    let settings = [("KORE_CLIENT_ID", ISS), ("KORE_CLIENT_SECRET", SECRET)];
    let settings = [&settings[..], more].concat();
    Service::start_ready(env!("CARGO_BIN_EXE_kore_platform"), &settings)
}

async fn connect(service: &Service) -> Client {
    Client::connect(service.address).await.unwrap()
}

async fn exchange(service: &Service, path: &str, token: &str) -> Reply {
    let body = json!({"assertion": token}).to_string();
    connect(service).await.post(path, body).await.unwrap()
}

/// A message in webhook mode, whose bearer is the token itself.
async fn say(service: &Service, token: &str) -> Reply {
    let bearer = format!("bearer {token}");
    let message = r#"{"message":{"type":"text","val":"hello"}}"#;
    let headers = [("authorization", bearer.as_str())];
    let mut client = connect(service).await;
    client.send(Method::POST, "/chatbot/v2/webhook/st-1", &headers, message).await.unwrap()
}

fn jwt(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.body);
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1);
    body["jwt"].as_str().unwrap().to_owned()
}

/// The payload of a signed token, read by hand.
fn payload(token: &str) -> Value {
    let key = Hs256Key::from_utf8(SECRET).unwrap();
    serde_json::from_slice(strict_jose::jws::verify(token, &key).unwrap().payload()).unwrap()
}

#[tokio::test]
async fn k17_the_token_service() {
    let service = token_service(&[]);
    let mut client = connect(&service).await;
    let json = r#"{"identity":"john.doe@achme.com","identityToMerge":"anonymoususer1@test.com","privateClaims":{"accountId":"123412512512556"}}"#;
    let form = "identity=john.doe%40achme.com&isAnonymous=true";
    let mut ids = Vec::new();
    for _ in 0..2 {
        let claims = payload(&jwt(&client.post("/token", json).await.unwrap()));
        assert_eq!(claims["isAnonymous"], json!(false));
        assert_eq!(claims["identityToMerge"], json!("anonymoususer1@test.com"));
        assert_eq!(claims["privateClaims"], json!({"accountId": "123412512512556"}));
        let reply = client.send(Method::POST, "/token", &FORM, form).await.unwrap();
        let of_form = payload(&jwt(&reply));
        assert_eq!(of_form["isAnonymous"], json!(true));
        for claims in [claims, of_form] {
            assert_eq!(claims["iss"], json!(ISS));
            assert_eq!(claims["sub"], json!("john.doe@achme.com"));
            assert_eq!(claims["aud"], json!("https://idproxy.kore.ai/authorize"));
            let lifetime = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
            assert!(lifetime <= 3600, "{lifetime}");
            // 22 characters of base64url hold 128 bits.
            let id = claims["jti"].as_str().unwrap().to_owned();
            assert!(id.len() >= 22 && !ids.contains(&id), "{id}");
            ids.push(id);
        }
    }
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn k17_a_secret_in_the_body_is_refused_and_in_no_log() {
    let service = token_service(&[]);
    let mut client = connect(&service).await;
    let leaked = "a-secret-that-a-page-has-got-hold-of";
    let mut refused = 0;
    for name in ["clientSecret", "client_secret", "secret", "client_id", "exp", "sub", "key"] {
        let code = if name == "clientSecret" { "client_secret" } else { "not_an_identity" };
        let json = json!({"identity": "john", name: leaked}).to_string();
        let form = format!("identity=john&{name}={leaked}");
        let json = client.post("/token", json).await.unwrap();
        let form = client.send(Method::POST, "/token", &FORM, form).await.unwrap();
        for reply in [json, form] {
            assert_eq!(reply.status, 400, "{name}");
            assert_eq!(reply.body, format!(r#"{{"error":"body.{code}"}}"#));
            refused += 1;
        }
    }
    for body in ["", "{", r#"{"identity":1}"#, r#"{"identity":"a","identity":"b"}"#, "[]"] {
        assert_eq!(client.post("/token", body).await.unwrap().status, 400, "{body}");
    }
    let nobody = client.post("/token", r#"{"identity":""}"#).await.unwrap();
    assert_eq!((nobody.status, nobody.body.as_str()), (400, r#"{"error":"claim.empty"}"#));
    let text = client.send(Method::POST, "/token", &[("content-type", "text/plain")], "x").await;
    assert_eq!(text.unwrap().status, 415);
    let in_url = format!("/token?clientSecret={leaked}");
    assert_eq!(client.post(&in_url, "{}").await.unwrap().status, 400);
    jwt(&client.post("/token", r#"{"identity":"john.doe@achme.com"}"#).await.unwrap());

    let log = service.stop();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let requests = lines.iter().filter(|line| line["fields"]["message"] == json!("request"));
    assert_eq!(requests.count(), refused + 9, "every request has its line");
    for reason in ["body.not_an_identity", "body.client_secret"] {
        assert!(log.contains(&format!(r#""reason":"{reason}""#)), "{log}");
    }
    for secret in [leaked, SECRET, "john", "eyJ"] {
        assert!(!log.contains(secret), "{secret} in the log");
    }
}

#[tokio::test]
async fn k17_preflight_for_listed_origins_only() {
    let service = token_service(&[]);
    let mut client = connect(&service).await;
    let ask = [
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    for origin in [PAGE, "https://www.shop.example"] {
        let headers = [&[("origin", origin)][..], &ask].concat();
        let reply = client.send(Method::OPTIONS, "/token", &headers, "").await.unwrap();
        assert_eq!(reply.status, 204);
        assert_eq!(reply.headers["access-control-allow-origin"], origin);
        assert_eq!(reply.headers["access-control-allow-methods"], "POST");
        assert_eq!(reply.headers["access-control-allow-headers"], "content-type");
        assert_eq!(reply.headers["vary"], "origin");
        let headers = [("origin", origin), ("content-type", "application/json")];
        let reply = client.send(Method::POST, "/token", &headers, r#"{"identity":"j"}"#).await;
        let reply = reply.unwrap();
        assert_eq!(reply.headers["access-control-allow-origin"], origin);
        jwt(&reply);
    }
    for origin in [
        "https://evil.example",
        "https://shop.example.evil.example",
        "http://shop.example",
        "null",
        "https://shop.example/",
    ] {
        let headers =
            [&[("origin", origin), ("content-type", "application/json")][..], &ask].concat();
        for method in [Method::OPTIONS, Method::POST] {
            let reply =
                client.send(method, "/token", &headers, r#"{"identity":"j"}"#).await.unwrap();
            assert_eq!(reply.status, 403, "{origin}");
            assert!(!reply.headers.contains_key("access-control-allow-origin"));
            assert!(!reply.body.contains("jwt"));
        }
    }
    let without_origin = client.send(Method::OPTIONS, "/token", &ask, "").await.unwrap();
    assert_eq!(without_origin.status, 405);
}

#[tokio::test]
async fn the_whole_flow() {
    let private = RsaOaepDecryptionKey::generate(2048).unwrap().with_key_id("k-1").unwrap();
    let published = private.public_key().to_jwk().replace(r#","alg":"RSA-OAEP""#, "");
    let private = private.to_secret_jwk();
    let private = private.expose().replace(r#","alg":"RSA-OAEP""#, "");
    let files = process::Files::new();
    let (secret, public, private) = (
        files.write("secret", &format!("{SECRET}\n")),
        files.write("platform.jwk", &published),
        files.write("platform-private.jwk", &private),
    );
    let platform = platform(&[
        ("KORE_CLIENT_SECRET", ""),
        ("KORE_CLIENT_SECRET_FILE", &secret),
        ("KORE_ENFORCE_JTI", "1"),
        ("KORE_ENFORCE_JWE", "true"),
        ("KORE_PLATFORM_PRIVATE_JWK_FILE", &private),
    ]);
    let plain = token_service(&[("KORE_LIFETIME", "3600")]);
    let identity = r#"{"identity":"john.doe@achme.com"}"#;
    // An unencrypted token is refused by an app that enforces encryption.
    let token = jwt(&connect(&plain).await.post("/token", identity).await.unwrap());
    let reply = exchange(&platform, GRANT, &token).await;
    assert_eq!((reply.status, reply.body.as_str()), (401, BODY_OTHER));

    for (alg, enc) in [("RSA-OAEP", "A256GCM"), ("RSA1_5", "A128CBC-HS256")] {
        let service = token_service(&[
            ("KORE_PLATFORM_JWK_FILE", &public),
            ("KORE_JWE_ALG", alg),
            ("KORE_JWE_ENC", enc),
        ]);
        let token = jwt(&connect(&service).await.post("/token", identity).await.unwrap());
        assert_eq!(token.split('.').count(), 5);
        let granted = exchange(&platform, GRANT, &token).await;
        assert_eq!(granted.status, 200, "{}", granted.body);
        let body: Value = serde_json::from_str(&granted.body).unwrap();
        assert!(!body["authorization"]["accessToken"].as_str().unwrap().is_empty());
        let again = exchange(&platform, GRANT, &token).await;
        assert_eq!((again.status, again.body.as_str()), (401, BODY_REPLAY));
        // K19: another place of use is one of its own.
        assert_eq!(say(&platform, &token).await.status, 200);
        assert_eq!(say(&platform, &token).await.body, BODY_REPLAY);
    }
    let log = platform.stop();
    assert!(log.contains(r#""reason":"replay.replayed""#) && log.contains("granted"), "{log}");
    for secret in [SECRET, "john", "eyJ", "\"d\""] {
        assert!(!log.contains(secret), "{secret} in the log");
    }
}

#[tokio::test]
async fn expired_and_long_lived_tokens_are_refused() {
    let platform = platform(&[]);
    let tokens = TokenService::hs256(ISS, Hs256Key::from_utf8(SECRET).unwrap()).unwrap();
    let now = NumericDate::now().unwrap().seconds();
    let user = User::new("john.doe@achme.com");
    let expired = tokens.clone().at_fixed_time(NumericDate::from_seconds(now - 301).unwrap());
    let reply = exchange(&platform, GRANT, &expired.issue(&user).unwrap()).await;
    assert_eq!((reply.status, reply.body.as_str()), (401, BODY_OTHER));
    let payload = json!({"iat": now, "exp": now + 7200, "jti": "long", "iss": ISS, "sub": "john",
        "aud": "https://idproxy.kore.ai/authorize"});
    let header = strict_jose::JwsHeader::new().typ("JWT");
    let key = Hs256Key::from_utf8(SECRET).unwrap();
    let long = strict_jose::jws::sign_with_header(payload.to_string(), &header, &key).unwrap();
    let reply = exchange(&platform, GRANT, &long).await;
    assert_eq!((reply.status, reply.body.as_str()), (401, BODY_EXP));
    let other = Hs256Key::generate().unwrap();
    let forged = strict_jose::jws::sign_with_header(payload.to_string(), &header, &other).unwrap();
    assert_eq!(exchange(&platform, GRANT, &forged).await.body, BODY_OTHER);
    for body in ["", "{}", r#"{"assertion":1}"#] {
        let reply = connect(&platform).await.post(GRANT, body).await.unwrap();
        assert_eq!(reply.status, 400, "{body}");
    }
    assert_eq!(exchange(&platform, GRANT, &tokens.issue(&user).unwrap()).await.status, 200);
}

#[tokio::test]
async fn of_64_grants_at_once_one_wins() {
    let (service, platform) = (token_service(&[]), platform(&[]));
    let reply = connect(&service).await.post("/token", r#"{"identity":"john"}"#).await.unwrap();
    let body = json!({"assertion": jwt(&reply)}).to_string();
    let mut clients = Vec::new();
    for _ in 0..64 {
        clients.push(connect(&platform).await);
    }
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(64));
    let grants: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            let (body, barrier) = (body.clone(), barrier.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                client.post(GRANT, body).await.unwrap()
            })
        })
        .collect();
    let (mut won, mut replays) = (0, 0);
    for grant in grants {
        let reply = grant.await.unwrap();
        if reply.status == 200 {
            won += 1;
        } else {
            assert_eq!((reply.status, reply.body.as_str()), (401, BODY_REPLAY));
            replays += 1;
        }
    }
    assert_eq!((won, replays), (1, 63));
}

#[tokio::test]
async fn services_are_well_and_stop_when_told() {
    for service in [token_service(&[]), platform(&[])] {
        let mut client = connect(&service).await;
        let reply = client.send(Method::GET, "/health", &[], "").await.unwrap();
        assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"status":"ok"}"#));
        let big = client.post("/token", vec![b' '; 65 * 1024]).await.unwrap();
        assert!([404, 413].contains(&big.status), "{}", big.status);
        drop(client);
        let log = service.stop();
        assert!(log.contains("stopping") && log.contains("stopped"), "{log}");
    }
}

#[test]
fn settings_that_do_not_fit_are_refused_without_being_shown() {
    let short = "a-short-secret";
    let cases: [&[(&str, &str)]; 7] = [
        &[("KORE_CLIENT_SECRET", short)],
        &[("KORE_CLIENT_SECRET", "")],
        &[("KORE_CLIENT_SECRET_FILE", "/nowhere/at/all")],
        &[("KORE_LIFETIME", "3601")],
        &[("KORE_LIFETIME", "long")],
        &[("KORE_PLATFORM_JWK", "{}")],
        &[("KORE_CLIENT_ID", "")],
    ];
    for more in cases {
        let settings =
            [&[("KORE_CLIENT_ID", ISS), ("KORE_CLIENT_SECRET", SECRET)][..], more].concat();
        let message = process::fails(env!("CARGO_BIN_EXE_kore_token_service"), &settings);
        assert!(message.contains("KORE_"), "{message}");
        assert!(!message.contains(short) && !message.contains(SECRET), "{message}");
    }
    let settings =
        [("KORE_CLIENT_ID", ISS), ("KORE_CLIENT_SECRET", SECRET), ("KORE_ENFORCE_JTI", "yes")];
    let message = process::fails(env!("CARGO_BIN_EXE_kore_platform"), &settings);
    assert!(message.contains("KORE_ENFORCE_JTI"), "{message}");
    for date in ["now", "-1", "253402300800"] {
        let settings =
            [("KORE_CLIENT_ID", ISS), ("KORE_CLIENT_SECRET", SECRET), ("KORE_ISSUED_AFTER", date)];
        let message = process::fails(env!("CARGO_BIN_EXE_kore_platform"), &settings);
        assert!(message.contains("KORE_ISSUED_AFTER"), "{message}");
    }
}

#[tokio::test]
async fn a_restarted_process_accepts_only_what_was_issued_after_the_other_stopped() {
    let tokens = TokenService::hs256(ISS, Hs256Key::from_utf8(SECRET).unwrap()).unwrap();
    let token = || tokens.issue(&User::new("john")).unwrap();
    let now = NumericDate::now().unwrap().seconds();
    let used_before = token();
    let mut answers = Vec::new();
    // A time that is past, left from an earlier start, is as good as none.
    for issued_after in ["", "0", &now.to_string()] {
        let platform = platform(&[("KORE_ISSUED_AFTER", issued_after)]);
        answers.push(exchange(&platform, GRANT, &used_before).await.status);
        answers.push(exchange(&platform, GRANT, &token()).await.status);
    }
    assert_eq!(answers, [401, 200, 401, 200, 401, 200]);
    let in_an_hour = (now + 3600).to_string();
    let settings = [
        ("KORE_CLIENT_ID", ISS),
        ("KORE_CLIENT_SECRET", SECRET),
        ("KORE_ISSUED_AFTER", &in_an_hour),
    ];
    let platform = Service::start(env!("CARGO_BIN_EXE_kore_platform"), &settings);
    let ready = connect(&platform).await.send(Method::GET, "/ready", &[], "").await.unwrap();
    assert_eq!((ready.status, ready.body.as_str()), (503, r#"{"status":"not ready"}"#));
    assert_eq!(exchange(&platform, GRANT, &token()).await.status, 503);
}

/// Long enough for a busy machine; every wait is for something that happens at once.
const PATIENCE: Duration = Duration::from_secs(30);
