//! The guard of one process: bounded, exact, sharded, gone with the process.

mod quota;
mod shard;
mod sizing;
mod sync;

use super::{AsyncReplayGuard, Insertion, Monitored, ReplayGuard, ReplayId, ReplayStatistics};
use crate::crypto::random;
use crate::crypto::siphash::KeyedHash;
use crate::error::{Error, ReplayError};
use crate::numeric_date::NumericDate;
use core::fmt;
use core::sync::atomic::AtomicUsize;
use quota::{Permit, Quota};
use shard::{Found, Key, Shard, usize_of};
use std::sync::PoisonError;
use sync::{AtomicU32, Mutex, MutexGuard, Ordering};
use zeroize::Zeroizing;

/// Keeps ids in memory: at most as many as it was made for, each until its token has expired.
///
/// Full, it rejects new tokens rather than forget a live id. It goes by the latest time it has seen, so a
/// clock that is set back brings no id back: what would have expired by that time is answered with
/// [`ReplayError::ClockBehind`] until the clock has caught up. A restart forgets all ids: where tokens may outlive
/// the process, or several processes accept the same tokens, take a guard on a shared store.
///
/// An id takes about 30 octets, whatever the length of its `jti`; expired ids make room as new ones
/// come, a bounded number a call.
///
/// ```
/// use strict_jose::{Insertion, MemoryReplayGuard, Monitored, NumericDate, ReplayGuard, ReplayId};
///
/// let guard = MemoryReplayGuard::with_issuer_share(1_000_000, 100_000);
/// let id = ReplayId::new("https://as.example", "", "7f3a");
/// let (now, until) = (NumericDate::now()?, NumericDate::from_seconds(200_000_000_000).unwrap());
/// assert_eq!(guard.insert_if_absent(&id, until, now)?, Insertion::Inserted);
/// assert_eq!(guard.insert_if_absent(&id, until, now)?, Insertion::AlreadyPresent);
/// assert_eq!(guard.statistics().present, 1);
/// # Ok::<(), strict_jose::Error>(())
/// ```
pub struct MemoryReplayGuard {
    shards: Box<[Mutex<Shard>]>,
    quota: Quota,
    created_at: Option<NumericDate>,
    /// The latest second seen.
    now: AtomicU32,
    /// The second in which a search of all shards for room last found too little. Held while searching.
    searched: Mutex<u32>,
    /// Under a secret, so that nobody outside can aim at a key.
    hash: Result<KeyedHash, random::Unavailable>,
    /// Answers that no shard could count.
    unavailable: AtomicUsize,
}

/// A shard of this many ids grows in a fraction of a millisecond, and has several a second to expire.
const IDS_A_SHARD: usize = 64 * 1024;

/// Two threads seldom meet in one of so many.
const LEAST_SHARDS: usize = 64;

/// With 2^24 ids each, more than any memory holds.
const MOST_SHARDS: usize = 1 << 16;

/// At most so many expired ids are dropped by one insertion, which adds one.
const EXPIRE_AT_ONCE: usize = 64;

