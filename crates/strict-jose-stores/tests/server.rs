//! Real servers for tests, on loopback, gone with the test.
#![allow(dead_code, reason = "each test file takes what it needs")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::future::Future;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::{env, fs};
use strict_jose::{Insertion, ReplayError};

/// Set where a missing server is a failure, as in CI.
const REQUIRED: &str = "STRICT_JOSE_SERVERS_REQUIRED";

/// Whether the program is there; if not, the test says so and has not run.
pub fn installed(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    assert!(found || env::var_os(REQUIRED).is_none(), "{program} is not installed");
    if !found {
        println!("\n*** NOT RUN: {program} is not installed ***\n");
    }
    found
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A directory of the test's own, gone with it.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("strict-jose-{name}-{}", free_port()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A process that ends with the test.
pub struct Process(Child);

impl Process {
    pub fn new(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    /// `STOP` halts it as it is, `CONT` lets it go on.
    pub fn signal(&self, signal: &str) {
        let arguments = [format!("-{signal}"), self.0.id().to_string()];
        assert!(Command::new("kill").args(arguments).status().unwrap().success());
    }

    /// Those that it has started, as the kernel tells them.
    pub fn children(&self) -> Option<Vec<String>> {
        let id = self.0.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).ok()?;
        Some(children.split_whitespace().map(str::to_owned).collect())
    }

    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    pub fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// Ends by this signal, unless it has.
    pub fn end(&mut self, signal: &str) {
        if !self.has_ended() {
            self.signal(signal);
            self.0.wait().unwrap();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Stands before a server on a port of its own, and lets answers or whole connections go astray.
pub struct Between {
    pub port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// The answer to the next question with this word is lost.
    loses: Mutex<Option<String>>,
    /// Connections that are older hear nothing any more.
    generation: AtomicUsize,
}

impl Between {
    pub fn stand(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let this = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let state = Arc::clone(&this.state);
        thread::spawn(move || {
            for client in listener.incoming() {
                let state = Arc::clone(&state);
                thread::spawn(move || state.carry(&client.unwrap(), server));
            }
        });
        this
    }

    /// Has the next question with this word carried out, and ends the connection instead of the answer.
    pub fn lose_the_answer_to(&self, word: &str) {
        *self.state.loses.lock().unwrap() = Some(word.to_owned());
    }

    pub fn is_to_lose_one(&self) -> bool {
        self.state.loses.lock().unwrap().is_some()
    }

    pub fn drop_all_without_a_word(&self) {
        self.state.generation.fetch_add(1, Ordering::SeqCst);
    }
}

impl State {
    fn carry(&self, client: &TcpStream, server: u16) {
        let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
        let born = self.generation.load(Ordering::SeqCst);
        let lost = AtomicBool::new(false);
        let is_silent = || self.generation.load(Ordering::SeqCst) != born;
        let asked = |octets: &[u8]| {
            let mut loses = self.loses.lock().unwrap();
            let is_it =
                |word: &mut String| octets.windows(word.len()).any(|at| at == word.as_bytes());
            if loses.take_if(is_it).is_some() {
                lost.store(true, Ordering::SeqCst);
            }
            !is_silent()
        };
        let answered = |_: &[u8]| {
            if lost.load(Ordering::SeqCst) {
                let _ = client.shutdown(Shutdown::Both);
            }
            !is_silent()
        };
        thread::scope(|scope| {
            scope.spawn(|| pass(&server, client, answered));
            pass(client, &server, asked);
        });
    }
}

/// What comes from one side, to the other, unless it goes astray.
fn pass(mut from: &TcpStream, mut to: &TcpStream, arrives: impl Fn(&[u8]) -> bool) {
    let mut octets = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut octets) {
        if arrives(&octets[..length]) && to.write_all(&octets[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Certificates of an authority that nobody else knows, for `localhost`.
pub struct Certificates(Scratch);

impl Certificates {
    pub fn make() -> Option<Self> {
        if !installed("openssl") {
            return None;
        }
        let this = Self(Scratch::new("tls"));
        fs::write(this.path("names"), "subjectAltName=DNS:localhost").unwrap();
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        for command in [
            format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=tests -days 2"),
            format!("req {key} -keyout server.key -out server.csr -subj /CN=localhost"),
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names \
             -out server.pem"
                .to_owned(),
        ] {
            let mut openssl = Command::new("openssl");
            openssl.args(command.split_whitespace()).current_dir(this.0.path());
            assert!(openssl.output().unwrap().status.success(), "{command}");
        }
        Some(this)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

/// This program again, to run one ignored test alone.
pub fn child(test: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    command
}

/// What a future answers without waiting.
pub fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Why the store gave no answer.
#[track_caller]
pub fn why(answer: Result<Insertion, ReplayError>) -> &'static str {
    answer.unwrap_err().store_code().unwrap()
}

/// Runs a future without any runtime.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let (mut future, mut context) = (pin!(future), Context::from_waker(&waker));
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(result) => return result,
            Poll::Pending => thread::park(),
        }
    }
}
