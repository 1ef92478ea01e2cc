//! JSON Web Signature, compact serialization, over any octets (RFC 7515 section 5).

use crate::encoding::base64url;
use crate::encoding::compact::{self, JwsSegments};
use crate::error::{Error, Part};
use crate::header::{JwsHeader, TokenHeader, UnverifiedHints, issuer, read_segment};
use crate::key::sealed::{SignatureScheme, Verify};
use crate::key::{AsyncSigningKey, SigningKey, VerifyingKeys};
use crate::limits::{Limits, RSA_MODULUS_BITS};
use core::fmt;

/// That of the longest RSA key, in octets: room for every signature.
const LONGEST_SIGNATURE: usize = *RSA_MODULUS_BITS.end() / 8;

/// Octets whose signature has been verified. Only [`verify`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedPayload {
    payload: Vec<u8>,
    header: TokenHeader,
    issuer: Option<String>,
}

impl VerifiedPayload {
    /// The octets that were signed.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The octets, taken out.
    #[must_use]
    pub fn into_payload(self) -> Vec<u8> {
        self.payload
    }

    /// Wipes octets that came out of an encrypted token; those of others are public.
    #[cfg(feature = "jwe")]
    pub(crate) fn wipe(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.payload);
    }

    /// The Header Parameters that were signed with them.
    #[must_use]
    pub fn header(&self) -> &TokenHeader {
        &self.header
    }

    /// The header, taken out.
    pub(crate) fn take_header(&mut self) -> TokenHeader {
        core::mem::take(&mut self.header)
    }

    /// The issuer that the key was picked for, if it was picked by issuer.
    #[must_use]
    pub fn key_issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }
}

impl fmt::Debug for VerifiedPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedPayload")
            .field("octets", &self.payload.len())
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// Signs octets; the header holds `alg` and the key's `kid` (RFC 7515 section 5.1).
///
/// ```
/// use strict_jose::{Hs256Key, jws};
///
/// let key = Hs256Key::generate()?;
/// let token = jws::sign(b"any octets", &key)?;
/// assert_eq!(token.split('.').count(), 3);
/// # Ok::<(), strict_jose::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::SigningFailed`] if the RSA operation fails, [`Error::External`] if a device does.
pub fn sign<K: SigningKey>(payload: impl AsRef<[u8]>, key: &K) -> Result<String, Error> {
    sign_with_header(payload, &JwsHeader::new(), key)
}

/// Signs octets under a header with `typ` or `cty`.
///
/// # Errors
///
/// As [`sign`].
pub fn sign_with_header<K: SigningKey>(
    payload: impl AsRef<[u8]>,
    header: &JwsHeader,
    key: &K,
) -> Result<String, Error> {
    let mut token = signing_input(payload.as_ref(), header, key);
    key.sign_onto(&mut token)?;
    Ok(token)
}

/// Async version of [`sign`].
///
/// # Errors
///
/// As [`sign`].
pub async fn sign_async<K: AsyncSigningKey>(
    payload: impl AsRef<[u8]>,
    key: &K,
) -> Result<String, Error> {
    sign_with_header_async(payload, &JwsHeader::new(), key).await
}

/// Async version of [`sign_with_header`].
///
/// # Errors
///
/// As [`sign`].
pub async fn sign_with_header_async<K: AsyncSigningKey>(
    payload: impl AsRef<[u8]>,
    header: &JwsHeader,
    key: &K,
) -> Result<String, Error> {
    let mut token = signing_input(payload.as_ref(), header, key);
    key.sign_onto(&mut token).await?;
    Ok(token)
}

/// `header.payload`, with room for the signature.
fn signing_input(payload: &[u8], header: &JwsHeader, key: &impl SignatureScheme) -> String {
    let header = header.segment(key.algorithm().name(), key.key_id());
    let room: usize =
        [payload.len(), key.signature_len()].into_iter().map(base64url::encoded_length).sum();
    let mut input = String::with_capacity(header.len() + room + 2); // and the dots
    input.push_str(&header);
    input.push('.');
    base64url::encode_onto(payload, &mut input);
    input
}

/// Verifies a token and returns the octets that were signed (RFC 7515 section 5.2).
///
/// `alg` has to be the key's; `crit`, `b64` and `zip` are refused; `jwk`, `jku` and `x5c` are not
/// looked at. The payload is decoded only after the signature has held over the received octets.
///
/// ```
/// use strict_jose::{Error, Hs256Key, jws};
///
/// let key = Hs256Key::generate()?;
/// let token = jws::sign(b"octets", &key)?;
/// assert_eq!(jws::verify(&token, &key)?.payload(), b"octets");
///
/// let other = Hs256Key::generate()?;
/// assert_eq!(jws::verify(&token, &other).unwrap_err(), Error::InvalidSignature);
/// # Ok::<(), strict_jose::Error>(())
/// ```
///
/// # Errors
///
/// One of the `Error`s about the token's form, its header, the choice of the key, or
/// [`Error::InvalidSignature`].
pub fn verify(token: &str, keys: &impl VerifyingKeys) -> Result<VerifiedPayload, Error> {
    verify_with_limits(token, keys, &Limits::DEFAULT)
}

/// [`verify`] within other limits.
///
/// # Errors
///
/// As [`verify`].
pub fn verify_with_limits<K: VerifyingKeys>(
    token: &str,
    keys: &K,
    limits: &Limits,
) -> Result<VerifiedPayload, Error> {
    verify_for_issuer_as(token, keys, None, limits)
}

/// [`verify_with_limits`], the issuer that the key is picked for read under an alias.
pub(crate) fn verify_for_issuer_as<K: VerifyingKeys>(
    token: &str,
    keys: &K,
    alias: Option<&str>,
    limits: &Limits,
) -> Result<VerifiedPayload, Error> {
    let segments = compact::split_jws(token, limits)?;
    let mut bytes = Vec::new();
    let header = read_segment(segments.header, limits, &mut bytes)?;
    // Unverified, so `iss` only picks one of the trusted keys. The signature covers the octets that
    // it is read from: with a forged `iss` it would have to hold under the key of that issuer.
    let named = if K::BY_ISSUER { issuer(segments.payload, alias, limits) } else { None };
    let hints = UnverifiedHints::new(header.kid.as_deref(), named);
    let selected = keys.select(&hints)?;
    // The type of the key fixes the algorithm. Comparing `alg` rejects `none`, and HS256 with a
    // public RSA key as the secret, before anything is hashed (RFC 8725 section 3.1).
    header.check_jws(selected.key.algorithm().name())?;
    check_signature(&segments, selected.key)?;
    let payload =
        base64url::decode(segments.payload).map_err(|_| Error::Base64url(Part::Payload))?;
    Ok(VerifiedPayload {
        payload,
        header: header.into_owned(),
        issuer: selected.issuer.map(str::to_owned),
    })
}

fn check_signature<K: Verify>(segments: &JwsSegments<'_>, key: &K) -> Result<(), Error> {
    let expected = key.signature_len();
    if segments.signature.len() != base64url::encoded_length(expected) {
        return Err(Error::PartLength { part: Part::Signature, expected });
    }
    // Long enough: the encoded length has just been compared with that of the key.
    let mut bytes = [0; LONGEST_SIGNATURE];
    let signature = base64url::decode_into(segments.signature, &mut bytes)
        .map_err(|_| Error::Base64url(Part::Signature))?;
    key.verify(segments.signing_input.as_bytes(), signature)
}
