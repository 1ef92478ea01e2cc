//! The clause that takes many threads.

use super::harness::{DEFAULT_TTL, Harness, Violation};
use super::{Insertion, ReplayGuard};
use crate::error::ReplayError;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;

/// Under Miri a few threads and rounds suffice: it reports a data race by what the threads did, not by
/// what came of it.
const THREADS: usize = if cfg!(miri) { 8 } else { 64 };
const ROUNDS: usize = if cfg!(miri) { 5 } else { 1000 };

/// Rounds in which an id is released by one thread while the others ask for it.
const RELEASES: usize = if cfg!(miri) { 5 } else { 200 };

/// What the threads were told in one round.
#[derive(Default)]
struct Tally {
    inserted: AtomicUsize,
    present: AtomicUsize,
}

pub(super) fn one_is_inserted<G: ReplayGuard>(harness: &Harness<'_, G>) -> Result<(), Violation> {
    let asked = |round| harness.insert(&harness.id(&format!("race {round}")), DEFAULT_TTL, 0);
    for (round, tally) in race(ROUNDS, |_, round| Some(asked(round))).into_iter().enumerate() {
        let (inserted, present) = (tally.inserted.into_inner(), tally.present.into_inner());
        harness.ensure(inserted == 1 && present == THREADS - 1, || {
            let failed = THREADS - inserted - present;
            format!(
                "in round {round} of {THREADS} callers {inserted} were told Inserted, {present} \
                 AlreadyPresent, and {failed} got an error or a panic"
            )
        })?;
    }
    let id = |round: usize| harness.id(&format!("release {round}"));
    for round in 0..RELEASES {
        harness.expect_inserted(&id(round), DEFAULT_TTL, "for an id that nobody had inserted")?;
    }
    let asked = |thread, round: usize| match thread {
        0 => {
            _ = harness.guard.release(&id(round));
            None
        }
        _ => Some(harness.insert(&id(round), DEFAULT_TTL, 0)),
    };
    for (round, tally) in race(RELEASES, asked).into_iter().enumerate() {
        // One more, when all have had their answers: somebody gets what was released, and only once.
        let after = harness.insert(&id(round), DEFAULT_TTL, 0);
        let inserted = tally.inserted.into_inner() + usize::from(after == Ok(Insertion::Inserted));
        harness.ensure(inserted == 1, || {
            format!(
                "{inserted} callers were told Inserted after one release among {THREADS} threads"
            )
        })?;
    }
    Ok(())
}

/// All threads at once, round for round; a thread that answers nothing, or panics, is not counted.
fn race(
    rounds: usize,
    ask: impl Fn(usize, usize) -> Option<Result<Insertion, ReplayError>> + Sync,
) -> Vec<Tally> {
    let tallies: Vec<Tally> = (0..rounds).map(|_| Tally::default()).collect();
    let barrier = Barrier::new(THREADS);
    let (tallied, ask, barrier) = (&tallies, &ask, &barrier);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                for (round, tally) in tallied.iter().enumerate() {
                    barrier.wait();
                    // The others wait for this thread in the next round, whatever becomes of it here.
                    let answer = catch_unwind(AssertUnwindSafe(|| ask(thread, round)));
                    let count = match answer {
                        Ok(Some(Ok(Insertion::Inserted))) => &tally.inserted,
                        Ok(Some(Ok(Insertion::AlreadyPresent))) => &tally.present,
                        _ => continue,
                    };
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    tallies
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::super::harness::Clause;
    use super::*;
    use crate::replay::{MemoryReplayGuard, Monitored};

    /// This clause alone, which Miri runs in seconds: all of them take it many minutes.
    #[test]
    fn the_guard_in_memory_inserts_for_one_of_many() {
        let guard = MemoryReplayGuard::with_issuer_share(10_000, 1500);
        let harness = Harness::new(Clause::Atomicity, &guard).unwrap();
        one_is_inserted(&harness).unwrap();
        let live = guard.statistics().live;
        assert_eq!(live, u64::try_from(ROUNDS + RELEASES).ok());
    }
}
