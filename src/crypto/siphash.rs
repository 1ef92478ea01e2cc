//! SipHash-2-4 with 128 bits, under a secret key: for the ids that a process holds in memory. Half the
//! time of SHA-256.
//!
//! Who does not have the key cannot make two ids collide, and nobody is shown a hash: a pseudorandom
//! function is all it takes.

use core::hash::Hasher;
use siphasher::sip128::{Hasher128, SipHasher24};
use zeroize::Zeroizing;

/// The key of a hash, wiped when dropped; boxed, as a move would leave a copy behind. It goes into no
/// token: who had it could crowd ids into one place and have the tokens of others refused.
pub(crate) struct KeyedHash(Box<Zeroizing<[u8; 16]>>);

impl KeyedHash {
    pub(crate) fn new(key: &[u8; 16]) -> Self {
        let mut own = Box::new(Zeroizing::new([0; 16]));
        own.copy_from_slice(key);
        Self(own)
    }

    /// The hash of the parts, one after another.
    pub(crate) fn hash(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        for part in parts {
            // Adds no length: callers mark where a part ends, as `ReplayId::hashed_by` does.
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
        // The 128-bit vectors that come with the reference implementation: octets that count from 0.
        let message: [u8; 15] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
        for (bytes, published) in [
            (0, 0xa381_7f04_ba25_a8e6_6df6_7214_c755_0293_u128),
            (1, 0xda87_c1d8_6b99_af44_3476_5911_9b22_fc45),
            (15, 0x5493_e999_33b0_a811_7e08_ec0f_97cf_c3d9),
        ] {
            for at in 0..=bytes {
                let (front, back) = message[..bytes].split_at(at);
                assert_eq!(hash.hash(&[front, back]), published.to_be_bytes());
            }
        }
        assert_ne!(KeyedHash::new(&[7; 16]).hash(&[&message]), hash.hash(&[&message]));
    }
}
