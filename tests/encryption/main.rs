//! What is encrypted, and comes out again.

#![allow(clippy::unwrap_used, reason = "a test fails by ending")]

mod round_trips;
#[path = "../support/mod.rs"]
mod support;
