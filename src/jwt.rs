//! JSON Web Tokens: claims signed, encrypted, or both, each in one call (RFC 7519 section 7).

mod claim_aliases;
pub(crate) mod claims;
#[cfg(feature = "jwe")]
mod encrypted;
pub(crate) mod received;
pub(crate) mod registered_claim;
pub(crate) mod single_use;
pub(crate) mod validation;

#[cfg(feature = "jwe")]
pub use encrypted::{
    decrypt, decrypt_async, decrypt_then_verify, decrypt_then_verify_async, encrypt,
    encrypt_with_header, sign_then_encrypt, sign_then_encrypt_async, sign_then_encrypt_with_header,
    sign_then_encrypt_with_header_async,
};

use crate::error::Error;
use crate::header::JwsHeader;
use crate::jws::{self, VerifiedPayload};
use crate::key::{AsyncSigningKey, SigningKey, VerifyingKeys};
use crate::replay::Insertion;
use claims::Claims;
use received::{RegisteredClaims, Validated};
use registered_claim::RegisteredClaim;
use serde::Serialize;
use serde::de::DeserializeOwned;
use single_use::sealed::ReplayRule;
use single_use::{AsyncReplayCheck, ReplayCheck};
use validation::{ReplayQuery, Validation};

/// Signs claims; the header holds `alg`, the key's `kid` and `typ` `JWT`.
///
/// ```
/// use strict_jose::{Claims, Hs256Key, jwt};
/// use std::time::Duration;
///
/// let claims = Claims::expiring_in(Duration::from_secs(300)).issuer("https://as.example");
/// let token = jwt::sign(&claims, &Hs256Key::generate()?)?;
/// # Ok::<(), strict_jose::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::UnserializableClaims`] if the private claims are no object, or hold a registered name;
/// [`Error::ClockUnavailable`] if the time is needed and there is none; else as
/// [`jws::sign`].
pub fn sign<T: Serialize>(claims: &Claims<T>, key: &impl SigningKey) -> Result<String, Error> {
    sign_with_header(claims, &typ_jwt(), key)
}

/// Signs claims under another header, as for explicit typing (RFC 8725 section 3.11).
///
/// # Errors
///
/// As [`sign`].
pub fn sign_with_header<T: Serialize>(
    claims: &Claims<T>,
    header: &JwsHeader,
    key: &impl SigningKey,
) -> Result<String, Error> {
    jws::sign_with_header(claims.encode()?.0.as_slice(), header, key)
}

/// Async version of [`sign`].
///
/// # Errors
///
/// As [`sign`].
pub async fn sign_async<T: Serialize>(
    claims: &Claims<T>,
    key: &impl AsyncSigningKey,
) -> Result<String, Error> {
    sign_with_header_async(claims, &typ_jwt(), key).await
}

/// Async version of [`sign_with_header`].
///
/// # Errors
///
/// As [`sign`].
pub async fn sign_with_header_async<T: Serialize>(
    claims: &Claims<T>,
    header: &JwsHeader,
    key: &impl AsyncSigningKey,
) -> Result<String, Error> {
    let payload = claims.encode()?;
    jws::sign_with_header_async(payload.0.as_slice(), header, key).await
}

/// Verifies a signed token and validates its claims; `T` is the type of the private ones.
///
/// The steps, in order: length, form and header of the token, choice of the key, signature, then the
/// rules, then the private claims' type, then replay.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use strict_jose::{Audience, Claims, Hs256Key, Issuer, Validated, Validation, jwt};
/// use std::time::Duration;
///
/// #[derive(Serialize, Deserialize)]
/// struct Roles {
///     roles: Vec<String>,
/// }
///
/// let key = Hs256Key::generate()?;
/// let claims = Claims::expiring_in(Duration::from_secs(300))
///     .issuer("https://as.example")
///     .audience("https://api.example")
///     .private(Roles { roles: vec!["reader".into()] });
/// let token = jwt::sign(&claims, &key)?;
///
/// let rules = Validation::new(
///     Issuer::exactly("https://as.example"),
///     Audience::includes("https://api.example"),
/// );
/// let claims: Validated<Roles> = jwt::verify(&token, &key, &rules)?;
/// assert_eq!(claims.private().roles, ["reader"]);
/// # Ok::<(), strict_jose::Error>(())
/// ```
///
/// # Errors
///
/// As [`jws::verify`]; then [`Error::Json`] or [`Error::Claim`] for the claims,
/// [`Error::Replayed`] or [`Error::Replay`] from the guard.
pub fn verify<T: DeserializeOwned>(
    token: &str,
    keys: &impl VerifyingKeys,
    rules: &Validation<impl ReplayCheck>,
) -> Result<Validated<T>, Error> {
    check_and_consume(&mut verify_signature(token, keys, rules)?, rules)
}

