//! One shard of the guard in memory: ids found by hash, expired by the second.
//!
//! An id takes 24 octets in a slab and 4 in an index with a fifth to a third of its places free: about
//! 30 in all, nothing moved when the shard grows but the index. Ids that expire in the same
//! second hang together in a list, so dropping them looks at expired ids only.
//!
//! Invariants, by which the indexing below is in bounds: a slot number in the index, in a list or in
//! the free list is below `used`, and the slab has `used` entries or more.

mod expiry;

use crate::error::ReplayError;
use crate::replay::Insertion;
use expiry::Expiry;

/// A keyed 128-bit hash of an id. Its parts choose the shard, the place in the index and the tag.
pub(super) type Key = [u32; 4];

/// Entries are allocated by so many at once.
const CHUNK: usize = 256;

/// Slot numbers have 24 bits; this one stands for none.
const NONE: u32 = 0x00ff_ffff;
const SLOT: u32 = 0x00ff_ffff;

/// A place of the index that holds nothing: the tag of no slot.
const EMPTY: u32 = u32::MAX;

/// Marks of an entry, above the 24 bits of its link.
const RELEASED: u32 = 1 << 31;
/// It is in no place of the index.
const UNINDEXED: u32 = 1 << 30;

#[derive(Clone, Copy)]
struct Entry {
    key: Key,
    expires: u32,
    /// The next entry of the same list or of the free list, and marks.
    link: u32,
}

const VACANT: Entry = Entry { key: [0; 4], expires: 0, link: NONE | UNINDEXED };

#[derive(Default)]
pub(super) struct Shard {
    slab: Vec<Box<[Entry; CHUNK]>>,
    used: u32,
    free: Option<u32>,
    /// Open addressing, linear probing; a slot number and 8 bits of the key, to be spared the slab.
    index: Vec<u32>,
    indexed: usize,
    expiry: Expiry,
    /// The numbers of the issuers by slot, as far as any is above 0.
    issuers: Vec<u32>,
    pub(super) inserted: u64,
    pub(super) present: u64,
    pub(super) full: u64,
    pub(super) clock_behind: u64,
    pub(super) released: u64,
}

/// What an insertion may find.
pub(super) enum Found {
    /// Live: the token is a replay.
    Live,
    /// Not there, or expired: there has to be room for it.
    Absent,
    /// Was given back and is live again, for as long as it was to be.
    Revived,
}

impl Found {
    /// What the guard answers; nothing yet for an id that is absent.
    pub(super) fn answer(&self) -> Option<Insertion> {
        match self {
            Self::Live => Some(Insertion::AlreadyPresent),
            Self::Revived => Some(Insertion::Inserted),
            Self::Absent => None,
        }
    }
}

impl Shard {
    /// Looks the id up, and takes it if it is there and was released.
    pub(super) fn find(&mut self, key: Key, expires: u32, now: u32) -> Found {
        let Some(place) = self.place_of(key) else {
            return Found::Absent;
        };
        let slot = self.index[place] & SLOT;
        let entry = self.entry_mut(slot);
        let current = entry.expires > now;
        let released = entry.link & RELEASED != 0;
        if current && !released {
            return Found::Live;
        }
        if current && expires <= entry.expires {
            entry.link &= !RELEASED;
            self.inserted += 1;
            return Found::Revived;
        }
        // Expired, or to be kept longer than its list: it stays in that list until its second comes, found
        // by nobody. To take it out would mean walking the list, which can be long.
        entry.link |= UNINDEXED;
        self.unindex(place);
        Found::Absent
    }

    /// Whether the id is there, and was not given back.
    pub(super) fn is_live(&mut self, key: Key, now: u32) -> bool {
        let Some(place) = self.place_of(key) else { return false };
        let entry = self.entry_mut(self.index[place] & SLOT);
        entry.expires > now && entry.link & RELEASED == 0
    }

    /// Adds an id that is absent: a slot of the slab for its entry, a place of the index to find it by, and
    /// the head of its second's list to drop it by.
    pub(super) fn insert(
        &mut self,
        key: Key,
        expires: u32,
        issuer: u32,
    ) -> Result<Insertion, ReplayError> {
        let slot = self.vacant_slot()?;
        self.set_issuer(slot, issuer);
        self.put(key, slot); // before the entry is one of those that a growing index takes over
        let link = self.expiry.put(expires, slot);
        *self.entry_mut(slot) = Entry { key, expires, link };
        self.inserted += 1;
        Ok(Insertion::Inserted)
    }

    /// Marks the id as given back.
    pub(super) fn release(&mut self, key: Key) {
        if let Some(place) = self.place_of(key) {
            let entry = self.entry_mut(self.index[place] & SLOT);
            let was_used = entry.link & RELEASED == 0;
            entry.link |= RELEASED;
            self.released += u64::from(was_used);
        }
    }

