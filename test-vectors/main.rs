//! Runs every vector under this folder and counts them: README.md says what they are.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "a vector that breaks ends its test; the counts are for whoever reads the output"
)]

mod runner;

use runner::TABLES;
use runner::file::Counts;

fn run(folder: &str) {
    let mut total = Counts::default();
    for file in TABLES.iter().flat_map(|(files, _)| *files) {
        if file.path.split('/').next() == Some(folder) {
            let found = file.run();
            println!("{}: {found:?}", file.path);
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
    replay
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
    for folder in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/test-vectors")).unwrap() {
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
