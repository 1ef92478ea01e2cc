//! The minimum Rust version that `Cargo.toml` states is enough for every crate of the default build, and
//! of that with all features where it is the one being tested.
//!
//! The crate's own code is held to it by clippy (`incompatible_msrv`); `.ci/run msrv` builds with that very
//! version.

#![allow(clippy::print_stdout, reason = "the number is worth seeing")]

use crate::support::repository::ROOT;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

fn output(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(ROOT).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn version(text: &str) -> (u64, u64) {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

#[test]
fn no_dependency_asks_for_a_newer_rust() {
    let stated = version(env!("CARGO_PKG_RUST_VERSION"));
    // Two backends are in a build of all features alone.
    let all = cfg!(all(feature = "aws-lc-rs", feature = "ring"));
    let features = if all { &["--all-features"][..] } else { &[] };
    let host = output(&["-vV"]);
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = ["metadata", "--locked", "--format-version", "1", "--filter-platform", host];
    let metadata = output(&[&metadata[..], features].concat());
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    // After the call above, which fetches what is missing.
    let tree = output(
        &[
            &[
                "tree",
                "--offline",
                "-p",
                "strict-jose",
                "-p",
                "strict-jose-stores",
                "-e",
                "normal",
                "--prefix",
                "none",
            ][..],
            features,
        ]
        .concat(),
    );
    let normal: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    let mut checked = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if !normal.contains(name) {
            continue;
        }
        if let Some(asked) = package["rust_version"].as_str() {
            assert!(version(asked) <= stated, "{name} asks for Rust {asked}");
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
    println!("{} crates in this build, {checked} state a Rust version", normal.len());
}
