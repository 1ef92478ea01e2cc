//! K3 to K7, K19: lifetimes, ids and replay.

use super::support::*;
use crate::kept::Kept;
use serde_json::json;
use std::error::Error as _;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;
use strict_jose::profile::kore::{App, Platform, TokenService, User};
use strict_jose::{
    AfterRestart, Error, Hs256Key, Insertion, MemoryReplayGuard, NumericDate, ReplayError,
    ReplayGuard, ReplayId, Reservation,
};

#[test]
fn k03_with_an_id_an_hour_at_most() {
    let platform = platform();
    let too_long = token(json!({"jti": "k03", "exp": NOW + 3601}));
    assert_eq!(refused(accept(&platform, &too_long), BODY_EXP), "claim.lifetime_too_long");
    // From `iat`, as far back as it lies.
    let early = token(json!({"jti": "k03", "iat": NOW - 1, "exp": NOW + 3600}));
    refused(accept(&platform, &early), BODY_EXP);
    // Neither has used the id up.
    assert!(accept(&platform, &token(json!({"jti": "k03", "exp": NOW + 3600}))).is_ok());
}

#[test]
fn k04_without_an_id_a_day_unless_one_is_enforced() {
    let day = token(json!({"exp": NOW + 86_400}));
    let platform = platform();
    assert!(accept(&platform, &day).is_ok());
    assert!(accept(&platform, &day).is_ok(), "as often as it comes");
    let enforcing = platform.register(app().enforcing_jti());
    assert_eq!(refused(accept(&enforcing, &day), BODY_OTHER), "claim.missing");
    let empty = token(json!({"jti": ""}));
    assert_eq!(refused(accept(&enforcing, &empty), BODY_OTHER), "claim.empty");
    assert!(accept(&enforcing, &token(json!({"jti": "k04"}))).is_ok());
}

#[test]
fn k05_each_token_once() {
    let platform = platform();
    let twice = token(json!({"jti": "twice"}));
    assert!(accept(&platform, &twice).is_ok());
    assert_eq!(refused(accept(&platform, &twice), BODY_REPLAY), "replay.replayed");

    let (many, start) = (token(json!({"jti": "many"})), Barrier::new(64));
    let results: Vec<_> = thread::scope(|scope| {
        let attempts: Vec<_> = (0..64)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    accept(&platform, &many).map(|_| ())
                })
            })
            .collect();
        attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect()
    });
    assert_eq!(results.len(), 64);
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for result in results.into_iter().filter(Result::is_err) {
        assert_eq!(refused(result, BODY_REPLAY), "replay.replayed");
    }
}

#[test]
fn k06_nobody_uses_up_the_id_of_another() {
    let platform = platform();
    let genuine = token(json!({"jti": "victim"}));
    let forged =
        signed(claims(json!({"jti": "victim"})).to_string(), &Hs256Key::generate().unwrap());
    let mut bad = genuine.clone().into_bytes();
    let place = bad.len() - 10;
    bad[place] = if bad[place] == b'A' { b'B' } else { b'A' };
    let bad = String::from_utf8(bad).unwrap();
    for (token, code) in [
        (forged, "signature.invalid"),
        (bad, "signature.invalid"),
        (token(json!({"jti": "victim", "aud": "https://other"})), "claim.mismatch"),
        (token(json!({"jti": "victim", "iat": NOW - 9, "exp": NOW})), "claim.expired"),
        (token(json!({"jti": "victim", "exp": 1})), "claim.expired"),
    ] {
        assert_eq!(refused(accept(&platform, &token), BODY_OTHER), code);
    }
    assert!(accept(&platform, &genuine).is_ok());
}

#[test]
fn k07_the_names_of_kore_win() {
    let (key_b, iss_b) = (Hs256Key::generate().unwrap(), "cs-b");
    let platform = platform().register(App::hs256(iss_b, key_b.clone()));
    let of_b = |others| signed(claims(others).to_string(), &key_b);
    let filled_in = |jti: &str| {
        json!({"iss": "https://idp.example", "sub": "idp-user", "jti": jti, "kore_iss": iss_b,
            "kore_sub": "kore-user", "kore_jti": "same"})
    };
    let identity = accept(&platform, &of_b(filled_in("first"))).unwrap();
    assert_eq!((identity.client_id(), identity.subject()), (iss_b, "kore-user"));
    assert_eq!(identity.jwt_id(), Some("same"));
    assert!(identity.private().is_empty(), "no alias is a private claim");
    // Another `jti` with the same `kore_jti` is the same token again.
    assert_eq!(
        refused(accept(&platform, &of_b(filled_in("other"))), BODY_REPLAY),
        "replay.replayed"
    );
    // `kore_jti` alone bounds the lifetime as `jti` does.
    let alone = json!({"iss": null, "kore_iss": iss_b, "kore_jti": "alone", "exp": NOW + 3601});
    assert_eq!(refused(accept(&platform, &of_b(alone)), BODY_EXP), "claim.lifetime_too_long");
    // One app's key does not vouch for another app, whichever name says so.
    for others in [json!({"iss": ISS, "kore_iss": iss_b}), json!({"iss": iss_b})] {
        let by_a = token(others.clone());
        assert_eq!(refused(accept(&platform, &by_a), BODY_OTHER), "signature.invalid");
        assert!(accept(&platform, &of_b(others)).is_ok(), "the control: by its own key");
    }
    // A `kore_iss` that is no text is nobody's; `iss` does not stand in for it.
    let code = refused(accept(&platform, &token(json!({"kore_iss": 1}))), BODY_OTHER);
    assert_eq!(code, "key.unknown_issuer");
    // The same id of two apps is two ids.
    assert!(accept(&platform, &token(json!({"jti": "same"}))).is_ok());
}

