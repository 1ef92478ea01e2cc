//! Rules are not made without saying who issued the token and whom it is for.

use strict_jose::{Audience, Issuer, Validation};

fn main() {
    let _ = Validation::new(Issuer::exactly("as"));
    let _ = Validation::new(Audience::includes("api"));
    let _ = Validation::new();
}
