//! SHA-256, for thumbprints and ids in stores; signatures hash inside their own primitive.

use sha2::{Digest, Sha256};

/// The digest of the parts, one after another.
pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}
