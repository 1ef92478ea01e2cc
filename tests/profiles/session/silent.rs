//! C2.

use super::support::*;
use crate::kept::Kept;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};
use strict_jose::profile::session::{
    MemoryEndedSessions, Parties, Request, Session, Ticket, TokenService, Verifier,
};
use strict_jose::{
    AfterRestart, Audience, Claims, Hs256Key, Issuer, KeySet, MemoryReplayGuard, Reservation,
    Rs256SigningKey, SecretBytes, SecretString, Validated, Validation, jwt,
};

const CANARY: &str = "c4n4ry";
const ANSWER: &str = r#"{"error":"invalidSession"}"#;
const PEM: &str = include_str!("../../pem/rsa-2048-pkcs1.pem");
/// Holds the canary itself: nothing of it may be printed either.
const SECRET: &str = "c4n4ry-secret-of-at-least-32-octets";

/// Does not compile if one of the types implements the trait: which function is meant is then not clear.
macro_rules! none_implements {
    ($trait:path: $($type:ty),* $(,)?) => {
        $(const _: () = {
            trait Found<Where> {
                const IT: () = ();
            }
            struct InTheTrait;
            impl<T: ?Sized> Found<()> for T {}
            impl<T: ?Sized + $trait> Found<InTheTrait> for T {}
            <$type as Found<_>>::IT
        };)*
    };
}

type Verifying = Verifier<Hs256Key, Kept<MemoryReplayGuard>, Kept<MemoryEndedSessions>>;

none_implements!(
    Serialize:
    Hs256Key, Rs256SigningKey, KeySet<Hs256Key>, SecretBytes, SecretString, Claims,
    Validated<()>, Ticket, TokenService, Verifying, Session,
    Reservation<Session, MemoryReplayGuard>,
);
none_implements!(
    Display:
    Hs256Key, Rs256SigningKey, KeySet<Hs256Key>, SecretBytes, SecretString, Claims,
    Validated<()>, Ticket, TokenService, Verifying, Session, Request<'static>,
);
#[cfg(feature = "jwe")]
none_implements!(Serialize: strict_jose::jwe::Plaintext, strict_jose::RsaOaepDecryptionKey);
#[cfg(feature = "jwe")]
none_implements!(Display: strict_jose::jwe::Plaintext, strict_jose::RsaOaepDecryptionKey);

#[track_caller]
fn clean(shown: &str) {
    assert!(!shown.is_empty());
    assert!(!shown.contains(CANARY), "{shown}");
    assert!(!shown.contains(&PEM[100..140]), "{shown}");
}

#[track_caller]
fn silent(value: &impl Debug) {
    clean(&format!("{value:?} {value:#?}"));
}

/// What a caller who unwraps gets into the logs.
fn panic_of<T>(work: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).map(drop).unwrap_err();
    panic.downcast_ref::<String>().unwrap().clone()
}

fn key() -> Hs256Key {
    Hs256Key::from_utf8(SECRET).unwrap()
}

fn verifier() -> Verifying {
    Verifier::new(
        cognigy(),
        key(),
        Kept(MemoryReplayGuard::with_capacity(10)),
        AfterRestart::remembered(),
    )
    .with_ended(Kept(MemoryEndedSessions::with_capacity(10)), AfterRestart::remembered())
    .at_fixed_time(date(NOW))
}

#[test]
fn c02_values_print_nothing() {
    let ticket = Ticket::new(CANARY).subject(CANARY).origins([CANARY]).source(CANARY);
    silent(&ticket.networks([CANARY]));
    silent(&Request::new().origin(CANARY).session(CANARY).page_key(CANARY));
    silent(&TokenService::hs256(cognigy(), key()));
    let rs256 = Rs256SigningKey::from_pem(PEM).unwrap();
    silent(&TokenService::rs256(cognigy(), rs256));
    let verifier = verifier();
    let claims = json!({"sub": CANARY, "sid": CANARY, "jti": CANARY, "exp": NOW + 20});
    let token = sign(&claims, &key());
    let request = Request::new().session(CANARY);
    let reservation = verifier.reserve(&token, &request).unwrap();
    silent(&reservation);
    silent(reservation.claims());
    assert_eq!(reservation.claims().session_id(), CANARY, "the control: it was there");
    reservation.unspend().unwrap();
    silent(&at_once(verifier.reserve_async(&token, &request)).unwrap());
    let again = sign(&json!({"sub": CANARY, "sid": CANARY, "exp": NOW + 20}), &key());
    clean(&panic_of(|| verifier.accept(&again, &request).unwrap_err()));
    verifier.end(CANARY).unwrap();
    silent(&verifier);
    // What a policy holds is no secret, and may be shown.
    let policy = cognigy().issuer("https://backend.example");
    assert!(format!("{policy:?}").contains("https://backend.example"));
    assert!(format!("{:?}", Parties::between("a", "b")).contains('a'));
}

#[test]
fn c02_refusals_print_nothing() {
    let verifier = verifier();
    let canaries = [json!(CANARY), json!([CANARY]), json!({CANARY: CANARY})];
    let mut refusals = 0;
    for claim in ["iss", "aud", "sid", "sub", "dom", "src", "ip", "jti", "exp", "iat"] {
        for value in &canaries {
            let claims = json!({"sub": "u", "sid": "s2", "exp": NOW + 20, claim: value});
            let token = sign(&claims, &key());
            let request = Request::new().session("s1").origin(CANARY).page_key(CANARY);
            let refusal = verifier.accept(&token, &request).unwrap_err();
            silent(&refusal);
            assert_eq!(refusal.answer(), ANSWER);
            let mut next: Option<&dyn Error> = Some(&refusal);
            let mut sources = 0;
            while let Some(error) = next {
                clean(&format!("{error} {error:?} {error:#?}"));
                (next, sources) = (error.source(), sources + 1);
            }
            assert!(sources > 1);
            clean(&panic_of(|| verifier.accept(&token, &request).unwrap()));
            refusals += 1;
        }
    }
    assert_eq!(refusals, 30);
    // What is not issued is not repeated either.
    let service = TokenService::hs256(jodoworld(), key());
    let ticket = Ticket::new("s1").subject("u");
    for ticket in [
        Ticket::new(&CANARY.repeat(50)),
        Ticket::new("s1").subject(format!("{CANARY}@acme.com")),
        ticket.clone().origins([&*format!("ftp://{CANARY}")]),
        ticket.clone().source(CANARY),
        ticket.networks([CANARY]),
    ] {
        silent(&service.issue(&ticket).unwrap_err());
        clean(&panic_of(|| service.issue(&ticket).unwrap()));
    }
    // Serde: what a type of the caller's refuses does not come back in the error.
    let token = sign(&json!({"role": CANARY, "exp": NOW + 20}), &key());
    let rules =
        Validation::new(Issuer::unchecked(), Audience::unchecked()).at_fixed_time(date(NOW));
    silent(&jwt::verify::<BTreeMap<String, u8>>(&token, &key(), &rules).unwrap_err());
}
