//! Guides to documented systems: what each requires, the code for it, what is checked, what stays yours.
//!
//! A guide goes through a system's documentation row by row. What the documentation leaves open is named
//! as open, with the choice made here and its reason; names and texts of ours are said to be ours.
//!
#![cfg_attr(
    any(feature = "kore", feature = "session"),
    doc = "| system | what it documents | built on |
| --- | --- | --- |"
)]
#![cfg_attr(
    feature = "kore",
    doc = "| [Kore.ai](kore) | the identity token of an app's user, signed, and encrypted if asked | [`profile::kore`](crate::profile::kore) |"
)]
#![cfg_attr(
    feature = "session",
    doc = "| [JodoWorld](jodoworld) | short-lived session tokens, bound to domains and addresses | [`profile::session`](crate::profile::session) |
| [Cognigy](cognigy) | credentials for one session of Click To Call | [`profile::session`](crate::profile::session) |
| [Talkative](talkative) | a token that opens one WebSocket for one site | [`profile::session`](crate::profile::session) |"
)]
#![cfg_attr(not(feature = "kore"), doc = "\nThe guide to Kore.ai comes with the feature `kore`.")]
#![cfg_attr(
    not(feature = "session"),
    doc = "\nThe guides to JodoWorld, Cognigy and Talkative come with the feature `session`."
)]
//!
//! [Which replay guard, and how large](replay_sizing): the same for services of any size.
//!
//! [Operating](operating): what to watch in production, what each alarm means, and how to stop and restart.
//!
//! [Security](security): the threat model, what is promised and what is not, and how each promise is tested.

#[cfg(feature = "kore")]
#[doc = include_str!("guide/kore.md")]
pub mod kore {}

#[cfg(feature = "session")]
#[doc = include_str!("guide/jodoworld.md")]
pub mod jodoworld {}

#[cfg(feature = "session")]
#[doc = include_str!("guide/cognigy.md")]
pub mod cognigy {}

#[cfg(feature = "session")]
#[doc = include_str!("guide/talkative.md")]
pub mod talkative {}

#[doc = include_str!("guide/replay_sizing.md")]
pub mod replay_sizing {}

#[doc = include_str!("guide/operating.md")]
pub mod operating {}

#[doc = include_str!("../SECURITY.md")]
pub mod security {}
