//! A private key does not verify: services that only verify hold no private key.

use strict_jose::{Error, Rs256SigningKey, jws};

fn verify(key: &Rs256SigningKey) -> Result<jws::VerifiedPayload, Error> {
    jws::verify("token", key)
}

fn main() {}
