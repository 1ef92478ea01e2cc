//! Kore.ai SDK security: the identity token of an app's user, and the exchange that takes it
//! ([guide](crate::guide::kore)).
//!
//! ```
//! use strict_jose::{AfterRestart, Hs256Key, MemoryReplayGuard, NumericDate, profile::kore};
//!
//! let key = Hs256Key::from_utf8("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")?; // as registered
//! let service = kore::TokenService::hs256("cs-xxxxxxxxxx-1234", key.clone())?;
//! let assertion = service.issue(&kore::User::new("john.doe@achme.com"))?;
//!
//! let guard = MemoryReplayGuard::with_capacity(100_000);
//! // When the last process before this one stopped: `guard.created_at()?`, if it had by then.
//! # let stopped = NumericDate::from_seconds(1_790_000_000).unwrap();
//! let platform = kore::Platform::new(guard, AfterRestart::only_issued_after(stopped))
//!     .register(kore::App::hs256("cs-xxxxxxxxxx-1234", key).enforcing_jti());
//! let identity: kore::Identity = platform.accept(&assertion, "grant")?;
//! assert_eq!(identity.subject(), "john.doe@achme.com");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every token is checked in full, replay last, before there is an [`Identity`]. A [`Refusal`] answers
//! one of the two documented bodies, or one text for every other reason; its reason is for the log.

mod app;
#[cfg(feature = "jwe")]
mod encrypted;
mod identity;
mod keys;
mod platform;
mod refusal;
mod service;
mod wire;

pub use app::App;
pub use identity::{Identity, User};
pub use keys::PlatformKeys;
pub use platform::Platform;
pub use refusal::Refusal;
pub use service::TokenService;
#[cfg(feature = "jwe")]
pub use service::encrypt;

use core::time::Duration;

/// The `aud` of identity tokens.
pub const AUDIENCE: &str = "https://idproxy.kore.ai/authorize";

/// The `aud` as another page of the documentation prints it: taken, never written.
const AUDIENCE_COM: &str = "https://idproxy.kore.com/authorize";

/// With a `jti` a token lives no longer.
const LONGEST_WITH_JTI: Duration = Duration::from_secs(3600);
