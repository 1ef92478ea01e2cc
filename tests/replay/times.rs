//! What becomes of single use as time goes on: between the steps, without `exp`, and after a restart.

use super::steps::{NOW, at, check, key, next, open, token};
use crate::support::kept::{Kept, Once};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use strict_jose::{
    AfterRestart, Claims, Clock, Error, Insertion, Leeway, MemoryReplayGuard, Monitored,
    NoPrivateClaims, NumericDate, ReplayError, ReplayGuard, ReplayId, jwt,
};

/// A guard with a clock of its own, which forgets what has expired by it, as a store with a time to live does.
#[derive(Default)]
struct Forgetful {
    ids: Mutex<Vec<([u8; 32], NumericDate)>>,
    asked: AtomicU64,
}

impl ReplayGuard for Forgetful {
    fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut ids = self.ids.lock().unwrap();
        ids.retain(|(_, until)| now < *until);
        if ids.iter().any(|(known, _)| *known == id.digest()) {
            return Ok(Insertion::AlreadyPresent);
        }
        ids.push((id.digest(), keep_until));
        Ok(Insertion::Inserted)
    }

    fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
        Err(ReplayError::UNAVAILABLE)
    }
}

#[test]
fn of_two_requests_the_one_that_waits_past_exp_is_rejected_as_expired() {
    let time = Arc::new(AtomicU64::new(NOW));
    let clock = {
        let time = Arc::clone(&time);
        Clock::new(move || NumericDate::from_seconds(time.load(Ordering::Relaxed)))
    };
    for leeway in [0, 5] {
        let guard = Forgetful::default();
        let rules = open()
            .clock(clock.clone())
            .leeway(Leeway::new(Duration::from_secs(leeway)).unwrap())
            .once(&guard);
        time.store(NOW, Ordering::Relaxed);
        let token = token("a");
        let (quick, slow) = (check(&token, &rules).unwrap(), check(&token, &rules).unwrap());
        let in_time = check(&token, &rules).unwrap();
        assert!(quick.spend().is_ok());
        time.store(NOW + 59 + leeway, Ordering::Relaxed);
        assert_eq!(in_time.spend().unwrap_err(), Error::Replayed);
        // The id is gone by now: the guard would insert it again.
        time.store(NOW + 60 + leeway, Ordering::Relaxed);
        assert_eq!(slow.spend().unwrap_err().code(), "claim.expired");
        assert_eq!(guard.asked.load(Ordering::Relaxed), 2, "not asked about what has expired");
        // A clock that goes back does not bring it back either.
        time.store(NOW, Ordering::Relaxed);
        let late = check(&token, &rules).unwrap();
        time.store(NOW - 1000, Ordering::Relaxed);
        assert_eq!(late.spend().unwrap_err(), Error::Replayed);
    }
}

#[test]
fn rules_that_are_kept_take_the_time_anew_unless_it_is_fixed() {
    let token = token("a");
    let read = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&read);
    let clock = Clock::new(move || {
        NumericDate::from_seconds(NOW + 30 * counted.fetch_add(1, Ordering::Relaxed))
    });
    let moving = open().clock(clock);
    let verdicts: Vec<_> = (0..3)
        .map(|_| {
            jwt::verify::<NoPrivateClaims>(&token, &key(), &moving).map_err(|error| error.code())
        })
        .map(|verdict| verdict.err().unwrap_or("accepted"))
        .collect();
    assert_eq!(verdicts, ["accepted", "accepted", "claim.expired"]);
    assert_eq!(read.load(Ordering::Relaxed), 3, "once a call");
    let none = open().clock(Clock::new(|| None));
    let verdict = jwt::verify::<NoPrivateClaims>(&token, &key(), &none);
    assert_eq!(verdict.unwrap_err(), Error::ClockUnavailable);
}

