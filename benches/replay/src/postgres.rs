//! The guard on a PostgreSQL server that is started here.

use crate::contenders::{Contender, Question};
use crate::measure::expiries;
use crate::stores::{ASKED_FOR, Scratch, by_tasks};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};
use strict_jose::{Insertion, NumericDate, ReplayGuard, ReplayId};
use strict_jose_stores::{PostgresReplayGuard, PostgresStore};

/// As many commits share a wait for the disk.
const CONNECTIONS: usize = 64;

/// The guard on a server of its own.
pub struct Postgres {
    guard: PostgresReplayGuard,
    held: usize,
    server: Child,
    scratch: Scratch,
}

/// Why PostgreSQL is not measured.
pub fn left_out() -> Option<&'static str> {
    let found = Command::new(program("postgres")).arg("--version").output().is_ok();
    (!found).then_some("the server is not installed (Debian: postgresql)")
}

/// The program's path: Debian keeps those of each version in a directory of its own.
fn program(name: &str) -> String {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let paths = versions.map(|version| version.path().join("bin").join(name));
    let newest = paths.filter(|path| path.exists()).max();
    newest.map_or(name.to_owned(), |path| path.display().to_string())
}

/// A program of the server's, in this directory, as its owner: the server does not run as root.
fn command(name: &str, directory: &Path) -> Command {
    let owner = fs::metadata(directory).expect("it is there");
    let mut command = Command::new(program(name));
    command.uid(owner.uid()).gid(owner.gid()).current_dir(directory);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn give_away(directory: &Path) {
    if fs::metadata(directory).expect("it is there").uid() == 0 {
        let users = fs::read_to_string("/etc/passwd").expect("the users");
        let user = users.lines().find_map(|line| line.strip_prefix("postgres:"));
        let mut numbers = user.expect("no user `postgres`").split(':').skip(1);
        let mut number = || numbers.next().and_then(|number| number.parse().ok());
        chown(directory, number(), number()).expect("by root");
    }
}

impl Postgres {
    /// On a socket in a directory of its own, which holds all ids already but those that asking is fast
    /// enough for.
    pub fn start(live: usize) -> Self {
        let scratch = Scratch::new(&env::temp_dir(), "postgres"); // a socket's path has to be short
        let directory = scratch.path();
        give_away(directory);
        let made = command("initdb", directory)
            .args(["--pgdata", "data", "--username", "bench", "--auth", "trust", "--no-sync"])
            .status();
        assert!(made.expect("it is installed").success());
        let server = command("postgres", directory)
            .args(["-D", "data", "-h", "", "-c", "shared_buffers=2GB", "-c", "max_wal_size=8GB"])
            .arg("-k")
            .arg(directory)
            .spawn()
            .expect("it is installed");
        while ask(directory, "SELECT 1").is_none() {
            thread::sleep(Duration::from_millis(50));
        }
        let config = format!("host={} user=bench dbname=postgres", directory.display());
        let store = PostgresStore::new(&config).connections(CONNECTIONS);
        ask(directory, &store.create_table()).expect("a new database");
        let (held, expiries) = (live.saturating_sub(ASKED_FOR), expiries());
        let written = format!(
            "INSERT INTO replay_ids
             SELECT sha256(number::text::bytea), {} + number % {}
             FROM generate_series(1, {held}) AS number",
            expiries.start,
            expiries.len()
        );
        ask(directory, &written).expect("the table is there");
        let guard = store.time_limit(Duration::from_secs(10)).connect().expect("it answers");
        Self { guard, held, server, scratch }
    }
}

/// What the server answers, if it does.
fn ask(directory: &Path, statements: &str) -> Option<String> {
    let output = command("psql", directory)
        .arg("-h")
        .arg(directory)
        .args(["-U", "bench", "-d", "postgres", "--no-psqlrc", "-qtAc", statements])
        .stdout(Stdio::piped())
        .output()
        .expect("psql comes with the server");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // By that signal it ends its own processes, too.
        let _ = Command::new("kill").args(["-QUIT", &self.server.id().to_string()]).status();
        let _ = self.server.wait();
    }
}

impl Contender for Postgres {
    fn held(&self) -> usize {
        self.held
    }

    fn insert(&self, id: &ReplayId<'_>, keep_until: NumericDate, now: NumericDate) -> bool {
        ReplayGuard::insert_if_absent(&self.guard, id, keep_until, now).expect("the guard answers")
            == Insertion::Inserted
    }

    fn insert_by_many(
        &self,
        questions: &[Question],
        now: NumericDate,
        time: Duration,
    ) -> Option<Vec<Duration>> {
        Some(by_tasks(&self.guard, questions, now, time))
    }

    fn bytes_outside(&self) -> usize {
        let bytes = ask(self.scratch.path(), "SELECT pg_total_relation_size('replay_ids')");
        bytes.and_then(|bytes| bytes.parse().ok()).expect("the server says")
    }
}
