//! D. Nothing about the JWE Encrypted Key can be told from a refusal: classes 34 to 39.

use crate::support::{bytes::*, encrypted::header, forged_jwe::*, keys, outcome::*, raw_rsa::*};
use getrandom::SysRng;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha256};
use std::cell::Cell;
use strict_jose::external::{ExternalRsa1_5Key, RawRsaDecrypter};
use strict_jose::internals::{Operation, count, iv_len, unwrap};
use strict_jose::legacy::Rsa1_5DecryptionKey;
use strict_jose::{ContentEncryption, ExternalError, RsaOaepDecryptionKey, SecretBytes, jwe};

/// The lengths that a decrypted CEK may have in a token of any `enc`.
const LENGTHS: [usize; 13] = [0, 1, 15, 16, 17, 24, 31, 32, 33, 48, 64, 128, 214];

fn assert_all_the_same(alg: &str, enc: ContentEncryption, faults: &[(String, Vec<u8>)]) {
    for (fault, block) in faults {
        assert_eq!(block.len(), K, "{fault}");
        let token = forge(&header(alg, enc), &KEY.public_operation(block), enc, cek(enc));
        assert_eq!(trace_of(alg, &token), the_one_trace(alg), "{alg} {enc}: {fault}");
    }
    assert_eq!(draws_when_accepted(alg, enc), the_one_trace(alg).random_draws);
}

#[test]
fn d34_rsa1_5_padding() {
    for enc in ContentEncryption::ALL {
        let cek = cek(enc);
        let good = pkcs1_block(cek);
        let token = forge(&header("RSA1_5", enc), &KEY.public_operation(&good), enc, cek);
        assert_eq!(open("RSA1_5", &token), ACCEPTED, "the block itself");

        let mut faults = Vec::new();
        let mut byte = |position: usize, value: u8| {
            let mut block = good.clone();
            block[position] = value;
            faults.push((format!("octet {position} is {value}"), block));
        };
        byte(0, 1);
        for value in [0, 1, 3, 0xff] {
            byte(1, value);
        }
        for position in 2..10 {
            byte(position, 0);
        }
        for position in [10, 100, K - cek.len() - 2] {
            byte(position, 0);
        }
        byte(K - cek.len() - 1, 1);
        faults.push(("no separator at all".to_owned(), [&[0, 2], &[0x5a; K - 2][..]].concat()));
        faults.push(("zeros".to_owned(), vec![0; K]));
        faults.push(("zero and ones".to_owned(), [&[0], &[0xff; K - 1][..]].concat()));
        for length in LENGTHS.into_iter().chain([K - 11]).filter(|length| *length != cek.len()) {
            faults.push((format!("{length} octets"), pkcs1_block(&vec![0xcc; length])));
        }
        faults.push(("another CEK".to_owned(), pkcs1_block(&vec![0xcc; cek.len()])));
        assert_all_the_same("RSA1_5", enc, &faults);
    }
}

