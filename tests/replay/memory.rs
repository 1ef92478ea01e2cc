//! The contract of the memory guard: exact among threads, full, at every second, and when clocks step.

use crate::support::kept::Once;
use sha2::{Digest as _, Sha256};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose::{
    Audience, Claims, Hs256Key, Insertion, Issuer, Leeway, MemoryReplayGuard, Monitored,
    NoPrivateClaims, NumericDate, ReplayError, ReplayGuard, ReplayId, Validation, jwt,
};

fn at(second: u64) -> NumericDate {
    NumericDate::from_seconds(second).unwrap()
}

fn id(jti: &str) -> ReplayId<'static> {
    ReplayId::new("issuer", "scope", jti).into_owned()
}

/// The plain way in, which the async one shares the name with.
fn insert(
    guard: &MemoryReplayGuard,
    id: &ReplayId<'_>,
    keep_until: u64,
    now: u64,
) -> Result<Insertion, ReplayError> {
    ReplayGuard::insert_if_absent(guard, id, at(keep_until), at(now))
}

fn release(guard: &MemoryReplayGuard, id: &ReplayId<'_>) {
    ReplayGuard::release(guard, id).unwrap();
}

#[test]
fn of_many_threads_exactly_one_is_first() {
    const THREADS: usize = 64;
    const ROUNDS: usize = 200;
    let guard = MemoryReplayGuard::with_capacity(ROUNDS);
    let barrier = Barrier::new(THREADS);
    let winners: Vec<AtomicUsize> = (0..ROUNDS).map(|_| AtomicUsize::new(0)).collect();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for (round, winners) in winners.iter().enumerate() {
                    let id = id(&round.to_string());
                    barrier.wait();
                    if insert(&guard, &id, 2000, 1000) == Ok(Inserted) {
                        winners.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert!(winners.iter().all(|count| count.load(Ordering::Relaxed) == 1));
    assert_eq!(guard.statistics().live, Some(200));
}

#[test]
fn of_many_threads_exactly_one_is_handed_the_claims() {
    let key = Hs256Key::generate().unwrap();
    let rules = rules().once(MemoryReplayGuard::with_capacity(10)).at_fixed_time(at(1000));
    let barrier = Barrier::new(16);
    for round in 0..10 {
        let token = jwt::sign(&claims(1100).jwt_id(round.to_string()), &key).unwrap();
        let accepted = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    barrier.wait();
                    match jwt::verify::<NoPrivateClaims>(&token, &key, &rules) {
                        Ok(_) => drop(accepted.fetch_add(1, Ordering::Relaxed)),
                        Err(error) => assert_eq!(error.code(), "replay.replayed"),
                    }
                });
            }
        });
        assert_eq!(accepted.into_inner(), 1);
    }
}

#[test]
fn a_full_guard_refuses_and_forgets_nothing() {
    let guard = MemoryReplayGuard::with_capacity(3);
    for jti in ["a", "b", "c"] {
        assert_eq!(insert(&guard, &id(jti), 2000, 1000), Ok(Inserted));
    }
    for jti in ["d", "e", "f", "g"] {
        assert_eq!(insert(&guard, &id(jti), 9000, 1000), Err(ReplayError::Full));
    }
    // A live id is known, not refused for lack of room.
    for jti in ["a", "b", "c"] {
        assert_eq!(insert(&guard, &id(jti), 2000, 1999), Ok(AlreadyPresent));
    }
    assert_eq!(guard.statistics().live, Some(3));
    // Room comes by expiry alone.
    for jti in ["d", "e", "f"] {
        assert_eq!(insert(&guard, &id(jti), 9000, 2000), Ok(Inserted));
    }
    assert_eq!(insert(&guard, &id("g"), 9000, 2000), Err(ReplayError::Full));
    assert_eq!(guard.statistics().live, Some(3));
    assert_eq!(guard.statistics().full, 5);
    let none = MemoryReplayGuard::with_capacity(0);
    assert_eq!(insert(&none, &id("a"), 2000, 1000), Err(ReplayError::Full));
}

#[test]
fn a_full_guard_refuses_the_token() {
    let key = Hs256Key::generate().unwrap();
    let rules = rules().once(MemoryReplayGuard::with_capacity(1)).at_fixed_time(at(1000));
    let verify = |jti: &str| {
        let token = jwt::sign(&claims(1100).jwt_id(jti), &key).unwrap();
        jwt::verify::<NoPrivateClaims>(&token, &key, &rules).map(drop).map_err(|e| e.code())
    };
    assert_eq!(verify("a"), Ok(()));
    assert_eq!(verify("b"), Err("replay.full"));
    assert_eq!(verify("a"), Err("replay.replayed"));
}

#[test]
fn an_id_is_present_up_to_the_last_second_before_its_time() {
    for second in 1000..1010 {
        let guard = MemoryReplayGuard::with_capacity(10);
        assert_eq!(insert(&guard, &id("a"), 1005, 1000), Ok(Inserted));
        // Its own time would have passed too: the longer one tells presence from expiry.
        let expected = if second < 1005 { AlreadyPresent } else { Inserted };
        assert_eq!(insert(&guard, &id("a"), 2000, second), Ok(expected), "{second}");
    }
}

