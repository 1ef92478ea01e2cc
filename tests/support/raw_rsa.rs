//! RSA by the `rsa` crate alone, for what this crate does not do: any block, signed or encrypted.

use super::keys;
use rsa::hazmat::{rsa_decrypt, rsa_encrypt};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::rand_core::CryptoRng;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, PrivateKey};
use std::sync::LazyLock;
use strict_jose::{Rs256SigningKey, Rs256VerifyingKey};

/// The key under attack, and the attacker's own.
pub static RSA: LazyLock<Rsa> = LazyLock::new(|| Rsa::new(keys::RSA_2048));
pub static OTHER: LazyLock<Rsa> = LazyLock::new(|| Rsa::new(keys::RSA_2048_OTHER));

/// `c^d mod n`; `None` if the octets are no ciphertext of this key.
pub fn raw_rsa(key: &PrivateKey, bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() != key.size() {
        return None;
    }
    let integer = BoxedUint::from_be_slice(bytes, key.n_bits_precision()).unwrap();
    let block = rsa_decrypt(None::<&mut dyn CryptoRng>, key, &integer).ok()?;
    Some(last(bytes.len(), &block))
}

fn last(bytes: usize, integer: &BoxedUint) -> Vec<u8> {
    let all = integer.to_be_bytes();
    all[all.len() - bytes..].to_vec()
}

/// An RSA key as the crate has it, and as the `rsa` crate has it.
pub struct Rsa {
    pub signing: Rs256SigningKey,
    pub verifying: Rs256VerifyingKey,
    pub raw: PrivateKey,
}

impl Rsa {
    pub fn new(pem: &str) -> Self {
        let signing = Rs256SigningKey::from_pem(pem).unwrap();
        Self {
            verifying: signing.public_key(),
            raw: PrivateKey::from_pkcs8_pem(pem).unwrap(),
            signing,
        }
    }

    /// `k`, the octets of the modulus.
    pub fn bytes(&self) -> usize {
        self.raw.size()
    }

    pub fn modulus(&self) -> Vec<u8> {
        self.raw.n_bytes().to_vec()
    }

    /// `block^d mod n`: the signature over a block of any form.
    pub fn private_operation(&self, block: &[u8]) -> Vec<u8> {
        raw_rsa(&self.raw, block).unwrap()
    }

    /// `block^e mod n`: the encryption of a block of any form.
    pub fn public_operation(&self, block: &[u8]) -> Vec<u8> {
        let integer = BoxedUint::from_be_slice(block, self.raw.n_bits_precision()).unwrap();
        last(self.bytes(), &rsa_encrypt(&self.raw, &integer).unwrap())
    }
}
