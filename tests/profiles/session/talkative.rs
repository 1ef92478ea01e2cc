//! T1 to T5.

use super::support::*;
use crate::kept::Kept;
use serde_json::{Value, json};
use std::sync::{Arc, Barrier};
use std::thread;
use strict_jose::profile::session::{
    EndedSessions, Request, SessionStoreError, Ticket, TokenService, Verifier,
};
use strict_jose::{
    AfterRestart, Hs256Key, Insertion, KeySet, MemoryReplayGuard, NumericDate, ReplayError,
    ReplayGuard, ReplayId,
};

const ANSWER: &str = r#"{"error":"invalidSession"}"#;
const BANK: &str = "https://www.bank.example";

fn verifier<G>(guard: G) -> Verifier<KeySet<Hs256Key>, Kept<G>> {
    let keys = KeySet::new([key("pk_live_1"), key("pk_live_2")]).unwrap();
    Verifier::new(talkative(), keys, Kept(guard), AfterRestart::remembered())
        .at_fixed_time(date(NOW))
}

fn token(others: &Value) -> String {
    let claims = json!({"src": BANK, "sid": "chat-1", "jti": "t1", "exp": NOW + 60});
    sign(&with(claims, others), &key("pk_live_1"))
}

fn from(origin: &str) -> Request<'_> {
    Request::new().origin(origin).page_key("pk_live_1")
}

#[test]
fn t01_once() {
    let (verifier, token) = (verifier(MemoryReplayGuard::with_capacity(10)), token(&json!({})));
    assert_eq!(verifier.accept(&token, &from(BANK)).unwrap().session_id(), "chat-1");
    let again = verifier.accept(&token, &from(BANK));
    assert_eq!(refused(again, &token, 401, ANSWER), "replay.replayed");
    let service = TokenService::hs256(talkative(), key("pk_live_1")).at_fixed_time(date(NOW));
    let issued = service.issue(&Ticket::new("chat-1").source(BANK)).unwrap();
    assert!(verifier.accept(&issued, &from(BANK)).is_ok());
    assert_eq!(service.issue(&Ticket::new("chat-1")).unwrap_err().code(), "claim.missing");
}

#[test]
fn t02_exactly_one_of_100() {
    let guard = Arc::new(MemoryReplayGuard::with_capacity(10));
    let verifiers = [verifier(Arc::clone(&guard)), verifier(guard)];
    let (token, start) = (token(&json!({})), Barrier::new(100));
    let results: Vec<_> = thread::scope(|scope| {
        let uses: Vec<_> = (0..100)
            .map(|at| {
                let (verifier, token, start) = (&verifiers[at % 2], &token, &start);
                scope.spawn(move || {
                    start.wait();
                    verifier.accept(token, &from(BANK))
                })
            })
            .collect();
        uses.into_iter().map(|each| each.join().unwrap()).collect()
    });
    let (accepted, rest): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((accepted.len(), rest.len()), (1, 99));
    for result in rest {
        assert_eq!(refused(result, &token, 401, ANSWER), "replay.replayed");
    }
}

#[test]
fn t03_origins_as_the_url_standard_has_them() {
    let (verifier, token) = (verifier(MemoryReplayGuard::with_capacity(10)), token(&json!({})));
    let code = |request| refused(verifier.accept(&token, &request), &token, 401, ANSWER);
    assert_eq!(code(from("http://www.bank.example")), "claim.mismatch");
    assert_eq!(code(from("https://www.bank.example:8443")), "claim.mismatch");
    assert_eq!(code(from("null")), "session.origin_invalid");
    assert_eq!(code(Request::new().page_key("pk_live_1")), "session.origin_missing");
    // The refusals have used nothing up.
    assert!(verifier.accept(&token, &from("https://WWW.BANK.EXAMPLE:443")).is_ok());
    assert_eq!(code(from(BANK)), "replay.replayed");
}

struct Broken(ReplayError);

impl ReplayGuard for Broken {
    fn insert_if_absent(
        &self,
        _: &ReplayId<'_>,
        _: NumericDate,
        _: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        Err(self.0)
    }

    fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
        Err(self.0)
    }
}

struct Unreachable;

impl EndedSessions for Unreachable {
    fn end(&self, _: &str, _: NumericDate, _: NumericDate) -> Result<(), SessionStoreError> {
        Err(SessionStoreError::Unavailable)
    }

    fn has_ended(&self, _: &str, _: NumericDate) -> Result<bool, SessionStoreError> {
        Err(SessionStoreError::Unavailable)
    }
}

#[test]
fn t04_a_store_that_cannot_answer_is_no_401() {
    let first = token(&json!({}));
    for (error, code) in
        [(ReplayError::Full, "replay.full"), (ReplayError::UNAVAILABLE, "replay.unavailable")]
    {
        let result = verifier(Broken(error)).accept(&first, &from(BANK));
        assert_eq!(refused(result, &first, 503, ANSWER), code);
    }
    let small = verifier(MemoryReplayGuard::with_capacity(1));
    assert!(small.accept(&first, &from(BANK)).is_ok());
    let second = token(&json!({"jti": "t4"}));
    assert_eq!(refused(small.accept(&second, &from(BANK)), &second, 503, ANSWER), "replay.full");
    // The other store as well; the id is then not used up.
    let guard = MemoryReplayGuard::with_capacity(1);
    let result = verifier(&guard)
        .with_ended(Kept(Unreachable), AfterRestart::remembered())
        .accept(&first, &from(BANK));
    assert_eq!(refused(result, &first, 503, ANSWER), "session.store_unavailable");
    assert!(verifier(&guard).accept(&first, &from(BANK)).is_ok());
}

#[test]
fn t05_one_page_key() {
    let (verifier, token) = (verifier(MemoryReplayGuard::with_capacity(10)), token(&json!({})));
    let code = |request| refused(verifier.accept(&token, &request), &token, 401, ANSWER);
    let other = Request::new().origin(BANK).page_key("pk_live_2");
    assert_eq!(code(other), "header.mismatch");
    assert_eq!(code(Request::new().origin(BANK)), "session.page_key_not_named");
    assert!(verifier.accept(&token, &from(BANK)).is_ok());
}