impl MemoryReplayGuard {
    /// A guard for so many live ids: the most tokens that are accepted within one lifetime.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        let shards = (capacity / IDS_A_SHARD).clamp(LEAST_SHARDS, MOST_SHARDS).next_power_of_two();
        let mut secret = Zeroizing::new([0; 16]);
        // A failure is kept and answers every call: under a fallback key that others know, they
        // could crowd ids into one place.
        let hash = random::fill(&mut *secret).map(|()| KeyedHash::new(&secret));
        Self::with_shards(shards, capacity, hash)
    }

    /// A power of two of shards.
    fn with_shards(
        shards: usize,
        capacity: usize,
        hash: Result<KeyedHash, random::Unavailable>,
    ) -> Self {
        Self {
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            quota: Quota::new(capacity),
            created_at: NumericDate::now().ok(),
            now: AtomicU32::new(0),
            searched: Mutex::default(),
            hash,
            unavailable: AtomicUsize::new(0),
        }
    }

    /// A guard that takes at most so many octets while tokens live for an hour or less: for as many ids
    /// as these hold. Below 500 KiB that is none.
    #[must_use]
    pub fn with_memory_budget(bytes: usize) -> Self {
        Self::with_capacity(sizing::ids(bytes))
    }

    /// How many live ids it has room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.quota.capacity()
    }

    /// A guard for so many live ids, and so many of each issuer, that one cannot fill it for all. It
    /// means something only where `iss` is checked. Counting costs each insertion a look-up, and each id
    /// up to 8 octets.
    ///
    /// It remembers at most as many issuers as it has room for ids, and forgets those without any.
    #[must_use]
    pub fn with_issuer_share(capacity: usize, share: usize) -> Self {
        let guard = Self::with_capacity(capacity);
        Self { quota: guard.quota.with_share(share), ..guard }
    }

    /// When this guard was made, by the system's clock: of tokens issued before, it cannot say which were
    /// used. Where no other process accepts tokens then, it is the date for
    /// [`only_issued_after`](crate::AfterRestart::only_issued_after).
    ///
    /// # Errors
    ///
    /// [`Error::ClockUnavailable`] if there was no clock.
    pub fn created_at(&self) -> Result<NumericDate, Error> {
        self.created_at.ok_or(Error::ClockUnavailable)
    }

    fn key(&self, id: &ReplayId<'_>) -> Result<Key, ReplayError> {
        match &self.hash {
            Ok(hash) => Ok(to_words(id.hashed_by(|parts| hash.hash(parts)))),
            Err(random::Unavailable) => Err(ReplayError::UNAVAILABLE),
        }
    }

    fn shard(&self, key: Key) -> &Mutex<Shard> {
        // A power of two of them: the mask gives a number below it.
        &self.shards[usize_of(key[0]) & (self.shards.len() - 1)]
    }

    /// The latest second that any call has named.
    fn advance_to(&self, now: NumericDate) -> u32 {
        let now = clamp_to_u32(now.seconds());
        // Most calls only read: a write would take the cache line away from all other threads.
        // `Relaxed` is enough, because this number guards no other memory.
        let latest = self.now.load(Ordering::Relaxed);
        if now > latest { self.now.fetch_max(now, Ordering::Relaxed).max(now) } else { latest }
    }

    fn expire(&self, shard: &mut Shard, now: u32, most: usize) -> Result<(), ReplayError> {
        let returns = self.quota.returns()?;
        shard.expire(now, most, |issuer, count| returns.give_back(issuer, count));
        Ok(())
    }

    fn permit(&self, id: &ReplayId<'_>) -> Result<Option<Permit<'_>>, ReplayError> {
        self.quota.permit(|| self.key(&ReplayId::new(id.issuer(), "", "")))
    }

    /// A permit, once expired ids of all shards have made room. Looks for them once a second.
    fn permit_after_search(
        &self,
        id: &ReplayId<'_>,
        now: u32,
    ) -> Result<Option<Permit<'_>>, ReplayError> {
        let mut searched = self.searched.lock().map_err(|_| ReplayError::UNAVAILABLE)?;
        let mut permit = self.permit(id)?; // another search may have made room meanwhile
        // Otherwise each new token would make a full guard search all its shards.
        if *searched == now {
            return Ok(permit);
        }
        for shard in &self.shards {
            if permit.is_some() {
                return Ok(permit);
            }
            self.expire(&mut *lock(shard)?, now, usize::MAX)?;
            permit = self.permit(id)?;
        }
        if permit.is_none() {
            *searched = now;
        }
        Ok(permit)
    }

    /// What is known of the id by the latest second seen, which the shard's lock makes the latest that
    /// any id of the shard was expired by.
    fn find(
        &self,
        shard: &mut Shard,
        key: Key,
        expires: u32,
        now: NumericDate,
    ) -> Result<(Found, u32), ReplayError> {
        // Under the shard's lock: a call that dropped ids of this shard raised the clock before it
        // released the lock, so this call sees that time or a later one.
        let now = self.advance_to(now);
        self.expire(shard, now, EXPIRE_AT_ONCE)?;
        let found = if expires > now {
            shard.find(key, expires, now)
        } else if shard.is_live(key, now) {
            Found::Live
        } else {
            // Expired by then, it may have been here and gone.
            shard.clock_behind += 1;
            return Err(ReplayError::ClockBehind);
        };
        if matches!(found, Found::Live) {
            shard.present += 1;
        }
        Ok((found, now))
    }

    fn try_insert(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        let key = self.key(id)?;
        let expires = clamp_to_u32(keep_until.ceil_seconds());

        let mut shard = lock(self.shard(key))?;
        let (found, latest) = self.find(&mut shard, key, expires, now)?;
        if let Some(answer) = found.answer() {
            return Ok(answer);
        }
        if let Some(permit) = self.permit(id)? {
            return insert(&mut shard, key, expires, permit);
        }
        // Looking for room takes the other shards' locks: not while this one is held.
        drop(shard);
        let permit = self.permit_after_search(id, latest)?;
        let mut shard = lock(self.shard(key))?;
        let Some(permit) = permit else {
            shard.full += 1;
            return Err(ReplayError::Full);
        };
        // Meanwhile the id may have come, and gone. Without an insertion the permit gives itself back.
        match self.find(&mut shard, key, expires, now)? {
            (Found::Absent, _) => insert(&mut shard, key, expires, permit),
            (found, _) => Ok(found.answer().unwrap_or(Insertion::AlreadyPresent)),
        }
    }

    fn try_release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        let key = self.key(id)?;
        lock(self.shard(key))?.release(key);
        Ok(())
    }

    /// Counts a failure that no shard has counted.
    fn counted<T>(&self, answer: Result<T, ReplayError>) -> Result<T, ReplayError> {
        if let Err(ReplayError::Unavailable(_)) = answer {
            self.unavailable.fetch_add(1, Ordering::Relaxed);
        }
        answer
    }
}

