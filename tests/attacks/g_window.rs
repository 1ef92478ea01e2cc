//! Classes 75, 76 and 78: ids are kept as long as their tokens live, however full the store is and
//! wherever the clock goes.

use crate::support::{claims::*, kept::Once, outcome::*, signing::*};
use std::time::Duration;
use strict_jose::{
    Insertion, Leeway, MemoryReplayGuard, Monitored, NoPrivateClaims, NumericDate, ReplayError,
    ReplayGuard, ReplayId, jwt,
};

fn id(number: usize) -> ReplayId<'static> {
    ReplayId::new(ISS, "", &number.to_string()).into_owned()
}

#[test]
fn g75_eviction_and_flooding() {
    const CAPACITY: u16 = 1000;
    let guard = MemoryReplayGuard::with_capacity(CAPACITY.into());
    let rules = rules().once(&guard);
    let used = |number: u16| {
        let jti = text(&number.to_string());
        let token = token(claims(&[("jti", &jti)]));
        outcome(&jwt::verify::<NoPrivateClaims>(&token, &hs256(), &rules))
    };
    assert_eq!(used(0), "accepted");
    for number in 1..CAPACITY {
        assert_eq!(used(number), "accepted");
    }
    for number in CAPACITY..CAPACITY + 100 {
        assert_eq!(used(number), "replay.full");
        assert_eq!(guard.statistics().live, Some(CAPACITY.into()));
    }
    // The victim is still known, and so is everyone else.
    for number in [0, 1, CAPACITY - 1] {
        assert_eq!(used(number), "replay.replayed");
    }
    // Expired ids make room by themselves.
    let later = rules.clone().at_fixed_time(at(NOW + 299));
    let verdict = |rules: &_| {
        let token = token(claims(&[("exp", "1700000400"), ("jti", "\"new\"")]));
        outcome(&jwt::verify::<NoPrivateClaims>(&token, &hs256(), rules))
    };
    assert_eq!(verdict(&later), "replay.full");
    assert_eq!(verdict(&later.at_fixed_time(at(NOW + 300))), "accepted");
    assert!(guard.statistics().live < Some(CAPACITY.into()));
    assert_eq!(guard.statistics().full, 101);
}

#[test]
fn g75_an_issuer_fills_its_own_share_only() {
    let guard = MemoryReplayGuard::with_issuer_share(100, 2);
    let used = |issuer: &str, jti: u32, now: u64| {
        let id = ReplayId::new(issuer, "", &jti.to_string()).into_owned();
        guard.insert_if_absent(&id, at(NOW + 10), at(now))
    };
    for jti in [1, 2] {
        assert_eq!(used("a", jti, NOW), Ok(Insertion::Inserted));
        assert_eq!(used("a", jti, NOW), Ok(Insertion::AlreadyPresent));
    }
    assert_eq!(used("a", 3, NOW), Err(ReplayError::Full));
    assert_eq!(used("b", 3, NOW), Ok(Insertion::Inserted));
    assert_eq!(guard.statistics().live, Some(3));
}

#[test]
fn g75_ids_are_forgotten_second_by_second() {
    // A thousand ids a second for an hour of tokens: what is live stays live, the rest goes.
    let guard = MemoryReplayGuard::with_capacity(10_000);
    for second in 0..100_u64 {
        for number in 0..100 {
            let number = usize::try_from(second).unwrap() * 100 + number;
            let inserted =
                guard.insert_if_absent(&id(number), at(NOW + second + 10), at(NOW + second));
            assert_eq!(inserted, Ok(Insertion::Inserted));
        }
        // A shard drops what has expired when it is next asked: nearly all are, every second.
        let (live, held) = ((second + 1).min(10) * 100, guard.statistics().live.unwrap());
        assert!((live..live + 300).contains(&held), "second {second}: {held}");
    }
}

#[test]
fn g76_id_dies_before_its_token() {
    // Every quarter of a second, around every edge, for whole and broken times of expiry.
    for (exp, quarters) in [("1700000300", 0), ("1700000300.25", 1), ("1700000300.75", 3)] {
        let good = token(claims(&[("exp", exp)]));
        let lifetime = Duration::from_millis(300_000 + 250 * quarters);
        for leeway in [0, 1, 60, 300] {
            let guard = MemoryReplayGuard::with_capacity(10);
            let rules = rules().leeway(Leeway::new(seconds(leeway)).unwrap()).once(&guard);
            let start = Duration::from_secs(NOW);
            let verdict = |now: Duration| {
                let rules = rules.clone().at_fixed_time(NumericDate::from_duration(now).unwrap());
                outcome(&jwt::verify::<NoPrivateClaims>(&good, &hs256(), &rules))
            };
            assert_eq!(verdict(start), "accepted");
            let end = start + lifetime + seconds(leeway);
            let mut now = end - seconds(5);
            let mut refused = [0, 0];
            while now < end + seconds(5) {
                let expected = if now < end { "replay.replayed" } else { "claim.expired" };
                assert_eq!(verdict(now), expected, "{now:?}, leeway {leeway}");
                refused[usize::from(now >= end)] += 1;
                now += Duration::from_millis(250);
            }
            assert_eq!(refused, [20, 20]);
        }
    }
}

