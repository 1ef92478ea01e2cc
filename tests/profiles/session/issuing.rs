//! What is issued is what is taken; the parties of a token, and its `typ`.

use super::support::*;
use crate::kept::Kept;
use serde_json::{Value, json};
use std::time::Duration;
use strict_jose::profile::session::{Parties, Policy, Request, Ticket, TokenService, Verifier};
use strict_jose::{
    AfterRestart, Hs256Key, JwsHeader, Leeway, MemoryReplayGuard, TrustedIssuers, jws,
};

const ANSWER: &str = r#"{"error":"invalidSession"}"#;
const SHOP: &str = "https://shop.example";

fn verifier(policy: Policy) -> Verifier<Hs256Key, Kept<MemoryReplayGuard>> {
    Verifier::new(
        policy,
        key("k"),
        Kept(MemoryReplayGuard::with_capacity(10)),
        AfterRestart::remembered(),
    )
    .at_fixed_time(date(NOW))
}

fn payload(token: &str) -> Value {
    serde_json::from_slice(jws::verify(token, &key("k")).unwrap().payload()).unwrap()
}

#[test]
fn the_source_url_counts_by_its_origin() {
    let service = TokenService::hs256(talkative(), key("k")).at_fixed_time(date(NOW));
    let issue = |url: &str| service.issue(&Ticket::new("chat-1").source(url));
    for url in [
        "https://www.bank.example",
        "https://www.bank.example/contact?topic=1#form",
        "https://www.bank.example?next=https://evil.test/",
        "HTTPS://WWW.BANK.EXAMPLE:443/",
    ] {
        assert_eq!(payload(&issue(url).unwrap())["src"], "https://www.bank.example", "{url}");
    }
    for url in [
        "www.bank.example",
        "/contact",
        "https:///contact",
        "https://www.bank.example@evil.test/",
        "https://www.bank.example\\@evil.test/",
        "javascript://www.bank.example/",
        "null",
        "",
    ] {
        assert_eq!(issue(url).unwrap_err().code(), "claim.wrong_type", "{url}");
    }
}

#[test]
fn what_would_be_refused_is_not_issued() {
    let service = |policy, key| TokenService::hs256(policy, key).at_fixed_time(date(NOW));
    let issue = |ticket: &Ticket| {
        let policy = Policy::new(Parties::unchecked(), Duration::from_secs(60));
        service(policy, key("k")).issue(ticket).map_err(|reason| reason.code())
    };
    let ticket = || Ticket::new("s1");
    for (ticket, expected) in [
        (Ticket::new(""), "claim.empty"),
        (Ticket::new(&"s".repeat(257)), "claim.too_long"),
        (ticket().subject(""), "session.subject_not_opaque"),
        (ticket().subject("john@acme.com"), "session.subject_not_opaque"),
        (ticket().origins([]), "claim.empty"),
        (ticket().origins(["ftp://a.example"]), "claim.wrong_type"),
        (ticket().origins(["a.example"; 101]), "claim.too_long"),
        (ticket().networks([]), "claim.empty"),
        (ticket().networks(["192.0.2.1"]), "claim.wrong_type"),
        (ticket().networks(["192.0.2.0/24"; 101]), "claim.too_long"),
    ] {
        assert_eq!(issue(&ticket), Err(expected));
    }
    let whole = Ticket::new(&"s".repeat(256)).subject("u").origins(["a.example"; 100]);
    assert!(issue(&whole.networks(["192.0.2.0/24"; 100])).is_ok());
    // What the policy requires, each by itself.
    let code = |policy: Policy| service(policy, key("k")).issue(&ticket()).unwrap_err().to_string();
    let policy = || Policy::new(Parties::unchecked(), Duration::from_secs(60));
    assert_eq!(code(policy().requiring_subject()), "claim `sub` is missing");
    assert_eq!(code(policy().requiring_origins()), "claim `dom` is missing");
    assert_eq!(code(policy().requiring_source()), "claim `src` is missing");
    assert_eq!(code(policy().requiring_networks()), "claim `ip` is missing");
    assert_eq!(service(policy(), key("k")).issue(&ticket()).map(drop), Ok(()));
    // A key without a name is no page's.
    let nameless = Hs256Key::from_utf8(&"-".repeat(40)).unwrap();
    let reason = service(policy().bound_to_page_key(), nameless.clone()).issue(&ticket());
    assert_eq!(reason.unwrap_err().code(), "header.missing");
    let token = service(policy(), nameless.clone()).issue(&ticket()).unwrap();
    let guard = MemoryReplayGuard::with_capacity(10);
    let verifier = Verifier::new(policy(), nameless, Kept(guard), AfterRestart::remembered())
        .at_fixed_time(date(NOW));
    let result = verifier.accept(&token, &Request::new().page_key("k"));
    assert_eq!(refused(result, &token, 401, ANSWER), "header.missing");
    assert!(verifier.accept(&token, &Request::new()).is_ok());
}

