//! A. One message has one signature, and it is looked at before all else: classes 2, 7, 8 and 9.

use crate::support::{
    bytes::*, claims::*, keys, outcome::*, raw_rsa::*, repository::*, signing::*,
};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;
use strict_jose::internals::Operation;
use strict_jose::jws as door;

const HS: &str = r#"{"alg":"HS256"}"#;
const RS: &str = r#"{"alg":"RS256"}"#;

#[test]
fn a02_signature_of_another_length() {
    let token = hs_token(HS, CLAIMS);
    let signature = signature_of(&token);
    let long = [&signature[..], &[0; 4]].concat();
    for bytes in [0, 1, 8, 16, 31, 33, 36] {
        let other = with_signature(&token, &long[..bytes]);
        let (ran, verdict) = counting(Operation::Verify, || hs_outcome(&other));
        assert_eq!((ran, verdict), (0, "token.part_length"), "{bytes} octets");
    }
    assert_eq!(hs_outcome(&with_signature(&token, &[0; 32])), "signature.invalid");
    for bit in 0..256 {
        let other = with_signature(&token, &flipped(&signature, bit));
        assert_eq!(hs_outcome(&other), "signature.invalid", "bit {bit}");
    }
    assert_eq!(hs_outcome(token.rsplit_once('.').unwrap().0), "token.segment_count");
    assert_eq!(hs_outcome(&token), ACCEPTED);

    let token = rs_token(RS, CLAIMS);
    let (signature, k) = (signature_of(&token), RSA.bytes());
    let long = signature.repeat(2);
    for bytes in [0, 1, 32, k - 1, k + 1, 2 * k] {
        let other = with_signature(&token, &long[..bytes]);
        let (ran, verdict) = counting(Operation::Verify, || rs_outcome(&other));
        assert_eq!((ran, verdict), (0, "token.part_length"), "{bytes} octets");
    }
    for filled in [0, 0xff] {
        assert_eq!(rs_outcome(&with_signature(&token, &vec![filled; k])), "signature.invalid");
    }
    assert_eq!(rs_outcome(token.rsplit_once('.').unwrap().0), "token.segment_count");
    assert_eq!(rs_outcome(&token), ACCEPTED);
}

/// What is said of a token under the key it is for.
type Outcome = fn(&str) -> &'static str;

#[test]
fn a07_signature_verified_first_and_always() {
    let tokens: [(String, Outcome); 2] =
        [(hs_token(HS, CLAIMS), hs_outcome), (rs_token(RS, CLAIMS), rs_outcome)];
    for (token, outcome) in tokens {
        let segments: Vec<_> = token.split('.').map(unb64).collect();
        for (place, segment) in segments.iter().enumerate() {
            for bit in 0..segment.len() * 8 {
                let mut other = segments.clone();
                other[place] = flipped(segment, bit);
                let other: Vec<_> = other.iter().map(b64).collect();
                let code = outcome(&other.join("."));
                // A header that reads otherwise may be refused for that; the rest only for this.
                let from_header = code.starts_with("header.") || code.starts_with("json.");
                assert!(
                    code == "signature.invalid" || place == 0 && from_header,
                    "segment {place}, bit {bit}: {code}"
                );
            }
        }
        assert_eq!(outcome(&token), ACCEPTED);
    }
    // Whatever is wrong with the claims, a signature that does not hold is what is said.
    let expired = CLAIMS.replace("1700000300", "1600000000");
    let foreign = CLAIMS.replace("api", "another");
    for payload in [&expired[..], &foreign, "[]", "not JSON", ""] {
        let token = hs_token(HS, payload);
        let broken = with_signature(&token, &flipped(&signature_of(&token), 0));
        assert_eq!(hs_outcome(&broken), "signature.invalid", "{payload}");
        let token = rs_token(RS, payload);
        let broken = with_signature(&token, &flipped(&signature_of(&token), 9));
        assert_eq!(rs_outcome(&broken), "signature.invalid", "{payload}");
    }
    assert_eq!(hs_outcome(&hs_token(HS, &expired)), "claim.expired");
    // A payload that does not even decode is not looked at before the signature.
    let odd = format!("{}.A.{}", b64(HS), b64([0; 32]));
    assert_eq!(hs_outcome(&odd), "signature.invalid");
    // No call takes claims out of a token without a key.
    for (path, code) in sources() {
        for name in ["insecure", "dangerous", "decode_unverified", "without_verification"] {
            assert!(!code.contains(name), "{path}: {name}");
        }
    }
}

