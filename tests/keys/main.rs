//! What is accepted and what is rejected as a key, in every form that a key comes in.

#![allow(clippy::unwrap_used, reason = "a test fails by ending")]

mod bytes_pem_der;
mod exact_outputs;
mod external;
mod jwk;
mod key_sets;
#[path = "../support/mod.rs"]
mod support;
