//! strict-jose, its peers and the primitives below them, at the same work in turns.
//!
//! A [`fixture`] makes keys, claims and tokens once; each [`library`] says how it does an
//! [`operation`]; [`contest`] lets them take turns; [`record`] is what a run leaves for the report.

pub mod contest;
pub mod fixture;
pub mod library;
pub mod operation;
pub mod record;
