//! The tokens of documented systems, built from the crate's public items alone.
//!
//! What each system's documentation requires, what the code checks and what stays with whoever builds
//! on it is told in its [guide](crate::guide). Whatever a module does can be done outside the crate too.
//!
//! Each module has a feature of its name, which is off by default.

#[cfg(feature = "kore")]
pub mod kore;
#[cfg(any(feature = "kore", feature = "session"))]
mod service_key;
#[cfg(feature = "session")]
pub mod session;
