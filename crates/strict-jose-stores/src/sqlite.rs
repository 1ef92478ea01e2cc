//! The guard that a restart does not empty: ids in a file, written to the disk before the answer.

mod store;

use crate::error::StoreError;
use core::fmt;
use std::path::Path;
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
/// - The file is locked: of two guards the second is refused, in another process too. It has to be on
///   a disk of the machine.
/// - With the file go those whose names add `-wal` and `-journal`: who removes, truncates or restores
///   one of them forgets ids.
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
    store: Mutex<Store>,
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
    /// [`StoreError::InUse`] if another guard has it; [`StoreError::Damaged`] if it is empty, damaged or
    /// no guard's; [`StoreError::Unavailable`] if it cannot be read and written.
    pub fn open(path: impl AsRef<Path>, capacity: u64) -> Result<Self, StoreError> {
        let holdings = Arc::default();
        let store = Mutex::new(Store::open(path.as_ref(), capacity, Arc::clone(&holdings))?);
        let (queue, written) = (Mutex::default(), Condvar::new());
        Ok(Self { queue, written, store, counters: ReplayCounters::default(), holdings })
    }

    fn try_insert(&self, request: Request) -> Answer {
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
        self.store.lock().map_err(|_| ReplayError::UNAVAILABLE)?.release(id)
    }

    fn write(&self, waiting: &[Waiting]) {
        let Ok(mut store) = self.store.lock() else {
            return; // damaged by a panic: each of them will be told so
        };
        let answers = store.insert(waiting.iter().map(|waiting| &waiting.request));
        for (waiting, answer) in waiting.iter().zip(answers) {
            let _ = waiting.answer.set(answer); // the first: it has left the queue
        }
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
