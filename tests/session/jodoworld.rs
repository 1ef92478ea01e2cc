//! J1 to J5.

use crate::support::*;
use serde_json::{Value, json};
use std::time::Duration;
use strict_jose::profile::session::{
    MemoryEndedSessions, Policy, Request, Ticket, TokenService, Verifier,
};
use strict_jose::{Hs256Key, KeySet, MemoryReplayGuard};

const ANSWER: &str = r#"{"event":"invalidLicenseKey"}"#;
const SHOP: &str = "https://www.shop.example";

type Jodo = Verifier<KeySet<Hs256Key>, MemoryReplayGuard, MemoryEndedSessions>;

fn verifier() -> Jodo {
    let keys = KeySet::new([key("2026-11"), key("2026-12")]).unwrap();
    Verifier::new(Policy::jodoworld(), keys, MemoryReplayGuard::with_capacity(100))
        .with_ended(MemoryEndedSessions::with_capacity(10))
        .at(date(NOW))
}

fn from(origin: &str) -> Request<'_> {
    Request::new().origin(origin).address([203, 0, 113, 9].into())
}

fn token(others: &Value) -> String {
    sign(&with(j1(), others), &key("2026-11"))
}

#[track_caller]
fn code(verifier: &Jodo, token: &str, request: &Request<'_>) -> &'static str {
    refused(verifier.accept(token, request), token, 401, ANSWER)
}

#[test]
fn j01_accepted_where_it_was_issued_for() {
    let session = verifier().accept(&token(&json!({})), &from(SHOP)).unwrap();
    assert_eq!((session.session_id(), session.subject()), ("call-7", Some("u-91")));
    assert_eq!((session.key_id(), session.expires_at()), (Some("2026-11"), Some(date(NOW + 300))));
    // And as issued here.
    let service = TokenService::hs256(Policy::jodoworld(), key("2026-12")).at(date(NOW));
    let ticket = Ticket::new("call-7").subject("u-91").origins([SHOP]);
    assert_eq!(service.issue(&ticket).unwrap_err().code(), "claim.missing");
    let wrong = ticket.clone().networks(["203.0.113.0"]);
    assert_eq!(service.issue(&wrong).unwrap_err().code(), "claim.wrong_type");
    let token = service.issue(&ticket.networks(["203.0.113.0/24", "2001:db8::/32"])).unwrap();
    let address = "::ffff:203.0.113.9".parse().unwrap();
    assert!(verifier().accept(&token, &Request::new().origin(SHOP).address(address)).is_ok());
}

#[test]
fn j02_refused_anywhere_else() {
    let (verifier, token) = (verifier(), token(&json!({})));
    for origin in [
        "https://www.shop.example.evil.test",
        "https://evilwww.shop.example",
        "https://shop.example",
        "http://www.shop.example",
        "https://www.shop.example:8443",
    ] {
        assert_eq!(code(&verifier, &token, &from(origin)), "claim.mismatch", "{origin}");
    }
    for origin in [
        "null",
        "",
        "www.shop.example",
        "https:www.shop.example",
        "https://www.shop.example@evil.test",
        "https:\\\\www.shop.example",
        "https://www.shop.example/path",
        " https://www.shop.example",
        "ftp://www.shop.example",
        "file://www.shop.example",
    ] {
        assert_eq!(code(&verifier, &token, &from(origin)), "session.origin_invalid", "{origin}");
    }
    let far = Request::new().origin(SHOP).address([203, 0, 114, 1].into());
    assert_eq!(code(&verifier, &token, &far), "claim.mismatch");
    let nowhere = Request::new().address([203, 0, 113, 9].into());
    assert_eq!(code(&verifier, &token, &nowhere), "session.origin_missing");
    let nobody = Request::new().origin(SHOP);
    assert_eq!(code(&verifier, &token, &nobody), "session.address_missing");
    for (others, expected) in [
        (json!({"dom": []}), "claim.empty"),
        (json!({"dom": ["www.shop.example", 1]}), "claim.wrong_type"),
        (json!({"dom": ["*.shop.example"]}), "claim.wrong_type"),
        (json!({"dom": null}), "claim.missing"),
        (json!({"ip": ["203.0.113.0/33"]}), "claim.wrong_type"),
        (json!({"ip": null}), "claim.missing"),
        (json!({"jti": null}), "claim.missing"),
    ] {
        let token = sign(&with(j1(), &others), &key("2026-11"));
        assert_eq!(code(&verifier, &token, &from(SHOP)), expected, "{others}");
    }
    assert!(verifier.accept(&token, &from(SHOP)).is_ok(), "no refusal has used it up");
}

#[test]
fn j03_keys_overlap_and_retire() {
    let mut verifier = verifier();
    let by = |kid: &str, jti: &str| sign(&with(j1(), &json!({"jti": jti})), &key(kid));
    assert!(verifier.accept(&by("2026-11", "a"), &from(SHOP)).is_ok());
    assert!(verifier.accept(&by("2026-12", "b"), &from(SHOP)).is_ok());
    assert!(verifier.keys_mut().remove("2026-11").is_some());
    assert_eq!(code(&verifier, &by("2026-11", "c"), &from(SHOP)), "key.no_match");
    assert_eq!(code(&verifier, &by("2027-01", "d"), &from(SHOP)), "key.no_match");
    assert!(verifier.accept(&by("2026-12", "e"), &from(SHOP)).is_ok());
}

#[test]
fn j04_short_lived() {
    let verifier = verifier();
    let until = |exp: u64| token(&json!({"exp": exp, "jti": exp.to_string()}));
    assert_eq!(code(&verifier, &until(NOW + 301), &from(SHOP)), "claim.lifetime_too_long");
    assert!(verifier.accept(&until(NOW + 300), &from(SHOP)).is_ok());
    assert!(verifier.accept(&until(NOW - 29), &from(SHOP)).is_ok());
    assert_eq!(code(&verifier, &until(NOW - 30), &from(SHOP)), "claim.expired");
}

#[test]
fn j05_ended_or_of_another_session() {
    let (verifier, token) = (verifier(), token(&json!({})));
    assert_eq!(code(&verifier, &token, &from(SHOP).session("call-8")), "claim.mismatch");
    verifier.end("call-8", Duration::from_secs(60)).unwrap();
    assert!(verifier.accept(&token, &from(SHOP).session("call-7")).is_ok());
    verifier.end("call-7", Duration::from_secs(60)).unwrap();
    let next = sign(&with(j1(), &json!({"jti": "next"})), &key("2026-11"));
    assert_eq!(code(&verifier, &next, &from(SHOP)), "session.ended");
    // The time it is kept for being over, the store says nothing of it any more.
    let later = verifier.at(date(NOW + 60));
    assert!(later.accept(&next, &from(SHOP)).is_ok());
}
