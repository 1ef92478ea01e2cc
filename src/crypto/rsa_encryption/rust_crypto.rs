//! RSAES by raw operations of the `rsa` crate around our own paddings.

use crate::crypto::random::{self, SystemRandom, Unavailable};
use crate::crypto::rsa_key::{RsaPrivate, RsaPublic};
use crate::crypto::rsa_padding::Padding;
use crate::error::KeyError;
use rsa::hazmat::{rsa_decrypt_and_check, rsa_encrypt};
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, PublicKey};
use zeroize::Zeroizing;

pub(super) struct Encrypter {
    key: PublicKey,
    padding: Padding,
}

pub(super) struct Decrypter {
    key: RsaPrivate,
    padding: Padding,
}

impl Encrypter {
    pub(super) fn new(key: &RsaPublic, padding: Padding) -> Result<Self, KeyError> {
        Ok(Self { key: key.to_rsa()?, padding })
    }

    pub(super) fn encrypt(&self, cek: &[u8]) -> Result<Vec<u8>, Unavailable> {
        let bytes = self.padding.random_len(self.key.size(), cek.len());
        let mut padding = Zeroizing::new(vec![0; bytes]);
        random::fill(&mut padding)?;
        if self.padding == Padding::Pkcs1V1_5 {
            // A zero would end the padding early. It is drawn again, because replacing it by a
            // fixed octet would make that octet twice as likely.
            for byte in padding.iter_mut() {
                while *byte == 0 {
                    random::fill(core::slice::from_mut(byte))?;
                }
            }
        }
        Ok(self.encrypt_with(cek, &padding))
    }

    pub(super) fn encrypt_with(&self, cek: &[u8], padding: &[u8]) -> Vec<u8> {
        let k = self.key.size();
        let mut block = Zeroizing::new(vec![0; k]);
        self.padding.add(&mut block, padding, cek);
        let bits = self.key.n_bits_precision();
        // The block begins with 00 and the modulus does not, so the message is below the modulus.
        let message = Zeroizing::new(BoxedUint::from_be_slice_truncated(&block, bits));
        let Ok(ciphertext) = rsa_encrypt(&self.key, &message) else {
            unreachable!("raising to a power modulo n is defined for every integer")
        };
        last(&ciphertext.to_be_bytes(), k).to_vec()
    }
}

impl Decrypter {
    pub(super) fn new(key: &RsaPrivate, padding: Padding) -> Self {
        Self { key: key.clone(), padding }
    }

    /// A ciphertext not below the modulus goes the same way, through the operation. After a fault in
    /// the operation itself the block is all zeros, whose padding is broken.
    pub(super) fn decrypt(&self, encrypted_key: &[u8], cek: &mut [u8]) -> Result<(), Unavailable> {
        let key = self.key.as_rsa();
        let mut block = Zeroizing::new(vec![0; key.size()]);
        let message = self
            .key
            .representative(encrypted_key)
            // Blinded, so that the time does not depend on a ciphertext of the attacker's.
            .map(|integer| rsa_decrypt_and_check(key, Some(&mut SystemRandom), &integer));
        match message {
            Some(Ok(message)) => {
                let message = Zeroizing::new(message);
                let bytes = Zeroizing::new(message.to_be_bytes());
                block.copy_from_slice(last(&bytes, key.size()));
            }
            // The one error that may be reported: it says nothing about the token.
            Some(Err(rsa::Error::Rng)) => return Err(Unavailable),
            Some(Err(_)) | None => {}
        }
        self.padding.remove(&mut block, cek);
        Ok(())
    }
}

/// The last `k` octets: what is before them is the zeros that fill the integer's last machine word.
fn last(bytes: &[u8], k: usize) -> &[u8] {
    &bytes[bytes.len() - k..] // an integer modulo n has room for n's octets
}
