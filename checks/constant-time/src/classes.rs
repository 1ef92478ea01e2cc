//! RSAES blocks by what is wrong with them: the questions that Bleichenbacher and Manger ask.

use crate::random;
use sha1::{Digest, Sha1};

/// How the CEK is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Rsa1_5,
    RsaOaep,
}

/// The classes of PKCS #1 v1.5: the first is whole, the others are not, or hold another length.
const PKCS1_V1_5: [&str; 8] = [
    "whole",
    "octet 0 is 01",
    "octet 1 is 01",
    "no separator",
    "zero in the padding",
    "CEK of 16 octets",
    "empty CEK",
    "16 leading zeros",
];

/// The classes of OAEP: the first is whole, the others are not, or hold another length.
const OAEP: [&str; 8] = [
    "whole",
    "octet 0 is 01",
    "label hash false",
    "octet in the zeros",
    "no separator",
    "CEK of 16 octets",
    "empty CEK",
    "random block",
];

/// Those of OAEP around which the padding holds, whatever the CEK's length.
const OAEP_HOLDS: [&str; 3] = ["whole", "CEK of 16 octets", "empty CEK"];

const HASH: usize = 20;

impl Algorithm {
    pub const ALL: [Self; 2] = [Self::Rsa1_5, Self::RsaOaep];

    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa1_5 => "RSA1_5",
            Self::RsaOaep => "RSA-OAEP",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    pub fn classes(self) -> &'static [&'static str; 8] {
        match self {
            Self::Rsa1_5 => &PKCS1_V1_5,
            Self::RsaOaep => &OAEP,
        }
    }

    /// Whether OAEP holds in blocks of this class: whoever made one had the public key and the CEK.
    pub fn oaep_holds(class: &str) -> bool {
        OAEP_HOLDS.contains(&class)
    }

    /// A random block of the class, `k` octets long, around a random CEK of 32 octets.
    pub fn block(self, class: usize, k: usize) -> Vec<u8> {
        match self {
            Self::Rsa1_5 => pkcs1_v1_5(class, k),
            Self::RsaOaep => oaep(class, k),
        }
    }
}

fn pkcs1_v1_5(class: usize, k: usize) -> Vec<u8> {
    let mut block = vec![0; k];
    random::fill(&mut block);
    for byte in &mut block {
        *byte |= u8::from(*byte == 0); // a block without zeros, but for those put in below
    }
    block[..2].copy_from_slice(&[0, 2]);
    let cek = match class {
        5 => 16,
        6 => 0,
        _ => 32,
    };
    if class != 3 {
        block[k - cek - 1] = 0;
    }
    match class {
        1 => block[0] = 1,
        2 => block[1] = 1,
        4 => block[5] = 0,
        7 => block[..16].fill(0),
        _ => {}
    }
    block
}

fn oaep(class: usize, k: usize) -> Vec<u8> {
    let mut block = vec![0; k];
    let cek = match class {
        5 => 16,
        6 => 0,
        _ => 32,
    };
    let (seed, data) = block[1..].split_at_mut(HASH);
    random::fill(seed);
    data[..HASH].copy_from_slice(&Sha1::digest(b""));
    let start = data.len() - cek;
    random::fill(&mut data[start..]);
    data[start - 1] = 1;
    match class {
        2 => data[3] ^= 0x55,
        3 => data[40] = 7,
        4 => data[HASH..].fill(0),
        _ => {}
    }
    mask(data, seed);
    mask(seed, data);
    match class {
        1 => block[0] = 1,
        7 => random::fill(&mut block[1..]),
        _ => {}
    }
    block
}

/// MGF1 with SHA-1.
fn mask(bytes: &mut [u8], seed: &[u8]) {
    for (counter, chunk) in (0_u32..).zip(bytes.chunks_mut(HASH)) {
        let hash = Sha1::new().chain_update(seed).chain_update(counter.to_be_bytes()).finalize();
        for (byte, pad) in chunk.iter_mut().zip(hash) {
            *byte ^= pad;
        }
    }
}
