//! Finds the prefix of aws-lc's symbols, which carries the version of the aws-lc in the tree.
//!
//! aws-lc-rs passes on what its sys crate says of itself, the name of the library among it: the sys crate is
//! then chosen by aws-lc-rs alone, and there is one aws-lc in the tree.

#![allow(clippy::panic, reason = "how a build script reports an error")]

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let library = of_aws_lc("LIBCRYPTO");
    println!("cargo::rustc-env=AWS_LC_PREFIX={}", prefix(&library));
    // For the test that compares our declarations with the headers.
    println!("cargo::rustc-env=AWS_LC_INCLUDE={}", of_aws_lc("INCLUDE"));
}

fn of_aws_lc(what: &str) -> String {
    let suffix = format!("_{what}");
    env::vars()
        .find(|(name, _)| name.starts_with("DEP_AWS_LC_RS_") && name.ends_with(&suffix))
        .unwrap_or_else(|| panic!("this release of aws-lc-rs does not pass on {what}"))
        .1
}

/// `aws_lc_0_47_0_crypto` is built from source with a prefix. `crypto` and `crypto-awslc` are installed, or
/// built without one; an installed one whose symbols have a prefix all the same does not link.
fn prefix(library: &str) -> &str {
    match library {
        "crypto" | "crypto-awslc" => "",
        _ => library.strip_suffix("crypto").unwrap_or_else(|| {
            panic!("{library}: not a name of aws-lc's library that is known here")
        }),
    }
}
