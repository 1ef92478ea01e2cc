//! Validated claims have no default.

use strict_jose::{NoPrivateClaims, Validated};

fn main() {
    let _: Validated<NoPrivateClaims> = Default::default();
}
