//! The guard's locks and counts in every order in which a few threads can meet, by `loom`:
//! `RUSTFLAGS="--cfg loom" cargo test --release --lib models`.

use super::*;
use Insertion::{AlreadyPresent, Inserted};
use loom::sync::Arc;
use loom::thread;
use std::sync::atomic::{AtomicUsize as Count, Ordering as Plain};

type Answer = Result<Insertion, ReplayError>;

/// A guard whose ids go to the same shard in every run.
fn guard(shards: usize, capacity: usize) -> MemoryReplayGuard {
    MemoryReplayGuard::with_shards(shards, capacity, Ok(KeyedHash::new(&[7; 16])))
}

fn at(seconds: u64) -> NumericDate {
    NumericDate::from_seconds(seconds).unwrap()
}

/// The id `jti`, to be kept until a second, at another.
type Call = (&'static str, u64, u64);

fn id(jti: &str) -> ReplayId<'_> {
    ReplayId::new("as", "", jti)
}

fn insert(guard: &MemoryReplayGuard, (jti, until, now): Call) -> Answer {
    ReplayGuard::insert_if_absent(guard, &id(jti), at(until), at(now))
}

/// Asks by one thread for each of the calls, after those before them, and hands all answers on.
fn model<const THREADS: usize>(
    begun: impl Fn() -> MemoryReplayGuard + Send + Sync + 'static,
    before: &'static [Call],
    calls: [Call; THREADS],
    judge: impl Fn(&MemoryReplayGuard, [Answer; THREADS]) + Send + Sync + 'static,
) {
    let runs = std::sync::Arc::new(Count::new(0));
    let counted = std::sync::Arc::clone(&runs);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(move || {
        counted.fetch_add(1, Plain::Relaxed);
        let guard = Arc::new(begun());
        for call in before {
            assert_eq!(insert(&guard, *call), Ok(Inserted));
        }
        let threads = calls.map(|call| {
            let guard = Arc::clone(&guard);
            thread::spawn(move || insert(&guard, call))
        });
        judge(&guard, threads.map(|thread| thread.join().unwrap()));
    });
    assert!(runs.load(Plain::Relaxed) > 1, "the threads never met");
}

fn count(answers: &[Answer], answer: Answer) -> usize {
    answers.iter().filter(|one| **one == answer).count()
}

fn live(guard: &MemoryReplayGuard) -> u64 {
    guard.statistics().live.unwrap()
}

#[test]
fn of_callers_at_once_one_is_first() {
    model(
        || guard(1, 9),
        &[],
        [("a", 20, 10); 3],
        |guard, answers| {
            assert_eq!(count(&answers, Ok(Inserted)), 1);
            assert_eq!(count(&answers, Ok(AlreadyPresent)), 2);
            assert_eq!(live(guard), 1);
        },
    );
}

#[test]
fn in_the_last_second_of_an_id_one_wins_at_most() {
    let calls = [("a", 11, 10), ("a", 11, 10), ("b", 20, 11)];
    model(
        || guard(1, 9),
        &[],
        calls,
        |guard, answers| {
            assert!(count(&answers[..2], Ok(Inserted)) <= 1);
            assert_eq!(answers[2], Ok(Inserted));
            // By then its time has passed: it may have been here.
            assert_eq!(insert(guard, ("a", 11, 10)), Err(ReplayError::ClockBehind));
        },
    );
}

#[test]
fn the_last_room_goes_to_one() {
    for shards in [1, 2] {
        let calls = [("a", 20, 10), ("b", 20, 10)];
        model(
            move || guard(shards, 1),
            &[],
            calls,
            |guard, answers| {
                assert_eq!(count(&answers, Ok(Inserted)), 1, "{answers:?}");
                assert_eq!(count(&answers, Err(ReplayError::Full)), 1);
                assert_eq!(live(guard), 1);
            },
        );
    }
}

#[test]
fn one_id_and_the_last_room_go_to_one() {
    let calls = [("a", 20, 10), ("a", 20, 10), ("b", 20, 10)];
    model(
        || guard(1, 1),
        &[],
        calls,
        |guard, answers| {
            assert_eq!(count(&answers, Ok(Inserted)), 1, "{answers:?}");
            assert_eq!(live(guard), 1);
        },
    );
}

