//! A guard's answer is not dropped in passing, nor is a verdict.
#![deny(unused_must_use)]

use strict_jose::{
    Hs256Key, MemoryReplayGuard, NoPrivateClaims, NumericDate, ReplayError, ReplayGuard, ReplayId,
    Validation, jwt,
};

fn ask(guard: &MemoryReplayGuard, id: &ReplayId<'_>, at: NumericDate) -> Result<(), ReplayError> {
    ReplayGuard::insert_if_absent(guard, id, at, at)?;
    Ok(())
}

fn verify(key: &Hs256Key, rules: &Validation) {
    jwt::verify::<NoPrivateClaims>("token", key, rules);
}

fn main() {}
