//! The guard on PostgreSQL against a real server: the contract, several processes, and all that breaks.
#![cfg(unix)] // the server is stopped and paused by signals, and Debian has none for Windows
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

mod exact;
mod failing;
mod forked;
mod losing;
mod pooler;
#[path = "../server.rs"]
mod server;
mod table;
#[cfg(feature = "tls")]
mod tls;

use server::{Process, Scratch, free_port, installed};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use std::{fs, thread};
use strict_jose::{Insertion, NumericDate, ReplayError, ReplayGuard, ReplayId};
use strict_jose_stores::{PostgresReplayGuard, PostgresStore};

/// The program's path: Debian keeps those of each version in a directory of its own.
fn program(name: &str) -> String {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let paths = versions.map(|version| version.path().join("bin").join(name));
    let newest = paths.filter(|path| path.exists()).max();
    newest.map_or(name.to_owned(), |path| path.to_str().unwrap().to_owned())
}

/// A program of the server's, in this directory, as its owner.
fn command(name: &str, directory: &Path) -> Command {
    let owner = fs::metadata(directory).unwrap();
    let mut command = Command::new(program(name));
    command.uid(owner.uid()).gid(owner.gid()).current_dir(directory).stdout(Stdio::null());
    command
}

/// A directory of a user whom the server agrees to run as: not root.
fn scratch() -> Scratch {
    let scratch = Scratch::new("postgres");
    if fs::metadata(scratch.path()).unwrap().uid() == 0 {
        let users = fs::read_to_string("/etc/passwd").unwrap();
        let user = users.lines().find_map(|line| line.strip_prefix("postgres:"));
        let mut numbers = user.expect("no user `postgres`").split(':').skip(1);
        let mut number = || numbers.next().unwrap().parse().ok();
        chown(scratch.path(), number(), number()).unwrap();
    }
    scratch
}

struct Postgres {
    process: Process,
    scratch: Scratch,
    port: u16,
}

impl Postgres {
    /// A server with the guard's table and a role `api` that may use it; `None` if there is no such
    /// program.
    fn start() -> Option<Self> {
        if !installed(&program("postgres")) {
            return None;
        }
        let scratch = scratch();
        let made = command("initdb", scratch.path())
            .args(["--pgdata", "data", "--username", "postgres", "--auth-host", "scram-sha-256"])
            .args(["--auth-local", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"])
            .stderr(Stdio::null())
            .status();
        assert!(made.unwrap().success());
        let postgres = Self::launch(scratch, free_port());
        postgres.ask(&postgres.store().create_table());
        postgres.ask("CREATE ROLE api LOGIN PASSWORD 'right'");
        postgres.ask("GRANT SELECT, INSERT, UPDATE, DELETE ON replay_ids TO api");
        Some(postgres)
    }

    /// A server on the data that is there, once it answers.
    fn launch(scratch: Scratch, port: u16) -> Self {
        let process = Self::spawn(&scratch, port);
        let mut postgres = Self { process, scratch, port };
        postgres.wait();
        postgres
    }

    fn spawn(scratch: &Scratch, port: u16) -> Process {
        let mut command = command("postgres", scratch.path());
        let directory = scratch.path().to_str().unwrap();
        command.args(["-D", "data", "-h", "127.0.0.1", "-p", &port.to_string(), "-k", directory]);
        Process::new(command.stderr(Stdio::null()))
    }

    fn wait(&mut self) {
        while !self.try_ask("SELECT 1").status.success() {
            // After a crash it does not start until the last of its former processes is gone.
            if self.process.has_ended() {
                self.process = Self::spawn(&self.scratch, self.port);
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// As when its machine goes down. Halted first, it starts no process for a guard that connects anew meanwhile:
    /// one that outlives the server keeps the next from starting.
    fn kill(&mut self) {
        let listed = self.pids("true");
        self.process.signal("STOP");
        send("KILL", &self.process.children().unwrap_or(listed));
        self.process.kill();
    }

    fn restart(&mut self) {
        self.process = Self::spawn(&self.scratch, self.port);
        self.wait();
    }

    /// Halted until this is dropped.
    fn pause(&self) -> Paused<'_> {
        let pids = self.pids("true");
        self.process.signal("STOP");
        send("STOP", &pids);
        Paused(self, pids)
    }

    /// What is not written to the disk for the sake of a commit stays in memory.
    fn pause_writer(&self) {
        send("STOP", &self.pids("backend_type = 'walwriter'"));
    }

    /// Of these of its processes, the first aside.
    fn pids(&self, condition: &str) -> Vec<String> {
        let others = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND";
        let pids = self.ask(&format!("{others} {condition}"));
        pids.lines().map(str::to_owned).collect()
    }

    /// By its socket, as `api`, with these words more.
    fn config(&self, more: &str) -> String {
        let directory = self.scratch.path().to_str().unwrap();
        format!("host={directory} port={} user=api dbname=postgres {more}", self.port)
    }

    fn store(&self) -> PostgresStore {
        PostgresStore::new(&self.config(""))
    }

    fn psql(&self) -> Command {
        let directory = self.scratch.path();
        let mut psql = command("psql", directory);
        psql.args(["-h", directory.to_str().unwrap(), "-p", &self.port.to_string()])
            .args(["-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1"])
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]);
        psql
    }

    fn try_ask(&self, statements: &str) -> Output {
        self.psql().args(["-c", statements]).stdout(Stdio::piped()).output().unwrap()
    }

    /// What the server answers its superuser.
    fn ask(&self, statements: &str) -> String {
        let output = self.try_ask(statements);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    fn count(&self) -> usize {
        self.ask("SELECT count(*) FROM replay_ids").parse().unwrap()
    }

    /// Changes a setting of the server as it runs.
    fn set(&self, name: &str, value: &str) {
        self.ask(&format!("ALTER SYSTEM SET {name} = '{value}'"));
        self.ask("SELECT pg_reload_conf()");
        while self.ask(&format!("SHOW {name}")) != value {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.process.end("QUIT"); // else it leaves shared memory behind
    }
}

struct Paused<'a>(&'a Postgres, Vec<String>);

impl Drop for Paused<'_> {
    fn drop(&mut self) {
        send("CONT", &self.1);
        self.0.process.signal("CONT");
    }
}

/// To those that are still there.
fn send(signal: &str, pids: &[String]) {
    let sent = Command::new("kill").arg(format!("-{signal}")).args(pids).output();
    assert!(!pids.is_empty() && sent.is_ok());
}

fn now() -> NumericDate {
    NumericDate::now().unwrap()
}

/// So many seconds from now.
fn after(seconds: i64) -> NumericDate {
    NumericDate::from_seconds(now().seconds().checked_add_signed(seconds).unwrap()).unwrap()
}

/// Kept for an hour from now on.
fn insert(guard: &PostgresReplayGuard, jti: &str) -> Result<Insertion, ReplayError> {
    ReplayGuard::insert_if_absent(guard, &id(jti), after(3600), now())
}

fn id(jti: &str) -> ReplayId<'static> {
    ReplayId::new("issuer", "scope", jti).into_owned()
}
