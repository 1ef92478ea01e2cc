//! What several test files share: the committed keys, the raw RSA operation, a tiny executor.
#![allow(dead_code, reason = "each test file takes what it needs")]
#![allow(clippy::unwrap_used, reason = "tests")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rsa::hazmat::rsa_decrypt;
use rsa::rand_core::CryptoRng;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, PrivateKey};

/// Keys made with OpenSSL, PKCS #8 in PEM unless the name says otherwise.
pub mod keys {
    pub const RSA_2048: &str = include_str!("../pem/rsa-2048.pem");
    pub const RSA_2048_PUBLIC: &str = include_str!("../pem/rsa-2048-public.pem");
    pub const RSA_2048_PKCS1: &str = include_str!("../pem/rsa-2048-pkcs1.pem");
    pub const RSA_2048_PUBLIC_PKCS1: &str = include_str!("../pem/rsa-2048-public-pkcs1.pem");
    /// The key of `RSA_2048` with its primes in the other order.
    pub const RSA_2048_P_BELOW_Q: &str = include_str!("../pem/rsa-2048-p-below-q.pem");
    pub const RSA_2048_E3: &str = include_str!("../pem/rsa-2048-e3.pem");
    /// OpenSSL makes none of this size, but checks it: primes of 1025 and 1024 bits.
    pub const RSA_2049: &str = include_str!("../pem/rsa-2049.pem");
    pub const RSA_2056: &str = include_str!("../pem/rsa-2056.pem");
    pub const RSA_3072: &str = include_str!("../pem/rsa-3072.pem");
    pub const RSA_4096: &str = include_str!("../pem/rsa-4096.pem");
    pub const RSA_8192: &str = include_str!("../pem/rsa-8192.pem");
    pub const RSA_1024: &str = include_str!("../pem/rsa-1024.pem");
    pub const RSA_2047: &str = include_str!("../pem/rsa-2047.pem");
    pub const RSA_2047_PUBLIC: &str = include_str!("../pem/rsa-2047-public.pem");
    pub const THREE_PRIMES: &str = include_str!("../pem/rsa-2048-three-primes.pem");
    pub const ENCRYPTED: &str = include_str!("../pem/rsa-2048-encrypted.pem");
    pub const PSS: &str = include_str!("../pem/rsa-pss-2048.pem");
    pub const PSS_PUBLIC: &str = include_str!("../pem/rsa-pss-2048-public.pem");
    pub const EC: &str = include_str!("../pem/ec-p256.pem");
    pub const EC_PUBLIC: &str = include_str!("../pem/ec-p256-public.pem");
}

/// `c^d mod n` by the `rsa` crate alone; `None` if the octets are no ciphertext of this key.
pub fn raw_rsa(key: &PrivateKey, octets: &[u8]) -> Option<Vec<u8>> {
    if octets.len() != key.size() {
        return None;
    }
    let integer = BoxedUint::from_be_slice(octets, key.n_bits_precision()).unwrap();
    let block = rsa_decrypt(None::<&mut dyn CryptoRng>, key, &integer).ok()?.to_be_bytes();
    Some(block[block.len() - octets.len()..].to_vec())
}

/// Polls to the end. The futures of these tests wait for nothing, so there is nobody to wake.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        std::thread::yield_now();
    }
}

/// The octets of a PEM text, by the base64 crate alone.
pub fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(body).unwrap()
}
