//! Nobody else makes an RSA algorithm.

use strict_jose::{RsaAlgorithm, RsaPublicKey};

enum Rs512 {}

impl RsaAlgorithm for Rs512 {}

fn key(_: RsaPublicKey<Rs512>) {}

fn main() {}
