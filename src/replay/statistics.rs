//! What guards tell their operators.

use super::Insertion;
use crate::error::ReplayError;
use crate::numeric_date::NumericDate;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// What a guard has answered since this process made it, and what it holds.
///
/// A guard of your own begins with the [`Default`], or with what [`ReplayCounters`] have counted.
///
/// On platforms whose addresses have 32 bits the counts of [`ReplayCounters`] start again after 2^32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ReplayStatistics {
    /// Tokens accepted.
    pub inserted: u64,
    /// Tokens rejected because their id was present: replays.
    pub present: u64,
    /// Tokens rejected because there was no room.
    pub full: u64,
    /// Tokens rejected, and ids not given back, because the store could not answer.
    pub unavailable: u64,
    /// Tokens rejected because the clock had gone back.
    pub clock_behind: u64,
    /// Ids given back.
    pub released: u64,
    /// Ids that take room now; one that expired or was given back counts until it is dropped. `None` where the
    /// store would have to search for them.
    pub live: Option<u64>,
    /// When the id that expires first does. `None` without ids, or where the store would have to search for it.
    pub oldest_expiry: Option<NumericDate>,
}

/// A guard that tells its operator what it does: for metrics and alerts.
///
/// [`guide::operating`](crate::guide::operating) says what to alert on.
///
/// ```
/// use strict_jose::{MemoryReplayGuard, Monitored};
///
/// fn metrics(guard: &dyn Monitored) -> String {
///     let counts = guard.statistics();
///     format!("replay_full_total {}\nreplay_unavailable_total {}", counts.full, counts.unavailable)
/// }
///
/// let guard = MemoryReplayGuard::with_capacity(100_000);
/// assert_eq!(metrics(&guard), "replay_full_total 0\nreplay_unavailable_total 0");
/// ```
pub trait Monitored {
    /// What it has answered in this process, and holds. It answers even if the store does not.
    fn statistics(&self) -> ReplayStatistics;
}

impl<G: Monitored + ?Sized> Monitored for &G {
    fn statistics(&self) -> ReplayStatistics {
        (**self).statistics()
    }
}

impl<G: Monitored + ?Sized> Monitored for Arc<G> {
    fn statistics(&self) -> ReplayStatistics {
        (**self).statistics()
    }
}

/// Counts a guard's answers, for a guard of your own.
///
/// ```
/// use strict_jose::{Insertion, Monitored, ReplayCounters, ReplayError, ReplayStatistics};
///
/// struct Table {
///     counters: ReplayCounters,
/// }
///
/// impl Monitored for Table {
///     fn statistics(&self) -> ReplayStatistics {
///         self.counters.statistics() // a table would have to be searched for the live ids
///     }
/// }
///
/// let table = Table { counters: ReplayCounters::default() };
/// let _ = table.counters.insertion(Ok(Insertion::Inserted)); // around the guard's answer
/// let _ = table.counters.insertion(Err(ReplayError::Full));
/// assert_eq!((table.statistics().inserted, table.statistics().full), (1, 1));
/// ```
#[derive(Debug, Default)]
pub struct ReplayCounters {
    inserted: AtomicUsize,
    present: AtomicUsize,
    full: AtomicUsize,
    unavailable: AtomicUsize,
    clock_behind: AtomicUsize,
    released: AtomicUsize,
}

impl ReplayCounters {
    /// Counts the answer to an insertion, and gives it back.
    ///
    /// # Errors
    ///
    /// That of the answer.
    pub fn insertion(
        &self,
        answer: Result<Insertion, ReplayError>,
    ) -> Result<Insertion, ReplayError> {
        let counter = match answer {
            Ok(Insertion::Inserted) => &self.inserted,
            Ok(Insertion::AlreadyPresent) => &self.present,
            Err(error) => return Err(self.failure(error)),
        };
        counter.fetch_add(1, Ordering::Relaxed);
        answer
    }

    /// Counts the answer to a release, and gives it back.
    ///
    /// # Errors
    ///
    /// That of the answer.
    pub fn release(&self, answer: Result<(), ReplayError>) -> Result<(), ReplayError> {
        answer.map_err(|error| self.failure(error))?;
        self.released.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn failure(&self, error: ReplayError) -> ReplayError {
        let counter = match error {
            ReplayError::Full => &self.full,
            ReplayError::ClockBehind => &self.clock_behind,
            ReplayError::Unavailable(_) => &self.unavailable,
            ReplayError::NotReady => return error, // the rules answer that, and no guard
        };
        counter.fetch_add(1, Ordering::Relaxed);
        error
    }

    /// What was counted; [`live`](ReplayStatistics::live) and
    /// [`oldest_expiry`](ReplayStatistics::oldest_expiry) are `None`.
    #[must_use]
    pub fn statistics(&self) -> ReplayStatistics {
        let read = |counter: &AtomicUsize| {
            u64::try_from(counter.load(Ordering::Relaxed)).unwrap_or(u64::MAX)
        };
        ReplayStatistics {
            inserted: read(&self.inserted),
            present: read(&self.present),
            full: read(&self.full),
            unavailable: read(&self.unavailable),
            clock_behind: read(&self.clock_behind),
            released: read(&self.released),
            live: None,
            oldest_expiry: None,
        }
    }
}
