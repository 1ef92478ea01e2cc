//! The HS256 key (RFC 7518 section 3.2): one secret that signs and verifies.

use super::jwk::{self, Jwk, JwkProfile};
use super::{KeyId, choice_of_one, debug_key, key_id_methods, key_text, sealed};
use crate::crypto::hmac_sha256::HmacSha256;
use crate::crypto::{random, sha256};
use crate::encoding::base64url;
use crate::error::{Error, KeyError};
use crate::jwa::SignatureAlgorithm;
use crate::limits::{HS256_SECRET_MAXIMUM, HS256_SECRET_MINIMUM};
use crate::secret::SecretString;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A shared secret for HS256, 32 to 4,096 octets (RFC 7518 section 3.2).
///
/// Text is never taken without naming how it stands for octets: the same text gives different keys by
/// [`from_utf8`](Self::from_utf8), [`from_base64`](Self::from_base64) and
/// [`from_base64url`](Self::from_base64url). Cloning shares the secret, which is wiped with the last
/// clone.
///
/// ```
/// use strict_jose::{Hs256Key, jws};
///
/// let key = Hs256Key::generate()?;
/// let token = jws::sign(b"octets", &key)?;
/// assert_eq!(jws::verify(&token, &key)?.payload(), b"octets");
/// # Ok::<(), strict_jose::Error>(())
/// ```
#[derive(Clone)]
pub struct Hs256Key {
    inner: Arc<Inner>,
    key_id: Option<KeyId>,
}

struct Inner {
    secret: Zeroizing<Vec<u8>>,
    hmac: HmacSha256,
}

/// What a JWK of this key says of itself.
const PROFILE: JwkProfile = JwkProfile {
    kty: "oct",
    alg: "HS256",
    usage: "sig",
    operations: &["sign", "verify"],
    required: jwk::RequiredOperations::All(&["sign", "verify"]),
};

impl Hs256Key {
    /// A new secret of 32 random octets.
    ///
    /// # Errors
    ///
    /// [`KeyError::RandomnessUnavailable`] if the operating system gives no random octets.
    pub fn generate() -> Result<Self, KeyError> {
        let mut secret = Zeroizing::new(vec![0; HS256_SECRET_MINIMUM]);
        random::fill(&mut secret)?;
        Self::new(secret, None)
    }

    /// The secret's octets themselves.
    ///
    /// # Errors
    ///
    /// [`KeyError::SecretTooShort`] below 32 octets, [`KeyError::SecretTooLong`] above 4,096, and
    /// [`KeyError::SecretLooksLikeKeyText`] for a PEM, DER or JWK text: a public key used as a shared
    /// secret lets anyone sign.
    pub fn from_bytes(secret: &[u8]) -> Result<Self, KeyError> {
        check_length(secret.len())?;
        Self::new(Zeroizing::new(secret.to_vec()), None)
    }

    /// The UTF-8 octets of a text, as they stand, even if the text looks encoded.
    ///
    /// # Errors
    ///
    /// As [`from_bytes`](Self::from_bytes).
    pub fn from_utf8(secret: &str) -> Result<Self, KeyError> {
        Self::from_bytes(secret.as_bytes())
    }

    /// The octets that a base64 text stands for, padding required (RFC 4648 section 4).
    ///
    /// # Errors
    ///
    /// [`KeyError::Malformed`] for any other text, else as [`from_bytes`](Self::from_bytes).
    pub fn from_base64(secret: &str) -> Result<Self, KeyError> {
        check_text_length(secret)?;
        Self::new(base64url::secret_decode_base64(secret).map_err(|_| KeyError::Malformed)?, None)
    }

    /// The octets that a base64url text without padding stands for (RFC 7515 section 2).
    ///
    /// # Errors
    ///
    /// [`KeyError::Malformed`] for any other text, else as [`from_bytes`](Self::from_bytes).
    pub fn from_base64url(secret: &str) -> Result<Self, KeyError> {
        check_text_length(secret)?;
        Self::new(base64url::secret_decode(secret).map_err(|_| KeyError::Malformed)?, None)
    }

