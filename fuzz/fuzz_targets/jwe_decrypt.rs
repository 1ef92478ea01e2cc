//! JWEs whose CEK is known, so that header, lengths, tag and padding decide: only whole ones open.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use strict_jose::{Error, jwe};
use strict_jose_fuzz::input::{Member, enc, object};
use strict_jose_fuzz::{DEVICE, jwe_for_device};

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    header: Option<Vec<Member<'a>>>,
    enc: u8,
    plaintext: &'a [u8],
    /// A character of the token, by position, and what is put in its place.
    spoil: Option<(u16, u8)>,
    /// Texts in the place of segments.
    segments: Vec<(u8, &'a str)>,
}

fuzz_target!(|input: Input| {
    let enc = enc(input.enc);
    let own_header = input.header.is_none();
    let header = input.header.map_or_else(
        || format!(r#"{{"alg":"RSA-OAEP","enc":"{}"}}"#, enc.name()),
        |members| object(&members),
    );
    let original = jwe_for_device(header.as_bytes(), enc, input.plaintext);
    let mut token = original.clone();
    if let Some((position, byte)) = input.spoil {
        let mut bytes = token.into_bytes();
        let position = usize::from(position) % bytes.len();
        bytes[position] = byte;
        token = String::from_utf8_lossy(&bytes).into_owned();
    }
    let mut segments: Vec<&str> = token.split('.').collect();
    for (position, text) in &input.segments {
        let position = usize::from(*position) % segments.len();
        segments[position] = text;
    }
    let token = segments.join(".");
    match jwe::decrypt(&token, &*DEVICE) {
        Ok(plaintext) => {
            // The JWE Encrypted Key is not authenticated; all else is.
            let rest = |token: &str| {
                let segments: Vec<_> = token.split('.').map(str::to_owned).collect();
                [&segments[..1], &segments[2..]].concat()
            };
            assert_eq!(rest(&token), rest(&original));
            assert_eq!(&plaintext[..], input.plaintext);
        }
        Err(error) => {
            assert!(!own_header || token != original, "a whole token was refused");
            assert!(!matches!(error, Error::External(_)), "the device has an answer to all");
        }
    }
});
