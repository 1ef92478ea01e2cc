//! A verifying key does not sign.

use strict_jose::{Error, Rs256VerifyingKey, jws};

fn sign(key: &Rs256VerifyingKey) -> Result<String, Error> {
    jws::sign(b"octets", key)
}

fn main() {}
