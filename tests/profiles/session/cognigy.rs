//! C1 and C3.

use super::support::*;
use crate::kept::Kept;
use serde_json::{Value, json};
use strict_jose::profile::session::{Reason, Request, Ticket, TokenService, Verifier};
use strict_jose::{AfterRestart, MemoryReplayGuard, Rs256SigningKey, Rs256VerifyingKey};

const ANSWER: &str = r#"{"error":"invalidSession"}"#;
const PEM: &str = include_str!("../../pem/rsa-2048-pkcs1.pem");

fn rs256() -> Rs256SigningKey {
    Rs256SigningKey::from_pem(PEM).unwrap()
}

fn verifier(now: u64) -> Verifier<Rs256VerifyingKey, Kept<MemoryReplayGuard>> {
    let guard = MemoryReplayGuard::with_capacity(10);
    Verifier::new(cognigy(), rs256().public_key(), Kept(guard), AfterRestart::remembered())
        .at_fixed_time(date(now))
}

fn token(others: &Value) -> String {
    let claims = json!({"sub": "u_3f9c21", "sid": "s1", "exp": NOW + 20});
    sign(&with(claims, others), &rs256())
}

#[test]
fn c01_users_are_opaque() {
    let service = TokenService::rs256(cognigy(), rs256()).at_fixed_time(date(NOW));
    let s1 = Request::new().session("s1");
    let jwt = token(&json!({}));
    for user in [
        "john@acme.com",
        "+4915112345678",
        &jwt,
        "004915112345678",
        "0049-151-1234567",
        "00491511234567890",
        "1234567",
        "eyJhbGciOiJ9",
        "john doe",
        "jöhn",
        "203.0.113.9",
        &"u".repeat(129),
        "",
    ] {
        let reason = service.issue(&Ticket::new("s1").subject(user)).unwrap_err();
        assert_eq!(reason, Reason::SubjectNotOpaque, "{user}");
        let token = token(&json!({"sub": user}));
        let code = refused(verifier(NOW).accept(&token, &s1), &token, 401, ANSWER);
        let expected = if user.is_empty() { "claim.empty" } else { "session.subject_not_opaque" };
        assert_eq!(code, expected, "{user}");
    }
    for user in ["u_3f9c21", "123456", "123456789012345678", "u-4915112345678", &"u".repeat(128)] {
        let token = service.issue(&Ticket::new("s1").subject(user)).unwrap();
        assert_eq!(verifier(NOW).accept(&token, &s1).unwrap().subject(), Some(user));
    }
}

#[test]
fn c03_one_session_for_seconds() {
    assert!(PEM.starts_with("-----BEGIN RSA PRIVATE KEY-----"), "PKCS #1");
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
    // The service has the public key alone, as PKCS #1 too, and takes no other key's signature.
    let public = rs256().public_key().to_pkcs1_pem();
    assert!(public.starts_with("-----BEGIN RSA PUBLIC KEY-----"));
    let public = Rs256VerifyingKey::from_pem(&public).unwrap();
    let guard = MemoryReplayGuard::with_capacity(10);
    let verifier = Verifier::new(cognigy(), public, Kept(guard), AfterRestart::remembered())
        .at_fixed_time(date(NOW));
    assert!(verifier.accept(&first, &s1).is_ok());
    let other = Rs256SigningKey::from_pem(include_str!("../../pem/rsa-2048-other.pem")).unwrap();
    let forged = sign(&json!({"sub": "u_3f9c21", "sid": "s1", "exp": NOW + 20}), &other);
    let result = verifier.accept(&forged, &s1);
    assert_eq!(refused(result, &forged, 401, ANSWER), "signature.invalid");
}
