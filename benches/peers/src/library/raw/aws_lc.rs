//! aws-lc-rs for everything.

use super::Backend;
use crate::contest::Contender;
use crate::fixture::Fixture;
use crate::operation::Operation;
#[cfg(feature = "fast-rsa1_5")]
use crate::record::Role;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeyPair, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey,
};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};

pub struct AwsLc {
    pair: KeyPair,
    random: SystemRandom,
    verifying: ParsedPublicKey,
    private: OaepPrivateDecryptingKey,
    public: OaepPublicEncryptingKey,
}

impl Backend for AwsLc {
    const NAME: &'static str = "aws-lc-rs";
    const RSAES: &'static str = "aws-lc-rs";

    fn new(f: &Fixture) -> Self {
        let der = f.rs256.to_secret_pkcs8_der();
        let private = PrivateDecryptingKey::from_pkcs8(der.expose()).unwrap();
        Self {
            pair: KeyPair::from_pkcs8(der.expose()).unwrap(),
            random: SystemRandom::new(),
            verifying: ParsedPublicKey::new(
                &RSA_PKCS1_2048_8192_SHA256,
                f.rs256_public.to_pkcs1_der(),
            )
            .unwrap(),
            public: OaepPublicEncryptingKey::new(private.public_key()).unwrap(),
            private: OaepPrivateDecryptingKey::new(private).unwrap(),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature).unwrap();
        signature
    }

    fn verify(&self, message: &[u8], signature: &[u8]) {
        self.verifying.verify_sig(message, signature).unwrap();
    }

    fn oaep_encrypt(&self, cek: &[u8]) -> Vec<u8> {
        let mut encrypted_key = vec![0; self.public.ciphertext_size()];
        self.public.encrypt(&OAEP_SHA1_MGF1SHA1, cek, &mut encrypted_key, None).unwrap();
        encrypted_key
    }

    fn oaep_decrypt(&self, encrypted_key: &[u8]) -> Vec<u8> {
        let mut cek = vec![0; self.private.min_output_size()];
        self.private.decrypt(&OAEP_SHA1_MGF1SHA1, encrypted_key, &mut cek, None).unwrap().to_vec()
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

/// The raw operation without a padding, which needs a crate of unsafe calls.
#[cfg(feature = "fast-rsa1_5")]
pub(super) fn rsa1_5(operation: Operation, f: &Fixture) -> Option<Contender> {
    let der = f.rsa1_5.to_secret_pkcs1_der();
    let key = strict_jose_raw_rsa::RawRsaKey::from_pkcs1_der(der.expose()).unwrap();
    let (ciphertext, mut block) = (vec![0x17; key.bytes()], vec![0; key.bytes()]);
    let work = move || key.decrypt(&ciphertext, &mut block).unwrap();
    let raw = || Contender::new("raw RSA, private, blinded (aws-lc)", Role::Raw, work);
    (operation == Operation::Rsa1_5Decrypt).then(raw)
}

#[cfg(not(feature = "fast-rsa1_5"))]
pub(super) fn rsa1_5(_: Operation, _: &Fixture) -> Option<Contender> {
    None
}
