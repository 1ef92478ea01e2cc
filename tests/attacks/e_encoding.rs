//! Classes 55 to 58: strict JSON, strict and canonical base64url, and ids that outlive a spelling.

use crate::support::{bytes::*, claims::*, kept::Once, outcome::*, signing::*};
use strict_jose::{
    Hs256Key, KeySet, MemoryReplayGuard, NoPrivateClaims, Rs256SigningKey, Rs256VerifyingKey, jws,
    jwt,
};

/// A good object's text with one fault each, and the code of its refusal.
fn not_strict(good: &str) -> Vec<(Vec<u8>, &'static str)> {
    let inner = &good[1..good.len() - 1];
    let syntax: Vec<Vec<u8>> = vec![
        format!("{good}x").into(),
        format!("{good}{good}").into(),
        format!("{good},").into(),
        format!("{good}}}").into(),
        format!("{good}\0").into(),
        format!("{good}\u{a0}").into(),
        format!("{good}// comment").into(),
        format!("{good}/* comment */").into(),
        format!("{{/* comment */{inner}}}").into(),
        format!("{{{inner}//\n}}").into(),
        format!("{{#\n{inner}}}").into(),
        format!("{{{inner},}}").into(),
        format!("{{,{inner}}}").into(),
        format!("{{{inner},,\"x\":1}}").into(),
        format!("{{{inner} \"x\":1}}").into(),
        format!("{{{inner},\"x\":[1,]}}").into(),
        format!("{{{inner},\"x\"}}").into(),
        format!("{{{inner},\"x\":}}").into(),
        format!("{{{inner},x:1}}").into(),
        format!("{{{inner},'x':1}}").into(),
        format!("{{{inner},\"x\":'y'}}").into(),
        format!("{{{inner},1:1}}").into(),
        format!("{{{inner},null:1}}").into(),
        format!("{{{inner},\"x\":NaN}}").into(),
        format!("{{{inner},\"x\":Infinity}}").into(),
        format!("{{{inner},\"x\":-Infinity}}").into(),
        format!("{{{inner},\"x\":undefined}}").into(),
        format!("{{{inner},\"x\":True}}").into(),
        format!("{{{inner},\"x\":01}}").into(),
        format!("{{{inner},\"x\":+1}}").into(),
        format!("{{{inner},\"x\":.5}}").into(),
        format!("{{{inner},\"x\":5.}}").into(),
        format!("{{{inner},\"x\":0x10}}").into(),
        format!("{{{inner},\"x\":1e}}").into(),
        format!("{{{inner},\"x\":\"\n\"}}").into(),
        format!("{{{inner},\"x\":\"\0\"}}").into(),
        format!("{{{inner},\"x\":\"\\x41\"}}").into(),
        format!("{{{inner},\"x\":\"\\u12\"}}").into(),
        format!("{{\x0b{inner}}}").into(),
        format!("{{\x0c{inner}}}").into(),
        good[..good.len() - 1].into(),
        [good.as_bytes(), b"\xff"].concat(),
        [b"{\"x\":\"\xc0\xaf\",", inner.as_bytes(), b"}"].concat(), // overlong
        [b"{\"x\":\"\xed\xa0\x80\",", inner.as_bytes(), b"}"].concat(), // a surrogate's octets
        [b"{\"x\":\"\xf4\x90\x80\x80\",", inner.as_bytes(), b"}"].concat(), // past U+10FFFF
        [b"{\"x\":\"\xe9\",", inner.as_bytes(), b"}"].concat(),     // Latin-1
        [b"{\"\x80\":1,", inner.as_bytes(), b"}"].concat(),
    ];
    let units: Vec<u16> = good.encode_utf16().collect();
    let surrogates: Vec<Vec<u8>> = vec![
        format!("{{{inner},\"x\":\"\\ud800\"}}").into(),
        format!("{{{inner},\"x\":\"\\udc00\"}}").into(),
        format!("{{{inner},\"x\":\"\\ud800\\u0041\"}}").into(),
        format!("{{{inner},\"\\ud800\":1}}").into(),
    ];
    let number = format!("{{{inner},\"x\":1e400}}").into();
    let other: Vec<Vec<u8>> = vec![
        format!("\u{feff}{good}").into(),
        format!("\u{a0}{good}").into(),
        format!("\x0c{good}").into(),
        format!("// comment\n{good}").into(),
        format!("[{good}]").into(),
        format!("{good:?}").into(),
        units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
    ];
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    syntax
        .into_iter()
        .chain([[b"\xff\xfe", &little[..]].concat(), little])
        .map(|text| (text, "json.syntax"))
        .chain(surrogates.into_iter().map(|text| (text, "json.surrogate")))
        .chain([(number, "json.number")])
        .chain(other.into_iter().map(|text| (text, "json.not_an_object")))
        .collect()
}

