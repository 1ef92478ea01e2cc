//! D. What a JWE asks for beyond the two algorithms and three encryptions: classes 40, 48, 49 and 50.

use crate::support::{
    bytes::*, claims::*, encrypted::header, forged_jwe::*, outcome::*, repository::*, signing::*,
};
use strict_jose::internals::wrap_with;
use strict_jose::{ContentEncryption, RsaOaepDecryptionKey, jwe};

/// A token whose header is this, and everything else whole.
fn with_header(header: &str) -> String {
    let enc = ContentEncryption::A128Gcm;
    forge(header, &wrapped("RSA-OAEP", cek(enc)), enc, cek(enc))
}

#[test]
fn d40_content_encryption_swapped() {
    let unsupported = "header.unsupported";
    for (enc, code) in [
        ("", "header.missing"),
        (r#","enc":"""#, unsupported),
        (r#","enc":"A192GCM""#, unsupported),
        (r#","enc":"A192CBC-HS384""#, unsupported),
        (r#","enc":"A256CBC-HS512""#, unsupported),
        (r#","enc":"a128gcm""#, unsupported),
        (r#","enc":"A128GCM ""#, unsupported),
        (r#","enc":" A128GCM""#, unsupported),
        (r#","enc":"A128GCM\u0000""#, unsupported),
        (r#","enc":"A128CTR""#, unsupported),
        (r#","enc":"A128CBC""#, unsupported),
        (r#","enc":"none""#, unsupported),
        (r#","enc":128"#, "header.wrong_type"),
        (r#","enc":null"#, "header.wrong_type"),
        (r#","enc":["A128GCM"]"#, "header.wrong_type"),
        (r#","enc":{}"#, "header.wrong_type"),
        (r#","Enc":"A128GCM""#, "header.missing"),
    ] {
        let token = with_header(&format!(r#"{{"alg":"RSA-OAEP"{enc}}}"#));
        assert_rejected_before_work("RSA-OAEP", &token, code);
    }
    assert_eq!(open("RSA-OAEP", &with_header(r#"{"alg":"RSA-OAEP","enc":"A128GCM"}"#)), ACCEPTED);

    // One CEK length, two encryptions: relabelled, with an IV of the length that the label asks for.
    let (cbc, gcm) = (ContentEncryption::A128CbcHs256, ContentEncryption::A256Gcm);
    for (from, to) in [(cbc, gcm), (gcm, cbc)] {
        let good = whole("RSA-OAEP", from);
        let relabelled = with_bytes(&good, 0, header("RSA-OAEP", to).as_bytes());
        assert_rejected_before_work("RSA-OAEP", &relabelled, "token.part_length");
        let relabelled = with_bytes(&relabelled, 2, &iv(to));
        assert_eq!(trace_of("RSA-OAEP", &relabelled), the_one_trace("RSA-OAEP"));
        assert_eq!(open("RSA-OAEP", &good), ACCEPTED);
    }
    let (short, long) = (ContentEncryption::A128Gcm, ContentEncryption::A256Gcm);
    for (from, to) in [(short, long), (long, short)] {
        let relabelled = with_bytes(&whole("RSA-OAEP", from), 0, header("RSA-OAEP", to).as_bytes());
        assert_eq!(trace_of("RSA-OAEP", &relabelled), the_one_trace("RSA-OAEP"));
    }

    // A key narrowed to one encryption refuses the others before it is used.
    let narrow = OAEP.clone().allow_content_encryptions([ContentEncryption::A256Gcm]);
    for enc in ContentEncryption::ALL {
        let token = whole("RSA-OAEP", enc);
        if enc == ContentEncryption::A256Gcm {
            assert_eq!(outcome(&jwe::decrypt(&token, &narrow)), ACCEPTED);
        } else {
            let trace = trace(&token, &narrow);
            assert_eq!((trace.code, trace.private_operations), ("header.mismatch", 0));
        }
    }
    let none = OAEP.clone().allow_content_encryptions([]);
    assert_eq!(trace(&whole("RSA-OAEP", gcm), &none).code, "header.mismatch");
}

#[test]
fn d48_password_hashing_on_demand() {
    for alg in ["PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"] {
        for count in ["2147483647", "1200001", "1000", "1", "0", "-1", "\"x\""] {
            let header = format!(
                r#"{{"alg":"{alg}","enc":"A128GCM","p2c":{count},"p2s":"AAAAAAAAAAAAAAAA"}}"#
            );
            assert_rejected_before_work("RSA-OAEP", &with_header(&header), "header.mismatch");
            assert_rejected_before_work("RSA1_5", &with_header(&header), "header.mismatch");
            assert_eq!(hs_outcome(&hs_token(&header, CLAIMS)), "header.unsupported");
        }
    }
    // Beside the right `alg` it is a parameter like any other: nothing is computed from it.
    let beside = r#"{"alg":"RSA-OAEP","enc":"A128GCM","p2c":2147483647,"p2s":"AAAA"}"#;
    assert_eq!(open("RSA-OAEP", &with_header(beside)), ACCEPTED);
    assert_not_depended_on(&["pbkdf2", "scrypt", "argon2", "bcrypt", "pkcs5", "password-hash"]);
}

#[test]
fn d49_compression() {
    let enc = ContentEncryption::A128Gcm;
    // One stored block of DEFLATE that says "hi", and one that would never end.
    let honest = b"\x01\x02\x00\xfd\xffhi";
    let bomb = [0xed; 1024];
    for zip in [r#""DEF""#, r#""def""#, r#""GZ""#, r#""""#, "1", "null", "true", r#"["DEF"]"#, "{}"]
    {
        for header in [
            format!(r#"{{"alg":"RSA-OAEP","enc":"A128GCM","zip":{zip}}}"#),
            format!(r#"{{"\u007aip":{zip},"alg":"RSA-OAEP","enc":"A128GCM"}}"#),
        ] {
            for content in [&honest[..], &bomb] {
                let encrypted = wrap_with(&OAEP.public_key(), cek(enc), &[0x5a; 20]);
                let token = strict_jose::internals::assemble_jwe(
                    header.as_bytes(),
                    &encrypted,
                    enc,
                    cek(enc),
                    &iv(enc),
                    content,
                );
                assert_rejected_before_work("RSA-OAEP", &token.unwrap(), "header.unsupported");
            }
        }
        let jws = hs_token(&format!(r#"{{"alg":"HS256","zip":{zip}}}"#), CLAIMS);
        assert_eq!(hs_outcome(&jws), "header.unsupported", "{zip}");
    }
    assert_eq!(open("RSA-OAEP", &with_header(r#"{"alg":"RSA-OAEP","enc":"A128GCM"}"#)), ACCEPTED);
    assert_not_depended_on(&[
        "flate2",
        "miniz_oxide",
        "libz-sys",
        "zlib-rs",
        "libdeflater",
        "zstd",
    ]);
}

#[test]
fn d50_other_key_management() {
    let registered = [
        "RSA1_5",
        "RSA-OAEP-256",
        "RSA-OAEP-384",
        "RSA-OAEP-512",
        "A128KW",
        "A192KW",
        "A256KW",
        "dir",
        "ECDH-ES",
        "ECDH-ES+A128KW",
        "ECDH-ES+A192KW",
        "ECDH-ES+A256KW",
        "A128GCMKW",
        "A192GCMKW",
        "A256GCMKW",
        "PBES2-HS256+A128KW",
        "PBES2-HS384+A192KW",
        "PBES2-HS512+A256KW",
        "HS256",
        "RS256",
        "none",
        "",
        "rsa-oaep",
        "RSA-OAEP ",
        "RSA_OAEP",
        "RSA-OAEP\\u0000",
    ];
    for alg in registered {
        let header = format!(r#"{{"alg":"{alg}","enc":"A128GCM"}}"#);
        assert_rejected_before_work("RSA-OAEP", &with_header(&header), "header.mismatch");
        if alg != "RSA1_5" {
            assert_rejected_before_work("RSA1_5", &with_header(&header), "header.mismatch");
        }
        // Direct encryption and agreement come with no encrypted key at all.
        let without = with_bytes(&with_header(&header), 1, b"");
        assert_rejected_before_work("RSA-OAEP", &without, "header.mismatch");
    }
    for alg in ["RSA1_5", "RSA-OAEP"] {
        let empty = with_bytes(&whole(alg, ContentEncryption::A128Gcm), 1, b"");
        assert_rejected_before_work(alg, &empty, "token.part_length");
    }
    // Parameters of the others mean nothing here, whatever they hold.
    let beside = [
        r#""epk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
        r#""apu":"AA","apv":"AA""#,
        r#""p2s":"AA","p2c":1"#,
        r#""iv":"AAAAAAAAAAAAAAAA","tag":"AAAAAAAAAAAAAAAAAAAAAA""#,
        r#""iv":1,"tag":null,"epk":[]"#,
    ];
    for members in beside {
        let header = format!(r#"{{"alg":"RSA-OAEP","enc":"A128GCM",{members}}}"#);
        assert_eq!(open("RSA-OAEP", &with_header(&header)), ACCEPTED, "{members}");
        let token = with_header(&header);
        let torn = with_bytes(&token, 4, &flipped(&segment(&token, 4), 0));
        assert_eq!(trace_of("RSA-OAEP", &torn), the_one_trace("RSA-OAEP"), "{members}");
    }
    for jwk in [r#"{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAA"}"#, r#"{"kty":"EC","crv":"P-256"}"#] {
        assert_eq!(key_outcome(RsaOaepDecryptionKey::from_jwk(jwk)), "key.jwk_mismatch");
    }
}
