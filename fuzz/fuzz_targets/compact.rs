//! Any text as a token: no call may do more than refuse it, and all agree on its form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strict_jose::{Error, UnverifiedHints, jwe, jws};
use strict_jose_fuzz::{DEVICE, HS256, RS256};

fuzz_target!(|token: &str| {
    let segments = token.split('.').take(6).count();
    let wrong_count = |error: &Error, expected: usize| {
        if let Error::SegmentCount { found, expected: needed } = error {
            assert_eq!((*found, *needed), (segments, expected));
            assert_ne!(segments, expected);
        }
    };
    let signed = jws::verify(token, &*HS256).unwrap_err();
    wrong_count(&signed, 3);
    let encrypted = jwe::decrypt(token, &*DEVICE).unwrap_err();
    wrong_count(&encrypted, 5);
    let _ = jws::verify(token, &RS256.public_key());
    if UnverifiedHints::read(token).is_err() {
        // What the hints refuse about form and header no key may make good.
        assert_ne!(signed, Error::InvalidSignature);
        assert_ne!(encrypted, Error::DecryptionFailed);
    }
});
