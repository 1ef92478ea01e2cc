//! A guard that answers later with the plain call.

use std::time::Duration;
use strict_jose::profile::session::{Parties, Policy, Request, Verifier};
use strict_jose::{AfterRestart, Remembers, AsyncReplayGuard, Hs256Key, Insertion, NumericDate, ReplayError, ReplayId};

struct Later;

impl Remembers for Later {}

impl AsyncReplayGuard for Later {
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

fn main() {
    let policy = Policy::new(Parties::unchecked(), Duration::from_secs(20));
    let verifier = Verifier::new(policy, Hs256Key::generate().unwrap(), Later, AfterRestart::remembered());
    let _ = verifier.accept("token", &Request::new());
}
