//! There are no default rules.

use strict_jose::{Audience, Issuer, Validation};

fn main() {
    let _: Validation = Default::default();
    let _: Issuer = Default::default();
    let _: Audience = Default::default();
}
