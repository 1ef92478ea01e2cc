//! RSAES paddings for one secret of a known length (RFC 8017 sections 7.1 and 7.2).
//!
//! Taking a padding off has no failure to report: the CEK is replaced if, and only if, the block is
//! whole and holds exactly that many octets, without a branch or a memory address that depends on
//! the block (RFC 7516 section 11.5).

use sha1::{Digest, Sha1};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// How an RSAES block is padded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Padding {
    /// `00 02 PS 00 CEK`, PS without zeros.
    Pkcs1V1_5,
    /// EME-OAEP with SHA-1, MGF1 with SHA-1 and the empty label.
    OaepSha1,
}

/// Octets of a SHA-1 hash.
const HASH: usize = 20;

/// SHA-1 of the empty label.
const LABEL_HASH: [u8; HASH] = [
    0xda, 0x39, 0xa3, 0xee, 0x5e, 0x6b, 0x4b, 0x0d, 0x32, 0x55, 0xbf, 0xef, 0x95, 0x60, 0x18, 0x90,
    0xaf, 0xd8, 0x07, 0x09,
];

impl Padding {
    /// How many octets of randomness the padding of a block of `block` octets around `secret` takes.
    pub(crate) fn random_len(self, block: usize, secret: usize) -> usize {
        match self {
            Self::Pkcs1V1_5 => block - secret - 3, // the smallest block is 256, the largest CEK 32
            Self::OaepSha1 => HASH,
        }
    }

    /// Builds the block around the secret; the random octets are non-zero for PKCS #1 v1.5.
    pub(crate) fn add(self, block: &mut [u8], random: &[u8], secret: &[u8]) {
        let start = block.len() - secret.len(); // the secret ends the block in both
        block.fill(0);
        block[start..].copy_from_slice(secret);
        match self {
            Self::Pkcs1V1_5 => {
                block[1] = 2;
                block[2..start - 1].copy_from_slice(random);
            }
            Self::OaepSha1 => {
                block[start - 1] = 1;
                let (seed, data) = block[1..].split_at_mut(HASH);
                seed.copy_from_slice(random);
                data[..HASH].copy_from_slice(&LABEL_HASH);
                mask(data, seed);
                mask(seed, data);
            }
        }
    }

    /// Replaces `cek` by the secret that ends the block, if the block is whole.
    pub(crate) fn remove(self, block: &mut [u8], cek: &mut [u8]) {
        let whole = match self {
            Self::Pkcs1V1_5 => is_pkcs1_v1_5(block, cek.len()),
            Self::OaepSha1 => unmask_oaep(block, cek.len()),
        };
        let start = block.len() - cek.len(); // the smallest block is 256, the largest CEK 32
        assign_if(whole, cek, &block[start..]);
    }
}

/// Replaces `cek` by the octets received if `whole`, without a branch.
pub(crate) fn assign_if(whole: Choice, cek: &mut [u8], received: &[u8]) {
    for (kept, received) in cek.iter_mut().zip(received) {
        kept.conditional_assign(received, whole);
    }
}

/// `00 02`, at least 8 octets other than 00, then 00 exactly before the last `secret` octets.
fn is_pkcs1_v1_5(block: &[u8], secret: usize) -> Choice {
    // `enc` fixes the length of the CEK, so the separator has one place. RFC 8017 section 7.2.2
    // searches for it, and the length of that search would depend on the secret block.
    let separator = block.len() - secret - 1;
    let mut whole = block[0].ct_eq(&0) & block[1].ct_eq(&2) & block[separator].ct_eq(&0);
    // At least 221 octets with the smallest modulus, so the minimum of 8 needs no test.
    for byte in &block[2..separator] {
        whole &= !byte.ct_eq(&0);
    }
    whole
}

/// `00`, the masked seed, then masked: the label's hash, 00 up to 01 exactly before the last `secret`
/// octets. Unmasks in place.
fn unmask_oaep(block: &mut [u8], secret: usize) -> Choice {
    let (first, rest) = block.split_at_mut(1);
    let (seed, data) = rest.split_at_mut(HASH);
    mask(seed, data);
    mask(data, seed);
    let separator = data.len() - secret - 1;
    // `&` and not `&&`: Manger's attack on OAEP only needs to know whether the first octet is 0,
    // and a check that stops early tells it by its time (RFC 8017 section 7.1.2, note).
    let mut whole = first[0].ct_eq(&0) & data[..HASH].ct_eq(&LABEL_HASH);
    for byte in &data[HASH..separator] {
        whole &= byte.ct_eq(&0);
    }
    whole & data[separator].ct_eq(&1)
}

/// XORs MGF1-SHA-1 of the seed onto the octets (RFC 8017 appendix B.2.1).
fn mask(bytes: &mut [u8], seed: &[u8]) {
    for (counter, chunk) in (0u32..).zip(bytes.chunks_mut(HASH)) {
        let hash = Sha1::new().chain_update(seed).chain_update(counter.to_be_bytes()).finalize();
        for (byte, pad) in chunk.iter_mut().zip(hash) {
            *byte ^= pad;
        }
    }
}

#[cfg(test)]
mod tests;
