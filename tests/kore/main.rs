//! The acceptance rows of Kore.ai's scheme, one test each, named after the row.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by ending")]

#[cfg(feature = "jwe")]
mod encrypted;
mod issuing;
mod replay;
mod signed;
mod support;
