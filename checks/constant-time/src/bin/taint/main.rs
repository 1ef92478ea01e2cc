//! Runs every path that a secret takes under memcheck, the secret marked as undefined, and compares
//! the reports with those that are known. Started by `taint.sh`.

mod judge;
mod paths;
mod raw;

use paths::Path;
use std::process::ExitCode;
use strict_jose_constant_time::{keys, valgrind};

/// With the feature, what it changes; the rest of that build is other libraries' code.
const PATHS: &[Path] = if cfg!(feature = "fast-rsa1_5") { raw::PATHS } else { paths::PATHS };

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(name), Some(key)) if valgrind::running() => run(&name, &key),
        (filter, _) => judge::judge(&keys::generate(2048), &filter.unwrap_or_default()),
    }
}

/// Inside valgrind: one path, then the number of tainted octets that came out, if it has a result.
fn run(name: &str, key: &str) -> ExitCode {
    valgrind::report(false);
    let der = std::fs::read(key).expect("written by the judge");
    let path = PATHS.iter().find(|path| path.name == name).expect("a name of the list");
    if let Some(tainted) = (path.run)(&der) {
        println!("{tainted}");
    }
    ExitCode::SUCCESS
}
