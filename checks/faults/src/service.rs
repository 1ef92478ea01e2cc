//! A process that offers tokens to a guard, and writes down each answer.

use crate::store::{Kind, Store};
use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;
use std::{env, thread};
use strict_jose::{Insertion, NumericDate, ReplayError, ReplayGuard, ReplayId};
use strict_jose_stores::{PostgresStore, RedisStore, SqliteReplayGuard, StoreError};

/// Threads of each process.
const THREADS: usize = 4;

/// Every other token comes a second time so many tokens later, the others at once.
const LATER: usize = 500;

/// What a process is to offer.
#[derive(Clone)]
pub struct Plan {
    kind: Kind,
    address: String,
    logs: PathBuf,
    tokens: usize,
    process: usize,
    processes: usize,
    /// Between two offers of a thread.
    pause: Duration,
    /// Asks again when there was no answer, and takes what it finds for its own.
    naive: bool,
}

impl Plan {
    fn arguments(&self) -> [String; 8] {
        [
            self.kind.name().to_owned(),
            self.address.clone(),
            self.logs.display().to_string(),
            self.tokens.to_string(),
            self.process.to_string(),
            self.processes.to_string(),
            self.pause.as_micros().to_string(),
            self.naive.to_string(),
        ]
    }

    pub fn of_arguments(arguments: &[String]) -> Result<Self, Box<dyn Error>> {
        let [kind, address, logs, tokens, process, processes, pause, naive] = arguments else {
            return Err("a service takes eight".into());
        };
        Ok(Self {
            kind: Kind::named(kind).ok_or("no such store")?,
            address: address.clone(),
            logs: PathBuf::from(logs),
            tokens: tokens.parse()?,
            process: process.parse()?,
            processes: processes.parse()?,
            pause: Duration::from_micros(pause.parse()?),
            naive: naive.parse()?,
        })
    }

    /// The tokens that this thread offers, in this order. Each token has two, of two processes if there are several.
    fn offers(&self, thread: usize) -> impl Iterator<Item = usize> {
        let (workers, me) = (self.processes * THREADS, self.process * THREADS + thread);
        let second = if self.processes > 1 { THREADS } else { 1 };
        let tokens = self.tokens;
        (0..tokens + LATER).flat_map(move |step| {
            let first = (step < tokens && step % workers == me).then_some(step);
            let at_once = Some(step).filter(|token| *token < tokens && token % 2 == 0);
            let later = step.checked_sub(LATER).filter(|token| token % 2 == 1);
            let again = [at_once, later].into_iter().flatten();
            first.into_iter().chain(again.filter(move |token| (token + second) % workers == me))
        })
    }
}

pub struct Service {
    plan: Plan,
    child: Child,
}

impl Service {
    /// As many processes as may share the store: of those on a file, one at a time.
    pub fn all(
        store: &Store,
        tokens: usize,
        at_least: Duration,
        naive: bool,
    ) -> io::Result<Vec<Self>> {
        let processes = if store.kind == Kind::Sqlite { 1 } else { 3 };
        let offers = u32::try_from(2 * tokens / (processes * THREADS)).unwrap_or(u32::MAX).max(1);
        let plan = Plan {
            kind: store.kind,
            address: store.address(),
            logs: store.logs().to_owned(),
            tokens,
            process: 0,
            processes,
            pause: at_least / offers,
            naive,
        };
        (0..processes).map(|process| Self::start(Plan { process, ..plan.clone() })).collect()
    }

    fn start(plan: Plan) -> io::Result<Self> {
        let child =
            Command::new(env::current_exe()?).arg("service").args(plan.arguments()).spawn()?;
        Ok(Self { plan, child })
    }

    /// Whether all have offered what they had to.
    pub fn have_ended(services: &mut [Self]) -> Result<bool, Box<dyn Error>> {
        let mut ended = true;
        for service in services {
            match service.child.try_wait()? {
                Some(status) if !status.success() => return Err("a service has failed".into()),
                Some(_) => {}
                None => ended = false,
            }
        }
        Ok(ended)
    }

    /// Kills the process, unless it has ended, and starts another that goes on.
    pub fn restart(&mut self) -> io::Result<bool> {
        if self.child.try_wait()?.is_some() {
            return Ok(false);
        }
        self.child.kill()?;
        self.child.wait()?;
        *self = Self::start(self.plan.clone())?;
        Ok(true)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process itself.
pub fn run(plan: &Plan) -> Result<(), Box<dyn Error>> {
    let guard = loop {
        match connect(plan) {
            Ok(guard) => break guard,
            // The server is not up, or the process before this one has not let go of the file.
            Err(StoreError::InvalidAddress(fault)) => return Err(fault.to_string().into()),
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    };
    thread::scope(|scope| {
        let guard = &*guard;
        let threads: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || offer(plan, thread, guard))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread panicked")?)
    })?;
    Ok(())
}

fn connect(plan: &Plan) -> Result<Box<dyn ReplayGuard + Send + Sync>, StoreError> {
    let limit = Duration::from_secs(1);
    Ok(match plan.kind {
        Kind::Sqlite => Box::new(SqliteReplayGuard::open(&plan.address, 10_000_000)?),
        Kind::Redis => Box::new(RedisStore::new(&plan.address, "f:").time_limit(limit).connect()?),
        Kind::Postgres => {
            let store = PostgresStore::new(&plan.address).time_limit(limit).connections(THREADS);
            Box::new(store.connect()?)
        }
    })
}

/// Where a thread writes what it was answered, one line a token.
fn log(plan: &Plan, thread: usize) -> PathBuf {
    plan.logs.join(format!("{}-{thread}", plan.process))
}

fn offer(plan: &Plan, thread: usize, guard: &dyn ReplayGuard) -> Result<(), &'static str> {
    let path = log(plan, thread);
    let done = answered(&path);
    let mut log = OpenOptions::new().create(true).append(true).open(path).map_err(|_| "no log")?;
    for (number, token) in plan.offers(thread).enumerate().skip(done) {
        let answer = ask(guard, token, plan.naive);
        // The process before this one may have asked this and not lived to write it down.
        let again = if number == done && done > 0 { "again" } else { "once" };
        let line = format!("{token} {again} {}\n", said(answer));
        log.write_all(line.as_bytes()).map_err(|_| "no log")?;
        thread::sleep(plan.pause);
    }
    Ok(())
}

fn answered(path: &Path) -> usize {
    fs::read_to_string(path).map_or(0, |log| log.lines().count())
}

fn ask(guard: &dyn ReplayGuard, token: usize, naive: bool) -> Result<Insertion, ReplayError> {
    let jti = token.to_string();
    let id = ReplayId::new("https://as.example", "", &jti);
    let now = NumericDate::now().map_err(|_| ReplayError::UNAVAILABLE)?;
    let until = now.saturating_add(Duration::from_secs(3600));
    let answer = guard.insert_if_absent(&id, until, now);
    if !naive || !matches!(answer, Err(ReplayError::Unavailable(_))) {
        return answer;
    }
    thread::sleep(Duration::from_millis(100));
    guard.insert_if_absent(&id, until, now).map(|_| Insertion::Inserted)
}

fn said(answer: Result<Insertion, ReplayError>) -> String {
    match answer {
        Ok(Insertion::Inserted) => "accepted".to_owned(),
        Ok(_) => "replayed".to_owned(),
        Err(error) => match error.store_code() {
            Some(store) => format!("{}/{store}", error.code()),
            None => error.code().to_owned(),
        },
    }
}
