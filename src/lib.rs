//! Strict JOSE tokens: JWS `HS256` and `RS256`; JWE `RSA-OAEP` and `RSA1_5` with `A128CBC-HS256`,
//! `A128GCM` and `A256GCM`; JWTs with validation rules and replay protection.
//!
//! It accepts a token only if the RFCs and your rules both allow it. A key's type fixes its algorithm and
//! role, a token's header never selects either, and you get claims only after every rule has passed.
//!
//! ```
//! use std::time::Duration;
//! use strict_jose::{Audience, Claims, Hs256Key, Issuer, Validated, Validation, jwt};
//!
//! let key = Hs256Key::generate()?;
//! let claims = Claims::expiring_in(Duration::from_secs(300))
//!     .issuer("https://as.example")
//!     .audience("https://api.example")
//!     .subject("alice");
//! let token = jwt::sign(&claims, &key)?;
//!
//! let rules = Validation::new(
//!     Issuer::exactly("https://as.example"),
//!     Audience::includes("https://api.example"),
//! );
//! let claims: Validated = jwt::verify(&token, &key, &rules)?;
//! assert_eq!(claims.subject(), Some("alice"));
//! # Ok::<(), strict_jose::Error>(())
//! ```
//!
//! # Which call do I want?
//!
//! | I have | I want | call |
//! | --- | --- | --- |
//! | claims | a signed token | [`jwt::sign`] |
//! | a signed token | its claims, if all rules pass | [`jwt::verify`] |
//! | claims | a signed token that only one recipient can read | [`jwt::sign_then_encrypt`] |
//! | such a token | its claims, if all rules pass | [`jwt::decrypt_then_verify`] |
//! | claims whose sender need not be verified | to encrypt or decrypt them | [`jwt::encrypt`], [`jwt::decrypt`] |
//! | bytes | the same without claims | [`jws::sign`], [`jws::verify`], [`jwe::encrypt`], [`jwe::decrypt`] |
//! | tokens from several issuers | the right key for each | [`TrustedIssuers`], [`UnverifiedHints`] |
//! | a token that may be used once | to reject its second use | [`Validation::single_use`] |
//! | such a token, and rules or work of my own | that a rejection and failed work leave it unused | [`jwt::check`], [`Unspent::spend`], [`Reservation::settle`] |
//! | a key in an HSM or KMS | any of these | [`external`] |
//! | tokens of Kore.ai, JodoWorld, Cognigy or Talkative | to issue or verify them | [`profile`]; see the [`guide`] |
//!
//! Each type says what has held:
//!
//! | type | signature | rules | used up |
//! | --- | --- | --- | --- |
//! | [`UnverifiedHints`] | - | - | - |
//! | [`Unauthenticated`] | none: encrypted alone | yes | - |
//! | [`Checked`], lent by an [`Unspent`] | yes | all but replay | not yet |
//! | [`Reservation`] of a [`Validated`] | yes | yes | yes; its work can still give it back |
//! | [`Validated`] | yes | yes | yes, where the rules say single use |
//!
//! # Features
//!
//! | feature | default | adds |
//! | --- | --- | --- |
//! | `aws-lc-rs` | yes | aws-lc for RS256, AES-GCM, RSA-OAEP (both directions) and RSA1_5 encryption; overrides `ring` |
//! | `jwe` | yes | JSON Web Encryption |
//! | `ring` | no | ring for RS256 and AES-GCM, in builds without `aws-lc-rs` |
//! | `fast-rsa1_5` | no | aws-lc for RSA1_5 decryption as well, through our crate `strict-jose-raw-rsa`, which contains the unsafe calls; turns on `aws-lc-rs` and `jwe` |
//! | `kore` | no | [`profile`]`::kore`: the identity tokens of Kore.ai |
//! | `session` | no | [`profile`]`::session`: tokens that open one session; depends on `url` and `ipnet` |
//! | `replay-contract` | no | `replay_contract`: the tests that every replay guard has to pass |
//!
//! Replay guards in a file and on a PostgreSQL or Redis server are in the crate
//! [`strict-jose-stores`](https://docs.rs/strict-jose-stores).
//!
//! Features are additive, and none of them loosens a check. Pure Rust crates compute whatever neither
//! `aws-lc-rs` nor `ring` does; by default that includes RSA1_5 decryption.
//!
//! # Build requirements
//!
//! | | Linux, glibc | Linux, musl | macOS | Windows |
//! | --- | --- | --- | --- | --- |
//! | `aws-lc-rs` | a C compiler | `musl-gcc` | the Xcode command line tools | Visual C++ build tools, or MinGW's `gcc`; with `clang-cl` on ARM64; NASM, or `AWS_LC_SYS_PREBUILT_NASM=1` on x86-64 |
//! | `ring` | a C compiler | `musl-gcc` | the Xcode command line tools | Visual C++ build tools, or MinGW's `gcc`; with `clang` on ARM64 |
//! | neither | nothing | nothing | nothing | nothing |
//!
//! All builds also need the linker that Rust itself needs. On these platforms aws-lc needs neither `cmake`
//! nor `bindgen`. Without a C compiler, the default build fails with
//!
//! ```text
//! error: failed to run custom build command for `aws-lc-sys v0.47.0`
//! ```
//!
//! Install one, or build in pure Rust, where RSA decryption takes about four times as long:
//!
//! ```toml
//! strict-jose = { version = "0.1", default-features = false, features = ["jwe"] }
//! ```
//!
//! ## WebAssembly
//!
//! `wasm32-unknown-unknown` needs the pure Rust build, and has neither random numbers nor a clock. In a web page
//! and in Node, take both from JavaScript:
//!
//! ```toml
//! [dependencies]
//! getrandom = { version = "0.4", features = ["wasm_js"] }
//! js-sys = "0.3"
//! strict-jose = { version = "0.1", default-features = false, features = ["jwe"] }
//! ```
//!
//! ```
//! # use std::time::Duration;
//! # use strict_jose::{Audience, Claims, Clock, Error, Issuer, NumericDate, Validation};
//! # mod js_sys {
//! #     pub struct Date;
//! #     impl Date {
//! #         pub fn now() -> f64 { 1_700_000_000_000.0 }
//! #     }
//! # }
//! # let (issuer, audience) = (Issuer::exactly("https://as.example"), Audience::unchecked());
//! let clock = Clock::new(|| NumericDate::from_seconds((js_sys::Date::now() / 1000.0) as u64));
//! let claims = Claims::expiring_in(Duration::from_secs(300)).issued_at(clock.now()?);
//! let rules = Validation::new(issuer, audience).clock(clock);
//! # Ok::<(), Error>(())
//! ```
//!
//! A call that needs the time and is not given it fails with [`Error::ClockUnavailable`]. Where there is no
//! JavaScript, give `getrandom` [another source](https://docs.rs/getrandom/0.4/getrandom/#opt-in-backends).

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod limits;
mod numeric_date;
mod secret;