/// DER up to the digest: the identifier of SHA-256 with NULL, OCTET STRING of 32.
const DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

static EXPONENT_3: LazyLock<Rsa> = LazyLock::new(|| Rsa::new(keys::RSA_2048_E3));

/// `00 01`, as many `padding` octets as fit, then the rest.
fn block(padding: u8, rest: &[&[u8]]) -> Vec<u8> {
    let rest = rest.concat();
    let mut block = vec![padding; 256 - rest.len()];
    block[..2].copy_from_slice(&[0, 1]);
    block.extend(rest);
    block
}

/// `00 01`, eight `ff`, the given octets, then zeros to the end.
fn short(parts: &[&[u8]]) -> Vec<u8> {
    let mut block = [&[&[0, 1][..], &[0xff; 8]], parts].concat().concat();
    block.resize(256, 0);
    block
}

#[test]
fn a08_forged_signature_padding() {
    for key in [&*RSA, &*EXPONENT_3] {
        let input = format!("{}.{}", b64(RS), b64("{}"));
        let hash = &Sha256::digest(input.as_bytes())[..];
        let verdict_on = |block: Vec<u8>| {
            let signature = key.private_operation(&block);
            assert_eq!(key.public_operation(&signature), block);
            let token = format!("{input}.{}", b64(signature));
            outcome(&door::verify(&token, &key.verifying))
        };
        let good = block(0xff, &[&[0], &DIGEST_INFO, hash]);
        assert_eq!(verdict_on(good.clone()), ACCEPTED);

        let byte = |position: usize, value: u8| {
            let mut block = good.clone();
            block[position] = value;
            block
        };
        let without_null: &[u8] =
            b"\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20";
        let long_form: &[u8] =
            b"\x30\x81\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
        let sha1_name: &[u8] = b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14";
        // Parameters with 150 octets of the attacker's choice where the NULL should be.
        let in_parameters = [
            &b"\x30\x81\xc9\x30\x81\xa4\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x81\x96"[..],
            &[0x5a; 150],
            b"\x04\x20",
        ]
        .concat();
        let mut sha384_name = DIGEST_INFO;
        sha384_name[14] = 2;
        let forged = [
            ("first octet", byte(0, 1)),
            ("block type 0", byte(1, 0)),
            ("block type 2", byte(1, 2)),
            ("separator missing", byte(256 - 52, 0xff)),
            ("padding holds 00", byte(40, 0)),
            ("padding holds fe", byte(2, 0xfe)),
            ("padding of zeros", block(0, &[&[0], &DIGEST_INFO, hash])),
            ("octets after the digest", short(&[&[0], &DIGEST_INFO, hash])),
            ("octets before the digest", block(0xff, &[&[0], &[0x5a; 64], &DIGEST_INFO, hash])),
            ("one octet after the digest", block(0xff, &[&[0], &DIGEST_INFO, hash, &[0]])),
            ("digest alone", block(0xff, &[&[0], hash])),
            ("no NULL", block(0xff, &[&[0], without_null, hash])),
            ("long form of a length", block(0xff, &[&[0], long_form, hash])),
            ("garbage in the parameters", block(0xff, &[&[0], &in_parameters, hash])),
            ("name of SHA-1", block(0xff, &[&[0], sha1_name, &hash[..20]])),
            ("name of SHA-384", block(0xff, &[&[0], &sha384_name, hash])),
            ("digest cut", block(0xff, &[&[0], &DIGEST_INFO, &hash[..31]])),
            ("digest of nothing", block(0xff, &[&[0], &DIGEST_INFO, &[0; 32]])),
        ];
        for (fault, block) in forged {
            assert_eq!(verdict_on(block), "signature.invalid", "{fault}");
        }
    }
}

