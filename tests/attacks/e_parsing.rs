//! Classes 51 to 55: dots, sizes, depth, repeated names and JSON that is not strict.

use crate::support::{bytes::*, claims::*, outcome::*, signing::*};
use strict_jose::{Hs256Key, KeySet, Limits, Rs256VerifyingKey, UnverifiedHints, jws, jwt};

#[test]
fn e51_split_on_many_dots() {
    let good = token(claims(&[]));
    assert_eq!(outcome(&verify(&good)), "accepted");
    let parts: Vec<_> = good.split('.').collect();
    let (h, p, s) = (parts[0], parts[1], parts[2]);
    let mut faults = vec![
        String::new(),
        h.to_owned(),
        format!("{h}{p}{s}"),
        format!("{h}.{p}{s}"),
        format!("{h}.{p}"),
        format!(".{good}"),
        format!("{good}."),
        format!("{h}..{p}.{s}"),
        format!("{good}.{s}"),
        format!("{good}..{s}"),
        format!("{good}.{good}"),
        format!("{h}.{p}.{s}.{h}.{p}.{s}.{h}"),
        ".".into(),
        "...".into(),
    ];
    for fault in &faults {
        assert_rejected(&verify(fault), "token.segment_count", fault);
    }
    for (fault, expected) in [
        ("..".to_owned(), "json.not_an_object"),
        (format!(".{p}.{s}"), "json.not_an_object"),
        (format!("{h}..{s}"), "signature.invalid"),
        (format!("{h}.{p}."), "token.part_length"),
    ] {
        assert_rejected(&verify(&fault), expected, fault);
    }
    // Hints are read from tokens of one of the two forms only.
    assert!(UnverifiedHints::read(&good).is_ok());
    faults.retain(|fault| !matches!(fault.matches('.').count(), 2 | 4));
    assert!(faults.len() > 8);
    for fault in &faults {
        assert_rejected(&UnverifiedHints::read(fault), "token.segment_count", fault);
    }
    // What this costs is counted in rejection_cost.rs.
    let dots = ".".repeat(10_000_000);
    assert_rejected(&verify(&dots), "token.too_long", "dots");
    assert_rejected(&UnverifiedHints::read(&dots), "token.too_long", "dots");
    assert_rejected(
        &jws::verify_with_limits(&dots, &hs256(), &RAISED),
        "token.segment_count",
        "dots",
    );
}

#[test]
#[cfg(feature = "jwe")]
fn e51_split_on_many_dots_jwe() {
    use crate::support::encrypted::{CBC, jwe, jwe_outcome};
    let good = jwe(CBC, b"content");
    assert_eq!(jwe_outcome(&good), "accepted");
    assert!(UnverifiedHints::read(&good).is_ok());
    let parts: Vec<_> = good.split('.').collect();
    let faults = [
        String::new(),
        parts.concat(),
        parts[..2].join("."),
        parts[..3].join("."),
        parts[..4].join("."),
        format!(".{good}"),
        format!("{good}."),
        format!("{good}.{}", parts[4]),
        format!("{good}.."),
        format!("{good}.{good}"),
    ];
    for fault in &faults {
        assert_eq!(jwe_outcome(fault), "token.segment_count", "{fault:.100}");
    }
    assert_eq!(jwe_outcome(&".".repeat(10_000_000)), "token.too_long");
}