#[test]
fn k19_a_failed_session_gives_the_token_back() {
    let platform = platform();
    let assertion = token(json!({"jti": "k19"}));
    let reserve = |scope| platform.reserve::<Any>(&assertion, scope);

    let reservation = reserve(GRANT).unwrap();
    assert_eq!(reservation.claims().subject(), SUBJECT);
    // As long as the work goes on the token is used.
    assert_eq!(refused(reserve(GRANT), BODY_REPLAY), "replay.replayed");
    assert_eq!(reservation.settle(|_| Err::<(), _>("no session")), Err("no session"));
    reserve(GRANT).unwrap().unspend().unwrap();
    assert_eq!(reserve(GRANT).map(Reservation::commit).unwrap().subject(), SUBJECT);
    assert_eq!(refused(reserve(GRANT), BODY_REPLAY), "replay.replayed");

    // And where the work goes on elsewhere.
    let shared = std::sync::Arc::new(Kept(MemoryReplayGuard::with_capacity(9)));
    let owning =
        Platform::new(shared, AfterRestart::remembered()).register(app()).at_fixed_time(date(NOW));
    let reserve_owned = || owning.reserve::<Any>(&assertion, GRANT).map(Reservation::into_owned);
    let failed = reserve_owned().unwrap();
    thread::spawn(move || failed.unspend().unwrap()).join().unwrap();
    let lost = reserve_owned().unwrap();
    thread::spawn(move || drop(lost)).join().unwrap();
    refused(reserve_owned(), BODY_REPLAY); // dropped, it stays used

    // The socket connection is a place of its own.
    assert!(platform.accept::<Any>(&assertion, "socket").is_ok());
    refused(platform.accept::<Any>(&assertion, "socket"), BODY_REPLAY);
    refused(reserve(GRANT), BODY_REPLAY);
}

/// Answers in one way and releases in another.
struct Broken(Result<Insertion, ReplayError>);

impl ReplayGuard for Broken {
    fn insert_if_absent(
        &self,
        _: &ReplayId<'_>,
        _: NumericDate,
        _: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        self.0
    }

    fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
        Err(ReplayError::UNAVAILABLE)
    }
}

