//! SHA-256, for thumbprints and replay ids; signatures hash inside their own primitive.

use sha2::{Digest, Sha256};

/// The digest of the parts, one after another.
pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    Prefix::new(&[]).digest(parts)
}

/// A hash that has taken in its first octets once for all.
#[derive(Clone)]
pub(crate) struct Prefix(Sha256);

impl Prefix {
    pub(crate) fn new(octets: &[u8]) -> Self {
        Self(Sha256::new_with_prefix(octets))
    }

    /// The digest of those octets and the parts, one after another.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hash = self.0.clone();
        for part in parts {
            hash.update(part);
        }
        hash.finalize().into()
    }
}
