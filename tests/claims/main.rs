//! Claims and what carries them: names, round trips, and threads that verify together.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by ending")]

mod names;
mod round_trips;
#[path = "../support/mod.rs"]
mod support;
mod threads;
