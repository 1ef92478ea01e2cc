//! Kore.ai SDK security: the identity token of an app's user, and the exchange that takes it.
//!
//! # What its documentation requires
//!
//! A REST service beside the app signs a JWT for the user; the client hands it to the platform and gets
//! a session. The client knows neither secret nor client id nor expiry: it sends the identity only.
//!
//! | | |
//! | --- | --- |
//! | signature | `HS256` with the app's secret, or `RS256` with the app's key pair; `typ` `JWT` |
//! | `iss` or `kore_iss` | the app's client id |
//! | `sub` or `kore_sub` | the user |
//! | `aud` | `https://idproxy.kore.ai/authorize` |
//! | `iat`, `exp` | seconds; with a `jti` at most 1 hour apart |
//! | `jti` or `kore_jti` | optional, unless the app enforces it; such a token is used once |
//! | `isAnonymous` | boolean, false unless said |
//! | `identityToMerge` | the anonymous identity that the user had before |
//! | encryption | optional, unless the app enforces it: a JWE around the signed token, `RSA-OAEP` or `RSA1_5`, `A128CBC-HS256`, `A128GCM` or `A256GCM`, with the `kid` of the platform's JWK |
//!
//! # The app's side
//!
//! ```
//! use strict_jose::{Hs256Key, profile::kore};
//!
//! let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="; // as registered, from the environment
//! let service = kore::TokenService::hs256("cs-xxxxxxxxxx-1234", Hs256Key::from_utf8(secret)?)?;
//! let user = kore::User::new("john.doe@achme.com").merging("anonymoususer1@test.com");
//! let token = service.issue(&user)?;
#![cfg_attr(
    feature = "jwe",
    doc = "
// For an app that enforces encryption, with the JWK that the platform gives out:
use strict_jose::{ContentEncryption, RsaOaepEncryptionKey};
# let jwk = strict_jose::RsaOaepDecryptionKey::generate(2048)?.public_key()?.to_jwk();
let platform = RsaOaepEncryptionKey::from_jwk(&jwk)?;
let service = service.encrypting(platform, ContentEncryption::A256Gcm);
assert_eq!(service.issue(&user)?.split('.').count(), 5);"
)]
//! # Ok::<(), strict_jose::Error>(())
//! ```
//!
//! # The platform's side
//!
//! ```
//! use serde::Deserialize;
//! use strict_jose::{Hs256Key, MemoryReplayGuard, profile::kore};
//!
//! #[derive(Deserialize)]
//! #[serde(rename_all = "camelCase")]
//! struct Account {
//!     private_claims: Option<std::collections::BTreeMap<String, String>>,
//! }
//!
//! # fn open_session(_: &str) -> Result<&'static str, std::io::Error> { Ok("a session") }
//! # let key = Hs256Key::generate()?;
//! # let assertion = kore::TokenService::hs256("cs-1", key.clone())?.issue(&kore::User::new("john"))?;
//! let platform = kore::Platform::new(MemoryReplayGuard::with_capacity(100_000))
//!     .with(kore::App::hs256("cs-1", key).enforcing_jti());
//!
//! match platform.reserve::<Account>(&assertion, "grant") {
//!     Ok(reservation) => {
//!         let session = open_session(reservation.identity().subject())?;
//!         let _identity = reservation.commit(); // had `?` left, the token could be sent again
//!         println!("200 {session}");
//!     }
//!     Err(refusal) => {
//!         eprintln!("refused: {} [{}]", refusal.reason(), refusal.reason().code());
//!         println!("{} {}", refusal.status(), refusal.body());
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is checked, in this order
//!
//! 1. Length and form. Five segments are decrypted first; inside has to be a signed token, or there is
//!    no identity: anyone with the public key can encrypt.
//! 2. The app, by `kore_iss`, else `iss`; that it may send unencrypted tokens; the header's `alg`
//!    against the app's key; the signature.
//! 3. `typ`, `iss`, `aud`, `sub`; `exp`, `nbf`, `iat`; with a `jti` the lifetime of 1 hour. Where both
//!    stand, `kore_iss`, `kore_sub` and `kore_jti` win over what an identity provider has filled in.
//! 4. The type of the app's own claims, then `isAnonymous` and `identityToMerge`.
//! 5. Replay, last: the id is (client id, scope, jti). A refused token uses nothing up.
//!
//! The answer is one of the two documented bodies with 401, or one text for every other reason: what
//! [`Refusal::body`] gives tells nobody more. [`Refusal::reason`] is for the log. If the guard is full
//! or cannot be reached the token is refused with 503.
//!
//! # What the documentation leaves open, and the choice made
//!
//! * *An hour from when?* From now and, if there is an `iat`, from that: counting from `iat` alone would
//!   let an `iat` in the future stretch it, counting from now alone would let old ids be used late.
//! * *Is a JWE of bare claims an identity?* No. The public key is public, so nothing says who wrote it.
//!   [`Platform::decrypt`] gives [`Unauthenticated`](crate::Unauthenticated) claims.
//! * *Which audience?* One page prints `.ai`, another `.com`; both are taken, written is `.ai`.
//! * *May `iat` be milliseconds, `isAnonymous` a text, `aud` or `typ` left out?* Samples suggest it. No,
//!   but under [`Platform::compat`]; a text never counts as true.
//! * *Is `iat` required?* Not by the rules above: without it the lifetime is counted from now.
//! * *May `identityToMerge` be the user's own or nobody's?* No: there would be nothing to merge.
//! * *Is a token used up by a session that could not be opened?* Not if it was reserved and not
//!   committed. At each place of use, named by a scope, it is taken once.
//! * *What do other refusals answer?* The documented envelope with a text of this crate.
//!
//! # What stays with you
//!
//! TLS on every leg. Keeping the secrets, and rotating them. Knowing that a user is who the token says,
//! before it is issued. Rate limits, and a limit on the size of bodies. A replay guard that all
//! instances of the platform share: [`MemoryReplayGuard`](crate::MemoryReplayGuard) is one process's.
//! Running both sides as HTTP services is shown in `examples/services`.

mod app;
#[cfg(feature = "jwe")]
mod encrypted;
mod identity;
mod platform;
mod refusal;
mod reservation;
mod service;
mod wire;

pub use app::App;
pub use identity::{Identity, User};
pub use platform::Platform;
pub use refusal::Refusal;
pub use reservation::{AsyncReservation, Reservation};
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
