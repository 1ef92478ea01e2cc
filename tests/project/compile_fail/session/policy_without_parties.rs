//! A policy without a word on issuer and audience.

use std::time::Duration;
use strict_jose::profile::session::Policy;

fn main() {
    let _ = Policy::new(Duration::from_secs(60));
}
