//! A key for decryption does not sign.

use strict_jose::{Error, RsaOaepDecryptionKey, jws};

fn sign(key: &RsaOaepDecryptionKey) -> Result<String, Error> {
    jws::sign(b"octets", key)
}

fn main() {}
