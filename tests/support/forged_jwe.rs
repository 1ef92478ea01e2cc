//! Forging JWEs: any block under the RSA key, any content under any CEK, and what a rejection shows.

use super::bytes::{b64, unb64};
use super::encrypted::{header, with_segment};
use super::keys;
use super::outcome::{ACCEPTED, counting, outcome};
use super::raw_rsa::Rsa;
use super::signing::hmac;
use aes::Aes128;
use aes::cipher::{Array, BlockModeEncrypt as _, KeyIvInit as _};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;
use strict_jose::internals::{Operation, assemble_jwe, count, iv_len, seeded, wrap_with};
use strict_jose::legacy::Rsa1_5DecryptionKey;
use strict_jose::{ContentEncryption, DecryptionKeys, Error, RsaOaepDecryptionKey, jwe};

/// The RSA key under attack.
pub static KEY: LazyLock<Rsa> = LazyLock::new(|| Rsa::new(keys::RSA_2048_HIGH_MODULUS));
pub static OAEP: LazyLock<RsaOaepDecryptionKey> =
    LazyLock::new(|| RsaOaepDecryptionKey::from_pem(keys::RSA_2048_HIGH_MODULUS).unwrap());
pub static RSA1_5: LazyLock<Rsa1_5DecryptionKey> =
    LazyLock::new(|| Rsa1_5DecryptionKey::from_pem(keys::RSA_2048_HIGH_MODULUS).unwrap());

/// `k` of that key.
pub const K: usize = 256;

pub const PLAINTEXT: &[u8] = b"what the token holds";

/// The CEK of all whole tokens here, as much of it as `enc` takes.
pub const CEK: [u8; 32] = *b"\x00\x00the CEK of every whole token\x0f\xf0";

pub fn cek(enc: ContentEncryption) -> &'static [u8] {
    &CEK[..enc.cek_len()]
}

pub fn iv(enc: ContentEncryption) -> Vec<u8> {
    vec![0x1f; iv_len(enc)]
}

/// A JWE of any header and JWE Encrypted Key, its content sealed under `cek`.
pub fn forge(header: &str, encrypted_key: &[u8], enc: ContentEncryption, cek: &[u8]) -> String {
    assemble_jwe(header.as_bytes(), encrypted_key, enc, cek, &iv(enc), PLAINTEXT).unwrap()
}

/// A whole JWE, and so everything a single fault is made of.
pub fn whole(alg: &str, enc: ContentEncryption) -> String {
    forge(&header(alg, enc), &wrapped(alg, cek(enc)), enc, cek(enc))
}

/// The JWE Encrypted Key for this CEK, of whatever length, with fixed randomness.
pub fn wrapped(alg: &str, cek: &[u8]) -> Vec<u8> {
    match alg {
        "RSA1_5" => wrap_with(&RSA1_5.public_key(), cek, &vec![0x5a; K - 3 - cek.len()]),
        _ => wrap_with(&OAEP.public_key(), cek, &[0x5a; 20]),
    }
}

/// What [`jwe::decrypt`] says under the key of this algorithm.
pub fn open(alg: &str, token: &str) -> &'static str {
    match alg {
        "RSA1_5" => outcome(&jwe::decrypt(token, &*RSA1_5)),
        _ => outcome(&jwe::decrypt(token, &*OAEP)),
    }
}

/// Everything that an attacker could see of a rejection, and what the work behind it was.
#[derive(Debug, PartialEq)]
pub struct Trace {
    pub error: Error,
    pub display: String,
    pub debug: String,
    pub code: &'static str,
    pub source: bool,
    pub private_operations: usize,
    pub content_openings: usize,
    pub random_draws: usize,
}

/// Runs `work` on the same random octets every time, so that a draw more or less is not chance.
fn on_one_source<T>(work: impl FnOnce() -> T) -> T {
    seeded(34, work)
}

/// The trace of a rejected token, made on one source of random octets.
pub fn trace(token: &str, keys: &impl DecryptionKeys) -> Trace {
    const COUNTED: [Operation; 3] =
        [Operation::RsaPrivate, Operation::ContentOpen, Operation::RandomDraw];
    let before = COUNTED.map(count);
    let error = on_one_source(|| jwe::decrypt(token, keys))
        .expect_err("a token with a fault was decrypted");
    let after = COUNTED.map(count);
    Trace {
        display: error.to_string(),
        debug: format!("{error:?} {error:#?}"),
        code: error.code(),
        source: std::error::Error::source(&error).is_some(),
        error,
        private_operations: after[0] - before[0],
        content_openings: after[1] - before[1],
        random_draws: after[2] - before[2],
    }
}

pub fn trace_of(alg: &str, token: &str) -> Trace {
    match alg {
        "RSA1_5" => trace(token, &*RSA1_5),
        _ => trace(token, &*OAEP),
    }
}

/// How many draws an accepted token takes: one for the CEK that may have to be substituted, and what
/// the backend's blinding takes.
pub fn draws_when_accepted(alg: &str, enc: ContentEncryption) -> usize {
    let token = whole(alg, enc);
    let (draws, verdict) = counting(Operation::RandomDraw, || on_one_source(|| open(alg, &token)));
    assert_eq!(verdict, ACCEPTED);
    draws
}

