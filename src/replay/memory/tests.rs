//! What the guard answers when threads, full shares and panics come together.

use super::*;
use std::sync::Barrier;

#[test]
fn a_guard_that_a_panic_left_behind_answers_nothing() {
    let guard = MemoryReplayGuard::with_capacity(2);
    let (id, time) = (ReplayId::new("as", "", "1"), NumericDate::from_seconds);
    let insert = |now| ReplayGuard::insert_if_absent(&guard, &id, time(20).unwrap(), now);
    assert_eq!(insert(time(10).unwrap()), Ok(Insertion::Inserted));
    let holder = || {
        let _held = guard.shards.iter().map(Mutex::lock).collect::<Vec<_>>();
        panic!("while it holds the guard");
    };
    assert!(std::thread::scope(|scope| scope.spawn(holder).join()).is_err());
    assert_eq!(insert(time(11).unwrap()), Err(ReplayError::UNAVAILABLE));
    assert_eq!(ReplayGuard::release(&guard, &id), Err(ReplayError::UNAVAILABLE));
    let counts = guard.statistics(); // the operator can still see them
    assert_eq!((counts.inserted, counts.unavailable, counts.live), (1, 2, Some(1)));
}

fn at(seconds: u64) -> NumericDate {
    NumericDate::from_seconds(seconds).unwrap()
}

fn insert(
    guard: &MemoryReplayGuard,
    id: &ReplayId<'_>,
    until: u64,
    now: u64,
) -> Result<Insertion, ReplayError> {
    ReplayGuard::insert_if_absent(guard, id, at(until), at(now))
}