    /// A JWK with `kty` `oct` (RFC 7518 section 6.4), its `kid` taken over.
    ///
    /// # Errors
    ///
    /// [`KeyError::InvalidJson`] or [`KeyError::InvalidJwk`] if it is no such JWK, or one for another `use`,
    /// `key_ops` or `alg`; else as [`from_bytes`](Self::from_bytes).
    pub fn from_jwk(jwk: &str) -> Result<Self, KeyError> {
        Self::from_members(&Jwk::read(jwk)?)
    }

    pub(crate) fn from_members(jwk: &Jwk<'_>) -> Result<Self, KeyError> {
        let key_id = jwk.check(&PROFILE)?;
        Self::new(jwk.symmetric()?, key_id)
    }

    fn new(secret: Zeroizing<Vec<u8>>, key_id: Option<KeyId>) -> Result<Self, KeyError> {
        check_length(secret.len())?;
        // After decoding, so that a key file is also found behind base64 and in the `k` of a JWK.
        if key_text::is_key_text(&secret) {
            return Err(KeyError::SecretLooksLikeKeyText);
        }
        let hmac = HmacSha256::new(&secret);
        Ok(Self { inner: Arc::new(Inner { secret, hmac }), key_id })
    }

    key_id_methods!("written into the tokens it signs and compared with theirs");

    /// The key as a JWK. It holds the secret.
    #[must_use]
    pub fn to_secret_jwk(&self) -> SecretString {
        let k = base64url::secret_encode(&self.inner.secret);
        jwk::write_secret(&PROFILE, &[("k", &k)], self.key_id())
    }

    /// The JWK Thumbprint with SHA-256, base64url (RFC 7638 section 3.2).
    ///
    /// It lets anyone test a guessed secret: publish it only for secrets that were generated.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let k = base64url::secret_encode(&self.inner.secret);
        let parts = [r#"{"k":""#.as_bytes(), k.as_bytes(), br#"","kty":"oct"}"#];
        base64url::encode(&sha256::digest(&parts))
    }
}

fn check_length(bytes: usize) -> Result<(), KeyError> {
    if bytes < HS256_SECRET_MINIMUM {
        return Err(KeyError::SecretTooShort { minimum: HS256_SECRET_MINIMUM });
    }
    if bytes > HS256_SECRET_MAXIMUM {
        return Err(KeyError::SecretTooLong { maximum: HS256_SECRET_MAXIMUM });
    }
    Ok(())
}

/// Before decoding: no text of a permitted secret is longer than this.
fn check_text_length(text: &str) -> Result<(), KeyError> {
    if text.len() > HS256_SECRET_MAXIMUM / 3 * 4 + 4 {
        return Err(KeyError::SecretTooLong { maximum: HS256_SECRET_MAXIMUM });
    }
    Ok(())
}

impl core::fmt::Debug for Hs256Key {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        debug_key(f, "Hs256Key", self.key_id())
    }
}

impl sealed::Identified for Hs256Key {
    fn key_id(&self) -> Option<&str> {
        self.key_id()
    }
}

impl sealed::SignatureScheme for Hs256Key {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Hs256
    }

    fn signature_len(&self) -> usize {
        32
    }
}

impl sealed::Sign for Hs256Key {
    fn sign_onto(&self, token: &mut String) -> Result<(), Error> {
        let mac = self.inner.hmac.sign(&[token.as_bytes()]);
        token.push('.');
        base64url::encode_onto(&mac, token);
        Ok(())
    }
}

impl sealed::AsyncSign for Hs256Key {
    async fn sign_onto(&self, token: &mut String) -> Result<(), Error> {
        sealed::Sign::sign_onto(self, token)
    }
}

impl sealed::Verify for Hs256Key {
    fn verify(&self, signing_input: &[u8], signature: &[u8]) -> Result<(), Error> {
        let mac = signature.try_into().map_err(|_| Error::InvalidSignature)?;
        self.inner.hmac.verify(&[signing_input], mac).map_err(|_| Error::InvalidSignature)
    }
}

choice_of_one! {
    impl[] Hs256Key;
}
