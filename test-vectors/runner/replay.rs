//! The digests by which stores know ids: the format that is stored. One that changes forgets every id.

use super::file::{Counts, Vector, encode};
use super::verdicts::record;
use strict_jose::ReplayId;

pub fn digests(vectors: &[Vector]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let [issuer, scope, jti] = ["issuer", "scope", "jti"].map(|part| vector.text(part));
        let digest = encode(ReplayId::new(issuer, scope, jti).digest());
        record(format_args!("{} {digest}", vector.id()));
        assert_eq!(digest, vector.text("digest"), "{}", vector.id());
        counts.accept += 1;
    }
    counts
}
