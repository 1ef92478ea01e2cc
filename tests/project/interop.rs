//! Tokens and keys of four other libraries: this crate opens each, by each form of its key, and
//! refuses it with one character changed.

#[cfg(feature = "jwe")]
mod encrypted;
mod fixture;
mod keys;
mod signed;
