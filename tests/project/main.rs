//! What the project promises beyond what its calls return: its architecture, its builds, its secrets.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by ending")]

mod architecture;
#[cfg(all(feature = "jwe", feature = "aws-lc-rs", not(feature = "ring")))]
mod compile_fail;
#[cfg(feature = "jwe")]
mod cross_backend;
mod interop;
mod manifests;
mod msrv;
#[path = "../support/scanner.rs"]
mod scanner;
mod secrets_in_memory;
mod secrets_in_output;
#[path = "../support/mod.rs"]
mod support;
