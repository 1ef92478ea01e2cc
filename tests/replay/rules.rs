//! Where replay stands among the rules: last, so that junk burns no id, and fail-closed, plain and
//! async.

use crate::support::block_on::block_on;
use crate::support::kept::Once;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use strict_jose::{
    AsyncReplayGuard, Audience, Claims, Hs256Key, Insertion, Issuer, Leeway, MemoryReplayGuard,
    Monitored, NoPrivateClaims, NumericDate, ReplayError, ReplayGuard, ReplayId, Validation, jwt,
};

const NOW: u64 = 1_000_000;

fn at(second: u64) -> NumericDate {
    NumericDate::from_seconds(second).unwrap()
}

fn rules() -> Validation {
    Validation::new(Issuer::exactly("as"), Audience::includes("api")).at_fixed_time(at(NOW))
}

fn claims() -> Claims {
    Claims::expiring_at(at(NOW + 60)).issuer("as").audience("api")
}

/// A guard that gives one answer to everything, and remembers what it was asked.
struct Answers {
    insertion: Result<Insertion, ReplayError>,
    release: Result<(), ReplayError>,
    asked: Mutex<Vec<(NumericDate, NumericDate)>>,
}

impl Answers {
    fn new(insertion: Result<Insertion, ReplayError>) -> Self {
        let release = insertion.map(drop);
        Self { insertion, release, asked: Mutex::default() }
    }

    fn times_asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl ReplayGuard for Answers {
    fn insert_if_absent(
        &self,
        _: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        self.asked.lock().unwrap().push((keep_until, now));
        self.insertion
    }

    fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
        self.release
    }
}

/// The async twin, which answers on the second time of asking.
struct AnswersLater(Answers);

impl AsyncReplayGuard for AnswersLater {
    async fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        later().await;
        self.0.insert_if_absent(id, keep_until, now)
    }

    async fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        later().await;
        self.0.release(id)
    }
}

async fn later() {
    let mut ready = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut ready, true) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

#[test]
fn only_inserted_lets_a_token_through() {
    let key = Hs256Key::generate().unwrap();
    let token = jwt::sign(&claims().jwt_id("a"), &key).unwrap();
    let answers = [
        (Ok(Insertion::Inserted), Ok(())),
        (Ok(Insertion::AlreadyPresent), Err("replay.replayed")),
        (Err(ReplayError::Full), Err("replay.full")),
        (Err(ReplayError::UNAVAILABLE), Err("replay.unavailable")),
    ];
    for (answer, expected) in answers {
        for required in [true, false] {
            let guard = Answers::new(answer);
            let rules =
                if required { rules().once(&guard) } else { rules().once_if_jti_present(&guard) };
            let verdict = jwt::verify::<NoPrivateClaims>(&token, &key, &rules);
            assert_eq!(verdict.map(drop).map_err(|error| error.code()), expected);
            assert_eq!(guard.times_asked(), 1);

            let guard = AnswersLater(Answers::new(answer));
            let rules = self::rules().once(&guard);
            let verdict = block_on(jwt::verify_async::<NoPrivateClaims>(&token, &key, &rules));
            assert_eq!(verdict.map(drop).map_err(|error| error.code()), expected);
            assert_eq!(guard.0.times_asked(), 1);
        }
    }
}

#[test]
fn a_guard_that_cannot_release_says_so() {
    let id = ReplayId::new("as", "", "a");
    let key = Hs256Key::generate().unwrap();
    let token = jwt::sign(&claims().jwt_id("a"), &key).unwrap();
    for (answer, expected) in [
        (Ok(Insertion::Inserted), Ok(())),
        (Err(ReplayError::UNAVAILABLE), Err("replay.unavailable")),
    ] {
        let guard = Answers { release: answer.map(drop), ..Answers::new(Ok(Insertion::Inserted)) };
        let rules = rules().once(&guard);
        let unspent = jwt::check::<NoPrivateClaims, _>(&token, &key, &rules).unwrap();
        assert_eq!(unspent.spend().unwrap().unspend().map_err(ReplayError::code), expected);
        let guard = AnswersLater(Answers::new(answer));
        assert_eq!(block_on(guard.release(&id)).map_err(ReplayError::code), expected);
    }
}

