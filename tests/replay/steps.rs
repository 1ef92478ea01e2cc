//! Single use in steps: checked, spent, committed. Nothing is used up before `spend`, and nothing but a call that
//! says so gives a token back.

use crate::support::block_on::block_on;
use crate::support::kept::{Kept, Once};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use strict_jose::{
    AfterRestart, Audience, Claims, Error, Hs256Key, Insertion, Issuer, MemoryReplayGuard,
    Monitored, NoPrivateClaims, NumericDate, ReplayError, ReplayGuard, ReplayId, SingleUse,
    Unspent, Validation, jwt,
};

pub(super) const NOW: u64 = 1_000_000;

type Guard = Arc<Kept<Arc<MemoryReplayGuard>>>;
pub(super) type Rules<G> = Validation<SingleUse<Arc<Kept<G>>>>;

pub(super) fn at(second: u64) -> NumericDate {
    NumericDate::from_seconds(second).unwrap()
}

pub(super) fn open() -> Validation {
    Validation::new(Issuer::exactly("as"), Audience::includes("api"))
}

pub(super) fn rules<G>(guard: G) -> Rules<G> {
    open().at_fixed_time(at(NOW)).once(guard)
}

pub(super) fn key() -> Hs256Key {
    Hs256Key::from_bytes(&[7; 32]).unwrap()
}

pub(super) fn token(jti: &str) -> String {
    let claims = Claims::expiring_at(at(NOW + 60)).issued_at(at(NOW));
    jwt::sign(&claims.issuer("as").audience("api").subject("alice").jwt_id(jti), &key()).unwrap()
}

pub(super) fn check<G>(
    token: &str,
    rules: &Rules<G>,
) -> Result<Unspent<NoPrivateClaims, Arc<Kept<G>>>, Error> {
    jwt::check(token, &key(), rules)
}

/// What one who comes after finds.
pub(super) fn next<G: ReplayGuard>(token: &str, rules: &Rules<G>) -> &'static str {
    match jwt::verify::<NoPrivateClaims>(token, &key(), rules) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

#[derive(Debug, PartialEq)]
struct Refused;

impl From<Error> for Refused {
    fn from(_: Error) -> Self {
        Self
    }
}

#[test]
fn what_the_callers_own_rules_reject_uses_nothing_up() {
    let guard = MemoryReplayGuard::with_capacity(9);
    let (rules, token) = (rules(&guard), token("a"));
    let unspent = || check(&token, &rules).unwrap();
    assert!(unspent().require(|_| Err(Refused)).is_err());
    assert!(
        unspent().require(|_| Ok::<_, Refused>(())).unwrap().require(|_| Err(Refused)).is_err()
    );
    assert!(unspent().examine(|_| Err::<(), _>(Refused)).is_err());
    assert!(block_on(unspent().require_async(async |_| Err(Refused))).is_err());
    drop(unspent());
    assert_eq!(guard.statistics().live, Some(0));
    // They see the claims, and what they find out is handed on.
    let (unspent, subject) = unspent()
        .require(|claims| if claims.subject() == Some("alice") { Ok(()) } else { Err(Refused) })
        .unwrap()
        .examine(|claims| Ok::<_, Refused>(claims.subject().map(str::to_owned)))
        .unwrap();
    assert_eq!(subject.as_deref(), Some("alice"));
    assert_eq!(guard.statistics().live, Some(0));
    let reservation = unspent.spend().unwrap();
    assert_eq!(reservation.claims().jwt_id(), Some("a"));
    assert_eq!(next(&token, &rules), "replay.replayed");
    assert_eq!(reservation.commit().subject(), Some("alice"));
    assert_eq!(next(&token, &rules), "replay.replayed");
}

#[test]
fn a_token_is_spent_once_however_often_it_was_checked() {
    let guard = MemoryReplayGuard::with_capacity(9);
    let (rules, token) = (rules(&guard), token("a"));
    let checked: Vec<_> = (0..5).map(|_| check(&token, &rules).unwrap()).collect();
    let spent: Vec<_> = checked.into_iter().map(|unspent| unspent.spend().is_ok()).collect();
    assert_eq!(spent, [true, false, false, false, false]);
}

