//! What outlives a process: the date after a restart, and the scopes under which stores keep ids.

use super::stores::{from, token_by, verifier};
use super::support::*;
use crate::kept::Kept;
use serde_json::{Value, json};
use std::sync::Mutex;
use strict_jose::profile::session::{MemoryEndedSessions, Request, Verifier};
use strict_jose::{
    AfterRestart, Insertion, MemoryReplayGuard, NumericDate, ReplayError, ReplayGuard, ReplayId,
};

#[test]
fn a_restart_lets_nothing_through_that_was_used_or_ended_before_it() {
    let began = AfterRestart::only_issued_after(date(NOW));
    let page = Request::new().session("s1");
    let of = |claims: Value| {
        sign(&with(json!({"sub": "u", "sid": "s1", "exp": NOW + 20}), &claims), &key("k"))
    };
    let verifier = |now| {
        let guard = MemoryReplayGuard::with_capacity(9);
        Verifier::new(cognigy(), key("k"), guard, began).at_fixed_time(date(now))
    };
    let code = |token: &str, now| match verifier(now).accept(token, &page) {
        Ok(_) => "accepted",
        Err(refusal) => refusal.reason().code(),
    };
    let (old, new) = (json!({"iat": NOW}), json!({"iat": NOW + 1}));
    for jti in [json!({"jti": "1"}), json!({})] {
        assert_eq!(code(&of(with(old.clone(), &jti)), NOW + 1), "claim.issued_too_early");
        assert_eq!(code(&of(with(new.clone(), &jti)), NOW + 1), "accepted");
        // The old process still serves: not ready, and no 401.
        let early = of(with(json!({"iat": NOW - 1, "exp": NOW + 10}), &jti));
        assert_eq!(code(&early, NOW - 1), "replay.not_ready");
        assert_eq!(verifier(NOW - 1).accept(&early, &page).unwrap_err().status(), 503);
    }
    // A token that breaks another rule is told so, ready or not.
    assert_eq!(code(&of(json!({"exp": NOW - 2, "iat": NOW - 9})), NOW - 1), "claim.expired");
    // The store of ended sessions forgets as well: the later of the two dates counts.
    let later = AfterRestart::only_issued_after(date(NOW + 1));
    let ended = MemoryEndedSessions::with_capacity(9);
    let both = verifier(NOW + 2).with_ended(ended, later);
    let refusal = both.accept(&of(new), &page).unwrap_err();
    assert_eq!(refusal.reason().code(), "claim.issued_too_early");
    assert!(both.accept(&of(json!({"iat": NOW + 2})), &page).is_ok());
}

/// The scopes are part of what a store keeps: one that changes lets every token in again.
#[test]
fn the_scopes_of_stored_ids_stay() {
    #[derive(Default)]
    struct Seen(Mutex<Vec<String>>);
    impl ReplayGuard for Seen {
        fn insert_if_absent(
            &self,
            id: &ReplayId<'_>,
            _: NumericDate,
            _: NumericDate,
        ) -> Result<Insertion, ReplayError> {
            self.0.lock().unwrap().push(id.scope().to_owned());
            Ok(Insertion::Inserted)
        }

        fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
            Ok(())
        }
    }
    let seen = Seen::default();
    assert!(verifier(&seen).accept(&token_by("pk_live_1", "t1"), &from("pk_live_1")).is_ok());
    let plain = Verifier::new(cognigy(), key("k"), Kept(&seen), AfterRestart::remembered())
        .at_fixed_time(date(NOW));
    let claims = json!({"sub": "u", "sid": "s1", "jti": "1", "exp": NOW + 20});
    assert!(plain.accept(&sign(&claims, &key("k")), &Request::new().session("s1")).is_ok());
    assert_eq!(*seen.0.lock().unwrap(), ["session pk_live_1", "session"]);
    let vectors: Value =
        serde_json::from_str(include_str!("../../../test-vectors/replay/ids.json")).unwrap();
    let stored = |scope: &str| vectors.as_array().unwrap().iter().any(|id| id["scope"] == scope);
    assert!(seen.0.lock().unwrap().iter().all(|scope| stored(scope)));
}
