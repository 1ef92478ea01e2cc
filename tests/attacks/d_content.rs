//! D. Content is authenticated whole before it is decrypted: classes 41 to 47.

use crate::support::{
    bytes::*, encrypted::header, forged_jwe::*, outcome::*, repository::*, signing::*,
};
use std::collections::HashSet;
use strict_jose::internals::{Operation, open_content, seal_content, unwrap};
use strict_jose::{ContentEncryption, jwe};

const CBC: ContentEncryption = ContentEncryption::A128CbcHs256;
const GCM: [ContentEncryption; 2] = [ContentEncryption::A128Gcm, ContentEncryption::A256Gcm];

#[test]
fn d41_gcm_tag() {
    for enc in GCM {
        let good = whole("RSA-OAEP", enc);
        let tag = segment(&good, 4);
        let long = tag.repeat(2);
        for bytes in (0..16).chain([17, 32]) {
            let token = with_bytes(&good, 4, &long[..bytes]);
            assert_rejected_before_work("RSA-OAEP", &token, "token.part_length");
        }
        for bit in 0..128 {
            let token = with_bytes(&good, 4, &flipped(&tag, bit));
            assert_eq!(trace_of("RSA-OAEP", &token), the_one_trace("RSA-OAEP"), "bit {bit}");
        }
        assert_eq!(open("RSA-OAEP", &good), ACCEPTED);
    }
}

/// How many tokens are compared with each other.
const TOKENS: usize = 100_000;

#[test]
fn d42_gcm_iv() {
    for enc in GCM {
        let good = whole("RSA-OAEP", enc);
        let long = segment(&good, 2).repeat(11);
        for bytes in [0, 1, 8, 11, 13, 16, 128] {
            let token = with_bytes(&good, 2, &long[..bytes]);
            assert_rejected_before_work("RSA-OAEP", &token, "token.part_length");
        }
        assert_eq!(open("RSA-OAEP", &good), ACCEPTED);
    }
    // No IV and no CEK comes twice, or from the other.
    let public = OAEP.public_key();
    let (mut ivs, mut keys, mut ceks) = (HashSet::new(), HashSet::new(), HashSet::new());
    let enc = ContentEncryption::A256Gcm;
    // aws-lc draws the seed of OAEP by a generator of its own.
    let seeds = usize::from(!cfg!(feature = "aws-lc-rs"));
    for number in 0..TOKENS {
        let (draws, token) =
            counting(Operation::RandomDraw, || jwe::encrypt(PLAINTEXT, enc, &public).unwrap());
        assert_eq!(draws, 1 + seeds, "CEK and IV, and the seed of OAEP");
        assert_eq!(segment(&token, 2).len(), 12);
        ivs.insert(segment(&token, 2));
        keys.insert(segment(&token, 1));
        if number < 100 {
            let mut cek = [0; 32];
            unwrap(&OAEP, &segment(&token, 1), &mut cek).unwrap();
            assert!(
                cek.windows(12).all(|bytes| bytes != segment(&token, 2)),
                "no part of each other"
            );
            ceks.insert(cek);
        }
    }
    assert_eq!((ivs.len(), keys.len(), ceks.len()), (TOKENS, TOKENS, 100));
    assert!(!ivs.contains(&vec![0; 12]) && !ceks.contains(&[0; 32]));
    // The door that takes a CEK and an IV is no part of the public API.
    for (path, code) in sources() {
        if path.ends_with("content_encryption.rs") {
            assert_eq!(code.matches("fn from_bytes").count(), 2);
            assert_eq!(code.matches("#[cfg(feature = \"__internals\")]").count(), 2);
        }
    }
    // That a generator which fails makes encryption fail is told by a unit test of `jwe`.
}

/// A token of A128CBC-HS256 around a ciphertext of any length, with the tag that it needs.
fn cbc_token(ciphertext: &[u8]) -> String {
    let header = header("RSA-OAEP", CBC);
    let tag = cbc_tag(&CEK[..16], b64(&header).as_bytes(), &iv(CBC), ciphertext);
    join(&header, [&wrapped("RSA-OAEP", &CEK), &iv(CBC), ciphertext, &tag])
}

