//! Any order of insertions and releases: the guard in memory answers as a plain map does.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use std::collections::HashMap;
use std::time::Duration;
use strict_jose::{Insertion, MemoryReplayGuard, NumericDate, ReplayError, ReplayGuard, ReplayId};

#[derive(Debug, Arbitrary)]
enum Step {
    Insert {
        id: u8,
        keep_for: u8,
        nanoseconds: u32,
    },
    Release {
        id: u8,
    },
    /// The clock moves, forwards or back.
    Clock {
        seconds: i8,
    },
}

fuzz_target!(|input: (u8, Vec<Step>)| {
    let (capacity, steps) = (usize::from(input.0 % 8), input.1);
    let guard = MemoryReplayGuard::with_capacity(capacity);
    let mut model = HashMap::new();
    let (mut clock, mut latest) = (1_000_i64, 0_i64);
    for step in steps {
        match step {
            Step::Clock { seconds } => clock = (clock + i64::from(seconds)).max(0),
            Step::Release { id } => {
                model.remove(&(id % IDS));
                guard.release(&replay_id(id)).unwrap();
            }
            Step::Insert { id, keep_for, nanoseconds } => {
                latest = latest.max(clock);
                model.retain(|_, expires| *expires > latest);
                let nanoseconds = nanoseconds % 1_000_000_000;
                let expires = clock + i64::from(keep_for) + i64::from(nanoseconds > 0);
                let until = Duration::new(clock as u64 + u64::from(keep_for), nanoseconds);
                let answer = guard.insert_if_absent(
                    &replay_id(id),
                    NumericDate::from_duration(until).unwrap(),
                    NumericDate::from_seconds(clock as u64).unwrap(),
                );
                let expected = if model.contains_key(&(id % IDS)) || expires <= latest {
                    Ok(Insertion::AlreadyPresent)
                } else if model.len() >= capacity {
                    Err(ReplayError::Full)
                } else {
                    model.insert(id % IDS, expires);
                    Ok(Insertion::Inserted)
                };
                assert_eq!(answer, expected);
                assert_eq!(guard.len().unwrap(), model.len());
            }
        }
    }
});

/// So few that they meet.
const IDS: u8 = 16;

/// Ids that differ in one part only, or by where the parts are cut.
fn replay_id(id: u8) -> ReplayId {
    let parts = [("a", "b", "c"), ("ab", "", "c"), ("a", "", "bc"), ("", "ab", "c")];
    let (issuer, scope, jwt_id) = parts[usize::from(id % 4)];
    ReplayId::new(issuer, scope, &format!("{jwt_id}{}", id % IDS / 4))
}
