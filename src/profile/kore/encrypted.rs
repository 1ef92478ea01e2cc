//! A platform's decryption keys, and tokens of bare claims.

use super::keys::PlatformKeys;
use super::platform::Platform;
use super::refusal::Refusal;
use crate::external::{ExternalRsa1_5Key, ExternalRsaOaepKey};
use crate::legacy::Rsa1_5DecryptionKey;
use crate::{
    AsyncDecryptionKeys, DecryptionKeys, Error, Issuer, KeySet, RsaOaepDecryptionKey,
    Unauthenticated, jwt,
};
use serde::de::DeserializeOwned;

impl<G, O, R> Platform<G, PlatformKeys<O, R>> {
    /// Decrypts tokens for RSA-OAEP with these keys, picked by `kid`.
    #[must_use]
    pub fn decrypting(
        self,
        keys: KeySet<RsaOaepDecryptionKey>,
    ) -> Platform<G, PlatformKeys<KeySet<RsaOaepDecryptionKey>, R>> {
        self.with_keys(|old| PlatformKeys { rsa_oaep: Some(keys), rsa1_5: old.rsa1_5 })
    }

    /// Decrypts tokens for RSA1_5 with these keys, picked by `kid`. Beside
    /// [`decrypting`](Self::decrypting) the token's `alg` says which of the two it is for.
    #[must_use]
    pub fn decrypting_rsa1_5(
        self,
        keys: KeySet<Rsa1_5DecryptionKey>,
    ) -> Platform<G, PlatformKeys<O, KeySet<Rsa1_5DecryptionKey>>> {
        self.with_keys(|old| PlatformKeys { rsa_oaep: old.rsa_oaep, rsa1_5: Some(keys) })
    }

    /// [`decrypting`](Self::decrypting) with keys in a device. With one that answers later, tokens go through the
    /// calls that end in `_async`.
    #[must_use]
    pub fn decrypting_externally<D>(
        self,
        keys: KeySet<ExternalRsaOaepKey<D>>,
    ) -> Platform<G, PlatformKeys<KeySet<ExternalRsaOaepKey<D>>, R>> {
        self.with_keys(|old| PlatformKeys { rsa_oaep: Some(keys), rsa1_5: old.rsa1_5 })
    }

    /// [`decrypting_rsa1_5`](Self::decrypting_rsa1_5) with keys in a device, as
    /// [`decrypting_externally`](Self::decrypting_externally).
    #[must_use]
    pub fn decrypting_rsa1_5_externally<D>(
        self,
        keys: KeySet<ExternalRsa1_5Key<D>>,
    ) -> Platform<G, PlatformKeys<O, KeySet<ExternalRsa1_5Key<D>>>> {
        self.with_keys(|old| PlatformKeys { rsa_oaep: old.rsa_oaep, rsa1_5: Some(keys) })
    }
}

impl<G, O: DecryptionKeys, R: DecryptionKeys> Platform<G, PlatformKeys<O, R>> {
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
            self.vouched_by_nobody(self.keys.with_either(
                |keys| jwt::decrypt(assertion, keys, &rules),
                |keys| jwt::decrypt(assertion, keys, &rules),
            )?)
        };
        decrypt().map_err(|reason| Refusal::new(reason, false))
    }
}

impl<G, O: AsyncDecryptionKeys, R: AsyncDecryptionKeys> Platform<G, PlatformKeys<O, R>> {
    /// [`decrypt`](Self::decrypt) with keys that may be in a device that answers later.
    ///
    /// # Errors
    ///
    /// As [`decrypt`](Self::decrypt).
    pub async fn decrypt_async<T: DeserializeOwned>(
        &self,
        assertion: &str,
    ) -> Result<Unauthenticated<T>, Refusal> {
        let decrypt = async {
            let rules = self.rules(Issuer::unchecked())?;
            let decrypting = self.keys.with_either_async(
                async |keys| jwt::decrypt_async(assertion, keys, &rules).await,
                async |keys| jwt::decrypt_async(assertion, keys, &rules).await,
            );
            self.vouched_by_nobody(decrypting.await?)
        };
        decrypt.await.map_err(|reason| Refusal::new(reason, false))
    }
}

impl<G, D> Platform<G, D> {
    fn vouched_by_nobody<T>(
        &self,
        claims: Unauthenticated<T>,
    ) -> Result<Unauthenticated<T>, Error> {
        self.check_silent(claims.audience(), claims.header())?;
        Ok(claims)
    }
}
