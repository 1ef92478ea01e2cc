//! How each library does each operation: one file each, one arm an operation.

#[cfg(feature = "openssl")]
pub mod biscuit;
#[cfg(feature = "openssl")]
pub mod josekit;
pub mod jsonwebtoken;
#[cfg(feature = "boring")]
pub mod jwt_simple;
pub mod ours;
pub mod raw;
pub mod run;