#[test]
fn d34_one_error_for_every_fault() {
    for (alg, enc) in ["RSA1_5", "RSA-OAEP"]
        .into_iter()
        .flat_map(|alg| ContentEncryption::ALL.map(|enc| (alg, enc)))
    {
        let good = whole(alg, enc);
        assert_eq!(open(alg, &good), ACCEPTED);
        let mut tokens = Vec::new();
        // Encrypted key, IV, ciphertext, tag: bits turned, all zeros, all ones, another's.
        for (place, name) in [(1, "encrypted key"), (2, "IV"), (3, "ciphertext"), (4, "tag")] {
            let bytes = segment(&good, place);
            for bit in [0, 7, bytes.len() * 4 + 3, bytes.len() * 8 - 1] {
                tokens.push((name, with_bytes(&good, place, &flipped(&bytes, bit))));
            }
            for filled in [0, 0xff] {
                tokens.push((name, with_bytes(&good, place, &vec![filled; bytes.len()])));
            }
        }
        // The ciphertext may have any length.
        let ciphertext = segment(&good, 3);
        for length in [0, 1, 15, 16, 17, 31] {
            let other = [&ciphertext[..], &[0; 32]].concat()[..length].to_vec();
            if other != ciphertext {
                tokens.push(("ciphertext's length", with_bytes(&good, 3, &other)));
            }
        }
        // The AAD: a header that says the same in other octets.
        for header in [
            format!(r#"{{"enc":"{enc}","alg":"{alg}"}}"#),
            format!(r#"{{ "alg":"{alg}","enc":"{enc}"}}"#),
            format!(r#"{{"alg":"{alg}","enc":"{enc}","kid":"k"}}"#),
        ] {
            tokens.push(("AAD", with_bytes(&good, 0, header.as_bytes())));
        }
        // Made for another key.
        let length = cek(enc).len();
        let foreign = OTHER.public_operation(&pkcs1_block(&CEK[..length]));
        tokens.push(("encrypted for another", forge(&header(alg, enc), &foreign, enc, cek(enc))));
        for (fault, token) in tokens {
            assert_eq!(trace_of(alg, &token), the_one_trace(alg), "{alg} {enc}: {fault}");
        }
        // Lengths that the algorithm fixes are public: they are named, before any work.
        for (place, bytes) in [(1, K), (2, iv_len(enc)), (4, 16)] {
            for length in [0, 1, bytes - 1, bytes + 1, 2 * bytes] {
                let token = with_bytes(&good, place, &vec![0x5a; length]);
                assert_rejected_before_work(alg, &token, "token.part_length");
            }
        }
    }
}

/// A device that looks at the counts while it is asked, and answers with a block.
struct Watching<'a> {
    draws_before: &'a Cell<usize>,
    block: Vec<u8>,
}

impl RawRsaDecrypter for Watching<'_> {
    fn decrypt_raw(&self, _: &[u8]) -> Result<SecretBytes, ExternalError> {
        self.draws_before.set(count(Operation::RandomDraw));
        Ok(self.block.clone().into())
    }
}

#[test]
fn d35_substituted_cek() {
    let enc = ContentEncryption::A128CbcHs256;
    // Keys an attacker could foresee in place of the random one.
    let broken = KEY.public_operation(&vec![0x5a; K]);
    let hash = Sha256::digest(&broken).to_vec();
    let guesses: [&[u8]; 6] =
        [&[0; 32], &[0xff; 32], &hash, &broken[..32], &broken[K - 32..], &[0x5a; 32]];
    for alg in ["RSA1_5", "RSA-OAEP"] {
        for guess in guesses {
            let token = forge(&header(alg, enc), &broken, enc, guess);
            for _ in 0..2 {
                assert_eq!(trace_of(alg, &token), the_one_trace(alg), "{guess:?}");
            }
        }
    }
    // What is substituted is what the caller drew, whole, and the draw is made at every call and
    // before the private key is asked.
    for drawn in [[1; 32], [2; 32]] {
        let mut cek = drawn;
        unwrap(&RSA1_5, &broken, &mut cek).unwrap();
        assert_eq!(cek, drawn);
        unwrap(&OAEP, &broken, &mut cek).unwrap();
        assert_eq!(cek, drawn);
        unwrap(&RSA1_5, &wrapped("RSA1_5", &CEK), &mut cek).unwrap();
        assert_eq!(cek, CEK);
        cek = drawn;
        unwrap(&OAEP, &wrapped("RSA-OAEP", &CEK), &mut cek).unwrap();
        assert_eq!(cek, CEK);
    }
    for (block, expected) in [
        (vec![0x5a; K], "decryption.failed"),
        (vec![0; K], "decryption.failed"),
        (pkcs1_block(&CEK), ACCEPTED),
    ] {
        let draws_before = Cell::new(0);
        let device = Watching { draws_before: &draws_before, block };
        let key = ExternalRsa1_5Key::new(device, RSA1_5.public_key());
        let start = count(Operation::RandomDraw);
        assert_eq!(outcome(&jwe::decrypt(&whole("RSA1_5", enc), &key)), expected);
        assert_eq!(draws_before.get(), start + 1, "drawn before the operation");
        assert_eq!(count(Operation::RandomDraw), start + 1, "and never again");
    }
    // Beside the CEK's draw there are those of the blinding, but where the backend blinds by itself.
    let blinding = draws_of_one_operation();
    assert!(blinding >= 5, "of the base, two exponents and two moduli: {blinding}");
    for (alg, blinds_by_itself) in
        [("RSA1_5", cfg!(feature = "fast-rsa1_5")), ("RSA-OAEP", cfg!(feature = "aws-lc-rs"))]
    {
        let draws = the_one_trace(alg).random_draws;
        let expected = if blinds_by_itself { 1..=1 } else { 1 + blinding..=usize::MAX };
        assert!(expected.contains(&draws), "{alg}: {draws} draws, {blinding} of them to blind");
    }
}

/// The fewest draws of the `rsa` crate's private operation, which draws again what is not below the modulus.
fn draws_of_one_operation() -> usize {
    struct Counting(usize);
    impl TryRng for Counting {
        type Error = getrandom::Error;
        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            self.0 += 1;
            SysRng.try_next_u32()
        }
        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            self.0 += 1;
            SysRng.try_next_u64()
        }
        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            self.0 += 1;
            SysRng.try_fill_bytes(bytes)
        }
    }
    impl TryCryptoRng for Counting {}
    let ciphertext = rsa::BoxedUint::from_be_slice_truncated(&[2], 8 * K as u32);
    let draws = (0..20).map(|_| {
        let mut random = Counting(0);
        rsa_decrypt_and_check(&KEY.raw, Some(&mut random), &ciphertext).unwrap();
        random.0
    });
    draws.min().unwrap()
}

