//! Each way a block can be broken, beside the whole block it was made from.

use super::*;

const BLOCK: usize = 256;
const CEK: [u8; 32] = [0xcc; 32];
const DECOY: [u8; 32] = [0xdd; 32];

fn pkcs1() -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    Padding::Pkcs1V1_5.add(&mut block, &[0x11; BLOCK - 35], &CEK);
    block
}

fn remove(padding: Padding, mut block: [u8; BLOCK]) -> [u8; 32] {
    let mut cek = DECOY;
    padding.remove(&mut block, &mut cek);
    cek
}

#[test]
fn whole_blocks_give_their_cek() {
    assert_eq!(remove(Padding::Pkcs1V1_5, pkcs1()), CEK);
    for secret in [16, 32] {
        for padding in [Padding::Pkcs1V1_5, Padding::OaepSha1] {
            let mut block = vec![0; BLOCK];
            let random = vec![0x5a; padding.random_len(BLOCK, secret)];
            padding.add(&mut block, &random, &CEK[..secret]);
            let mut cek = DECOY[..secret].to_vec();
            padding.remove(&mut block, &mut cek);
            assert_eq!(cek, CEK[..secret]);
        }
    }
}

#[test]
fn every_broken_octet_of_a_pkcs1_block_keeps_the_decoy() {
    let separator = BLOCK - 33;
    let mut tried = 0;
    for position in 0..=separator {
        for value in 0..=255 {
            let mut block = pkcs1();
            block[position] = value;
            let whole = match position {
                0 => value == 0,
                1 => value == 2,
                _ if position == separator => value == 0,
                _ => value != 0,
            };
            let expected = if whole { CEK } else { DECOY };
            assert_eq!(remove(Padding::Pkcs1V1_5, block), expected, "{position}: {value}");
            tried += 1;
        }
    }
    assert_eq!(tried, 224 * 256);
}

/// An OAEP block around `data` instead of the proper one, correctly masked.
fn oaep(first: u8, data: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[0] = first;
    let (seed, masked) = block[1..].split_at_mut(HASH);
    seed.fill(0x77);
    masked.copy_from_slice(data);
    mask(masked, seed);
    mask(seed, masked);
    block
}

fn oaep_data() -> Vec<u8> {
    let mut data = vec![0; BLOCK - 1 - HASH];
    data[..HASH].copy_from_slice(&LABEL_HASH);
    let separator = data.len() - 33;
    data[separator] = 1;
    data[separator + 1..].copy_from_slice(&CEK);
    data
}

#[test]
fn every_broken_octet_of_an_oaep_block_keeps_the_decoy() {
    assert_eq!(remove(Padding::OaepSha1, oaep(0, &oaep_data())), CEK);
    for first in 1..=255 {
        assert_eq!(remove(Padding::OaepSha1, oaep(first, &oaep_data())), DECOY);
    }
    let separator = oaep_data().len() - 33;
    for position in 0..=separator {
        for change in [0x01, 0x80, 0xff] {
            let mut data = oaep_data();
            data[position] ^= change;
            assert_eq!(remove(Padding::OaepSha1, oaep(0, &data)), DECOY, "{position}");
        }
    }
}

#[test]
fn secrets_of_other_lengths_keep_the_decoy() {
    for length in [0, 1, 15, 16, 17, 24, 31, 33, 48, 64] {
        for padding in [Padding::Pkcs1V1_5, Padding::OaepSha1] {
            let mut block = [0; BLOCK];
            let random = vec![0x5a; padding.random_len(BLOCK, length)];
            padding.add(&mut block, &random, &vec![0xcc; length]);
            assert_eq!(remove(padding, block), DECOY, "{length} octets");
        }
    }
}

#[test]
fn a_cek_that_begins_with_zeros_is_kept_whole() {
    let mut cek = CEK;
    cek[..2].fill(0);
    for padding in [Padding::Pkcs1V1_5, Padding::OaepSha1] {
        let mut block = [0; BLOCK];
        let random = vec![0x5a; padding.random_len(BLOCK, 32)];
        padding.add(&mut block, &random, &cek);
        assert_eq!(remove(padding, block), cek);
    }
}

#[test]
fn the_label_hash_is_that_of_the_empty_label() {
    assert_eq!(LABEL_HASH[..], Sha1::digest(b"")[..]);
}
