//! base64url without padding, one text per value (RFC 7515 section 2 and appendix C).
//!
//! Public text goes through a fast codec; `secret_*` through one whose time does not depend on the
//! octets. Both refuse padding, white space, `+`, `/` and non-zero trailing bits.

use base64::Engine as _;
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use zeroize::Zeroizing;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use vector::CODEC;

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const CODEC: base64::engine::GeneralPurpose = base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Whole blocks by the processor's vector instructions if it has them; what is left, with everything
/// that is refused, by the same code as elsewhere.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod vector {
    use base64::engine::Simd;
    use base64::engine::general_purpose::NO_PAD;
    use std::sync::LazyLock;

    pub(super) static CODEC: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));
}

/// Not canonical base64url.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotCanonical;

/// The characters that so many octets take; saturates far above any length in memory.
pub(crate) const fn encoded_length(bytes: usize) -> usize {
    (bytes / 3).saturating_mul(4).saturating_add(match bytes % 3 {
        0 => 0,
        1 => 2,
        _ => 3,
    })
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    CODEC.encode(bytes)
}

pub(crate) fn encode_onto(bytes: &[u8], text: &mut String) {
    let mut ascii = core::mem::take(text).into_bytes();
    append(bytes, &mut ascii);
    let Ok(encoded) = String::from_utf8(ascii) else {
        unreachable!("text, and base64url after it");
    };
    *text = encoded;
}

pub(crate) fn append(bytes: &[u8], text: &mut Vec<u8>) {
    let start = text.len();
    text.resize(start + encoded_length(bytes.len()), 0);
    encode_into(bytes, &mut text[start..]);
}

/// Encodes into the front of the room, which is enough by the callers' count; returns the length.
fn encode_into(bytes: &[u8], room: &mut [u8]) -> usize {
    let Ok(length) = CODEC.encode_slice(bytes, room) else {
        unreachable!("room for the encoded length")
    };
    length
}

/// Encodes the octets at the end of the room over all of it, which is as long as their text.
#[cfg(feature = "jwe")]
pub(crate) fn encode_in_place(bytes: usize, room: &mut [u8]) {
    // Whole groups of three but for the last, and a third of what is left lies between the text
    // written and the octets not yet read: neither overtakes the other.
    let mut group = [0; 3072];
    let (mut written, mut read) = (0, room.len() - bytes);
    while read < room.len() {
        let length = group.len().min(room.len() - read);
        group[..length].copy_from_slice(&room[read..read + length]);
        read += length;
        written += encode_into(&group[..length], &mut room[written..read]);
    }
}

pub(crate) fn decode(text: &str) -> Result<Vec<u8>, NotCanonical> {
    CODEC.decode(text).map_err(|_| NotCanonical)
}

/// Decodes into the room given, which must be enough.
pub(crate) fn decode_into<'o>(text: &str, bytes: &'o mut [u8]) -> Result<&'o [u8], NotCanonical> {
    // Trailing bits have to be 0. Otherwise anyone could change the last character of a valid
    // signature, and a list of rejected tokens by text would miss the copy.
    let length = CODEC.decode_slice(text, bytes).map_err(|_| NotCanonical)?;
    Ok(&bytes[..length]) // as many as were written
}

/// Decodes exactly `N` octets.
#[cfg(feature = "jwe")]
pub(crate) fn decode_array<const N: usize>(text: &str) -> Result<[u8; N], NotCanonical> {
    let mut bytes = [0; N];
    if decode_into(text, &mut bytes)?.len() == N { Ok(bytes) } else { Err(NotCanonical) }
}

pub(crate) fn secret_encode(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(Base64UrlUnpadded::encode_string(bytes))
}

pub(crate) fn secret_decode(text: &str) -> Result<Zeroizing<Vec<u8>>, NotCanonical> {
    secret_decode_as::<Base64UrlUnpadded>(text)
}

/// The padded, ordinary base64 of RFC 4648 section 4, for secrets handed out in that form.
pub(crate) fn secret_decode_base64(text: &str) -> Result<Zeroizing<Vec<u8>>, NotCanonical> {
    secret_decode_as::<Base64>(text)
}