mod jwa;

mod encoding;

mod crypto;
mod header;

mod key;

#[cfg(feature = "jwe")]
pub mod jwe;
pub mod jws;
mod replay;

pub mod jwt;

pub mod profile;

pub mod guide;

#[cfg(feature = "__internals")]
#[doc(hidden)]
pub mod internals;

pub use error::{
    ClaimError, ClaimProblem, Error, ExternalError, HeaderProblem, JsonProblem, JwkProblem,
    KeyError, Part, ReplayError, RuleError, StoreFailure,
};
pub use header::{JweHeader, JwsHeader, TokenHeader, UnverifiedHints};
pub use jwa::{ContentEncryption, SignatureAlgorithm};
pub use jwt::claims::{Claims, NoPrivateClaims};
pub use jwt::registered_claim::RegisteredClaim;
pub use jwt::single_use::{AsyncReplayCheck, NoReplayProtection, ReplayCheck, SingleUse};
pub use jwt::unspent::Unspent;
pub use jwt::validated::{Checked, Unauthenticated, Validated};
pub use jwt::validation::{Audience, Issuer, Leeway, Validation};
#[doc(hidden)] // named by sealed traits alone
pub use key::SelectedKey;
pub use key::external;
pub use key::hs256::Hs256Key;
pub use key::key_set::{KeySet, SkippedKey, TrustedIssuers};
pub use key::rsa::{Rs256, RsaAlgorithm, RsaPrivateKey, RsaPublicKey};
#[cfg(feature = "jwe")]
pub use key::{
    AsyncDecryptionKeys, DecryptionKeys, EncryptionKey,
    rsa::{Rsa1_5, RsaOaep},
};
pub use key::{AsyncSigningKey, SigningKey, VerifyingKeys};
pub use limits::Limits;
pub use numeric_date::{Clock, NumericDate};
#[cfg(feature = "replay-contract")]
pub use replay::contract as replay_contract;
pub use replay::{
    AfterRestart, AsyncReplayGuard, Insertion, MemoryReplayGuard, Monitored, Remembers,
    ReplayCounters, ReplayGuard, ReplayId, ReplayStatistics, Reservation, SharedGuard,
};
pub use secret::{SecretBytes, SecretString};

/// Signs with RS256.
pub type Rs256SigningKey = RsaPrivateKey<Rs256>;
/// Verifies RS256.
pub type Rs256VerifyingKey = RsaPublicKey<Rs256>;
/// Encrypts with RSA-OAEP.
#[cfg(feature = "jwe")]
pub type RsaOaepEncryptionKey = RsaPublicKey<RsaOaep>;
/// Decrypts RSA-OAEP.
#[cfg(feature = "jwe")]
pub type RsaOaepDecryptionKey = RsaPrivateKey<RsaOaep>;

/// RSA1_5, for systems that offer nothing better (RFC 8725 section 3.2 advises against it).
///
/// Decryption is constant-time from the ciphertext to the verdict of the content's tag; nothing else
/// makes this padding safe to accept. By default that makes it slower than RSA-OAEP, which the feature
/// `aws-lc-rs` computes; the feature `fast-rsa1_5` makes both equally fast.
#[cfg(feature = "jwe")]
pub mod legacy {
    use crate::key::rsa::{Rsa1_5, RsaPrivateKey, RsaPublicKey};

    /// Encrypts with RSA1_5.
    pub type Rsa1_5EncryptionKey = RsaPublicKey<Rsa1_5>;
    /// Decrypts RSA1_5.
    pub type Rsa1_5DecryptionKey = RsaPrivateKey<Rsa1_5>;
}

/// The README's examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
