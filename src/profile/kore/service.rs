//! The app's side: the identity goes in, the token comes out; key, client id and expiry stay here.

use super::AUDIENCE;
use super::identity::{User, broken};
use super::wire::Outgoing;
use crate::external::{AsyncRs256Signer, ExternalRs256Key, NoDevice, Rs256Signer};
use crate::profile::service_key::ServiceKey;
use crate::{ClaimProblem, Claims, Clock, Error, Hs256Key, NumericDate, Rs256SigningKey};
#[cfg(feature = "jwe")]
use crate::{
    ContentEncryption, EncryptionKey, JweHeader, RsaOaepEncryptionKey, jwe,
    legacy::Rsa1_5EncryptionKey,
};
use core::fmt;
use core::time::Duration;
use serde::Serialize;

/// What a token service beside an app holds: the client id, the key, and how long tokens live.
///
/// ```
/// use strict_jose::{Hs256Key, profile::kore};
///
/// let service = kore::TokenService::hs256("cs-xxxxxxxxxx-1234", Hs256Key::generate()?)?;
/// let token = service.issue(&kore::User::new("john.doe@achme.com"))?;
/// assert_eq!(token.split('.').count(), 3);
/// # Ok::<(), strict_jose::Error>(())
/// ```
#[derive(Clone)]
pub struct TokenService<S = NoDevice> {
    client_id: String,
    key: ServiceKey<S>,
    lifetime: Duration,
    jwt_id: bool,
    #[cfg(feature = "jwe")]
    encryption: Option<(Recipient, ContentEncryption)>,
    clock: Clock,
}

#[cfg(feature = "jwe")]
#[derive(Clone)]
enum Recipient {
    RsaOaep(RsaOaepEncryptionKey),
    Rsa1_5(Rsa1_5EncryptionKey),
}

/// Long enough to carry a token from a backend through a page to the platform.
const LIFETIME: Duration = Duration::from_secs(300);

impl TokenService {
    /// For an app registered for HS256. Tokens live 5 minutes unless said.
    ///
    /// # Errors
    ///
    /// [`Error::Claim`] for an empty client id.
    pub fn hs256(client_id: impl Into<String>, key: Hs256Key) -> Result<Self, Error> {
        Self::new(client_id.into(), ServiceKey::Hs256(key))
    }

    /// For an app registered for RS256. Tokens live 5 minutes unless said.
    ///
    /// # Errors
    ///
    /// As [`hs256`](Self::hs256).
    pub fn rs256(client_id: impl Into<String>, key: Rs256SigningKey) -> Result<Self, Error> {
        Self::new(client_id.into(), ServiceKey::Rs256(key))
    }
}

impl<S> TokenService<S> {
    /// For an app registered for RS256 whose private key is in a device: [`issue`](Self::issue) asks a
    /// [`Rs256Signer`], [`issue_async`](Self::issue_async) an [`AsyncRs256Signer`].
    ///
    /// # Errors
    ///
    /// [`Error::Claim`] for an empty client id.
    pub fn external(client_id: impl Into<String>, key: ExternalRs256Key<S>) -> Result<Self, Error> {
        Self::new(client_id.into(), ServiceKey::External(key))
    }

    fn new(client_id: String, key: ServiceKey<S>) -> Result<Self, Error> {
        if client_id.is_empty() {
            return Err(broken("iss", ClaimProblem::Empty));
        }
        Ok(Self {
            client_id,
            key,
            lifetime: LIFETIME,
            jwt_id: true,
            #[cfg(feature = "jwe")]
            encryption: None,
            clock: Clock::SYSTEM,
        })
    }

    /// How long tokens live, in whole seconds.
    ///
    /// # Errors
    ///
    /// [`Error::Claim`] below 1 second and above 1 hour, which the platform takes no `jti` beyond.
    pub fn lifetime(mut self, lifetime: Duration) -> Result<Self, Error> {
        self.lifetime = Duration::from_secs(lifetime.as_secs());
        if self.lifetime.is_zero() {
            return Err(broken("exp", ClaimProblem::OutOfRange));
        }
        if lifetime > super::LONGEST_WITH_JTI {
            return Err(broken("exp", ClaimProblem::LifetimeTooLong));
        }
        Ok(self)
    }

    /// Writes no `jti`, so that a client can send the same token with each of its requests until `exp`, an hour at
    /// most: as a bearer in webhook mode.
    ///
    /// Whoever gets hold of such a token can use it as often as its owner. An app that enforces `jti` takes none
    /// ([`App::enforcing_jti`](super::App::enforcing_jti)).
    #[must_use]
    pub fn without_jti(mut self) -> Self {
        self.jwt_id = false;
        self
    }

