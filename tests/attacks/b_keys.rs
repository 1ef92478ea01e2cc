//! B. No key comes out of a token, and `kid` only looks one up: classes 13 to 17.

use crate::support::{
    bytes::*, claims::*, keys, outcome::*, raw_rsa::*, repository::*, signing::*,
};
use std::net::TcpListener;
use strict_jose::internals::Operation;
use strict_jose::{Hs256Key, KeySet, Rs256VerifyingKey, UnverifiedHints};

fn rs_header(member: &str) -> String {
    format!(r#"{{"alg":"RS256",{member}}}"#)
}

/// A token that [`OTHER`] signed is refused under [`RSA`], alone and in a set, after one look at it.
fn assert_key_is_not_taken(member: &str) {
    let set = KeySet::new([RSA.verifying.clone()]).unwrap();
    let token = rs_token_by(&OTHER, &rs_header(member), CLAIMS);
    let (ran, verdict_alone) = counting(Operation::Verify, || rs_outcome(&token));
    assert_eq!((ran, verdict_alone), (1, "signature.invalid"), "{member}");
    assert_eq!(outcome(&read(&token, &set)), "signature.invalid", "{member}");
    // Under its own key the token is whole, and under ours the member means nothing.
    assert_eq!(outcome(&read(&token, &OTHER.verifying)), ACCEPTED, "{member}");
    assert_eq!(rs_outcome(&rs_token(&rs_header(member), CLAIMS)), ACCEPTED, "{member}");
}

#[test]
fn b13_embedded_jwk() {
    assert_key_is_not_taken(&format!(r#""jwk":{}"#, OTHER.verifying.to_jwk()));
    let n = b64(OTHER.modulus());
    assert_key_is_not_taken(&format!(r#""jwk":{{"kty":"RSA","n":"{n}","e":"AQAB"}}"#));

    let secret = b"the attacker's own secret, long enough";
    let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, b64(secret));
    for alg in ["HS256", "RS256"] {
        let header = format!(r#"{{"alg":"{alg}","jwk":{jwk}}}"#);
        let token = jws(&header, CLAIMS, |input| hmac(secret, input));
        let (hs, rs) = (hs_outcome(&token), rs_outcome(&token));
        let expected = match alg {
            "HS256" => ("signature.invalid", "header.mismatch"),
            _ => ("header.mismatch", "token.part_length"),
        };
        assert_eq!((hs, rs), expected, "{alg}");
    }
    let own = format!(r#"{{"alg":"HS256","jwk":{jwk}}}"#);
    assert_eq!(hs_outcome(&hs_token(&own, CLAIMS)), ACCEPTED);
}

#[test]
fn b14_key_urls_are_not_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let urls = [
        format!("http://127.0.0.1:{port}/keys"),
        format!("https://127.0.0.1:{port}/keys"),
        format!("ftp://127.0.0.1:{port}/keys"),
        format!("//127.0.0.1:{port}/keys"),
        "file:///etc/passwd".to_owned(),
        "data:application/json,{}".to_owned(),
    ];
    for parameter in ["jku", "x5u"] {
        for url in &urls {
            let member = format!(r#""{parameter}":"{url}""#);
            assert_key_is_not_taken(&member);
            UnverifiedHints::read(&rs_token(&rs_header(&member), CLAIMS)).unwrap();
        }
        for odd in ["1", "null", "[]", "{}"] {
            assert_key_is_not_taken(&format!(r#""{parameter}":{odd}"#));
        }
    }
    let nobody = listener.accept().unwrap_err();
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);

    // There is nothing that could fetch: no file, socket or process in the code, no client below it.
    for (path, code) in sources() {
        for door in ["std::net", "std::fs", "std::process", "std::env", "std::os", "include!("] {
            assert!(!code.contains(door), "{path}: {door}");
        }
    }
    assert_not_depended_on(&[
        "reqwest",
        "hyper",
        "ureq",
        "curl",
        "http",
        "async-std",
        "native-tls",
        "rustls",
        "openssl",
        "tokio",
        "socket2",
        "mio",
    ]);
    // A parser of URLs, which fetches nothing, is there for the origins of sessions.
    if !cfg!(feature = "session") {
        assert_not_depended_on(&["url"]);
    }
}

#[test]
fn b15_certificates_in_headers_and_jwks() {
    let body: String =
        keys::RSA_2048_CERTIFICATE.lines().filter(|line| !line.starts_with('-')).collect();
    // The certificate is for RSA's key; here RSA is the attacker, and OTHER the key that counts.
    for member in [
        format!(r#""x5c":["{body}"]"#),
        r#""x5t":"AAAAAAAAAAAAAAAAAAAAAAAAAAA""#.to_owned(),
        format!(r#""x5t#S256":"{}""#, b64([0; 32])),
        r#""x5c":[]"#.to_owned(),
        r#""x5c":5"#.to_owned(),
    ] {
        let token = rs_token(&rs_header(&member), CLAIMS);
        assert_eq!(outcome(&read(&token, &OTHER.verifying)), "signature.invalid", "{member}");
        assert_eq!(rs_outcome(&token), ACCEPTED, "{member}");
    }
    // In a JWK, n and e are the key; a certificate for another one beside them means nothing.
    let n = b64(OTHER.modulus());
    let jwk = format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB","x5c":["{body}"]}}"#);
    let set = KeySet::<Rs256VerifyingKey>::from_jwk_set(&format!(r#"{{"keys":[{jwk}]}}"#)).unwrap();
    let by_certificate = rs_token(r#"{"alg":"RS256"}"#, CLAIMS);
    assert_eq!(outcome(&read(&by_certificate, &set)), "signature.invalid");
    let by_members = rs_token_by(&OTHER, r#"{"alg":"RS256"}"#, CLAIMS);
    assert_eq!(outcome(&read(&by_members, &set)), ACCEPTED);
}

#[test]
fn b16_kid_injection() {
    let set = KeySet::new([
        hs256().with_key_id("k1").unwrap(),
        Hs256Key::generate().unwrap().with_key_id("k2").unwrap(),
    ])
    .unwrap();
    let with_kid = |kid: &str| hs_token(&format!(r#"{{"alg":"HS256","kid":{kid}}}"#), CLAIMS);
    let long = format!("\"{}\"", "k".repeat(5000));
    let limit = format!("\"{}\"", "k".repeat(256));
    let past_limit = format!("\"{}\"", "k".repeat(257));
    let no_match = "key.no_match";
    let kids = [
        (r#""../../../../dev/null""#, no_match),
        (r#""/dev/null""#, no_match),
        (r#""..\\..\\keys\\k1""#, no_match),
        (r#""./k1""#, no_match),
        (r#""file:///etc/hostname""#, no_match),
        (r#""x' UNION SELECT 'key' --""#, no_match),
        (r#""k1' OR '1'='1""#, no_match),
        (r#""|/bin/id""#, no_match),
        (r#""$(id)""#, no_match),
        (r#""k1;id""#, no_match),
        (r#""k1\u0000""#, no_match),
        (r#""k1\u0000.pem""#, no_match),
        (r#""\u0000""#, no_match),
        (r#""K1""#, no_match),
        (r#""k1 ""#, no_match),
        (r#"" k1""#, no_match),
        (r#""k1\n""#, no_match),
        (r#""k\uff11""#, no_match),
        (r#""k1%00""#, no_match),
        (r#""*""#, no_match),
        (r#""k""#, no_match),
        (r#""""#, no_match),
        (r#""__proto__""#, no_match),
        (&limit, no_match),
        (&past_limit, "header.too_long"),
        (&long, "header.too_long"),
        ("1", "header.wrong_type"),
        ("null", "header.wrong_type"),
        ("true", "header.wrong_type"),
        (r#"["k1"]"#, "header.wrong_type"),
        (r#"{"k1":"k1"}"#, "header.wrong_type"),
    ];
    for (kid, code) in kids {
        let (ran, verdict) = counting(Operation::Verify, || outcome(&read(&with_kid(kid), &set)));
        assert_eq!((ran, verdict), (0, code), "{kid}");
    }
    assert_eq!(outcome(&read(&with_kid(r#""k1""#), &set)), ACCEPTED);
    assert_eq!(
        outcome(&read(&with_kid(r#""\u006b1""#), &set)),
        ACCEPTED,
        "k1 as JSON may spell it"
    );
    for kid in ["", &"k".repeat(257)] {
        assert_eq!(key_outcome(hs256().with_key_id(kid)), "key.id");
    }
}

#[test]
fn b17_unmatched_kid() {
    let (k1, k2) = (hs256().with_key_id("k1").unwrap(), Hs256Key::generate().unwrap());
    let several = KeySet::new([k1.clone(), k2.with_key_id("k2").unwrap()]).unwrap();
    let one = KeySet::new([k1.clone()]).unwrap();
    let nameless = KeySet::new([hs256()]).unwrap();
    let mut empty = one.clone();
    empty.remove("k1").unwrap();

    let unknown = hs_token(r#"{"alg":"HS256","kid":"k3"}"#, CLAIMS);
    let absent = hs_token(r#"{"alg":"HS256"}"#, CLAIMS);
    let known = hs_token(r#"{"alg":"HS256","kid":"k1"}"#, CLAIMS);
    let (ran, verdicts) = counting(Operation::Verify, || {
        [
            outcome(&read(&unknown, &several)),
            outcome(&read(&unknown, &one)),
            outcome(&read(&unknown, &k1)),
            outcome(&read(&unknown, &nameless)),
            outcome(&read(&unknown, &empty)),
            outcome(&read(&known, &empty)),
            outcome(&read(&absent, &empty)),
            outcome(&read(&absent, &several)),
        ]
    });
    assert_eq!(verdicts[..7], ["key.no_match"; 7]);
    assert_eq!(verdicts[7], "key.id_required");
    assert_eq!(ran, 0, "no key was tried");
    for (token, keys) in [(&known, &several), (&known, &one), (&absent, &one), (&absent, &nameless)]
    {
        let (ran, verdict) = counting(Operation::Verify, || outcome(&read(token, keys)));
        assert_eq!((ran, verdict), (1, ACCEPTED));
    }
    // The one key that the kid names is the one that is tried, and no other after it.
    let wrong = hs_token(r#"{"alg":"HS256","kid":"k2"}"#, CLAIMS);
    let (ran, verdict) = counting(Operation::Verify, || outcome(&read(&wrong, &several)));
    assert_eq!((ran, verdict), (1, "signature.invalid"));
}
