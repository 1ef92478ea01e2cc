//! A device with one RSA key, made of the `rsa` crate, plain and behind a network.

use rsa::pkcs8::DecodePrivateKey as _;
use rsa::{Pkcs1v15Sign, PrivateKey};
use sha2::{Digest as _, Sha256};
use strict_jose::ExternalError;
use strict_jose::external::{AsyncRs256Signer, Rs256Signer};

/// A device with one RSA key, made of the `rsa` crate, or one that fails.
pub enum Device {
    Working(Box<PrivateKey>),
    Failing(ExternalError),
    /// Answers with these octets, whatever it is asked.
    Answering(Vec<u8>),
}

impl Device {
    pub fn with(pem: &str) -> Self {
        Self::Working(Box::new(PrivateKey::from_pkcs8_pem(pem).unwrap()))
    }

    fn answer(
        &self,
        work: impl FnOnce(&PrivateKey) -> Option<Vec<u8>>,
    ) -> Result<Vec<u8>, ExternalError> {
        match self {
            Self::Working(key) => work(key).ok_or(ExternalError::Rejected),
            Self::Failing(error) => Err(*error),
            Self::Answering(bytes) => Ok(bytes.clone()),
        }
    }
}

impl Rs256Signer for Device {
    fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, ExternalError> {
        let hash = Sha256::digest(signing_input);
        self.answer(|key| key.sign(Pkcs1v15Sign::new::<Sha256>(), &hash).ok())
    }
}

/// The same device behind a network.
pub struct Remote(pub Device);

impl AsyncRs256Signer for Remote {
    async fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, ExternalError> {
        Rs256Signer::sign(&self.0, signing_input)
    }
}

#[cfg(feature = "jwe")]
mod decryption {
    use super::{Device, Remote};
    use rsa::Oaep;
    use sha1::Sha1;
    use strict_jose::external::{
        AsyncOaepDecrypter, AsyncRawRsaDecrypter, OaepDecrypter, RawRsaDecrypter,
    };
    use strict_jose::{ExternalError, SecretBytes};

    impl OaepDecrypter for Device {
        fn decrypt_oaep(&self, encrypted_key: &[u8]) -> Result<SecretBytes, ExternalError> {
            self.answer(|key| key.decrypt(Oaep::<Sha1>::new(), encrypted_key).ok())
                .map(SecretBytes::from)
        }
    }

    impl RawRsaDecrypter for Device {
        fn decrypt_raw(&self, encrypted_key: &[u8]) -> Result<SecretBytes, ExternalError> {
            self.answer(|key| super::super::raw_rsa::raw_rsa(key, encrypted_key))
                .map(SecretBytes::from)
        }
    }

    impl AsyncOaepDecrypter for Remote {
        async fn decrypt_oaep(&self, encrypted_key: &[u8]) -> Result<SecretBytes, ExternalError> {
            self.0.decrypt_oaep(encrypted_key)
        }
    }

    impl AsyncRawRsaDecrypter for Remote {
        async fn decrypt_raw(&self, encrypted_key: &[u8]) -> Result<SecretBytes, ExternalError> {
            self.0.decrypt_raw(encrypted_key)
        }
    }
}