/// The one trace that any secret-dependent rejection leaves: one RSA operation, one opening of the
/// content, and as many draws as an accepted token takes.
pub fn the_one_trace(alg: &str) -> Trace {
    static DRAWS: LazyLock<[usize; 2]> = LazyLock::new(|| {
        ["RSA1_5", "RSA-OAEP"].map(|alg| draws_when_accepted(alg, ContentEncryption::A128CbcHs256))
    });
    Trace {
        error: Error::DecryptionFailed,
        display: "decryption failed".to_owned(),
        debug: "DecryptionFailed DecryptionFailed".to_owned(),
        code: "decryption.failed",
        source: false,
        private_operations: 1,
        content_openings: 1,
        random_draws: DRAWS[usize::from(alg == "RSA-OAEP")],
    }
}

/// A public rejection that came before any RSA operation, opening and draw.
pub fn assert_rejected_before_work(alg: &str, token: &str, code: &str) {
    let trace = trace_of(alg, token);
    let work = [trace.private_operations, trace.content_openings, trace.random_draws];
    assert_eq!((trace.code, work), (code, [0; 3]), "{token}");
}

/// The token with other octets in one segment, by its place from 0.
pub fn with_bytes(token: &str, place: usize, bytes: &[u8]) -> String {
    with_segment(token, place, &b64(bytes))
}

/// The octets of one segment.
pub fn segment(token: &str, place: usize) -> Vec<u8> {
    unb64(token.split('.').nth(place).unwrap())
}

/// `00 02`, padding, `00`, the message.
pub fn pkcs1_block(message: &[u8]) -> Vec<u8> {
    let mut block = vec![0x5a; K];
    block[..2].copy_from_slice(&[0, 2]);
    block[K - message.len() - 1] = 0;
    block[K - message.len()..].copy_from_slice(message);
    block
}

/// MGF1 (RFC 8017 appendix B.2.1) laid over the octets by XOR.
fn mask<D: Digest>(bytes: &mut [u8], seed: &[u8]) {
    let size = <D as Digest>::output_size();
    for (counter, chunk) in (0u32..).zip(bytes.chunks_mut(size)) {
        let hash = D::new().chain_update(seed).chain_update(counter.to_be_bytes()).finalize();
        chunk.iter_mut().zip(hash).for_each(|(byte, pad)| *byte ^= pad);
    }
}

/// An OAEP block whose label hash, data block and first octet may be anything.
fn oaep_block_of<H: Digest, M: Digest>(first: u8, label: &[u8], data: &[u8]) -> Vec<u8> {
    let size = <H as Digest>::output_size();
    let mut block = vec![0; K];
    block[0] = first;
    let (seed, masked) = block[1..].split_at_mut(size);
    seed.fill(0x5a);
    masked[..size].copy_from_slice(&H::digest(label));
    masked[size..].copy_from_slice(data);
    mask::<M>(masked, seed);
    mask::<M>(seed, masked);
    block
}

/// Zeros up to `01`, then the message: what follows the label's hash, for a hash of `size` octets.
pub fn oaep_data(size: usize, message: &[u8]) -> Vec<u8> {
    let mut data = vec![0; K - 1 - 2 * size];
    let start = data.len() - message.len();
    data[start..].copy_from_slice(message);
    data[start - 1] = 1;
    data
}

/// The block of RSA-OAEP, its parts as given.
pub fn oaep_block(first: u8, label: &[u8], data: &[u8]) -> Vec<u8> {
    oaep_block_of::<Sha1, Sha1>(first, label, data)
}

/// The blocks of RSA-OAEP-256, and of the mixture some libraries make of it.
pub fn oaep_sha256_blocks(message: &[u8]) -> [Vec<u8>; 3] {
    [
        oaep_block_of::<Sha256, Sha256>(0, b"", &oaep_data(32, message)),
        oaep_block_of::<Sha256, Sha1>(0, b"", &oaep_data(32, message)),
        oaep_block_of::<Sha1, Sha256>(0, b"", &oaep_data(20, message)),
    ]
}

/// AES-128-CBC over whole blocks, without padding.
pub fn cbc(key: &[u8], iv: &[u8], blocks: &[u8]) -> Vec<u8> {
    let mut content = blocks.to_vec();
    let (chunks, rest) = Array::slice_as_chunks_mut(&mut content);
    assert!(rest.is_empty());
    cbc::Encryptor::<Aes128>::new_from_slices(key, iv).unwrap().encrypt_blocks(chunks);
    content
}

/// The tag of A128CBC-HS256 under this MAC key (RFC 7518 section 5.2.2.1).
pub fn cbc_tag(mac_key: &[u8], aad: &[u8], iv: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let bits = (u64::try_from(aad.len()).unwrap() * 8).to_be_bytes();
    hmac(mac_key, &[aad, iv, ciphertext, &bits].concat())[..16].to_vec()
}

/// A JWE from its five parts.
pub fn join(header: &str, rest: [&[u8]; 4]) -> String {
    let mut token = b64(header);
    for part in rest {
        token.push('.');
        token.push_str(&b64(part));
    }
    token
}
