//! Neither a signing key nor a shared secret decrypts.

use strict_jose::{Error, Hs256Key, Rs256SigningKey, jwe};

fn by_rsa(key: &Rs256SigningKey) -> Result<jwe::Plaintext, Error> {
    jwe::decrypt("token", key)
}

fn by_secret(key: &Hs256Key) -> Result<jwe::Plaintext, Error> {
    jwe::decrypt("token", key)
}

fn main() {}