/// Logout tokens and security events (RFC 8417) have no `exp`.
#[test]
fn a_token_without_exp_is_used_once_where_max_age_bounds_it() {
    let claims = Claims::without_expiration().issuer("as").audience("api").issued_at(at(NOW));
    let token = jwt::sign(&claims.clone().jwt_id("a"), &key()).unwrap();
    for leeway in [0, 30] {
        let guard = MemoryReplayGuard::with_capacity(9);
        let rules = |now: u64| {
            open()
                .without_expiration()
                .max_age(Duration::from_secs(120))
                .leeway(Leeway::new(Duration::from_secs(leeway)).unwrap())
                .at_fixed_time(at(now))
                .once(&guard)
        };
        assert_eq!(next(&token, &rules(NOW)), "accepted");
        for now in NOW..NOW + 120 {
            assert_eq!(next(&token, &rules(now)), "replay.replayed", "{now}");
        }
        // An id that is kept as long as its token is accepted cannot come back at the last instant.
        for now in NOW + 120..NOW + 160 {
            assert_eq!(next(&token, &rules(now)), "claim.too_old", "{now}");
        }
    }
    // Nothing bounds it without: neither `exp` nor an age.
    let guard = MemoryReplayGuard::with_capacity(9);
    let endless = open().without_expiration().at_fixed_time(at(NOW)).once(&guard);
    assert_eq!(next(&token, &endless), "claim.missing");
    let undated = Claims::without_expiration().issuer("as").audience("api").jwt_id("b");
    let undated = jwt::sign(&undated, &key()).unwrap();
    let aged = open().without_expiration().max_age(Duration::from_secs(120));
    assert_eq!(next(&undated, &aged.at_fixed_time(at(NOW)).once(&guard)), "claim.missing");
    assert_eq!(guard.statistics().live, Some(0));
}

#[test]
fn an_id_is_kept_until_the_earlier_end_and_the_leeway() {
    struct Until(Mutex<Option<NumericDate>>);
    impl ReplayGuard for Until {
        fn insert_if_absent(
            &self,
            _: &ReplayId<'_>,
            keep_until: NumericDate,
            _: NumericDate,
        ) -> Result<Insertion, ReplayError> {
            *self.0.lock().unwrap() = Some(keep_until);
            Ok(Insertion::Inserted)
        }

        fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
            Ok(())
        }
    }
    for (age, expected) in [(None, 60), (Some(30), 30), (Some(60), 60), (Some(90), 60)] {
        let guard = Until(Mutex::default());
        let rules =
            open().at_fixed_time(at(NOW)).leeway(Leeway::new(Duration::from_secs(5)).unwrap());
        let rules = match age {
            Some(age) => rules.max_age(Duration::from_secs(age)),
            None => rules,
        };
        assert_eq!(next(&token("a"), &rules.once(&guard)), "accepted");
        assert_eq!(*guard.0.lock().unwrap(), Some(at(NOW + expected + 5)), "{age:?}");
    }
}

#[test]
fn a_date_still_ahead_is_not_ready_and_no_401() {
    let guard = MemoryReplayGuard::with_capacity(9);
    let rules = |now: u64| {
        open()
            .at_fixed_time(at(now))
            .single_use_if_jti_present(&guard, AfterRestart::only_issued_after(at(NOW + 10)))
    };
    let verdict =
        |token: &str, now| match jwt::verify::<NoPrivateClaims>(token, &key(), &rules(now)) {
            Ok(_) => "accepted",
            Err(error) => error.code(),
        };
    let claims = |iat| Claims::expiring_in(Duration::from_secs(60)).issued_at(at(iat));
    let token = |iat| {
        jwt::sign(&claims(iat).issuer("as").audience("api").jwt_id(iat.to_string()), &key())
            .unwrap()
    };
    assert_eq!(verdict(&token(NOW), NOW), "replay.not_ready");
    assert_eq!(verdict(&token(NOW + 9), NOW + 9), "replay.not_ready");
    assert_eq!(verdict(&token(NOW + 10), NOW + 10), "replay.not_ready");
    assert_eq!(verdict(&token(NOW + 10), NOW + 11), "claim.issued_too_early");
    assert_eq!(verdict(&token(NOW + 11), NOW + 11), "accepted");
    // What is wrong with a token by other rules is said all the same.
    assert_eq!(verdict(&token(NOW - 60), NOW), "claim.expired");
    let without = jwt::sign(&claims(NOW).issuer("as").audience("api"), &key()).unwrap();
    assert_eq!(verdict(&without, NOW), "accepted");
    assert_eq!(guard.statistics().live, Some(1));
}

