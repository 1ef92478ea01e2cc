//! HMAC-SHA-256 (RFC 2104, FIPS 198-1), the key's two blocks hashed once.

use super::NotAuthentic;
use super::count::{Operation, note};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// A key ready for use: the state after its inner and outer block. Wiped when dropped.
#[derive(Clone)]
pub(crate) struct HmacSha256(Hmac<Sha256>);

impl HmacSha256 {
    pub(crate) fn new(secret: &[u8]) -> Self {
        let Ok(state) = Hmac::new_from_slice(secret) else {
            unreachable!("HMAC is defined for secrets of every length")
        };
        Self(state)
    }

    /// The MAC over the parts, one after another.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut state = self.0.clone();
        for part in parts {
            state.update(part);
        }
        state.finalize().into_bytes().into()
    }

    /// Compares the whole MAC, in time that does not depend on it.
    pub(crate) fn verify(&self, parts: &[&[u8]], mac: &[u8; 32]) -> Result<(), NotAuthentic> {
        self.verify_first(parts, mac)
    }

    /// Compares the first half of the MAC, the tag of A128CBC-HS256 (RFC 7518 section 5.2.2.1).
    #[cfg(feature = "jwe")]
    pub(crate) fn verify_half(&self, parts: &[&[u8]], tag: &[u8; 16]) -> Result<(), NotAuthentic> {
        self.verify_first(parts, tag)
    }

    /// Private, so that no caller can have fewer octets compared than its algorithm has.
    fn verify_first(&self, parts: &[&[u8]], tag: &[u8]) -> Result<(), NotAuthentic> {
        note(Operation::Verify);
        let mac = self.sign(parts);
        // `==` stops at the first octet that differs: by its time, an attacker could find a valid
        // MAC one octet after another.
        let equal = mac[..tag.len()].ct_eq(tag); // 16 or 32 of 32 octets, by the callers above
        if bool::from(equal) { Ok(()) } else { Err(NotAuthentic) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_case_2_of_rfc_4231() {
        let key = HmacSha256::new(b"Jefe");
        let mac = key.sign(&[b"what do ya want ", b"for nothing?"]);
        let published = [
            0x5bdc_c146_bf60_754e_u64,
            0x6a04_2426_0895_75c7,
            0x5a00_3f08_9d27_3983,
            0x9dec_58b9_64ec_3843,
        ];
        assert_eq!(mac[..], published.map(u64::to_be_bytes).concat());
    }

    #[test]
    fn only_the_exact_tag_verifies() {
        let key = HmacSha256::new(&[7; 32]);
        let tag = key.sign(&[b"message"]);
        assert_eq!(key.verify(&[b"message"], &tag), Ok(()));
        for bit in 0..256 {
            let mut other = tag;
            other[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.verify(&[b"message"], &other), Err(NotAuthentic));
        }
    }
}
