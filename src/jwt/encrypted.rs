//! Claims encrypted, and claims signed then encrypted (RFC 7519 sections 5.2 and 7).

use super::claims::Claims;
use super::received::RegisteredClaims;
use super::single_use::{AsyncReplayCheck, NoReplayProtection, ReplayCheck, SingleUse};
use super::unspent::Unspent;
use super::validated::{Unauthenticated, Validated};
use super::validation::{Validation, same_media_type};
use super::{
    check_and_spend, check_and_spend_async, check_rules, sign_with_header, sign_with_header_async,
    typ_jwt, verify_signature,
};
use crate::error::{Error, HeaderProblem};
use crate::header::{JweHeader, JwsHeader};
use crate::jwa::ContentEncryption;
use crate::jwe::{self, Plaintext};
use crate::jws::VerifiedPayload;
use crate::key::{
    AsyncDecryptionKeys, AsyncSigningKey, DecryptionKeys, EncryptionKey, SigningKey, VerifyingKeys,
};
use crate::replay::SharedGuard;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// Encrypts claims; the header holds `alg`, `enc`, the key's `kid` and `typ` `JWT`.
///
/// Encryption alone says nothing about who wrote the claims: for identity, take
/// [`sign_then_encrypt`].
///
/// # Errors
///
/// As [`sign`](super::sign) for the claims and [`jwe::encrypt`] for the rest.
pub fn encrypt<T: Serialize>(
    claims: &Claims<T>,
    enc: ContentEncryption,
    key: &impl EncryptionKey,
) -> Result<String, Error> {
    encrypt_with_header(claims, &JweHeader::new(enc).typ("JWT"), key)
}

/// Encrypts claims under another header.
///
/// # Errors
///
/// As [`encrypt`].
pub fn encrypt_with_header<T: Serialize>(
    claims: &Claims<T>,
    header: &JweHeader,
    key: &impl EncryptionKey,
) -> Result<String, Error> {
    jwe::encrypt_with_header(claims.encode()?.0.as_slice(), header, key)
}

/// Decrypts claims and validates them. Nobody has signed them: they come as [`Unauthenticated`].
///
/// Replay cannot be refused here: anyone could write tokens and use up others' ids.
///
/// ```
/// use strict_jose::{
///     Audience, Claims, ContentEncryption, Issuer, RsaOaepDecryptionKey, Unauthenticated,
///     Validation, jwt,
/// };
/// use std::time::Duration;
///
/// let private = RsaOaepDecryptionKey::generate(2048)?;
/// let claims = Claims::expiring_in(Duration::from_secs(60)).subject("alice");
/// let token = jwt::encrypt(&claims, ContentEncryption::A128Gcm, &private.public_key())?;
/// let rules = Validation::new(Issuer::unchecked(), Audience::unchecked());
/// let claims: Unauthenticated = jwt::decrypt(&token, &private, &rules)?;
/// assert_eq!(claims.subject(), Some("alice"));
/// # Ok::<(), strict_jose::Error>(())
/// ```
///
/// # Errors
///
/// As [`jwe::decrypt`]; then [`Error::Json`] or [`Error::Claim`] for the claims.
pub fn decrypt<T: DeserializeOwned>(
    token: &str,
    keys: &impl DecryptionKeys,
    rules: &Validation<NoReplayProtection>,
) -> Result<Unauthenticated<T>, Error> {
    unauthenticated(&jwe::decrypt_with_limits(token, keys, &rules.reading.limits)?, rules)
}

/// Async version of [`decrypt`].
///
/// # Errors
///
/// As [`decrypt`].
pub async fn decrypt_async<T: DeserializeOwned>(
    token: &str,
    keys: &impl AsyncDecryptionKeys,
    rules: &Validation<NoReplayProtection>,
) -> Result<Unauthenticated<T>, Error> {
    unauthenticated(
        &jwe::decrypt_with_limits_async(token, keys, &rules.reading.limits).await?,
        rules,
    )
}

