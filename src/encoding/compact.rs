//! The compact serializations: 3 segments (RFC 7515 section 7.1) or 5 (RFC 7516 section 7.1).

use crate::error::{Error, Part};
use crate::limits::Limits;

/// A JWS split at its dots. Nothing is decoded yet.
#[derive(Debug)]
pub(crate) struct JwsSegments<'a> {
    pub(crate) header: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) signature: &'a str,
    /// `header.payload` as received: the octets that were signed.
    pub(crate) signing_input: &'a str,
}

/// A JWE split at its dots. Nothing is decoded yet.
#[derive(Debug)]
#[cfg(feature = "jwe")]
pub(crate) struct JweSegments<'a> {
    pub(crate) header: &'a str,
    pub(crate) encrypted_key: &'a str,
    pub(crate) iv: &'a str,
    pub(crate) ciphertext: &'a str,
    pub(crate) tag: &'a str,
}

/// Splits a JWS after the checks that need no decoding: length, alphabet, number of segments.
pub(crate) fn split_jws<'a>(token: &'a str, limits: &Limits) -> Result<JwsSegments<'a>, Error> {
    let [header, payload, signature] = split(token, limits)?;
    let signing_input = &token[..header.len() + 1 + payload.len()]; // the dot between them is 1 octet
    Ok(JwsSegments { header, payload, signature, signing_input })
}

/// Splits a JWE after the checks that need no decoding: length, alphabet, number of segments.
#[cfg(feature = "jwe")]
pub(crate) fn split_jwe<'a>(token: &'a str, limits: &Limits) -> Result<JweSegments<'a>, Error> {
    let [header, encrypted_key, iv, ciphertext, tag] = split(token, limits)?;
    Ok(JweSegments { header, encrypted_key, iv, ciphertext, tag })
}

/// The header segment of a token of either kind.
pub(crate) fn header_segment<'a>(token: &'a str, limits: &Limits) -> Result<&'a str, Error> {
    match (check(token, limits)?, token.split_once('.')) {
        (3 | 5, Some((header, _))) => bounded(header, limits),
        (found, _) => Err(Error::SegmentCount { found, expected: 3 }),
    }
}

/// How many segments the text has, any above five counted as six, if it has no other characters than
/// those of a token.
pub(crate) fn segment_count(text: &str) -> Option<usize> {
    // Blocks without an early exit: the compiler checks all octets of one at a time.
    let (blocks, rest) = text.as_bytes().as_chunks::<32>();
    let mut last = [b'A'; 32];
    last[..rest.len()].copy_from_slice(rest); // fewer than 32
    let mut census = look(&last);
    for block in blocks {
        let (legal, dots) = look(block);
        census = (census.0 & legal, census.1 + dots);
    }
    let (legal, dots) = census;
    legal.then_some(dots.min(5) + 1)
}

/// Whether all octets are those of a token, and how many are dots.
fn look(bytes: &[u8; 32]) -> (bool, usize) {
    let (legal, dots) = bytes.iter().fold((true, 0_u8), |(legal, dots), byte| {
        let own = byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'_' | b'.');
        (legal & own, dots + u8::from(*byte == b'.')) // 32 at most
    });
    (legal, usize::from(dots))
}

fn split<'a, const N: usize>(token: &'a str, limits: &Limits) -> Result<[&'a str; N], Error> {
    let found = check(token, limits)?;
    let (true, Some((front, last))) = (found == N, token.rsplit_once('.')) else {
        return Err(Error::SegmentCount { found, expected: N });
    };
    // The longest segment, the last but one, is not searched for a dot that it cannot have.
    let mut segments = [last; N];
    segments.iter_mut().zip(front.splitn(N - 1, '.')).for_each(|(slot, segment)| *slot = segment);
    bounded(segments[0], limits)?; // both callers ask for more than one segment
    Ok(segments)
}

fn check(token: &str, limits: &Limits) -> Result<usize, Error> {
    if token.len() > limits.token_len {
        return Err(Error::TokenTooLong { limit: limits.token_len });
    }
    segment_count(token).ok_or(Error::IllegalCharacter)
}

fn bounded<'a>(header: &'a str, limits: &Limits) -> Result<&'a str, Error> {
    if header.len() > limits.header_len {
        return Err(Error::PartTooLong { part: Part::Header, limit: limits.header_len });
    }
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jws_has_exactly_three_segments() {
        let jws = split_jws("a.b.c", &Limits::DEFAULT).unwrap();
        assert_eq!((jws.header, jws.payload, jws.signature), ("a", "b", "c"));
        assert_eq!(jws.signing_input, "a.b");
        for (token, found) in [("", 1), ("a", 1), ("a.b", 2), ("a.b.c.d", 4), ("a.b.c.d.e", 5)] {
            let error = split_jws(token, &Limits::DEFAULT).unwrap_err();
            assert_eq!(error, Error::SegmentCount { found, expected: 3 }, "{token:?}");
        }
        let dots = split_jws("..........", &Limits::DEFAULT).unwrap_err();
        assert_eq!(dots, Error::SegmentCount { found: 6, expected: 3 });
    }

    #[test]
    #[cfg(feature = "jwe")]
    fn a_jwe_has_exactly_five_segments() {
        let jwe = split_jwe("a.b.c.d.e", &Limits::DEFAULT).unwrap();
        assert_eq!(
            (jwe.header, jwe.encrypted_key, jwe.iv, jwe.ciphertext, jwe.tag),
            ("a", "b", "c", "d", "e")
        );
        for (token, found) in [("a.b.c", 3), ("a.b.c.d", 4), ("a.b.c.d.e.f", 6)] {
            let error = split_jwe(token, &Limits::DEFAULT).unwrap_err();
            assert_eq!(error, Error::SegmentCount { found, expected: 5 }, "{token:?}");
        }
    }

    #[test]
    fn every_character_outside_the_alphabet_is_refused() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
        let mut refused = 0;
        for character in (0..=255u8).map(char::from) {
            let token = format!("a{character}b.c.d");
            let legal =
                !matches!(split_jws(&token, &Limits::DEFAULT), Err(Error::IllegalCharacter));
            assert_eq!(legal, alphabet.contains(character), "{character:?}");
            refused += usize::from(!legal);
        }
        assert_eq!(refused, 256 - 65);
    }

    #[test]
    fn limits_come_first() {
        let limits = Limits { token_len: 10, header_len: 3, ..Limits::DEFAULT };
        let long = split_jws("\n.........\n", &limits).unwrap_err();
        assert_eq!(long, Error::TokenTooLong { limit: 10 });
        let header = split_jws("abcd.e.f", &limits).unwrap_err();
        assert_eq!(header, Error::PartTooLong { part: Part::Header, limit: 3 });
        assert!(split_jws("abc.e.f", &limits).is_ok());
    }
}
