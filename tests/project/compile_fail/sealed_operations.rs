//! The operations of keys have no name outside the crate.

use strict_jose::key::sealed::Sign;

fn main() {}
