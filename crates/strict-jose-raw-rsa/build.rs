//! Finds the prefix of aws-lc's symbols, which carries the version of the aws-lc in the tree.
//!
//! aws-lc-rs passes on what its sys crate says of itself, the name of the library among it: the sys crate is
//! then chosen by aws-lc-rs alone, and there is one aws-lc in the tree.

#![allow(clippy::panic, clippy::expect_used, reason = "how a build script reports an error")]

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let (_, library) = env::vars()
        .find(|(name, _)| name.starts_with("DEP_AWS_LC_RS_") && name.ends_with("_LIBCRYPTO"))
        .expect("this release of aws-lc-rs does not name its library for build scripts");
    println!("cargo::rustc-env=AWS_LC_PREFIX={}", prefix(&library));
}

/// `aws_lc_0_47_0_crypto` is built with a prefix, `crypto` and `crypto-awslc` are installed ones without.
fn prefix(library: &str) -> &str {
    match library {
        "crypto" | "crypto-awslc" => "",
        _ => library.strip_suffix("crypto").unwrap_or_else(|| {
            panic!("{library}: not a name of aws-lc's library that is known here")
        }),
    }
}