#[test]
fn d36_oaep_padding() {
    for enc in ContentEncryption::ALL {
        let cek = cek(enc);
        let data = oaep_data(20, cek);
        let good = oaep_block(0, b"", &data);
        let token = forge(&header("RSA-OAEP", enc), &KEY.public_operation(&good), enc, cek);
        assert_eq!(open("RSA-OAEP", &token), ACCEPTED, "the block itself");

        let mut faults = Vec::new();
        // The modulus begins with ff, so that a block with any of these is below it.
        for first in [1, 2, 0x7f, 0x80, 0xfe] {
            faults.push((format!("first octet {first}"), oaep_block(first, b"", &data)));
        }
        for label in [&b"label"[..], b"\0", &[0; 20]] {
            faults.push((format!("label {label:?}"), oaep_block(0, label, &data)));
        }
        let separator = data.len() - cek.len() - 1;
        for (position, value) in
            [(0, 1), (0, 2), (10, 0xff), (separator - 1, 1), (separator, 0), (separator, 2)]
        {
            let mut other = data.clone();
            other[position] = value;
            faults.push((format!("data octet {position} is {value}"), oaep_block(0, b"", &other)));
        }
        faults.push(("no separator".to_owned(), oaep_block(0, b"", &vec![0; data.len()])));
        for length in LENGTHS.into_iter().filter(|length| *length != cek.len()) {
            let data = oaep_data(20, &vec![0xcc; length]);
            faults.push((format!("{length} octets"), oaep_block(0, b"", &data)));
        }
        let other = oaep_data(20, &vec![0xcc; cek.len()]);
        faults.push(("another CEK".to_owned(), oaep_block(0, b"", &other)));
        for (position, block) in oaep_sha256_blocks(cek).into_iter().enumerate() {
            faults.push((format!("with SHA-256, {position}"), block));
        }
        for position in [0, 1, 19, 20, 21, 100, 255] {
            let mut block = good.clone();
            block[position] ^= 1;
            faults.push((format!("masked octet {position}"), block));
        }
        faults.push(("PKCS #1 v1.5".to_owned(), pkcs1_block(cek)));
        assert_all_the_same("RSA-OAEP", enc, &faults);
    }
}

