//! Classes 72 to 74, 77, 79 and 80: each token once, by one atomic step, after every other rule.

use crate::support::{
    block_on::ready,
    bytes::*,
    claims::*,
    kept::{Kept, Once},
    outcome::*,
    signing::*,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use strict_jose::{
    AsyncReplayGuard, Audience, Error, Insertion, Issuer, MemoryReplayGuard, Monitored,
    NoPrivateClaims, NumericDate, ReplayError, ReplayGuard, ReplayId, SingleUse, Validated,
    Validation, jwt,
};

type Rules<G> = Validation<SingleUse<Arc<Kept<G>>>>;

fn once() -> Rules<MemoryReplayGuard> {
    rules().once(MemoryReplayGuard::with_capacity(100))
}

fn verify_once<G: ReplayGuard>(
    token: &str,
    rules: &Rules<G>,
) -> Result<Validated<NoPrivateClaims>, Error> {
    jwt::verify(token, &hs256(), rules)
}

/// A guard that answers as it is told, and counts.
struct Told(Result<Insertion, ReplayError>, AtomicUsize);

impl ReplayGuard for Told {
    fn insert_if_absent(
        &self,
        _: &ReplayId<'_>,
        _: NumericDate,
        _: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0
    }

    fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
        Err(ReplayError::UNAVAILABLE)
    }
}

#[test]
fn g72_jti_unchecked_or_error_ignored() {
    let (rules, good) = (once(), token(claims(&[])));
    assert_eq!(verify_once(&good, &rules).unwrap().jwt_id(), Some("id-1"));
    for _ in 0..3 {
        assert_rejected(&verify_once(&good, &rules), "replay.replayed", "again");
    }
    for (jti, expected) in
        [("", "claim.missing"), ("null", "claim.wrong_type"), ("\"\"", "claim.empty")]
    {
        let fault = token(claims(&[("jti", jti)]));
        assert_rejected(&verify_once(&fault, &rules), expected, jti);
    }
    // Whatever the store says but "inserted" refuses the token.
    for (answer, expected) in [
        (Ok(Insertion::Inserted), "accepted"),
        (Ok(Insertion::AlreadyPresent), "replay.replayed"),
        (Err(ReplayError::UNAVAILABLE), "replay.unavailable"),
        (Err(ReplayError::Full), "replay.full"),
    ] {
        let fresh = || Told(answer, AtomicUsize::new(0));
        let told = crate::support::claims::rules().once(fresh());
        assert_eq!(outcome(&verify_once(&good, &told)), expected);
        assert_eq!(told.guard().1.load(Ordering::Relaxed), 1, "asked once");
        let maybe = crate::support::claims::rules().once_if_jti_present(Arc::new(fresh()));
        assert_eq!(outcome(&verify_once(&good, &maybe)), expected);
    }
    // To give a token back that the guard does not give back is an error, not a silence.
    let told = Told(Ok(Insertion::Inserted), AtomicUsize::new(0));
    let told = crate::support::claims::rules().once(&told);
    let unspent = jwt::check::<NoPrivateClaims, _>(&good, &hs256(), &told).unwrap();
    assert_eq!(unspent.spend().unwrap().unspend(), Err(ReplayError::UNAVAILABLE));
    let full = crate::support::claims::rules().once(MemoryReplayGuard::with_capacity(0));
    assert_rejected(&verify_once(&good, &full), "replay.full", "no room at all");
}

impl AsyncReplayGuard for Told {
    async fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        ReplayGuard::insert_if_absent(self, id, keep_until, now)
    }

    async fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        ReplayGuard::release(self, id)
    }
}

#[test]
fn g72_jti_unchecked_or_error_ignored_async() {
    let good = token(claims(&[]));
    for (answer, expected) in [
        (Ok(Insertion::Inserted), "accepted"),
        (Ok(Insertion::AlreadyPresent), "replay.replayed"),
        (Err(ReplayError::UNAVAILABLE), "replay.unavailable"),
        (Err(ReplayError::Full), "replay.full"),
    ] {
        let told = rules().once(Told(answer, AtomicUsize::new(0)));
        let verdict = ready(jwt::verify_async::<NoPrivateClaims>(&good, &hs256(), &told));
        assert_eq!(outcome(&verdict), expected);
        assert_eq!(told.guard().1.load(Ordering::Relaxed), 1, "asked once");
    }
    let rules = once();
    let verdict = || outcome(&ready(jwt::verify_async::<NoPrivateClaims>(&good, &hs256(), &rules)));
    assert_eq!(verdict(), "accepted");
    assert_eq!(verdict(), "replay.replayed");
}

