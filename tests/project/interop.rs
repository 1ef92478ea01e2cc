//! Tokens and keys of four other libraries: this crate opens each, by each form of its key, and
//! refuses it with one character changed.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[cfg(feature = "jwe")]
mod encrypted;
mod fixture;
mod keys;
mod signed;
