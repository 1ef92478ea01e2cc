//! The keys of `tests/pem`: PKCS #8 unless the name says otherwise. The README there says what each is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub const RSA_2048: &str = include_str!("../pem/rsa-2048.pem");
pub const RSA_2048_PUBLIC: &str = include_str!("../pem/rsa-2048-public.pem");
pub const RSA_2048_PKCS1: &str = include_str!("../pem/rsa-2048-pkcs1.pem");
pub const RSA_2048_PUBLIC_PKCS1: &str = include_str!("../pem/rsa-2048-public-pkcs1.pem");
pub const RSA_2048_P_BELOW_Q: &str = include_str!("../pem/rsa-2048-p-below-q.pem");
pub const RSA_2048_E3: &str = include_str!("../pem/rsa-2048-e3.pem");
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
pub const RSA_2048_OTHER: &str = include_str!("../pem/rsa-2048-other.pem");
pub const RSA_2048_CERTIFICATE: &str = include_str!("../pem/rsa-2048-certificate.pem");
pub const RSA_2048_HIGH_MODULUS: &str = include_str!("../pem/rsa-2048-high-modulus.pem");

/// All of them.
pub const ALL: [&str; 23] = [
    RSA_2048,
    RSA_2048_PUBLIC,
    RSA_2048_PKCS1,
    RSA_2048_PUBLIC_PKCS1,
    RSA_2048_P_BELOW_Q,
    RSA_2048_E3,
    RSA_2049,
    RSA_2056,
    RSA_3072,
    RSA_4096,
    RSA_8192,
    RSA_1024,
    RSA_2047,
    RSA_2047_PUBLIC,
    THREE_PRIMES,
    ENCRYPTED,
    PSS,
    PSS_PUBLIC,
    EC,
    EC_PUBLIC,
    RSA_2048_OTHER,
    RSA_2048_CERTIFICATE,
    RSA_2048_HIGH_MODULUS,
];

/// The octets of a PEM text, by the base64 crate alone.
pub fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(body).unwrap()
}
