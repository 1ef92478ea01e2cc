//! What runs the vectors, and what has to come of each file. It reads no file and no clock: in a web page it runs
//! as it does here.

#[cfg(feature = "jwe")]
mod encryption;
pub mod file;
mod jwts;
mod keys;
mod other_forms;
mod replay;
mod signatures;
#[path = "../../tests/support/verdicts.rs"]
mod verdicts;

use file::{Counts, Vector, load};

/// A file, what runs it, and what has to come of it.
pub struct File {
    pub path: &'static str,
    text: &'static str,
    run: fn(&[Vector]) -> Counts,
    pub counts: Counts,
}

impl File {
    /// Runs the file's vectors. What comes of them has to be what its line says.
    pub fn run(&self) -> Counts {
        let found = (self.run)(&load(self.path, self.text));
        assert_eq!(found, self.counts, "{}", self.path);
        found
    }
}

macro_rules! file {
    ($path:literal, $run:expr, [$accept:literal, $reject:literal, $skipped:literal]) => {
        File {
            path: $path,
            text: include_str!(concat!("../", $path)),
            run: $run,
            counts: Counts { accept: $accept, reject: $reject, skipped: $skipped },
        }
    };
}

/// For every set of features: accepted, refused, skipped with a reason.
const SIGNED: &[File] = &[
    file!("rfc7515/base64url.json", signatures::base64url, [1, 5, 0]),
    file!("rfc7515/certificates.json", signatures::certificates, [1, 3, 0]),
    file!("rfc7515/detached.json", signatures::detached, [0, 2, 0]),
    file!("rfc7515/jws.json", signatures::tokens, [2, 4, 0]),
    file!("rfc7515/keys.json", keys::in_signature_roles, [2, 10, 0]),
    file!("rfc7515/other-forms.json", other_forms::run, [0, 0, 2]),
    file!("rfc7516/keys.json", keys::in_signature_roles, [2, 7, 0]),
    file!("rfc7517/key-sets.json", keys::sets_in_signature_roles, [3, 6, 0]),
    file!("rfc7517/keys.json", keys::in_signature_roles, [1, 8, 0]),
    file!("rfc7519/jwt.json", jwts::signed, [2, 1, 0]),
    file!("rfc7520/detached.json", signatures::detached, [0, 1, 0]),
    file!("rfc7520/jws.json", signatures::tokens, [2, 0, 0]),
    file!("rfc7520/jwt.json", jwts::signed, [0, 1, 0]),
    file!("rfc7520/keys.json", keys::in_signature_roles, [4, 26, 0]),
    file!("rfc7520/other-forms-jws.json", other_forms::run, [0, 0, 10]),
    file!("rfc7638/keys.json", keys::in_signature_roles, [1, 2, 0]),
    file!("rfc7797/jws.json", signatures::tokens, [1, 1, 0]),
    file!("rfc7797/other-forms.json", other_forms::run, [0, 0, 2]),
    file!("replay/ids.json", replay::digests, [13, 0, 0]),
    file!("negative/jwk.json", keys::faulty, [0, 41, 0]),
    file!("negative/jws.json", signatures::faulty, [0, 53, 0]),
    file!("negative/jwt.json", jwts::faulty, [0, 22, 0]),
];
const SIGNED_TOTAL: Counts = Counts { accept: 35, reject: 193, skipped: 14 };

/// With encryption, beside those above.
#[cfg(feature = "jwe")]
const ENCRYPTED: &[File] = &[
    file!("rfc7515/keys.json", keys::in_encryption_roles, [2, 14, 0]),
    file!("rfc7516/content.json", encryption::steps, [1, 0, 0]),
    file!("rfc7516/jwe.json", encryption::tokens, [2, 1, 0]),
    file!("rfc7516/keys.json", keys::in_encryption_roles, [4, 8, 0]),
    file!("rfc7516/other-forms.json", other_forms::run, [0, 0, 2]),
    file!("rfc7517/jwe.json", encryption::tokens, [0, 1, 0]),
    file!("rfc7517/key-sets.json", keys::sets_in_encryption_roles, [0, 12, 0]),
    file!("rfc7517/keys.json", keys::in_encryption_roles, [2, 10, 0]),
    file!("rfc7518/content.json", encryption::steps, [1, 0, 0]),
    file!("rfc7519/encrypted-jwt.json", jwts::encrypted, [2, 0, 0]),
    file!("rfc7519/jwe.json", encryption::tokens, [2, 0, 0]),
    file!("rfc7520/encrypted-jwt.json", jwts::encrypted, [0, 1, 0]),
    file!("rfc7520/jwe.json", encryption::tokens, [3, 1, 0]),
    file!("rfc7520/keys.json", keys::in_encryption_roles, [3, 37, 0]),
    file!("rfc7520/other-forms-jwe.json", other_forms::run, [0, 0, 7]),
    file!("rfc7638/keys.json", keys::in_encryption_roles, [0, 4, 0]),
    file!("negative/jwe.json", encryption::faulty, [0, 81, 0]),
];
#[cfg(feature = "jwe")]
const ENCRYPTED_TOTAL: Counts = Counts { accept: 22, reject: 170, skipped: 9 };

#[cfg(feature = "jwe")]
pub const TABLES: &[(&[File], Counts)] = &[(SIGNED, SIGNED_TOTAL), (ENCRYPTED, ENCRYPTED_TOTAL)];
#[cfg(not(feature = "jwe"))]
pub const TABLES: &[(&[File], Counts)] = &[(SIGNED, SIGNED_TOTAL)];
