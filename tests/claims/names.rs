//! Other names for registered claims, and dates in milliseconds: what the rules make of both.

use crate::support::kept::Once;
use serde::Deserialize;
use std::collections::BTreeMap;
use strict_jose::{
    Audience, ClaimError, ClaimProblem, Error, Hs256Key, Insertion, Issuer, Limits,
    MemoryReplayGuard, NoPrivateClaims, NumericDate, RegisteredClaim, ReplayGuard, ReplayId,
    RuleError, TrustedIssuers, UnverifiedHints, Validated, Validation, jws, jwt,
};

const NOW: u64 = 1_466_684_723;

fn key() -> Hs256Key {
    Hs256Key::from_bytes(&[7; 32]).unwrap()
}

const ALIASES: [(RegisteredClaim, &str); 7] = [
    (RegisteredClaim::Issuer, "x_iss"),
    (RegisteredClaim::Subject, "x_sub"),
    (RegisteredClaim::Audience, "x_aud"),
    (RegisteredClaim::ExpirationTime, "x_exp"),
    (RegisteredClaim::NotBefore, "x_nbf"),
    (RegisteredClaim::IssuedAt, "x_iat"),
    (RegisteredClaim::JwtId, "x_jti"),
];

fn rules(issuer: &str) -> Validation {
    let rules = Validation::new(Issuer::exactly(issuer), Audience::includes("api"))
        .at_fixed_time(NumericDate::from_seconds(NOW).unwrap());
    ALIASES
        .into_iter()
        .fold(rules, |rules, (claim, alias)| rules.claim_alias(claim, alias).unwrap())
}

fn verify(payload: &str) -> Result<Validated<NoPrivateClaims>, Error> {
    jwt::verify(&jws::sign(payload, &key()).unwrap(), &key(), &rules("as"))
}

fn broken(claim: &'static str, problem: ClaimProblem) -> Error {
    ClaimError::new(claim, problem).into()
}

