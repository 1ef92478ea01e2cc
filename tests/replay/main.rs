//! Tokens that are accepted once: the guard in memory, the rule, and the contract of every guard.

#![allow(clippy::unwrap_used, reason = "a test fails by ending")]

mod contract;
mod memory;
mod model;
mod rules;
mod single_use;
mod statistics;
mod steps;
#[path = "../support/mod.rs"]
mod support;
mod times;
