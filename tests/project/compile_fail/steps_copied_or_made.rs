//! No step can be copied, or made from outside, and none ends twice.

use std::sync::Arc;
use strict_jose::{
    Error, Hs256Key, MemoryReplayGuard, NoPrivateClaims, Reservation, SingleUse, Unspent,
    Validated, Validation, jwt,
};

type Guard = Arc<MemoryReplayGuard>;

fn copied(
    unspent: &Unspent<NoPrivateClaims, Guard>,
    reservation: &Reservation<Validated, Guard>,
) -> (Unspent<NoPrivateClaims, Guard>, Reservation<Validated, Guard>) {
    (unspent.clone(), reservation.clone())
}

fn made(guard: Guard) -> Unspent<NoPrivateClaims, Guard> {
    Unspent { guard, ..Default::default() }
}

fn given_back_twice(reservation: Reservation<Validated, Guard>) -> Result<(), Error> {
    reservation.unspend()?;
    Ok(reservation.unspend()?)
}

fn spent_by_another_guard(
    key: &Hs256Key,
    rules: &Validation<SingleUse<Guard>>,
    other: Guard,
) -> Result<(), Error> {
    jwt::check::<NoPrivateClaims, _>("token", key, rules)?.spend(other)?.commit();
    Ok(())
}

fn settled_later(reservation: Reservation<Validated, Guard>) -> Result<(), Error> {
    reservation.settle(async |_| Ok(()))
}

fn main() {}
