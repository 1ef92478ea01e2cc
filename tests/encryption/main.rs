//! What is encrypted, and comes out again.

mod round_trips;
#[path = "../support/mod.rs"]
mod support;
