//! One process takes over from another, and no token is accepted by both.

#![allow(clippy::unwrap_used, reason = "a test fails by ending")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use strict_jose::profile::kore::{App, TokenService, User};
use strict_jose::{AfterRestart, Clock, Hs256Key, NumericDate};
use strict_jose_services::client::{Client, Reply};
use strict_jose_services::kore_platform::{Config, GRANT, OpenSession, routes};
use strict_jose_services::serve::{STOPPING, serve};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const START: u64 = 1_790_000_000;

/// The time of both processes and of the issuer, which goes on only when it is told to.
#[derive(Clone)]
struct Time(Arc<AtomicU64>);

impl Time {
    fn clock(&self) -> Clock {
        let Self(seconds) = self.clone();
        Clock::new(move || NumericDate::from_seconds(seconds.load(Ordering::SeqCst)))
    }

    fn set(&self, after: u64) {
        self.0.store(START + after, Ordering::SeqCst);
    }
}

struct Process {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

impl Process {
    async fn start(key: &Hs256Key, time: &Time, issued_after: u64, open: Box<OpenSession>) -> Self {
        let date = NumericDate::from_seconds(START + issued_after).unwrap();
        let restart = AfterRestart::only_issued_after(date);
        let config = Config::new(App::hs256("cs-1", key.clone()), 10, restart).unwrap();
        let config = config.opening_sessions_by(open);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(serve(listener, routes(config.clock(time.clock())), async {
            stopped.await.ok();
        }));
        Self { address, stop, ended }
    }

    async fn grant(&self, token: &str) -> (u16, String) {
        let body = serde_json::json!({"assertion": token}).to_string();
        let Reply { status, body, .. } =
            Client::connect(self.address).await.unwrap().post(GRANT, body).await.unwrap();
        (status, body)
    }

    async fn is_ready(&self) -> bool {
        let mut client = Client::connect(self.address).await.unwrap();
        let status = client.send(hyper::Method::GET, "/ready", &[], "").await.unwrap().status;
        assert!(status == 200 || status == 503, "{status}");
        status == 200
    }
}

#[tokio::test]
async fn no_token_is_accepted_by_the_old_process_and_by_the_new() {
    let key = Hs256Key::generate().unwrap();
    let time = Time(Arc::new(AtomicU64::new(START)));
    let tokens = TokenService::hs256("cs-1", key.clone()).unwrap().clock(time.clock());
    let token = || tokens.issue(&User::new("john")).unwrap();
    let open = || Box::new(|subject: &str| Ok(subject.to_owned()));

    // The old process is to have stopped within 10 s.
    time.set(100);
    let old = Process::start(&key, &time, 0, open()).await;
    let new = Process::start(&key, &time, 110, open()).await;
    assert_eq!((old.is_ready().await, new.is_ready().await), (true, false));
    let (used, unused) = (token(), token());
    assert_eq!(old.grant(&used).await.0, 200);
    for token in [&used, &unused] {
        let (status, body) = new.grant(token).await;
        assert_eq!(status, 503, "not ready, and nothing is wrong with the token: {body}");
    }
    // A token that was answered with 503 is as good as before.
    assert_eq!(old.grant(&unused).await.0, 200);

    time.set(109);
    let last = token();
    assert_eq!(old.grant(&last).await.0, 200);
    old.stop.send(()).unwrap();
    old.ended.await.unwrap().unwrap();
    assert!(Client::connect(old.address).await.is_err(), "the old process still listens");

    time.set(110);
    assert!(!new.is_ready().await, "no token can be later than the date yet");
    time.set(111);
    assert!(new.is_ready().await);
    for token in [&used, &unused, &last] {
        assert_eq!(new.grant(token).await.0, 401, "accepted by the old process");
    }
    let fresh = token();
    assert_eq!(new.grant(&fresh).await.0, 200);
    assert_eq!(new.grant(&fresh).await.0, 401);
}

#[tokio::test]
async fn a_process_that_stops_answers_the_requests_it_has() {
    let key = Hs256Key::generate().unwrap();
    let time = Time(Arc::new(AtomicU64::new(START + 1)));
    let tokens = TokenService::hs256("cs-1", key.clone()).unwrap().clock(time.clock());
    let (begun, has_begun) = std::sync::mpsc::channel();
    let (go_on, goes_on) = std::sync::mpsc::channel();
    let goes_on = std::sync::Mutex::new(goes_on);
    let slowly = Box::new(move |subject: &str| {
        begun.send(()).unwrap();
        goes_on.lock().unwrap().recv().unwrap();
        Ok(subject.to_owned())
    });
    let process = Process::start(&key, &time, 0, slowly).await;
    let token = tokens.issue(&User::new("john")).unwrap();
    let Process { address, stop, ended } = process;
    let request = tokio::spawn(async move {
        let body = serde_json::json!({"assertion": token}).to_string();
        Client::connect(address).await.unwrap().post(GRANT, body).await.unwrap()
    });
    tokio::task::spawn_blocking(move || has_begun.recv()).await.unwrap().unwrap();
    stop.send(()).unwrap();
    go_on.send(()).unwrap();
    let reply = request.await.unwrap();
    assert!(
        reply.body.starts_with(r#"{"authorization":{"accessToken":"john"},"#),
        "{}",
        reply.body
    );
    ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_holds_back_its_request_keeps_no_process_alive() {
    let key = Hs256Key::generate().unwrap();
    let time = Time(Arc::new(AtomicU64::new(START + 1)));
    let process = Process::start(&key, &time, 0, Box::new(|_| Ok(String::new()))).await;
    let mut held = tokio::net::TcpStream::connect(process.address).await.unwrap();
    let request = format!("POST {GRANT} HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{{");
    held.write_all(request.as_bytes()).await.unwrap();
    // Another request is answered after it, so it has begun.
    assert!(process.is_ready().await);
    process.stop.send(()).unwrap();
    tokio::time::timeout(2 * STOPPING, process.ended).await.unwrap().unwrap().unwrap();
}
