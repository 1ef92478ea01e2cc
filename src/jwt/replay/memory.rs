//! The guard of one process: bounded, exact, sharded, gone with the process.

mod shard;

use super::{AsyncReplayGuard, Insertion, NumericDate, ReplayGuard, ReplayId};
use crate::crypto::random;
use crate::crypto::sha256::Prefix;
use crate::error::ReplayError;
use core::fmt;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use shard::{Found, Key, Shard, usize_of};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, RwLock};
use zeroize::Zeroizing;

/// Keeps ids in memory: at most as many as it was made for, each until its token has expired.
///
/// Full, it refuses new tokens rather than forget a live id. It goes by the latest time it has seen,
/// so a clock that is set back brings no id back. A restart forgets all ids: where tokens may outlive
/// the process, or several processes accept the same tokens, take a guard on a shared store.
///
/// An id takes about 31 octets, whatever the length of its `jti`; expired ids make room as new ones
/// come, a bounded number a call.
///
/// ```
/// use strict_jose::{Insertion, MemoryReplayGuard, NumericDate, ReplayGuard, ReplayId};
///
/// let guard = MemoryReplayGuard::with_capacity(1_000_000).issuer_share(100_000);
/// let id = ReplayId::new("https://as.example", "", "7f3a");
/// let (now, until) = (NumericDate::now()?, NumericDate::from_seconds(200_000_000_000).unwrap());
/// assert_eq!(guard.insert_if_absent(&id, until, now)?, Insertion::Inserted);
/// assert_eq!(guard.insert_if_absent(&id, until, now)?, Insertion::AlreadyPresent);
/// assert_eq!(guard.statistics()?.refused, 1);
/// # Ok::<(), strict_jose::Error>(())
/// ```
pub struct MemoryReplayGuard {
    shards: Box<[Mutex<Shard>]>,
    capacity: usize,
    live: AtomicUsize,
    issuers: Option<Issuers>,
    /// The latest second seen.
    now: AtomicU32,
    /// The second in which a search of all shards for room last found none.
    searched: AtomicU32,
    /// Begins with a secret, so that nobody outside can aim at a key.
    hash: Result<Prefix, random::Unavailable>,
}

/// What a [`MemoryReplayGuard`] holds and has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplayStatistics {
    /// Ids that take room now; one that expired or was released counts until it is dropped.
    pub live: usize,
    /// Tokens refused because their id was present.
    pub refused: u64,
    /// Tokens refused because there was no room.
    pub full: u64,
    /// When the id that expires first does.
    pub next_expiry: Option<NumericDate>,
}

/// How many ids each issuer may hold, and does.
struct Issuers {
    share: usize,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    /// By keyed hash, as ids are.
    numbers: HashMap<Key, u32>,
    held: Vec<AtomicUsize>,
}

/// A shard of this many ids grows in a fraction of a millisecond, and has several a second to expire.
const IDS_A_SHARD: usize = 64 * 1024;

/// Two threads seldom meet in one of so many.
const LEAST_SHARDS: usize = 64;

/// At most so many expired ids are dropped by one insertion, which adds one.
const EXPIRE_AT_ONCE: usize = 64;