#[test]
fn a_fraction_of_a_second_is_kept_too_long_never_too_short() {
    let until = NumericDate::from_duration(Duration::from_millis(1_005_001)).unwrap();
    for (second, expected) in [(1005, AlreadyPresent), (1006, Inserted)] {
        let guard = MemoryReplayGuard::with_capacity(10);
        assert_eq!(ReplayGuard::insert_if_absent(&guard, &id("a"), until, at(1000)), Ok(Inserted));
        assert_eq!(insert(&guard, &id("a"), 2000, second), Ok(expected), "{second}");
    }
}

/// A token is expired from `exp` plus leeway on, and its id is kept until exactly then: at no second
/// is it both valid and forgotten.
#[test]
fn a_token_is_taken_once_at_any_two_seconds_of_its_life() {
    let key = Hs256Key::generate().unwrap();
    let token = jwt::sign(&claims(1010).jwt_id("a"), &key).unwrap();
    for leeway in [0, 1, 5] {
        for first in 1000..1020 {
            let guard = MemoryReplayGuard::with_capacity(10);
            let verify = |second: u64| {
                let rules = rules()
                    .leeway(Leeway::new(Duration::from_secs(leeway)).unwrap())
                    .at_fixed_time(at(second));
                let rules = rules.once(&guard);
                jwt::verify::<NoPrivateClaims>(&token, &key, &rules).map(drop).map_err(|e| e.code())
            };
            let alive = |second| second < 1010 + leeway;
            let expected = if alive(first) { Ok(()) } else { Err("claim.expired") };
            assert_eq!(verify(first), expected, "{first}, leeway {leeway}");
            for second in first..1020 {
                let code = if alive(second) { "replay.replayed" } else { "claim.expired" };
                assert_eq!(verify(second), Err(code), "{first} then {second}, leeway {leeway}");
            }
        }
    }
}

#[test]
fn a_clock_set_back_brings_no_id_back() {
    let guard = MemoryReplayGuard::with_capacity(10);
    assert_eq!(insert(&guard, &id("a"), 1100, 1000), Ok(Inserted));
    assert_eq!(insert(&guard, &id("b"), 3000, 2000), Ok(Inserted)); // "a" has expired and is gone
    for now in [1000, 1099, 500, 0] {
        // By the latest time seen, "a" is long expired: it may have been used.
        assert_eq!(insert(&guard, &id("a"), 1100, now), Err(ReplayError::ClockBehind), "{now}");
        assert_eq!(insert(&guard, &id("b"), 3000, now), Ok(AlreadyPresent), "{now}");
    }
    // A token that outlives the latest time seen is a token as any other, whatever the clock says now.
    assert_eq!(insert(&guard, &id("c"), 2001, 1000), Ok(Inserted));
    assert_eq!(insert(&guard, &id("c"), 2001, 1000), Ok(AlreadyPresent));
    assert_eq!(insert(&guard, &id("d"), 2000, 1000), Err(ReplayError::ClockBehind));
    // An id that it has is present, whatever it would be kept until now.
    assert_eq!(insert(&guard, &id("c"), 1500, 1000), Ok(AlreadyPresent));
}

#[test]
fn a_released_id_can_be_used_again_once() {
    let guard = MemoryReplayGuard::with_capacity(1);
    for _ in 0..100 {
        assert_eq!(insert(&guard, &id("a"), 2000, 1000), Ok(Inserted));
        assert_eq!(insert(&guard, &id("a"), 2000, 1000), Ok(AlreadyPresent));
        release(&guard, &id("a"));
        // Its room stays its own until it expires: giving back again and again takes no more.
        assert_eq!(guard.statistics().live, Some(1));
    }
    release(&guard, &id("never there"));
    let guard = MemoryReplayGuard::with_capacity(2);
    // Inserted again for longer, it stays for longer.
    assert_eq!(insert(&guard, &id("a"), 1500, 1000), Ok(Inserted));
    release(&guard, &id("a"));
    assert_eq!(insert(&guard, &id("a"), 2000, 1000), Ok(Inserted));
    assert_eq!(insert(&guard, &id("a"), 2000, 1500), Ok(AlreadyPresent));
    assert_eq!(insert(&guard, &id("a"), 3000, 2000), Ok(Inserted));
}

#[test]
fn a_token_whose_work_failed_can_be_given_back() {
    let key = Hs256Key::generate().unwrap();
    let guard = MemoryReplayGuard::with_capacity(10);
    let rules = rules().once(&guard).at_fixed_time(at(1000));
    let token = jwt::sign(&claims(1100).jwt_id("a"), &key).unwrap();
    let verify = || jwt::verify::<NoPrivateClaims>(&token, &key, &rules);
    let unspent = jwt::check::<NoPrivateClaims, _>(&token, &key, &rules).unwrap();
    let reservation = unspent.spend().unwrap();
    assert_eq!(verify().unwrap_err().code(), "replay.replayed");
    reservation.unspend().unwrap();
    assert!(verify().is_ok());
    assert_eq!(verify().unwrap_err().code(), "replay.replayed");
}

