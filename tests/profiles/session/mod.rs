//! The acceptance rows of the session tokens, one test each, named after the row, and what attacks them.

mod cognigy;
mod external;
mod guides;
mod issuing;
mod jodoworld;
mod places;
mod restart;
#[cfg(feature = "jwe")]
#[path = "../../support/scanner.rs"]
mod scanner;
#[cfg(feature = "jwe")]
mod sealed;
mod silent;
mod stores;
mod support;
mod talkative;

// The rows are those of the examples' own policies.
#[allow(dead_code, reason = "a test takes the example's policy and leaves its main")]
#[path = "../../../examples/session_cognigy.rs"]
mod session_cognigy;
#[allow(dead_code, reason = "a test takes the example's policy and leaves its main")]
#[path = "../../../examples/session_jodoworld.rs"]
mod session_jodoworld;
#[allow(dead_code, reason = "a test takes the example's policy and leaves its main")]
#[path = "../../../examples/session_talkative.rs"]
mod session_talkative;
