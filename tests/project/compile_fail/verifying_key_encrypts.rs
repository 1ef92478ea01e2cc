//! A key for signatures does not encrypt.

use strict_jose::{ContentEncryption, Error, Rs256VerifyingKey, jwe};

fn encrypt(key: &Rs256VerifyingKey) -> Result<String, Error> {
    jwe::encrypt(b"octets", ContentEncryption::A256Gcm, key)
}

fn main() {}
