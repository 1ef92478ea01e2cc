//! The acceptance rows of the session tokens, one test each, named after the row, and what attacks them.

mod cognigy;
mod issuing;
mod jodoworld;
mod places;
#[cfg(feature = "jwe")]
#[path = "../../support/scanner.rs"]
mod scanner;
#[cfg(feature = "jwe")]
mod sealed;
mod silent;
mod stores;
mod support;
mod talkative;