#[test]
fn d37_algorithm_rewritten() {
    let sets = (
        strict_jose::KeySet::new([OAEP.clone().with_key_id("k").unwrap()]).unwrap(),
        strict_jose::KeySet::new([RSA1_5.clone().with_key_id("k").unwrap()]).unwrap(),
    );
    for enc in ContentEncryption::ALL {
        for (alg, other) in [("RSA-OAEP", "RSA1_5"), ("RSA1_5", "RSA-OAEP")] {
            // Both what is whole under the other algorithm, and what was relabelled on the way.
            assert_rejected_before_work(alg, &whole(other, enc), "header.mismatch");
            let relabelled = with_bytes(&whole(alg, enc), 0, header(other, enc).as_bytes());
            assert_rejected_before_work(alg, &relabelled, "header.mismatch");
            assert_eq!(trace_of(other, &relabelled), the_one_trace(other));
            assert_eq!(open(alg, &whole(alg, enc)), ACCEPTED);
        }
        let named = |alg: &str| {
            let header = format!(r#"{{"alg":"{alg}","enc":"{enc}","kid":"k"}}"#);
            forge(&header, &wrapped(alg, cek(enc)), enc, cek(enc))
        };
        assert_eq!(trace(&named("RSA1_5"), &sets.0).private_operations, 0);
        assert_eq!(trace(&named("RSA-OAEP"), &sets.1).private_operations, 0);
        assert_eq!(outcome(&jwe::decrypt(&named("RSA-OAEP"), &sets.0)), ACCEPTED);
        assert_eq!(outcome(&jwe::decrypt(&named("RSA1_5"), &sets.1)), ACCEPTED);
    }
    // A JWK for signatures, or for the other algorithm, becomes no such key.
    let bare = KEY.signing.to_secret_jwk();
    let bare = bare.expose().replace(r#","alg":"RS256","use":"sig""#, "");
    let with = |members: &str| bare.replacen('{', &format!("{{{members}"), 1);
    let (oaep, pkcs1) = (RsaOaepDecryptionKey::from_jwk, Rsa1_5DecryptionKey::from_jwk);
    for members in [r#""use":"sig","#, r#""key_ops":["sign"],"#, r#""alg":"RS256","#] {
        assert_eq!(key_outcome(oaep(&with(members))), "key.jwk_mismatch", "{members}");
        assert_eq!(key_outcome(pkcs1(&with(members))), "key.jwk_mismatch", "{members}");
    }
    assert_eq!(key_outcome(oaep(&with(r#""alg":"RSA1_5","#))), "key.jwk_mismatch");
    assert_eq!(key_outcome(oaep(&with(r#""alg":"RSA-OAEP-256","#))), "key.jwk_mismatch");
    assert_eq!(key_outcome(pkcs1(&with(r#""alg":"RSA-OAEP","#))), "key.jwk_mismatch");
    assert_eq!(key_outcome(oaep(&with(r#""use":"enc","alg":"RSA-OAEP","#))), ACCEPTED);
    assert_eq!(key_outcome(pkcs1(&with(r#""use":"enc","alg":"RSA1_5","#))), ACCEPTED);
}

#[test]
fn d38_range_of_the_encrypted_key() {
    let n = KEY.modulus();
    let mut before = n.clone();
    before[K - 1] -= 1; // n is odd
    let mut after = n.clone();
    after[K - 1] += 1; // n does not end in ff
    let mut one = vec![0; K];
    one[K - 1] = 1;
    for alg in ["RSA1_5", "RSA-OAEP"] {
        for enc in ContentEncryption::ALL {
            let good = whole(alg, enc);
            let bytes = segment(&good, 1);
            let lengths = [
                Vec::new(),
                bytes[..K - 1].to_vec(),
                bytes[1..].to_vec(),
                [&bytes[..], &[0]].concat(),
                [&[0], &bytes[..]].concat(),
                bytes.repeat(2),
            ];
            for other in lengths {
                assert_rejected_before_work(
                    alg,
                    &with_bytes(&good, 1, &other),
                    "token.part_length",
                );
            }
            for other in [&vec![0; K], &one, &before, &n, &after, &vec![0xff; K]] {
                let token = with_bytes(&good, 1, other);
                assert_eq!(trace_of(alg, &token), the_one_trace(alg), "{alg} {enc}");
            }
            assert_eq!(open(alg, &good), ACCEPTED);
        }
    }
}

#[test]
fn d38_same_number_above_the_modulus() {
    // A CEK whose encryption leaves room below 2^2048 for c + n is what no attacker finds for this
    // modulus; the other key's is smaller.
    let key = RsaOaepDecryptionKey::from_pem(keys::RSA_2048).unwrap();
    let public = key.public_key();
    let enc = ContentEncryption::A128Gcm;
    let n = RSA.modulus();
    let (good, larger) = (0..1000_u32)
        .find_map(|seed| {
            let seed = Sha256::digest(seed.to_be_bytes());
            let encrypted = strict_jose::internals::wrap_with(&public, cek(enc), &seed[..20]);
            let mut sum = vec![0; K];
            let mut carry = 0;
            for place in (0..K).rev() {
                let digit = u16::from(encrypted[place]) + u16::from(n[place]) + carry;
                sum[place] = digit as u8;
                carry = digit >> 8;
            }
            (carry == 0).then_some((encrypted, sum))
        })
        .unwrap();
    let token = |encrypted: &[u8]| forge(&header("RSA-OAEP", enc), encrypted, enc, cek(enc));
    assert_eq!(outcome(&jwe::decrypt(&token(&good), &key)), ACCEPTED);
    assert_eq!(trace(&token(&larger), &key).code, "decryption.failed");
}

#[test]
fn d39_length_of_the_cek() {
    for alg in ["RSA1_5", "RSA-OAEP"] {
        for enc in ContentEncryption::ALL {
            for length in LENGTHS.into_iter().filter(|length| *length != enc.cek_len()) {
                let encrypted = wrapped(alg, &[CEK; 7].concat()[..length]);
                // Sealed under what a lax library would make of it: cut, or filled with zeros.
                let mut padded = [CEK; 7].concat()[..length].to_vec();
                padded.resize(enc.cek_len(), 0);
                for sealed_under in [&padded[..], &vec![0; enc.cek_len()]] {
                    let token = forge(&header(alg, enc), &encrypted, enc, sealed_under);
                    assert_eq!(trace_of(alg, &token), the_one_trace(alg), "{alg} {enc} {length}");
                }
            }
            // Zeros at the start of a CEK are part of it.
            assert_eq!(cek(enc)[..2], [0, 0]);
            assert_eq!(open(alg, &whole(alg, enc)), ACCEPTED);
            let zeros = vec![0; enc.cek_len()];
            let token = forge(&header(alg, enc), &wrapped(alg, &zeros), enc, &zeros);
            assert_eq!(open(alg, &token), ACCEPTED, "a CEK of zeros that was really sent");
        }
    }
}