#[test]
fn d43_cbc_padding_oracle() {
    let good = whole("RSA-OAEP", CBC);
    let ciphertext = segment(&good, 3);
    let (mut decryptions, last) = (0, ciphertext.len() - 1);
    // All values of the last octet, and some of the one that its padding is decrypted with.
    for (position, step) in [(last, 1), (last - 16, 8)] {
        for value in (1..=255).step_by(step) {
            let mut other = ciphertext.clone();
            other[position] ^= value;
            let token = with_bytes(&good, 3, &other);
            let (ran, trace) = counting(Operation::CbcDecrypt, || trace_of("RSA-OAEP", &token));
            decryptions += ran;
            assert_eq!(trace, the_one_trace("RSA-OAEP"), "{value} at {position}");
        }
    }
    assert_eq!(decryptions, 0, "AES-CBC was never asked");

    // With a tag that holds, made by one who knows the CEK, bad padding is the same refusal.
    let padded = |last: &[u8]| {
        let mut blocks = vec![0x61; 32];
        let start = blocks.len() - last.len();
        blocks[start..].copy_from_slice(last);
        cbc_token(&cbc(&CEK[16..], &iv(CBC), &blocks))
    };
    for whole in [&[1][..], &[2, 2], &[3; 3], &[15; 15], &[16; 16]] {
        let (ran, verdict) = counting(Operation::CbcDecrypt, || open("RSA-OAEP", &padded(whole)));
        assert_eq!((ran, verdict), (1, ACCEPTED), "{whole:?}");
    }
    for broken in [
        &[0][..],
        &[0; 16],
        &[17],
        &[17; 17],
        &[32; 32],
        &[0xff],
        &[0x80],
        &[2],
        &[1, 2],
        &[3, 2, 3],
        &[2, 3, 3],
        &[15; 16][..14],
        &[16; 15],
    ] {
        // Enough other octets before, so that no padding is whole by accident.
        let token = padded(broken);
        assert_eq!(trace_of("RSA-OAEP", &token), the_one_trace("RSA-OAEP"), "{broken:?}");
    }
}

#[test]
fn d44_cbc_tag() {
    let good = whole("RSA-OAEP", CBC);
    let (aad, ciphertext, tag) =
        (b64(header("RSA-OAEP", CBC)), segment(&good, 3), segment(&good, 4));
    assert_eq!(cbc_tag(&CEK[..16], aad.as_bytes(), &iv(CBC), &ciphertext), tag);
    for bytes in [0, 8, 15, 17, 32] {
        let token = with_bytes(&good, 4, &tag.repeat(2)[..bytes]);
        assert_rejected_before_work("RSA-OAEP", &token, "token.part_length");
    }
    for bit in 0..128 {
        let token = with_bytes(&good, 4, &flipped(&tag, bit));
        assert_eq!(trace_of("RSA-OAEP", &token), the_one_trace("RSA-OAEP"), "bit {bit}");
    }
    let whole_mac = hmac(
        &CEK[..16],
        &[aad.as_bytes(), &iv(CBC), &ciphertext, &(aad.len() as u64 * 8).to_be_bytes()].concat(),
    );
    assert_rejected_before_work("RSA-OAEP", &with_bytes(&good, 4, &whole_mac), "token.part_length");
    let with_tag = |tag: Vec<u8>| trace_of("RSA-OAEP", &with_bytes(&good, 4, &tag[..16]));
    assert_eq!(
        with_tag(whole_mac[16..].to_vec()),
        the_one_trace("RSA-OAEP"),
        "the MAC's other half"
    );

    // Halves of the CEK in each other's place, in both roles and in one.
    let iv = iv(CBC);
    let blocks = [&[0x61; 15][..], &[1]].concat();
    for (mac_key, enc_key, accepted) in [
        (&CEK[..16], &CEK[16..], true),
        (&CEK[16..], &CEK[..16], false),
        (&CEK[16..], &CEK[16..], false),
    ] {
        let content = cbc(enc_key, &iv, &blocks);
        let tag = cbc_tag(mac_key, aad.as_bytes(), &iv, &content);
        let token =
            join(&header("RSA-OAEP", CBC), [&wrapped("RSA-OAEP", &CEK), &iv, &content, &tag]);
        let expected = if accepted { ACCEPTED } else { "decryption.failed" };
        assert_eq!(open("RSA-OAEP", &token), expected);
    }

    // AL in octets, in 32 bits, little-endian, or of nothing.
    let bits = aad.len() as u64 * 8;
    let lengths: [&[u8]; 5] = [
        &(aad.len() as u64).to_be_bytes(),
        &(bits as u32).to_be_bytes(),
        &bits.to_le_bytes(),
        &[0; 8],
        &[],
    ];
    for al in lengths {
        let mac = hmac(&CEK[..16], &[aad.as_bytes(), &iv, &ciphertext, al].concat());
        assert_eq!(with_tag(mac), the_one_trace("RSA-OAEP"), "{al:?}");
    }
    assert_eq!(open("RSA-OAEP", &good), ACCEPTED);
}

