//! Nobody else makes a key: what a key does cannot be written outside.

use strict_jose::SigningKey;

struct Mine;

impl SigningKey for Mine {}

fn main() {}