    /// Encrypts every token for the platform, by RSA-OAEP.
    #[cfg(feature = "jwe")]
    #[must_use]
    pub fn encrypting(mut self, key: RsaOaepEncryptionKey, enc: ContentEncryption) -> Self {
        self.encryption = Some((Recipient::RsaOaep(key), enc));
        self
    }

    /// Encrypts every token for the platform, by RSA1_5: for one that offers nothing better.
    #[cfg(feature = "jwe")]
    #[must_use]
    pub fn encrypting_by_rsa1_5(
        mut self,
        key: Rsa1_5EncryptionKey,
        enc: ContentEncryption,
    ) -> Self {
        self.encryption = Some((Recipient::Rsa1_5(key), enc));
        self
    }

    /// Takes the time from this clock instead of the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Issues as if it were this time, at every call: for tests.
    #[must_use]
    pub fn at_fixed_time(self, now: NumericDate) -> Self {
        self.clock(Clock::fixed(now))
    }

    fn claims<'u, T>(&self, user: &'u User<T>) -> Result<Claims<Outgoing<'u, T>>, Error> {
        user.check()?;
        let claims = Claims::expiring_in(self.lifetime)
            .issued_at(self.clock.now()?)
            .issuer(&*self.client_id)
            .audience(AUDIENCE)
            .subject(&*user.subject);
        let claims = if self.jwt_id { claims.random_jwt_id() } else { claims };
        Ok(claims.private(Outgoing {
            is_anonymous: user.is_anonymous,
            identity_to_merge: user.identity_to_merge.as_deref(),
            rest: &user.private,
        }))
    }

    /// The signed token, encrypted if that is said.
    #[cfg(feature = "jwe")]
    fn finish(&self, token: String) -> Result<String, Error> {
        match &self.encryption {
            None => Ok(token),
            Some((Recipient::RsaOaep(key), enc)) => encrypt(&token, *enc, key),
            Some((Recipient::Rsa1_5(key), enc)) => encrypt(&token, *enc, key),
        }
    }

    #[cfg(not(feature = "jwe"))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "there is nothing to encrypt by"
    )]
    fn finish(&self, token: String) -> Result<String, Error> {
        Ok(token)
    }
}

impl<S: Rs256Signer> TokenService<S> {
    /// A token for this user: `iat` now, `exp` a lifetime later, a fresh `jti` of 128 random bits unless
    /// [`without_jti`](Self::without_jti) is said.
    ///
    /// It says of the user what it is told. Whether the user is who they say has to be known before.
    ///
    /// # Errors
    ///
    /// [`Error::Claim`] for an empty subject and for a merge with nobody or with oneself;
    /// [`Error::UnserializableClaims`] if the app's own claims are no object or hold a name that is
    /// registered or Kore.ai's; else as [`jwt::sign`](crate::jwt::sign) and
    /// [`jwe::encrypt`](crate::jwe::encrypt).
    pub fn issue<T: Serialize>(&self, user: &User<T>) -> Result<String, Error> {
        let claims = self.claims(user)?;
        self.finish(self.key.sign(&claims)?)
    }
}

impl<S: AsyncRs256Signer> TokenService<S> {
    /// [`issue`](Self::issue) for a device that answers later.
    ///
    /// # Errors
    ///
    /// As [`issue`](Self::issue).
    pub async fn issue_async<T: Serialize>(&self, user: &User<T>) -> Result<String, Error> {
        let claims = self.claims(user)?;
        self.finish(self.key.sign_async(&claims).await?)
    }
}

impl<S> fmt::Debug for TokenService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenService")
            .field("client_id", &self.client_id)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// Encrypts a signed token for the platform, under the header that its documentation shows: `typ`
/// `JWT`, the `kid` of the platform's key, no `cty`.
///
/// ```
/// use strict_jose::{ContentEncryption, RsaOaepDecryptionKey, RsaOaepEncryptionKey, profile::kore};
///
/// let platform = RsaOaepDecryptionKey::generate(2048)?.with_key_id("k-1")?;
/// let jwk = platform.public_key().to_jwk(); // what the platform gives out
/// let key = RsaOaepEncryptionKey::from_jwk(&jwk)?;
/// let token = kore::encrypt("a.signed.token", ContentEncryption::A128CbcHs256, &key)?;
/// assert_eq!(token.split('.').count(), 5);
/// # Ok::<(), strict_jose::Error>(())
/// ```
///
/// # Errors
///
/// As [`jwe::encrypt`](crate::jwe::encrypt).
#[cfg(feature = "jwe")]
pub fn encrypt(
    token: &str,
    enc: ContentEncryption,
    key: &impl EncryptionKey,
) -> Result<String, Error> {
    jwe::encrypt_with_header(token, &JweHeader::new(enc).typ("JWT"), key)
}