#[test]
fn d44_cbc_boundaries() {
    // The MAC runs over AAD, IV and ciphertext without gaps: the same octets cut elsewhere.
    let (aad, text) = ([0x41; 48], [0x62; 40]);
    let iv = [0x69; 16];
    let (ciphertext, tag) = seal_content(CBC, &CEK, &iv, &aad, &text).unwrap();
    let opens = |aad: &[u8], iv: &[u8], ciphertext: &[u8]| {
        open_content(CBC, &CEK, iv, aad, ciphertext, &tag).is_some()
    };
    assert!(opens(&aad, &iv, &ciphertext));
    let all = [&aad[..], &iv, &ciphertext].concat();
    let mut tried = 0;
    for cut in (0..=all.len() - 16).filter(|cut| *cut != aad.len()) {
        assert!(!opens(&all[..cut], &all[cut..cut + 16], &all[cut + 16..]), "{cut}");
        tried += 1;
    }
    assert_eq!(tried, all.len() - 16);
    assert!(!opens(&aad, &iv, &ciphertext[..32]));

    // The test case of RFC 7518 appendix B.1, whose AAD is 42 octets: AL is 336, in 64 bits.
    let key: Vec<u8> = (0..32).collect();
    let iv = *b"\x1a\xf3\x8c\x2d\xc2\xb9\x6f\xfd\xd8\x66\x94\x09\x23\x41\xbc\x04";
    let plaintext = b"A cipher system must not be required to be secret, and it must be able to \
                      fall into the hands of the enemy without inconvenience";
    let aad = b"The second principle of Auguste Kerckhoffs";
    let (ciphertext, tag) = seal_content(CBC, &key, &iv, aad, plaintext).unwrap();
    assert_eq!((plaintext.len(), aad.len(), ciphertext.len()), (128, 42, 144));
    assert_eq!(&ciphertext[..4], b"\xc8\x0e\xdf\xa3");
    assert_eq!(tag, *b"\x65\x2c\x3f\xa3\x6b\x0a\x7c\x5b\x32\x19\xfa\xb3\xa3\x0b\xc1\xc4");
    let whole = cbc_tag(&key[..16], aad, &iv, &ciphertext);
    assert_eq!(whole, tag);
}

#[test]
fn d45_cbc_lengths() {
    for length in [0, 1, 15, 17, 31, 33, 47] {
        let token = cbc_token(&vec![0x5a; length]);
        let (ran, trace) = counting(Operation::CbcDecrypt, || trace_of("RSA-OAEP", &token));
        assert_eq!((ran, trace), (0, the_one_trace("RSA-OAEP")), "{length} octets");
    }
    let good = cbc_token(&cbc(&CEK[16..], &iv(CBC), &[16; 16]));
    assert_eq!(open("RSA-OAEP", &good), ACCEPTED, "one block of padding");
    for length in [0, 15, 17] {
        let token = with_bytes(&good, 2, &vec![0x1f; length]);
        assert_rejected_before_work("RSA-OAEP", &token, "token.part_length");
    }
    // For AES-GCM a ciphertext of nothing is whole.
    for enc in GCM {
        let header = header("RSA-OAEP", enc);
        let aad = b64(&header);
        let (_, tag) = seal_content(enc, cek(enc), &iv(enc), aad.as_bytes(), b"").unwrap();
        let token = join(&header, [&wrapped("RSA-OAEP", cek(enc)), &iv(enc), b"", &tag]);
        assert_eq!(open("RSA-OAEP", &token), ACCEPTED);
    }
}