#[test]
fn an_alias_from_a_configuration_names_its_claim_in_errors() {
    let alias = String::from("tenant_sub"); // read from a file, say
    let rules = Validation::new(Issuer::unchecked(), Audience::unchecked())
        .without_expiration()
        .require_subject()
        .claim_alias(RegisteredClaim::Subject, alias)
        .unwrap();
    let error = |payload: &str| {
        let token = jws::sign(payload, &key()).unwrap();
        jwt::verify::<NoPrivateClaims>(&token, &key(), &rules).map(drop).unwrap_err()
    };
    assert_eq!(error(r#"{"tenant_sub":""}"#), broken("tenant_sub", ClaimProblem::Empty));
    assert_eq!(error(r#"{"tenant_sub":7}"#), broken("tenant_sub", ClaimProblem::WrongType));
    assert_eq!(error(r#"{"sub":""}"#), broken("sub", ClaimProblem::Empty));
}

#[test]
fn an_alias_stands_for_its_claim_with_or_beside_it() {
    let beside = format!(
        r#"{{"iss":"idp","x_iss":"as","sub":"idp's","x_sub":"alice","aud":"idp","x_aud":["api"],
        "exp":1,"x_exp":{},"nbf":{},"x_nbf":1,"iat":{},"x_iat":2,"jti":"a","x_jti":"b"}}"#,
        NOW + 60,
        NOW + 9,
        NOW + 9
    );
    let alone = format!(
        r#"{{"x_iss":"as","x_sub":"alice","x_aud":"api","x_exp":{},"x_nbf":1,"x_iat":2,"x_jti":"b"}}"#,
        NOW + 60
    );
    for payload in [beside, alone] {
        let claims = verify(&payload).unwrap();
        assert_eq!((claims.issuer(), claims.subject()), (Some("as"), Some("alice")));
        assert_eq!((claims.audience(), claims.jwt_id()), (&["api".to_owned()][..], Some("b")));
        assert_eq!(claims.expires_at(), NumericDate::from_seconds(NOW + 60));
        assert_eq!(claims.not_before(), NumericDate::from_seconds(1));
        assert_eq!(claims.issued_at(), NumericDate::from_seconds(2));
    }
}

#[test]
fn errors_name_the_alias_that_was_read() {
    let with = |members: &str| verify(&format!(r#"{{"iss":"as","aud":"api",{members}}}"#)).err();
    assert_eq!(with(r#""x_exp":1"#), Some(broken("x_exp", ClaimProblem::Expired)));
    assert_eq!(with(r#""exp":1"#), Some(broken("exp", ClaimProblem::Expired)));
    assert_eq!(with(r#""x_iss":"other","exp":1"#), Some(broken("x_iss", ClaimProblem::Mismatch)));
    assert_eq!(with(r#""x_aud":[],"exp":1"#), Some(broken("x_aud", ClaimProblem::Empty)));
    for wrong in ["1", "null", "{}"] {
        let members = format!(r#""exp":9999999999,"x_sub":{wrong}"#);
        assert_eq!(with(&members), Some(broken("x_sub", ClaimProblem::WrongType)), "{wrong}");
    }
    // The claim that is overruled has to have its type all the same.
    let members = r#""exp":9999999999,"sub":1,"x_sub":"alice""#;
    assert_eq!(with(members), Some(broken("sub", ClaimProblem::WrongType)));
}

#[test]
fn private_claims_do_not_see_aliases() {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct All(BTreeMap<String, u8>);
    let payload = r#"{"x_iss":"as","x_aud":"api","x_exp":9999999999,"x_other":1}"#;
    let token = jws::sign(payload, &key()).unwrap();
    let claims = jwt::verify::<All>(&token, &key(), &rules("as")).unwrap();
    assert_eq!(claims.private().0, BTreeMap::from([("x_other".to_owned(), 1)]));
}

#[test]
fn a_name_stands_for_one_claim() {
    let rules = || Validation::new(Issuer::unchecked(), Audience::unchecked());
    for (claim, _) in ALIASES {
        for name in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", ""] {
            assert_eq!(
                rules().claim_alias(claim, name).err(),
                Some(RuleError::AliasTaken),
                "{name}"
            );
        }
    }
    let once = rules().claim_alias(RegisteredClaim::Issuer, "x").unwrap();
    assert!(once.clone().claim_alias(RegisteredClaim::Issuer, "x").is_ok());
    assert_eq!(once.claim_alias(RegisteredClaim::Subject, "x").err(), Some(RuleError::AliasTaken));
}

#[test]
fn the_key_is_picked_by_the_alias_and_replay_is_told_by_it() {
    let (a, b) = (Hs256Key::generate().unwrap(), Hs256Key::generate().unwrap());
    let keys = TrustedIssuers::new().with("a", a.clone()).with("b", b.clone());
    let rules = Validation::new(Issuer::bound_to_key(), Audience::unchecked())
        .claim_alias(RegisteredClaim::Issuer, "x_iss")
        .unwrap()
        .claim_alias(RegisteredClaim::JwtId, "x_jti")
        .unwrap()
        .once(MemoryReplayGuard::with_capacity(10))
        .at_fixed_time(NumericDate::from_seconds(NOW).unwrap());
    let payload = |jti: u8| {
        let exp = NOW + 60;
        format!(r#"{{"iss":"a","x_iss":"b","exp":{exp},"jti":"{jti}","x_jti":"same"}}"#)
    };
    let verify = |payload: &str, key: &Hs256Key| {
        jwt::verify::<NoPrivateClaims>(&jws::sign(payload, key).unwrap(), &keys, &rules)
    };
    assert_eq!(verify(&payload(1), &a).unwrap_err(), Error::InvalidSignature);
    let claims = verify(&payload(1), &b).unwrap();
    assert_eq!((claims.issuer(), claims.jwt_id()), (Some("b"), Some("same")));
    assert_eq!(verify(&payload(2), &b).unwrap_err(), Error::Replayed);
    let (id, time) = (ReplayId::new("b", "", "same"), NumericDate::from_seconds);
    let known = rules.guard().insert_if_absent(&id, time(NOW + 60).unwrap(), time(NOW).unwrap());
    assert_eq!(known, Ok(Insertion::AlreadyPresent));
}

#[test]
fn hints_follow_the_alias_whatever_it_holds() {
    for (payload, issuer) in [
        (r#"{"iss":"a","x_iss":"b"}"#, Some("b")),
        (r#"{"x_iss":"b","iss":"a"}"#, Some("b")),
        (r#"{"x_iss":"b"}"#, Some("b")),
        (r#"{"iss":"a"}"#, Some("a")),
        (r#"{"iss":"a","x_iss":1}"#, None),
        (r#"{"iss":"a","x_iss":"b","x_iss":"c"}"#, None),
        ("{}", None),
    ] {
        let token = jws::sign(payload, &key()).unwrap();
        let hints =
            UnverifiedHints::read_with_issuer_alias(&token, "x_iss", &Limits::DEFAULT).unwrap();
        assert_eq!(hints.issuer(), issuer, "{payload}");
    }
}

#[test]
fn milliseconds_are_accepted_where_they_are_asked_for() {
    let now = 1_611_810_186;
    let rules = Validation::new(Issuer::unchecked(), Audience::unchecked())
        .at_fixed_time(NumericDate::from_seconds(now).unwrap());
    let verify = |members: &str, rules: &Validation| {
        let token = jws::sign(format!("{{{members}}}"), &key()).unwrap();
        jwt::verify::<NoPrivateClaims>(&token, &key(), rules).map(|claims| claims.issued_at())
    };
    let compatible = rules.clone().accept_milliseconds();
    let documented = r#""iat":1611810186883,"exp":1611813786.883"#;
    let problem = ClaimProblem::LooksLikeMilliseconds;
    assert_eq!(verify(documented, &rules), Err(broken("iat", problem)));
    let date = NumericDate::from_duration(std::time::Duration::from_millis(1_611_810_186_883));
    assert_eq!(verify(documented, &compatible), Ok(date));
    // Counted exactly, the lifetime is one hour and not a millisecond more.
    let later = NumericDate::from_seconds(now + 1).unwrap();
    let hour = |millis| {
        compatible
            .clone()
            .at_fixed_time(later)
            .max_lifetime(std::time::Duration::from_millis(millis))
    };
    assert!(verify(documented, &hour(3_600_000)).is_ok());
    let error = verify(documented, &hour(3_599_999)).unwrap_err();
    assert_eq!(error, broken("exp", ClaimProblem::LifetimeTooLong));
    // The second after is the future.
    let future = r#""iat":1611810187000,"exp":1611813786"#;
    let error = verify(future, &compatible).unwrap_err();
    assert_eq!(error, broken("iat", ClaimProblem::IssuedInTheFuture));
    // The other dates mean what they say, too.
    for (name, on_time, off_time, wrong) in [
        ("exp", r#""exp":1611810187000"#, r#""exp":1611810186000"#, ClaimProblem::Expired),
        (
            "nbf",
            r#""nbf":1611810186000,"exp":1611810199"#,
            r#""nbf":1611810187000,"exp":1611810199"#,
            ClaimProblem::NotYetValid,
        ),
    ] {
        assert!(verify(on_time, &compatible).is_ok(), "{name}");
        assert_eq!(verify(on_time, &rules).unwrap_err(), broken(name, problem));
        assert_eq!(verify(off_time, &compatible).unwrap_err(), broken(name, wrong));
    }
    // What is no date of our time in either unit stays out of range.
    let beyond = r#""exp":100000000000000"#;
    assert_eq!(verify(beyond, &compatible).unwrap_err(), broken("exp", ClaimProblem::OutOfRange));
}
