//! Octets are not called verified or decrypted by hand.

use strict_jose::jwe::Plaintext;
use strict_jose::jws::VerifiedPayload;

fn main() {
    let _ = VerifiedPayload { payload: Vec::new() };
    let _ = Plaintext { bytes: Default::default() };
    let _: VerifiedPayload = Default::default();
}
