//! Validated claims are not read from anywhere.

use serde::de::DeserializeOwned;
use strict_jose::{NoPrivateClaims, Unauthenticated, Validated};

fn read<T: DeserializeOwned>() {}

fn main() {
    read::<Validated<NoPrivateClaims>>();
    read::<Unauthenticated<NoPrivateClaims>>();
}
