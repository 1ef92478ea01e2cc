//! A token is spent once, and its reservation ends once.

use std::sync::Arc;
use strict_jose::{
    Error, Hs256Key, MemoryReplayGuard, NoPrivateClaims, SingleUse, Validation, jwt,
};

type Rules = Validation<SingleUse<Arc<MemoryReplayGuard>>>;

fn twice(key: &Hs256Key, rules: &Rules) -> Result<(), Error> {
    let unspent = jwt::check::<NoPrivateClaims, _>("token", key, rules)?;
    unspent.spend()?.commit();
    unspent.spend()?.commit();
    Ok(())
}

fn committed_and_given_back(key: &Hs256Key, rules: &Rules) -> Result<(), Error> {
    let reservation = jwt::check::<NoPrivateClaims, _>("token", key, rules)?.spend()?;
    reservation.commit();
    Ok(reservation.unspend()?)
}

fn main() {}
