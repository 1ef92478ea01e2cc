//! A step that is forgotten is a warning.

#![deny(unused_must_use, unused_variables)]

use std::sync::Arc;
use strict_jose::{
    Error, Hs256Key, MemoryReplayGuard, NoPrivateClaims, SingleUse, Validation, jwt,
};

type Rules = Validation<SingleUse<Arc<MemoryReplayGuard>>>;

fn checked_alone(key: &Hs256Key, rules: &Rules) -> Result<(), Error> {
    jwt::check::<NoPrivateClaims, _>("token", key, rules)?;
    Ok(())
}

fn never_spent(key: &Hs256Key, rules: &Rules) -> Result<(), Error> {
    let unspent = jwt::check::<NoPrivateClaims, _>("token", key, rules)?;
    Ok(())
}

fn spent_alone(key: &Hs256Key, rules: &Rules) -> Result<(), Error> {
    jwt::check::<NoPrivateClaims, _>("token", key, rules)?.spend()?;
    Ok(())
}

async fn given_back_without_waiting(key: &Hs256Key, rules: &Rules) -> Result<(), Error> {
    jwt::check::<NoPrivateClaims, _>("token", key, rules)?.spend()?.unspend_async();
    Ok(())
}

fn required_alone(key: &Hs256Key, rules: &Rules) -> Result<(), Error> {
    jwt::check::<NoPrivateClaims, _>("token", key, rules)?.require(|_| Ok::<_, Error>(()))?;
    Ok(())
}

fn examined_alone(key: &Hs256Key, rules: &Rules) -> Result<String, Error> {
    let unspent = jwt::check::<NoPrivateClaims, _>("token", key, rules)?;
    let (unspent, found) = unspent.examine(|_| Ok::<_, Error>(String::new()))?;
    Ok(found)
}

fn settled_unheard(key: &Hs256Key, rules: &Rules) -> Result<(), Error> {
    let reservation = jwt::check::<NoPrivateClaims, _>("token", key, rules)?.spend()?;
    reservation.settle(|_| Err::<(), _>("failed"));
    Ok(())
}

fn main() {}
