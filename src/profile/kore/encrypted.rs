//! The platform's decryption keys, and what they open.

use super::platform::Platform;
use super::refusal::Refusal;
use crate::{
    Error, HeaderProblem, Issuer, KeySet, Limits, RsaOaepDecryptionKey, Unauthenticated, jwe,
    jwe::Plaintext, jwt, legacy::Rsa1_5DecryptionKey,
};
use serde::de::DeserializeOwned;

/// The keys by algorithm. Both may be one RSA key: its published JWK names no algorithm.
#[derive(Debug, Clone, Default)]
pub(super) struct PlatformKeys {
    pub(super) rsa_oaep: Option<KeySet<RsaOaepDecryptionKey>>,
    pub(super) rsa1_5: Option<KeySet<Rsa1_5DecryptionKey>>,
}

impl PlatformKeys {
    /// Does it with the keys of one algorithm, or of the other if the token is for that. Between the
    /// two lies no cryptography: the header is public, and checked before any key is used.
    fn with_either<V>(
        &self,
        rsa_oaep: impl FnOnce(&KeySet<RsaOaepDecryptionKey>) -> Result<V, Error>,
        rsa1_5: impl FnOnce(&KeySet<Rsa1_5DecryptionKey>) -> Result<V, Error>,
    ) -> Result<V, Error> {
        match (self.rsa_oaep.as_ref().map(rsa_oaep), &self.rsa1_5) {
            (Some(Err(error)), Some(keys)) if is_for_another_key(&error) => rsa1_5(keys),
            (Some(result), _) => result,
            (None, Some(keys)) => rsa1_5(keys),
            (None, None) => Err(Error::NoMatchingKey),
        }
    }

    pub(super) fn open(&self, assertion: &str) -> Result<Plaintext, Error> {
        self.with_either(
            |keys| jwe::decrypt_with_limits(assertion, keys, &Limits::DEFAULT),
            |keys| jwe::decrypt_with_limits(assertion, keys, &Limits::DEFAULT),
        )
    }
}

/// The signed token inside, told by its shape: the documented header has no `cty`.
pub(super) fn signed(plaintext: &Plaintext) -> Result<&str, Error> {
    if plaintext.header().content_type().is_some_and(|cty| !cty.eq_ignore_ascii_case("JWT")) {
        return Err(Error::Header { parameter: "cty", problem: HeaderProblem::Mismatch });
    }
    plaintext.as_compact_jws().ok_or(Error::NestedNotSigned)
}

fn is_for_another_key(error: &Error) -> bool {
    matches!(
        error,
        Error::NoMatchingKey | Error::Header { parameter: "alg", problem: HeaderProblem::Mismatch }
    )
}

impl<G> Platform<G> {
    /// Decrypts tokens for RSA-OAEP with these keys, picked by `kid`.
    #[must_use]
    pub fn decrypting(mut self, keys: KeySet<RsaOaepDecryptionKey>) -> Self {
        self.keys.rsa_oaep = Some(keys);
        self
    }

    /// Decrypts tokens for RSA1_5 with these keys, picked by `kid`. Beside
    /// [`decrypting`](Self::decrypting) the token's `alg` says which of the two it is for.
    #[must_use]
    pub fn decrypting_rsa1_5(mut self, keys: KeySet<Rsa1_5DecryptionKey>) -> Self {
        self.keys.rsa1_5 = Some(keys);
        self
    }

    /// Decrypts a token of bare claims that nobody has signed. Anyone with the platform's public key
    /// can have written it: it is no [`Identity`](super::Identity), and never becomes one.
    ///
    /// ```
    /// use std::time::Duration;
    /// use strict_jose::{
    ///     AfterRestart, Claims, ContentEncryption, KeySet, MemoryReplayGuard, NumericDate,
    ///     RsaOaepDecryptionKey, Unauthenticated, jwt, profile::kore,
    /// };
    ///
    /// let private = RsaOaepDecryptionKey::generate(2048)?.with_key_id("k-1")?;
    /// let public = private.public_key();
    /// let guard = MemoryReplayGuard::with_capacity(1_000);
    /// let platform = kore::Platform::new(guard, AfterRestart::only_issued_after(NumericDate::now()?))
    ///     .decrypting(KeySet::new([private])?);
    ///
    /// let claims = Claims::expiring_in(Duration::from_secs(60)).audience(kore::AUDIENCE);
    /// let token = jwt::encrypt(&claims.subject("john"), ContentEncryption::A256Gcm, &public)?;
    /// let claims: Unauthenticated = platform.decrypt(&token)?;
    /// assert_eq!(claims.subject(), Some("john"));
    ///
    /// let rejected: Result<kore::Identity, _> = platform.accept(&token, "grant");
    /// let refusal = rejected.unwrap_err();
    /// assert_eq!(refusal.reason().code(), "nested.not_signed");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`Refusal`] for whatever [`jwt::decrypt`] refuses: the registered claims are checked as those
    /// of a signed token are, but for the issuer.
    pub fn decrypt<T: DeserializeOwned>(
        &self,
        assertion: &str,
    ) -> Result<Unauthenticated<T>, Refusal> {
        let decrypt = || {
            let rules = self.rules(Issuer::unchecked())?;
            let claims: Unauthenticated<T> = self.keys.with_either(
                |keys| jwt::decrypt(assertion, keys, &rules),
                |keys| jwt::decrypt(assertion, keys, &rules),
            )?;
            self.check_silent(claims.audience(), claims.header())?;
            Ok(claims)
        };
        decrypt().map_err(|reason| Refusal::new(reason, false))
    }
}
