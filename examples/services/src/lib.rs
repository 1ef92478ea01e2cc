//! What a backend puts around the crate's profiles, as HTTP services that run.
//!
//! | binary | what it is |
//! | --- | --- |
//! | `kore_token_service` | beside the app: `POST /token` with the user's identity gives a token |
//! | `kore_platform` | the other side: `POST /api/1.1/oAuth/token/jwtgrant` gives a session, which opens a conversation |
//! | `kore_load` | many clients at once against `kore_platform`, counting what is accepted |
//! | `session_single_use` | a page gets a token, and opens one WebSocket with it, as Talkative has it |
//!
//! TLS, rate limits and knowing who the user is belong before these services: run them behind the
//! proxy and the login that the app has anyway.

pub mod client;
pub mod config;
pub mod cross_origin;
pub mod kore_platform;
pub mod kore_token_service;
pub mod serve;
pub mod session_single_use;
mod sockets;
