//! The acceptance rows of the profiles' systems.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by ending")]
#![allow(clippy::needless_for_each, reason = "the scanner allocates nothing on its way")]

#[allow(dead_code)]
#[path = "../support/block_on.rs"]
mod block_on;
#[path = "../support/device.rs"]
mod device;
#[path = "../support/kept.rs"]
mod kept;
#[allow(dead_code)]
#[path = "../support/keys.rs"]
mod keys;
mod kore;
#[allow(dead_code)]
#[path = "../support/raw_rsa.rs"]
mod raw_rsa;
mod session;
