//! The contract, within one process and over orderly restarts.

use super::{Scratch, at, id, insert, open};
use rusqlite::Connection;
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose::{Monitored, ReplayError, ReplayGuard, replay_contract};
use strict_jose_stores::SqliteReplayGuard;

fn rows(path: &Path) -> usize {
    let connection = Connection::open(path).unwrap();
    let count: u32 =
        connection.query_row("SELECT count(*) FROM ids", [], |row| row.get(0)).unwrap();
    count.try_into().unwrap()
}

#[test]
fn the_contract_holds() {
    let scratch = Scratch::new("contract");
    let mut files = 0;
    let mut fresh = |capacity| {
        files += 1;
        let file = scratch.file().with_extension(files.to_string());
        SqliteReplayGuard::open(file, capacity).unwrap()
    };
    let report = replay_contract::check(|| fresh(10_000)).unwrap();
    assert_eq!(report.clauses.len(), 9);
    replay_contract::check_capacity(|ids| fresh(ids.try_into().unwrap())).unwrap();
}

#[test]
fn an_operator_sees_what_was_answered_and_what_the_file_holds() {
    let scratch = Scratch::new("statistics");
    let guard = open(&scratch.file()).unwrap();
    assert_eq!((guard.statistics().live, guard.statistics().oldest_expiry), (Some(0), None));
    assert_eq!(insert(&guard, "a", 2000, 1000), Ok(Inserted));
    assert_eq!(insert(&guard, "b", 1500, 1000), Ok(Inserted));
    assert_eq!(insert(&guard, "a", 2000, 1000), Ok(AlreadyPresent));
    assert_eq!(insert(&guard, "c", 900, 900), Err(ReplayError::ClockBehind));
    let counts = guard.statistics();
    assert_eq!((counts.inserted, counts.present, counts.clock_behind), (2, 1, 1));
    assert_eq!((counts.live, counts.oldest_expiry), (Some(2), Some(at(1500))));
    guard.release(&id("b")).unwrap();
    let counts = guard.statistics();
    assert_eq!((counts.released, counts.live, counts.oldest_expiry), (1, Some(1), Some(at(2000))));
    drop(guard);
    let counts = open(&scratch.file()).unwrap().statistics();
    assert_eq!((counts.inserted, counts.live, counts.oldest_expiry), (0, Some(1), Some(at(2000))));
}

#[test]
fn of_many_threads_exactly_one_is_first() {
    const THREADS: usize = 64;
    const ROUNDS: usize = 20;
    let scratch = Scratch::new("threads");
    let guard = open(&scratch.file()).unwrap();
    let barrier = Barrier::new(THREADS);
    let winners: Vec<_> = (0..ROUNDS).map(|_| AtomicUsize::new(0)).collect();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (guard, barrier, winners) = (&guard, &barrier, &winners);
            scope.spawn(move || {
                for (round, winners) in winners.iter().enumerate() {
                    barrier.wait();
                    if insert(guard, &round.to_string(), 2000, 1000).unwrap() == Inserted {
                        winners.fetch_add(1, Ordering::Relaxed);
                    }
                    // Ids of one's own are written beside them, by whichever thread.
                    let own = format!("{round} of {thread}");
                    assert_eq!(insert(guard, &own, 2000, 1000), Ok(Inserted));
                    assert_eq!(insert(guard, &own, 2000, 1000), Ok(AlreadyPresent));
                }
            });
        }
    });
    assert!(winners.iter().all(|count| count.load(Ordering::Relaxed) == 1));
    drop(guard);
    assert_eq!(rows(&scratch.file()), ROUNDS + ROUNDS * THREADS);
}

