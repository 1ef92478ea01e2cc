//! A token that nobody signed uses up no id.

use strict_jose::{
    Error, MemoryReplayGuard, NoPrivateClaims, RsaOaepDecryptionKey, SingleUse, Validation, jwt,
};

fn decrypt(
    key: &RsaOaepDecryptionKey,
    rules: &Validation<SingleUse<MemoryReplayGuard>>,
) -> Result<(), Error> {
    jwt::decrypt::<NoPrivateClaims>("token", key, rules).map(drop)
}

fn main() {}
