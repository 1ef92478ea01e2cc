//! A guard that answers later does not go with a call that cannot wait.

use strict_jose::{
    AfterRestart, AsyncReplayGuard, Error, Hs256Key, Insertion, NoPrivateClaims, NumericDate,
    Remembers, ReplayError, ReplayId, Validation, jwt,
};

struct Remote;

impl Remembers for Remote {}

impl AsyncReplayGuard for Remote {
    async fn insert_if_absent(
        &self,
        _: &ReplayId<'_>,
        _: NumericDate,
        _: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        Ok(Insertion::Inserted)
    }

    async fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
        Ok(())
    }
}

fn verify(key: &Hs256Key, rules: Validation) -> Result<(), Error> {
    jwt::verify::<NoPrivateClaims>(
        "token",
        key,
        &rules.single_use(Remote, AfterRestart::remembered()),
    )
    .map(drop)
}

fn main() {}
