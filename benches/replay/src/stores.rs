//! Contenders whose ids are outside this process: in a file, and on a Redis server that is started here.

use crate::contenders::{Contender, Question};
use crate::measure::expiries;
use futures_util::future::join_all;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};
use strict_jose::{AsyncReplayGuard, Insertion, NumericDate, ReplayGuard, ReplayId};
use strict_jose_stores::{RedisReplayGuard, RedisStore, SqliteReplayGuard};
use tokio::runtime::Builder;

/// So many ask at once: threads that share the durable guard's waits for the disk, and tasks of one
/// thread whose questions to Redis are on their way together, on one connection.
pub const CALLERS: usize = 256;

/// A directory that is gone with its owner.
pub struct Scratch(PathBuf);

impl Scratch {
    /// In that directory.
    pub fn new(parent: &Path, name: &str) -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("replay-{name}-{}-{number}", process::id()));
        fs::create_dir_all(&path).expect("a directory");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// By as many tasks of one thread as there are callers, until the time is over: how long each call took.
pub fn by_tasks(
    guard: &impl AsyncReplayGuard,
    questions: &[Question],
    now: NumericDate,
    time: Duration,
) -> Vec<Duration> {
    let begin = Instant::now();
    let ask = async |questions: &[Question]| {
        let mut taken = Vec::with_capacity(questions.len());
        for (id, until) in questions {
            let asked = Instant::now();
            if asked.duration_since(begin) > time {
                break;
            }
            let answer = guard.insert_if_absent(id, *until, now).await;
            assert_eq!(answer, Ok(Insertion::Inserted), "a new id");
            taken.push(asked.elapsed());
        }
        taken
    };
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let tasks = questions.chunks(questions.len().div_ceil(CALLERS)).map(ask);
    runtime.block_on(join_all(tasks)).concat()
}

/// The guard on a file.
pub struct Durable {
    guard: SqliteReplayGuard,
    held: usize,
    scratch: Scratch,
}

/// More than these are not inserted by asking the guard where each call waits for the disk: ten million
/// would take most of an hour.
pub const ASKED_FOR: usize = 1_000_000;

impl Durable {
    /// On a new file, which holds all ids already but those that asking is fast enough for.
    pub fn new(live: usize, later: usize) -> Self {
        // On a disk: the directory for temporary files may be in memory.
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
        let scratch = Scratch::new(&target, "durable");
        let (file, held) = (scratch.0.join("ids.db"), live.saturating_sub(ASKED_FOR));
        let capacity = u64::try_from(live + later).expect("64 bits");
        let open = || SqliteReplayGuard::open(&file, capacity).expect("its own file");
        if held > 0 {
            drop(open());
            write_ids(&file, held).expect("the tables that the guard has laid out");
        }
        Self { guard: open(), held, scratch }
    }
}

/// Writes random ids in one transaction, where they would be had the guard inserted one by one.
fn write_ids(file: &Path, ids: usize) -> rusqlite::Result<()> {
    let connection = rusqlite::Connection::open(file)?;
    // Nothing that has to outlive a crash; pages wait in up to 4 GiB of memory.
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -4194304;")?;
    let expiries = expiries();
    let number = |count| i64::try_from(count).expect("63 bits");
    connection.execute(
        "WITH RECURSIVE written(ids) AS (SELECT 1 UNION ALL SELECT ids + 1 FROM written LIMIT ?1)
         INSERT INTO ids SELECT randomblob(32), ?2 + ids % ?3 FROM written",
        (number(ids), number(expiries.start), number(expiries.len())),
    )?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

impl Contender for Durable {
    fn held(&self) -> usize {
        self.held
    }

    fn insert(&self, id: &ReplayId<'_>, keep_until: NumericDate, now: NumericDate) -> bool {
        self.guard.insert_if_absent(id, keep_until, now).expect("the guard answers")
            == Insertion::Inserted
    }

    fn insert_by_many(
        &self,
        questions: &[Question],
        now: NumericDate,
        time: Duration,
    ) -> Option<Vec<Duration>> {
        let begin = Instant::now();
        let ask = |questions: &[Question]| {
            let mut taken = Vec::with_capacity(questions.len());
            for (id, until) in questions {
                let asked = Instant::now();
                if asked.duration_since(begin) > time {
                    break;
                }
                assert!(self.insert(id, *until, now), "a new id");
                taken.push(asked.elapsed());
            }
            taken
        };
        Some(thread::scope(|scope| {
            let threads: Vec<_> = questions
                .chunks(questions.len().div_ceil(CALLERS))
                .map(|questions| scope.spawn(move || ask(questions)))
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
        }))
    }

    fn bytes_outside(&self) -> usize {
        let files = fs::read_dir(&self.scratch.0).expect("the directory");
        let sizes = files.map(|file| file.and_then(|file| file.metadata()).expect("a file").len());
        usize::try_from(sizes.sum::<u64>()).expect("64 bits")
    }
}

const SERVER: &str = "redis-server";

/// The guard on a server of its own.
pub struct Redis {
    guard: RedisReplayGuard,
    empty: usize,
    server: Child,
    scratch: Scratch,
}

/// Why Redis is not measured.
pub fn redis_left_out() -> Option<&'static str> {
    let found = Command::new(SERVER).arg("--version").stdout(Stdio::null()).status().is_ok();
    (!found).then_some("redis-server is not installed (Debian: redis-server)")
}

impl Redis {
    /// On a socket in a directory of its own, without persistence.
    pub fn start() -> Self {
        let scratch = Scratch::new(&env::temp_dir(), "redis"); // a socket's path has to be short
        let socket = scratch.0.join("socket");
        let server = Command::new(SERVER)
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(&socket)
            .arg("--dir")
            .arg(&scratch.0)
            .stdout(Stdio::null())
            .spawn()
            .expect("it is installed");
        let url = format!("redis+unix://{}", socket.display());
        let guard = (0..500).find_map(|_| {
            thread::sleep(Duration::from_millis(10));
            // Without persistence, to measure the guard and not the disk.
            let store = RedisStore::new(&url, "bench:").losing_ids_in_a_crash();
            store.time_limit(Duration::from_secs(10)).connect().ok()
        });
        let mut redis =
            Self { guard: guard.expect("the server answers"), empty: 0, server, scratch };
        redis.empty = redis.used_memory();
        redis
    }

    fn used_memory(&self) -> usize {
        let output = Command::new("redis-cli")
            .arg("-s")
            .arg(self.scratch.0.join("socket"))
            .args(["INFO", "memory"])
            .output()
            .expect("redis-cli, of Debian's redis-tools");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let used = text.lines().find_map(|line| line.strip_prefix("used_memory:"));
        used.and_then(|number| number.trim().parse().ok()).expect("the server says")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Contender for Redis {
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
        self.used_memory() - self.empty
    }
}
