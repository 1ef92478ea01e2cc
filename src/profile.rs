//! Ready-made policies for documented systems, built from the crate's public items alone.
//!
//! Each module is a guide to one system: what its documentation requires, what the code checks, what
//! stays with whoever builds on it. Whatever a module does can be done outside the crate too.

mod held;
pub mod kore;
#[cfg(feature = "session")]
pub mod session;
