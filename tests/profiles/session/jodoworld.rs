//! J1 to J5.

use super::support::*;
use crate::kept::Kept;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use strict_jose::profile::session::{
    MemoryEndedSessions, Reason, Request, Ticket, TokenService, Verifier,
};
use strict_jose::{AfterRestart, ClaimError, ClaimProblem, Hs256Key, KeySet, MemoryReplayGuard};

const ANSWER: &str = r#"{"event":"invalidLicenseKey"}"#;
const SHOP: &str = "https://www.shop.example";

type Jodo = Verifier<KeySet<Hs256Key>, Kept<MemoryReplayGuard>, Kept<MemoryEndedSessions>>;

fn verifier() -> Jodo {
    let keys = KeySet::new([key("2026-11"), key("2026-12")]).unwrap();
    Verifier::new(
        jodoworld(),
        keys,
        Kept(MemoryReplayGuard::with_capacity(100)),
        AfterRestart::remembered(),
    )
    .with_ended(Kept(MemoryEndedSessions::with_capacity(10)), AfterRestart::remembered())
    .at_fixed_time(date(NOW))
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
    assert_eq!((session.key_id(), session.expires_at()), (Some("2026-11"), date(NOW + 300)));
    // And as issued here.
    let service = TokenService::hs256(jodoworld(), key("2026-12")).at_fixed_time(date(NOW));
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
    let mismatch = |claim| Reason::Token(ClaimError::new(claim, ClaimProblem::Mismatch).into());
    let far = Request::new().origin(SHOP).address([203, 0, 114, 1].into());
    let nowhere = Request::new().address([203, 0, 113, 9].into());
    let mut logged = BTreeSet::new();
    for (request, expected) in [
        (from("https://www.shop.example.evil.test"), mismatch("dom")),
        (from("https://evilwww.shop.example"), mismatch("dom")),
        (far, mismatch("ip")),
        (nowhere, Reason::OriginMissing),
        (Request::new().origin(SHOP), Reason::AddressMissing),
    ] {
        let refusal = verifier.accept(&token, &request).unwrap_err();
        assert_eq!(refusal.reason(), &expected);
        logged.insert(refusal.reason().to_string());
        code(&verifier, &token, &request); // the one answer, and nothing of the token
    }
    assert_eq!(logged.len(), 4, "{logged:?}");
    assert!(verifier.accept(&token, &from(SHOP)).is_ok(), "no refusal has used it up");
}

#[test]
fn j02_every_restriction_is_there_and_whole() {
    let verifier = verifier();
    for (others, expected) in [
        (json!({"dom": []}), "claim.empty"),
        (json!({"dom": "www.shop.example"}), "claim.wrong_type"),
        (json!({"dom": ["www.shop.example", 1]}), "claim.wrong_type"),
        (json!({"dom": ["*.shop.example"]}), "claim.wrong_type"),
        (json!({"dom": null}), "claim.missing"),
        (json!({"ip": []}), "claim.empty"),
        (json!({"ip": "203.0.113.0/24"}), "claim.wrong_type"),
        (json!({"ip": null}), "claim.missing"),
        (json!({"sub": null}), "claim.missing"),
        (json!({"sub": ""}), "claim.empty"),
        (json!({"sid": null}), "claim.missing"),
        (json!({"sid": ""}), "claim.empty"),
        (json!({"sid": 7}), "claim.wrong_type"),
        (json!({"sid": "s".repeat(257)}), "claim.too_long"),
        (json!({"jti": null}), "claim.missing"),
        (json!({"jti": ""}), "claim.empty"),
        (json!({"jti": "j".repeat(257)}), "claim.too_long"),
        (json!({"exp": null}), "claim.missing"),
    ] {
        let token = self::token(&others);
        assert_eq!(code(&verifier, &token, &from(SHOP)), expected, "{others}");
    }
    let longest = json!({"sid": "s".repeat(256), "jti": "j".repeat(256)});
    assert!(verifier.accept(&self::token(&longest), &from(SHOP)).is_ok());
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
    let until = |exp: u64| {
        let iat = if exp < NOW { NOW - 300 } else { NOW };
        token(&json!({"iat": iat, "exp": exp, "jti": exp.to_string()}))
    };
    assert_eq!(code(&verifier, &until(NOW + 301), &from(SHOP)), "claim.lifetime_too_long");
    assert!(verifier.accept(&until(NOW + 300), &from(SHOP)).is_ok());
    assert!(verifier.accept(&until(NOW - 29), &from(SHOP)).is_ok());
    assert_eq!(code(&verifier, &until(NOW - 30), &from(SHOP)), "claim.expired");
}

#[test]
fn j05_ended_or_of_another_session() {
    let (verifier, token) = (verifier(), token(&json!({})));
    assert_eq!(code(&verifier, &token, &from(SHOP).session("call-8")), "claim.mismatch");
    verifier.end("call-8").unwrap();
    assert!(verifier.accept(&token, &from(SHOP).session("call-7")).is_ok());
    verifier.end("call-7").unwrap();
    let next = self::token(&json!({"jti": "next"}));
    assert_eq!(code(&verifier, &next, &from(SHOP)), "session.ended");
    assert_eq!(code(&verifier, &next, &from(SHOP).session("call-7")), "session.ended");
    // For as long as a token of it can live: until the last of them has expired.
    let last = |now: u64| {
        code(
            &self::verifier().at_fixed_time(date(now)),
            &self::token(&json!({"exp": NOW + 300})),
            &from(SHOP),
        )
    };
    assert_eq!(last(NOW + 330), "claim.expired");
    let later = verifier.at_fixed_time(date(NOW + 329));
    assert_eq!(code(&later, &next, &from(SHOP)), "session.ended");
    for id in ["", &"s".repeat(257)] {
        assert_eq!(later.end(id).unwrap_err().status(), 401);
    }
}