#[test]
fn d46_plaintext_before_authentication() {
    // A refusal is an error without a value; the buffer behind it is wiped before it is dropped.
    for enc in ContentEncryption::ALL {
        let (aad, iv) = (b"aad", iv(enc));
        let (ciphertext, tag) = seal_content(enc, cek(enc), &iv, aad, PLAINTEXT).unwrap();
        let open = |tag: &[u8; 16]| open_content(enc, cek(enc), &iv, aad, &ciphertext, tag);
        assert_eq!(open(&tag).unwrap(), PLAINTEXT);
        for bit in 0..128 {
            let other: [u8; 16] = flipped(&tag, bit).try_into().unwrap();
            assert_eq!(open(&other), None, "{enc}, bit {bit}");
        }
    }
    assert!(source("crypto/aes_gcm.rs").contains("inspect_err(|_| content.zeroize())"));
    assert!(source("crypto/aes_cbc_hmac.rs").contains("content.zeroize()"));
    let shared = source("jwe/content_encryption.rs");
    let (_, opening) = shared.split_once("pub(crate) fn open(").unwrap();
    assert!(opening.contains("content.zeroize()"));
    assert!(source("src/jwe.rs").contains("content: WipedBytes"));
    // RUSTSEC-2023-0096 is mended from aes-gcm 0.10.3 on.
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    assert!(manifest.unwrap().contains("aes-gcm = { version = \"0.11"));
}

#[test]
fn d47_header_as_received() {
    for enc in ContentEncryption::ALL {
        let name = enc.name();
        let original =
            format!(r#"{{"alg":"RSA-OAEP","enc":"{name}","kid":"k","typ":"JWT","cty":"JWT"}}"#);
        let good = forge(&original, &wrapped("RSA-OAEP", cek(enc)), enc, cek(enc));
        assert_eq!(open("RSA-OAEP", &good), ACCEPTED);
        let respelt = [
            original.replace(',', ", "),
            original.replace(':', " :"),
            format!("{original}\n"),
            format!(" {original}"),
            original.replace("\"alg\"", "\"\\u0061lg\""),
            original.replace("\"k\"", "\"\\u006b\""),
            original.replace(r#""kid":"k","#, ""),
            original.replace(r#""kid":"k""#, r#""kid":"l""#),
            original.replace(r#""typ":"JWT""#, r#""typ":"jwt""#),
            original.replace(r#""cty":"JWT""#, r#""cty":"JWE""#),
            original.replace(r#","cty":"JWT""#, ""),
            original.replace('}', r#","x":1}"#),
            format!(r#"{{"enc":"{name}","alg":"RSA-OAEP","kid":"k","typ":"JWT","cty":"JWT"}}"#),
        ];
        for header in respelt {
            assert_ne!(header, original);
            let token = with_bytes(&good, 0, header.as_bytes());
            assert_eq!(trace_of("RSA-OAEP", &token), the_one_trace("RSA-OAEP"), "{header}");
            // The same header is fine in a token that was made with it.
            let made = forge(&header, &wrapped("RSA-OAEP", cek(enc)), enc, cek(enc));
            assert_eq!(open("RSA-OAEP", &made), ACCEPTED, "{header}");
        }
    }
    // Other trailing bits in the header's text are refused before it is read.
    let header = format!("{} ", header("RSA-OAEP", CBC));
    let good = forge(&header, &wrapped("RSA-OAEP", &CEK), CBC, &CEK);
    let (text, rest) = good.split_once('.').unwrap();
    assert_ne!(text.len() % 4, 0, "there are trailing bits");
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (front, last) = text.split_at(text.len() - 1);
    let siblings = alphabet
        .chars()
        .filter(|other| !last.contains(*other))
        .map(|other| format!("{front}{other}.{rest}"))
        .map(|token| trace_of("RSA-OAEP", &token).code)
        .filter(|code| *code == "token.base64url")
        .count();
    assert!(siblings >= 48, "{siblings}");
    assert_eq!(open("RSA-OAEP", &good), ACCEPTED);
}
