//! C1 to C3.

use crate::support::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Debug;
use strict_jose::profile::session::{Policy, Reason, Request, Ticket, TokenService, Verifier};
use strict_jose::{
    Audience, Issuer, MemoryReplayGuard, Rs256SigningKey, Rs256VerifyingKey, SigningKey,
    Validation, jwt,
};

const ANSWER: &str = r#"{"error":"invalidSession"}"#;
const CANARY: &str = "c4n4ry";
const PEM: &str = include_str!("../keys/rsa-2048-pkcs1.pem");

fn rs256() -> Rs256SigningKey {
    Rs256SigningKey::from_pem(PEM).unwrap()
}

fn verifier(now: u64) -> Verifier<Rs256VerifyingKey, MemoryReplayGuard> {
    let guard = MemoryReplayGuard::with_capacity(10);
    Verifier::new(Policy::cognigy(), rs256().public_key().unwrap(), guard).at(date(now))
}

fn token(others: &Value) -> String {
    token_by(others, &rs256())
}

fn token_by(others: &Value, key: &impl SigningKey) -> String {
    let claims = json!({"sub": "u_3f9c21", "sid": "s1", "exp": NOW + 20});
    sign(&with(claims, others), key)
}

#[test]
fn c01_users_are_opaque() {
    let service = TokenService::rs256(Policy::cognigy(), rs256()).at(date(NOW));
    let s1 = Request::new().session("s1");
    let jwt = token(&json!({}));
    for user in ["john@acme.com", "+4915112345678", &jwt, "0049-151-1234567", "", "eyJhbGciOiJ9"] {
        let reason = service.issue(&Ticket::new("s1").subject(user)).unwrap_err();
        assert_eq!(reason, Reason::SubjectNotOpaque, "{user}");
        let token = token(&json!({"sub": user}));
        let code = refused(verifier(NOW).accept(&token, &s1), &token, 401, ANSWER);
        let expected = if user.is_empty() { "claim.empty" } else { "session.subject_not_opaque" };
        assert_eq!(code, expected, "{user}");
    }
    let token = service.issue(&Ticket::new("s1").subject("u_3f9c21")).unwrap();
    assert_eq!(verifier(NOW).accept(&token, &s1).unwrap().subject(), Some("u_3f9c21"));
}

#[test]
fn c02_nothing_is_printed() {
    #[track_caller]
    fn silent(value: &impl Debug) {
        let shown = format!("{value:?} {value:#?}");
        assert!(!shown.contains(CANARY), "{shown}");
        assert!(!shown.contains(&PEM[100..140]), "{shown}");
    }
    let ticket = Ticket::new(CANARY).subject(CANARY).origins([CANARY]).source(CANARY);
    silent(&ticket);
    silent(&ticket.networks([CANARY]));
    let service = TokenService::rs256(Policy::cognigy(), rs256());
    silent(&service);
    silent(&verifier(NOW));
    let good = token(&json!({"sub": CANARY, "sid": CANARY, "jti": CANARY}));
    let verifier = verifier(NOW);
    silent(&verifier.accept(&good, &Request::new().session(CANARY)).unwrap());
    let canaries = [json!(CANARY), json!([CANARY]), json!({CANARY: CANARY})];
    let mut refusals = 0;
    for claim in ["sid", "sub", "dom", "src", "ip", "jti", "exp", "iat", "typ"] {
        for value in &canaries {
            let others = with(json!({"sid": "s2"}), &json!({claim: value}));
            let token = token(&others);
            let request = Request::new().session("s1").origin(CANARY);
            let refusal = verifier.accept(&token, &request).unwrap_err();
            silent(&refusal);
            let mut next: Option<&dyn Error> = Some(&refusal);
            while let Some(error) = next {
                assert!(!format!("{error} {error:?}").contains(CANARY));
                next = error.source();
            }
            refusals += 1;
        }
    }
    assert_eq!(refusals, 27);
    // Serde: what a type of the caller's refuses does not come back in the error.
    let token = token(&json!({"role": CANARY}));
    let rules = Validation::new(Issuer::unchecked(), Audience::unchecked()).at(date(NOW));
    let error = jwt::verify::<BTreeMap<String, u8>>(&token, &rs256().public_key().unwrap(), &rules);
    silent(&error.unwrap_err());
}

#[test]
fn c03_one_session_for_seconds() {
    let (s1, first) = (Request::new().session("s1"), token(&json!({})));
    assert!(verifier(NOW + 19).accept(&first, &s1).is_ok());
    let code = |now, token: &str, request| {
        refused(verifier(now).accept(token, &request), token, 401, ANSWER)
    };
    assert_eq!(code(NOW + 20, &first, s1), "claim.expired");
    assert_eq!(code(NOW, &token(&json!({"exp": NOW + 21})), s1), "claim.lifetime_too_long");
    assert_eq!(code(NOW, &token(&json!({"sid": "s2"})), s1), "claim.mismatch");
    assert_eq!(code(NOW, &first, Request::new()), "session.not_named");
    assert!(verifier(NOW).accept(&first, &s1).is_ok());
}