#[test]
fn room_that_a_search_makes_goes_to_one() {
    // One expired id takes the only room, in a shard that is not asked or is.
    for shards in [1, 2] {
        let calls = [("b", 20, 11), ("c", 20, 11)];
        model(
            move || guard(shards, 1),
            &[("a", 11, 10)],
            calls,
            |guard, answers| {
                assert_eq!(count(&answers, Ok(Inserted)), 1, "{answers:?}");
                assert_eq!(count(&answers, Err(ReplayError::Full)), 1);
                assert_eq!(live(guard), 1);
            },
        );
    }
}

#[test]
fn one_id_takes_one_of_the_rooms_that_a_search_makes() {
    // Two expired ids of the other shard fill the guard. Who finds it full lets go of the id's shard to
    // look for room, and has to ask for the id again.
    let begun = || {
        let guard = guard(2, 2);
        let shard = |jti| std::ptr::from_ref(guard.shard(guard.key(&id(jti)).unwrap()));
        let others = ["b", "c", "d", "e", "f", "g"];
        let expired = others.into_iter().filter(|jti| shard(jti) != shard("a"));
        let inserted = expired.take(2).map(|jti| insert(&guard, (jti, 11, 10)));
        assert_eq!(inserted.collect::<Vec<_>>(), [Ok(Inserted); 2]);
        guard
    };
    model(begun, &[], [("a", 20, 11), ("a", 20, 11)], |_, answers| {
        assert_eq!(count(&answers, Ok(Inserted)), 1, "{answers:?}");
        assert_eq!(count(&answers, Ok(AlreadyPresent)), 1, "{answers:?}");
    });
}

#[test]
fn a_share_goes_to_one_and_leaves_the_rest() {
    let begun = || {
        let guard = guard(1, 2);
        MemoryReplayGuard { quota: guard.quota.with_share(1), ..guard }
    };
    model(begun, &[], [("a", 20, 10), ("b", 20, 10)], |guard, answers| {
        assert_eq!(count(&answers, Ok(Inserted)), 1, "{answers:?}");
        assert_eq!(live(guard), 1);
        let other = ReplayId::new("another", "", "a");
        assert_eq!(ReplayGuard::insert_if_absent(guard, &other, at(20), at(10)), Ok(Inserted));
    });
}

#[test]
fn an_issuer_without_ids_makes_room_for_one_other() {
    // Room for one id, and so for one issuer: that of the id that has expired is forgotten for one of two.
    let begun = || {
        let guard = guard(1, 1);
        let guard = MemoryReplayGuard { quota: guard.quota.with_share(1), ..guard };
        assert_eq!(insert(&guard, ("a", 11, 10)), Ok(Inserted));
        guard
    };
    loom::model(move || {
        let guard = Arc::new(begun());
        let threads = ["b", "c"].map(|issuer| {
            let guard = Arc::clone(&guard);
            thread::spawn(move || {
                let id = ReplayId::new(issuer, "", "1");
                ReplayGuard::insert_if_absent(&*guard, &id, at(20), at(11))
            })
        });
        let answers = threads.map(|thread| thread.join().unwrap());
        assert_eq!(count(&answers, Ok(Inserted)), 1, "{answers:?}");
        assert_eq!(count(&answers, Err(ReplayError::Full)), 1, "{answers:?}");
        assert_eq!(live(&guard), 1);
        // Its counts are right afterwards: the next one finds the room of the last.
        let next = ReplayId::new("d", "", "1");
        assert_eq!(ReplayGuard::insert_if_absent(&*guard, &next, at(30), at(20)), Ok(Inserted));
    });
}

#[test]
fn what_is_released_once_is_taken_once() {
    loom::model(|| {
        let guard = Arc::new(guard(1, 9));
        assert_eq!(insert(&guard, ("a", 20, 10)), Ok(Inserted));
        let released = Arc::clone(&guard);
        let release = thread::spawn(move || {
            ReplayGuard::release(&*released, &id("a")).unwrap();
        });
        let threads = [(); 2].map(|()| {
            let guard = Arc::clone(&guard);
            thread::spawn(move || insert(&guard, ("a", 20, 10)))
        });
        let mut answers = threads.map(|thread| thread.join().unwrap()).to_vec();
        release.join().unwrap();
        answers.push(insert(&guard, ("a", 20, 10)));
        assert_eq!(count(&answers, Ok(Inserted)), 1);
        assert_eq!(live(&guard), 1);
    });
}