#[test]
fn in_the_last_second_of_an_id_one_wins_too() {
    // Miri reports a data race by what the threads did, not by what came of it: few rounds suffice.
    let rounds = if cfg!(miri) { 2 } else { 2000 };
    for round in 0..rounds {
        let guard = MemoryReplayGuard::with_capacity(1000);
        let id = ReplayId::new("as", "", &round.to_string()).into_owned();
        let barrier = Barrier::new(4);
        let won: usize = std::thread::scope(|scope| {
            // The clock strikes 101, when the id has expired, while others are still at 100.
            scope.spawn(|| {
                barrier.wait();
                for other in 0..64 {
                    let other = ReplayId::new("as", "", &format!("other {other}")).into_owned();
                    assert_eq!(insert(&guard, &other, 200, 101), Ok(Insertion::Inserted));
                }
            });
            let threads = [(); 3].map(|()| {
                scope.spawn(|| {
                    barrier.wait();
                    usize::from(insert(&guard, &id, 101, 100) == Ok(Insertion::Inserted))
                })
            });
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert!(won <= 1, "{won} of 3");
    }
}

#[test]
fn a_share_has_room_again_when_its_ids_have_expired() {
    for share in [1, 10, 100] {
        let guard = MemoryReplayGuard::with_issuer_share(1000, share);
        let id = |jti: usize| ReplayId::new("as", "", &jti.to_string()).into_owned();
        for jti in 0..share {
            assert_eq!(insert(&guard, &id(jti), 100, 50), Ok(Insertion::Inserted));
        }
        assert_eq!(insert(&guard, &id(share), 100, 50), Err(ReplayError::Full));
        assert_eq!(insert(&guard, &ReplayId::new("b", "", "1"), 100, 50), Ok(Insertion::Inserted));
        for jti in 1000..1000 + share {
            assert_eq!(insert(&guard, &id(jti), 2000, 1000), Ok(Insertion::Inserted), "{jti}");
        }
        assert_eq!(insert(&guard, &id(share), 2000, 1000), Err(ReplayError::Full));
        assert_eq!(guard.statistics().live, u64::try_from(share).ok());
    }
}

#[test]
fn names_of_issuers_are_bounded_as_ids_are() {
    let guard = MemoryReplayGuard::with_issuer_share(3, 1);
    for (now, issuer) in [(100, "a"), (200, "b"), (300, "c")] {
        assert_eq!(
            insert(&guard, &ReplayId::new(issuer, "", "1"), now + 1, now),
            Ok(Insertion::Inserted)
        );
    }
    // Three issuers were seen, as many as there may be ids: those without any make room for others.
    assert_eq!(insert(&guard, &ReplayId::new("d", "", "1"), 1001, 1000), Ok(Insertion::Inserted));
    assert_eq!(insert(&guard, &ReplayId::new("a", "", "2"), 1001, 1000), Ok(Insertion::Inserted));
}

#[test]
fn a_service_that_has_seen_many_issuers_accepts_new_ones() {
    let guard = MemoryReplayGuard::with_issuer_share(4, 2);
    let rounds = if cfg!(miri) { 5 } else { 100 }; // each searches all shards
    let mut accepted = 0;
    for round in 0..rounds {
        let now = 1000 + round;
        let of =
            |issuer: &str, jti: &str| insert(&guard, &ReplayId::new(issuer, "", jti), now + 1, now);
        // One is always there, and its share stays counted whoever comes and goes beside it.
        assert_eq!(of("stays", "1"), Ok(Insertion::Inserted), "{round}");
        assert_eq!(of("stays", "2"), Ok(Insertion::Inserted), "{round}");
        assert_eq!(of("stays", "3"), Err(ReplayError::Full), "{round}");
        for issuer in ["x", "y"] {
            let new = format!("{issuer} {round}");
            assert_eq!(of(&new, "1"), Ok(Insertion::Inserted), "{new}");
            accepted += 1;
        }
        assert_eq!(of("one too many", "1"), Err(ReplayError::Full), "{round}");
    }
    assert_eq!(accepted, 2 * rounds);
}

#[test]
fn threads_that_bring_the_same_new_issuer_share_its_count() {
    for round in 0..if cfg!(miri) { 5 } else { 200 } {
        let guard = MemoryReplayGuard::with_issuer_share(3, 1);
        let start = std::sync::Barrier::new(3);
        let inserted: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..3)
                .map(|jti| {
                    let (guard, start) = (&guard, &start);
                    scope.spawn(move || {
                        start.wait();
                        let id = ReplayId::new("new", "", &jti.to_string()).into_owned();
                        usize::from(insert(guard, &id, 200, 100) == Ok(Insertion::Inserted))
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(inserted, 1, "{round}");
    }
}

#[test]
fn an_issuer_that_has_ids_is_not_forgotten() {
    let guard = MemoryReplayGuard::with_issuer_share(3, 1);
    let id = |issuer: &'static str, jti| ReplayId::new(issuer, "", jti);
    assert_eq!(insert(&guard, &id("a", "1"), 200, 10), Ok(Insertion::Inserted));
    for issuer in ["b", "c"] {
        assert_eq!(insert(&guard, &id(issuer, "1"), 50, 10), Ok(Insertion::Inserted));
    }
    // In the place of one of the two whose ids have expired.
    assert_eq!(insert(&guard, &id("d", "1"), 300, 100), Ok(Insertion::Inserted));
    // When the id of the first goes, it is its own count that falls.
    assert_eq!(insert(&guard, &id("d", "2"), 300, 250), Err(ReplayError::Full));
    assert_eq!(insert(&guard, &id("a", "2"), 300, 250), Ok(Insertion::Inserted));
}

#[test]
fn statistics_say_what_is_held_and_was_refused() {
    let guard = MemoryReplayGuard::with_capacity(20);
    assert_eq!(guard.statistics().oldest_expiry, None);
    let id = |jti: u64| ReplayId::new("as", "", &jti.to_string()).into_owned();
    for jti in 0..20 {
        assert_eq!(insert(&guard, &id(jti), 100 + (jti + 7) % 20, 50), Ok(Insertion::Inserted));
    }
    for jti in 0..15 {
        assert_eq!(insert(&guard, &id(jti), 200, 50), Ok(Insertion::AlreadyPresent));
    }
    for jti in 20..25 {
        assert_eq!(insert(&guard, &id(jti), 200, 50), Err(ReplayError::Full));
    }
    for _ in 0..2 {
        assert_eq!(ReplayGuard::release(&guard, &id(13)), Ok(())); // given back once, whoever asks again
    }
    assert_eq!(ReplayGuard::release(&guard, &id(99)), Ok(())); // never there
    assert_eq!(insert(&guard, &id(13), 100, 50), Ok(Insertion::Inserted));
    assert_eq!(insert(&guard, &id(26), 49, 49), Err(ReplayError::ClockBehind));
    let expected = ReplayStatistics {
        inserted: 21,
        present: 15,
        full: 5,
        unavailable: 0,
        clock_behind: 1,
        released: 1,
        live: Some(20),
        oldest_expiry: Some(at(100)),
    };
    assert_eq!(guard.statistics(), expected);
}
