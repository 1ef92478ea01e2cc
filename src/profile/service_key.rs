//! The key of a token service: in memory, of either algorithm, or in a device.

use crate::external::{AsyncRs256Signer, ExternalRs256Key, Rs256Signer};
use crate::{Claims, Error, Hs256Key, Rs256SigningKey, jwt};
use serde::Serialize;

#[derive(Clone)]
pub(super) enum ServiceKey<S> {
    Hs256(Hs256Key),
    Rs256(Rs256SigningKey),
    External(ExternalRs256Key<S>),
}

impl<S> ServiceKey<S> {
    pub(super) fn key_id(&self) -> Option<&str> {
        match self {
            Self::Hs256(key) => key.key_id(),
            Self::Rs256(key) => key.key_id(),
            Self::External(key) => key.public_key().key_id(),
        }
    }
}

impl<S: Rs256Signer> ServiceKey<S> {
    pub(super) fn sign<T: Serialize>(&self, claims: &Claims<T>) -> Result<String, Error> {
        match self {
            Self::Hs256(key) => jwt::sign(claims, key),
            Self::Rs256(key) => jwt::sign(claims, key),
            Self::External(key) => jwt::sign(claims, key),
        }
    }
}

impl<S: AsyncRs256Signer> ServiceKey<S> {
    pub(super) async fn sign_async<T: Serialize>(
        &self,
        claims: &Claims<T>,
    ) -> Result<String, Error> {
        match self {
            Self::Hs256(key) => jwt::sign(claims, key),
            Self::Rs256(key) => jwt::sign(claims, key),
            Self::External(key) => jwt::sign_async(claims, key).await,
        }
    }
}