#[test]
fn e52_oversized_segment() {
    let good = token(claims(&[]));
    let within = |token_len, header_len| {
        let limits = Limits { token_len, header_len, ..Limits::DEFAULT };
        outcome(&jwt::verify::<strict_jose::NoPrivateClaims>(
            &good,
            &hs256(),
            &rules().limits(limits),
        ))
    };
    let header_len = good.find('.').unwrap();
    assert_eq!(within(good.len(), header_len), "accepted");
    assert_eq!(within(good.len() - 1, header_len), "token.too_long");
    assert_eq!(within(good.len(), header_len - 1), "token.part_too_long");

    // The default limits, to the octet.
    let of_length = |payload: usize| sealed(&b64(HEADER), &"A".repeat(payload));
    let fixed = of_length(0).len();
    let last = Limits::DEFAULT.token_len - fixed;
    assert_eq!(jws_outcome(&of_length(last / 4 * 4)), "accepted");
    assert_eq!(of_length(last + 1).len(), 256 * 1024 + 1);
    assert_eq!(jws_outcome(&of_length(last + 1)), "token.too_long");
    assert_eq!(jws_outcome(&of_length(500_000_000 / 50)), "token.too_long");
    let padded = |spaces: usize| hs_token(&(HEADER.to_owned() + &" ".repeat(spaces)), "{}");
    assert_eq!(jws_outcome(&padded(6144 - HEADER.len())), "accepted");
    assert_eq!(jws_outcome(&padded(6145 - HEADER.len())), "token.part_too_long");

    // Signatures have the one length of their key.
    let (unsigned, mac) = good.rsplit_once('.').unwrap();
    for signature in
        ["", &mac[..42], &mac[..40], &format!("{mac}A"), &mac.repeat(2), &"A".repeat(100_000)]
    {
        let fault = format!("{unsigned}.{signature}");
        assert_rejected(&verify(&fault), "token.part_length", fault);
    }
    let public = rsa().public_key();
    let good = jws::sign("{}", &rsa()).unwrap();
    assert!(jws::verify(&good, &public).is_ok());
    let (unsigned, signature) = good.rsplit_once('.').unwrap();
    for other in [
        "",
        &signature[..341],
        &signature[..340],
        &format!("AAAA{signature}"),
        &format!("{signature}AA"),
        &"A".repeat(100_000),
    ] {
        let fault = format!("{unsigned}.{other}");
        assert_rejected(&jws::verify(&fault, &public), "token.part_length", fault);
    }
}

#[test]
#[cfg(feature = "jwe")]
fn e52_oversized_segment_jwe() {
    use crate::support::encrypted::{CBC, GCM, jwe, jwe_outcome, with_segment};
    for enc in [CBC, GCM] {
        let good = jwe(enc, b"content");
        assert_eq!(jwe_outcome(&good), "accepted");
        let parts: Vec<_> = good.split('.').collect();
        for position in [1, 2, 4] {
            let part = parts[position];
            for other in [
                String::new(),
                part[..part.len() - 1].to_owned(),
                part[..part.len() / 4 * 2].to_owned(),
                format!("{part}A"),
                format!("AAAA{part}"),
                "A".repeat(100_000),
            ] {
                let fault = with_segment(&good, position, &other);
                assert_eq!(
                    jwe_outcome(&fault),
                    "token.part_length",
                    "{enc} {position} {other:.50}"
                );
            }
        }
    }
}

#[test]
fn e52_oversized_keys() {
    let jwk = hs256().to_secret_jwk().expose().to_owned();
    let padded = |length: usize| jwk.clone() + &" ".repeat(length - jwk.len());
    assert!(Hs256Key::from_jwk(&padded(32 * 1024)).is_ok());
    assert_eq!(Hs256Key::from_jwk(&padded(32 * 1024 + 1)).unwrap_err().code(), "key.too_long");
    let pem = rsa().public_key().to_pem();
    assert!(Rs256VerifyingKey::from_pem(&pem).is_ok());
    let long = pem + &"\n".repeat(32 * 1024);
    assert_eq!(Rs256VerifyingKey::from_pem(&long).unwrap_err().code(), "key.too_long");

    let set = |keys: usize, spaces: usize| {
        let members: Vec<_> = (0..keys)
            .map(|kid| hs256().with_key_id(&kid.to_string()).unwrap().to_secret_jwk())
            .collect();
        let members: Vec<_> = members.iter().map(strict_jose::SecretString::expose).collect();
        let text = format!("{{\"keys\":[{}]}}{}", members.join(","), " ".repeat(spaces));
        KeySet::<Hs256Key>::from_secret_jwk_set(&text).map(|set| set.len())
    };
    assert_eq!(set(100, 1000), Ok(100));
    assert_eq!(set(101, 0).unwrap_err().code(), "key.too_many");
    assert_eq!(set(1, 1024 * 1024).unwrap_err().code(), "key.too_long");
    assert!(Hs256Key::from_bytes(&[1; 4096]).is_ok());
    assert_eq!(Hs256Key::from_bytes(&[1; 4097]).unwrap_err().code(), "key.secret_too_long");
}

