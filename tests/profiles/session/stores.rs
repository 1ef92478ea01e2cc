//! The guard and the store of ended sessions: asked last, at once or later, and given back to.

use super::support::*;
use crate::kept::Kept;
use serde_json::json;
use std::sync::Arc;
use strict_jose::profile::session::{
    AsyncEndedSessions, EndedSessions, MemoryEndedSessions, Request, SessionStoreError, Ticket,
    TokenService, Verifier,
};
use strict_jose::{
    AfterRestart, AsyncReplayGuard, Hs256Key, Insertion, KeySet, MemoryReplayGuard, NumericDate,
    ReplayError, ReplayGuard, ReplayId, Reservation,
};

const ANSWER: &str = r#"{"error":"invalidSession"}"#;
const BANK: &str = "https://www.bank.example";

fn verifier_with<G, E>(guard: G, ended: E) -> Verifier<KeySet<Hs256Key>, Kept<G>, Kept<E>> {
    let keys = KeySet::new([key("pk_live_1"), key("pk_live_2")]).unwrap();
    Verifier::new(talkative(), keys, Kept(guard), AfterRestart::remembered())
        .with_ended(Kept(ended), AfterRestart::remembered())
        .at_fixed_time(date(NOW))
}

pub(super) fn verifier<G>(
    guard: G,
) -> Verifier<KeySet<Hs256Key>, Kept<G>, Kept<MemoryEndedSessions>> {
    verifier_with(guard, MemoryEndedSessions::with_capacity(10))
}

pub(super) fn token_by(kid: &str, jti: &str) -> String {
    let claims = json!({"src": BANK, "sid": "chat-1", "jti": jti, "exp": NOW + 60});
    sign(&claims, &key(kid))
}

pub(super) fn from(kid: &str) -> Request<'_> {
    Request::new().origin(BANK).page_key(kid)
}

#[test]
fn t01_a_token_is_given_back_if_its_work_fails() {
    let verifier = verifier(MemoryReplayGuard::with_capacity(10));
    let (token, page) = (token_by("pk_live_1", "t1"), from("pk_live_1"));
    let reservation = verifier.reserve(&token, &page).unwrap();
    assert_eq!(reservation.claims().session_id(), "chat-1");
    let code = |result| refused(result, &token, 401, ANSWER);
    assert_eq!(code(verifier.accept(&token, &page)), "replay.replayed");
    assert_eq!(reservation.settle(|_| Err::<(), _>("no room")), Err("no room"));
    verifier.reserve(&token, &page).unwrap().unspend().unwrap();
    assert_eq!(verifier.reserve(&token, &page).unwrap().commit().session_id(), "chat-1");
    assert_eq!(code(verifier.accept(&token, &page)), "replay.replayed");
    assert_eq!(verifier.reserve(&token, &page).unwrap_err().status(), 401);
}

#[test]
fn t01_a_reservation_goes_with_the_socket() {
    let guard = Arc::new(Kept(MemoryReplayGuard::with_capacity(10)));
    let verifier = Verifier::new(talkative(), key("pk_live_1"), guard, AfterRestart::remembered())
        .at_fixed_time(date(NOW));
    let page = from("pk_live_1");
    let reserve = |token: &str| verifier.reserve(token, &page).map(Reservation::into_owned);
    // A socket that never comes up, or whose thread panics, leaves the token used.
    let token = token_by("pk_live_1", "t1");
    let lost = reserve(&token).unwrap();
    std::thread::spawn(move || drop(lost)).join().unwrap(); // 'static, and sent
    assert_eq!(reserve(&token).unwrap_err().reason().code(), "replay.replayed");
    let token = token_by("pk_live_1", "t2");
    let panics = reserve(&token).unwrap();
    let panicked = std::thread::spawn(move || panics.settle(|_| -> Result<(), ()> { panic!() }));
    assert!(panicked.join().is_err());
    assert_eq!(reserve(&token).unwrap_err().status(), 401);
    let kept = reserve(&token_by("pk_live_1", "t3")).unwrap();
    let opened = std::thread::spawn(move || kept.commit().session_id().to_owned());
    assert_eq!(opened.join().unwrap(), "chat-1");
}