#[test]
fn k19_a_guard_that_cannot_answer_is_no_401() {
    let assertion = token(json!({"jti": "k19"}));
    let with = |answer| {
        Platform::new(Kept(Broken(answer)), AfterRestart::remembered())
            .register(app())
            .at_fixed_time(date(NOW))
    };
    for error in [ReplayError::Full, ReplayError::UNAVAILABLE] {
        let refusal = with(Err(error)).accept::<Any>(&assertion, GRANT).unwrap_err();
        assert_eq!((refusal.status(), refusal.reason()), (503, &Error::Replay(error)));
        assert!(refusal.body().ends_with(r#","code":503}]}"#));
    }
    let platform = with(Ok(Insertion::Inserted));
    let reservation = platform.reserve::<Any>(&assertion, GRANT).unwrap();
    assert_eq!(reservation.unspend(), Err(ReplayError::UNAVAILABLE));

    let full = Platform::new(Kept(MemoryReplayGuard::with_capacity(1)), AfterRestart::remembered())
        .register(app())
        .at_fixed_time(date(NOW));
    assert!(accept(&full, &assertion).is_ok());
    assert_eq!(accept(&full, &token(json!({"jti": "next"}))).unwrap_err().status(), 503);
    assert!(accept(&full, &token(json!({}))).is_ok(), "a token without id asks no guard");
}

#[test]
fn k19_the_same_with_a_guard_that_answers_later() {
    let platform = platform(); // the memory guard is one of either kind
    let assertion = token(json!({"jti": "k19"}));
    let reserve = || at_once(platform.reserve_async::<Any>(&assertion, GRANT));
    let reservation = reserve().unwrap();
    assert_eq!(format!("{reservation:?}"), "Reservation(<redacted>)");
    at_once(reservation.unspend_async()).unwrap();
    drop(reserve().unwrap());
    assert_eq!(refused(reserve(), BODY_REPLAY), "replay.replayed");
    let elsewhere = || at_once(platform.accept_async::<Any>(&assertion, "socket"));
    assert_eq!(elsewhere().unwrap().subject(), SUBJECT);
    assert_eq!(refused(elsewhere(), BODY_REPLAY), "replay.replayed");
}

#[test]
fn a_refusal_shows_its_answer_and_keeps_its_reason() {
    let platform = platform();
    let once = token(json!({"jti": "once"}));
    assert!(accept(&platform, &once).is_ok());
    let full = Platform::new(Kept(MemoryReplayGuard::with_capacity(0)), AfterRestart::remembered())
        .register(app())
        .at_fixed_time(date(NOW));
    let too_long = token(json!({"jti": "long", "exp": NOW + 3601}));
    for (refused, text) in [
        (accept(&platform, &too_long), "the token lives longer than its id is kept"),
        (accept(&platform, &once), "the token was used before"),
        (accept(&platform, &token(json!({"exp": 1}))), "the token is not accepted"),
        (accept(&full, &once), "the token cannot be checked now"),
    ] {
        let refusal = refused.unwrap_err();
        assert_eq!(refusal.to_string(), text);
        assert_eq!(refusal.source().unwrap().to_string(), refusal.reason().to_string());
    }
}

/// The result of a future that never waits.
fn at_once<F: Future>(future: F) -> F::Output {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("nothing to wait for"),
    }
}

#[test]
fn a_restart_lets_no_token_with_an_id_through_again() {
    let used = token(json!({"jti": "used"}));
    assert!(accept(&platform(), &used).is_ok());
    // The next process knows nothing of it.
    assert!(accept(&platform_at(NOW + 1), &used).is_ok());
    let begun_at = |now| {
        let restart = AfterRestart::only_issued_after(date(NOW));
        Platform::new(MemoryReplayGuard::with_capacity(9), restart)
            .register(app())
            .at_fixed_time(date(now))
    };
    let begun = || begun_at(NOW + 5);
    assert_eq!(refused(accept(&begun(), &used), BODY_OTHER), "claim.issued_too_early");
    let new = token(json!({"jti": "new", "iat": NOW + 1}));
    let platform = begun();
    assert!(accept(&platform, &new).is_ok());
    assert_eq!(refused(accept(&platform, &new), BODY_REPLAY), "replay.replayed");
    let lenient =
        begun().leeway(strict_jose::Leeway::new(std::time::Duration::from_secs(1)).unwrap());
    assert_eq!(refused(accept(&lenient, &new), BODY_OTHER), "claim.issued_too_early");
    let undated = token(json!({"jti": "undated", "iat": null}));
    assert_eq!(refused(accept(&begun(), &undated), BODY_OTHER), "claim.missing");
    // While the process before it still serves, it is not ready, and says 503.
    let early = accept(&begun_at(NOW - 1), &token(json!({"jti": "early", "iat": NOW - 1})));
    let refusal = early.unwrap_err();
    assert_eq!((refusal.status(), refusal.reason().code()), (503, "replay.not_ready"));
    // Without an id a token comes as often as it likes.
    assert!(accept(&begun(), &token(json!({}))).is_ok());
    // Milliseconds count in whole seconds, as they do elsewhere.
    let dated = |iat: u64| token(json!({"jti": "milliseconds", "iat": iat}));
    let compat = begun().compat();
    assert_eq!(
        refused(accept(&compat, &dated(NOW * 1000 + 999)), BODY_OTHER),
        "claim.issued_too_early"
    );
    assert!(accept(&compat, &dated(NOW * 1000 + 1000)).is_ok());
}

/// Webhook mode: the identity token is the bearer of every request.
#[test]
fn k26_a_bearer_of_many_requests_has_no_jti() {
    let service = || TokenService::hs256(ISS, secret()).unwrap().at_fixed_time(date(NOW));
    let hour = service().without_jti().lifetime(Duration::from_secs(3600)).unwrap();
    let token = hour.issue(&User::new(SUBJECT)).unwrap();
    for seconds in [0, 1, 60, 3598, 3599] {
        let identity = accept(&platform_at(NOW + seconds), &token).unwrap();
        assert_eq!((identity.subject(), identity.jwt_id()), (SUBJECT, None), "{seconds}");
    }
    let platform = platform();
    for _ in 0..5 {
        assert!(accept(&platform, &token).is_ok());
    }
    assert_eq!(refused(accept(&platform_at(NOW + 3600), &token), BODY_OTHER), "claim.expired");
    let longer = service().without_jti().lifetime(Duration::from_secs(3601));
    assert_eq!(longer.unwrap_err().code(), "claim.lifetime_too_long");

    // With a `jti` the first request is the only one.
    let token = service().issue(&User::new(SUBJECT)).unwrap();
    assert!(accept(&platform, &token).is_ok());
    for _ in 0..4 {
        assert_eq!(refused(accept(&platform, &token), BODY_REPLAY), "replay.replayed");
    }

    // Where the app enforces `jti`, none without is accepted.
    let token = service().without_jti().issue(&User::new(SUBJECT)).unwrap();
    assert!(accept(&platform, &token).is_ok());
    let enforcing = platform_at(NOW).register(app().enforcing_jti());
    assert_eq!(refused(accept(&enforcing, &token), BODY_OTHER), "claim.missing");
}
