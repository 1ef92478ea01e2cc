//! The guard that a restart does not empty: ids in a file, written to the disk before the answer.

mod lock;
mod store;

use crate::error::StoreError;
use core::fmt;
use lock::FileLock;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use store::{Request, Store};
use strict_jose::{
    Insertion, Monitored, NumericDate, Remembers, ReplayCounters, ReplayError, ReplayGuard,
    ReplayId, ReplayStatistics,
};

/// Keeps ids in a file: at most as many as it was opened for, each until its token has expired.
///
/// "Inserted" is answered once the id is on the disk, so that no crash, of the process or the machine,
/// lets a token in twice. The price is one wait for the disk, shared by all threads that ask
/// meanwhile: the more threads, the more ids a second. The call blocks; async code makes it on a thread
/// meant for that.
///
/// The file is an SQLite database: of the stores that are well kept and build with Rust 1.89, the one
/// whose behaviour in crashes, on full disks and on damaged files has been tested the longest. It is C
/// code: the installed library, or with `sqlite-bundled` compiled in. The pure Rust stores ask for a newer compiler or have open faults
/// in their recovery.
///
/// - The file is locked as long as the guard lives: a second guard is rejected, in another process too,
///   whatever the first does with the file meanwhile. It has to be on a disk of the machine.
/// - Open it after a fork. In a forked process every call is `store.forked`, and neither the file nor its lock
///   is touched.
/// - With the file go those whose names add `-lock`, `-wal` and `-journal`: who removes, truncates or restores
///   one of them forgets ids. Removing `-lock` makes the guard answer `store.lock_lost`.
/// - [`back_up`](Self::back_up) makes a copy. A copy that is put back has forgotten what was used since: take
///   [`AfterRestart::only_issued_after`](strict_jose::AfterRestart::only_issued_after) then.
/// - It goes by the latest time it has seen, and refuses what it may have forgotten even after a restart
///   with a clock set back.
/// - If the disk fails or is full it refuses, and goes on when the disk does.
///
/// An id takes some 90 to 115 octets of the file, whatever the length of its `jti`.
///
/// ```
/// # let path = std::env::temp_dir().join(format!("replay-doc-{}.db", std::process::id()));
/// use strict_jose::{Insertion, NumericDate, ReplayGuard, ReplayId};
/// use strict_jose_stores::SqliteReplayGuard;
///
/// let id = ReplayId::new("https://as.example", "", "7f3a");
/// let (now, until) = (NumericDate::now()?, NumericDate::from_seconds(200_000_000_000).unwrap());
/// let guard = SqliteReplayGuard::open(&path, 1_000_000).unwrap();
/// assert_eq!(guard.insert_if_absent(&id, until, now)?, Insertion::Inserted);
///
/// drop(guard); // and after a restart:
/// let guard = SqliteReplayGuard::open(&path, 1_000_000).unwrap();
/// assert_eq!(guard.insert_if_absent(&id, until, now)?, Insertion::AlreadyPresent);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), strict_jose::Error>(())
/// ```
pub struct SqliteReplayGuard {
    queue: Mutex<Queue>,
    /// A batch was answered, or its writer gave up.
    written: Condvar,
    /// `None` once it is left alone, in a process that was forked.
    store: Mutex<Option<Store>>,
    /// After the store, and so given up after it.
    lock: FileLock,
    counters: ReplayCounters,
    holdings: Arc<Mutex<Holdings>>,
}

/// What the file holds, for the operator: beside the store, which is locked while the disk is waited for.
#[derive(Clone, Copy, Default)]
struct Holdings {
    ids: u64,
    oldest_expiry: Option<NumericDate>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// Whether a thread is writing for others.
    writing: bool,
}

/// An insertion that a thread waits for.
struct Waiting {
    request: Request,
    answer: Arc<OnceLock<Answer>>,
}

type Answer = Result<Insertion, ReplayError>;

impl SqliteReplayGuard {
    /// Opens the file, or makes it if there is none, for at most so many live ids. Reads all of an
    /// existing file to check it.
    ///
    /// # Errors
    ///
    /// [`StoreError::InUse`] if another guard has it; [`StoreError::EmptyFile`], [`StoreError::ForeignFile`] or
    /// [`StoreError::Damaged`] for what it contains; [`StoreError::NoFolder`] or [`StoreError::NotPermitted`] for where
    /// it is; [`StoreError::NoFileLocks`] on a network's file system; [`StoreError::Unavailable`] if it cannot
    /// be opened for another reason.
    pub fn open(path: impl AsRef<Path>, capacity: u64) -> Result<Self, StoreError> {
        let path = resolved(path.as_ref()).map_err(|error| step(&error))?;
        let lock = FileLock::take(&path)?;
        let holdings = Arc::default();
        let store = Store::open(&path, capacity, Arc::clone(&holdings))?;
        let (store, queue, written) = (Mutex::new(Some(store)), Mutex::default(), Condvar::new());
        Ok(Self { queue, written, store, lock, counters: ReplayCounters::default(), holdings })
    }

