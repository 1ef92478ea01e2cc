//! RSA-OAEP and the encryption half of RSA1_5 by aws-lc-rs; the rest by the `rsa` crate, or by the raw
//! operation of aws-lc where the feature `fast-rsa1_5` has brought it in.
//!
//! RSA1_5 decryption is the rest: the answer of a library whether PKCS #1 v1.5 held is the oracle of
//! Bleichenbacher. That OAEP held tells nobody anything: a ciphertext that was not made by OAEP under
//! this key does not hold but by chance, and why it does not is inside the library's constant-time code.

use super::rust_crypto;
use crate::crypto::random::Unavailable;
use crate::crypto::rsa_key::{RsaPrivate, RsaPublic};
use crate::crypto::rsa_padding::{Padding, assign_if};
use crate::error::KeyError;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    Pkcs1PublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey, PublicKeyComponents,
};
#[cfg(feature = "fast-rsa1_5")]
use strict_jose_raw_rsa::RawRsaKey;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub(super) struct Encrypter {
    key: Option<Key>,
    /// For a key that aws-lc does not take, though none is known, and for chosen random octets.
    rust_crypto: rust_crypto::Encrypter,
}

enum Key {
    Oaep(OaepPublicEncryptingKey),
    Pkcs1V1_5(Pkcs1PublicEncryptingKey),
}

#[allow(clippy::large_enum_variant, reason = "one per key, behind the key's own pointer")]
pub(super) enum Decrypter {
    Oaep(OaepPrivateDecryptingKey),
    /// RSA1_5, around our own unpadding.
    #[cfg(feature = "fast-rsa1_5")]
    Raw(RawRsaKey),
    /// RSA1_5 otherwise, and a key that passes our checks and not those of aws-lc; none is known.
    RustCrypto(rust_crypto::Decrypter),
}

impl Key {
    fn new(key: &RsaPublic, padding: Padding) -> Option<Self> {
        let components = PublicKeyComponents { n: key.modulus(), e: key.exponent() };
        let key: PublicEncryptingKey = components.try_into().ok()?;
        match padding {
            Padding::OaepSha1 => OaepPublicEncryptingKey::new(key).ok().map(Self::Oaep),
            Padding::Pkcs1V1_5 => Pkcs1PublicEncryptingKey::new(key).ok().map(Self::Pkcs1V1_5),
        }
    }

    fn encrypt(&self, cek: &[u8]) -> Option<Vec<u8>> {
        let k = match self {
            Self::Oaep(key) => key.ciphertext_size(),
            Self::Pkcs1V1_5(key) => key.ciphertext_size(),
        };
        let mut encrypted = vec![0; k];
        match self {
            Self::Oaep(key) => key.encrypt(&OAEP_SHA1_MGF1SHA1, cek, &mut encrypted, None),
            Self::Pkcs1V1_5(key) => key.encrypt(cek, &mut encrypted),
        }
        .ok()?;
        Some(encrypted)
    }
}

impl Encrypter {
    pub(super) fn new(key: &RsaPublic, padding: Padding) -> Result<Self, KeyError> {
        let rust_crypto = rust_crypto::Encrypter::new(key, padding)?;
        Ok(Self { key: Key::new(key, padding), rust_crypto })
    }

    pub(super) fn encrypt(&self, cek: &[u8]) -> Result<Vec<u8>, Unavailable> {
        match self.key.as_ref().and_then(|key| key.encrypt(cek)) {
            Some(encrypted) => Ok(encrypted),
            None => self.rust_crypto.encrypt(cek),
        }
    }

    #[cfg(feature = "__internals")]
    pub(super) fn encrypt_with(&self, cek: &[u8], padding: &[u8]) -> Vec<u8> {
        self.rust_crypto.encrypt_with(cek, padding)
    }
}

impl Decrypter {
    pub(super) fn new(key: &RsaPrivate, padding: Padding) -> Self {
        if padding == Padding::OaepSha1
            && let Ok(key) = PrivateDecryptingKey::from_pkcs8(&key.to_pkcs8_der())
            && let Ok(key) = OaepPrivateDecryptingKey::new(key)
        {
            return Self::Oaep(key);
        }
        #[cfg(feature = "fast-rsa1_5")]
        if padding == Padding::Pkcs1V1_5
            && let Some(key) = RawRsaKey::from_pkcs1_der(&key.to_pkcs1_der())
        {
            return Self::Raw(key);
        }
        Self::RustCrypto(rust_crypto::Decrypter::new(key, padding))
    }

    /// The ciphertexts 0, 1, `n - 1` and those not below `n`, which anyone can see, aws-lc refuses
    /// before the operation. A raw block is all zeros then, as after a fault in the operation itself,
    /// and goes on: its padding is broken.
    pub(super) fn decrypt(&self, encrypted_key: &[u8], cek: &mut [u8]) -> Result<(), Unavailable> {
        match self {
            Self::Oaep(key) => {
                let mut message = Zeroizing::new(vec![0; key.min_output_size()]);
                let bytes = key
                    .decrypt(&OAEP_SHA1_MGF1SHA1, encrypted_key, &mut message, None)
                    .map_or(0, |message| message.len());
                // Anyone with the public key can encrypt a CEK of another length: the random one
                // stays, as for broken padding. An error counts as length 0, which no CEK has.
                assign_if(bytes.ct_eq(&cek.len()), cek, &message);
                Ok(())
            }
            #[cfg(feature = "fast-rsa1_5")]
            Self::Raw(key) => {
                let mut block = Zeroizing::new(vec![0; key.modulus_len()]);
                let _refused = key.decrypt(encrypted_key, &mut block);
                Padding::Pkcs1V1_5.remove(&mut block, cek);
                Ok(())
            }
            Self::RustCrypto(decrypter) => decrypter.decrypt(encrypted_key, cek),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rsa::pkcs8::SecretDocument;

    #[test]
    fn aws_lc_takes_keys_of_every_size_and_shape() {
        let mut taken = 0;
        for text in [
            include_str!("../../../tests/pem/rsa-2048.pem"),
            include_str!("../../../tests/pem/rsa-2048-p-below-q.pem"),
            include_str!("../../../tests/pem/rsa-2048-e3.pem"),
            include_str!("../../../tests/pem/rsa-2049.pem"),
            include_str!("../../../tests/pem/rsa-8192.pem"),
        ] {
            let (_, der) = SecretDocument::from_pem(text).unwrap();
            let key = RsaPrivate::from_pkcs8_der(der.as_bytes()).unwrap();
            let oaep = Decrypter::new(&key, Padding::OaepSha1);
            assert!(matches!(oaep, Decrypter::Oaep(_)), "{text}");
            let rsa1_5 = Decrypter::new(&key, Padding::Pkcs1V1_5);
            #[cfg(feature = "fast-rsa1_5")]
            assert!(matches!(rsa1_5, Decrypter::Raw(_)), "{text}");
            #[cfg(not(feature = "fast-rsa1_5"))]
            assert!(matches!(rsa1_5, Decrypter::RustCrypto(_)), "{text}");
            for padding in [Padding::OaepSha1, Padding::Pkcs1V1_5] {
                let encrypter = Encrypter::new(&key.public(), padding).unwrap();
                assert!(encrypter.key.is_some_and(|key| key.encrypt(&[7; 32]).is_some()), "{text}");
            }
            taken += 1;
        }
        assert_eq!(taken, 5);
    }
}
