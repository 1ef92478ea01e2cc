//! SipHash-2-4 with 128 bits, under a secret key: for the ids that a process holds in memory, which
//! nobody outside can make collide. Half the time of SHA-256.

use core::hash::Hasher;
use siphasher::sip128::{Hasher128, SipHasher24};

/// A hash with its key. The key goes into no token: who had it could make tokens of his own be refused.
pub(crate) struct KeyedHash(SipHasher24);

impl KeyedHash {
    pub(crate) fn new(key: &[u8; 16]) -> Self {
        Self(SipHasher24::new_with_key(key))
    }

    /// The hash of the parts, one after another.
    pub(crate) fn hash(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut hasher = self.0;
        for part in parts {
            hasher.write(part);
        }
        hasher.finish128().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_siphash_of_all_parts() {
        let hash = KeyedHash::new(&0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f_u128.to_be_bytes());
        // The first of the 128-bit vectors that come with the reference implementation.
        let none = 0xa381_7f04_ba25_a8e6_6df6_7214_c755_0293_u128.to_be_bytes();
        assert_eq!(hash.hash(&[]), none);
        let text = b"of all octets, wherever they are cut";
        let whole = hash.hash(&[text]);
        assert_ne!(whole, none);
        for at in 0..=text.len() {
            let (front, back) = text.split_at(at);
            assert_eq!(hash.hash(&[front, back]), whole);
        }
        assert_ne!(KeyedHash::new(&[7; 16]).hash(&[text]), whole);
    }
}
