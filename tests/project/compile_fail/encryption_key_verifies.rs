//! A key for encryption does not verify.

use strict_jose::{Error, RsaOaepEncryptionKey, jws};

fn verify(key: &RsaOaepEncryptionKey) -> Result<jws::VerifiedPayload, Error> {
    jws::verify("token", key)
}

fn main() {}
