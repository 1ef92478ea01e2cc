//! What an operator sees: the counts of every guard, and which step of a store failed.

use crate::support::{claims::*, kept::Once, signing::*};
use std::error::Error as _;
use std::sync::Arc;
use strict_jose::{
    Error, Insertion, MemoryReplayGuard, Monitored, NoPrivateClaims, NumericDate, ReplayCounters,
    ReplayError, ReplayGuard, ReplayId, ReplayStatistics, StoreFailure, jwt,
};

#[test]
fn counters_count_each_answer_and_give_it_back() {
    let counters = ReplayCounters::default();
    let failure = ReplayError::from(StoreFailure::new("store.forked", "opened by another process"));
    let answers = [
        Ok(Insertion::Inserted),
        Ok(Insertion::AlreadyPresent),
        Err(ReplayError::Full),
        Err(ReplayError::UNAVAILABLE),
        Err(failure),
        Err(ReplayError::ClockBehind),
    ];
    for answer in answers {
        assert_eq!(counters.insertion(answer), answer);
    }
    for answer in [Ok(()), Ok(()), Err(failure)] {
        assert_eq!(counters.release(answer), answer);
    }
    let mut expected = ReplayStatistics::default();
    (expected.inserted, expected.present, expected.full) = (1, 1, 1);
    (expected.unavailable, expected.clock_behind, expected.released) = (3, 1, 2);
    assert_eq!(counters.statistics(), expected);
}

fn through(guard: impl Monitored) -> ReplayStatistics {
    guard.statistics()
}

#[test]
fn a_guard_is_monitored_through_every_pointer() {
    let guard = Arc::new(MemoryReplayGuard::with_capacity(10));
    let monitored: Arc<dyn Monitored> = guard.clone();
    let at = |seconds| NumericDate::from_seconds(seconds).unwrap();
    let inserted = guard.insert_if_absent(&ReplayId::new("as", "", "1"), at(20), at(10));
    assert_eq!(inserted, Ok(Insertion::Inserted));
    let counts = through(&guard);
    assert_eq!((counts.inserted, counts.live, counts.oldest_expiry), (1, Some(1), Some(at(20))));
    assert_eq!(through(Arc::clone(&monitored)), counts);
    assert_eq!(through(&*monitored), counts);
}

/// A store that cannot answer, and says why.
struct Forked;

const FORKED: StoreFailure = StoreFailure::new("store.forked", "opened by another process");

impl ReplayGuard for Forked {
    fn insert_if_absent(
        &self,
        _: &ReplayId<'_>,
        _: NumericDate,
        _: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        Err(FORKED.into())
    }

    fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
        Err(FORKED.into())
    }
}

#[test]
fn what_a_store_says_of_its_failure_reaches_the_operator() {
    let rules = rules().once(Forked);
    let token = token(claims(&[("jti", "\"1\"")]));
    let error = jwt::verify::<NoPrivateClaims>(&token, &hs256(), &rules).unwrap_err();
    assert_eq!((error.code(), error.store_code()), ("replay.unavailable", Some("store.forked")));
    let mut texts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(inner) = source {
        texts.push(inner.to_string());
        source = inner.source();
    }
    assert_eq!(
        texts,
        [
            "the replay store is unavailable",
            "the replay store is unavailable",
            "opened by another process"
        ]
    );
    for silent in [Error::Replayed, ReplayError::Full.into(), ReplayError::UNAVAILABLE.into()] {
        assert_eq!(silent.store_code(), None);
    }
}
