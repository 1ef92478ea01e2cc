//! The acceptance rows of the profiles' systems.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by ending")]
#![allow(clippy::needless_for_each, reason = "the scanner allocates nothing on its way")]

#[path = "../support/kept.rs"]
mod kept;
mod kore;
mod session;