fn nested(depth: usize, array: bool) -> String {
    if array {
        "[".repeat(depth) + &"]".repeat(depth)
    } else {
        "{\"x\":".repeat(depth) + "1" + &"}".repeat(depth)
    }
}

fn e53_on_a_small_stack() {
    for array in [true, false] {
        // The outermost object is one of the 32.
        for (depth, header, payload, jwk) in [
            (31, "accepted", "accepted", None),
            (32, "json.too_deep", "json.too_deep", Some("key.json")),
            (1_000, "json.too_deep", "json.too_deep", Some("key.json")),
            (1_000_000, "token.too_long", "token.too_long", Some("key.too_long")),
        ] {
            let value = nested(depth, array);
            let within = hs_token(&format!(r#"{{"alg":"HS256","x":{value}}}"#), "{}");
            assert_eq!(jws_outcome(&within), header, "header, {depth}");
            let within = judge(&[("x", &value)]);
            assert_rejected(&within, payload, ("payload", depth));
            let secret = hs256().to_secret_jwk();
            let within = secret.expose().replacen('{', &format!("{{\"x\":{value},"), 1);
            let verdict = Hs256Key::from_jwk(&within).err();
            assert_eq!(verdict.map(|error| error.code()), jwk, "{depth}");
            let set = format!(r#"{{"x":{value},"keys":[{}]}}"#, secret.expose());
            let set = KeySet::<Hs256Key>::from_secret_jwk_set(&set).err();
            assert_eq!(
                set.map(|error| error.code()),
                jwk.map(|code| match depth {
                    1_000_000 => "key.too_long",
                    _ => code,
                })
            );
        }
        // With the limits raised the parser itself is reached, and has its own end.
        for (depth, expected) in [
            (125, "accepted"),
            (126, "json.too_deep"),
            (1_000, "json.too_deep"),
            (1_000_000, "json.too_deep"),
        ] {
            let value = nested(depth, array);
            let rules = rules().limits(RAISED);
            let verdict = judge_by(&[("x", &value)], &rules);
            assert_rejected(&verdict, expected, ("payload", depth));
            let header = hs_token(&format!(r#"{{"alg":"HS256","x":{value}}}"#), "{}");
            let verdict = jws::verify_with_limits(&header, &hs256(), &RAISED);
            assert_rejected(&verdict, expected, ("header", depth));
            // Members with a meaning are of the wrong type, at whatever depth.
            for claim in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] {
                let verdict = judge_by(&[(claim, &value)], &rules);
                assert_rejected(&verdict, "claim.wrong_type", (claim, depth));
            }
            let kid = hs_token(&format!(r#"{{"alg":"HS256","kid":{value}}}"#), "{}");
            let verdict = jws::verify_with_limits(&kid, &hs256(), &RAISED);
            assert_rejected(&verdict, "header.wrong_type", ("kid", depth));
        }
    }
}

#[test]
fn e53_deep_nesting() {
    let small = std::thread::Builder::new().stack_size(256 * 1024);
    small.spawn(e53_on_a_small_stack).unwrap().join().unwrap();
}

#[test]
fn e53_private_claims_of_any_type() {
    let value = nested(31, true);
    let token = token(claims(&[("x", &value)]));
    let claims = jwt::verify::<serde_json::Value>(&token, &hs256(), &rules()).unwrap();
    assert!(claims.private()["x"].is_array());
}

#[test]
fn e54_duplicate_members_in_the_header() {
    for (once, twice) in [
        (r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","alg":"HS256"}"#),
        (r#"{"alg":"HS256"}"#, r#"{"alg":"none","alg":"HS256"}"#),
        (r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","\u0061lg":"none"}"#),
        (r#"{"alg":"HS256"}"#, r#"{"\u0061\u006c\u0067":"HS256","al\u0067":"HS256"}"#),
        (r#"{"alg":"HS256","kid":"a"}"#, r#"{"alg":"HS256","kid":"a","kid":"b"}"#),
        (r#"{"alg":"HS256","kid":"a"}"#, r#"{"kid":"a","alg":"HS256","k\u0069d":"a"}"#),
        (r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"alg":"HS256","typ":"JWT","typ":"JWT"}"#),
        (r#"{"alg":"HS256","cty":"x"}"#, r#"{"alg":"HS256","cty":"x","ct\u0079":"x"}"#),
        (r#"{"alg":"HS256","x":1}"#, r#"{"alg":"HS256","x":1,"x":1}"#),
        (r#"{"alg":"HS256","":1}"#, r#"{"alg":"HS256","":1,"":1}"#),
        (r#"{"alg":"HS256","é":1}"#, r#"{"alg":"HS256","é":1,"\u00e9":1}"#),
        (r#"{"alg":"HS256","😀":1}"#, r#"{"alg":"HS256","😀":1,"\ud83d\ude00":1}"#),
        (
            r#"{"alg":"HS256","jwk":{"kty":"oct"}}"#,
            r#"{"alg":"HS256","jwk":{"kty":"oct","\u006bty":"RSA"}}"#,
        ),
        (
            r#"{"alg":"HS256","x":[[{"a":{"b":1}}]]}"#,
            r#"{"alg":"HS256","x":[[{"a":{"b":1,"\u0062":1}}]]}"#,
        ),
    ] {
        assert_eq!(jws_outcome(&hs_token(once, "{}")), "accepted", "{once}");
        assert_eq!(jws_outcome(&hs_token(twice, "{}")), "json.duplicate_name", "{twice}");
    }
    // Different names are different: in case, and before normalisation.
    for other in [r#""ALG":1"#, r#""kId":1"#, r#""e\u0301":1,"é":1"#, r#""a":{"alg":1}"#] {
        let header = format!(r#"{{"alg":"HS256",{other}}}"#);
        assert_eq!(jws_outcome(&hs_token(&header, "{}")), "accepted", "{header}");
    }
}

#[test]
#[cfg(feature = "jwe")]
fn e54_duplicate_members_in_the_header_of_a_jwe() {
    use crate::support::encrypted::{CBC, jwe_outcome, jwe_under};
    let head = r#""alg":"RSA-OAEP","enc":"A128CBC-HS256""#;
    assert_eq!(jwe_outcome(&jwe_under(&format!("{{{head}}}"), CBC, "")), "accepted");
    for twin in [
        r#""enc":"A128CBC-HS256""#,
        r#""\u0065nc":"A128CBC-HS256""#,
        r#""enc":"A256GCM""#,
        r#""alg":"RSA-OAEP""#,
        r#""a\u006cg":"RSA1_5""#,
        r#""x":{"y":1,"y":1}"#,
    ] {
        let fault = jwe_under(&format!("{{{head},{twin}}}"), CBC, "");
        assert_eq!(jwe_outcome(&fault), "json.duplicate_name", "{twin}");
    }
}

#[test]
fn e54_duplicate_members_in_the_claims() {
    for name in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "role"] {
        let value = if matches!(name, "exp" | "nbf" | "iat") { "1699999999" } else { "\"x\"" };
        let good = claims(&[("nbf", "1699999990"), ("role", "\"x\"")]);
        assert_eq!(outcome(&verify(&token(&good))), "accepted");
        let escaped = format!("\\u{:04x}{}", u32::from(name.as_bytes()[0]), &name[1..]);
        for twin in [name, &escaped] {
            let last = good.replacen('}', &format!(",\"{twin}\":{value}}}"), 1);
            let first = good.replacen('{', &format!("{{\"{twin}\":{value},"), 1);
            for fault in [first, last] {
                assert_rejected(&verify(&token(&fault)), "json.duplicate_name", &fault);
            }
        }
    }
    for (once, twice) in [
        (r#"{"a":1}"#, r#"{"a":1,"a":1}"#),
        (r#"{"a":1}"#, r#"{"a":1,"\u0061":2}"#),
        (r#"[[{"a":{"exp":1}}]]"#, r#"[[{"a":{"exp":1,"e\u0078p":1}}]]"#),
    ] {
        assert_eq!(outcome(&judge(&[("x", once)])), "accepted");
        assert_rejected(&judge(&[("x", twice)]), "json.duplicate_name", twice);
    }
}

#[test]
fn e54_duplicate_members_in_a_jwk() {
    let secret = hs256().with_key_id("a").unwrap().to_secret_jwk();
    let secret = secret.expose();
    let public = rsa().public_key().with_key_id("a").unwrap().to_jwk();
    assert!(Hs256Key::from_jwk(secret).is_ok() && Rs256VerifyingKey::from_jwk(&public).is_ok());
    let twins = [
        r#""kty":"oct""#,
        r#""\u006bty":"oct""#,
        r#""kid":"b""#,
        r#""k\u0069d":"a""#,
        r#""alg":"HS256""#,
        r#""use":"sig""#,
        r#""x":1,"x":1"#,
        r#""x":{"a":1,"a":2}"#,
    ];
    let mut refused = 0;
    for twin in twins.into_iter().chain([r#""k":"AA""#, r#""\u006b":"AA""#]) {
        let fault = secret.replacen('}', &format!(",{twin}}}"), 1);
        assert_eq!(Hs256Key::from_jwk(&fault).unwrap_err().code(), "key.json", "{twin}");
        // In a set the broken member is left out, and nothing is left.
        let set = format!(r#"{{"keys":[{fault}]}}"#);
        let set = KeySet::<Hs256Key>::from_secret_jwk_set(&set).unwrap_err();
        assert_eq!(set.code(), "key.none", "{twin}");
        refused += 1;
    }
    for twin in twins.into_iter().chain([r#""n":"AQAB""#, r#""\u006e":"AQAB""#, r#""e":"AQAB""#]) {
        let fault = public.replacen('}', &format!(",{twin}}}"), 1);
        assert_eq!(Rs256VerifyingKey::from_jwk(&fault).unwrap_err().code(), "key.json", "{twin}");
        refused += 1;
    }
    assert_eq!(refused, 21);
    for fault in [
        format!(r#"{{"keys":[{secret}],"keys":[{secret}]}}"#),
        format!(r#"{{"keys":[],"\u006beys":[{secret}]}}"#),
    ] {
        let set = KeySet::<Hs256Key>::from_secret_jwk_set(&fault).unwrap_err();
        assert_eq!(set.code(), "key.json", "{fault}");
    }
}

#[test]
fn e54_text_that_a_parser_reads_inside_the_text() {
    // By this name `serde_json` hands raw values on; its own `Value` reads the text behind it as JSON.
    let hidden = r#"{"$serde_json::private::RawValue":"{\"role\":1,\"role\":2}"}"#;
    let read = |value: &str| {
        let token = token(claims(&[("meta", value)]));
        outcome(&jwt::verify::<serde_json::Value>(&token, &hs256(), &rules()))
    };
    assert_eq!(read(hidden), "json.syntax");
    assert_eq!(read(&hidden.replace("RawValue", "rawValue")), "accepted");
}