#[test]
fn g73_race_between_check_and_insert() {
    const THREADS: usize = 64;
    const ROUNDS: usize = 1000;
    let rules = rules().once(MemoryReplayGuard::with_capacity(ROUNDS));
    let tokens: Vec<_> =
        (0..ROUNDS).map(|round| token(claims(&[("jti", &text(&round.to_string()))]))).collect();
    let (barrier, key) = (Barrier::new(THREADS), hs256());
    let accepted: Vec<_> = (0..ROUNDS).map(|_| AtomicUsize::new(0)).collect();
    let replayed = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for (token, accepted) in tokens.iter().zip(&accepted) {
                    barrier.wait();
                    match jwt::verify::<NoPrivateClaims>(token, &key, &rules) {
                        Ok(_) => accepted.fetch_add(1, Ordering::Relaxed),
                        Err(Error::Replayed) => replayed.fetch_add(1, Ordering::Relaxed),
                        Err(error) => panic!("{error}"),
                    };
                }
            });
        }
    });
    assert!(accepted.iter().all(|count| count.load(Ordering::Relaxed) == 1));
    assert_eq!(replayed.into_inner(), ROUNDS * (THREADS - 1));
    // The guard's trait has the one atomic question, and the way back.
    let source = include_str!("../../src/replay/guard.rs");
    let guard =
        source.split("pub trait ReplayGuard").nth(1).unwrap().split("\n}\n").next().unwrap();
    let methods: Vec<_> = guard
        .lines()
        .filter_map(|line| line.trim().strip_prefix("fn ")?.split('(').next())
        .collect();
    assert_eq!(methods, ["insert_if_absent", "release"]);
}

#[test]
fn g74_ids_that_collide() {
    let rules = Validation::new(
        Issuer::any_of(["https://a.example", "https://b.example", "a", "a:b"]).unwrap(),
        Audience::includes(AUD),
    )
    .at_fixed_time(at(NOW))
    .once(MemoryReplayGuard::with_capacity(100));
    let used = |iss: &str, jti: &str| {
        let token = token(claims(&[("iss", &text(iss)), ("jti", &text(jti))]));
        outcome(&verify_once(&token, &rules))
    };
    for (iss, jti) in [
        ("https://a.example", "1"),
        ("https://b.example", "1"),
        ("a", "b:c"),
        ("a:b", "c"),
        ("a", "1"),
        ("a", "1\0"),
        ("a", ":1"),
        ("a:b", "1"),
    ] {
        assert_eq!(used(iss, jti), "accepted", "{iss} {jti}");
    }
    for (iss, jti) in [("https://a.example", "1"), ("a", "b:c"), ("a:b", "c")] {
        assert_eq!(used(iss, jti), "replay.replayed", "{iss} {jti}");
    }
    // What stores are given to key by is as distinct, wherever the three parts are cut.
    let cuts = [
        ("ab", "", "c"),
        ("a", "b", "c"),
        ("a", "", "bc"),
        ("", "ab", "c"),
        ("", "a", "bc"),
        ("", "", "abc"),
        ("abc", "", ""),
        ("", "abc", ""),
        ("a:b", "", "c"),
        ("a", "", "b:c"),
        ("a", ":", "bc"),
        ("a\0", "", "bc"),
        ("a", "\0", "bc"),
    ];
    let digests: std::collections::HashSet<_> =
        cuts.iter().map(|(iss, scope, jti)| ReplayId::new(iss, scope, jti).digest()).collect();
    assert_eq!(digests.len(), cuts.len());
    assert_eq!(ReplayId::new("a", "b", "c").digest(), ReplayId::new("a", "b", "c").digest());
}

#[test]
fn g74_scopes_are_apart() {
    let guard = MemoryReplayGuard::with_capacity(10);
    let scoped = |scope: &str| rules().once(&guard).replay_scope(scope);
    let good = token(claims(&[]));
    for scope in ["", "login", "reset"] {
        assert_eq!(outcome(&verify_once(&good, &scoped(scope))), "accepted", "{scope}");
        assert_rejected(&verify_once(&good, &scoped(scope)), "replay.replayed", scope);
    }
}

