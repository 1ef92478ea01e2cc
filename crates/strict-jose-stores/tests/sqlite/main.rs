//! The guard on a file: the contract, restarts after a kill, damaged files, full disks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

mod crash;
mod damage;
mod exact;
#[cfg(unix)]
mod locks;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use strict_jose::{Insertion, NumericDate, ReplayError, ReplayGuard, ReplayId};
use strict_jose_stores::{SqliteReplayGuard, StoreError};

/// A directory of the test's own, gone with it.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("durable-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("ids.db")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn open(path: &Path) -> Result<SqliteReplayGuard, StoreError> {
    SqliteReplayGuard::open(path, 1_000_000)
}

pub(crate) fn at(second: u64) -> NumericDate {
    NumericDate::from_seconds(second).unwrap()
}

pub(crate) fn id(jti: &str) -> ReplayId<'static> {
    ReplayId::new("issuer", "scope", jti).into_owned()
}

pub(crate) fn insert(
    guard: &SqliteReplayGuard,
    jti: &str,
    keep_until: u64,
    now: u64,
) -> Result<Insertion, ReplayError> {
    guard.insert_if_absent(&id(jti), at(keep_until), at(now))
}

/// Where a child process finds its file.
const FILE: &str = "STRICT_JOSE_TEST_FILE";

/// The file, in a child process that another test has started.
pub(crate) fn file_of_parent() -> PathBuf {
    std::env::var_os(FILE).expect("is run by other tests, in a process of its own").into()
}

/// This program again, to run one test alone, with its output for us.
pub(crate) fn child(test: &str, file: &Path) -> Command {
    let this = std::env::current_exe().unwrap();
    for_one_test(Command::new(this), test, file)
}

pub(crate) fn for_one_test(mut program: Command, test: &str, file: &Path) -> Command {
    program
        .args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env(FILE, file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    program
}

/// What the child said behind this word, in lines that came to their end.
pub(crate) fn said<'a>(output: &'a str, word: &str) -> Vec<&'a str> {
    let lines = output.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    lines.filter_map(|line| line.strip_prefix(word)).map(str::trim).collect()
}