/// A number whose cube begins with a whole block for [`RS`] over `{}`, made without the private key.
const CUBE_ROOT: &str = "32cbfd4a7adc7905583d767520f51640759176d37826f2ef63ae3dc7ad642db4914fb359d7\
                         f7caa818750f5e728cb519e88555d069464690233bf942908250c39e7a7d5247fb8ec699e06\
                         958306bb52ac879a7f334";

#[test]
fn a08_forged_signature_by_cube_root() {
    let digits: Vec<_> = CUBE_ROOT.bytes().collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let root: Vec<_> = digits.chunks(2).map(byte).collect();
    let mut signature = vec![0; 256 - root.len()];
    signature.extend(root);
    let input = format!("{}.{}", b64(RS), b64("{}"));
    let hash = &Sha256::digest(input.as_bytes())[..];
    let whole =
        [&[0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 0][..], &DIGEST_INFO, hash].concat();
    assert!(EXPONENT_3.public_operation(&signature).starts_with(&whole), "no forgery at all");
    let verdict_on = |signature: &[u8]| {
        let token = format!("{input}.{}", b64(signature));
        outcome(&door::verify(&token, &EXPONENT_3.verifying))
    };
    assert_eq!(verdict_on(&signature), "signature.invalid");
    assert_eq!(verdict_on(&rs256(&EXPONENT_3, input.as_bytes())), ACCEPTED);
}

/// Big-endian addition into `k` octets; `None` if it does not fit.
fn add(one: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let mut sum = vec![0; one.len()];
    let mut carry = 0;
    for (place, (a, b)) in one.iter().zip(other).enumerate().rev() {
        let digit = u16::from(*a) + u16::from(*b) + carry;
        sum[place] = digit as u8;
        carry = digit >> 8;
    }
    (carry == 0).then_some(sum)
}

#[test]
fn a09_second_spelling_of_a_signature() {
    let (k, n) = (RSA.bytes(), RSA.modulus());
    // The same number modulo n: search a message whose signature leaves room for it.
    let (token, larger) = (0..1000)
        .find_map(|nonce| {
            let token = rs_token(RS, CLAIMS.replace('{', &format!("{{\"nonce\":{nonce},")));
            let sum = add(&signature_of(&token), &n)?;
            Some((token, sum))
        })
        .unwrap();
    assert_eq!(rs_outcome(&token), ACCEPTED);
    assert_eq!(rs_outcome(&with_signature(&token, &larger)), "signature.invalid");

    // The same number in more octets, and in fewer.
    let prefixed = [&[0], &signature_of(&token)[..]].concat();
    assert_eq!(rs_outcome(&with_signature(&token, &prefixed)), "token.part_length");
    let (token, signature) = (0..10_000)
        .map(|nonce| rs_token(RS, CLAIMS.replace('{', &format!("{{\"nonce\":{nonce},"))))
        .map(|token| (token.clone(), signature_of(&token)))
        .find(|(_, signature)| signature[0] == 0)
        .unwrap();
    assert_eq!(signature.len(), k);
    assert_eq!(rs_outcome(&token), ACCEPTED);
    assert_eq!(rs_outcome(&with_signature(&token, &signature[1..])), "token.part_length");
    let shifted = [&signature[1..], &[0]].concat();
    assert_eq!(rs_outcome(&with_signature(&token, &shifted)), "signature.invalid");

    let (mut zero, mut before) = (vec![0; k], n.clone());
    assert_eq!(rs_outcome(&with_signature(&token, &zero)), "signature.invalid");
    zero[k - 1] = 1;
    assert_eq!(rs_outcome(&with_signature(&token, &zero)), "signature.invalid");
    before[k - 1] -= 1; // n is odd
    assert_eq!(rs_outcome(&with_signature(&token, &before)), "signature.invalid");
    assert_eq!(rs_outcome(&with_signature(&token, &n)), "signature.invalid");
}