impl MemoryReplayGuard {
    /// A guard for so many live ids: the most tokens that are accepted within one lifetime.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        let shards = (capacity / IDS_A_SHARD).max(LEAST_SHARDS).next_power_of_two();
        let mut secret = Zeroizing::new([0; 64]); // one block of the hash, taken in once
        let hash = random::fill(&mut *secret).map(|()| Prefix::new(&*secret));
        Self {
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            capacity,
            live: AtomicUsize::new(0),
            issuers: None,
            now: AtomicU32::new(0),
            searched: AtomicU32::new(0),
            hash,
        }
    }

    /// The same guard with at most so many live ids for each issuer, so that one cannot fill it for
    /// all. Counting costs each insertion a look-up.
    #[must_use]
    pub fn issuer_share(self, ids: usize) -> Self {
        Self { issuers: Some(Issuers { share: ids, known: RwLock::default() }), ..self }
    }

    /// What it holds and has done. Looks into every shard.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Unavailable`] if a thread panicked while it held a shard.
    pub fn statistics(&self) -> Result<ReplayStatistics, ReplayError> {
        let live = self.live.load(Ordering::Relaxed);
        let (mut refused, mut full, mut next) = (0, 0, None);
        for shard in &self.shards {
            let shard = lock(shard)?;
            refused += shard.refused;
            full += shard.full;
            next = next.into_iter().chain(shard.next_expiry()).min();
        }
        let next_expiry = next.and_then(|second| NumericDate::from_seconds(second.into()));
        Ok(ReplayStatistics { live, refused, full, next_expiry })
    }

    fn key(&self, id: &ReplayId) -> Result<Key, ReplayError> {
        match &self.hash {
            Ok(hash) => Ok(words(id.digest_by(hash))),
            Err(random::Unavailable) => Err(ReplayError::Unavailable),
        }
    }

    fn shard(&self, key: Key) -> &Mutex<Shard> {
        // A power of two of them: the mask gives a number below it.
        &self.shards[usize_of(key[0]) & (self.shards.len() - 1)]
    }

    /// The latest second that any call has named.
    fn advance_to(&self, now: NumericDate) -> u32 {
        let now = second(now.seconds());
        let latest = self.now.load(Ordering::Relaxed);
        if now > latest { self.now.fetch_max(now, Ordering::Relaxed).max(now) } else { latest }
    }

    fn expire(&self, shard: &mut Shard, now: u32, most: usize) -> Result<(), ReplayError> {
        let known = match &self.issuers {
            Some(issuers) => Some(issuers.known.read().map_err(|_| ReplayError::Unavailable)?),
            None => None,
        };
        shard.expire(now, most, |issuer, count| {
            self.live.fetch_sub(count, Ordering::Relaxed);
            if let Some(held) = known.as_ref().and_then(|known| known.held.get(usize_of(issuer))) {
                held.fetch_sub(count, Ordering::Relaxed);
            }
        });
        Ok(())
    }

    /// Counts one more id, if there is room for it.
    fn reserve(&self, now: u32) -> Result<bool, ReplayError> {
        loop {
            if take_one(&self.live, self.capacity) {
                return Ok(true);
            }
            // Expired ids of other shards may stand in the way; look for them once a second.
            if self.searched.swap(now, Ordering::Relaxed) == now {
                return Ok(false);
            }
            for shard in &self.shards {
                self.expire(&mut *lock(shard)?, now, EXPIRE_AT_ONCE)?;
                if self.live.load(Ordering::Relaxed) < self.capacity {
                    self.searched.store(0, Ordering::Relaxed);
                    break;
                }
            }
        }
    }

    /// Counts one more id of this issuer, if its share has room; the number it goes by.
    fn reserve_share(&self, id: &ReplayId) -> Result<Option<u32>, ReplayError> {
        let Some(issuers) = &self.issuers else {
            return Ok(Some(0));
        };
        let name = self.key(&ReplayId::new(id.issuer(), "", ""))?;
        let known = issuers.known.read().map_err(|_| ReplayError::Unavailable)?;
        if let Some((number, held)) = known.get(name) {
            return Ok(take_one(held, issuers.share).then_some(number));
        }
        drop(known);
        let mut known = issuers.known.write().map_err(|_| ReplayError::Unavailable)?;
        let number = known.add(name);
        Ok(take_one(&known.held[usize_of(number)], issuers.share).then_some(number)) // just added
    }

    fn give_back(&self, issuer: Option<u32>) {
        if let (Some(number), Some(issuers)) = (issuer, &self.issuers)
            && let Ok(known) = issuers.known.read()
            && let Some(held) = known.held.get(usize_of(number))
        {
            held.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Known {
    fn get(&self, name: Key) -> Option<(u32, &AtomicUsize)> {
        let number = *self.numbers.get(&name)?;
        Some((number, self.held.get(usize_of(number))?))
    }

    /// Between the look-up and the write lock, another thread may have added it.
    fn add(&mut self, name: Key) -> u32 {
        let next = u32::try_from(self.held.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.held.push(AtomicUsize::new(0));
        }
        number
    }
}

fn take_one(count: &AtomicUsize, most: usize) -> bool {
    count
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
            (held < most).then_some(held + 1)
        })
        .is_ok()
}