#[test]
fn a_full_guard_refuses_and_forgets_nothing_restarted_or_not() {
    let scratch = Scratch::new("full");
    let mut guard = SqliteReplayGuard::open(scratch.file(), 3).unwrap();
    for jti in ["a", "b", "c"] {
        assert_eq!(insert(&guard, jti, 2000, 1000), Ok(Inserted));
    }
    for _ in 0..3 {
        assert_eq!(insert(&guard, "d", 9000, 1000), Err(ReplayError::Full));
        for jti in ["a", "b", "c"] {
            assert_eq!(insert(&guard, jti, 2000, 1999), Ok(AlreadyPresent));
        }
        drop(guard);
        guard = SqliteReplayGuard::open(scratch.file(), 3).unwrap();
    }
    // Room comes by expiry and by release alone.
    for jti in ["d", "e", "f"] {
        assert_eq!(insert(&guard, jti, 9000, 2000), Ok(Inserted));
    }
    assert_eq!(insert(&guard, "g", 9000, 2000), Err(ReplayError::Full));
    guard.release(&id("d")).unwrap();
    assert_eq!(insert(&guard, "g", 9000, 2000), Ok(Inserted));
    assert_eq!(insert(&guard, "d", 9000, 2000), Err(ReplayError::Full));
}

#[test]
fn an_id_is_present_up_to_the_last_second_before_its_time() {
    let scratch = Scratch::new("second");
    let guard = open(&scratch.file()).unwrap();
    let until = strict_jose::NumericDate::from_duration(Duration::from_millis(1_005_001)).unwrap();
    assert_eq!(guard.insert_if_absent(&id("a"), until, at(1000)), Ok(Inserted));
    for second in 1000..1006 {
        assert_eq!(insert(&guard, "a", 2000, second), Ok(AlreadyPresent), "{second}");
    }
    assert_eq!(insert(&guard, "a", 2000, 1006), Ok(Inserted));
    assert_eq!(insert(&guard, "a", 2000, 1999), Ok(AlreadyPresent));
}

#[test]
fn a_clock_set_back_brings_no_id_back_even_after_a_restart() {
    let scratch = Scratch::new("clock");
    let guard = open(&scratch.file()).unwrap();
    assert_eq!(insert(&guard, "a", 1100, 1000), Ok(Inserted));
    assert_eq!(insert(&guard, "kept", 1900, 1000), Ok(Inserted));
    assert_eq!(insert(&guard, "b", 3000, 1500), Ok(Inserted)); // "a" has expired and is gone
    let back = |guard: &SqliteReplayGuard| {
        for now in [0, 1000, 1099, 1500] {
            assert_eq!(insert(guard, "a", 1100, now), Err(ReplayError::ClockBehind), "{now}");
            assert_eq!(insert(guard, "kept", 1900, now), Ok(AlreadyPresent), "{now}");
            assert_eq!(insert(guard, "b", 3000, now), Ok(AlreadyPresent), "{now}");
        }
    };
    back(&guard);
    drop(guard);
    assert_eq!(rows(&scratch.file()), 2);
    let guard = open(&scratch.file()).unwrap();
    back(&guard);
    drop(guard);
    let guard = open(&scratch.file()).unwrap();
    // A clock that was ahead for a while does not outlive the restart by more than what was dropped.
    assert_eq!(insert(&guard, "c", 1101, 1000), Ok(Inserted));
}

#[test]
fn expiry_is_bounded_work_and_keeps_up() {
    let scratch = Scratch::new("expiry");
    let guard = open(&scratch.file()).unwrap();
    for number in 0..100 {
        assert_eq!(insert(&guard, &format!("old {number}"), 1100, 1000), Ok(Inserted));
    }
    assert_eq!(insert(&guard, "one", 3000, 2000), Ok(Inserted));
    drop(guard);
    assert_eq!(rows(&scratch.file()), 100 - 16 + 1);
    let guard = open(&scratch.file()).unwrap();
    for number in 0..10 {
        assert_eq!(insert(&guard, &format!("new {number}"), 3000, 2000), Ok(Inserted));
    }
    drop(guard);
    assert_eq!(rows(&scratch.file()), 11);
}

#[test]
fn a_released_id_can_be_used_again_once() {
    let scratch = Scratch::new("release");
    for _ in 0..3 {
        let guard = open(&scratch.file()).unwrap();
        assert_eq!(insert(&guard, "a", 2000, 1000), Ok(Inserted));
        assert_eq!(insert(&guard, "a", 2000, 1000), Ok(AlreadyPresent));
        guard.release(&id("a")).unwrap();
        guard.release(&id("never there")).unwrap();
    }
}