/// The same object in the white space that JSON has.
fn spaced(good: &str) -> String {
    format!(" \t\r\n{{ \n{}\t}}\r\n ", &good[1..good.len() - 1])
}

#[test]
fn e55_non_strict_json() {
    let good = claims(&[]);
    assert_eq!(outcome(&verify(&token(&good))), "accepted");
    assert_eq!(outcome(&verify(&token(spaced(&good)))), "accepted");
    for (fault, expected) in not_strict(&good) {
        let shown = String::from_utf8_lossy(&fault).into_owned();
        assert_rejected(&verify(&token(fault)), expected, shown);
    }
    assert_eq!(jws_outcome(&hs_token(HEADER, "")), "accepted");
    assert_eq!(jws_outcome(&hs_token(&spaced(HEADER), "")), "accepted");
    for (fault, expected) in not_strict(HEADER) {
        let shown = String::from_utf8_lossy(&fault).into_owned();
        assert_eq!(jws_outcome(&sealed(&b64(fault), "")), expected, "{shown:.100}");
    }
    let (mut refused, secret) = (0, hs256().to_secret_jwk());
    assert!(Hs256Key::from_jwk(&spaced(secret.expose())).is_ok());
    for fault in not_strict(secret.expose()).into_iter().flat_map(|(f, _)| String::from_utf8(f)) {
        assert_eq!(Hs256Key::from_jwk(&fault).unwrap_err().code(), "key.json", "{fault}");
        refused += 1;
    }
    assert!(refused > 50);
    let set = format!("{{\"keys\":[{}]}}", secret.expose());
    assert!(KeySet::<Hs256Key>::from_secret_jwk_set(&spaced(&set)).is_ok());
    for fault in not_strict(&set).into_iter().flat_map(|(f, _)| String::from_utf8(f)) {
        let error = KeySet::<Hs256Key>::from_secret_jwk_set(&fault).unwrap_err();
        assert_eq!(error.code(), "key.json", "{fault}");
    }
    // Members with a meaning are read by their own path: a lone surrogate is no string.
    for claim in ["iss", "sub", "jti"] {
        for value in [r#""\ud800""#, r#""\udc00x""#, r#""\ud800\ud800""#] {
            assert_rejected(&judge(&[(claim, value)]), "claim.wrong_type", value);
        }
        assert_rejected(&judge(&[(claim, "\"\x01\"")]), "json.syntax", claim);
        assert_rejected(&judge(&[(claim, r#""\q""#)]), "json.syntax", claim);
    }
}

/// Characters that lenient decoders skip or translate.
const JUNK: [&str; 15] =
    ["=", "==", "+", "/", " ", "\t", "\r", "\n", "\r\n", "\0", "!", "!!!!", "%3D", "é", "\u{2028}"];

#[test]
fn e56_lenient_base64url_in_tokens() {
    let good = token(claims(&[]));
    assert_eq!(outcome(&verify(&good)), "accepted");
    let segments: Vec<_> = good.split('.').collect();
    for position in 0..3 {
        let segment = segments[position];
        for junk in JUNK {
            for place in [0, segment.len() / 2, segment.len()] {
                let mut changed = segment.to_owned();
                changed.insert_str(place, junk);
                let mut parts = segments.clone();
                parts[position] = &changed;
                // A signature over the changed text: only the text is at fault.
                let fault = if position < 2 { sealed(parts[0], parts[1]) } else { parts.join(".") };
                assert_rejected(&verify(&fault), "token.illegal_character", fault);
            }
        }
    }
    // A dot is a character like no other; one character too many or 1 mod 4 is no base64url.
    let (header, payload) = (segments[0], segments[1]);
    let dotted = format!("{}.{}", &payload[..8], &payload[8..]);
    assert_eq!(jws_outcome(&sealed(header, &dotted)), "token.segment_count");
    for payload in ["A", "AAAAA", "eyJhIjoxf"] {
        assert_eq!(jws_outcome(&sealed(header, payload)), "token.base64url", "{payload}");
    }
    for header in ["A", "eyJhbGciOiJIUzI1NiJ9A"] {
        assert_eq!(jws_outcome(&sealed(header, payload)), "token.base64url", "{header}");
    }
    assert_eq!(jws_outcome(&sealed("eyJhbGciOiJIUzI1NiJ9", "AAAA")), "accepted");
    // Junk in the place of a character leaves the length whole.
    for (position, segment) in segments.iter().enumerate() {
        let mut parts: Vec<_> = segments.iter().map(|part| (*part).to_owned()).collect();
        parts[position] = format!("{}={}", &segment[..5], &segment[6..]);
        assert_rejected(&verify(&parts.join(".")), "token.illegal_character", position);
    }
}

#[test]
#[cfg(feature = "jwe")]
fn e56_lenient_base64url_in_a_jwe() {
    use crate::support::encrypted::{CBC, GCM, jwe, jwe_outcome, with_segment};
    for enc in [CBC, GCM] {
        let good = jwe(enc, b"some content");
        assert_eq!(jwe_outcome(&good), "accepted");
        for (position, segment) in good.split('.').enumerate() {
            for junk in JUNK {
                for place in [0, segment.len() / 2, segment.len()] {
                    let mut changed = segment.to_owned();
                    changed.insert_str(place, junk);
                    let fault = with_segment(&good, position, &changed);
                    assert_eq!(jwe_outcome(&fault), "token.illegal_character", "{enc} {position}");
                }
            }
            let dotted = format!("{}.{}", &segment[..5], &segment[5..]);
            let fault = with_segment(&good, position, &dotted);
            assert_eq!(jwe_outcome(&fault), "token.segment_count", "{enc} {position}");
        }
        // The other segments have a fixed length, which is checked first.
        let ciphertext = with_segment(&good, 3, "AAAAA");
        assert_eq!(jwe_outcome(&ciphertext), "token.base64url");
        let header = good.split('.').next().unwrap().trim_end_matches(char::is_alphanumeric);
        let header = with_segment(&good, 0, &format!("{header}AAAAA"));
        assert_ne!(jwe_outcome(&header), "accepted");
    }
}

#[test]
fn e56_lenient_base64url_in_a_jwk() {
    let private = rsa().to_secret_jwk();
    let public = rsa().public_key().to_jwk();
    let secret = hs256().to_secret_jwk();
    let mut refused = 0;
    let read_public = |jwk: &str| Rs256VerifyingKey::from_jwk(jwk).err().map(|e| e.code());
    let read_private = |jwk: &str| Rs256SigningKey::from_jwk(jwk).err().map(|e| e.code());
    let read_secret = |jwk: &str| Hs256Key::from_jwk(jwk).err().map(|e| e.code());
    let mut refuse = |jwk: &str, member: &str, read: &dyn Fn(&str) -> Option<&'static str>| {
        assert_eq!(read(jwk), None, "{member}");
        let json: serde_json::Value = serde_json::from_str(jwk).unwrap();
        let value = json[member].as_str().unwrap();
        let quoted = format!("\"{member}\":\"{value}\"");
        assert!(jwk.contains(&quoted));
        let faults = ["=", "==", "+", "/", " ", "!", ".", "é"].into_iter().flat_map(|junk| {
            [0, value.len() / 2, value.len()].map(|place| {
                let mut changed = value.to_owned();
                changed.insert_str(place, junk);
                changed
            })
        });
        let same_length = ["=", "+", "/", " ", "."].map(|junk| format!("{junk}{}", &value[1..]));
        let short = ["A".to_owned(), "AQABA".to_owned(), String::new()];
        for fault in faults.chain(same_length).chain(short) {
            if member == "k" && fault.is_empty() {
                continue; // no octets, canonically: too short a secret, which is another matter
            }
            let fault = jwk.replace(&quoted, &format!("\"{member}\":\"{fault}\""));
            assert_eq!(read(&fault), Some("key.jwk_encoding"), "{member} {fault:.80}");
            refused += 1;
        }
        // An escape stands for a good character, but secrets are not unescaped: no copy is made.
        let escaped =
            format!("\"{member}\":\"\\u{:04x}{}\"", u32::from(value.as_bytes()[0]), &value[1..]);
        assert_eq!(read(&jwk.replace(&quoted, &escaped)), Some("key.jwk_wrong_type"), "{member}");
    };
    for member in ["n", "e"] {
        refuse(&public, member, &read_public);
    }
    for member in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        refuse(private.expose(), member, &read_private);
    }
    refuse(secret.expose(), "k", &read_secret);
    assert_eq!(refused, 11 * 32 - 1);
}

/// The other spellings of a segment, which differ in bits that no octet has.
fn siblings(segment: &str) -> Vec<String> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mask = match segment.len() % 4 {
        2 => 0x30,
        3 => 0x3c,
        _ => return Vec::new(),
    };
    let (rest, last) = segment.split_at(segment.len() - 1);
    let own = alphabet.find(last).unwrap();
    alphabet
        .char_indices()
        .filter(|(value, _)| *value != own && value & mask == own & mask)
        .map(|(_, character)| format!("{rest}{character}"))
        .collect()
}

#[test]
fn e57_non_zero_trailing_bits() {
    let good = token(claims(&[("x", "\"pad\"")]));
    assert_eq!(outcome(&verify(&good)), "accepted");
    let (unsigned, mac) = good.rsplit_once('.').unwrap();
    assert_eq!(siblings(mac).len(), 3);
    for sibling in siblings(mac) {
        let fault = format!("{unsigned}.{sibling}");
        assert_rejected(&verify(&fault), "token.base64url", sibling);
    }
    let public = rsa().public_key();
    let good = jws::sign("{}", &rsa()).unwrap();
    let (unsigned, signature) = good.rsplit_once('.').unwrap();
    assert_eq!((signature.len(), siblings(signature).len()), (342, 15));
    for sibling in siblings(signature) {
        let fault = format!("{unsigned}.{sibling}");
        assert_rejected(&jws::verify(&fault, &public), "token.base64url", sibling);
    }
    // Header and payload in every length mod 3, signed as they stand.
    let mut seen = 0;
    for spaces in 0..3 {
        let header = b64(HEADER.to_owned() + &" ".repeat(spaces));
        let payload = b64("x".repeat(spaces));
        assert_eq!(jws_outcome(&sealed(&header, &payload)), "accepted");
        for sibling in siblings(&header) {
            assert_eq!(jws_outcome(&sealed(&sibling, &payload)), "token.base64url");
            seen += 1;
        }
        for sibling in siblings(&payload) {
            assert_eq!(jws_outcome(&sealed(&header, &sibling)), "token.base64url");
            seen += 1;
        }
    }
    assert_eq!(seen, 36);
    // What is accepted has one spelling: every text of up to two characters, and of three in part.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut accepted, header) = (0, b64(HEADER));
    for first in alphabet.chars() {
        for second in alphabet.chars() {
            for payload in [format!("{first}{second}"), format!("A{first}{second}")] {
                let token = sealed(&header, &payload);
                if let Ok(verified) = jws::verify(&token, &hs256()) {
                    assert_eq!(b64(verified.payload()), payload);
                    accepted += 1;
                }
            }
        }
    }
    assert_eq!(accepted, 256 + 1024);
}

#[test]
#[cfg(feature = "jwe")]
fn e57_non_zero_trailing_bits_in_a_jwe() {
    use crate::support::encrypted::{CBC, GCM, jwe, jwe_outcome, with_segment};
    // Segment, siblings: a GCM IV of 12 octets has no spare bits.
    for (enc, expected) in [(CBC, [15, 15, 15, 15]), (GCM, [15, 0, 15, 15])] {
        let good = jwe(enc, b"sixteen octets..");
        assert_eq!(jwe_outcome(&good), "accepted");
        let counts = [1, 2, 3, 4].map(|position| {
            let siblings = siblings(good.split('.').nth(position).unwrap());
            for sibling in &siblings {
                let fault = with_segment(&good, position, sibling);
                assert_eq!(jwe_outcome(&fault), "token.base64url", "{enc} {position} {sibling}");
            }
            siblings.len()
        });
        // 32 octets of CBC ciphertext leave two spare bits.
        assert_eq!(counts, if enc == CBC { [15, 15, 3, 15] } else { expected });
    }
}

#[test]
fn e58_replay_keyed_on_the_raw_token() {
    let rules = rules().once(MemoryReplayGuard::with_capacity(10));
    let good = claims(&[]);
    let verdict = |token: &str| outcome(&jwt::verify::<NoPrivateClaims>(token, &hs256(), &rules));
    assert_eq!(verdict(&token(&good)), "accepted");
    // Other texts of the same token: another spelling, header, key id, member, time, and scope of life.
    for twin in [
        token(&good),
        token(spaced(&good)),
        token(good.replace("id-1", "\\u0069d-1")),
        token(claims(&[("x", "1")])),
        token(claims(&[("exp", "1700000301")])),
        token(claims(&[("sub", "\"mallory\"")])),
        hs_token(r#"{"alg":"HS256","typ":"JWT"}"#, &good),
        hs_token(r#"{"alg":"HS256","kid":"other"}"#, &good),
    ] {
        assert_eq!(verdict(&twin), "replay.replayed", "{twin}");
    }
    assert_eq!(verdict(&token(claims(&[("jti", "\"id-2\"")]))), "accepted");
}

#[test]
#[cfg(feature = "jwe")]
fn e58_replay_of_a_token_encrypted_anew() {
    use crate::support::encrypted::{CBC, GCM, jwe_under, private};
    let rules = rules().once(MemoryReplayGuard::with_capacity(10));
    let verdict = |token: &str| {
        outcome(&jwt::decrypt_then_verify::<NoPrivateClaims>(token, &private(), &hs256(), &rules))
    };
    let inner = token(claims(&[]));
    let outer = |enc| {
        let header = format!(r#"{{"alg":"RSA-OAEP","enc":"{enc}","cty":"JWT"}}"#);
        jwe_under(&header, enc, &inner)
    };
    assert_eq!(verdict(&outer(CBC)), "accepted");
    assert_eq!(verdict(&outer(CBC)), "replay.replayed");
    assert_eq!(verdict(&outer(GCM)), "replay.replayed");
    let fresh = token(claims(&[("jti", "\"id-2\"")]));
    let header = r#"{"alg":"RSA-OAEP","enc":"A256GCM","cty":"JWT"}"#;
    assert_eq!(verdict(&jwe_under(header, GCM, fresh)), "accepted");
}
