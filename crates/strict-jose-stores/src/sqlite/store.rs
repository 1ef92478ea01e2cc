//! The file of the guard on SQLite: which statements run on it, and how it is opened.

use super::{Answer, Holdings};
use crate::clock::{LatestSecond, second_from};
use crate::error::{FORMAT, StoreError};
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior,
};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use strict_jose::{Insertion, NumericDate, ReplayError, ReplayId, StoreFailure};

/// What an insertion is asked with.
pub(super) struct Request {
    id: [u8; 32],
    keep_until: i64,
    now: NumericDate,
}

impl Request {
    pub(super) fn new(id: &ReplayId<'_>, keep_until: NumericDate, now: NumericDate) -> Self {
        Self { id: id.digest(), keep_until: second_from(keep_until), now }
    }
}

pub(super) struct Store {
    connection: Connection,
    capacity: u64,
    latest: LatestSecond,
    state: State,
    holdings: Arc<Mutex<Holdings>>,
}

/// What the file holds, counted when it is opened and after each commit.
#[derive(Clone, Copy)]
struct State {
    ids: u64,
    /// The latest time that a dropped id was to be kept until. What is to be kept no longer than that may
    /// have been here, whatever the clock says.
    forgotten: i64,
}

/// At most so many expired ids are dropped for each insertion, which adds one.
const EXPIRE_AT_ONCE: usize = 16;

/// In the file's header: that it is a replay guard's.
const APPLICATION: i64 = 0x6a74_6931; // "jti1"

/// Held alone from the first access on. Each commit waits for the disk; macOS has to be told so.
const SETTINGS: &str = "
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
";

/// Each id stands in the table and in the index, which the check of the file compares.
const SCHEMA: &str = "
    CREATE TABLE ids (id BLOB PRIMARY KEY, keep_until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX due ON ids (keep_until);
    CREATE TABLE forgotten (until INTEGER NOT NULL) STRICT;
    INSERT INTO forgotten VALUES (0);
";

impl Store {
    pub(super) fn open(
        path: &Path,
        capacity: u64,
        holdings: Arc<Mutex<Holdings>>,
    ) -> Result<Self, StoreError> {
        let is_new = !path.try_exists().map_err(|_| StoreError::Unavailable)?;
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        flags.set(OpenFlags::SQLITE_OPEN_CREATE, is_new);
        let mut connection =
            Connection::open_with_flags(path, flags).map_err(|error| refusal(&error))?;
        let state = prepare(&mut connection, path, is_new).map_err(|error| refusal(&error))??;
        let store = Self { connection, capacity, latest: LatestSecond::default(), state, holdings };
        store.report();
        Ok(store)
    }

    /// Tells the operator what the file holds; by the index, that is one look.
    fn report(&self) {
        let oldest = "SELECT min(keep_until) FROM ids";
        let oldest: Option<i64> =
            self.connection.query_row(oldest, [], |row| row.get(0)).ok().flatten();
        let oldest = oldest.and_then(|second| u64::try_from(second).ok());
        if let Ok(mut holdings) = self.holdings.lock() {
            holdings.ids = self.state.ids;
            holdings.oldest_expiry = oldest.and_then(NumericDate::from_seconds);
        }
    }

    /// Answers in the order of the requests, each as if it came after the one before it.
    pub(super) fn insert<'a>(
        &mut self,
        requests: impl ExactSizeIterator<Item = &'a Request> + Clone,
    ) -> Vec<Answer> {
        let count = requests.len();
        self.try_insert(requests).unwrap_or_else(|error| vec![Err(failure(&error)); count])
    }

    fn try_insert<'a>(
        &mut self,
        requests: impl ExactSizeIterator<Item = &'a Request> + Clone,
    ) -> rusqlite::Result<Vec<Answer>> {
        let nows = requests.clone().map(|request| self.latest.advance_to(request.now));
        let now = nows.max().unwrap_or_default();
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut state = self.state;
        drop_expired(&transaction, &mut state, now, EXPIRE_AT_ONCE * requests.len())?;
        let answers = insert_all(&transaction, &mut state, requests, now, self.capacity)?;
        transaction.commit()?;
        self.state = state;
        self.report();
        Ok(answers)
    }

    pub(super) fn back_up(&self, to: &Path) -> Result<(), ReplayError> {
        let to = to.to_str().ok_or(ReplayError::UNAVAILABLE)?;
        let copied = self.connection.execute("VACUUM INTO ?", [to]);
        copied.map(drop).map_err(|error| failure(&error))
    }

    pub(super) fn release(&mut self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        let deleted = self.connection.execute("DELETE FROM ids WHERE id = ?", [id.digest()]);
        let deleted = deleted.map_err(|error| failure(&error))?;
        self.state.ids = self.state.ids.saturating_sub(u64::try_from(deleted).unwrap_or(u64::MAX));
        self.report();
        Ok(())
    }
}