#[test]
fn t01_the_same_with_stores_that_answer_later() {
    fn sent<F: Future + Send>(future: F) -> F {
        future
    }
    let verifier = verifier(MemoryReplayGuard::with_capacity(10)); // those in memory do either
    let (token, page) = (token_by("pk_live_1", "t1"), from("pk_live_1"));
    let reserve = || at_once(sent(verifier.reserve_async(&token, &page)));
    at_once(sent(reserve().unwrap().unspend_async())).unwrap();
    let failed = at_once(sent(reserve().unwrap().settle_async(async |_| Err::<(), _>("no room"))));
    assert_eq!(failed, Err("no room"));
    let reservation = reserve().unwrap();
    assert_eq!(reservation.claims().session_id(), "chat-1");
    drop(reservation);
    assert_eq!(reserve().unwrap_err().reason().code(), "replay.replayed", "dropped, it stays used");
    let next = token_by("pk_live_1", "t2");
    let accept = || at_once(sent(verifier.accept_async(&next, &page)));
    assert_eq!(accept().unwrap().session_id(), "chat-1");
    assert_eq!(refused(accept(), &next, 401, ANSWER), "replay.replayed");
    at_once(sent(verifier.end_async("chat-1"))).unwrap();
    let last = token_by("pk_live_1", "t3");
    let ended = at_once(verifier.accept_async(&last, &page));
    assert_eq!(refused(ended, &last, 401, ANSWER), "session.ended");
}

#[test]
fn t05_a_customer_uses_up_no_id_of_anothers() {
    let verifier = verifier(MemoryReplayGuard::with_capacity(10));
    assert!(verifier.accept(&token_by("pk_live_2", "t1"), &from("pk_live_2")).is_ok());
    assert!(verifier.accept(&token_by("pk_live_1", "t1"), &from("pk_live_1")).is_ok());
    let again = verifier.accept(&token_by("pk_live_1", "t1"), &from("pk_live_1"));
    assert_eq!(again.unwrap_err().reason().code(), "replay.replayed");
    // Without a policy of page keys the issuer vouches, and a key is only the one of the day.
    let keys = KeySet::new([key("2026-11"), key("2026-12")]).unwrap();
    let guard = MemoryReplayGuard::with_capacity(10);
    let verifier = Verifier::new(cognigy(), keys, Kept(guard), AfterRestart::remembered())
        .at_fixed_time(date(NOW));
    let claims = json!({"sub": "u", "sid": "s1", "jti": "1", "exp": NOW + 20});
    let s1 = Request::new().session("s1");
    assert!(verifier.accept(&sign(&claims, &key("2026-11")), &s1).is_ok());
    for request in [s1, s1.page_key("2026-12")] {
        let again = verifier.accept(&sign(&claims, &key("2026-12")), &request);
        assert_eq!(again.unwrap_err().reason().code(), "replay.replayed");
    }
}

#[test]
fn t04_an_id_is_kept_until_its_token_has_expired() {
    struct Asked;
    impl ReplayGuard for Asked {
        fn insert_if_absent(
            &self,
            id: &ReplayId<'_>,
            keep_until: NumericDate,
            now: NumericDate,
        ) -> Result<Insertion, ReplayError> {
            assert_eq!((id.scope(), id.jwt_id()), ("session", "j1"));
            assert_eq!((keep_until, now), (date(NOW + 330), date(NOW)));
            Ok(Insertion::AlreadyPresent)
        }

        fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
            Err(ReplayError::UNAVAILABLE)
        }
    }
    let jodo = Verifier::new(jodoworld(), key("2026-11"), Kept(Asked), AfterRestart::remembered())
        .at_fixed_time(date(NOW));
    let request =
        Request::new().origin("https://www.shop.example").address([203, 0, 113, 9].into());
    let refusal = jodo.accept(&sign(&j1(), &key("2026-11")), &request).unwrap_err();
    assert_eq!(refusal.reason().code(), "replay.replayed");
}

/// Answers whatever it is told to, at once or later.
#[derive(Clone, Copy)]
struct Told(Result<Insertion, ReplayError>, Result<bool, SessionStoreError>);

impl ReplayGuard for Told {
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

impl AsyncReplayGuard for Told {
    async fn insert_if_absent(
        &self,
        _: &ReplayId<'_>,
        _: NumericDate,
        _: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        self.0
    }

    async fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
        Err(ReplayError::UNAVAILABLE)
    }
}

impl EndedSessions for Told {
    fn end(&self, _: &str, _: NumericDate, _: NumericDate) -> Result<(), SessionStoreError> {
        self.1.map(drop)
    }

    fn has_ended(&self, _: &str, _: NumericDate) -> Result<bool, SessionStoreError> {
        self.1
    }
}

