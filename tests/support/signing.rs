//! Signed tokens of any octets, of which the crate itself would make few.

use super::bytes::{b64, unb64};
use super::keys;
use super::raw_rsa::{RSA, Rsa};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use strict_jose::{Hs256Key, Rs256SigningKey, internals};

/// The HMAC secret that no attacker knows: text, so that it can be given in every form.
pub const SECRET: &[u8; 32] = b"a secret of 32 octets, no more.!";

/// The header of a good token.
pub const HEADER: &str = r#"{"alg":"HS256"}"#;

/// The HMAC key under attack.
pub fn hs256() -> Hs256Key {
    Hs256Key::from_bytes(SECRET).unwrap()
}

/// The RSA key under attack, made afresh.
pub fn rsa() -> Rs256SigningKey {
    Rs256SigningKey::from_pem(keys::RSA_2048).unwrap()
}

pub fn hmac(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// `header.payload` as they stand, with the HMAC that goes with them.
pub fn sealed(header: &str, payload: &str) -> String {
    let input = format!("{header}.{payload}");
    let mac = hmac(SECRET, input.as_bytes());
    format!("{input}.{}", b64(mac))
}

/// A JWS of any header and payload, signed by whatever `sign` does.
pub fn jws(header: &str, payload: impl AsRef<[u8]>, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let input = format!("{}.{}", b64(header), b64(payload));
    let signature = sign(input.as_bytes());
    format!("{input}.{}", b64(signature))
}

/// A JWS with a valid HMAC under [`SECRET`], whatever its header says.
pub fn hs_token(header: &str, payload: impl AsRef<[u8]>) -> String {
    sealed(&b64(header), &b64(payload))
}

/// A good JWS over these octets, whatever they are.
pub fn token(payload: impl AsRef<[u8]>) -> String {
    hs_token(HEADER, payload)
}

/// A JWS with a valid RS256 signature by [`RSA`], whatever its header says.
pub fn rs_token(header: &str, payload: impl AsRef<[u8]>) -> String {
    rs_token_by(&RSA, header, payload)
}

pub fn rs_token_by(key: &Rsa, header: &str, payload: impl AsRef<[u8]>) -> String {
    jws(header, payload, |input| rs256(key, input))
}

pub fn rs256(key: &Rsa, input: &[u8]) -> Vec<u8> {
    internals::rs256_sign(&key.signing, input).unwrap()
}

/// The token with another last segment.
pub fn with_signature(token: &str, signature: &[u8]) -> String {
    let (input, _) = token.rsplit_once('.').unwrap();
    format!("{input}.{}", b64(signature))
}

/// The octets of the token's last segment.
pub fn signature_of(token: &str) -> Vec<u8> {
    unb64(token.rsplit_once('.').unwrap().1)
}
