//! What the three checks share: client requests, chosen randomness, padding classes, leaky controls.
//!
//! Unsafe code lives here, in the two files that talk to valgrind and to the linker, and in no part
//! of the crate that is measured.

pub mod classes;
pub mod clock;
pub mod keys;
pub mod leaky;
pub mod random;
pub mod valgrind;
