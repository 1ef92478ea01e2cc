//! The guard on Redis against a real server: the contract, several processes, and all that breaks.
#![cfg(unix)] // the server is stopped and paused by signals, and Debian has none for Windows
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

mod exact;
mod failing;
mod forked;
mod idle;
mod losing;
#[path = "../server.rs"]
mod server;
mod settings;
#[cfg(feature = "tls")]
mod tls;

use server::{Process, Scratch, free_port, installed};
use std::process::{Command, Stdio};
use std::time::Duration;
use strict_jose::{Insertion, NumericDate, ReplayError, ReplayGuard, ReplayId};
use strict_jose_stores::{RedisReplayGuard, RedisStore};

const PROGRAM: &str = "redis-server";

struct Redis {
    process: Process,
    scratch: Scratch,
    port: u16,
    settings: Vec<String>,
}

impl Redis {
    /// A server with these settings beside `--save ""`; `None` if there is no such program.
    fn start(settings: &[&str]) -> Option<Self> {
        if !installed(PROGRAM) {
            return None;
        }
        let (scratch, port) = (Scratch::new("redis"), free_port());
        let settings: Vec<_> = settings.iter().map(|&word| word.to_owned()).collect();
        let process = launch(&scratch, port, &settings);
        let redis = Self { process, scratch, port, settings };
        redis.wait();
        Some(redis)
    }

    /// The same server again, with whatever it had put on the disk.
    fn restart(&mut self) {
        self.process = launch(&self.scratch, self.port, &self.settings);
        self.wait();
    }

    fn wait(&self) {
        while self.try_ask("PING").is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// As most tests take it: their servers write nothing to a disk.
    fn store(&self) -> RedisStore {
        RedisStore::new(&self.url(), "test:").losing_ids_in_a_crash()
    }

    fn try_ask(&self, command: &str) -> redis::RedisResult<redis::Value> {
        let client = redis::Client::open(self.url())?;
        let mut connection = client.get_connection()?;
        let mut words = command.split(' ');
        let mut command = redis::cmd(words.next().unwrap());
        command.arg(words.collect::<Vec<_>>()).query(&mut connection)
    }

    fn ask(&self, command: &str) -> redis::Value {
        self.try_ask(command).unwrap()
    }
}

fn launch(scratch: &Scratch, port: u16, settings: &[String]) -> Process {
    Process::new(
        Command::new(PROGRAM)
            .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""])
            .args(["--repl-diskless-sync-delay", "0", "--dir", scratch.path().to_str().unwrap()])
            .args(settings)
            .stdout(Stdio::null()),
    )
}

fn now() -> NumericDate {
    NumericDate::now().unwrap()
}

/// Kept for an hour from now on.
fn insert(guard: &RedisReplayGuard, jti: &str) -> Result<Insertion, ReplayError> {
    let until = now().saturating_add(Duration::from_secs(3600));
    ReplayGuard::insert_if_absent(guard, &id(jti), until, now())
}

fn id(jti: &str) -> ReplayId<'static> {
    ReplayId::new("issuer", "scope", jti).into_owned()
}
