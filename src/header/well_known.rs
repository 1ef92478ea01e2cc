//! Header segments that nearly every signed token has: read once, here, instead of at every token.

use super::UnverifiedHeader;
use crate::jwa::SignatureAlgorithm::{self, Hs256, Rs256};
use crate::limits::Limits;
use std::borrow::Cow;

struct KnownSegment {
    segment: &'static str,
    alg: SignatureAlgorithm,
    typ: Option<&'static str>,
}

/// `alg` alone or with `typ` `JWT`, in both orders; what this crate writes comes first.
const SEGMENTS: [KnownSegment; 6] = [
    KnownSegment { segment: "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", alg: Hs256, typ: Some("JWT") },
    KnownSegment { segment: "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9", alg: Rs256, typ: Some("JWT") },
    KnownSegment { segment: "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9", alg: Hs256, typ: Some("JWT") },
    KnownSegment { segment: "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9", alg: Rs256, typ: Some("JWT") },
    KnownSegment { segment: "eyJhbGciOiJIUzI1NiJ9", alg: Hs256, typ: None },
    KnownSegment { segment: "eyJhbGciOiJSUzI1NiJ9", alg: Rs256, typ: None },
];

/// What reading this very segment would give.
pub(super) fn read(segment: &str, limits: &Limits) -> Option<UnverifiedHeader<'static>> {
    let row = SEGMENTS.iter().find(|row| row.segment == segment)?;
    let header = UnverifiedHeader {
        alg: Cow::Borrowed(row.alg.name()),
        enc: None,
        kid: None,
        typ: row.typ.map(Cow::Borrowed),
        cty: None,
    };
    // Under narrower limits there is something to refuse.
    (limits.json_depth >= 1 && limits.json_members >= 2).then_some(header)
}

/// What encoding a header of no more than these would give.
pub(super) fn segment(alg: &str, typ: Option<&str>) -> Option<&'static str> {
    let row = SEGMENTS.iter().find(|row| row.alg.name() == alg && row.typ == typ)?;
    Some(row.segment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64url;
    use crate::header::{JwsHeader, decode_header};

    #[test]
    fn every_row_is_what_reading_its_segment_gives() {
        let narrow = Limits { json_members: 1, ..Limits::DEFAULT };
        let flat = Limits { json_depth: 0, ..Limits::DEFAULT };
        for KnownSegment { segment, alg, typ } in SEGMENTS {
            let bytes = decode_header(segment).unwrap();
            for limits in [Limits::DEFAULT, narrow, flat] {
                let full = UnverifiedHeader::read(&bytes, &limits);
                match read(segment, &limits) {
                    Some(short) => assert_eq!(format!("{short:?}"), format!("{:?}", full.unwrap())),
                    None => assert_ne!(limits, Limits::DEFAULT),
                }
            }
            let short = read(segment, &Limits::DEFAULT).unwrap();
            assert_eq!((&*short.alg, short.typ.as_deref()), (alg.name(), typ));
            for other in [&segment[1..], &segment.to_lowercase(), &format!("{segment}A"), ""] {
                assert!(read(other, &Limits::DEFAULT).is_none(), "{other}");
            }
        }
    }

    #[test]
    fn the_segment_written_is_the_header_encoded() {
        let mut short = 0;
        for alg in [Hs256, Rs256] {
            for header in [
                JwsHeader::new(),
                JwsHeader::new().typ("JWT"),
                JwsHeader::new().typ("at+jwt"),
                JwsHeader::new().content_type("JWT"),
                JwsHeader::new().typ("JWT").content_type("JWT"),
            ] {
                for kid in [None, Some("k")] {
                    let long = header.encode(alg.name(), kid);
                    let segment = header.segment(alg.name(), kid);
                    assert_eq!(segment, base64url::encode(&long));
                    short += usize::from(matches!(segment, Cow::Borrowed(_)));
                }
            }
        }
        assert_eq!(short, 4);
    }
}
