//! CEKs decrypted by a device: by OAEP inside it, or by its raw RSA operation and our own unpadding.

use crate::crypto::count::{Operation, note};
use crate::crypto::rsa_padding::Padding;
use crate::error::{Error, ExternalError};
use crate::jwa::{ContentEncryption, KeyManagementAlgorithm};
use crate::key::rsa::{Rsa1_5, RsaOaep, RsaPublicKey};
use crate::key::{choice_of_one, debug_key, sealed};
use crate::secret::SecretBytes;
use core::fmt;
use core::future::Future;
use zeroize::Zeroizing;

/// A device that decrypts by RSAES OAEP with SHA-1, MGF1 with SHA-1 and the empty label.
pub trait OaepDecrypter {
    /// The decrypted octets.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Rejected`] if the device says that the octets do not decrypt: the caller of
    /// the crate will not be told so. Anything else is passed on.
    fn decrypt_oaep(&self, encrypted_key: &[u8]) -> Result<SecretBytes, ExternalError>;
}

/// The async twin of [`OaepDecrypter`].
pub trait AsyncOaepDecrypter: Sync {
    /// As [`OaepDecrypter::decrypt_oaep`].
    ///
    /// # Errors
    ///
    /// As [`OaepDecrypter::decrypt_oaep`].
    fn decrypt_oaep(
        &self,
        encrypted_key: &[u8],
    ) -> impl Future<Output = Result<SecretBytes, ExternalError>> + Send;
}

/// A device that does the raw RSA private operation (PKCS #11: `CKM_RSA_X_509`), without unpadding.
///
/// RSA1_5 asks for this one: a device that unpads PKCS #1 v1.5 itself tells by its answer whether the
/// padding held, which is all that Bleichenbacher's attack needs.
pub trait RawRsaDecrypter {
    /// `c^d mod n`, big-endian; leading zeros may be left out.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Rejected`] if the device refuses the octets: the caller of the crate will not
    /// be told so. Anything else is passed on.
    fn decrypt_raw(&self, encrypted_key: &[u8]) -> Result<SecretBytes, ExternalError>;
}

/// The async twin of [`RawRsaDecrypter`].
pub trait AsyncRawRsaDecrypter: Sync {
    /// As [`RawRsaDecrypter::decrypt_raw`].
    ///
    /// # Errors
    ///
    /// As [`RawRsaDecrypter::decrypt_raw`].
    fn decrypt_raw(
        &self,
        encrypted_key: &[u8],
    ) -> impl Future<Output = Result<SecretBytes, ExternalError>> + Send;
}

/// An RSA-OAEP decryption key in a device, paired with its public key.
pub struct ExternalRsaOaepKey<D> {
    device: D,
    public: RsaPublicKey<RsaOaep>,
}

/// An RSA1_5 decryption key in a device, paired with its public key.
pub struct ExternalRsa1_5Key<D> {
    device: D,
    public: RsaPublicKey<Rsa1_5>,
}

/// Takes the device's CEK over if it has the right length; keeps the random one otherwise.
fn take_cek(answer: Result<SecretBytes, ExternalError>, cek: &mut [u8]) -> Result<(), Error> {
    match answer {
        // This branch gives nothing away: OAEP holds only for a ciphertext that its sender made by
        // encrypting, and that sender knows the CEK and its length.
        Ok(bytes) if bytes.expose().len() == cek.len() => cek.copy_from_slice(bytes.expose()),
        Ok(_) | Err(ExternalError::Rejected) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Takes the CEK out of the device's block in constant time; keeps the random one if it is broken.
fn take_block(
    answer: Result<SecretBytes, ExternalError>,
    bytes: usize,
    cek: &mut [u8],
) -> Result<(), Error> {
    // A number that is not as long as the modulus is padded, or its block stays broken: to say more
    // would answer whether it begins with zeros.
    let mut block = Zeroizing::new(vec![0; bytes]);
    match answer {
        Ok(raw) => {
            if let Some(zeros) = bytes.checked_sub(raw.expose().len()) {
                block[zeros..].copy_from_slice(raw.expose()); // as many as are left
            }
        }
        Err(ExternalError::Rejected) => {}
        Err(error) => return Err(error.into()),
    }
    Padding::Pkcs1V1_5.remove(&mut block, cek);
    Ok(())
}

impl<D: OaepDecrypter> sealed::Unwrap for ExternalRsaOaepKey<D> {
    fn unwrap(&self, encrypted_key: &[u8], cek: &mut [u8]) -> Result<(), Error> {
        note(Operation::RsaPrivate);
        take_cek(self.device.decrypt_oaep(encrypted_key), cek)
    }
}

impl<D: AsyncOaepDecrypter> sealed::AsyncUnwrap for ExternalRsaOaepKey<D> {
    async fn unwrap(&self, encrypted_key: &[u8], cek: &mut [u8]) -> Result<(), Error> {
        note(Operation::RsaPrivate);
        take_cek(self.device.decrypt_oaep(encrypted_key).await, cek)
    }
}

impl<D: RawRsaDecrypter> sealed::Unwrap for ExternalRsa1_5Key<D> {
    fn unwrap(&self, encrypted_key: &[u8], cek: &mut [u8]) -> Result<(), Error> {
        note(Operation::RsaPrivate);
        take_block(self.device.decrypt_raw(encrypted_key), self.public.modulus_len(), cek)
    }
}

impl<D: AsyncRawRsaDecrypter> sealed::AsyncUnwrap for ExternalRsa1_5Key<D> {
    async fn unwrap(&self, encrypted_key: &[u8], cek: &mut [u8]) -> Result<(), Error> {
        note(Operation::RsaPrivate);
        take_block(self.device.decrypt_raw(encrypted_key).await, self.public.modulus_len(), cek)
    }
}

macro_rules! external_key {
    ($key:ident, $marker:ty, $algorithm:expr) => {
        impl<D> $key<D> {
            /// Pairs the device with its public key, whose `kid` is compared with the tokens'.
            pub fn new(device: D, public: RsaPublicKey<$marker>) -> Self {
                Self { device, public }
            }
        }

        impl<D> fmt::Debug for $key<D> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                debug_key(f, stringify!($key), self.public.key_id())
            }
        }

        impl<D> sealed::Identified for $key<D> {
            fn key_id(&self) -> Option<&str> {
                self.public.key_id()
            }
        }

        impl<D> sealed::Unwrapping for $key<D> {
            fn algorithm(&self) -> KeyManagementAlgorithm {
                $algorithm
            }

            fn encrypted_key_len(&self) -> usize {
                self.public.modulus_len()
            }

            fn content_encryptions(&self) -> &[ContentEncryption] {
                &ContentEncryption::ALL
            }
        }

        choice_of_one! {
            impl[D] $key<D>;
        }
    };
}

external_key!(ExternalRsaOaepKey, RsaOaep, KeyManagementAlgorithm::RsaOaep);
external_key!(ExternalRsa1_5Key, Rsa1_5, KeyManagementAlgorithm::Rsa1_5);