impl AsyncEndedSessions for Told {
    async fn end(&self, _: &str, _: NumericDate, _: NumericDate) -> Result<(), SessionStoreError> {
        self.1.map(drop)
    }

    async fn has_ended(&self, _: &str, _: NumericDate) -> Result<bool, SessionStoreError> {
        self.1
    }
}

#[test]
fn t04_every_store_that_cannot_answer_refuses() {
    use strict_jose::Insertion::Inserted;
    let (token, page) = (token_by("pk_live_1", "t1"), from("pk_live_1"));
    for (guard, store, expected) in [
        (Err(ReplayError::Full), Ok(false), "replay.full"),
        (Err(ReplayError::UNAVAILABLE), Ok(false), "replay.unavailable"),
        (Ok(Inserted), Err(SessionStoreError::Unavailable), "session.store_unavailable"),
        (Ok(Inserted), Err(SessionStoreError::Full), "session.store_full"),
        (Err(ReplayError::Full), Err(SessionStoreError::Unavailable), "session.store_unavailable"),
    ] {
        let told = Told(guard, store);
        let verifier = verifier_with(told, told);
        for result in
            [verifier.accept(&token, &page), at_once(verifier.accept_async(&token, &page))]
        {
            assert_eq!(refused(result, &token, 503, ANSWER), expected);
        }
        if store.is_err() {
            assert_eq!(verifier.end("chat-1").unwrap_err().status(), 503);
            assert_eq!(at_once(verifier.end_async("chat-1")).unwrap_err().status(), 503);
        }
    }
    // What cannot be given back stays used, and says so.
    let told = Told(Ok(Inserted), Ok(false));
    let verifier = verifier_with(told, told);
    let reservation = verifier.reserve(&token, &page).unwrap();
    assert_eq!(reservation.unspend(), Err(ReplayError::UNAVAILABLE));
    let reservation = at_once(verifier.reserve_async(&token, &page)).unwrap();
    assert_eq!(at_once(reservation.unspend_async()), Err(ReplayError::UNAVAILABLE));
    // Work that failed says why it did.
    let reservation = verifier.reserve(&token, &page).unwrap();
    assert_eq!(reservation.settle(|_| Err::<(), _>("no room")), Err("no room"));
}

#[test]
fn t04_without_a_store_no_session_can_be_ended() {
    let verifier = Verifier::new(
        cognigy(),
        key("k"),
        Kept(MemoryReplayGuard::with_capacity(1)),
        AfterRestart::remembered(),
    );
    let refusal = verifier.end("s1").unwrap_err();
    assert_eq!((refusal.status(), refusal.reason().code()), (503, "session.store_unavailable"));
    assert_eq!(at_once(verifier.end_async("s1")).unwrap_err().status(), 503);
}

#[test]
fn j05_an_ended_session_stays_ended() {
    let store = Arc::new(MemoryEndedSessions::with_capacity(2));
    let end = |id: &str, until: u64, now: u64| {
        EndedSessions::end(&store, id, date(NOW + until), date(NOW + now))
    };
    let has_ended = |id: &str, now: u64| EndedSessions::has_ended(&store, id, date(NOW + now));
    end("a", 100, 0).unwrap();
    end("b", 200, 0).unwrap();
    assert_eq!((has_ended("a", 0), has_ended("c", 0)), (Ok(true), Ok(false)));
    // Full: a live one is never forgotten to make room, and one that is there takes none.
    assert_eq!(end("c", 300, 99), Err(SessionStoreError::Full));
    assert_eq!((has_ended("a", 99), has_ended("c", 99)), (Ok(true), Ok(false)));
    end("b", 50, 99).unwrap(); // an earlier time changes nothing
    end("c", 300, 100).unwrap();
    assert_eq!((has_ended("a", 100), has_ended("b", 100)), (Ok(false), Ok(true)));
    // The clock goes back to where `a` counted: it does not come back, and so nobody gets in.
    assert_eq!(has_ended("a", 99), Err(SessionStoreError::Unavailable));
    assert_eq!(has_ended("new", 99), Err(SessionStoreError::Unavailable));
    assert_eq!((has_ended("b", 99), has_ended("c", 99)), (Ok(true), Ok(true)));
    // However far it had gone ahead, the wait is for what was forgotten, no longer.
    end("d", 2_000_000, 1_000_000).unwrap();
    assert_eq!(has_ended("new", 299), Err(SessionStoreError::Unavailable));
    assert_eq!((has_ended("new", 300), has_ended("d", 300)), (Ok(false), Ok(true)));
}

