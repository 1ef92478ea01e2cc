//! ring for signatures and AES-GCM, the `rsa` crate for encryption: what strict-jose uses by default.

use super::Backend;
use crate::contest::Contender;
use crate::fixture::Fixture;
use crate::operation::Operation;
use crate::record::Role;
use getrandom::SysRng;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::SystemRandom;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use rsa::hazmat::{rsa_decrypt_and_check, rsa_encrypt};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::rand_core::UnwrapErr;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, Oaep, PrivateKey, PublicKey};
use sha1::Sha1;

pub struct RingAndRsa {
    pair: RsaKeyPair,
    random: SystemRandom,
    verifying: UnparsedPublicKey<Vec<u8>>,
    private: PrivateKey,
    public: PublicKey,
}

impl Backend for RingAndRsa {
    const NAME: &'static str = "ring";
    const RSAES: &'static str = "rsa";

    fn new(f: &Fixture) -> Self {
        let der = f.rs256.to_secret_pkcs8_der();
        let private = PrivateKey::from_pkcs8_der(der.expose()).unwrap();
        Self {
            pair: RsaKeyPair::from_pkcs8(der.expose()).unwrap(),
            random: SystemRandom::new(),
            verifying: UnparsedPublicKey::new(
                &RSA_PKCS1_2048_8192_SHA256,
                f.rs256_public.to_pkcs1_der(),
            ),
            public: private.to_public_key(),
            private,
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature).unwrap();
        signature
    }

    fn verify(&self, message: &[u8], signature: &[u8]) {
        self.verifying.verify(message, signature).unwrap();
    }

    fn oaep_encrypt(&self, cek: &[u8]) -> Vec<u8> {
        self.public.encrypt(&mut UnwrapErr(SysRng), Oaep::<Sha1>::new(), cek).unwrap()
    }

    fn oaep_decrypt(&self, encrypted_key: &[u8]) -> Vec<u8> {
        let random = &mut UnwrapErr(SysRng);
        self.private.decrypt_blinded(random, Oaep::<Sha1>::new(), encrypted_key).unwrap()
    }

    fn seal(&self, key: &[u8; 32], iv: [u8; 12], content: &mut Vec<u8>) {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
        let nonce = Nonce::assume_unique_for_key(iv);
        key.seal_in_place_append_tag(nonce, Aad::empty(), content).unwrap();
    }

    fn open(&self, key: &[u8; 32], iv: [u8; 12], content: &mut Vec<u8>) {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
        let nonce = Nonce::assume_unique_for_key(iv);
        let length = key.open_in_place(nonce, Aad::empty(), content).unwrap().len();
        content.truncate(length);
    }
}

/// The raw operation without a padding: RSA1_5's has to be taken off in constant time, which no
/// library's own call does. The limit whatever the backend, but for decryption by `fast-rsa1_5`.
#[must_use]
pub fn rsa1_5(operation: Operation, f: &Fixture) -> Option<Contender> {
    let RingAndRsa { private, public, .. } = RingAndRsa::new(f);
    let mut block = vec![0; public.size()];
    block[1] = 2;
    let block = BoxedUint::from_be_slice(&block, public.n_bits_precision()).unwrap();
    match operation {
        Operation::Rsa1_5Encrypt => {
            let work = move || rsa_encrypt(&public, &block).unwrap();
            Some(Contender::new("raw RSA, public (rsa)", Role::Raw, work))
        }
        Operation::Rsa1_5Decrypt => {
            let block = rsa_encrypt(&public, &block).unwrap();
            let work = move || rsa_decrypt_and_check(&private, Some(&mut SysRng), &block).unwrap();
            let role = if cfg!(feature = "fast-rsa1_5") { Role::OtherRaw } else { Role::Raw };
            Some(Contender::new("raw RSA, private, blinded (rsa)", role, work))
        }
        _ => None,
    }
}
