//! The acceptance rows of Kore.ai's scheme, one test each, named after the row.

#[cfg(feature = "jwe")]
mod encrypted;
mod external;
mod issuing;
mod replay;
mod samples;
mod signed;
mod support;