#[test]
fn the_guard_is_told_when_the_id_may_go() {
    let key = Hs256Key::generate().unwrap();
    let token = jwt::sign(&claims().jwt_id("a"), &key).unwrap();
    for leeway in [0, 1, 300] {
        let guard = Answers::new(Ok(Insertion::Inserted));
        let rules = rules().leeway(Leeway::new(Duration::from_secs(leeway)).unwrap()).once(&guard);
        assert!(jwt::verify::<NoPrivateClaims>(&token, &key, &rules).is_ok());
        assert_eq!(*guard.asked.lock().unwrap(), [(at(NOW + 60 + leeway), at(NOW))]);
    }
}

#[derive(Serialize, Deserialize)]
struct Role {
    role: String,
}

/// Each of these is the good token with one fault, under its jti, and never reaches the guard.
#[test]
fn junk_burns_no_id() {
    let key = Hs256Key::from_bytes(&[7; 32]).unwrap();
    let other = Hs256Key::from_bytes(&[8; 32]).unwrap();
    let from = |claims: Claims| claims.issuer("as").subject("alice").jwt_id("a");
    let base = || from(Claims::expiring_at(at(NOW + 60)).audience("api"));
    let expiring = |second| from(Claims::expiring_at(at(second)).audience("api"));
    let elsewhere = from(Claims::expiring_at(at(NOW + 60)).audience("elsewhere"));
    let with = |claims: Claims, key: &Hs256Key| {
        jwt::sign(&claims.private(Role { role: "reader".to_owned() }), key).unwrap()
    };
    let good = with(base(), &key);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let changed = if signature.starts_with('A') { 'B' } else { 'A' };
    let junk = [
        (with(base(), &other), "signature.invalid"),
        (format!("{signed}.{changed}{}", &signature[1..]), "signature.invalid"),
        (format!("{good}."), "token.segment_count"),
        (with(base().issuer("another"), &key), "claim.mismatch"),
        (with(elsewhere, &key), "claim.mismatch"),
        (with(base().subject("mallory"), &key), "claim.mismatch"),
        (with(expiring(NOW), &key), "claim.expired"),
        (with(expiring(NOW + 3601), &key), "claim.lifetime_too_long"),
        (with(base().not_before(at(NOW + 1)), &key), "claim.not_yet_valid"),
        (with(base().issued_at(at(NOW + 1)), &key), "claim.issued_in_the_future"),
        (jwt::sign(&base(), &key).unwrap(), "claim.wrong_type"),
    ];
    let guard = Arc::new(MemoryReplayGuard::with_capacity(1));
    let rules = rules().subject("alice").once(Arc::clone(&guard));
    for (token, code) in &junk {
        let error = jwt::verify::<Role>(token, &key, &rules).unwrap_err();
        assert_eq!(error.code(), *code);
        let error = block_on(jwt::verify_async::<Role>(token, &key, &rules)).unwrap_err();
        assert_eq!(error.code(), *code);
        assert_eq!(guard.statistics().live, Some(0), "{code}");
    }
    assert!(jwt::verify::<Role>(&good, &key, &rules).is_ok());
    let error = block_on(jwt::verify_async::<Role>(&good, &key, &rules)).unwrap_err();
    assert_eq!(error.code(), "replay.replayed");
}

#[test]
fn async_and_plain_share_one_guard() {
    let key = Hs256Key::generate().unwrap();
    let rules = rules().once(Arc::new(MemoryReplayGuard::with_capacity(2)));
    let token = |jti: &str| jwt::sign(&claims().jwt_id(jti), &key).unwrap();
    let plain = |jti| jwt::verify::<NoPrivateClaims>(&token(jti), &key, &rules).map(drop);
    let later =
        |jti| block_on(jwt::verify_async::<NoPrivateClaims>(&token(jti), &key, &rules)).map(drop);
    assert_eq!((plain("a"), later("b")), (Ok(()), Ok(())));
    assert_eq!(plain("b").unwrap_err().code(), "replay.replayed");
    assert_eq!(later("a").unwrap_err().code(), "replay.replayed");
    assert_eq!(later("c").unwrap_err().code(), "replay.full");
}