    /// Drops ids that have expired, at most so many, and reports how many each issuer had.
    pub(super) fn expire(&mut self, now: u32, most: usize, mut dropped: impl FnMut(u32, usize)) {
        for _ in 0..most {
            let slab = &self.slab;
            let behind = |slot| slab[usize_of(slot) / CHUNK][usize_of(slot) % CHUNK].link & SLOT;
            let Some(slot) = self.expiry.take(now, behind) else { return };
            let entry = *self.entry_mut(slot);
            // `find` has taken the others out of the index. Their key may be there again, for a
            // newer entry, which has to stay.
            if entry.link & UNINDEXED == 0
                && let Some(place) = self.place_of(entry.key)
            {
                self.unindex(place);
            }
            // A growing index takes over every slot below `used` that does not have this mark.
            let link = self.free.unwrap_or(NONE) | UNINDEXED;
            *self.entry_mut(slot) = Entry { link, ..VACANT };
            self.free = Some(slot);
            dropped(self.issuers.get(usize_of(slot)).copied().unwrap_or(0), 1);
        }
    }

    /// The second in which the next id expires.
    pub(super) fn next_expiry(&self) -> Option<u32> {
        self.expiry.first()
    }

    fn set_issuer(&mut self, slot: u32, issuer: u32) {
        let slot = usize_of(slot);
        if issuer > 0 && slot >= self.issuers.len() {
            self.issuers.resize(slot + 1, 0);
        }
        if let Some(held) = self.issuers.get_mut(slot) {
            *held = issuer;
        }
    }

    fn entry_mut(&mut self, slot: u32) -> &mut Entry {
        &mut self.slab[usize_of(slot) / CHUNK][usize_of(slot) % CHUNK]
    }

    fn key_at(&self, place: usize) -> Key {
        let slot = usize_of(self.index[place] & SLOT);
        self.slab[slot / CHUNK][slot % CHUNK].key
    }

    fn vacant_slot(&mut self) -> Result<u32, ReplayError> {
        if let Some(slot) = self.free {
            let next = self.entry_mut(slot).link & SLOT;
            self.free = (next != NONE).then_some(next);
            return Ok(slot);
        }
        // Never given out: as a link this number ends a list, and with the tag 255 it is `EMPTY`.
        if self.used == NONE {
            return Err(ReplayError::Full);
        }
        if usize_of(self.used) == self.slab.len() * CHUNK {
            self.slab.push(Box::new([VACANT; CHUNK]));
        }
        self.used += 1;
        Ok(self.used - 1)
    }

    /// Where the key's search begins: its share of the index.
    ///
    /// A word of the key, read as a fraction of 2^32, is scaled to the number of places. Unlike a remainder
    /// this needs no division, and unlike a mask no power of two, so that the index can grow by a quarter.
    fn home(&self, key: Key) -> usize {
        // Not `key[0]`, which chose the shard: the keys of a shard have its low bits in common.
        let places = u64::try_from(self.index.len()).unwrap_or(u64::MAX); // below 2^25
        let place = (u64::from(key[1]) * places) >> 32; // below `places`
        usize::try_from(place).unwrap_or(0)
    }

    fn next(&self, place: usize) -> usize {
        if place + 1 == self.index.len() { 0 } else { place + 1 }
    }

    /// The place that holds the key. Linear probing: a key lies at its home or in the first free place after
    /// it, so the first empty place ends the search.
    fn place_of(&self, key: Key) -> Option<usize> {
        if self.index.is_empty() {
            return None;
        }
        let mut place = self.home(key);
        loop {
            let held = self.index[place];
            if held == EMPTY {
                return None;
            }
            // The tag is compared first: it spares a look into the slab, which no cache holds, for all but
            // one in 256 of the other keys on the way.
            if held & !SLOT == tag(key) && self.key_at(place) == key {
                return Some(place);
            }
            place = self.next(place); // ends: a fifth of the index is empty
        }
    }

    fn put(&mut self, key: Key, slot: u32) {
        if (self.indexed + 1) * 5 > self.index.len() * 4 {
            self.grow();
        }
        let mut place = self.home(key);
        while self.index[place] != EMPTY {
            place = self.next(place);
        }
        self.index[place] = tag(key) | slot;
        self.indexed += 1;
    }

    fn grow(&mut self) {
        let places = self.index.len() + self.index.len() / 4 + 16;
        self.index = vec![EMPTY; places];
        // In the order of the slab, which is read faster than jumped about in.
        let entries = self.slab.iter().flat_map(|chunk| &**chunk);
        for (slot, entry) in (0..self.used).zip(entries) {
            if entry.link & UNINDEXED == 0 {
                let mut place = self.home(entry.key);
                while self.index[place] != EMPTY {
                    place = self.next(place);
                }
                self.index[place] = tag(entry.key) | slot;
            }
        }
    }

    /// Empties a place and moves what had been pushed past it back, so that no search stops short.
    fn unindex(&mut self, mut hole: usize) {
        let mut place = hole;
        loop {
            place = self.next(place);
            if self.index[place] == EMPTY {
                break;
            }
            // The key may move back into the hole unless that lies before its home. "Before" is cyclic: where
            // the run of places wraps around the end of the index, `hole` is above `place`.
            let home = self.home(self.key_at(place));
            let reaches = if hole <= place {
                home <= hole || home > place
            } else {
                home <= hole && home > place
            };
            if reaches {
                self.index[hole] = self.index[place];
                hole = place;
            }
        }
        self.index[hole] = EMPTY;
        self.indexed -= 1;
    }
}

/// Eight bits of the key, where an index place has room for them. `EMPTY` is the tag 255 with no slot.
fn tag(key: Key) -> u32 {
    key[2] & !SLOT
}

/// The number as an index. On every platform with `std` this is lossless.
pub(super) fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
