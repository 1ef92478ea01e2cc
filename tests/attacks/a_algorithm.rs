//! A. The algorithm is the key's: classes 1, 3, 4, 5, 6, 10, 11 and 12.

use crate::support::{
    bytes::*, claims::*, keys, outcome::*, raw_rsa::*, repository::*, signing::*,
};
use rsa::pkcs1v15;
use rsa::pss;
use rsa::signature::{RandomizedSigner as _, SignatureEncoding as _, Signer as _};
use strict_jose::internals::Operation;
use strict_jose::{Hs256Key, KeySet, Rs256VerifyingKey, jws as door};

/// Every `alg` of the IANA registry for signatures and MACs.
const REGISTERED: [&str; 18] = [
    "none", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "RS1", "PS256", "PS384", "PS512",
    "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "Ed448",
];

#[test]
fn a01_alg_none() {
    let mismatch = "header.mismatch";
    let variants = [
        (r#"{"alg":"none"}"#, mismatch),
        (r#"{"alg":"None"}"#, mismatch),
        (r#"{"alg":"NONE"}"#, mismatch),
        (r#"{"alg":"nOnE"}"#, mismatch),
        (r#"{"alg":"noNE"}"#, mismatch),
        (r#"{"alg":" none"}"#, mismatch),
        (r#"{"alg":"none "}"#, mismatch),
        (r#"{"alg":"\u006eone"}"#, mismatch),
        (r#"{"alg":"none\u0000"}"#, mismatch),
        (r#"{"alg":""}"#, mismatch),
        (r#"{"alg":"hs256"}"#, mismatch),
        (r#"{"alg":"HS256 "}"#, mismatch),
        (r#"{"alg":"HS256\u0000"}"#, mismatch),
        (r#"{"alg":"rs256"}"#, mismatch),
        (r#"{"alg":null}"#, "header.wrong_type"),
        (r#"{"alg":["none"]}"#, "header.wrong_type"),
        (r#"{"alg":0}"#, "header.wrong_type"),
        (r#"{"alg":false}"#, "header.wrong_type"),
        (r#"{"alg":{}}"#, "header.wrong_type"),
        (r"{}", "header.missing"),
        (r#"{"typ":"JWT"}"#, "header.missing"),
        (r#"{"Alg":"HS256"}"#, "header.missing"),
    ];
    let hs_set = KeySet::new([hs256()]).unwrap();
    for (header, code) in variants {
        // The signature is whole: nothing but the header is wrong.
        assert_eq!(hs_outcome(&hs_token(header, CLAIMS)), code, "{header}");
        assert_eq!(outcome(&read(&hs_token(header, CLAIMS), &hs_set)), code, "{header}");
        assert_eq!(rs_outcome(&rs_token(header, CLAIMS)), code, "{header}");
        let unsigned = jws(header, CLAIMS, |_| Vec::new());
        assert_eq!(hs_outcome(&unsigned), code, "{header}");
        assert_eq!(rs_outcome(&unsigned), code, "{header}");
        let two_segments = unsigned.strip_suffix('.').unwrap();
        assert_eq!(hs_outcome(two_segments), "token.segment_count", "{header}");
        assert_eq!(rs_outcome(two_segments), "token.segment_count", "{header}");
    }
    assert_eq!(hs_outcome(&hs_token(r#"{"alg":"HS256"}"#, CLAIMS)), ACCEPTED);
    assert_eq!(hs_outcome(&hs_token(r#"{"alg":"\u0048S256"}"#, CLAIMS)), ACCEPTED);
    assert_eq!(rs_outcome(&rs_token(r#"{"alg":"RS256"}"#, CLAIMS)), ACCEPTED);

    // There is no such algorithm to ask for.
    let table = source("src/jwa.rs");
    let (_, rest) = table.split_once("pub enum SignatureAlgorithm {").unwrap();
    let variants: Vec<_> = rest
        .split_once('}')
        .unwrap()
        .0
        .split(',')
        .map(str::trim)
        .filter(|v| !v.is_empty())
        .collect();
    assert_eq!(variants, ["Hs256", "Rs256"]);
}

/// The ways in which a public key has been taken for an HMAC secret.
fn public_key_texts() -> Vec<(&'static str, Vec<u8>)> {
    let key = &RSA.verifying;
    let (spki, pkcs1) = (key.to_pem(), key.to_pkcs1_pem());
    let (n, e) = (b64(RSA.modulus()), "AQAB");
    let mut ssh = vec![0, 0, 0, 7];
    ssh.extend(b"ssh-rsa\0\0\0\x03\x01\0\x01\0\0\x01\x01\0");
    ssh.extend(RSA.modulus());
    let ssh = plain_base64(&ssh);
    let pretty = format!("{{\n  \"kty\": \"RSA\",\n  \"e\": \"{e}\",\n  \"n\": \"{n}\"\n}}\n");
    [
        ("SPKI PEM", spki.clone()),
        ("SPKI PEM without its last newline", spki.trim_end().to_owned()),
        ("SPKI PEM with CRLF", spki.replace('\n', "\r\n")),
        ("SPKI PEM after a space", format!(" {spki}")),
        ("SPKI PEM after newlines", format!("\n\n{spki}\n")),
        ("SPKI PEM after a byte order mark", format!("\u{feff}{spki}")),
        ("SPKI PEM after garbage", format!("garbage {spki}")),
        ("PKCS #1 PEM", pkcs1),
        ("X.509 PEM", keys::RSA_2048_CERTIFICATE.to_owned()),
        ("JWK", format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"}}"#)),
        ("JWK in lexicographic order", format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)),
        ("JWK on several lines", pretty),
        ("JWK as exported", key.to_jwk()),
        ("JWK Set", format!(r#"{{"keys":[{}]}}"#, key.to_jwk())),
        ("JWK Set as an array", format!("[{}]", key.to_jwk())),
        ("OpenSSH line", format!("ssh-rsa {ssh} someone@somewhere")),
        ("OpenSSH block", format!("---- BEGIN SSH2 PUBLIC KEY ----\n{ssh}\n---- END")),
    ]
    .into_iter()
    .map(|(name, text)| (name, text.into_bytes()))
    .chain([("SPKI DER", key.to_spki_der()), ("PKCS #1 DER", key.to_pkcs1_der())])
    .collect()
}

#[test]
fn a03_public_key_as_hmac_secret() {
    let set = KeySet::new([RSA.verifying.clone()]).unwrap();
    let mut texts = public_key_texts();
    assert_eq!(texts.len(), 19);
    for (name, text) in &texts {
        // Defence in depth: such a text is not taken for a secret in the first place.
        let refused = Hs256Key::from_bytes(text);
        assert_eq!(key_outcome(refused), "key.secret_looks_like_key_text", "{name}");
        let in_base64 = Hs256Key::from_base64(&plain_base64(text));
        assert_eq!(key_outcome(in_base64), "key.secret_looks_like_key_text", "{name}");
        let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, b64(text));
        assert_eq!(key_outcome(Hs256Key::from_jwk(&jwk)), "key.secret_looks_like_key_text");
    }
    texts.push(("raw modulus", RSA.modulus()));
    texts.push(("modulus in base64url", b64(RSA.modulus()).into_bytes()));
    for (name, text) in texts {
        let mac = |input: &[u8]| hmac(&text, input);
        let token = jws(r#"{"alg":"HS256","typ":"JWT"}"#, CLAIMS, mac);
        assert_eq!(rs_outcome(&token), "header.mismatch", "{name}");
        assert_eq!(outcome(&read(&token, &set)), "header.mismatch", "{name}");
        let token = jws(r#"{"alg":"RS256","typ":"JWT"}"#, CLAIMS, mac);
        assert_eq!(rs_outcome(&token), "token.part_length", "{name}");
    }
    assert_eq!(rs_outcome(&rs_token(r#"{"alg":"RS256","typ":"JWT"}"#, CLAIMS)), ACCEPTED);
    assert_eq!(key_outcome(Hs256Key::from_bytes(SECRET)), ACCEPTED);
}

#[test]
fn a04_header_chooses_the_algorithm() {
    // A JWK that names no `alg` still becomes a key of one algorithm: the one its type says.
    let jwk = format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, b64(RSA.modulus()));
    let rsa = Rs256VerifyingKey::from_jwk(&jwk).unwrap();
    let set = KeySet::<Rs256VerifyingKey>::from_jwk_set(&format!(r#"{{"keys":[{jwk}]}}"#)).unwrap();
    let oct = Hs256Key::from_jwk(&format!(r#"{{"kty":"oct","k":"{}"}}"#, b64(SECRET))).unwrap();
    let (mut accepted, mut operations) = (Vec::new(), 0);
    for alg in REGISTERED {
        let header = format!(r#"{{"alg":"{alg}"}}"#);
        let (mac, signed) = (hs_token(&header, CLAIMS), rs_token(&header, CLAIMS));
        let (ran, verdicts) = counting(Operation::Verify, || {
            [
                outcome(&read(&mac, &oct)),
                outcome(&read(&signed, &rsa)),
                outcome(&read(&signed, &set)),
            ]
        });
        operations += ran;
        for (place, verdict) in verdicts.into_iter().enumerate() {
            match verdict {
                ACCEPTED => accepted.push((alg, place)),
                refused => assert_eq!(refused, "header.mismatch", "{alg}"),
            }
        }
    }
    // What was executed is what the header says is what the key is.
    assert_eq!(accepted, [("HS256", 0), ("RS256", 1), ("RS256", 2)]);
    assert_eq!(operations, accepted.len());
    for alg in ["HS256", "RS384", "PS256", "none", "rs256", ""] {
        let named = jwk.replacen('{', &format!(r#"{{"alg":"{alg}","#), 1);
        assert_eq!(key_outcome(Rs256VerifyingKey::from_jwk(&named)), "key.jwk_mismatch", "{alg}");
    }
    let named = jwk.replacen('{', r#"{"alg":"RS256","#, 1);
    assert_eq!(key_outcome(Rs256VerifyingKey::from_jwk(&named)), ACCEPTED);
}

#[test]
fn a05_empty_hmac_key() {
    assert_eq!(key_outcome(Hs256Key::from_bytes(b"")), "key.secret_too_short");
    assert_eq!(key_outcome(Hs256Key::from_utf8("")), "key.secret_too_short");
    assert_eq!(key_outcome(Hs256Key::from_base64("")), "key.secret_too_short");
    assert_eq!(key_outcome(Hs256Key::from_base64url("")), "key.secret_too_short");
    let jwks = [
        (r#"{"kty":"oct","k":""}"#, "key.secret_too_short"),
        (r#"{"kty":"oct"}"#, "key.jwk_missing"),
        (r#"{"kty":"oct","k":null}"#, "key.jwk_wrong_type"),
        (r#"{"kty":"oct","k":0}"#, "key.jwk_wrong_type"),
        (r#"{"kty":"oct","k":[]}"#, "key.jwk_wrong_type"),
    ];
    for (jwk, code) in jwks {
        assert_eq!(key_outcome(Hs256Key::from_jwk(jwk)), code, "{jwk}");
        let set = format!(r#"{{"keys":[{jwk}]}}"#);
        assert_eq!(key_outcome(KeySet::<Hs256Key>::from_secret_jwk_set(&set)), "key.none");
    }
    assert_eq!(key_outcome(KeySet::<Hs256Key>::from_secret_jwk_set(r#"{"keys":[]}"#)), "key.none");
    assert_eq!(key_outcome(KeySet::<Hs256Key>::new([])), "key.none");

    let header = r#"{"alg":"HS256"}"#;
    // HMAC fills short keys up with zeros: these two are the same key.
    let (empty, zeros) = (hmac(b"", b"message"), hmac(&[0; 32], b"message"));
    assert_eq!(empty, zeros);
    for guess in [&b""[..], &[0; 1], &[0; 32], &[0; 64], b"null", b"undefined", b"None"] {
        let token = jws(header, CLAIMS, |input| hmac(guess, input));
        assert_eq!(hs_outcome(&token), "signature.invalid", "{guess:?}");
    }
    assert_eq!(hs_outcome(&hs_token(header, CLAIMS)), ACCEPTED);
}

#[test]
fn a06_weak_hmac_key() {
    for bytes in [1, 8, 16, 31] {
        let secret = vec![b'a'; bytes];
        let text = String::from_utf8(secret.clone()).unwrap();
        let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, b64(&secret));
        let code = "key.secret_too_short";
        assert_eq!(key_outcome(Hs256Key::from_bytes(&secret)), code, "{bytes}");
        assert_eq!(key_outcome(Hs256Key::from_utf8(&text)), code, "{bytes}");
        assert_eq!(key_outcome(Hs256Key::from_base64(&plain_base64(&secret))), code, "{bytes}");
        assert_eq!(key_outcome(Hs256Key::from_base64url(&b64(&secret))), code, "{bytes}");
        assert_eq!(key_outcome(Hs256Key::from_jwk(&jwk)), code, "{bytes}");
    }
    for bytes in [32, 64, 1024] {
        assert_eq!(key_outcome(Hs256Key::from_bytes(&vec![b'a'; bytes])), ACCEPTED, "{bytes}");
    }
    assert_eq!(key_outcome(Hs256Key::from_utf8("/etc/keys/hmac.key")), "key.secret_too_short");

    // A text with a fault is refused whole: nothing of it is left out.
    let whole = b64([0xfb; 64]);
    let faults = [
        format!("{whole}="),
        format!("{whole}=="),
        format!("{whole} "),
        format!("{whole}\n"),
        format!(" {whole}"),
        format!("{}!{}", &whole[..20], &whole[20..]),
        format!("{}\u{0}{}", &whole[..20], &whole[20..]),
        whole.replace('-', "+"),
        whole.replace('_', "/"),
        format!("{}x", &whole[..whole.len() - 1]),
        whole[..whole.len() - 1].to_owned(),
    ];
    for text in faults.iter().filter(|text| **text != whole) {
        assert_eq!(key_outcome(Hs256Key::from_base64url(text)), "key.malformed", "{text:?}");
        let jwk = serde_json::json!({"kty": "oct", "k": text}).to_string();
        let code = key_outcome(Hs256Key::from_jwk(&jwk));
        assert!(["key.jwk_encoding", "key.jwk_wrong_type"].contains(&code), "{text:?}: {code}");
    }
    assert_eq!(key_outcome(Hs256Key::from_base64url(&whole)), ACCEPTED);
    let jwk = format!(r#"{{"kty":"oct","k":"{whole}"}}"#);
    assert_eq!(key_outcome(Hs256Key::from_jwk(&jwk)), ACCEPTED);
}

#[test]
fn a10_valid_signature_of_another_algorithm() {
    fn pkcs1<D>(input: &[u8]) -> Vec<u8>
    where
        D: sha2::Digest + rsa::pkcs8::AssociatedOid,
    {
        pkcs1v15::SigningKey::<D>::new(RSA.raw.clone()).sign(input).to_vec()
    }
    fn pss(input: &[u8]) -> Vec<u8> {
        let key = pss::SigningKey::<sha2::Sha256>::new(RSA.raw.clone());
        key.try_sign_with_rng(&mut getrandom::SysRng, input).unwrap().to_vec()
    }
    type Sign = fn(&[u8]) -> Vec<u8>;
    let others: [(&str, Sign); 4] = [
        ("PS256", pss),
        ("RS384", pkcs1::<sha2::Sha384>),
        ("RS512", pkcs1::<sha2::Sha512>),
        ("RS1", pkcs1::<sha1::Sha1>),
    ];
    for (alg, sign) in others {
        let honest = jws(&format!(r#"{{"alg":"{alg}"}}"#), CLAIMS, sign);
        assert_eq!(rs_outcome(&honest), "header.mismatch", "{alg}");
        let relabelled = jws(r#"{"alg":"RS256"}"#, CLAIMS, sign);
        assert_eq!(rs_outcome(&relabelled), "signature.invalid", "{alg}");
    }
    assert_eq!(rs_outcome(&jws(r#"{"alg":"RS256"}"#, CLAIMS, pkcs1::<sha2::Sha256>)), ACCEPTED);
    // Nor do longer MACs do for HS256, cut or whole.
    let long =
        jws(r#"{"alg":"HS256"}"#, CLAIMS, |input| [hmac(SECRET, input), vec![0; 32]].concat());
    assert_eq!(hs_outcome(&long), "token.part_length");
}

#[test]
fn a11_comparison_in_constant_time() {
    // The files that compare tags and paddings hold no comparison that may stop early.
    for file in ["crypto/hmac_sha256.rs", "crypto/aes_cbc_hmac.rs", "crypto/rsa_padding.rs"] {
        let code = source(file);
        assert!(code.contains("ConstantTimeEq"), "{file}");
        for operator in [" == ", " != ", "starts_with", ".eq(", ".ne(", ".cmp(", "memcmp"] {
            assert!(!code.contains(operator), "{file}: {operator}");
        }
    }
    // Nobody else computes a MAC to compare: only these files use the HMAC.
    for (path, code) in sources() {
        let allowed = ["hmac_sha256.rs", "aes_cbc_hmac.rs", "hs256.rs", "internals.rs"];
        if !allowed.iter().any(|name| path.ends_with(name)) {
            assert!(!code.contains("HmacSha256"), "{path}");
        }
    }
    // And what it says does not depend on where the two differ.
    let token = hs_token(r#"{"alg":"HS256"}"#, CLAIMS);
    let signature = signature_of(&token);
    for byte in 0..32 {
        let other = with_signature(&token, &flipped(&signature, byte * 8));
        let (ran, verdict) = counting(Operation::Verify, || hs_outcome(&other));
        assert_eq!((ran, verdict), (1, "signature.invalid"), "octet {byte}");
    }
    assert_eq!(hs_outcome(&token), ACCEPTED);
}

#[test]
fn a12_elliptic_curves() {
    let zeros = |bytes: usize| move |_: &[u8]| vec![0; bytes];
    for (alg, bytes) in
        [("ES256", 64), ("ES384", 96), ("ES512", 132), ("EdDSA", 64), ("Ed25519", 64)]
    {
        let token = jws(&format!(r#"{{"alg":"{alg}"}}"#), CLAIMS, zeros(bytes));
        assert_eq!(hs_outcome(&token), "header.mismatch", "{alg}");
        assert_eq!(rs_outcome(&token), "header.mismatch", "{alg}");
        assert_eq!(outcome(&door::verify(&token, &RSA.verifying)), "header.mismatch", "{alg}");
    }
    let coordinate = b64([1; 32]);
    let jwks = [
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{coordinate}","y":"{coordinate}"}}"#),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{coordinate}"}}"#),
        format!(r#"{{"kty":"AKP","alg":"ML-DSA-44","pub":"{coordinate}"}}"#),
    ];
    for jwk in jwks {
        assert_eq!(key_outcome(Rs256VerifyingKey::from_jwk(&jwk)), "key.jwk_mismatch", "{jwk}");
        assert_eq!(key_outcome(Hs256Key::from_jwk(&jwk)), "key.jwk_mismatch", "{jwk}");
    }
    assert_not_depended_on(&[
        "elliptic-curve",
        "ecdsa",
        "p256",
        "p384",
        "p521",
        "k256",
        "ed25519",
        "ed25519-dalek",
        "curve25519-dalek",
        "x25519-dalek",
        "signature_derive",
    ]);
    assert_eq!(rs_outcome(&rs_token(r#"{"alg":"RS256"}"#, CLAIMS)), ACCEPTED);
}
