//! Nobody else makes a key: the traits that keys have are out of reach.

use strict_jose::SigningKey;

struct Mine;

impl SigningKey for Mine {}

impl strict_jose::key::sealed::Sign for Mine {}

fn main() {}
