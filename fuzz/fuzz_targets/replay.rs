//! Any order of insertions and releases: the guard in memory answers as a plain map does.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use std::collections::HashMap;
use std::time::Duration;
use strict_jose::{
    Insertion, MemoryReplayGuard, Monitored, NumericDate, ReplayError, ReplayGuard, ReplayId,
};

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

/// What a plain map knows of an id.
struct Known {
    expires: i64,
    released: bool,
}

fuzz_target!(|input: (u8, Vec<Step>)| {
    let (capacity, steps) = (usize::from(input.0 % 8), input.1);
    let guard = MemoryReplayGuard::with_capacity(capacity);
    let mut model: HashMap<u8, Known> = HashMap::new();
    // Released ids that came back for longer: they take room until they would have expired.
    let mut left_over: Vec<i64> = Vec::new();
    let (mut clock, mut latest) = (1_000_i64, 0_i64);
    for step in steps {
        match step {
            Step::Clock { seconds } => clock = (clock + i64::from(seconds)).max(1),
            Step::Release { id } => {
                if let Some(known) = model.get_mut(&(id % IDS)) {
                    known.released = true;
                }
                guard.release(&replay_id(id)).unwrap();
            }
            Step::Insert { id, keep_for, nanoseconds } => {
                latest = latest.max(clock);
                model.retain(|_, known| known.expires > latest);
                left_over.retain(|expires| *expires > latest);
                let nanoseconds = nanoseconds % 1_000_000_000;
                let expires = clock + i64::from(keep_for) + i64::from(nanoseconds > 0);
                let until = Duration::new(clock as u64 + u64::from(keep_for), nanoseconds);
                let answer = guard.insert_if_absent(
                    &replay_id(id),
                    NumericDate::from_duration(until).unwrap(),
                    NumericDate::from_seconds(clock as u64).unwrap(),
                );
                let longer = model
                    .get(&(id % IDS))
                    .is_some_and(|known| known.released && expires > known.expires);
                if longer && expires > latest {
                    left_over.extend(model.remove(&(id % IDS)).map(|known| known.expires));
                }
                let held = model.len() + left_over.len();
                let expected = match model.get_mut(&(id % IDS)) {
                    Some(known) if expires <= latest && !known.released => {
                        Ok(Insertion::AlreadyPresent)
                    }
                    _ if expires <= latest => Err(ReplayError::ClockBehind),
                    Some(known) if known.released => {
                        known.released = false;
                        Ok(Insertion::Inserted)
                    }
                    Some(_) => Ok(Insertion::AlreadyPresent),
                    None if held >= capacity => Err(ReplayError::Full),
                    None => {
                        model.insert(id % IDS, Known { expires, released: false });
                        Ok(Insertion::Inserted)
                    }
                };
                assert_eq!(answer, expected);
                assert!(usize::try_from(guard.statistics().live.unwrap()).unwrap() <= capacity);
            }
        }
    }
});

/// So few that they meet.
const IDS: u8 = 16;

/// Ids that differ in one part only, or by where the parts are cut.
fn replay_id(id: u8) -> ReplayId<'static> {
    let parts = [("a", "b", "c"), ("ab", "", "c"), ("a", "", "bc"), ("", "ab", "c")];
    let (issuer, scope, jwt_id) = parts[usize::from(id % 4)];
    ReplayId::new(issuer, scope, &format!("{jwt_id}{}", id % IDS / 4)).into_owned()
}
