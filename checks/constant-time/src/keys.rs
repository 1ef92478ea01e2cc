//! One RSA key for both algorithms, tokens around chosen blocks, and the secret octets of a key.

use crate::classes::Algorithm;
use crate::{leaky, random};
use getrandom::SysRng;
use rsa::BoxedUint;
use rsa::hazmat::{rsa_decrypt_and_check, rsa_encrypt};
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use strict_jose::external::{ExternalRsaOaepKey, OaepDecrypter};
use strict_jose::legacy::Rsa1_5DecryptionKey;
use strict_jose::{
    ContentEncryption, Error, ExternalError, RsaOaepDecryptionKey, SecretBytes, internals, jwe,
};

/// The content is encrypted under this CEK, which no block holds: whoever asks an oracle does not know
/// the CEK either, and every answer is the failure of the content's tag.
const UNKNOWN_CEK: [u8; 32] = [0x5a; 32];

/// An RSA key as both algorithms take it.
pub struct Key {
    rsa1_5: Rsa1_5DecryptionKey,
    rsa_oaep: RsaOaepDecryptionKey,
    public: rsa::PublicKey,
    unpadding_device: ExternalRsaOaepKey<UnpaddingDevice>,
}

/// Generates a key, the same one for the same length, as an `RSAPrivateKey` in DER.
///
/// # Panics
///
/// If the key cannot be generated.
pub fn generate(bits: usize) -> Vec<u8> {
    random::seed(bits as u64);
    let key = RsaOaepDecryptionKey::generate(bits).expect("a length in bounds");
    random::unseed();
    key.to_secret_pkcs1_der().expose().to_vec()
}

impl Key {
    /// # Panics
    ///
    /// If it is no key of [`generate`].
    pub fn new(der: &[u8]) -> Self {
        let rsa_oaep = RsaOaepDecryptionKey::from_pkcs1_der(der).expect("a key of ours");
        let own = rsa::PrivateKey::from_pkcs1_der(der).expect("a key of ours");
        Self {
            rsa1_5: Rsa1_5DecryptionKey::from_pkcs1_der(der).expect("a key of ours"),
            public: own.to_public_key(),
            unpadding_device: ExternalRsaOaepKey::new(UnpaddingDevice(own), rsa_oaep.public_key()),
            rsa_oaep,
        }
    }

    /// The length of the modulus, in octets.
    pub fn bytes(&self) -> usize {
        self.public.size()
    }

    /// The ciphertext of a block, whatever the block holds.
    ///
    /// # Panics
    ///
    /// If the block is not below the modulus; blocks begin with 00 or 01.
    pub fn encrypt_block(&self, block: &[u8]) -> Vec<u8> {
        let bits = self.public.n_bits_precision();
        let message = BoxedUint::from_be_slice(block, bits).expect("as long as the modulus");
        let ciphertext = rsa_encrypt(&self.public, &message).expect("below the modulus");
        ciphertext.to_be_bytes().to_vec()
    }

    /// A token whose encrypted key is the block's.
    pub fn token(&self, algorithm: Algorithm, block: &[u8]) -> String {
        token(algorithm, &self.encrypt_block(block))
    }

    /// Decrypts the token.
    pub fn decrypt(&self, algorithm: Algorithm, token: &str) -> Result<jwe::Plaintext, Error> {
        match algorithm {
            Algorithm::Rsa1_5 => jwe::decrypt(token, &self.rsa1_5),
            Algorithm::RsaOaep => jwe::decrypt(token, &self.rsa_oaep),
        }
    }

    /// Only the step from the encrypted key to the CEK.
    pub fn unwrap(&self, algorithm: Algorithm, encrypted_key: &[u8], cek: &mut [u8]) {
        match algorithm {
            Algorithm::Rsa1_5 => internals::unwrap(&self.rsa1_5, encrypted_key, cek),
            Algorithm::RsaOaep => internals::unwrap(&self.rsa_oaep, encrypted_key, cek),
        }
        .expect("random octets");
    }

    /// The same token through a device that takes the padding off by itself, as most do.
    pub fn decrypt_by_unpadding_device(&self, token: &str) -> Result<jwe::Plaintext, Error> {
        jwe::decrypt(token, &self.unpadding_device)
    }
}

/// A token with this encrypted key, and content that no CEK of a block opens.
///
/// # Panics
///
/// Never: the lengths are those of A128CBC-HS256.
pub fn token(algorithm: Algorithm, encrypted_key: &[u8]) -> String {
    let enc = ContentEncryption::A128CbcHs256;
    let header = format!(r#"{{"alg":"{}","enc":"{}"}}"#, algorithm.name(), enc.name());
    let (iv, plaintext) = ([7; 16], [9; 100]);
    internals::assemble_jwe(header.as_bytes(), encrypted_key, enc, &UNKNOWN_CEK, &iv, &plaintext)
        .expect("lengths of A128CBC-HS256")
}

/// The leaky control of whole decryptions: a raw operation that does not tell, an unpadding that does.
struct UnpaddingDevice(rsa::PrivateKey);

impl OaepDecrypter for UnpaddingDevice {
    fn decrypt_oaep(&self, encrypted_key: &[u8]) -> Result<SecretBytes, ExternalError> {
        let bits = self.0.n_bits_precision();
        let integer =
            BoxedUint::from_be_slice(encrypted_key, bits).map_err(|_| ExternalError::Rejected)?;
        let block = rsa_decrypt_and_check(&self.0, Some(&mut SysRng), &integer)
            .map_err(|_| ExternalError::Rejected)?
            .to_be_bytes();
        let cek = leaky::unpad_pkcs1_v1_5(&block).ok_or(ExternalError::Rejected)?;
        Ok(SecretBytes::from(cek.to_vec()))
    }
}

/// Where the octets of `d`, `p`, `q`, `dp`, `dq` and `qi` are in an `RSAPrivateKey` in DER, without
/// the zeros that only say that a number is positive.
///
/// # Panics
///
/// If it is no such DER.
pub fn secret_ranges(der: &[u8]) -> Vec<core::ops::Range<usize>> {
    let content = |position: usize| match der[position + 1] {
        long @ 0x81..=0x84 => {
            let bytes = usize::from(long & 0x7f);
            let length = &der[position + 2..position + 2 + bytes];
            let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (position + 2 + bytes, length)
        }
        short => (position + 2, usize::from(short)),
    };
    let (mut position, _) = content(0);
    let mut integers = Vec::new();
    while position < der.len() {
        let (start, length) = content(position);
        position = start + length;
        integers.push(start + usize::from(der[start] == 0)..position);
    }
    integers.split_off(3) // after version, n and e
}