#[test]
fn g77_jti_burned_before_the_checks() {
    let rules = once();
    let good = token(claims(&[]));
    let other_key = {
        let (unsigned, _) = good.rsplit_once('.').unwrap();
        format!("{unsigned}.{}", b64([0; 32]))
    };
    let mut faults = vec![(other_key, "signature.invalid")];
    for (claim, value, expected) in [
        ("aud", "\"other\"", "claim.mismatch"),
        ("iss", "\"other\"", "claim.mismatch"),
        ("exp", "1699999999", "claim.expired"),
        ("exp", "1700090000", "claim.lifetime_too_long"),
        ("exp", "\"1700000300\"", "claim.wrong_type"),
        ("exp", "", "claim.missing"),
        ("nbf", "1700000001", "claim.not_yet_valid"),
        ("iat", "1700000001", "claim.issued_in_the_future"),
        ("sub", "1", "claim.wrong_type"),
        ("x", "1,\"x\":1", "json.duplicate_name"),
    ] {
        faults.push((token(claims(&[(claim, value)])), expected));
    }
    faults.push((hs_token(r#"{"alg":"none"}"#, claims(&[])), "header.mismatch"));
    faults.push((hs_token(r#"{"alg":"HS256","crit":["x"]}"#, claims(&[])), "header.unsupported"));
    faults.push((format!("{good}."), "token.segment_count"));
    for (fault, expected) in &faults {
        assert_rejected(&verify_once(fault, &rules), expected, fault);
        assert_eq!(rules.guard().statistics().live, Some(0), "{expected}");
    }
    // Private claims of the wrong type are found out before the id is used, too.
    let verdict = jwt::verify::<std::collections::BTreeMap<String, bool>>(
        &token(claims(&[("x", "1")])),
        &hs256(),
        &rules,
    );
    assert_rejected(&verdict, "claim.wrong_type", "private claims");
    assert_eq!(rules.guard().statistics().live, Some(0));
    assert_eq!(outcome(&verify_once(&good, &rules)), "accepted");
    assert_eq!(rules.guard().statistics().live, Some(1));
    // Given back after failed work, it is good once more.
    let guard = MemoryReplayGuard::with_capacity(1);
    let rules = crate::support::claims::rules().once(&guard);
    let unspent = jwt::check::<NoPrivateClaims, _>(&good, &hs256(), &rules).unwrap();
    assert_eq!(unspent.spend().unwrap().unspend(), Ok(()));
    assert_eq!(outcome(&verify_once(&good, &rules)), "accepted");
    assert_rejected(&verify_once(&good, &rules), "replay.replayed", "again");
}

#[test]
fn g79_no_cache_of_verified_tokens() {
    let good = token(claims(&[]));
    assert_eq!(outcome(&verify(&good)), "accepted");
    // The same text a moment later, under another key, other rules, another issuer.
    let late =
        jwt::verify::<NoPrivateClaims>(&good, &hs256(), &rules().at_fixed_time(at(NOW + 300)));
    assert_rejected(&late, "claim.expired", "late");
    let other = strict_jose::Hs256Key::from_bytes(&[3; 32]).unwrap();
    let verdict = jwt::verify::<NoPrivateClaims>(&good, &other, &rules());
    assert_rejected(&verdict, "signature.invalid", "other key");
    let verdict = jwt::verify::<NoPrivateClaims>(&good, &hs256(), &rules().subject("bob"));
    assert_rejected(&verdict, "claim.mismatch", "other rules");
    assert_eq!(outcome(&verify(&good)), "accepted");
}

#[test]
fn g80_revoked_before_use() {
    // An id put into the guard by hand is a revoked token, as long as it could be used.
    let rules = once();
    let good = token(claims(&[]));
    let id = ReplayId::new(ISS, "", "id-1");
    let revoked = ReplayGuard::insert_if_absent(rules.guard(), &id, at(NOW + 300), at(NOW));
    assert_eq!(revoked, Ok(Insertion::Inserted));
    assert_rejected(&verify_once(&good, &rules), "replay.replayed", "revoked");
    let other = token(claims(&[("jti", "\"id-2\"")]));
    assert_eq!(outcome(&verify_once(&other, &rules)), "accepted");
    // Whatever is not revoked is over within the hour.
    let long = token(claims(&[("jti", "\"id-3\""), ("iat", ""), ("exp", "1700003601")]));
    assert_rejected(&verify_once(&long, &rules), "claim.lifetime_too_long", "exposure");
}
