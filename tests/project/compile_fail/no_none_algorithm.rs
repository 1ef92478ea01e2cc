//! There is no `none` to name, and no text to make an algorithm of.

use strict_jose::SignatureAlgorithm;

fn main() {
    let _ = SignatureAlgorithm::None;
    let _ = SignatureAlgorithm::from_name("none");
}