/// Async version of [`verify`], for a guard that is asked asynchronously.
///
/// # Errors
///
/// As [`verify`].
pub async fn verify_async<T: DeserializeOwned>(
    token: &str,
    keys: &impl VerifyingKeys,
    rules: &Validation<impl AsyncReplayCheck>,
) -> Result<Validated<T>, Error> {
    check_and_consume_async(&mut verify_signature(token, keys, rules)?, rules).await
}

/// The signature alone, by the key that the rules' reading of the token's issuer leads to.
fn verify_signature<R>(
    token: &str,
    keys: &impl VerifyingKeys,
    rules: &Validation<R>,
) -> Result<VerifiedPayload, Error> {
    let alias = rules.reading.aliases.of(RegisteredClaim::Issuer).map(|alias| &**alias);
    jws::verify_for_issuer_as(token, keys, alias, &rules.reading.limits)
}

/// All rules over octets whose signature has been verified, replay last.
fn check_and_consume<T: DeserializeOwned>(
    payload: &mut VerifiedPayload,
    rules: &Validation<impl ReplayCheck>,
) -> Result<Validated<T>, Error> {
    let claims = check_rules(payload, rules)?;
    let answer = match &claims.query {
        Some(query) => Some(rules.replay.ask(&query.id, query.keep_until, query.now)?),
        None => None,
    };
    claims.into_validated(answer)
}

/// [`check_and_consume`] for a guard that answers later.
async fn check_and_consume_async<T: DeserializeOwned>(
    payload: &mut VerifiedPayload,
    rules: &Validation<impl AsyncReplayCheck>,
) -> Result<Validated<T>, Error> {
    let claims = check_rules(payload, rules)?;
    let answer = match &claims.query {
        Some(query) => Some(rules.replay.ask(&query.id, query.keep_until, query.now).await?),
        None => None,
    };
    claims.into_validated(answer)
}

/// Every rule but replay, over octets whose signature has been verified.
fn check_rules<T: DeserializeOwned>(
    payload: &mut VerifiedPayload,
    rules: &Validation<impl ReplayRule>,
) -> Result<AwaitingReplay<T>, Error> {
    let (registered, private) = RegisteredClaims::read(payload.payload(), &rules.reading)?;
    let query = rules.check(&registered, payload.header(), payload.key_issuer())?;
    // Before the guard is asked: claims that do not fit the caller's type must not use the id up.
    let private = private.read()?;
    Ok(AwaitingReplay { registered, private, header: payload.take_header(), query })
}

/// Claims that satisfy every rule but replay, about which the guard is asked if there is a query.
struct AwaitingReplay<T> {
    registered: RegisteredClaims,
    private: T,
    header: crate::header::TokenHeader,
    query: Option<ReplayQuery>,
}

impl<T> AwaitingReplay<T> {
    /// Hands the claims out, unless their id was there before.
    fn into_validated(self, answer: Option<Insertion>) -> Result<Validated<T>, Error> {
        let Self { registered, private, header, query } = self;
        match (&query, answer) {
            (None, None) | (Some(_), Some(Insertion::Inserted)) => {}
            // A question without an answer does not occur, and must not count as accepted.
            _ => return Err(Error::Replayed),
        }
        Ok(Validated::new(registered, private, header, query.map(|query| query.id)))
    }
}

fn typ_jwt() -> JwsHeader {
    JwsHeader::new().typ("JWT")
}