fn insert_all<'a>(
    transaction: &Transaction<'_>,
    state: &mut State,
    requests: impl Iterator<Item = &'a Request>,
    now: i64,
    capacity: u64,
) -> rusqlite::Result<Vec<Answer>> {
    let mut find = transaction.prepare("SELECT keep_until FROM ids WHERE id = ?")?;
    let mut put = transaction.prepare("INSERT OR REPLACE INTO ids VALUES (?, ?)")?;
    let mut answer = |request: &Request| {
        let found: Option<i64> = find.query_row([request.id], |row| row.get(0)).optional()?;
        match found {
            Some(keep_until) if keep_until > now => return Ok(Ok(Insertion::AlreadyPresent)),
            // Expired by then, or to be kept no longer than one that was dropped: it may have been here.
            _ if request.keep_until <= now.max(state.forgotten) => {
                return Ok(Err(ReplayError::ClockBehind));
            }
            Some(_) => {}
            None if state.ids >= capacity => return Ok(Err(ReplayError::Full)),
            None => state.ids += 1,
        }
        put.execute((request.id, request.keep_until))?;
        Ok(Ok(Insertion::Inserted))
    };
    requests.map(&mut answer).collect()
}

/// Drops the ids that expired first, at most so many, and notes up to when.
fn drop_expired(
    transaction: &Transaction<'_>,
    state: &mut State,
    now: i64,
    most: usize,
) -> rusqlite::Result<()> {
    let mut due = transaction.prepare(
        "SELECT id, keep_until FROM ids WHERE keep_until <= ? ORDER BY keep_until LIMIT ?",
    )?;
    let due: Vec<([u8; 32], i64)> = due
        .query_map((now, i64::try_from(most).unwrap_or(i64::MAX)), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    let Some((_, last)) = due.last() else {
        return Ok(());
    };
    let mut delete = transaction.prepare("DELETE FROM ids WHERE id = ?")?;
    for (id, _) in &due {
        state.ids = state.ids.saturating_sub(u64::try_from(delete.execute([id])?).unwrap_or(1));
    }
    state.forgotten = state.forgotten.max(*last);
    transaction.execute("UPDATE forgotten SET until = ?", [state.forgotten])?;
    Ok(())
}

/// Locks, checks and reads the file, or lays out a new one.
fn prepare(
    connection: &mut Connection,
    path: &Path,
    is_new: bool,
) -> rusqlite::Result<Result<State, StoreError>> {
    connection.busy_timeout(Duration::ZERO)?;
    connection.execute_batch(SETTINGS)?;
    if !is_new && application(connection)? != APPLICATION {
        // SQLite takes an empty file for one that holds no ids.
        let is_empty = path.metadata().is_ok_and(|about| about.len() == 0);
        return Ok(Err(if is_empty { StoreError::EmptyFile } else { StoreError::ForeignFile }));
    }
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Between the look at the path and the lock, another guard may have laid it out.
    if is_new && application(&transaction)? == 0 {
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", FORMAT)?;
    }
    let verdict: String =
        transaction.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if mode != "wal" || verdict != "ok" || application(&transaction)? != APPLICATION {
        return Ok(Err(StoreError::Damaged));
    }
    let format: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match format {
        0 => transaction.pragma_update(None, "user_version", FORMAT)?, // before there were numbers: laid out alike
        format if format == i64::from(FORMAT) => {}
        _ => return Ok(Err(StoreError::UnknownFormat)),
    }
    let count: i64 = transaction.query_row("SELECT count(*) FROM ids", [], |row| row.get(0))?;
    let forgotten = transaction.query_row("SELECT until FROM forgotten", [], |row| row.get(0))?;
    transaction.commit()?;
    Ok(Ok(State { ids: u64::try_from(count).unwrap_or_default(), forgotten }))
}

fn application(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA application_id", [], |row| row.get(0))
}

const DISK_FULL: StoreFailure = StoreFailure::new(
    "store.disk_full",
    "the disk of the replay store is full, or its file has grown to its limit",
);

const DISK_FAILED: StoreFailure = StoreFailure::new(
    "store.disk_failed",
    "the file of the replay store cannot be read or written",
);

fn failure(error: &rusqlite::Error) -> ReplayError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => DISK_FULL.into(),
        _ => DISK_FAILED.into(),
    }
}

fn refusal(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::InUse,
        Some(ErrorCode::NotADatabase) => StoreError::ForeignFile,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::Unknown) | None => {
            StoreError::Damaged // or holds other tables and values than a guard's
        }
        Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => StoreError::NotPermitted,
        Some(_) => StoreError::Unavailable,
    }
}
