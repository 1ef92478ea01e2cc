//! The acceptance rows of the session tokens, one test each, named after the row.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by ending")]
#![allow(clippy::needless_for_each, reason = "the scanner allocates nothing on its way")]

mod cognigy;
mod jodoworld;
#[cfg(feature = "jwe")]
#[path = "../wiped/scanner.rs"]
mod scanner;
#[cfg(feature = "jwe")]
mod sealed;
mod support;
mod talkative;
