//! What came of a token or a key: the code of its rejection, or that it was accepted, and the work behind it.

use super::claims::{claims, rules};
use super::raw_rsa::RSA;
use super::signing::{hs256, token};
use super::verdicts::record;
use strict_jose::internals::{Operation, count};
use strict_jose::{Error, KeyError, NoPrivateClaims, Validated, Validation, VerifyingKeys};
use strict_jose::{jws, jwt};

/// The outcome of what was not rejected.
pub const ACCEPTED: &str = "accepted";

pub type Read = Result<Validated<NoPrivateClaims>, Error>;

/// What the whole chain says of a token: form, key, signature, rules.
pub fn read(token: &str, keys: &impl VerifyingKeys) -> Read {
    jwt::verify(token, keys, &rules())
}

/// [`read`] under [`hs256`].
pub fn verify(token: &str) -> Read {
    read(token, &hs256())
}

/// [`verify`] on good claims with these changes.
pub fn judge(changes: &[(&str, &str)]) -> Read {
    verify(&token(claims(changes)))
}

/// [`judge`] under other rules.
pub fn judge_by(changes: &[(&str, &str)], rules: &Validation) -> Read {
    jwt::verify(&token(claims(changes)), &hs256(), rules)
}

/// The code of the rejection, or [`ACCEPTED`].
pub fn outcome<T>(result: &Result<T, Error>) -> &'static str {
    let verdict = result.as_ref().err().map_or(ACCEPTED, Error::code);
    record(verdict);
    verdict
}

/// The code of a rejected key, or [`ACCEPTED`].
pub fn key_outcome<T>(result: Result<T, KeyError>) -> &'static str {
    let verdict = result.err().map_or(ACCEPTED, |error| error.code());
    record(verdict);
    verdict
}

/// [`outcome`] of [`verify`].
pub fn hs_outcome(token: &str) -> &'static str {
    outcome(&verify(token))
}

/// [`outcome`] of [`read`] under [`RSA`].
pub fn rs_outcome(token: &str) -> &'static str {
    outcome(&read(token, &RSA.verifying))
}

/// The outcome of a JWS under [`hs256`], whatever its payload.
pub fn jws_outcome(token: &str) -> &'static str {
    outcome(&jws::verify(token, &hs256()))
}

#[track_caller]
pub fn assert_rejected<T>(result: &Result<T, Error>, code: &str, what: impl core::fmt::Debug) {
    assert_eq!(outcome(result), code, "{what:.120?}");
}

/// How often the operation ran during `run`, and what came of it.
pub fn counting<T>(operation: Operation, run: impl FnOnce() -> T) -> (usize, T) {
    let before = count(operation);
    let result = run();
    (count(operation) - before, result)
}