fn unauthenticated<T: DeserializeOwned>(
    plaintext: &Plaintext,
    rules: &Validation<NoReplayProtection>,
) -> Result<Unauthenticated<T>, Error> {
    let (registered, private) = RegisteredClaims::read(plaintext, &rules.reading)?;
    // No key vouches for an issuer here, so `Issuer::bound_to_key` rejects every such token.
    rules.check(&registered, plaintext.header(), None)?;
    Ok(Unauthenticated::new(registered, private.read()?, plaintext.header().clone()))
}

/// Signs claims, then encrypts the signed token under `cty` `JWT`.
///
/// ```
/// use strict_jose::{
///     Audience, Claims, ContentEncryption, Hs256Key, Issuer, RsaOaepDecryptionKey, Validated,
///     Validation, jwt,
/// };
/// use std::time::Duration;
///
/// let (signing, private) = (Hs256Key::generate()?, RsaOaepDecryptionKey::generate(2048)?);
/// let claims = Claims::expiring_in(Duration::from_secs(60)).issuer("as").audience("api");
/// let enc = ContentEncryption::A256Gcm;
/// let token = jwt::sign_then_encrypt(&claims, &signing, enc, &private.public_key())?;
///
/// let rules = Validation::new(Issuer::exactly("as"), Audience::includes("api"));
/// let claims: Validated =
///     jwt::decrypt_then_verify(&token, &private, &signing, &rules)?;
/// assert_eq!(claims.issuer(), Some("as"));
/// # Ok::<(), strict_jose::Error>(())
/// ```
///
/// # Errors
///
/// As [`sign`](super::sign) and [`jwe::encrypt`].
pub fn sign_then_encrypt<T: Serialize>(
    claims: &Claims<T>,
    signing_key: &impl SigningKey,
    enc: ContentEncryption,
    encryption_key: &impl EncryptionKey,
) -> Result<String, Error> {
    sign_then_encrypt_with_header(claims, &typ_jwt(), signing_key, enc, encryption_key)
}

/// [`sign_then_encrypt`] with another header of the signed token, as for explicit typing (RFC 8725
/// section 3.11).
///
/// # Errors
///
/// As [`sign_then_encrypt`].
pub fn sign_then_encrypt_with_header<T: Serialize>(
    claims: &Claims<T>,
    header: &JwsHeader,
    signing_key: &impl SigningKey,
    enc: ContentEncryption,
    encryption_key: &impl EncryptionKey,
) -> Result<String, Error> {
    // Signed first: a signature around the ciphertext could be removed (RFC 7519 section 11.2).
    let signed = Zeroizing::new(sign_with_header(claims, header, signing_key)?);
    jwe::encrypt_with_header(signed.as_bytes(), &nested(enc), encryption_key)
}

/// Async version of [`sign_then_encrypt`], for a signing key that is asked asynchronously.
///
/// # Errors
///
/// As [`sign_then_encrypt`].
pub async fn sign_then_encrypt_async<T: Serialize>(
    claims: &Claims<T>,
    signing_key: &impl AsyncSigningKey,
    enc: ContentEncryption,
    encryption_key: &impl EncryptionKey,
) -> Result<String, Error> {
    sign_then_encrypt_with_header_async(claims, &typ_jwt(), signing_key, enc, encryption_key).await
}

/// Async version of [`sign_then_encrypt_with_header`], for a signing key that is asked asynchronously.
///
/// # Errors
///
/// As [`sign_then_encrypt`].
pub async fn sign_then_encrypt_with_header_async<T: Serialize>(
    claims: &Claims<T>,
    header: &JwsHeader,
    signing_key: &impl AsyncSigningKey,
    enc: ContentEncryption,
    encryption_key: &impl EncryptionKey,
) -> Result<String, Error> {
    let signed = Zeroizing::new(sign_with_header_async(claims, header, signing_key).await?);
    jwe::encrypt_with_header(signed.as_bytes(), &nested(enc), encryption_key)
}

