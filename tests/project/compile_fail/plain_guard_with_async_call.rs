//! A guard that blocks does not go with a call that must not.

use strict_jose::{
    AfterRestart, Error, Hs256Key, Insertion, NoPrivateClaims, NumericDate, Remembers, ReplayError,
    ReplayGuard, ReplayId, Validation, jwt,
};

struct Blocking;

impl Remembers for Blocking {}

impl ReplayGuard for Blocking {
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

async fn verify(key: &Hs256Key, rules: Validation) -> Result<(), Error> {
    let rules = rules.single_use(Blocking, AfterRestart::remembered());
    jwt::verify_async::<NoPrivateClaims>("token", key, &rules).await.map(drop)
}

fn main() {}
