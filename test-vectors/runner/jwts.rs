//! JWT examples, at a clock that stands still: just before `exp`, and at it.

use super::file::{Counts, Vector};
use super::signatures::{hs256, rs256};
use serde_json::{Map, Value};
use strict_jose::{Audience, Error, Issuer, NumericDate, Validated, Validation, jwt};

type Private = Map<String, Value>;

fn rules(issuer: &str, now: u64) -> Validation {
    let now = NumericDate::from_seconds(now).unwrap();
    Validation::new(Issuer::exactly(issuer), Audience::unchecked()).at_fixed_time(now)
}

fn expected(vector: &Vector) -> (Private, &str, u64) {
    let claims = vector.value("claims");
    let mut private = claims.as_object().unwrap().clone();
    private.retain(|name, _| name != "iss" && name != "exp");
    (private, claims["iss"].as_str().unwrap(), claims["exp"].as_u64().unwrap())
}

macro_rules! assert_claims {
    ($id:expr, $claims:expr, $expected:expr) => {
        let (private, issuer, expires) = $expected;
        assert_eq!($claims.issuer(), Some(issuer), "{}", $id);
        assert_eq!($claims.expires_at(), NumericDate::from_seconds(expires), "{}", $id);
        assert_eq!($claims.private(), &private, "{}", $id);
    };
}

fn verify(
    alg: &str,
    id: &str,
    token: &str,
    rules: &Validation,
) -> Result<Validated<Private>, Error> {
    match alg {
        "HS256" => jwt::verify(token, &hs256(id), rules),
        "RS256" => jwt::verify(token, &rs256(id), rules),
        _ => panic!("no key of this crate is for {alg}"),
    }
}

pub fn signed(vectors: &[Vector]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let (id, token, expect) = (vector.id(), vector.text("token"), vector.text("expect"));
        let (_, issuer, expires) = expected(vector);
        let (before, late) = (rules(issuer, expires - 1), rules(issuer, expires));
        if vector.has("key") {
            let (alg, name) = (vector.text("alg"), vector.text("key"));
            let claims = verify(alg, name, token, &before);
            let claims = counts.check(id, expect, claims).unwrap();
            assert_claims!(id, claims, expected(vector));
            Counts::default().check(id, "claim.expired", verify(alg, name, token, &late));
        } else {
            assert_ne!(expect, "accept", "{id}");
            let result = verify("RS256", "rfc7515-A.2", token, &before);
            Counts::default().check(id, expect, result);
            counts.check(id, expect, verify("HS256", "rfc7515-A.1", token, &before));
        }
    }
    counts
}

#[cfg(feature = "jwe")]
pub fn encrypted(vectors: &[Vector]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let (id, expect) = (vector.id(), vector.text("expect"));
        let (_, issuer, expires) = expected(vector);
        let (before, late) = (rules(issuer, expires - 1), rules(issuer, expires));
        if vector.has("key") {
            if let Some(claims) = counts.check(id, expect, decrypt_then_verify(vector, &before)) {
                assert_claims!(id, claims, expected(vector));
                let late = decrypt_then_verify(vector, &late);
                Counts::default().check(id, "claim.expired", late);
            }
        } else {
            let claims = counts.check(id, expect, decrypt(vector, &before)).unwrap();
            assert_claims!(id, claims, expected(vector));
            Counts::default().check(id, "claim.expired", decrypt(vector, &late));
        }
    }
    counts
}

#[cfg(feature = "jwe")]
fn decrypt(
    vector: &Vector,
    rules: &Validation,
) -> Result<strict_jose::Unauthenticated<Private>, Error> {
    use super::encryption::{oaep, rsa1_5};
    let (token, name) = (vector.text("token"), vector.text("decryption_key"));
    match vector.text("key_management") {
        "RSA-OAEP" => jwt::decrypt(token, &oaep(name), rules),
        _ => jwt::decrypt(token, &rsa1_5(name), rules),
    }
}

#[cfg(feature = "jwe")]
fn decrypt_then_verify(vector: &Vector, rules: &Validation) -> Result<Validated<Private>, Error> {
    use super::encryption::{oaep, rsa1_5};
    let (token, name) = (vector.text("token"), vector.text("decryption_key"));
    assert_eq!(vector.text("alg"), "RS256");
    let inner = rs256(vector.text("key"));
    match vector.text("key_management") {
        "RSA-OAEP" => jwt::decrypt_then_verify(token, &oaep(name), &inner, rules),
        _ => jwt::decrypt_then_verify(token, &rsa1_5(name), &inner, rules),
    }
}

/// One-fault variants, each beside the token without the fault.
pub fn faulty(vectors: &[Vector]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let (id, name) = (vector.id(), vector.text("key"));
        let at = |member| rules("joe", vector.value(member).as_u64().unwrap());
        let control = verify("HS256", name, vector.text("control"), &at("control_now"));
        Counts::default().check(&format!("the control of {id}"), "accept", control);
        let result = verify("HS256", name, vector.text("token"), &at("now"));
        counts.check(id, vector.text("expect"), result);
    }
    counts
}
