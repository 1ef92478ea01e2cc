//! What each RSA key may do: sign, verify, encrypt a CEK, decrypt a CEK. Nothing else compiles.

use super::{Rs256, RsaAlgorithm, RsaPrivateKey, RsaPublicKey};
use crate::encoding::base64url;
use crate::error::Error;
use crate::jwa::SignatureAlgorithm;
use crate::key::{choice_of_one, sealed};

impl<A: RsaAlgorithm> sealed::Identified for RsaPublicKey<A> {
    fn key_id(&self) -> Option<&str> {
        self.key_id()
    }
}

impl<A: RsaAlgorithm> sealed::Identified for RsaPrivateKey<A> {
    fn key_id(&self) -> Option<&str> {
        self.key_id()
    }
}

#[cfg(feature = "__internals")]
impl RsaPrivateKey<Rs256> {
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> Option<Vec<u8>> {
        self.inner.prepared.sign(message).ok()
    }
}

impl sealed::SignatureScheme for RsaPrivateKey<Rs256> {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Rs256
    }

    fn signature_len(&self) -> usize {
        self.modulus_len()
    }
}

impl sealed::Sign for RsaPrivateKey<Rs256> {
    fn sign_onto(&self, token: &mut String) -> Result<(), Error> {
        let signature =
            self.inner.prepared.sign(token.as_bytes()).map_err(|_| Error::SigningFailed)?;
        token.push('.');
        base64url::encode_onto(&signature, token);
        Ok(())
    }
}

impl sealed::AsyncSign for RsaPrivateKey<Rs256> {
    async fn sign_onto(&self, token: &mut String) -> Result<(), Error> {
        sealed::Sign::sign_onto(self, token)
    }
}

impl sealed::SignatureScheme for RsaPublicKey<Rs256> {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Rs256
    }

    fn signature_len(&self) -> usize {
        self.modulus_len()
    }
}

impl sealed::Verify for RsaPublicKey<Rs256> {
    fn verify(&self, signing_input: &[u8], signature: &[u8]) -> Result<(), Error> {
        self.inner.prepared.verify(signing_input, signature).map_err(|_| Error::InvalidSignature)
    }
}

choice_of_one! {
    impl[] RsaPublicKey<Rs256>;
}

#[cfg(feature = "jwe")]
mod encryption {
    use super::super::algorithm::KeyManagement;
    use super::{Error, RsaPrivateKey, RsaPublicKey, choice_of_one, sealed};
    use crate::jwa::{ContentEncryption, KeyManagementAlgorithm};

    impl<A: KeyManagement> RsaPrivateKey<A> {
        /// The same key for these content encryptions; any other `enc` is rejected before the key is
        /// used. By default it is for all; with an empty list it decrypts nothing. A later call replaces the list.
        ///
        /// ```
        /// use strict_jose::{ContentEncryption, RsaOaepDecryptionKey};
        ///
        /// let key = RsaOaepDecryptionKey::generate(2048)?
        ///     .allow_content_encryptions([ContentEncryption::A256Gcm]);
        /// # Ok::<(), strict_jose::KeyError>(())
        /// ```
        #[must_use]
        pub fn allow_content_encryptions(
            mut self,
            allowed: impl IntoIterator<Item = ContentEncryption>,
        ) -> Self {
            self.content_encryptions = allowed.into_iter().collect();
            self
        }
    }

    #[cfg(feature = "__internals")]
    impl<A: KeyManagement> RsaPublicKey<A> {
        pub(crate) fn wrap_with(&self, cek: &[u8], padding: &[u8]) -> Vec<u8> {
            self.inner.prepared.encrypt_with(cek, padding)
        }
    }

    impl<A: KeyManagement> sealed::Wrap for RsaPublicKey<A> {
        fn algorithm(&self) -> KeyManagementAlgorithm {
            A::ALGORITHM
        }

        fn wrap(&self, cek: &[u8]) -> Result<Vec<u8>, Error> {
            Ok(self.inner.prepared.encrypt(cek)?)
        }
    }

    impl<A: KeyManagement> sealed::Unwrapping for RsaPrivateKey<A> {
        fn algorithm(&self) -> KeyManagementAlgorithm {
            A::ALGORITHM
        }

        fn encrypted_key_len(&self) -> usize {
            self.modulus_len()
        }

        fn content_encryptions(&self) -> &[ContentEncryption] {
            &self.content_encryptions
        }
    }

    impl<A: KeyManagement> sealed::Unwrap for RsaPrivateKey<A> {
        fn unwrap(&self, encrypted_key: &[u8], cek: &mut [u8]) -> Result<(), Error> {
            Ok(self.inner.prepared.decrypt(encrypted_key, cek)?)
        }
    }

    impl<A: KeyManagement> sealed::AsyncUnwrap for RsaPrivateKey<A> {
        async fn unwrap(&self, encrypted_key: &[u8], cek: &mut [u8]) -> Result<(), Error> {
            sealed::Unwrap::unwrap(self, encrypted_key, cek)
        }
    }

    choice_of_one! {
        impl[A: KeyManagement] RsaPrivateKey<A>;
    }
}
