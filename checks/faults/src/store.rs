//! The store and its server, which the run starts, and starts again.

use crate::disk::Disk;
use std::error::Error;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, io, process, thread};
use strict_jose_stores::PostgresStore;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Sqlite,
    Redis,
    Postgres,
}

impl Kind {
    const ALL: [(&str, Self); 3] =
        [("sqlite", Self::Sqlite), ("redis", Self::Redis), ("postgres", Self::Postgres)];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, kind)| kind)
    }

    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

pub struct Store {
    pub kind: Kind,
    pub disk: Disk,
    /// Where the services write what they were answered: not on the disk that fills up.
    logs: PathBuf,
    port: u16,
    server: Option<Child>,
}

impl Store {
    pub fn start(kind: Kind) -> Result<Self, Box<dyn Error>> {
        let place = env::temp_dir().join(format!("faults-{}", process::id()));
        let logs = place.with_extension("logs");
        fs::create_dir_all(&logs)?;
        let megabytes = if kind == Kind::Postgres { 500 } else { 64 };
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let disk = Disk::make(&place, megabytes)?;
        let mut store = Self { kind, disk, logs, port, server: None };
        if kind == Kind::Postgres {
            store.lay_out()?;
        }
        store.launch()?;
        store.wait()?;
        if kind == Kind::Postgres {
            let made = PostgresStore::new(&store.address()).create_table();
            store.ask(&made).ok_or("no table")?;
        }
        Ok(store)
    }

    pub fn logs(&self) -> &Path {
        &self.logs
    }

    /// As a guard takes it.
    pub fn address(&self) -> String {
        match self.kind {
            Kind::Sqlite => self.disk.path().join("ids.db").display().to_string(),
            Kind::Redis => format!("redis://127.0.0.1:{}", self.port),
            Kind::Postgres => {
                format!("host={} user=bench dbname=postgres", self.disk.path().display())
            }
        }
    }

    fn lay_out(&self) -> Result<(), Box<dyn Error>> {
        if fs::metadata(self.disk.path())?.uid() == 0 {
            let users = fs::read_to_string("/etc/passwd")?;
            let user = users.lines().find_map(|line| line.strip_prefix("postgres:"));
            let mut numbers = user.ok_or("no user `postgres`")?.split(':').skip(1);
            let mut number = || numbers.next().and_then(|number| number.parse().ok());
            chown(self.disk.path(), number(), number())?;
        }
        let made = self
            .command(&program("initdb"))
            .args(["--pgdata", "data", "--username", "bench", "--auth", "trust", "--no-sync"])
            .status()?;
        if made.success() { Ok(()) } else { Err("initdb".into()) }
    }

    /// A program of the server's, as the owner of its directory: PostgreSQL does not run as root.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        if let Ok(owner) = fs::metadata(self.disk.path()) {
            command.uid(owner.uid()).gid(owner.gid());
        }
        command.current_dir(self.disk.path()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn launch(&mut self) -> io::Result<()> {
        let directory = self.disk.path().display().to_string();
        let mut command = match self.kind {
            Kind::Sqlite => return Ok(()),
            Kind::Redis => {
                let mut redis = self.command("redis-server");
                redis.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--save", ""]);
                redis.args(["--appendonly", "yes", "--appendfsync", "always"]);
                redis
            }
            Kind::Postgres => {
                let mut postgres = self.command(&program("postgres"));
                postgres.args([
                    "-D",
                    "data",
                    "-h",
                    "",
                    "-k",
                    &directory,
                    "-c",
                    "max_wal_size=128MB",
                ]);
                postgres
            }
        };
        self.server = Some(command.spawn()?);
        Ok(())
    }

    /// Until the server answers. It is started if it has ended, as by a supervisor: a full disk ends it.
    pub fn wait(&mut self) -> io::Result<()> {
        while self.kind != Kind::Sqlite && self.answer().is_none() {
            self.revive()?;
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn revive(&mut self) -> io::Result<()> {
        let ended = self.server.as_mut().map(Child::try_wait).transpose()?.flatten();
        ended.map_or(Ok(()), |_| self.launch())
    }

    fn signal(&self, signal: &str) {
        if let Some(server) = &self.server {
            let (signal, server) = (format!("-{signal}"), server.id().to_string());
            // Its processes first: once it is gone, they are nobody's.
            let _ = Command::new("pkill").args([&signal, "-P", &server]).status();
            let _ = Command::new("kill").args([&signal, &server]).status();
        }
    }

    /// Kills the server with all its processes, and starts it again. What it has handed to the system survives.
    pub fn kill(&mut self) -> io::Result<()> {
        self.signal("STOP"); // so that none of its processes ends the others properly
        self.signal("KILL");
        if let Some(server) = &mut self.server {
            server.wait()?;
        }
        self.launch()?;
        self.wait()
    }

    /// Whether nobody was answered meanwhile.
    pub fn halt(&self, time: Duration) -> bool {
        self.signal("STOP");
        thread::sleep(time / 2);
        let silent = self.question(self.greeting(), "0.1").status();
        thread::sleep(time / 2);
        self.signal("CONT");
        silent.is_ok_and(|status| status.code() == Some(124)) // `timeout`'s word that it timed out
    }

    /// What tells one life of the server from the next.
    pub fn life(&self) -> Option<String> {
        match self.kind {
            Kind::Sqlite => None,
            Kind::Redis => {
                let about = self.ask("INFO server")?;
                about.lines().find(|line| line.starts_with("run_id:")).map(str::to_owned)
            }
            Kind::Postgres => self.ask("SELECT pg_postmaster_start_time()"),
        }
    }

    /// Ends all connections; how many, says the server.
    pub fn cut_off(&self) -> Option<u64> {
        let answer = self.ask(match self.kind {
            Kind::Sqlite => return None,
            Kind::Redis => "CLIENT KILL TYPE normal SKIPME yes",
            Kind::Postgres => {
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            }
        })?;
        answer.trim().parse().ok()
    }

    fn greeting(&self) -> &'static str {
        if self.kind == Kind::Redis { "PING" } else { "SELECT 1" }
    }

    fn answer(&self) -> Option<String> {
        self.ask(self.greeting()).filter(|answer| !answer.contains("LOADING"))
    }

    fn ask(&self, question: &str) -> Option<String> {
        let output = self.question(question, "10").stdout(Stdio::piped()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// By the server's own program, which has so many seconds.
    fn question(&self, question: &str, seconds: &str) -> Command {
        let mut command = self.command("timeout");
        command.arg(seconds);
        if self.kind == Kind::Redis {
            command.args(["redis-cli", "-p", &self.port.to_string()]).args(question.split(' '));
        } else {
            command.args(["psql", "-h"]).arg(self.disk.path()).args(["-U", "bench"]);
            command.args(["-d", "postgres", "--no-psqlrc", "-qtAc", question]);
        }
        command
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.signal("CONT");
        if let Some(server) = &mut self.server {
            if self.kind == Kind::Postgres {
                // By that signal it ends its own processes, too. Redis ignores it where a shell started the run in
                // the background.
                let _ = Command::new("kill").args(["-QUIT", &server.id().to_string()]).status();
            } else {
                let _ = server.kill();
            }
            let _ = server.wait();
        }
        let _ = fs::remove_dir_all(&self.logs);
    }
}

/// The program's path: Debian keeps those of each version in a directory of its own.
fn program(name: &str) -> String {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let paths = versions.map(|version| version.path().join("bin").join(name));
    let newest = paths.filter(|path| path.exists()).max();
    newest.map_or(name.to_owned(), |path| path.display().to_string())
}
