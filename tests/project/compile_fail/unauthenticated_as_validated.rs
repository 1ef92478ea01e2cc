//! Claims that nobody signed are no identity.

use strict_jose::{Error, NoPrivateClaims, RsaOaepDecryptionKey, Validated, Validation, jwt};

fn log_in(_: Validated<NoPrivateClaims>) {}

fn decrypt(key: &RsaOaepDecryptionKey, rules: &Validation) -> Result<(), Error> {
    log_in(jwt::decrypt::<NoPrivateClaims>("token", key, rules)?);
    log_in(jwt::decrypt::<NoPrivateClaims>("token", key, rules)?.into());
    Ok(())
}

fn main() {}