#[test]
fn j05_a_session_counts_as_ended_as_long_as_its_tokens_can_live() {
    let store = MemoryEndedSessions::with_capacity(1);
    let end = |id, after: u64| {
        Verifier::new(
            jodoworld(),
            key("k"),
            Kept(MemoryReplayGuard::with_capacity(1)),
            AfterRestart::remembered(),
        )
        .with_ended(Kept(&store), AfterRestart::remembered())
        .at_fixed_time(date(NOW + after))
        .end(id)
        .map_err(|refusal| refusal.reason().code())
    };
    // 300 seconds and twice 30 of leeway: until then its place is not given to another.
    assert_eq!(end("call-7", 0), Ok(()));
    assert_eq!(end("call-8", 359), Err("session.store_full"));
    assert_eq!(end("call-8", 360), Ok(()));
    // A token whose issuer's clock is ahead by the leeway lives as long.
    let keys = KeySet::new([key("2026-11")]).unwrap();
    let (guard, ended) =
        (MemoryReplayGuard::with_capacity(9), MemoryEndedSessions::with_capacity(1));
    let ahead = |after| {
        Verifier::new(jodoworld(), keys.clone(), Kept(&guard), AfterRestart::remembered())
            .with_ended(Kept(&ended), AfterRestart::remembered())
            .at_fixed_time(date(NOW + after))
    };
    let times = json!({"iat": NOW + 30, "exp": NOW + 330});
    let token = sign(&with(j1(), &times), &key("2026-11"));
    let page = Request::new().origin("https://www.shop.example").address([203, 0, 113, 9].into());
    ahead(0).end("call-7").unwrap();
    for after in [0, 329, 330, 359] {
        let refusal = ahead(after).accept(&token, &page);
        assert_eq!(refusal.unwrap_err().reason().code(), "session.ended", "{after}");
    }
    let late = ahead(360).accept(&token, &page);
    assert_eq!(late.unwrap_err().reason().code(), "claim.expired");
}

#[test]
fn j05_many_threads_end_no_more_than_there_is_room_for() {
    let store = MemoryEndedSessions::with_capacity(10);
    let ended: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let store = &store;
                scope.spawn(move || {
                    let end = |at| {
                        let id = format!("{thread}-{at}");
                        EndedSessions::end(store, &id, date(NOW + 60), date(NOW)).is_ok()
                    };
                    (0..10).filter(|at| end(*at)).count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(ended, 10);
}

#[test]
fn the_guard_is_asked_only_about_what_keeps_every_rule() {
    let verifier = verifier(MemoryReplayGuard::with_capacity(1));
    let service = TokenService::hs256(talkative(), key("pk_live_1")).at_fixed_time(date(NOW));
    let token = service.issue(&Ticket::new("chat-1").source(BANK)).unwrap();
    let (good, _) = token.rsplit_once('.').unwrap();
    let forged = format!("{good}.{}", "A".repeat(43));
    for (token, request) in [
        (&forged, from("pk_live_1")),
        (&token, from("pk_live_2")),
        (&token, Request::new().origin("https://evil.test").page_key("pk_live_1")),
        (&token, from("pk_live_1").session("chat-2")),
    ] {
        assert_eq!(verifier.accept(token, &request).unwrap_err().status(), 401);
    }
    assert!(verifier.accept(&token, &from("pk_live_1")).is_ok(), "there was room for one");
}

/// As tests want a store of ended sessions to be taken: what a restart does to it is not what they are about.
impl<E: EndedSessions> EndedSessions for Kept<E> {
    fn end(
        &self,
        session_id: &str,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<(), SessionStoreError> {
        self.0.end(session_id, keep_until, now)
    }

    fn has_ended(&self, session_id: &str, now: NumericDate) -> Result<bool, SessionStoreError> {
        self.0.has_ended(session_id, now)
    }
}

impl<E: AsyncEndedSessions> AsyncEndedSessions for Kept<E> {
    async fn end(
        &self,
        session_id: &str,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<(), SessionStoreError> {
        self.0.end(session_id, keep_until, now).await
    }

    async fn has_ended(
        &self,
        session_id: &str,
        now: NumericDate,
    ) -> Result<bool, SessionStoreError> {
        self.0.has_ended(session_id, now).await
    }
}
