//! Claims and what carries them: names, round trips, and threads that verify together.

mod names;
mod round_trips;
#[path = "../support/mod.rs"]
mod support;
mod threads;
