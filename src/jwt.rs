//! JSON Web Tokens: claims signed, encrypted, or both, each in one call (RFC 7519 section 7).

mod claim_aliases;
pub(crate) mod claims;
#[cfg(feature = "jwe")]
mod encrypted;
pub(crate) mod received;
pub(crate) mod registered_claim;
pub(crate) mod single_use;
pub(crate) mod unspent;
pub(crate) mod validated;
pub(crate) mod validation;

#[cfg(feature = "jwe")]
pub use encrypted::{
    decrypt, decrypt_async, decrypt_then_check, decrypt_then_check_async, decrypt_then_verify,
    decrypt_then_verify_async, encrypt, encrypt_with_header, sign_then_encrypt,
    sign_then_encrypt_async, sign_then_encrypt_with_header, sign_then_encrypt_with_header_async,
};

use crate::error::Error;
use crate::header::JwsHeader;
use crate::jws::{self, VerifiedPayload};
use crate::key::{AsyncSigningKey, SigningKey, VerifyingKeys};
use crate::replay::SharedGuard;
use claims::Claims;
use received::RegisteredClaims;
use registered_claim::RegisteredClaim;
use serde::Serialize;
use serde::de::DeserializeOwned;
use single_use::sealed::ReplayRule;
use single_use::{AsyncReplayCheck, ReplayCheck, SingleUse};
use unspent::Unspent;
use validated::{Checked, Validated};
use validation::Validation;

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
    check_and_spend(&mut verify_signature(token, keys, rules)?, rules)
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
    check_and_spend_async(&mut verify_signature(token, keys, rules)?, rules).await
}

/// [`verify`] in steps, for rules of your own and for work that can fail: every rule but replay holds, and
/// nothing is used up. See [`Unspent`] for what follows.
///
/// The rules must name `single_use`, with a guard behind a reference or an [`Arc`](std::sync::Arc).
///
/// # Errors
///
/// As [`verify`], but for those of the guard.
pub fn check<T: DeserializeOwned, G: SharedGuard>(
    token: &str,
    keys: &impl VerifyingKeys,
    rules: &Validation<SingleUse<G>>,
) -> Result<Unspent<T, G>, Error> {
    let unspent = check_rules(&mut verify_signature(token, keys, rules)?, rules)?;
    Ok(unspent.guarded_by(rules.guard().clone()))
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
fn check_and_spend<T: DeserializeOwned>(
    payload: &mut VerifiedPayload,
    rules: &Validation<impl ReplayCheck>,
) -> Result<Validated<T>, Error> {
    let unspent = check_rules(payload, rules)?;
    match rules.replay.guard() {
        Some(guard) => unspent.guarded_by(guard).spend_and_commit(),
        None => unspent.unguarded(),
    }
}

/// Async version of [`check_and_spend`].
async fn check_and_spend_async<T: DeserializeOwned>(
    payload: &mut VerifiedPayload,
    rules: &Validation<impl AsyncReplayCheck>,
) -> Result<Validated<T>, Error> {
    let unspent = check_rules(payload, rules)?;
    match rules.replay.guard() {
        Some(guard) => unspent.guarded_by(guard).spend_and_commit_async().await,
        None => unspent.unguarded(),
    }
}

/// Every rule but replay, over octets whose signature has been verified.
fn check_rules<T: DeserializeOwned>(
    payload: &mut VerifiedPayload,
    rules: &Validation<impl ReplayRule>,
) -> Result<Unspent<T, ()>, Error> {
    let (registered, private) = RegisteredClaims::read(payload.payload(), &rules.reading)?;
    let pending = rules.check(&registered, payload.header(), payload.key_issuer())?;
    // Before the guard is asked: claims that do not fit the caller's type must not use the id up.
    let private = private.read()?;
    let claims = Checked::new(registered, private, payload.take_header(), pending.now);
    Ok(Unspent::new(claims, pending))
}

fn typ_jwt() -> JwsHeader {
    JwsHeader::new().typ("JWT")
}
