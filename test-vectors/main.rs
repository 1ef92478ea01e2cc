//! Runs every vector under this folder and counts them: README.md says what they are.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "a vector that breaks ends its test; the counts are for whoever reads the output"
)]

mod runner {
    #[cfg(feature = "jwe")]
    pub mod encryption;
    pub mod file;
    pub mod jwts;
    pub mod keys;
    pub mod other_forms;
    pub mod signatures;
    #[path = "../../tests/support/verdicts.rs"]
    pub mod verdicts;
}

#[cfg(feature = "jwe")]
use runner::encryption;
use runner::file::{Counts, Vector, load};
use runner::{jwts, keys, other_forms, signatures};

/// A file, what runs it, and what has to come of it.
struct File {
    path: &'static str,
    run: fn(&[Vector]) -> Counts,
    counts: Counts,
}

const fn file(path: &'static str, run: fn(&[Vector]) -> Counts, counts: [usize; 3]) -> File {
    let [accept, reject, skipped] = counts;
    File { path, run, counts: Counts { accept, reject, skipped } }
}

/// For every set of features: accepted, refused, skipped with a reason.
const SIGNED: &[File] = &[
    file("rfc7515/base64url.json", signatures::base64url, [1, 5, 0]),
    file("rfc7515/certificates.json", signatures::certificates, [1, 3, 0]),
    file("rfc7515/detached.json", signatures::detached, [0, 2, 0]),
    file("rfc7515/jws.json", signatures::tokens, [2, 4, 0]),
    file("rfc7515/keys.json", keys::in_signature_roles, [2, 10, 0]),
    file("rfc7515/other-forms.json", other_forms::run, [0, 0, 2]),
    file("rfc7516/keys.json", keys::in_signature_roles, [2, 7, 0]),
    file("rfc7517/key-sets.json", keys::sets_in_signature_roles, [3, 6, 0]),
    file("rfc7517/keys.json", keys::in_signature_roles, [1, 8, 0]),
    file("rfc7519/jwt.json", jwts::signed, [2, 1, 0]),
    file("rfc7520/detached.json", signatures::detached, [0, 1, 0]),
    file("rfc7520/jws.json", signatures::tokens, [2, 0, 0]),
    file("rfc7520/jwt.json", jwts::signed, [0, 1, 0]),
    file("rfc7520/keys.json", keys::in_signature_roles, [4, 26, 0]),
    file("rfc7520/other-forms-jws.json", other_forms::run, [0, 0, 10]),
    file("rfc7638/keys.json", keys::in_signature_roles, [1, 2, 0]),
    file("rfc7797/jws.json", signatures::tokens, [1, 1, 0]),
    file("rfc7797/other-forms.json", other_forms::run, [0, 0, 2]),
    file("negative/jwk.json", keys::faulty, [0, 41, 0]),
    file("negative/jws.json", signatures::faulty, [0, 53, 0]),
    file("negative/jwt.json", jwts::faulty, [0, 22, 0]),
];
const SIGNED_TOTAL: Counts = Counts { accept: 22, reject: 193, skipped: 14 };

/// With encryption, beside those above.
#[cfg(feature = "jwe")]
const ENCRYPTED: &[File] = &[
    file("rfc7515/keys.json", keys::in_encryption_roles, [2, 14, 0]),
    file("rfc7516/content.json", encryption::steps, [1, 0, 0]),
    file("rfc7516/jwe.json", encryption::tokens, [2, 1, 0]),
    file("rfc7516/keys.json", keys::in_encryption_roles, [4, 8, 0]),
    file("rfc7516/other-forms.json", other_forms::run, [0, 0, 2]),
    file("rfc7517/jwe.json", encryption::tokens, [0, 1, 0]),
    file("rfc7517/key-sets.json", keys::sets_in_encryption_roles, [0, 12, 0]),
    file("rfc7517/keys.json", keys::in_encryption_roles, [2, 10, 0]),
    file("rfc7518/content.json", encryption::steps, [1, 0, 0]),
    file("rfc7519/encrypted-jwt.json", jwts::encrypted, [2, 0, 0]),
    file("rfc7519/jwe.json", encryption::tokens, [2, 0, 0]),
    file("rfc7520/encrypted-jwt.json", jwts::encrypted, [0, 1, 0]),
    file("rfc7520/jwe.json", encryption::tokens, [3, 1, 0]),
    file("rfc7520/keys.json", keys::in_encryption_roles, [3, 37, 0]),
    file("rfc7520/other-forms-jwe.json", other_forms::run, [0, 0, 7]),
    file("rfc7638/keys.json", keys::in_encryption_roles, [0, 4, 0]),
    file("negative/jwe.json", encryption::faulty, [0, 81, 0]),
];
#[cfg(feature = "jwe")]
const ENCRYPTED_TOTAL: Counts = Counts { accept: 22, reject: 170, skipped: 9 };

#[cfg(feature = "jwe")]
const TABLES: &[(&[File], Counts)] = &[(SIGNED, SIGNED_TOTAL), (ENCRYPTED, ENCRYPTED_TOTAL)];
#[cfg(not(feature = "jwe"))]
const TABLES: &[(&[File], Counts)] = &[(SIGNED, SIGNED_TOTAL)];

fn run(folder: &str) {
    let mut total = Counts::default();
    for File { path, run, counts } in TABLES.iter().flat_map(|(files, _)| *files) {
        if path.split('/').next() == Some(folder) {
            let found = run(&load(path));
            println!("{path}: {found:?}");
            assert_eq!(found, *counts, "{path}");
            total = total + found;
        }
    }
    assert_ne!(total, Counts::default(), "{folder} ran nothing");
}

macro_rules! folders {
    ($($(#[$attribute:meta])* $folder:ident)*) => {$(
        #[test]
        $(#[$attribute])*
        fn $folder() {
            run(stringify!($folder));
        }
    )*};
}

folders! {
    rfc7515
    rfc7516
    rfc7517
    #[cfg(feature = "jwe")]
    rfc7518
    rfc7519
    rfc7520
    rfc7638
    rfc7797
    negative
}

/// The other tests hold each file to its line; this one holds the lines to their sum.
#[test]
fn the_totals_add_up() {
    for (files, expected) in TABLES {
        let total = files.iter().fold(Counts::default(), |total, file| total + file.counts);
        println!("{} files: {total:?}", files.len());
        assert_eq!(total, *expected);
        assert!(files.iter().all(|file| file.counts != Counts::default()));
    }
}

/// A file that no line names would be a file that nobody runs.
#[cfg(feature = "jwe")]
#[test]
fn every_file_is_run() {
    let named: std::collections::BTreeSet<_> =
        TABLES.iter().flat_map(|(files, _)| *files).map(|file| file.path.to_owned()).collect();
    let mut found = std::collections::BTreeSet::new();
    for folder in std::fs::read_dir(runner::file::root()).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        // tests/project/interop.rs reads the tokens of other libraries.
        if !folder.file_type().unwrap().is_dir() || ["interop", "runner"].contains(&&*name) {
            continue;
        }
        for file in std::fs::read_dir(folder.path()).unwrap() {
            found.insert(format!("{name}/{}", file.unwrap().file_name().to_str().unwrap()));
        }
    }
    assert_eq!(found, named);
}
