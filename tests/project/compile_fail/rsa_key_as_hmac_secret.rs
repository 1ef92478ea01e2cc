//! A public key is no HMAC secret: the type is not octets.

use strict_jose::{Error, Hs256Key, KeyError, Rs256VerifyingKey, jws};

fn as_secret(key: &Rs256VerifyingKey) -> Result<Hs256Key, KeyError> {
    Hs256Key::from_bytes(key)
}

fn sign_with(key: &Rs256VerifyingKey) -> Result<String, Error> {
    let key: &Hs256Key = key;
    jws::sign(b"octets", key)
}

fn main() {}
