//! One test for each public failure class of JOSE libraries, each with its control beside it; what a
//! rejection costs; and the vectors of Project Wycheproof.
//!
//! The table in `README.md` says which test stands for which class.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::format_collect,
    clippy::items_after_statements,
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    clippy::unchecked_time_subtraction,
    clippy::unreadable_literal,
    reason = "tests: a failure is a panic"
)]

mod a_algorithm;
mod a_signature;
mod b_key_sets;
mod b_keys;
mod b_rsa_keys;
mod c_confusion;
#[cfg(feature = "jwe")]
mod d_content;
#[cfg(feature = "jwe")]
mod d_encryption;
#[cfg(feature = "jwe")]
mod d_padding;
mod e_encoding;
mod e_parsing;
mod e_work;
mod f_claims;
mod f_identity;
mod f_times;
mod g_replay;
mod g_restart;
mod g_window;
mod h_operational;
mod rejection_cost;
#[path = "../support/mod.rs"]
mod support;
mod wycheproof;