fn secret_decode_as<E: Encoding>(text: &str) -> Result<Zeroizing<Vec<u8>>, NotCanonical> {
    // Room for the longest value of this many characters, so that nothing is moved and left behind.
    let mut bytes = Zeroizing::new(vec![0; text.len() / 4 * 3 + 3]);
    let length = E::decode(text, &mut bytes).map_err(|_| NotCanonical)?.len();
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Miri interprets, so it takes one length and one place in 29: with 3, 4 and 32, the lengths of
    /// groups and of a block, 29 has no divisor in common.
    const STEP: usize = if cfg!(miri) { 29 } else { 1 };

    #[test]
    fn the_example_of_rfc_7515_appendix_c() {
        let bytes = [3, 236, 255, 224, 193];
        assert_eq!(encode(&bytes), "A-z_4ME");
        assert_eq!(decode("A-z_4ME").unwrap(), bytes);
        assert_eq!(*secret_encode(&bytes), "A-z_4ME");
        assert_eq!(*secret_decode("A-z_4ME").unwrap(), bytes);
    }

    #[test]
    fn each_value_has_one_text() {
        let faults = [
            "A", "AAAAA", "AA==", "AAA=", "AA=", "A+AA", "A/AA", "A AA", " AAA", "AAA ", "AA\nA",
            "AA\0A", "AAA.", "AB", "AAB", "é", "AA==AAAA", "====", "=",
        ];
        for text in faults {
            assert_eq!(decode(text), Err(NotCanonical), "{text:?}");
            assert_eq!(secret_decode(text), Err(NotCanonical), "{text:?}");
        }
        for text in ["", "AA", "AAA", "AAAA", "_-_-"] {
            assert_eq!(encode(&decode(text).unwrap()), text);
            assert_eq!(*secret_encode(&secret_decode(text).unwrap()), text);
        }
    }

    #[test]
    fn every_sibling_spelling_of_the_last_character_is_refused() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for (rest, canonical) in [("A", 4), ("AA", 16)] {
            for decoder in [|t: &str| decode(t).is_ok(), |t: &str| secret_decode(t).is_ok()] {
                let accepted =
                    alphabet.chars().filter(|last| decoder(&format!("{rest}{last}"))).count();
                assert_eq!(accepted, canonical);
            }
        }
    }

    #[test]
    fn both_codecs_agree_past_the_length_from_which_one_takes_whole_blocks() {
        let mut refused = 0;
        for bytes in (0..200_u8).step_by(STEP) {
            let bytes: Vec<_> = (0..bytes).map(|byte| byte.wrapping_mul(151)).collect();
            let text = encode(&bytes);
            assert_eq!(*text, **secret_encode(&bytes));
            assert_eq!(decode(&text).unwrap(), bytes);
            for position in (0..text.len()).step_by(STEP) {
                for fault in ["=", "+", "/", ".", " ", "\n", "\0", "\u{7f}"] {
                    let mut faulty = text.clone();
                    faulty.replace_range(position..=position, fault);
                    assert_eq!(decode(&faulty), Err(NotCanonical), "{faulty:?}");
                    refused += 1;
                }
            }
        }
        assert!(refused > 200_000 / (STEP * STEP), "{refused}");
    }

    #[test]
    #[cfg(feature = "jwe")]
    fn encoding_in_place_is_encoding() {
        let lengths = (0..100).chain(3000..3200).chain([6143, 6144, 6145, 50_000]);
        for bytes in lengths.step_by(STEP) {
            let bytes: Vec<_> = (0..=250).cycle().take(bytes).collect();
            let text = encode(&bytes);
            let mut room = vec![0; text.len()];
            room[text.len() - bytes.len()..].copy_from_slice(&bytes);
            encode_in_place(bytes.len(), &mut room);
            assert_eq!(room, text.as_bytes());
        }
    }

    #[test]
    fn lengths_agree_with_the_codec() {
        for bytes in 0..100 {
            let text = encode(&vec![7; bytes]);
            assert_eq!(encoded_length(bytes), text.len());
        }
        assert!(encoded_length(usize::MAX) > usize::MAX / 2);
    }

    #[test]
    fn ordinary_base64_needs_its_padding() {
        assert_eq!(*secret_decode_base64("AAECAw==").unwrap(), [0, 1, 2, 3]);
        for text in ["AAECAw", "AAECAw=", "AAECAx==", "AAEC_w==", "AAECAw==\n"] {
            assert_eq!(secret_decode_base64(text), Err(NotCanonical), "{text:?}");
        }
    }

    #[test]
    #[cfg(feature = "jwe")]
    fn arrays_take_their_own_length_only() {
        assert_eq!(decode_array::<3>("AQID"), Ok([1, 2, 3]));
        assert_eq!(decode_array::<2>("AQID"), Err(NotCanonical));
        assert_eq!(decode_array::<4>("AQID"), Err(NotCanonical));
    }
}
