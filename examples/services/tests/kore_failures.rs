//! K19 over sockets: the work behind a token fails, and the same token does for the next attempt.

#![allow(clippy::unwrap_used, reason = "a test fails by ending")]

use std::sync::atomic::{AtomicUsize, Ordering};
use strict_jose::profile::kore::{App, TokenService, User};
use strict_jose::{AfterRestart, Hs256Key, NumericDate};
use strict_jose_services::client::Client;
use strict_jose_services::kore_platform::{Config, GRANT, routes};
use strict_jose_services::serve::serve;
use tokio::net::TcpListener;

/// A platform whose guard holds so many ids and whose first sessions cannot be opened.
async fn start(key: &Hs256Key, capacity: usize, failures: usize) -> Client {
    let left = AtomicUsize::new(failures);
    let open_session = Box::new(move |subject: &str| {
        let fails = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if fails.is_ok() { Err("session.unavailable") } else { Ok(subject.to_owned()) }
    });
    let restart = AfterRestart::only_issued_after(NumericDate::from_seconds(0).unwrap());
    let app = App::hs256("cs-1", key.clone());
    let config = Config::new(app, capacity, restart).unwrap().opening_sessions_by(open_session);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, routes(config), std::future::pending()));
    Client::connect(address).await.unwrap()
}

fn assertion(key: &Hs256Key) -> String {
    let token = TokenService::hs256("cs-1", key.clone()).unwrap().issue(&User::new("john"));
    serde_json::json!({"assertion": token.unwrap()}).to_string()
}

#[tokio::test]
async fn k19_a_failed_grant_uses_nothing_up() {
    let key = Hs256Key::generate().unwrap();
    let mut client = start(&key, 10, 2).await;
    let body = assertion(&key);
    for (status, text) in [
        (503, r#"{"errors":[{"code":503,"msg":"try again later"}]}"#),
        (503, r#"{"errors":[{"code":503,"msg":"try again later"}]}"#),
        (200, r#"{"authorization":{"accessToken":"john"},"userInfo":"#),
        (401, r#"{"errors":[{"msg":"error verifying the jwt: possibly a replay","code":401}]}"#),
    ] {
        let reply = client.post(GRANT, body.clone()).await.unwrap();
        assert!(reply.status == status && reply.body.starts_with(text), "{}", reply.body);
    }
}

#[tokio::test]
async fn a_full_guard_is_a_503() {
    let key = Hs256Key::generate().unwrap();
    let mut client = start(&key, 1, 0).await;
    assert_eq!(client.post(GRANT, assertion(&key)).await.unwrap().status, 200);
    let reply = client.post(GRANT, assertion(&key)).await.unwrap();
    assert_eq!(reply.status, 503, "{}", reply.body);
}
