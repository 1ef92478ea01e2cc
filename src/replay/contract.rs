//! What every replay guard must do, for the tests of those who write one (feature `replay-contract`).
//!
//! [`check`] puts a guard to every clause of the contract that [`ReplayGuard`] states; a bounded guard
//! also has [`check_capacity`], one that can lose its store [`check_unavailable`], and an async one
//! [`check_abandoned`]. An async guard becomes a plain one for the questions by [`Blocking`], several
//! handles of one store become one guard by [`Handles`]; the two go together.
//!
//! ```
//! use std::time::Duration;
//! use strict_jose::MemoryReplayGuard;
//! use strict_jose::replay_contract::{self, Violation};
//!
//! let report = replay_contract::check(|| MemoryReplayGuard::with_capacity(10_000))?;
//! assert_eq!(report.clauses.len(), 9);
//! replay_contract::check_capacity(MemoryReplayGuard::with_capacity)?;
//! # Ok::<(), Violation>(())
//! ```
//!
//! # What is asked of time
//!
//! All times lie about the time by the system's clock, so that a store may go by a clock of its own as
//! well as by the `now` it is given. An id must be present until `keep_until` by both: a guard may keep
//! it longer, which refuses nothing that another rule would take. One clause waits for up to two
//! seconds to see an id through to its end.

mod adapters;
mod checks;
mod harness;
mod race;

pub use adapters::{Blocking, Handles};
pub use harness::{Report, Violation};

use super::{AsyncReplayGuard, Insertion, ReplayGuard};
use crate::error::ReplayError;
use crate::numeric_date::NumericDate;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::Poll;
use core::time::Duration;
use harness::{Clause, DEFAULT_TTL, Harness};
use std::time::Instant;

/// A future that a runner brings to its end; what it answers is kept elsewhere.
pub type Question<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

type CheckFn<G> = fn(&Harness<'_, G>) -> Result<(), Violation>;

/// Puts the guard to every clause that holds for all guards.
///
/// Each clause gets a guard of its own from `fresh`, on a store in which nothing was inserted and no
/// time was named: a new map, directory, table or key prefix. It needs room for 1,500 ids at least.
/// The clause on atomicity asks by 64 threads at once, 1,000 times; under Miri by 8 threads, 5 times.
///
/// # Errors
///
/// The first [`Violation`].
pub fn check<G: ReplayGuard>(mut fresh: impl FnMut() -> G) -> Result<Report, Violation> {
    let clauses: [(Clause, CheckFn<G>); 9] = [
        (Clause::Once, checks::once),
        (Clause::Release, checks::release),
        (Clause::Parts, checks::parts),
        (Clause::Texts, checks::texts),
        (Clause::Seconds, checks::seconds),
        (Clause::ClockSteps, checks::clock_steps),
        (Clause::Passed, checks::passed),
        (Clause::Atomicity, race::one_is_inserted),
        (Clause::Waiting, checks::waiting),
    ];
    let mut report = Report::default();
    for (clause, check) in clauses {
        let guard = fresh();
        let harness = Harness::new(clause, &guard)?;
        check(&harness)?;
        harness.record(&mut report);
    }
    Ok(report)
}

/// Puts a bounded guard, made for so many ids, to the clause on its bound: it fails rather than forget.
///
/// # Errors
///
/// The [`Violation`], if there is one.
pub fn check_capacity<G: ReplayGuard>(
    mut fresh: impl FnMut(usize) -> G,
) -> Result<Report, Violation> {
    let mut report = Report::default();
    for capacity in [0, 1, 3, 100] {
        let guard = fresh(capacity);
        let harness = Harness::new(Clause::Capacity, &guard)?;
        checks::capacity(&harness, capacity)?;
        harness.record(&mut report);
    }
    Ok(report)
}

/// Puts a guard whose store is gone, silent, damaged or left by a panic to the clause on failing: it
/// says so within the time, whatever it is asked.
///
/// How the store came to fail is for the test to arrange, once for each way there is.
///
/// # Errors
///
/// The [`Violation`], if there is one.
pub fn check_unavailable<G: ReplayGuard>(guard: &G, within: Duration) -> Result<Report, Violation> {
    let harness = Harness::new(Clause::Unavailability, guard)?;
    let in_time = |asked: Instant| {
        let taken = asked.elapsed();
        harness
            .ensure(taken <= within, || format!("an answer took {taken:?}, more than {within:?}"))
    };
    for jti in 0..5 {
        let id = harness.id(&jti.to_string());
        let asked = Instant::now();
        let answer = harness.insert(&id, DEFAULT_TTL, 0);
        in_time(asked)?;
        harness.ensure(matches!(answer, Err(ReplayError::Unavailable(_))), || {
            format!("a guard without its store answered {answer:?}")
        })?;
        let asked = Instant::now();
        let answer = harness.guard.release(&id);
        in_time(asked)?;
        harness.ensure(matches!(answer, Err(ReplayError::Unavailable(_))), || {
            format!("a guard without its store answered {answer:?} to a release")
        })?;
    }
    let mut report = Report::default();
    harness.record(&mut report);
    Ok(report)
}

/// Puts an async guard to the clause on callers that go away: a call that is dropped half-way takes
/// the id or leaves it, and the id is still taken once.
///
/// # Errors
///
/// The [`Violation`], if there is one.
pub fn check_abandoned<G, R>(guard: G, run: R) -> Result<Report, Violation>
where
    G: AsyncReplayGuard,
    R: Fn(Question<'_>) + Send + Sync,
{
    let blocking = Blocking::new(guard, run);
    let harness = Harness::new(Clause::Abandonment, &blocking)?;
    for polls in 0..100 {
        let id = harness.id(&polls.to_string());
        let (until, now) = (harness.at(DEFAULT_TTL), harness.at(0));
        let mut finished = None;
        blocking.run(Box::pin(async {
            let mut call = pin!(blocking.guard().insert_if_absent(&id, until, now));
            // 0 to 9 polls: the call is dropped before it starts, in the middle or after its end.
            for _ in 0..polls % 10 {
                let polled = poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await;
                if let Poll::Ready(answer) = polled {
                    finished = Some(answer);
                    break;
                }
            }
        }));
        let answers = [harness.insert(&id, DEFAULT_TTL, 0), harness.insert(&id, DEFAULT_TTL, 0)];
        let inserted = finished
            .into_iter()
            .chain(answers)
            .filter(|answer| *answer == Ok(Insertion::Inserted))
            .count();
        harness.ensure(inserted <= 1 && answers[1] == Ok(Insertion::AlreadyPresent), || {
            format!("after a dropped call that had said {finished:?} it answered {answers:?}")
        })?;
    }
    let mut report = Report::default();
    harness.record(&mut report);
    Ok(report)
}