    /// Copies what the file holds now to a new file. Insertions wait until it is done: a million ids take seconds.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Unavailable`] if there is a file of that name, or it cannot be written.
    pub fn back_up(&self, to: impl AsRef<Path>) -> Result<(), ReplayError> {
        self.with_store(|store| store.back_up(to.as_ref()))
    }

    /// Asks the store, in the process that opened it alone.
    fn with_store<T>(
        &self,
        ask: impl FnOnce(&mut Store) -> Result<T, ReplayError>,
    ) -> Result<T, ReplayError> {
        self.lock.check_process()?;
        let mut store = self.store.lock().map_err(|_| ReplayError::UNAVAILABLE)?;
        self.lock.check_place()?;
        ask(store.as_mut().ok_or(ReplayError::UNAVAILABLE)?)
    }

    fn try_insert(&self, request: Request) -> Answer {
        self.lock.check_process()?;
        let answer = Arc::default();
        let mut queue = self.queue.lock().map_err(|_| ReplayError::UNAVAILABLE)?;
        queue.waiting.push(Waiting { request, answer: Arc::clone(&answer) });
        let mut queue = self
            .written
            .wait_while(queue, |queue| queue.writing && answer.get().is_none())
            .map_err(|_| ReplayError::UNAVAILABLE)?;
        if answer.get().is_none() {
            // Nobody writes: this thread does, for all who have queued up.
            queue.writing = true;
            let waiting = core::mem::take(&mut queue.waiting);
            drop(queue);
            let _turn = Turn(self);
            self.write(&waiting);
        }
        answer.get().copied().unwrap_or(Err(ReplayError::UNAVAILABLE))
    }

    fn try_release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        self.with_store(|store| store.release(id))
    }

    fn write(&self, waiting: &[Waiting]) {
        let requests = waiting.iter().map(|waiting| &waiting.request);
        let answers = self.with_store(|store| Ok(store.insert(requests)));
        let answers = answers.unwrap_or_else(|error| vec![Err(error); waiting.len()]);
        for (waiting, answer) in waiting.iter().zip(answers) {
            let _ = waiting.answer.set(answer); // the first: it has left the queue
        }
    }
}

/// The one name of the file, whatever links lead to it. Absolute, no name stands for a database in memory.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    if path.try_exists()? {
        return path.canonicalize();
    }
    let path = std::path::absolute(path)?;
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => Ok(folder.canonicalize()?.join(name)),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// What of the path is not as it has to be.
fn step(error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => StoreError::NoFolder,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::NotPermitted
        }
        _ => StoreError::Unavailable,
    }
}

/// The turn to write, given back however it ends.
struct Turn<'a>(&'a SqliteReplayGuard);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Ok(mut queue) = self.0.queue.lock() {
            queue.writing = false;
        }
        self.0.written.notify_all();
    }
}

impl Drop for SqliteReplayGuard {
    /// In a forked process the store is left as it is: SQLite, closing it there, would take the locks of the
    /// process that goes on with it.
    fn drop(&mut self) {
        if self.lock.is_forked() {
            let store = self.store.get_mut().unwrap_or_else(PoisonError::into_inner);
            core::mem::forget(store.take());
        }
    }
}

impl Remembers for SqliteReplayGuard {}

impl ReplayGuard for SqliteReplayGuard {
    fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        self.counters.insertion(self.try_insert(Request::new(id, keep_until, now)))
    }

    fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        self.counters.release(self.try_release(id))
    }
}

impl Monitored for SqliteReplayGuard {
    /// Does not wait for the disk. What the file holds is as of the last insertion or release.
    fn statistics(&self) -> ReplayStatistics {
        let held = *self.holdings.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statistics = self.counters.statistics();
        statistics.live = Some(held.ids);
        statistics.oldest_expiry = held.oldest_expiry;
        statistics
    }
}

impl fmt::Debug for SqliteReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteReplayGuard").finish_non_exhaustive()
    }
}
