//! How many ids the guard and each issuer may have.
//!
//! Room is counted before an id has an entry and given back after the entry is gone, so that no count is
//! ever too low. Between the two stands a [`Permit`], which gives its room back unless an entry was made.

use super::shard::{Key, usize_of};
use super::sync::{AtomicUsize, CachePadded, Ordering, RwLock, RwLockReadGuard};
use crate::error::ReplayError;
use std::collections::HashMap;

pub(super) struct Quota {
    capacity: usize,
    /// Ids that take room now.
    stored: CachePadded<AtomicUsize>,
    issuers: Option<Issuers>,
}

/// How many ids each issuer may have, and has.
struct Issuers {
    share: usize,
    table: RwLock<IssuerTable>,
}

#[derive(Default)]
struct IssuerTable {
    /// By keyed hash, as ids are.
    numbers: HashMap<Key, u32>,
    issuers: Vec<Counts>,
    /// Where the next search for an issuer without ids begins.
    next: usize,
}

struct Counts {
    name: Key,
    stored: AtomicUsize,
}

/// Room for one id, given back when it is dropped.
#[must_use]
pub(super) struct Permit<'q> {
    quota: &'q Quota,
    issuer: u32,
}

/// One more in a count, taken off again when it is dropped.
struct Counted<'c>(&'c AtomicUsize);

/// The counts, for as long as ids are dropped.
pub(super) struct Returns<'q> {
    stored: &'q AtomicUsize,
    table: Option<RwLockReadGuard<'q, IssuerTable>>,
}

impl Quota {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, stored: CachePadded(AtomicUsize::new(0)), issuers: None }
    }

    pub(super) fn with_share(self, share: usize) -> Self {
        Self { issuers: Some(Issuers { share, table: RwLock::default() }), ..self }
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many ids take room now.
    pub(super) fn stored(&self) -> usize {
        self.stored.0.load(Ordering::Relaxed)
    }

    /// Room for one more id of this issuer, if there is any.
    pub(super) fn permit(
        &self,
        issuer: impl FnOnce() -> Result<Key, ReplayError>,
    ) -> Result<Option<Permit<'_>>, ReplayError> {
        let Some(stored) = Counted::add(&self.stored.0, self.capacity) else {
            return Ok(None);
        };
        // If this fails, `stored` is dropped and takes its count back.
        let number = match &self.issuers {
            Some(issuers) => issuers.add(issuer()?, self.capacity)?,
            None => Some(0),
        };
        Ok(number.map(|issuer| {
            stored.keep();
            Permit { quota: self, issuer }
        }))
    }

    /// # Errors
    ///
    /// `Unavailable` if a thread panicked while it added an issuer.
    pub(super) fn returns(&self) -> Result<Returns<'_>, ReplayError> {
        let table = match &self.issuers {
            Some(issuers) => Some(issuers.table.read().map_err(|_| ReplayError::UNAVAILABLE)?),
            None => None,
        };
        Ok(Returns { stored: &self.stored.0, table })
    }
}

impl Issuers {
    /// Counts one more id of the issuer and answers its number; `None` if its share is used up.
    fn add(&self, name: Key, most_issuers: usize) -> Result<Option<u32>, ReplayError> {
        let table = self.table.read().map_err(|_| ReplayError::UNAVAILABLE)?;
        if let Some(number) = table.numbers.get(&name) {
            return Ok(table.add(*number, self.share));
        }
        // A thread that asks for the write lock while it holds the read lock waits for itself.
        drop(table);
        let mut table = self.table.write().map_err(|_| ReplayError::UNAVAILABLE)?;
        let number = table.number(name, most_issuers);
        Ok(number.and_then(|number| table.add(number, self.share)))
    }
}

impl IssuerTable {
    /// The issuer's number. One that has none gets a new one, or, where there are as many issuers as there may
    /// be ids, that of an issuer without ids, which is forgotten.
    fn number(&mut self, name: Key, most: usize) -> Option<u32> {
        // Between the look-up and the write lock, another thread may have given it one.
        if let Some(number) = self.numbers.get(&name) {
            return Some(*number);
        }
        let counts = Counts { name, stored: AtomicUsize::new(0) };
        let number = if self.issuers.len() < most {
            self.issuers.push(counts);
            u32::try_from(self.issuers.len() - 1).ok()?
        } else {
            let number = self.without_ids()?;
            let forgotten = core::mem::replace(self.issuers.get_mut(usize_of(number))?, counts);
            self.numbers.remove(&forgotten.name);
            number
        };
        self.numbers.insert(name, number);
        Some(number)
    }

    /// An issuer that has no id, and no permit for one: no entry names its number. There is one, since each
    /// of the others takes the room of an id and the caller holds room for another.
    fn without_ids(&mut self) -> Option<u32> {
        let (before, after) = self.issuers.split_at(self.next.min(self.issuers.len()));
        let places = (self.next..).zip(after).chain((0..).zip(before));
        let is_free = |counts: &Counts| counts.stored.load(Ordering::Relaxed) == 0;
        let (place, _) = places.into_iter().find(|(_, counts)| is_free(counts))?;
        self.next = place + 1;
        u32::try_from(place).ok()
    }

    fn add(&self, number: u32, share: usize) -> Option<u32> {
        Counted::add(&self.issuers.get(usize_of(number))?.stored, share)?.keep();
        Some(number)
    }
}

impl Permit<'_> {
    /// The number by which the entry names its issuer; 0 for all where issuers are not counted.
    pub(super) fn issuer(&self) -> u32 {
        self.issuer
    }

    /// The id has its entry: the room is given back with that.
    pub(super) fn keep(self) {
        core::mem::forget(self);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        // Damaged by a panic, the counts stay too high: that refuses too much, and never too little.
        if let Ok(returns) = self.quota.returns() {
            returns.give_back(self.issuer, 1);
        }
    }
}

impl Returns<'_> {
    pub(super) fn give_back(&self, issuer: u32, count: usize) {
        self.stored.fetch_sub(count, Ordering::Relaxed);
        let table = self.table.as_ref();
        if let Some(counts) = table.and_then(|table| table.issuers.get(usize_of(issuer))) {
            counts.stored.fetch_sub(count, Ordering::Relaxed);
        }
    }
}

impl<'c> Counted<'c> {
    /// `None` if the count is as high as it may be.
    fn add(count: &'c AtomicUsize, most: usize) -> Option<Self> {
        // Adding first and undoing it later would turn others away in between.
        let more = |stored| (stored < most).then_some(stored + 1);
        count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Self(count))
    }

    fn keep(self) {
        core::mem::forget(self);
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
