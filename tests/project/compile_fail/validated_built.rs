//! Validated claims are not built, by no field and no function.

use strict_jose::{NoPrivateClaims, Validated};

fn main() {
    let _ = Validated { private: NoPrivateClaims };
    let _ = Validated::new(NoPrivateClaims);
}
