//! What a platform decrypts with: keys in memory, or in devices.

use crate::Error;
#[cfg(feature = "jwe")]
use crate::jwe::{self, Plaintext};
#[cfg(feature = "jwe")]
use crate::{
    AsyncDecryptionKeys, DecryptionKeys, HeaderProblem, KeySet, Limits, RsaOaepDecryptionKey,
    legacy::Rsa1_5DecryptionKey,
};

/// A platform's keys by algorithm, those for RSA-OAEP and those for RSA1_5: in memory unless
/// [`Platform`](super::Platform) says otherwise. Both may be one RSA key: its published JWK names no algorithm.
///
/// [`accept`](super::Platform::accept) is for [`DecryptionKeys`], [`accept_async`](super::Platform::accept_async) for
/// [`AsyncDecryptionKeys`], as keys in memory also are.
#[cfg(feature = "jwe")]
#[derive(Debug, Clone)]
pub struct PlatformKeys<O = KeySet<RsaOaepDecryptionKey>, R = KeySet<Rsa1_5DecryptionKey>> {
    pub(super) rsa_oaep: Option<O>,
    pub(super) rsa1_5: Option<R>,
}

/// None, without the feature `jwe`.
#[cfg(not(feature = "jwe"))]
#[derive(Debug, Clone)]
pub struct PlatformKeys;

impl PlatformKeys {
    pub(super) fn none() -> Self {
        #[cfg(feature = "jwe")]
        return Self { rsa_oaep: None, rsa1_5: None };
        #[cfg(not(feature = "jwe"))]
        Self
    }
}

#[cfg(feature = "jwe")]
impl<O, R> PlatformKeys<O, R> {
    /// Does it with the keys of one algorithm, or of the other if the token is for that. Between the
    /// two lies no cryptography: the header is public, and checked before any key is used.
    pub(super) fn with_either<V>(
        &self,
        rsa_oaep: impl FnOnce(&O) -> Result<V, Error>,
        rsa1_5: impl FnOnce(&R) -> Result<V, Error>,
    ) -> Result<V, Error> {
        match (self.rsa_oaep.as_ref().map(rsa_oaep), &self.rsa1_5) {
            (Some(Err(error)), Some(keys)) if is_for_another_key(&error) => rsa1_5(keys),
            (Some(result), _) => result,
            (None, Some(keys)) => rsa1_5(keys),
            (None, None) => Err(Error::NoMatchingKey),
        }
    }

    /// [`with_either`](Self::with_either) for keys that answer later.
    pub(super) async fn with_either_async<V>(
        &self,
        rsa_oaep: impl AsyncFnOnce(&O) -> Result<V, Error>,
        rsa1_5: impl AsyncFnOnce(&R) -> Result<V, Error>,
    ) -> Result<V, Error> {
        let by_oaep = match &self.rsa_oaep {
            Some(keys) => Some(rsa_oaep(keys).await),
            None => None,
        };
        match (by_oaep, &self.rsa1_5) {
            (Some(Err(error)), Some(keys)) if is_for_another_key(&error) => rsa1_5(keys).await,
            (Some(result), _) => result,
            (None, Some(keys)) => rsa1_5(keys).await,
            (None, None) => Err(Error::NoMatchingKey),
        }
    }
}

#[cfg(feature = "jwe")]
fn is_for_another_key(error: &Error) -> bool {
    matches!(
        error,
        Error::NoMatchingKey | Error::Header { parameter: "alg", problem: HeaderProblem::Mismatch }
    )
}

/// What an encrypted token holds.
#[cfg(feature = "jwe")]
pub type Opened = Plaintext;
#[cfg(not(feature = "jwe"))]
pub type Opened = core::convert::Infallible;

/// Keys that open tokens at once.
pub trait OpensTokens {
    /// What the token holds, if it is encrypted.
    fn open(&self, token: &str) -> Result<Option<Opened>, Error>;
}

/// Keys that may open tokens later.
pub trait OpensTokensLater: Sync {
    /// As [`OpensTokens::open`].
    fn open(&self, token: &str) -> impl Future<Output = Result<Option<Opened>, Error>> + Send;
}

/// Only tells the two kinds apart: their readers check the length and the form.
#[cfg(feature = "jwe")]
fn is_encrypted(token: &str) -> bool {
    token.split('.').count() == 5
}

#[cfg(feature = "jwe")]
impl<O: DecryptionKeys, R: DecryptionKeys> OpensTokens for PlatformKeys<O, R> {
    fn open(&self, token: &str) -> Result<Option<Opened>, Error> {
        if !is_encrypted(token) {
            return Ok(None);
        }
        let opened = self.with_either(
            |keys| jwe::decrypt_with_limits(token, keys, &Limits::DEFAULT),
            |keys| jwe::decrypt_with_limits(token, keys, &Limits::DEFAULT),
        );
        opened.map(Some)
    }
}

#[cfg(feature = "jwe")]
impl<O: AsyncDecryptionKeys, R: AsyncDecryptionKeys> OpensTokensLater for PlatformKeys<O, R> {
    async fn open(&self, token: &str) -> Result<Option<Opened>, Error> {
        if !is_encrypted(token) {
            return Ok(None);
        }
        let opening = self.with_either_async(
            async |keys| jwe::decrypt_with_limits_async(token, keys, &Limits::DEFAULT).await,
            async |keys| jwe::decrypt_with_limits_async(token, keys, &Limits::DEFAULT).await,
        );
        opening.await.map(Some)
    }
}

#[cfg(not(feature = "jwe"))]
impl OpensTokens for PlatformKeys {
    fn open(&self, _: &str) -> Result<Option<Opened>, Error> {
        Ok(None)
    }
}

#[cfg(not(feature = "jwe"))]
impl OpensTokensLater for PlatformKeys {
    async fn open(&self, _: &str) -> Result<Option<Opened>, Error> {
        Ok(None)
    }
}

/// The signed token inside, told by its shape: the documented header has no `cty`.
#[cfg(feature = "jwe")]
pub(super) fn signed(opened: &Opened) -> Result<&str, Error> {
    if opened.header().content_type().is_some_and(|cty| !cty.eq_ignore_ascii_case("JWT")) {
        return Err(Error::Header { parameter: "cty", problem: HeaderProblem::Mismatch });
    }
    opened.as_compact_jws().ok_or(Error::NestedNotSigned)
}

#[cfg(not(feature = "jwe"))]
pub(super) fn signed(opened: &Opened) -> Result<&str, Error> {
    match *opened {}
}