#[test]
fn a_token_lives_as_long_as_its_policy_says() {
    let service = TokenService::hs256(cognigy(), key("k")).at_fixed_time(date(NOW));
    let ticket = Ticket::new("s1").subject("u_3f9c21");
    let claims = payload(&service.issue(&ticket).unwrap());
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(NOW), &json!(NOW + 20)));
    assert_eq!(claims["jti"].as_str().unwrap().len(), 22);
    assert_ne!(claims["jti"], payload(&service.issue(&ticket).unwrap())["jti"]);
    assert_eq!(claims.as_object().unwrap().len(), 5, "nothing that was not asked for: {claims}");
    // From `iat` alone, whatever its issuer's clock says; a leeway does not lengthen it.
    let policy = || cognigy().leeway(Leeway::new(Duration::from_secs(5)).unwrap());
    let s1 = Request::new().session("s1");
    let code = |iat: u64, exp: u64| {
        let claims = json!({"sub": "u", "sid": "s1", "iat": iat, "exp": exp});
        let token = sign(&claims, &key("k"));
        match verifier(policy()).accept(&token, &s1) {
            Ok(_) => "accepted",
            Err(refusal) => refused(Err(refusal), &token, 401, ANSWER),
        }
    };
    assert_eq!(code(NOW, NOW + 20), "accepted");
    assert_eq!(code(NOW - 1, NOW + 20), "claim.lifetime_too_long");
    assert_eq!(code(NOW + 5, NOW + 26), "claim.lifetime_too_long");
    assert_eq!(code(NOW + 5, NOW + 25), "accepted");
    assert_eq!(code(NOW + 6, NOW + 20), "claim.issued_in_the_future");
    assert_eq!(code(NOW - 20, NOW - 4), "accepted");
    assert_eq!(code(NOW - 20, NOW - 5), "claim.expired");
    assert!(Leeway::new(Duration::from_secs(301)).is_err());
}

#[test]
fn the_parties_are_written_and_required() {
    let between = |aud| Policy::new(Parties::between(SHOP, aud), Duration::from_secs(60));
    let issue = |policy| {
        let service = TokenService::hs256(policy, key("k")).at_fixed_time(date(NOW));
        service.issue(&Ticket::new("s1")).unwrap()
    };
    let token = issue(between("calls"));
    let claims = payload(&token);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(SHOP), &json!("calls")));
    assert!(verifier(between("calls")).accept(&token, &Request::new()).is_ok());
    let others = verifier(between("chats")).accept(&token, &Request::new());
    assert_eq!(refused(others, &token, 401, ANSWER), "claim.mismatch");
    let silent = issue(Policy::new(Parties::unchecked(), Duration::from_secs(60)));
    assert!(payload(&silent).get("iss").is_none());
    let missing = verifier(between("calls")).accept(&silent, &Request::new());
    assert_eq!(refused(missing, &silent, 401, ANSWER), "claim.missing");
    // A policy of unchecked parties says neither, until it does.
    let named = || cognigy().issuer(SHOP).audience("calls");
    let service = TokenService::hs256(named(), key("k")).at_fixed_time(date(NOW));
    let token = service.issue(&Ticket::new("s1").subject("u")).unwrap();
    let s1 = Request::new().session("s1");
    assert!(verifier(named()).accept(&token, &s1).is_ok());
    let other = verifier(named().issuer("https://other.example")).accept(&token, &s1);
    assert_eq!(refused(other, &token, 401, ANSWER), "claim.mismatch");
}

#[test]
fn an_issuers_key_is_no_other_issuers() {
    let issuers = TrustedIssuers::new().with("a", key("a")).with("b", key("b"));
    let policy = Policy::new(Parties::unchecked(), Duration::from_secs(60));
    let verifier = Verifier::new(
        policy,
        issuers,
        Kept(MemoryReplayGuard::with_capacity(10)),
        AfterRestart::remembered(),
    )
    .at_fixed_time(date(NOW));
    let token = |iss: &str, by: &str| {
        sign(&json!({"iss": iss, "sid": "s1", "jti": "1", "exp": NOW + 60}), &key(by))
    };
    assert!(verifier.accept(&token("a", "a"), &Request::new()).is_ok());
    assert!(verifier.accept(&token("b", "b"), &Request::new()).is_ok(), "an id of its own");
    for (iss, by, expected) in [("a", "b", "key.no_match"), ("c", "a", "key.unknown_issuer")] {
        let token = token(iss, by);
        let result = verifier.accept(&token, &Request::new());
        assert_eq!(refused(result, &token, 401, ANSWER), expected);
    }
}

#[test]
fn a_token_of_another_kind_is_refused() {
    let policy = || Policy::new(Parties::unchecked(), Duration::from_secs(60));
    let claims = json!({"sid": "s1", "iat": NOW, "exp": NOW + 60}).to_string();
    for (header, expected) in
        [(JwsHeader::new(), "header.missing"), (JwsHeader::new().typ("at+jwt"), "header.mismatch")]
    {
        let token = jws::sign_with_header(&claims, &header, &key("k")).unwrap();
        let result = verifier(policy()).accept(&token, &Request::new());
        assert_eq!(refused(result, &token, 401, ANSWER), expected);
    }
    let token = jws::sign_with_header(&claims, &JwsHeader::new().typ("jwt"), &key("k")).unwrap();
    assert!(verifier(policy()).accept(&token, &Request::new()).is_ok());
}
