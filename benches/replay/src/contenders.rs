//! Who is measured: one small adapter each, and the list of them. Those outside are in `stores`.

use crate::{postgres, stores};
use moka::Expiry;
use moka::sync::Cache;
use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use strict_jose::{Insertion, MemoryReplayGuard, NumericDate, ReplayGuard, ReplayId};

/// An id, and until when it is kept.
pub type Question = (ReplayId<'static>, NumericDate);

/// Something that takes an id once.
pub trait Contender: Send + Sync {
    /// Whether the id was inserted. A contender that fails panics: it would not be measured.
    fn insert(&self, id: &ReplayId<'_>, keep_until: NumericDate, now: NumericDate) -> bool;

    /// Inserts them by many callers at once until the time is over, and says how long each call took;
    /// nothing where many callers gain nothing.
    fn insert_by_many(
        &self,
        _: &[Question],
        _now: NumericDate,
        _time: Duration,
    ) -> Option<Vec<Duration>> {
        None
    }

    /// How many ids it was made with: those that it is not timed to take.
    fn held(&self) -> usize {
        0
    }

    /// Octets that it takes outside this process.
    fn bytes_outside(&self) -> usize {
        0
    }
}

/// A contender's name, and how one is made for so many ids.
pub struct Entry {
    /// As in the tables.
    pub name: &'static str,
    /// One for so many ids, with room for so many more.
    pub make: fn(usize, usize) -> Box<dyn Contender>,
    /// Whether it is in this process: filled for each round, where a store is filled once, by many.
    pub is_inside: bool,
    /// Whether it goes by the time it is given; another's ids cannot be made to expire at once.
    pub goes_by_given_time: bool,
    /// Why it is not measured, if it is not.
    pub left_out: fn() -> Option<&'static str>,
}

/// The guard that the targets are about.
pub const EMBEDDED: &str = "embedded";
/// What the targets compare it with.
pub const LOCKED_MAP: &str = "locked HashMap";
/// The same.
pub const MOKA: &str = "moka";

/// All of them. Another store is one more adapter and one more line here.
pub const ALL: &[Entry] = &[
    Entry {
        name: EMBEDDED,
        make: |live, later| Box::new(Guard(MemoryReplayGuard::with_capacity(live + later))),
        is_inside: true,
        goes_by_given_time: true,
        left_out: || None,
    },
    Entry {
        name: LOCKED_MAP,
        make: |_, _| Box::new(Mutex::new(LockedMap::default())),
        is_inside: true,
        goes_by_given_time: true,
        left_out: || None,
    },
    Entry {
        name: MOKA,
        make: |live, later| Box::new(moka(live + later)),
        is_inside: true,
        goes_by_given_time: false,
        left_out: || None,
    },
    Entry {
        name: "durable",
        make: |live, later| Box::new(stores::Durable::new(live, later)),
        is_inside: false,
        goes_by_given_time: false,
        left_out: || None,
    },
    Entry {
        name: "Redis",
        make: |_, _| Box::new(stores::Redis::start()),
        is_inside: false,
        goes_by_given_time: false,
        left_out: stores::redis_left_out,
    },
    Entry {
        name: "PostgreSQL",
        make: |live, _| Box::new(postgres::Postgres::start(live)),
        is_inside: false,
        goes_by_given_time: false,
        left_out: postgres::left_out,
    },
];

/// Any guard of the crate's trait.
struct Guard<G>(G);

impl<G: ReplayGuard> Contender for Guard<G> {
    fn insert(&self, id: &ReplayId<'_>, keep_until: NumericDate, now: NumericDate) -> bool {
        self.0.insert_if_absent(id, keep_until, now).expect("the guard answers")
            == Insertion::Inserted
    }
}

type Key = (String, String);

fn key(id: &ReplayId<'_>) -> Key {
    (id.issuer().to_owned(), id.jwt_id().to_owned())
}

/// Each entry's value is how long it is to be kept.
struct EachItsOwn;

impl Expiry<Key, Duration> for EachItsOwn {
    fn expire_after_create(&self, _: &Key, kept: &Duration, _: Instant) -> Option<Duration> {
        Some(*kept)
    }
}

fn moka(ids: usize) -> Cache<Key, Duration> {
    let ids = u64::try_from(ids).expect("64 bits");
    Cache::builder().max_capacity(ids).expire_after(EachItsOwn).build()
}

impl Contender for Cache<Key, Duration> {
    fn insert(&self, id: &ReplayId<'_>, keep_until: NumericDate, now: NumericDate) -> bool {
        self.entry(key(id)).or_insert(keep_until.saturating_since(now)).is_fresh()
    }
}

/// What one would write first: a map, looked through for expired ids once a minute.
#[derive(Default)]
struct LockedMap {
    ids: HashMap<Key, u64>,
    looked_through: u64,
}

impl Contender for Mutex<LockedMap> {
    fn insert(&self, id: &ReplayId<'_>, keep_until: NumericDate, now: NumericDate) -> bool {
        let (key, now) = (key(id), now.seconds());
        let mut map = self.lock().expect("no thread panicked");
        if map.looked_through == 0 {
            map.looked_through = now;
        }
        if now >= map.looked_through + 60 {
            map.looked_through = now;
            map.ids.retain(|_, until| *until > now);
        }
        match map.ids.entry(key) {
            Place::Occupied(held) if *held.get() > now => false,
            Place::Occupied(mut held) => {
                held.insert(keep_until.seconds());
                true
            }
            Place::Vacant(vacant) => {
                vacant.insert(keep_until.seconds());
                true
            }
        }
    }
}