/// A payload as it stands, signed: for what `Claims` does not write.
fn signed(jti: &str, key: &Hs256Key) -> String {
    let exp = NOW + 60;
    let payload = format!(r#"{{"iss":"as","aud":"api","exp":{exp}{jti}}}"#);
    strict_jose::jws::sign(payload, key).unwrap()
}

#[test]
fn an_odd_jti_is_refused_never_skipped() {
    let key = Hs256Key::generate().unwrap();
    let long = format!(r#","jti":"{}""#, "j".repeat(257));
    let longest = format!(r#","jti":"{}""#, "j".repeat(256));
    let cases = [
        (r#","jti":"a""#, Ok(()), Ok(())),
        (longest.as_str(), Ok(()), Ok(())),
        (&long, Err("claim.too_long"), Err("claim.too_long")),
        (r#","jti":"""#, Err("claim.empty"), Err("claim.empty")),
        (r#","jti":1"#, Err("claim.wrong_type"), Err("claim.wrong_type")),
        (r#","jti":null"#, Err("claim.wrong_type"), Err("claim.wrong_type")),
        (r#","jti":["a"]"#, Err("claim.wrong_type"), Err("claim.wrong_type")),
        (r#","jti":"a","jti":"b""#, Err("json.duplicate_name"), Err("json.duplicate_name")),
        ("", Err("claim.missing"), Ok(())),
        (r#","JTI":"a""#, Err("claim.missing"), Ok(())),
    ];
    for (jti, required, if_present) in cases {
        let token = signed(jti, &key);
        let guard = MemoryReplayGuard::with_capacity(1);
        let verdict = jwt::verify::<NoPrivateClaims>(&token, &key, &rules().once(&guard));
        assert_eq!(verdict.map(drop).map_err(|error| error.code()), required, "{jti}");
        let guard = MemoryReplayGuard::with_capacity(1);
        let rules = rules().once_if_jti_present(&guard);
        let verdict = jwt::verify::<NoPrivateClaims>(&token, &key, &rules);
        assert_eq!(verdict.map(drop).map_err(|error| error.code()), if_present, "{jti}");
    }
}

#[test]
fn a_jti_if_present_is_taken_once_and_its_absence_always() {
    let key = Hs256Key::generate().unwrap();
    let guard = MemoryReplayGuard::with_capacity(10);
    let rules = rules().once_if_jti_present(&guard);
    let verify = |token: &str| {
        jwt::verify::<NoPrivateClaims>(token, &key, &rules)
            .map(|claims| claims.jwt_id().is_some())
            .map_err(|error| error.code())
    };
    let (with, without) = (signed(r#","jti":"a""#, &key), signed("", &key));
    assert_eq!(verify(&with), Ok(true));
    assert_eq!(verify(&with), Err("replay.replayed"));
    for _ in 0..3 {
        assert_eq!(verify(&without), Ok(false));
    }
    assert_eq!(guard.statistics().live, Some(1));
    // The lifetime is bounded only where an id has to be remembered.
    let long = |claims: Claims| jwt::sign(&claims.issuer("as").audience("api"), &key).unwrap();
    let far = || Claims::expiring_at(at(NOW + 3601));
    assert_eq!(verify(&long(far())), Ok(false));
    assert_eq!(verify(&long(far().jwt_id("b"))), Err("claim.lifetime_too_long"));
    assert_eq!(verify(&long(Claims::expiring_at(at(NOW + 3600)).jwt_id("b"))), Ok(true));
}

#[test]
fn a_token_without_exp_cannot_be_single_use() {
    let key = Hs256Key::generate().unwrap();
    let claims = Claims::without_expiration().issuer("as").audience("api");
    let guard = MemoryReplayGuard::with_capacity(10);
    let token = jwt::sign(&claims.clone().jwt_id("a"), &key).unwrap();
    let rules = || rules().without_expiration();
    assert!(jwt::verify::<NoPrivateClaims>(&token, &key, &rules()).is_ok());
    for rules in [rules().once(&guard), rules().once_if_jti_present(&guard)] {
        let error = jwt::verify::<NoPrivateClaims>(&token, &key, &rules).unwrap_err();
        assert_eq!(error.code(), "claim.missing");
    }
    assert_eq!(guard.statistics().live, Some(0));
}