#[test]
fn g76_every_second_of_a_lifetime() {
    let good = token(claims(&[("exp", "1700000030")]));
    let guard = MemoryReplayGuard::with_capacity(10);
    let rules = rules().leeway(Leeway::new(seconds(60)).unwrap()).once(&guard);
    let verdict = |now: u64| {
        outcome(&jwt::verify::<NoPrivateClaims>(
            &good,
            &hs256(),
            &rules.clone().at_fixed_time(at(now)),
        ))
    };
    assert_eq!(verdict(NOW), "accepted");
    for now in NOW..NOW + 30 + 60 {
        assert_eq!(verdict(now), "replay.replayed", "{now}");
    }
    for now in NOW + 90..NOW + 100 {
        assert_eq!(verdict(now), "claim.expired", "{now}");
    }
}

#[test]
fn g78_clock_that_goes_back() {
    let guard = MemoryReplayGuard::with_capacity(10);
    let rules = rules().once(&guard);
    let good = token(claims(&[]));
    let fresh = token(claims(&[("jti", "\"id-2\"")]));
    let verdict = |token: &str, now: u64| {
        outcome(&jwt::verify::<NoPrivateClaims>(
            token,
            &hs256(),
            &rules.clone().at_fixed_time(at(now)),
        ))
    };
    assert_eq!(verdict(&good, NOW), "accepted");
    // Two hours on, another token purges the first one's id; then the clock is set back.
    let much_later =
        token(claims(&[("iat", "1700007200"), ("exp", "1700007500"), ("jti", "\"id-3\"")]));
    assert_eq!(verdict(&much_later, NOW + 7200), "accepted");
    assert_eq!(verdict(&good, NOW), "replay.clock_behind");
    // Nor is any token accepted that had its time before the latest time seen: it may have been here.
    assert_eq!(verdict(&fresh, NOW), "replay.clock_behind");
    assert_eq!(verdict(&much_later, NOW + 7200), "replay.replayed");
    let still_good =
        token(claims(&[("iat", "1700007200"), ("exp", "1700007500"), ("jti", "\"id-4\"")]));
    assert_eq!(verdict(&still_good, NOW + 7200), "accepted");
}

#[test]
fn g78_a_store_that_several_share() {
    // Two verifiers with rules of their own, one store: by reference, behind `Arc`, as an object.
    let shared = std::sync::Arc::new(MemoryReplayGuard::with_capacity(10));
    let object: std::sync::Arc<dyn ReplayGuard> = shared.clone();
    let good = token(claims(&[]));
    let one = rules().once(shared);
    let two = rules().subject("alice").once(object);
    assert_eq!(outcome(&jwt::verify::<NoPrivateClaims>(&good, &hs256(), &one)), "accepted");
    let replayed = jwt::verify::<NoPrivateClaims>(&good, &hs256(), &two);
    assert_rejected(&replayed, "replay.replayed", "the other verifier");
    // A restart forgets (the documentation says so); a long-lived store has to be asked then.
    let restarted = rules().once(MemoryReplayGuard::with_capacity(10));
    assert_eq!(outcome(&jwt::verify::<NoPrivateClaims>(&good, &hs256(), &restarted)), "accepted");
}

#[test]
fn g78_release_is_no_way_around() {
    let guard = MemoryReplayGuard::with_capacity(2);
    let insert = |number, until| guard.insert_if_absent(&id(number), at(until), at(NOW));
    assert_eq!(insert(1, NOW + 10), Ok(Insertion::Inserted));
    guard.release(&id(1)).unwrap();
    guard.release(&id(1)).unwrap();
    // Inserted again for longer, it is not purged at the first time.
    assert_eq!(insert(1, NOW + 20), Ok(Insertion::Inserted));
    let at_ten = guard.insert_if_absent(&id(2), at(NOW + 20), at(NOW + 10));
    assert_eq!(at_ten, Ok(Insertion::Inserted));
    assert_eq!(insert(1, NOW + 20), Ok(Insertion::AlreadyPresent));
    assert_eq!(insert(3, NOW + 20), Err(ReplayError::Full));
}
