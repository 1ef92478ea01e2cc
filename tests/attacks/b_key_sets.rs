//! B. Sets hold keys of one kind, told apart, kept current: classes 18 to 21, 24 and 25.

use crate::support::{bytes::*, claims::*, outcome::*, raw_rsa::*, signing::*};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use strict_jose::internals::Operation;
use strict_jose::{
    Audience, Error, Hs256Key, Issuer, KeyError, KeySet, NoPrivateClaims, Rs256VerifyingKey,
    TrustedIssuers, Validation, jws, jwt,
};

type PublicSet = KeySet<Rs256VerifyingKey>;
type SecretSet = KeySet<Hs256Key>;

/// A public RSA JWK with these members before its own.
fn rsa_jwk(key: &Rsa, members: &str) -> String {
    format!(r#"{{{members}"kty":"RSA","n":"{}","e":"AQAB"}}"#, b64(key.modulus()))
}

fn oct_jwk(secret: &[u8], kid: &str) -> String {
    format!(r#"{{"kty":"oct","kid":"{kid}","k":"{}"}}"#, b64(secret))
}

fn set(members: &[String]) -> String {
    format!(r#"{{"keys":[{}]}}"#, members.join(","))
}

#[test]
fn b18_one_kid_for_two_keys() {
    let (a, b) = (rsa_jwk(&RSA, r#""kid":"k","#), rsa_jwk(&OTHER, r#""kid":"k","#));
    let distinct = rsa_jwk(&OTHER, r#""kid":"l","#);
    let escaped = rsa_jwk(&OTHER, r#""kid":"\u006b","#);
    let other_kind = r#"{"kty":"EC","kid":"k","crv":"P-256"}"#.to_owned();
    for members in [[a.clone(), b.clone()], [a.clone(), escaped], [a.clone(), other_kind]] {
        assert_eq!(key_outcome(PublicSet::from_jwk_set(&set(&members))), "key.duplicate_id");
    }
    assert_eq!(PublicSet::from_jwk_set(&set(&[a, distinct])).unwrap().len(), 2);
    let keys = || [RSA.verifying.clone(), OTHER.verifying.clone()];
    let named = |kids: [&str; 2]| {
        KeySet::new(keys().into_iter().zip(kids).map(|(key, kid)| key.with_key_id(kid).unwrap()))
    };
    assert_eq!(key_outcome(named(["k", "k"])), "key.duplicate_id");
    assert_eq!(key_outcome(named(["k", "K"])), ACCEPTED);
    assert_eq!(key_outcome(KeySet::new(keys())), "key.id_missing");

    // Two issuers that use the same kid: each one's key does for itself alone.
    let set = |key: &Rsa| KeySet::new([key.verifying.clone().with_key_id("k").unwrap()]).unwrap();
    let issuers = TrustedIssuers::new()
        .with("https://as.example", set(&RSA))
        .with("https://b.example", set(&OTHER));
    let header = r#"{"alg":"RS256","kid":"k"}"#;
    let claims_of_b = CLAIMS.replace("as.example", "b.example");
    let check = |token: &str| {
        let rules =
            Validation::new(Issuer::bound_to_key(), Audience::includes(AUD)).at_fixed_time(at(NOW));
        outcome(&jwt::verify::<NoPrivateClaims>(token, &issuers, &rules))
    };
    assert_eq!(check(&rs_token(header, CLAIMS)), ACCEPTED);
    assert_eq!(check(&rs_token_by(&OTHER, header, &claims_of_b)), ACCEPTED);
    assert_eq!(check(&rs_token_by(&OTHER, header, CLAIMS)), "signature.invalid");
    assert_eq!(check(&rs_token(header, &claims_of_b)), "signature.invalid");
    assert_eq!(check(&rs_token(header, r#"{"aud":"https://api.example"}"#)), "key.unknown_issuer");
}

#[test]
fn b19_metadata_of_a_jwk() {
    let mismatch = "key.jwk_mismatch";
    let wrong_type = "key.jwk_wrong_type";
    let members = [
        (r#""use":"enc","#, mismatch),
        (r#""use":"SIG","#, mismatch),
        (r#""use":"","#, mismatch),
        (r#""use":["sig"],"#, wrong_type),
        (r#""use":null,"#, wrong_type),
        (r#""key_ops":["sign"],"#, mismatch),
        (r#""key_ops":["encrypt"],"#, mismatch),
        (r#""key_ops":["verify","encrypt"],"#, mismatch),
        (r#""key_ops":["verify","verify"],"#, mismatch),
        (r#""key_ops":["sign","verify","sign"],"#, mismatch),
        (r#""key_ops":["sign, verify"],"#, mismatch),
        (r#""key_ops":[],"#, mismatch),
        (r#""key_ops":["Verify"],"#, mismatch),
        (r#""key_ops":"verify","#, wrong_type),
        (r#""key_ops":{"verify":true},"#, wrong_type),
        (r#""key_ops":["verify",1],"#, wrong_type),
        (r#""key_ops":[["verify"]],"#, wrong_type),
        (r#""key_ops":null,"#, wrong_type),
        (r#""use":"sig","key_ops":["encrypt"],"#, mismatch),
        (r#""use":"enc","key_ops":["verify"],"#, mismatch),
        (r#""use":"sig","key_ops":["verify","wrapKey"],"#, mismatch),
        (r#""alg":"RSA-OAEP","#, mismatch),
        (r#""alg":"PS256","#, mismatch),
        (r#""alg":"HS256","#, mismatch),
        (r#""alg":256,"#, wrong_type),
        (r#""kid":5,"#, wrong_type),
        (r#""kid":"","#, "key.id"),
    ];
    for (member, code) in members {
        let jwk = rsa_jwk(&RSA, member);
        assert_eq!(key_outcome(Rs256VerifyingKey::from_jwk(&jwk)), code, "{member}");
        assert_eq!(key_outcome(PublicSet::from_jwk_set(&set(&[jwk]))), "key.none", "{member}");
    }
    for member in [
        "",
        r#""use":"sig","#,
        r#""key_ops":["verify"],"#,
        r#""key_ops":["sign","verify"],"#,
        r#""use":"sig","key_ops":["verify"],"alg":"RS256","kid":"k","#,
    ] {
        let jwk = rsa_jwk(&RSA, member);
        assert_eq!(key_outcome(Rs256VerifyingKey::from_jwk(&jwk)), ACCEPTED, "{member}");
    }
    let many = format!(r#""key_ops":[{}"verify"],"#, r#""verify","#.repeat(10_000));
    let code = key_outcome(Rs256VerifyingKey::from_jwk(&rsa_jwk(&RSA, &many)));
    assert_eq!(code, "key.too_long");
    for (kty, code) in [("rsa", mismatch), ("oct", "key.private_member"), ("", mismatch)] {
        let jwk = rsa_jwk(&RSA, "").replace("RSA", kty);
        assert_eq!(key_outcome(Rs256VerifyingKey::from_jwk(&jwk)), code, "{kty}");
    }
}

#[test]
fn b20_mixed_sets() {
    let secret = b"a second secret, long enough for HMAC";
    let mixed = set(&[rsa_jwk(&RSA, r#""kid":"rsa","#), oct_jwk(secret, "oct")]);
    // As a public set it is refused whole; as a secret one it gives the keys of one kind only.
    assert_eq!(key_outcome(PublicSet::from_jwk_set(&mixed)), "key.private_member");
    let secrets = SecretSet::from_secret_jwk_set(&mixed).unwrap();
    assert_eq!((secrets.len(), secrets.skipped().len()), (1, 1));
    let public = PublicSet::from_jwk_set(&set(&[rsa_jwk(&RSA, r#""kid":"rsa","#)])).unwrap();

    let modulus = RSA.modulus();
    let spki = RSA.verifying.to_pem();
    for guess in [&secret[..], &modulus, spki.as_bytes()] {
        let hs = |kid: &str| {
            let header = format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#);
            jws(&header, CLAIMS, |input| hmac(guess, input))
        };
        assert_eq!(outcome(&read(&hs("rsa"), &public)), "header.mismatch");
        assert_eq!(outcome(&read(&hs("oct"), &public)), "key.no_match");
        assert_eq!(outcome(&read(&hs("rsa"), &secrets)), "key.no_match");
    }
    let rs = |kid: &str| rs_token(&format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#), CLAIMS);
    assert_eq!(outcome(&read(&rs("oct"), &secrets)), "header.mismatch");
    assert_eq!(outcome(&read(&rs("rsa"), &secrets)), "key.no_match");
    assert_eq!(outcome(&read(&rs("oct"), &public)), "key.no_match");
    assert_eq!(outcome(&read(&rs("rsa"), &public)), ACCEPTED);
    let own = jws(r#"{"alg":"HS256","kid":"oct"}"#, CLAIMS, |input| hmac(secret, input));
    assert_eq!(outcome(&read(&own, &secrets)), ACCEPTED);
}

#[test]
fn b21_private_members_in_public_places() {
    let good = rsa_jwk(&OTHER, r#""kid":"good","#);
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for value in ["\"AQAB\"", "\"\"", "null", "1", "[]"] {
            let jwk = rsa_jwk(&RSA, &format!(r#""{name}":{value},"#));
            let code = key_outcome(Rs256VerifyingKey::from_jwk(&jwk));
            assert_eq!(code, "key.private_member", "{name}: {value}");
            let members = set(&[good.clone(), jwk]);
            assert_eq!(key_outcome(PublicSet::from_jwk_set(&members)), "key.private_member");
        }
    }
    let whole = RSA.signing.to_secret_jwk();
    let elliptic = r#"{"kty":"EC","crv":"P-256","d":"AQAB"}"#.to_owned();
    let unknown = r#"{"kty":"new","k":"AQAB"}"#.to_owned();
    for jwk in [whole.expose().to_owned(), oct_jwk(SECRET, "o"), elliptic, unknown] {
        let members = set(&[good.clone(), jwk]);
        assert_eq!(key_outcome(PublicSet::from_jwk_set(&members)), "key.private_member");
    }
    assert_eq!(PublicSet::from_jwk_set(&set(&[good])).unwrap().len(), 1);

    // What a public key gives out, member by member.
    let key = RSA.verifying.clone().with_key_id("k").unwrap();
    let exported: serde_json::Value = serde_json::from_str(&key.to_jwk()).unwrap();
    let mut names: Vec<_> = exported.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
    let public_set = KeySet::new([key.clone()]).unwrap();
    assert_eq!(public_set.to_jwk_set(), format!(r#"{{"keys":[{}]}}"#, key.to_jwk()));

    // No Debug shows a private member or a secret, in whatever spelling.
    let private: serde_json::Value = serde_json::from_str(whole.expose()).unwrap();
    let secret_set = KeySet::new([hs256()]).unwrap();
    let shown = [
        format!("{:?} {:#?}", RSA.verifying, public_set),
        format!("{:?} {:#?}", RSA.signing, whole),
        format!("{:?} {:#?} {:?}", hs256(), secret_set, hs256().to_secret_jwk()),
        format!("{:?}", TrustedIssuers::new().with("i", secret_set.clone())),
    ];
    for text in &shown {
        for name in ["d", "p", "q", "dp", "dq", "qi"] {
            assert!(!text.contains(private[name].as_str().unwrap()), "{name} in {text}");
        }
        assert!(!text.contains(&b64(SECRET)) && !text.contains("of the attacked"), "{text}");
        assert!(!text.contains(&format!("{:?}", &SECRET[..4]).replace(']', "")), "{text}");
    }
}

#[test]
fn b24_one_bad_key_in_a_set() {
    let good = rsa_jwk(&RSA, r#""kid":"good","#);
    let n = b64(OTHER.modulus());
    let bad = [
        (
            r#"{"kty":"EC","kid":"ec","crv":"P-256","x":"AA","y":"AA"}"#.to_owned(),
            "key.jwk_mismatch",
        ),
        (r#"{"kty":"OKP","kid":"okp","crv":"Ed25519","x":"AA"}"#.to_owned(), "key.jwk_mismatch"),
        (r#"{"kty":"new","kid":"new"}"#.to_owned(), "key.jwk_mismatch"),
        (r#"{"kty":5}"#.to_owned(), "key.jwk_wrong_type"),
        (r#"{"kid":"nothing"}"#.to_owned(), "key.jwk_missing"),
        (r#"{"kty":"RSA","kid":"5","n":5,"e":"AQAB"}"#.to_owned(), "key.jwk_wrong_type"),
        (format!(r#"{{"kty":"RSA","kid":"6","n":"{n}"}}"#), "key.jwk_missing"),
        (format!(r#"{{"kty":"RSA","kid":"7","n":"{n}","e":65537}}"#), "key.jwk_wrong_type"),
        (format!(r#"{{"kty":"RSA","kid":7,"n":"{n}","e":"AQAB"}}"#), "key.jwk_wrong_type"),
        (r#"{"kty":"RSA","kid":"8","n":"AQAB","e":"AQAB"}"#.to_owned(), "key.modulus_size"),
        (r#"{"kty":"RSA","kty":"RSA"}"#.to_owned(), "key.json"),
        ("null".to_owned(), "key.json"),
        ("5".to_owned(), "key.json"),
        ("[]".to_owned(), "key.json"),
        (r#""key""#.to_owned(), "key.json"),
    ];
    let members: Vec<_> = bad.iter().map(|(jwk, _)| jwk.clone()).chain([good.clone()]).collect();
    let keys = PublicSet::from_jwk_set(&set(&members)).unwrap();
    assert_eq!(keys.len(), 1);
    let reasons: Vec<_> =
        keys.skipped().iter().map(|s| (s.position(), s.reason().code())).collect();
    let expected: Vec<_> = bad.iter().map(|(_, code)| *code).enumerate().collect();
    assert_eq!(reasons, expected);
    let token = rs_token(r#"{"alg":"RS256","kid":"good"}"#, CLAIMS);
    assert_eq!(outcome(&read(&token, &keys)), ACCEPTED);
    for (kid, _) in [("ec", 0), ("5", 5), ("nothing", 4)] {
        let token = rs_token(&format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#), CLAIMS);
        assert_eq!(outcome(&read(&token, &keys)), "key.no_match", "{kid}");
    }

    let named = |count: usize| {
        let members = (0..count).map(|i| rsa_jwk(&RSA, &format!(r#""kid":"{i}","#)));
        set(&members.collect::<Vec<_>>())
    };
    let faults = [
        ("{}".to_owned(), "key.jwk_missing"),
        (r#"{"keys":{}}"#.to_owned(), "key.jwk_wrong_type"),
        (r#"{"keys":null}"#.to_owned(), "key.jwk_wrong_type"),
        (r#"{"keys":"x"}"#.to_owned(), "key.jwk_wrong_type"),
        (r#"{"keys":[]}"#.to_owned(), "key.none"),
        (r#"{"keys":[],"keys":[]}"#.to_owned(), "key.json"),
        (format!("[{good}]"), "key.json"),
        ("null".to_owned(), "key.json"),
        (String::new(), "key.json"),
        (named(101), "key.too_many"),
        (format!(r#"{{"keys":[{}0]}}"#, "0,".repeat(100)), "key.too_many"),
        (" ".repeat(1024 * 1024), "key.json"),
        (" ".repeat(1024 * 1024 + 1), "key.too_long"),
    ];
    for (text, code) in faults {
        assert_eq!(key_outcome(PublicSet::from_jwk_set(&text)), code);
    }
    assert_eq!(PublicSet::from_jwk_set(&named(100)).unwrap().len(), 100);
}

#[test]
fn b25_stale_keys_and_unknown_kids() {
    let old = hs256().with_key_id("old").unwrap();
    let new = Hs256Key::generate().unwrap().with_key_id("new").unwrap();
    let token = |kid: &str| hs_token(&format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#), CLAIMS);
    let mut keys = KeySet::new([old.clone(), new.clone()]).unwrap();
    assert_eq!(outcome(&read(&token("old"), &keys)), ACCEPTED);

    // A failed change leaves the set as it was.
    let duplicate = Hs256Key::generate().unwrap().with_key_id("old").unwrap();
    assert_eq!(keys.insert(duplicate), Err(KeyError::DuplicateKeyId));
    assert_eq!(keys.insert(Hs256Key::generate().unwrap()), Err(KeyError::KeyIdMissing));
    assert_eq!(keys.len(), 2);
    assert_eq!(outcome(&read(&token("old"), &keys)), ACCEPTED);

    // Unknown kids leave nothing behind, cause nothing, and try no key. That is why the tokens need
    // neither payload nor signature, and a million of them take seconds.
    let (ran, refused) = counting(Operation::Verify, || {
        let mut token = String::new();
        let refused = (0..1_000_000).filter(|kid| {
            let header = format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#);
            token.clear();
            URL_SAFE_NO_PAD.encode_string(header, &mut token);
            token.push_str("..");
            matches!(jws::verify(&token, &keys), Err(Error::NoMatchingKey))
        });
        refused.count()
    });
    assert_eq!((ran, refused, keys.len(), keys.skipped().len()), (0, 1_000_000, 2, 0));

    // A key that is gone is gone, whether taken out or left out of the set put in the place.
    let replaced = KeySet::new([new]).unwrap();
    assert_eq!(outcome(&read(&token("old"), &replaced)), "key.no_match");
    keys.remove("old").unwrap();
    assert_eq!(outcome(&read(&token("old"), &keys)), "key.no_match");
    assert!(!keys.is_empty());
    keys.remove("new").unwrap();
    assert!(keys.is_empty());
    assert_eq!(outcome(&read(&token("new"), &keys)), "key.no_match");
    keys.insert(old).unwrap();
    assert_eq!(outcome(&read(&token("old"), &keys)), ACCEPTED);
}
