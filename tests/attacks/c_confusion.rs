//! C. One kind of message never passes for another: classes 26 to 33.

use crate::support::{bytes::*, claims::*, outcome::*, repository::*, signing::*};
use strict_jose::internals::Operation;
use strict_jose::{NoPrivateClaims, UnverifiedHints, jws as door, jwt};

const HS: &str = r#"{"alg":"HS256"}"#;

#[test]
fn c26_jws_and_jwe() {
    // By the number of segments, before anything else.
    let five = format!("{}.{}.{}.{}.{}", b64(HS), b64([0; 256]), b64([0; 12]), "AA", b64([0; 16]));
    assert_eq!(hs_outcome(&five), "token.segment_count");
    assert_eq!(rs_outcome(&five), "token.segment_count");
    // By `enc` (RFC 7516 section 9): a JWS that has one is refused, though its MAC holds.
    for enc in ["A256GCM", "A128CBC-HS256", ""] {
        let token = hs_token(&format!(r#"{{"alg":"HS256","enc":"{enc}"}}"#), CLAIMS);
        assert_eq!(hs_outcome(&token), "header.unsupported", "{enc}");
        let token = rs_token(&format!(r#"{{"alg":"RS256","enc":"{enc}"}}"#), CLAIMS);
        assert_eq!(rs_outcome(&token), "header.unsupported", "{enc}");
    }
    assert_eq!(hs_outcome(&hs_token(HS, CLAIMS)), ACCEPTED);
}

#[cfg(feature = "jwe")]
#[test]
fn c26_jwe_made_with_the_public_key() {
    use crate::support::{encrypted::private, raw_rsa::RSA};
    use strict_jose::{ContentEncryption, KeySet, RsaOaepEncryptionKey, jwe};

    // Everybody has the public key; a JWE made with it proves nothing, and no verifier takes it.
    let public = RsaOaepEncryptionKey::from_spki_der(&RSA.verifying.to_spki_der()).unwrap();
    let private = private();
    let set = KeySet::new([RSA.verifying.clone()]).unwrap();
    for enc in ContentEncryption::ALL {
        let token = jwe::encrypt(CLAIMS, enc, &public).unwrap();
        assert_eq!(rs_outcome(&token), "token.segment_count");
        assert_eq!(outcome(&read(&token, &set)), "token.segment_count");
        assert_eq!(outcome(&door::verify(&token, &RSA.verifying)), "token.segment_count");
        assert_eq!(outcome(&jwe::decrypt(&token, &private)), ACCEPTED);
        // What comes out is of another type than verified claims, and says so.
        let claims = jwt::decrypt::<NoPrivateClaims>(&token, &private, &rules()).unwrap();
        assert_eq!(format!("{claims:?}"), "Unauthenticated(<redacted>)");

        let mut segments: Vec<_> = token.split('.').map(str::to_owned).collect();
        segments[0] = b64(r#"{"alg":"RSA-OAEP"}"#);
        assert_eq!(outcome(&jwe::decrypt(&segments.join("."), &private)), "header.missing");
        segments[0] = b64(r#"{"alg":"RS256"}"#);
        assert_eq!(outcome(&jwe::decrypt(&segments.join("."), &private)), "header.mismatch");
    }
    for token in [hs_token(HS, CLAIMS), rs_token(r#"{"alg":"RS256"}"#, CLAIMS)] {
        assert_eq!(outcome(&jwe::decrypt(&token, &private)), "token.segment_count");
        let nested =
            jwt::decrypt_then_verify::<NoPrivateClaims>(&token, &private, &hs256(), &rules());
        assert_eq!(outcome(&nested), "token.segment_count");
    }
}

#[cfg(feature = "jwe")]
#[test]
fn c27_what_is_inside_a_nested_token() {
    use crate::support::encrypted::private;
    use strict_jose::{ContentEncryption, JweHeader, jwe};

    let private = private();
    let public = private.public_key();
    let header = || JweHeader::new(ContentEncryption::A128Gcm);
    let around = |content: &str| {
        jwe::encrypt_with_header(content, &header().content_type("JWT"), &public).unwrap()
    };
    let open = |token: &str| {
        outcome(&jwt::decrypt_then_verify::<NoPrivateClaims>(token, &private, &hs256(), &rules()))
    };
    let good = hs_token(HS, CLAIMS);
    assert_eq!(open(&around(&good)), ACCEPTED);

    let unsigned = jws(r#"{"alg":"none"}"#, CLAIMS, |_| Vec::new());
    assert_eq!(open(&around(&unsigned)), "header.mismatch");
    assert_eq!(open(&around(unsigned.trim_end_matches('.'))), "nested.not_signed");
    assert_eq!(open(&around(CLAIMS)), "nested.not_signed");
    assert_eq!(open(&around("")), "nested.not_signed");
    assert_eq!(open(&around("a.b.c.d")), "nested.not_signed");
    assert_eq!(open(&around(&jws(HS, CLAIMS, |input| hmac(&[7; 32], input)))), "signature.invalid");
    assert_eq!(open(&around(&rs_token(r#"{"alg":"RS256"}"#, CLAIMS))), "header.mismatch");
    assert_eq!(open(&around(&around(&good))), "nested.not_signed");
    assert_eq!(open(&around(&around(&around(&good)))), "nested.not_signed");
    // A JWS around a token: the innermost claims are not looked for.
    let typed = r#"{"alg":"HS256","cty":"JWT"}"#;
    assert_eq!(open(&around(&hs_token(typed, &good))), "json.not_an_object");
    assert_eq!(open(&around(&hs_token(typed, around(&good)))), "json.not_an_object");
    assert_eq!(open(&around(&format!(" {good}"))), "nested.not_signed");

    // The claims inside are held to every rule.
    let changed = |from: &str, to: &str| open(&around(&hs_token(HS, CLAIMS.replace(from, to))));
    assert_eq!(changed("1700000300", "1600000000"), "claim.expired");
    assert_eq!(changed("as.example", "b.example"), "claim.mismatch");
    assert_eq!(changed(AUD, "https://another.example"), "claim.mismatch");
    assert_eq!(open(&around(&hs_token(HS, "{}"))), "claim.missing");

    // `typ` counts inside only; `cty` has to announce what is inside.
    let typed_rules = rules().typ("at+jwt");
    let open_typed = |token: &str| {
        let result =
            jwt::decrypt_then_verify::<NoPrivateClaims>(token, &private, &hs256(), &typed_rules);
        outcome(&result)
    };
    let outside = header().content_type("JWT").typ("at+jwt");
    let outside = jwe::encrypt_with_header(&good, &outside, &public).unwrap();
    assert_eq!(open_typed(&outside), "header.missing");
    let inside = hs_token(r#"{"alg":"HS256","typ":"at+jwt"}"#, CLAIMS);
    assert_eq!(open_typed(&around(&inside)), ACCEPTED);
    assert_eq!(
        open(&jwe::encrypt_with_header(&good, &header(), &public).unwrap()),
        "header.missing"
    );
    let other = header().content_type("JWE");
    assert_eq!(open(&jwe::encrypt_with_header(&good, &other, &public).unwrap()), "header.mismatch");
}

#[test]
fn c28_two_readings_of_one_token() {
    let good = hs_token(HS, CLAIMS);
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    // What passed for a compact token in one parser and for JSON in another (CVE-2022-39227).
    let forged = b64(CLAIMS.replace("as.example", "b.example"));
    let polyglots = [
        format!(
            r#"{{"  {header}.{forged}.":"","protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#
        ),
        format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#),
        format!("[\"{good}\"]"),
        format!("\"{good}\""),
        format!("Bearer {good}"),
        format!("{good};charset=utf-8"),
        format!("{good}\r\nX: y"),
    ];
    for token in polyglots {
        assert_eq!(hs_outcome(&token), "token.illegal_character", "{token}");
        assert_eq!(outcome(&UnverifiedHints::read(&token)), "token.illegal_character", "{token}");
    }
    // Any character that is none of base64url's, anywhere: refused before a segment is looked at.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    // All of the first blocks of Unicode, and every 37th of the rest.
    let numbers = (0..0x800).chain((0x800..=0x0010_ffff).step_by(37));
    let strangers = numbers.filter_map(char::from_u32).filter(|c| !alphabet.contains(*c));
    let middle = header.len() + 5;
    let mut refused = 0;
    for stranger in strangers {
        let places: &[usize] = if u32::from(stranger) < 0x180 {
            &[0, 3, header.len(), middle, good.len() - 4, good.len()]
        } else {
            &[middle]
        };
        for place in places {
            let token = format!("{}{stranger}{}", &good[..*place], &good[*place..]);
            let (ran, verdict) = counting(Operation::Verify, || hs_outcome(&token));
            assert_eq!((ran, verdict), (0, "token.illegal_character"), "{stranger:?} at {place}");
            refused += 1;
        }
    }
    assert!(refused > 20_000);
    assert_eq!(hs_outcome(&good), ACCEPTED);
    // One parse: the header and the claims that come back are those that were signed.
    let token = hs_token(r#"{"alg":"HS256","kid":"k"}"#, CLAIMS);
    let claims = read(&token, &hs256()).unwrap();
    assert_eq!(claims.header().key_id(), Some("k"));
    assert_eq!(claims.issuer(), Some("https://as.example"));
}

#[test]
fn c29_json_serialization() {
    let good = hs_token(HS, CLAIMS);
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let one = format!(r#"{{"protected":"{header}","signature":"{signature}"}}"#);
    let bad = format!(r#"{{"protected":"{header}","signature":"AAAA"}}"#);
    let tokens = [
        format!(r#"{{"payload":"{payload}","protected":"{header}","signature":"{signature}"}}"#),
        format!(r#"{{"payload":"{payload}","signatures":[{one}]}}"#),
        format!(r#"{{"payload":"{payload}","signatures":[]}}"#),
        format!(r#"{{"payload":"{payload}","signatures":null}}"#),
        format!(r#"{{"payload":"{payload}"}}"#),
        format!(r#"{{"payload":"{payload}","signatures":[{one},{bad}]}}"#),
        format!(r#"{{"payload":"{payload}","signatures":[{bad},{one}]}}"#),
        format!(r#"{{"ciphertext":"{payload}","recipients":[]}}"#),
        "{}".to_owned(),
        "[]".to_owned(),
    ];
    for token in tokens {
        assert_eq!(hs_outcome(&token), "token.illegal_character", "{token}");
        #[cfg(feature = "jwe")]
        {
            let key = crate::support::encrypted::private();
            let result = strict_jose::jwe::decrypt(&token, &key);
            assert_eq!(outcome(&result), "token.illegal_character", "{token}");
        }
    }
    assert_eq!(hs_outcome(&good), ACCEPTED);
}

#[test]
fn c30_unprotected_header() {
    let good = hs_token(r#"{"alg":"HS256"}"#, CLAIMS);
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let token = format!(
        r#"{{"header":{{"alg":"none"}},"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#
    );
    assert_eq!(hs_outcome(&token), "token.illegal_character");
    assert_eq!(hs_outcome(&good), ACCEPTED);
    // No parameter, field or name in the code is one for an unprotected header.
    for (path, code) in sources() {
        for name in ["unprotected", "recipients"] {
            assert!(!code.contains(name), "{path}: {name}");
        }
    }
}

#[test]
fn c31_explicit_type() {
    let typed = |typ: &str| hs_token(&format!(r#"{{"alg":"HS256"{typ}}}"#), CLAIMS);
    let check = |token: &str| {
        outcome(&jwt::verify::<NoPrivateClaims>(token, &hs256(), &rules().typ("at+jwt")))
    };
    let refused = [
        ("", "header.missing"),
        (r#","typ":"JWT""#, "header.mismatch"),
        (r#","typ":"id+jwt""#, "header.mismatch"),
        (r#","typ":"at+jwt ""#, "header.mismatch"),
        (r#","typ":" at+jwt""#, "header.mismatch"),
        (r#","typ":"at+jwt\u0000""#, "header.mismatch"),
        (r#","typ":"at+jwt;v=1""#, "header.mismatch"),
        (r#","typ":"text/at+jwt""#, "header.mismatch"),
        (r#","typ":"application/at+jwt/x""#, "header.mismatch"),
        (r#","typ":"application/application/at+jwt""#, "header.mismatch"),
        (r#","typ":"application/""#, "header.mismatch"),
        (r#","typ":"at+\u212awt""#, "header.mismatch"),
        (r#","typ":"""#, "header.mismatch"),
        (r#","typ":5"#, "header.wrong_type"),
        (r#","typ":null"#, "header.wrong_type"),
        (r#","typ":["at+jwt"]"#, "header.wrong_type"),
        (r#","cty":"at+jwt""#, "header.missing"),
    ];
    for (typ, code) in refused {
        assert_eq!(check(&typed(typ)), code, "{typ}");
    }
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt", "at\\u002bjwt"] {
        assert_eq!(check(&typed(&format!(r#","typ":"{typ}""#))), ACCEPTED, "{typ}");
    }
    // Without the rule the type is not looked at, but a wrong JSON type is refused all the same.
    assert_eq!(hs_outcome(&typed(r#","typ":"id+jwt""#)), ACCEPTED);
    assert_eq!(hs_outcome(&typed(r#","typ":5"#)), "header.wrong_type");
    assert_eq!(hs_outcome(&typed(r#","cty":5"#)), "header.wrong_type");
}

#[test]
fn c32_critical_parameters() {
    let refused = [
        "[]",
        r#"["exp"]"#,
        r#"["alg"]"#,
        r#"["kid"]"#,
        r#"["absent"]"#,
        r#"["b64"]"#,
        r#""exp""#,
        "null",
        "{}",
        "true",
        "0",
        "[1]",
        "[null]",
        r#"["exp","exp"]"#,
        r#"[""]"#,
        r#"[["exp"]]"#,
        r#"["crit"]"#,
        r#"["x","y"]"#,
    ];
    for crit in refused {
        let members = format!(r#""crit":{crit},"exp":1700000300,"kid":"k","x":1,"y":2"#);
        for header in [
            format!(r#"{{"alg":"HS256",{members}}}"#),
            format!(r#"{{{members},"alg":"HS256"}}"#),
            format!(r#"{{"alg":"HS256","\u0063rit":{crit}}}"#),
        ] {
            let (ran, verdict) =
                counting(Operation::Verify, || hs_outcome(&hs_token(&header, CLAIMS)));
            assert_eq!((ran, verdict), (0, "header.unsupported"), "{header}");
        }
        let rs = format!(r#"{{"alg":"RS256",{members}}}"#);
        assert_eq!(rs_outcome(&rs_token(&rs, CLAIMS)), "header.unsupported", "{rs}");
    }
    let without = r#"{"alg":"HS256","exp":1700000300,"kid":"k","x":1,"y":2}"#;
    assert_eq!(hs_outcome(&hs_token(without, CLAIMS)), ACCEPTED);
    // Names that only look like it are not it.
    assert_eq!(hs_outcome(&hs_token(r#"{"alg":"HS256","Crit":["exp"]}"#, CLAIMS)), ACCEPTED);
}

#[test]
fn c33_unencoded_and_detached_payload() {
    for members in [
        r#""b64":false"#,
        r#""b64":true"#,
        r#""b64":null"#,
        r#""b64":"false""#,
        r#""b64":0"#,
        r#""b64":false,"crit":["b64"]"#,
        r#""b64":true,"crit":["b64"]"#,
        r#""crit":["b64"]"#,
    ] {
        let header = format!(r#"{{"alg":"HS256",{members}}}"#);
        assert_eq!(hs_outcome(&hs_token(&header, CLAIMS)), "header.unsupported", "{members}");
        // As RFC 7797 would have it: the payload as it stands, with and without dots in it.
        for payload in ["payload", "$.02"] {
            let mac = hmac(SECRET, format!("{}.{payload}", b64(&header)).as_bytes());
            let token = format!("{}.{payload}.{}", b64(&header), b64(mac));
            assert_ne!(outcome(&door::verify(&token, &hs256())), ACCEPTED, "{members}");
        }
    }
    // Detached: a signature over a payload that the token leaves out.
    let good = hs_token(HS, CLAIMS);
    let (header, rest) = good.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let detached = format!("{header}..{signature}");
    assert_eq!(outcome(&door::verify(&detached, &hs256())), "signature.invalid");
    assert_eq!(outcome(&door::verify(&good, &hs256())), ACCEPTED);
    assert_eq!(
        outcome(&door::verify(&hs_token(HS, ""), &hs256())),
        ACCEPTED,
        "a payload of nothing"
    );
}