fn lock(shard: &Mutex<Shard>) -> Result<MutexGuard<'_, Shard>, ReplayError> {
    shard.lock().map_err(|_| ReplayError::UNAVAILABLE)
}

/// Seconds in 32 bits: those after 2106 count as that year's last, which is not yet due.
fn clamp_to_u32(seconds: u64) -> u32 {
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

fn to_words(hash: [u8; 16]) -> Key {
    let mut key = [0; 4];
    for (word, bytes) in key.iter_mut().zip(hash.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    key
}

impl ReplayGuard for MemoryReplayGuard {
    fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        self.counted(self.try_insert(id, keep_until, now))
    }

    fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        self.counted(self.try_release(id))
    }
}

impl Monitored for MemoryReplayGuard {
    /// Looks into every shard.
    fn statistics(&self) -> ReplayStatistics {
        let unavailable = self.unavailable.load(Ordering::Relaxed);
        let mut statistics = ReplayStatistics {
            unavailable: u64::try_from(unavailable).unwrap_or(u64::MAX),
            live: u64::try_from(self.quota.stored()).ok(),
            ..ReplayStatistics::default()
        };
        let mut next = None;
        for shard in &self.shards {
            // Numbers alone are read, which a panic of another thread leaves as they were.
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            statistics.inserted += shard.inserted;
            statistics.present += shard.present;
            statistics.full += shard.full;
            statistics.clock_behind += shard.clock_behind;
            statistics.released += shard.released;
            next = next.into_iter().chain(shard.next_expiry()).min();
        }
        statistics.oldest_expiry = next.and_then(|second| NumericDate::from_seconds(second.into()));
        statistics
    }
}

/// Inserts an id that is absent.
fn insert(
    shard: &mut Shard,
    key: Key,
    expires: u32,
    permit: Permit<'_>,
) -> Result<Insertion, ReplayError> {
    let inserted = shard.insert(key, expires, permit.issuer());
    match inserted {
        Ok(_) => permit.keep(),
        // The permit is dropped and gives its room back.
        Err(_) => shard.full += 1,
    }
    inserted
}

impl AsyncReplayGuard for MemoryReplayGuard {
    async fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        ReplayGuard::insert_if_absent(self, id, keep_until, now)
    }

    async fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        ReplayGuard::release(self, id)
    }
}

impl fmt::Debug for MemoryReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayGuard")
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[cfg(loom)]
mod models;
#[cfg(test)]
#[cfg(not(loom))]
mod tests;