#[test]
fn only_a_call_that_says_so_gives_a_token_back() {
    let guard = Arc::new(MemoryReplayGuard::with_capacity(99));
    let rules = rules(Arc::clone(&guard));
    let mut kept = 0;
    let mut after = |name: &str, expected: &str, work: &dyn Fn(Unspent<NoPrivateClaims, Guard>)| {
        let token = token(name);
        work(check(&token, &rules).unwrap());
        assert_eq!(next(&token, &rules), expected, "{name}");
        kept += 1;
    };
    after("dropped", "replay.replayed", &|unspent| drop(unspent.spend().unwrap()));
    after("committed", "replay.replayed", &|unspent| {
        unspent.spend().unwrap().commit();
    });
    after("panicked", "replay.replayed", &|unspent| {
        let reservation = unspent.spend().unwrap();
        let work = || reservation.settle(|_| -> Result<(), Refused> { panic!("in the work") });
        assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
    });
    after("done", "replay.replayed", &|unspent| {
        assert_eq!(unspent.spend().unwrap().settle(|_| Ok::<_, Refused>(7)), Ok(7));
    });
    after("mapped, dropped", "replay.replayed", &|unspent| {
        drop(unspent.spend().unwrap().map(|claims| claims.subject().map(str::to_owned)));
    });
    after("failed", "accepted", &|unspent| {
        assert_eq!(unspent.spend().unwrap().settle(|_| Err::<(), _>(Refused)), Err(Refused));
    });
    after("unspent", "accepted", &|unspent| unspent.spend().unwrap().unspend().unwrap());
    after("mapped, unspent", "accepted", &|unspent| {
        unspent.spend().unwrap().map(drop).unspend().unwrap();
    });
    // The same of the async calls.
    after("dropped later", "replay.replayed", &|unspent| {
        drop(block_on(unspent.spend_async()).unwrap());
    });
    after("done later", "replay.replayed", &|unspent| {
        let reservation = block_on(unspent.spend_async()).unwrap();
        assert_eq!(block_on(reservation.settle_async(async |_| Ok::<_, Refused>(7))), Ok(7));
    });
    after("cancelled", "replay.replayed", &|unspent| {
        let reservation = block_on(unspent.spend_async()).unwrap();
        let mut work = Box::pin(reservation.settle_async(async |_| {
            core::future::pending::<()>().await;
            Err::<(), _>(Refused)
        }));
        let polled = work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Pending));
    });
    after("failed later", "accepted", &|unspent| {
        let reservation = block_on(unspent.spend_async()).unwrap();
        let failed = block_on(reservation.settle_async(async |_| Err::<(), _>(Refused)));
        assert_eq!(failed, Err(Refused));
    });
    after("unspent later", "accepted", &|unspent| {
        let reservation = block_on(unspent.spend_async()).unwrap();
        block_on(reservation.unspend_async()).unwrap();
    });
    assert_eq!(kept, 13);
}

#[test]
fn a_token_without_jti_asks_no_guard_where_the_rules_accept_it() {
    struct Nobody;
    impl ReplayGuard for Nobody {
        fn insert_if_absent(
            &self,
            _: &ReplayId<'_>,
            _: NumericDate,
            _: NumericDate,
        ) -> Result<Insertion, ReplayError> {
            panic!("asked")
        }

        fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
            panic!("asked")
        }
    }
    let claims = Claims::expiring_at(at(NOW + 60)).issuer("as").audience("api");
    let token = jwt::sign(&claims, &key()).unwrap();
    let optional = open().at_fixed_time(at(NOW)).once_if_jti_present(&Nobody);
    for _ in 0..3 {
        let unspent = jwt::check::<NoPrivateClaims, _>(&token, &key(), &optional).unwrap();
        unspent.scope_by(|_| panic!("has no id, so no scope")).spend().unwrap().unspend().unwrap();
        let unspent = jwt::check::<NoPrivateClaims, _>(&token, &key(), &optional).unwrap();
        assert!(unspent.spend().unwrap().settle(|_| Err::<(), _>(Refused)).is_err());
    }
    let required = rules(&Nobody);
    let error = check(&token, &required).map(drop).unwrap_err();
    assert_eq!(error.code(), "claim.missing", "before any rule of the caller's own");
}