fn lock(shard: &Mutex<Shard>) -> Result<MutexGuard<'_, Shard>, ReplayError> {
    shard.lock().map_err(|_| ReplayError::Unavailable)
}

/// Seconds in 32 bits: those after 2106 count as that year's last, which is not yet due.
fn second(seconds: u64) -> u32 {
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

fn words(digest: [u8; 32]) -> Key {
    let mut key = [0; 4];
    for (word, octets) in key.iter_mut().zip(digest.as_chunks().0) {
        *word = u32::from_le_bytes(*octets);
    }
    key
}

impl ReplayGuard for MemoryReplayGuard {
    fn insert_if_absent(
        &self,
        id: &ReplayId,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        let key = self.key(id)?;
        let now = self.advance_to(now);
        // Whole seconds, rounded so that an id is kept up to a second too long, never too short.
        let fraction = keep_until.as_duration().subsec_nanos() > 0;
        let expires = second(keep_until.seconds().saturating_add(fraction.into()));

        let mut shard = lock(self.shard(key))?;
        self.expire(&mut shard, now, EXPIRE_AT_ONCE)?;
        // Expired by the latest time seen, it may have been here and gone: a replay for all we know.
        let found = if expires > now { shard.find(key, expires, now) } else { Found::Live };
        match found {
            Found::Live => {
                shard.refused += 1;
                return Ok(Insertion::AlreadyPresent);
            }
            Found::Revived => return Ok(Insertion::Inserted),
            Found::Absent => {}
        }
        if take_one(&self.live, self.capacity) {
            return self.insert_counted(&mut shard, key, expires, id);
        }
        // Looking for room takes the other shards' locks: not while this one is held.
        drop(shard);
        let room = self.reserve(now)?;
        let mut shard = lock(self.shard(key))?;
        if !room {
            shard.full += 1;
            return Err(ReplayError::Full);
        }
        match shard.find(key, expires, now) {
            Found::Absent => self.insert_counted(&mut shard, key, expires, id),
            found => {
                self.live.fetch_sub(1, Ordering::Relaxed);
                Ok(match found {
                    Found::Revived => Insertion::Inserted,
                    _ => Insertion::AlreadyPresent,
                })
            }
        }
    }

    fn release(&self, id: &ReplayId) -> Result<(), ReplayError> {
        let key = self.key(id)?;
        lock(self.shard(key))?.release(key);
        Ok(())
    }
}

impl MemoryReplayGuard {
    /// Inserts an id that is absent and has been counted; takes the count back if it cannot.
    fn insert_counted(
        &self,
        shard: &mut Shard,
        key: Key,
        expires: u32,
        id: &ReplayId,
    ) -> Result<Insertion, ReplayError> {
        let issuer = self.reserve_share(id)?;
        let result = match issuer {
            Some(number) => shard.insert(key, expires, number),
            None => Err(ReplayError::Full),
        };
        if result.is_err() {
            self.live.fetch_sub(1, Ordering::Relaxed);
            self.give_back(issuer);
            shard.full += 1;
        }
        result
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_that_a_panic_left_behind_answers_nothing() {
        let guard = MemoryReplayGuard::with_capacity(2);
        let (id, time) = (ReplayId::new("as", "", "1"), NumericDate::from_seconds);
        let insert = |now| ReplayGuard::insert_if_absent(&guard, &id, time(20).unwrap(), now);
        assert_eq!(insert(time(10).unwrap()), Ok(Insertion::Inserted));
        let holder = || {
            let _held = guard.shards.iter().map(Mutex::lock).collect::<Vec<_>>();
            panic!("while it holds the guard");
        };
        assert!(std::thread::scope(|scope| scope.spawn(holder).join()).is_err());
        assert_eq!(insert(time(11).unwrap()), Err(ReplayError::Unavailable));
        assert_eq!(ReplayGuard::release(&guard, &id), Err(ReplayError::Unavailable));
        assert_eq!(guard.statistics(), Err(ReplayError::Unavailable));
    }
}
