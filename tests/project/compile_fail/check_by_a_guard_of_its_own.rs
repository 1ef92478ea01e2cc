//! A guard that a check would copy along is refused, whatever its `Clone` does.

use strict_jose::{
    Error, Hs256Key, Insertion, MemoryReplayGuard, NoPrivateClaims, NumericDate, ReplayError,
    ReplayGuard, ReplayId, SingleUse, Validation, jwt,
};

fn owned(key: &Hs256Key, rules: &Validation<SingleUse<MemoryReplayGuard>>) -> Result<(), Error> {
    jwt::check::<NoPrivateClaims, _>("token", key, rules).map(drop)
}

/// Its clone knows what it knew, and nothing of what is used later.
#[derive(Clone)]
struct Copied(Vec<String>);

impl ReplayGuard for Copied {
    fn insert_if_absent(
        &self,
        _: &ReplayId<'_>,
        _: NumericDate,
        _: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        Ok(Insertion::Inserted)
    }

    fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
        Ok(())
    }
}

fn copied(key: &Hs256Key, rules: &Validation<SingleUse<Copied>>) -> Result<(), Error> {
    jwt::check::<NoPrivateClaims, _>("token", key, rules).map(drop)
}

fn cloned(rules: &Validation<SingleUse<Copied>>) -> Validation<SingleUse<Copied>> {
    rules.clone()
}

fn main() {}
