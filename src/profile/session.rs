//! Short-lived tokens bound to a session, to origins, to networks and to a page's key.
//!
//! A backend issues a token for one session; a page carries it to the service, which takes it from
//! where it was issued for and nowhere else. [`Policy`] says what a system asks for; the
//! [guides](crate::guide) to JodoWorld, Cognigy and Talkative each build one.
//!
//! ```
//! use std::time::Duration;
//! use strict_jose::{
//!     AfterRestart, Hs256Key, KeySet, MemoryReplayGuard, NumericDate, profile::session,
//! };
//!
//! let parties = session::Parties::between("https://shop.example", "https://calls.example");
//! let policy = session::Policy::new(parties, Duration::from_secs(300))
//!     .requiring_subject()
//!     .requiring_origins()
//!     .requiring_networks()
//!     .single_use();
//!
//! let key = Hs256Key::generate()?.with_key_id("2026-11")?;
//! let service = session::TokenService::hs256(policy.clone(), key.clone());
//! let ticket = session::Ticket::new("call-7")
//!     .subject("u-91")
//!     .origins(["www.shop.example"])
//!     .networks(["203.0.113.0/24"]);
//! let token = service.issue(&ticket)?;
//!
//! let guard = MemoryReplayGuard::with_capacity(100_000);
//! // When the last process before this one stopped: `guard.created_at()?`, if it had by then.
//! # let stopped = NumericDate::from_seconds(1_790_000_000).unwrap();
//! let restart = AfterRestart::only_issued_after(stopped);
//! let verifier = session::Verifier::new(policy, KeySet::new([key])?, guard, restart);
//! let request = session::Request::new()
//!     .origin("https://www.shop.example")
//!     .address("203.0.113.9".parse()?);
//! assert_eq!(verifier.accept(&token, &request)?.session_id(), "call-7");
//!
//! let refusal = verifier.accept(&token, &request).unwrap_err();
//! assert_eq!(refusal.reason().code(), "replay.replayed"); // for the log
//! assert_eq!(refusal.answer(), r#"{"error":"invalidSession"}"#); // for the page
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is checked, in this order
//!
//! 1. The token's form, its key by `kid`, its signature, `typ`, `iss` and `aud` if the policy names
//!    them, `exp`, `nbf`, `iat` and the longest life.
//! 2. That `kid` is the page's key, if the policy or the request names one.
//! 3. `sid`, against the session that the request is for; that `sub` tells nothing of a person.
//! 4. `dom` and `src` against the request's origin, `ip` against its address. A token that has one of
//!    them is bound by it, whatever the policy; the policy says which have to be there.
//! 5. That the session has not been ended.
//! 6. Replay, last: a refused token uses nothing up. A token with a `jti` is taken once.
//!
//! # Origins and networks
//!
//! Scheme, host and port are compared as the URL standard has them, so neither case nor a written
//! default port matters. A host alone means `https` on the default port. There are no wildcards: a
//! subdomain is another host. A request without origin, or with `null`, is refused, and so is what no
//! browser writes: user names, paths, white space, letters beyond ASCII.
//!
//! A network is written in CIDR notation with no bit set behind its prefix; `/0` is none. An IPv6
//! address that stands for an IPv4 one is taken as that.
//!
//! # What a token does not carry
//!
//! Claims of the caller's own. The token is a reference: what is known of a session belongs behind its
//! id, where it can change and is not handed to a page. Whoever needs more in the token builds on
//! [`jwt::verify`](crate::jwt::verify), as this module does.
//!
//! # What stays with you
//!
//! TLS. Keys that sign nothing but session tokens. Session ids that are unique over all keys of a
//! verifier. The address of the client: behind a proxy it is what that proxy says, and only if it can
//! be trusted. Rate limits. A guard and a store of ended sessions that all instances share. The check
//! of the `Origin` header protects users of browsers; a program sends any origin it likes.

mod binding;
mod ended;
mod policy;
mod refusal;
mod request;
#[cfg(feature = "jwe")]
mod sealed;
mod service;
mod subject;
mod verifier;

pub use ended::{
    AsyncEndedSessions, EndedSessions, MemoryEndedSessions, NoEndedSessions, SessionStoreError,
};
pub use policy::{Parties, Policy};
pub use refusal::{Reason, Refusal};
pub use request::Request;
#[cfg(feature = "jwe")]
pub use sealed::{open, open_async, seal};
pub use service::{Ticket, TokenService};
pub use verifier::{Session, Verifier};

use crate::ClaimProblem;

/// The claim that names the session.
const SESSION_ID: &str = "sid";
/// The hosts and origins that a token may be used from.
const ORIGINS: &str = "dom";
/// The one origin that a token was issued for.
const SOURCE: &str = "src";
/// The networks that a token may be used from.
const NETWORKS: &str = "ip";
/// The longest `sid`: as long as the crate takes a `jti`.
const SESSION_ID_MAX_LEN: usize = 256;

fn check_session_id(id: &str) -> Result<(), Reason> {
    match id.len() {
        0 => Err(Reason::claim(SESSION_ID, ClaimProblem::Empty)),
        1..=SESSION_ID_MAX_LEN => Ok(()),
        _ => Err(Reason::claim(SESSION_ID, ClaimProblem::TooLong)),
    }
}