/// Decrypts a token, then verifies the signed token inside and validates its claims.
///
/// The outer header has to say `cty` `JWT`; what is inside has to be a JWS, one deep. `typ` and all
/// claims are those of the inner token; the outer one only carries it.
///
/// # Errors
///
/// As [`jwe::decrypt`]; [`Error::Header`] for `cty`; [`Error::NestedNotSigned`]
/// for other content; then as [`verify`](super::verify).
pub fn decrypt_then_verify<T: DeserializeOwned>(
    token: &str,
    decryption_keys: &impl DecryptionKeys,
    verifying_keys: &impl VerifyingKeys,
    rules: &Validation<impl ReplayCheck>,
) -> Result<Validated<T>, Error> {
    let plaintext = jwe::decrypt_with_limits(token, decryption_keys, &rules.reading.limits)?;
    check_and_spend(&mut verify_inner(&plaintext, verifying_keys, rules)?.0, rules)
}

/// Async version of [`decrypt_then_verify`], for a decryption key and a guard that are asked asynchronously.
///
/// # Errors
///
/// As [`decrypt_then_verify`].
pub async fn decrypt_then_verify_async<T: DeserializeOwned>(
    token: &str,
    decryption_keys: &impl AsyncDecryptionKeys,
    verifying_keys: &impl VerifyingKeys,
    rules: &Validation<impl AsyncReplayCheck>,
) -> Result<Validated<T>, Error> {
    let plaintext =
        jwe::decrypt_with_limits_async(token, decryption_keys, &rules.reading.limits).await?;
    let mut payload = verify_inner(&plaintext, verifying_keys, rules)?;
    check_and_spend_async(&mut payload.0, rules).await
}

/// [`decrypt_then_verify`] in steps, as [`check`](super::check) is [`verify`](super::verify).
///
/// # Errors
///
/// As [`decrypt_then_verify`], but for those of the guard.
pub fn decrypt_then_check<T: DeserializeOwned, G: SharedGuard>(
    token: &str,
    decryption_keys: &impl DecryptionKeys,
    verifying_keys: &impl VerifyingKeys,
    rules: &Validation<SingleUse<G>>,
) -> Result<Unspent<T, G>, Error> {
    let plaintext = jwe::decrypt_with_limits(token, decryption_keys, &rules.reading.limits)?;
    check_inner(&plaintext, verifying_keys, rules)
}

/// Async version of [`decrypt_then_check`], for a decryption key that is asked asynchronously.
///
/// # Errors
///
/// As [`decrypt_then_check`].
pub async fn decrypt_then_check_async<T: DeserializeOwned, G: SharedGuard>(
    token: &str,
    decryption_keys: &impl AsyncDecryptionKeys,
    verifying_keys: &impl VerifyingKeys,
    rules: &Validation<SingleUse<G>>,
) -> Result<Unspent<T, G>, Error> {
    let plaintext =
        jwe::decrypt_with_limits_async(token, decryption_keys, &rules.reading.limits).await?;
    check_inner(&plaintext, verifying_keys, rules)
}

fn check_inner<T: DeserializeOwned, G: SharedGuard>(
    plaintext: &Plaintext,
    keys: &impl VerifyingKeys,
    rules: &Validation<SingleUse<G>>,
) -> Result<Unspent<T, G>, Error> {
    let unspent = check_rules(&mut verify_inner(plaintext, keys, rules)?.0, rules)?;
    Ok(unspent.guarded_by(rules.guard().clone()))
}

fn nested(enc: ContentEncryption) -> JweHeader {
    JweHeader::new(enc).content_type("JWT")
}

/// What was signed inside an encrypted token, as secret as all of its plaintext.
struct WipedPayload(VerifiedPayload);

impl Drop for WipedPayload {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

fn verify_inner<R>(
    plaintext: &Plaintext,
    keys: &impl VerifyingKeys,
    rules: &Validation<R>,
) -> Result<WipedPayload, Error> {
    verify_signature(inner(plaintext)?, keys, rules).map(WipedPayload)
}

/// The signed token inside, told by `cty` and by its shape.
fn inner(plaintext: &Plaintext) -> Result<&str, Error> {
    let refuse = |problem| Error::Header { parameter: "cty", problem };
    let cty = plaintext.header().content_type().ok_or(refuse(HeaderProblem::Missing))?;
    if !same_media_type(cty, "JWT") {
        return Err(refuse(HeaderProblem::Mismatch));
    }
    // The sender writes `cty`, so the shape decides as well: a JWE inside a JWE cannot make the
    // recipient decrypt again and again.
    plaintext.as_compact_jws().ok_or(Error::NestedNotSigned)
}
