//! What the test programs share: keys, tokens of any content, and how an outcome is told.
#![allow(dead_code, reason = "each program takes what it needs")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by ending"
)]

pub mod block_on;
pub mod bytes;
pub mod claims;
pub mod device;
#[cfg(feature = "jwe")]
pub mod encrypted;
#[cfg(feature = "jwe")]
pub mod forged_jwe;
pub mod kept;
pub mod keys;
pub mod outcome;
pub mod raw_rsa;
pub mod repository;
pub mod signing;
pub mod verdicts;
