//! One contender at one size: filled, asked by one and two threads, then let expire.

use crate::contenders::{Contender, Entry};
use crate::octets;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};
use strict_jose::{NumericDate, ReplayId};

/// What is measured, in the order of [`Figures`].
pub const FIGURES: [&str; 9] = [
    "inserts/s, 1 thread",
    "inserts/s, 2 threads",
    "p50 ns",
    "p99 ns",
    "p99.9 ns",
    "longest ns",
    "octets an id",
    "longest ns, all expiring",
    "all expiring, s",
];

/// One run's; none for what a contender cannot be asked.
pub type Figures = [Option<f64>; FIGURES.len()];

/// Where the one-thread rate stands.
pub const ONE: usize = 0;
/// Where the two-thread rate stands.
pub const TWO: usize = 1;
/// Where the longest call stands.
pub const LONGEST: usize = 5;
/// Where the memory an id stands.
pub const OCTETS: usize = 6;
/// Where the longest call while everything expires stands.
pub const LONGEST_EXPIRING: usize = 7;

const ISSUER: &str = "https://issuer.example.com";
const BEGIN: u64 = 1_700_000_000;
const LIFETIME: usize = 3600;
/// Ids are built so many at a time while a contender is filled, outside what is timed.
const BATCH: usize = 10_000;

fn at(second: usize) -> NumericDate {
    let second = BEGIN + u64::try_from(second).expect("64 bits");
    NumericDate::from_seconds(second).expect("a date of our time")
}

/// An id with a `jti` of 32 characters, as random ones have.
fn id(number: usize) -> ReplayId {
    ReplayId::new(ISSUER, "", &format!("{:032x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// When an id expires: at any second of the hour after the next, so that none does while it is measured
/// by a contender with a clock of its own.
fn until(number: usize, now: usize) -> NumericDate {
    at(now + LIFETIME + number % LIFETIME)
}

/// Inserts new ids and says how long it took: all threads began at once.
fn rate(contender: &dyn Contender, first: usize, each: usize, threads: usize) -> f64 {
    let ids: Vec<Vec<ReplayId>> = (0..threads)
        .map(|thread| (0..each).map(|number| id(first + thread * each + number)).collect())
        .collect();
    let barrier = Barrier::new(threads);
    let took = thread::scope(|scope| {
        let threads: Vec<_> = ids
            .iter()
            .map(|ids| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    let begin = Instant::now();
                    for (number, id) in ids.iter().enumerate() {
                        assert!(contender.insert(id, until(number, 0), at(0)), "a new id");
                    }
                    begin.elapsed()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).max()
    });
    float(each * threads) / took.unwrap_or_default().as_secs_f64()
}

/// How long each insertion of a new id took, sorted.
fn latencies(contender: &dyn Contender, first: usize, count: usize, now: usize) -> Vec<Duration> {
    let ids: Vec<ReplayId> = (first..first + count).map(id).collect();
    let mut taken = Vec::with_capacity(count);
    for (number, id) in ids.iter().enumerate() {
        let begin = Instant::now();
        let inserted = contender.insert(id, until(number, now), at(now));
        taken.push(begin.elapsed());
        assert!(inserted, "a new id");
    }
    taken.sort_unstable();
    taken
}

fn part(sorted: &[Duration], of_thousand: usize) -> Option<f64> {
    let place = (sorted.len() * of_thousand / 1000).min(sorted.len().checked_sub(1)?);
    Some(sorted[place].as_secs_f64() * 1e9)
}

/// A count as a number to divide: exact below 2^53.
#[allow(clippy::cast_precision_loss, reason = "counts here are far below 2^53")]
pub fn float(count: usize) -> f64 {
    count as f64
}

/// All figures of one contender, with so many ids live and so many inserted for each figure.
pub fn run(entry: &Entry, live: usize, inserts: usize) -> Figures {
    let before = octets::live();
    let contender = (entry.make)(live + 4 * inserts);
    for first in (0..live).step_by(BATCH) {
        for number in first..(first + BATCH).min(live) {
            assert!(contender.insert(&id(number), until(number, 0), at(0)), "a new id");
        }
    }
    let octets = octets::live() - before;
    // A replay is refused: what is measured below is a guard.
    assert!(!contender.insert(&id(0), until(0, 0), at(0)), "a replay");
    let mut first = live;
    let mut next = |count| {
        first += count;
        first - count
    };
    let one = rate(&*contender, next(inserts), inserts, 1);
    let two = rate(&*contender, next(inserts), inserts / 2, 2);
    let taken = latencies(&*contender, next(inserts), inserts, 0);
    let expiring = entry.goes_by_given_time.then(|| {
        let begin = Instant::now();
        (latencies(&*contender, next(inserts), inserts, 2 * LIFETIME), begin.elapsed())
    });
    [
        Some(one),
        Some(two),
        part(&taken, 500),
        part(&taken, 990),
        part(&taken, 999),
        part(&taken, 1000),
        Some(float(octets) / float(live)),
        expiring.as_ref().and_then(|(taken, _)| part(taken, 1000)),
        expiring.map(|(_, all)| all.as_secs_f64()),
    ]
}
