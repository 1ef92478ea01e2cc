//! The guard of one process: bounded, exact, gone with the process.

use super::{AsyncReplayGuard, Insertion, NumericDate, ReplayGuard, ReplayId};
use crate::crypto::random;
use crate::error::ReplayError;
use core::fmt;
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

/// Keeps ids in memory: at most as many as it was made for, each until its token has expired.
///
/// Full, it refuses new tokens rather than forget a live id. It goes by the latest time it has seen,
/// so a clock that is set back brings no id back. A restart forgets all ids: where tokens may outlive
/// the process, or several processes accept the same tokens, take a guard on a shared store.
pub struct MemoryReplayGuard {
    state: Mutex<State>,
    capacity: usize,
    /// Mixed into every key, so that nobody outside can aim at one.
    secret: Result<[u8; 32], random::Unavailable>,
}

#[derive(Default)]
struct State {
    /// The second from which on each id is expired.
    ids: HashMap<[u8; 32], u64>,
    /// The ids by that second, for finding the expired ones without a search. A released id stays
    /// listed here; `ids` says whether it is meant.
    by_second: BTreeMap<u64, Vec<[u8; 32]>>,
    /// The latest second seen.
    now: u64,
}

impl MemoryReplayGuard {
    /// A guard for so many live ids: the most tokens that are accepted within one lifetime.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        let mut secret = [0; 32];
        let secret = random::fill(&mut secret).map(|()| secret);
        Self { state: Mutex::default(), capacity, secret }
    }

    /// How many ids are live now, as far as expiry has been noticed.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Unavailable`] if a thread panicked while it held the guard.
    pub fn len(&self) -> Result<usize, ReplayError> {
        Ok(self.state.lock().map_err(|_| ReplayError::Unavailable)?.ids.len())
    }

    /// Whether no id is live.
    ///
    /// # Errors
    ///
    /// As [`len`](Self::len).
    pub fn is_empty(&self) -> Result<bool, ReplayError> {
        self.len().map(|ids| ids == 0)
    }

    fn key(&self, id: &ReplayId) -> Result<[u8; 32], ReplayError> {
        match &self.secret {
            Ok(secret) => Ok(id.digest_under(secret)),
            Err(random::Unavailable) => Err(ReplayError::Unavailable),
        }
    }
}

impl State {
    fn advance_to(&mut self, now: u64) {
        self.now = self.now.max(now);
        while let Some(entry) = self.by_second.first_entry() {
            if *entry.key() > self.now {
                break;
            }
            let (second, keys) = entry.remove_entry();
            for key in keys {
                // Released and inserted again for longer, it is listed at the later second too.
                if self.ids.get(&key) == Some(&second) {
                    self.ids.remove(&key);
                }
            }
        }
    }
}

impl ReplayGuard for MemoryReplayGuard {
    fn insert_if_absent(
        &self,
        id: &ReplayId,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        let key = self.key(id)?;
        // Whole seconds, rounded so that an id is kept up to a second too long, never too short.
        let fraction = keep_until.as_duration().subsec_nanos() > 0;
        let expires = keep_until.seconds() + u64::from(fraction);
        let mut state = self.state.lock().map_err(|_| ReplayError::Unavailable)?;
        state.advance_to(now.seconds());
        if state.ids.contains_key(&key) {
            return Ok(Insertion::AlreadyPresent);
        }
        if expires <= state.now {
            // Expired by the latest time seen: its id may have been here and gone.
            return Ok(Insertion::AlreadyPresent);
        }
        if state.ids.len() >= self.capacity {
            return Err(ReplayError::Full);
        }
        state.ids.insert(key, expires);
        state.by_second.entry(expires).or_default().push(key);
        Ok(Insertion::Inserted)
    }

    fn release(&self, id: &ReplayId) -> Result<(), ReplayError> {
        let key = self.key(id)?;
        let mut state = self.state.lock().map_err(|_| ReplayError::Unavailable)?;
        if let Some(expires) = state.ids.remove(&key)
            && let Some(keys) = state.by_second.get_mut(&expires)
            && let Some(position) = keys.iter().rposition(|other| *other == key)
        {
            keys.swap_remove(position);
        }
        Ok(())
    }
}

impl AsyncReplayGuard for MemoryReplayGuard {
    async fn insert_if_absent(
        &self,
        id: &ReplayId,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        ReplayGuard::insert_if_absent(self, id, keep_until, now)
    }

    async fn release(&self, id: &ReplayId) -> Result<(), ReplayError> {
        ReplayGuard::release(self, id)
    }
}

impl fmt::Debug for MemoryReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayGuard")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
