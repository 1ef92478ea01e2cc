//! The calls for keys and guards that answer later. They need no runtime of their own.

use super::claims::Claims;
use super::received::Validated;
use super::single_use::AsyncReplayCheck;
use super::validation::Validation;
use super::{accept, typ_jwt, validate, verify_signature};
use crate::error::Error;
use crate::jws::{self, VerifiedPayload};
use crate::key::{AsyncSigningKey, VerifyingKeys};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// [`sign`](super::sign) for a key that answers later.
///
/// # Errors
///
/// As [`sign`](super::sign).
pub async fn sign_async<T: Serialize>(
    claims: &Claims<T>,
    key: &impl AsyncSigningKey,
) -> Result<String, Error> {
    let payload = claims.encode()?;
    jws::sign_async(payload.0.as_slice(), &typ_jwt(), key).await
}

/// [`verify`](super::verify) for a guard that answers later.
///
/// # Errors
///
/// As [`verify`](super::verify).
pub async fn verify_async<T: DeserializeOwned>(
    token: &str,
    keys: &impl VerifyingKeys,
    rules: &Validation<impl AsyncReplayCheck>,
) -> Result<Validated<T>, Error> {
    conclude_async(&mut verify_signature(token, keys, rules)?, rules).await
}

/// [`conclude`](super::conclude) for a guard that answers later.
pub(super) async fn conclude_async<T: DeserializeOwned>(
    payload: &mut VerifiedPayload,
    rules: &Validation<impl AsyncReplayCheck>,
) -> Result<Validated<T>, Error> {
    let (claims, pending) = validate(payload, rules)?;
    let inserted = match &pending {
        Some(ask) => Some(rules.replay().ask(&ask.id, ask.keep_until, ask.now).await?),
        None => None,
    };
    accept(claims, pending, inserted)
}
