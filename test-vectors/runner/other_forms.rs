//! JSON serializations: given to the compact calls as text, and refused. Their parts still hold.

use super::file::{Counts, Vector};
use super::signatures::{signature_made_again, verify};

pub fn run(vectors: &[Vector]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let (id, text, expect) = (vector.id(), vector.json("json"), vector.text("expect"));
        assert!(!vector.text("reason").is_empty(), "{id}");
        assert_ne!(expect, "accept", "{id}");
        let mut refused = Counts::default();
        refused.check(id, expect, verify("HS256", "rfc7515-A.1", &text));
        refused.check(id, expect, verify("RS256", "rfc7515-A.2", &text));
        if let Some(signed) = vector.child("signed") {
            signature_made_again(&signed);
        }
        #[cfg(feature = "jwe")]
        encrypted(vector, &text, &mut refused);
        counts.skipped += 1;
    }
    counts
}

#[cfg(feature = "jwe")]
fn encrypted(vector: &Vector, text: &str, refused: &mut Counts) {
    use super::encryption::{content, decrypt, key_encryption};
    let (id, expect) = (vector.id(), vector.text("expect"));
    refused.check(id, expect, decrypt("RSA-OAEP", "rfc7516-A.1", text));
    refused.check(id, expect, decrypt("RSA1_5", "rfc7516-A.2", text));
    if let Some(sealed) = vector.child("sealed") {
        content(&sealed);
        if sealed.has("key") {
            key_encryption(&sealed);
        }
    }
}