#[test]
fn ids_differ_by_issuer_and_scope_wherever_they_are_cut() {
    let ids = [
        ("a", "b", "c"),
        ("a", "b:c", ""),
        ("a:b", "c", ""),
        ("a:b", "", "c"),
        ("a", "", "b:c"),
        ("a", "bc", ""),
        ("ab", "c", ""),
        ("", "ab", "c"),
        ("", "", "abc"),
        ("abc", "", ""),
        ("a\0b", "c", ""),
        ("a", "b\0c", ""),
    ];
    let guard = MemoryReplayGuard::with_capacity(ids.len());
    for (issuer, scope, jti) in ids {
        let id = ReplayId::new(issuer, scope, jti);
        assert_eq!(insert(&guard, &id, 2000, 1000), Ok(Inserted), "{issuer}/{scope}/{jti}");
        assert_eq!(insert(&guard, &id, 2000, 1000), Ok(AlreadyPresent));
    }
    let mut digests: Vec<_> = ids.iter().map(|(a, b, c)| ReplayId::new(a, b, c).digest()).collect();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), ids.len());
}

/// Stores keep digests: the next version has to find them.
#[test]
fn the_digest_of_an_id_stays() {
    let length = |bytes: usize| match u8::try_from(bytes) {
        Ok(short) if short < 255 => vec![short],
        _ => [&[255], &u64::try_from(bytes).unwrap().to_be_bytes()[..]].concat(),
    };
    for bytes in [0, 1, 254, 255, 256, 300] {
        let text = "x".repeat(bytes);
        let hashed = [&length(bytes)[..], text.as_bytes(), &[1], b"s", b"jti"].concat();
        assert_eq!(ReplayId::new(&text, "s", "jti").digest(), *Sha256::digest(&hashed), "{bytes}");
        let hashed = [&[1], &b"i"[..], &length(bytes), text.as_bytes(), b"jti"].concat();
        assert_eq!(ReplayId::new("i", &text, "jti").digest(), *Sha256::digest(&hashed), "{bytes}");
    }
}

#[test]
fn each_issuer_and_each_scope_takes_a_jti_once() {
    let key = Hs256Key::generate().unwrap();
    let guard = MemoryReplayGuard::with_capacity(10);
    let token =
        |issuer: &str| jwt::sign(&claims(1100).issuer(issuer).jwt_id("same"), &key).unwrap();
    let verify = |issuer: &str, scope: &str| {
        let rules = Validation::new(Issuer::exactly(issuer), Audience::includes("api"));
        let rules = rules.at_fixed_time(at(1000)).once(&guard).replay_scope(scope);
        jwt::verify::<NoPrivateClaims>(&token(issuer), &key, &rules)
            .map(drop)
            .map_err(|error| error.code())
    };
    for (issuer, scope) in [("one", "x"), ("two", "x"), ("one", "y"), ("two", "")] {
        assert_eq!(verify(issuer, scope), Ok(()));
        assert_eq!(verify(issuer, scope), Err("replay.replayed"));
        let known = insert(&guard, &ReplayId::new(issuer, scope, "same"), 1100, 1000);
        assert_eq!(known, Ok(AlreadyPresent));
    }
    assert_eq!(guard.statistics().live, Some(4));
}
#[test]
fn statistics_say_what_is_held_what_was_refused_and_what_expires_next() {
    let guard = MemoryReplayGuard::with_capacity(2);
    let next = |guard: &MemoryReplayGuard| guard.statistics().oldest_expiry;
    assert_eq!((guard.capacity(), next(&guard)), (2, None));
    assert_eq!(insert(&guard, &id("late"), 2000, 1000), Ok(Inserted));
    assert_eq!(next(&guard), Some(at(2000)));
    assert_eq!(insert(&guard, &id("soon"), 1500, 1000), Ok(Inserted));
    assert_eq!(next(&guard), Some(at(1500)));
    for _ in 0..3 {
        assert_eq!(insert(&guard, &id("soon"), 1500, 1000), Ok(AlreadyPresent));
    }
    assert_eq!(insert(&guard, &id("more"), 1600, 1000), Err(ReplayError::Full));
    let statistics = guard.statistics();
    assert_eq!((statistics.live, statistics.present, statistics.full), (Some(2), 3, 1));
    // The room of what has expired is looked for when it is needed.
    assert_eq!(insert(&guard, &id("more"), 1600, 1500), Ok(Inserted));
    assert_eq!((guard.statistics().live, next(&guard)), (Some(2), Some(at(1600))));
}

fn rules() -> Validation {
    Validation::new(Issuer::exactly("as"), Audience::includes("api"))
}

fn claims(expires: u64) -> Claims {
    Claims::expiring_at(at(expires)).issuer("as").audience("api")
}