#[test]
fn a_token_without_jti_expires_between_the_steps_too() {
    let time = Arc::new(AtomicU64::new(NOW));
    let clock = {
        let time = Arc::clone(&time);
        Clock::new(move || NumericDate::from_seconds(time.load(Ordering::Relaxed)))
    };
    let rules = open().clock(clock).once_if_jti_present(MemoryReplayGuard::with_capacity(9));
    let claims = Claims::expiring_at(at(NOW + 60)).issuer("as").audience("api");
    let token = jwt::sign(&claims, &key()).unwrap();
    let (in_time, too_late) = (check(&token, &rules).unwrap(), check(&token, &rules).unwrap());
    time.store(NOW + 59, Ordering::Relaxed);
    assert!(in_time.spend().is_ok());
    time.store(NOW + 60, Ordering::Relaxed);
    assert_eq!(too_late.spend().unwrap_err().code(), "claim.expired");
}

#[test]
fn what_is_given_back_too_late_is_not_another_tokens_id() {
    let time = Arc::new(AtomicU64::new(NOW));
    let clock = {
        let time = Arc::clone(&time);
        Clock::new(move || NumericDate::from_seconds(time.load(Ordering::Relaxed)))
    };
    let rules = open().clock(clock).once(MemoryReplayGuard::with_capacity(9));
    let late = check(&token("a"), &rules).unwrap().spend().unwrap();
    let settled = check(&token("b"), &rules).unwrap().spend().unwrap();
    time.store(NOW + 60, Ordering::Relaxed); // both have expired
    // An issuer that uses a jti again after that (RFC 7519 section 4.1.7 says it must not).
    let again = |jti: &str| {
        let claims = Claims::expiring_at(at(NOW + 120)).issued_at(at(NOW + 60)).jwt_id(jti);
        jwt::sign(&claims.issuer("as").audience("api"), &key()).unwrap()
    };
    assert_eq!(next(&again("a"), &rules), "accepted");
    assert_eq!(next(&again("b"), &rules), "accepted");
    assert_eq!(late.unspend(), Ok(()));
    assert_eq!(settled.settle(|_| Err::<(), _>("failed")), Err("failed"));
    assert_eq!(next(&again("a"), &rules), "replay.replayed");
    assert_eq!(next(&again("b"), &rules), "replay.replayed");
}

#[test]
fn a_new_process_is_ready_when_fresh_tokens_can_be_late_enough() {
    for (leeway, from) in [(0, NOW + 1), (30, NOW + 31)] {
        let restart = AfterRestart::only_issued_after(at(NOW));
        assert_eq!(restart.ready_from(Duration::from_secs(leeway)), Some(at(from)));
        let guard = Arc::new(MemoryReplayGuard::with_capacity(9));
        let rules = open()
            .leeway(Leeway::new(Duration::from_secs(leeway)).unwrap())
            .single_use(guard, restart.through_pointer());
        // What an issuer with a right clock makes and sends at once.
        let fresh = |now: u64| {
            let claims = Claims::expiring_at(at(now + 60)).issued_at(at(now));
            let claims = claims.issuer("as").audience("api").jwt_id(now.to_string());
            let token = jwt::sign(&claims, &key()).unwrap();
            let milliseconds = Duration::from_millis(now * 1000 + 999);
            let rules =
                rules.clone().at_fixed_time(NumericDate::from_duration(milliseconds).unwrap());
            match jwt::verify::<NoPrivateClaims>(&token, &key(), &rules) {
                Ok(_) => "accepted",
                Err(error) => error.code(),
            }
        };
        for now in NOW..from {
            assert_eq!(fresh(now), "replay.not_ready", "{leeway}, {now}");
        }
        assert_eq!(fresh(from), "accepted", "{leeway}");
    }
    let remembered = AfterRestart::<Kept<MemoryReplayGuard>>::remembered();
    assert_eq!(remembered.ready_from(Duration::ZERO), None);
}