#[test]
fn the_scope_comes_from_what_was_verified() {
    let guard = MemoryReplayGuard::with_capacity(9);
    let (rules, token) = (rules(&guard).replay_scope("named"), token("a"));
    let spend = |scope: &str| {
        let by = |claims: &strict_jose::Checked| {
            format!("{scope} {}", claims.subject().unwrap_or_default())
        };
        check(&token, &rules).unwrap().scope_by(by).spend().map(drop)
    };
    assert_eq!((spend("x"), spend("y")), (Ok(()), Ok(())));
    assert_eq!(spend("x"), Err(Error::Replayed));
    for scope in ["x alice", "y alice"] {
        let id = ReplayId::new("as", scope, "a");
        let known = ReplayGuard::insert_if_absent(&guard, &id, at(NOW + 60), at(NOW));
        assert_eq!(known, Ok(Insertion::AlreadyPresent), "{scope}");
    }
    assert_eq!(next(&token, &rules), "accepted", "the rules' own scope is another");
}

#[test]
fn a_guard_goes_along_by_reference_by_arc_and_as_an_object() {
    fn sent<T: Send + 'static>(value: T) -> T {
        value
    }
    let guard = Arc::new(MemoryReplayGuard::with_capacity(9));
    let object: Arc<dyn ReplayGuard> = guard.clone();
    let by_object: &dyn ReplayGuard = &*guard;
    assert!(check(&token("1"), &rules(&*guard)).unwrap().spend().is_ok());
    assert!(check(&token("2"), &rules(&guard)).unwrap().spend().is_ok());
    assert!(check(&token("3"), &rules(Arc::clone(&guard))).unwrap().spend().is_ok());
    assert!(check(&token("4"), &rules(object)).unwrap().spend().is_ok());
    assert!(check(&token("5"), &rules(by_object)).unwrap().spend().is_ok());
    assert_eq!(guard.statistics().live, Some(5));
    // With a pointer of its own the reservation goes where the work goes.
    let rules = open().at_fixed_time(at(NOW));
    let shared = Arc::new(Kept(Arc::clone(&guard)));
    let rules = rules.single_use(&shared, AfterRestart::remembered());
    let token = token("6");
    let unspent = jwt::check::<NoPrivateClaims, _>(&token, &key(), &rules).unwrap();
    let reservation = sent(unspent.spend().unwrap().into_owned());
    std::thread::spawn(move || reservation.unspend().unwrap()).join().unwrap();
    assert!(jwt::verify::<NoPrivateClaims>(&token, &key(), &rules).is_ok());
}

#[test]
fn what_is_awaited_can_be_sent() {
    fn sent<F: Future + Send>(future: F) -> F {
        future
    }
    let (rules, token) = (rules(Arc::new(MemoryReplayGuard::with_capacity(9))), token("a"));
    let unspent = check(&token, &rules).unwrap();
    let required = sent(unspent.require_async(async |_| Ok::<_, Refused>(())));
    let spent = sent(block_on(required).unwrap().spend_async());
    let settled = sent(block_on(spent).unwrap().settle_async(async |_| Err::<(), _>(Refused)));
    assert_eq!(block_on(settled), Err(Refused));
    let spent = block_on(check(&token, &rules).unwrap().spend_async()).unwrap();
    assert_eq!(block_on(sent(spent.unspend_async())), Ok(()));
    assert!(block_on(sent(jwt::verify_async::<NoPrivateClaims>(&token, &key(), &rules))).is_ok());
}

#[cfg(feature = "jwe")]
#[test]
fn a_nested_token_goes_the_same_way() {
    use strict_jose::{ContentEncryption, RsaOaepDecryptionKey};
    let private =
        RsaOaepDecryptionKey::from_pem(include_str!("../pem/rsa-2048-pkcs1.pem")).unwrap();
    let claims = Claims::expiring_at(at(NOW + 60)).issuer("as").audience("api").jwt_id("a");
    let enc = ContentEncryption::A128Gcm;
    let token = jwt::sign_then_encrypt(&claims, &key(), enc, &private.public_key()).unwrap();
    let guard = MemoryReplayGuard::with_capacity(9);
    let rules = rules(&guard);
    let check = || jwt::decrypt_then_check::<NoPrivateClaims, _>(&token, &private, &key(), &rules);
    assert!(check().unwrap().require(|_| Err(Refused)).is_err());
    check().unwrap().spend().unwrap().unspend().unwrap();
    let key = key();
    let later = jwt::decrypt_then_check_async::<NoPrivateClaims, _>(&token, &private, &key, &rules);
    assert!(block_on(later).unwrap().spend().is_ok());
    assert_eq!(check().unwrap().spend().unwrap_err(), Error::Replayed);
}
