//! Strict JOSE tokens: JWS `HS256` and `RS256`; JWE `RSA-OAEP` and `RSA1_5` with `A128CBC-HS256`,
//! `A128GCM` and `A256GCM`; JWTs with validation rules and replay protection.
//!
//! It takes exactly what the RFCs and the caller allow and refuses the rest: a key is one algorithm in
//! one role, the header never chooses, and claims are handed out only after every rule has held.
//!
//! ```
//! use std::time::Duration;
//! use strict_jose::{Audience, Claims, Hs256Key, Issuer, NoPrivateClaims, Validation, jwt};
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
//! let claims = jwt::verify::<NoPrivateClaims>(&token, &key, &rules)?;
//! assert_eq!(claims.subject(), Some("alice"));
//! # Ok::<(), strict_jose::Error>(())
//! ```
//!
//! # Which call do I want?
//!
//! | I have | I want | call |
//! | --- | --- | --- |
//! | claims | a signed token | [`jwt::sign`] |
//! | a signed token | its claims, if all rules hold | [`jwt::verify`] |
//! | claims | a signed token that only one party can read | [`jwt::sign_then_encrypt`] |
//! | such a token | its claims, if all rules hold | [`jwt::decrypt_then_verify`] |
//! | claims that prove nothing | a token that only one party can read | [`jwt::encrypt`], [`jwt::decrypt`] |
//! | a documented system to serve | its tokens, both sides | [`profile`], told by a [`guide`] each |
//! | octets | the same without claims | [`jws::sign`], [`jws::verify`], [`jwe::encrypt`], [`jwe::decrypt`] |
//!
//! # Features
//!
//! | feature | default | adds |
//! | --- | --- | --- |
//! | `aws-lc-rs` | yes | RS256, AES-GCM, RSA-OAEP and RSA1_5 encryption by aws-lc, the fastest backend; takes precedence over `ring` |
//! | `jwe` | yes | JSON Web Encryption |
//! | `ring` | no | RS256 and AES-GCM by ring, for builds without `aws-lc-rs` |
//! | `fast-rsa1_5` | no | RSA1_5 decryption by aws-lc, too, through a crate of ours that contains unsafe code; turns on `aws-lc-rs` and `jwe` |
//! | `session` | no | [`profile`]: tokens that open one session; uses the crates `url` and `ipnet` |
//! | `sqlite` | no | a replay guard in a file; compiles SQLite, which takes a C compiler |
//! | `postgres`, `redis` | no | replay guards on a server, plain and async; use the crate `tokio` |
//! | `replay-contract` | no | `replay_contract`: the tests that every replay guard has to pass |
//!
//! Features only add: they can be combined, and none changes what is accepted. What neither `aws-lc-rs`
//! nor `ring` computes, the pure Rust crates do, RSA1_5 decryption by default among it.
//!
//! # What it takes to build
//!
//! | | Linux, glibc | Linux, musl | macOS | Windows |
//! | --- | --- | --- | --- | --- |
//! | `aws-lc-rs` | a C compiler | `musl-gcc` | the Xcode command line tools | Visual C++ build tools, or MinGW's `gcc`; NASM, or `AWS_LC_SYS_PREBUILT_NASM=1` on x86-64 |
//! | `ring` | a C compiler | `musl-gcc` | the Xcode command line tools | Visual C++ build tools, or MinGW's `gcc`; with `clang` on ARM64 |
//! | neither | nothing | nothing | nothing | nothing |
//!
//! "Nothing" is besides the linker that Rust itself needs. aws-lc takes neither CMake nor bindgen. Without a C
//! compiler the default build ends with
//!
//! ```text
//! error: failed to run custom build command for `aws-lc-sys v0.47.0`
//! ```
//!
//! Then install one, or build in pure Rust, where RSA decryption takes about four times as long:
//!
//! ```toml
//! strict-jose = { version = "0.1", default-features = false, features = ["jwe"] }
//! ```
//!
//! `wasm32-unknown-unknown` takes the pure Rust build, and the application selects a source of randomness with
//! the crate `getrandom`. There is no system clock: pass the time with [`Validation::at`] and
//! [`Claims::issued_at`].

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod limits;
mod secret;

mod jwa;

mod encoding;

mod crypto;
mod header;

mod key;

#[cfg(feature = "jwe")]
pub mod jwe;
pub mod jws;

pub mod jwt;

pub mod profile;

pub mod guide;

#[cfg(feature = "__internals")]
#[doc(hidden)]
pub mod internals;

pub use error::{
    ClaimError, ClaimProblem, Error, ExternalError, HeaderProblem, JsonProblem, JwkProblem,
    KeyError, Part, ReplayError, RuleError, StoreError,
};
pub use header::{JweHeader, JwsHeader, ReceivedHeader, UnverifiedHints};
pub use jwa::{ContentEncryption, KeyManagementAlgorithm, SignatureAlgorithm};
pub use jwt::claims::{Claims, NoPrivateClaims};
pub use jwt::numeric_date::NumericDate;
pub use jwt::reading::RegisteredClaim;
pub use jwt::received::{Unauthenticated, Validated};
#[cfg(feature = "sqlite")]
pub use jwt::replay::DurableReplayGuard;
#[cfg(feature = "replay-contract")]
pub use jwt::replay::contract as replay_contract;
pub use jwt::replay::{
    AsyncReplayCheck, AsyncReplayGuard, Insertion, MemoryReplayGuard, NoReplayProtection,
    ReplayCheck, ReplayGuard, ReplayId, ReplayStatistics, SingleUse,
};
#[cfg(feature = "postgres")]
pub use jwt::replay::{PostgresReplayGuard, PostgresStore};
#[cfg(feature = "redis")]
pub use jwt::replay::{RedisReplayGuard, RedisStore};
pub use jwt::validation::{Audience, Issuer, Validation};
pub use key::hs256::Hs256Key;
pub use key::key_set::{KeySet, SkippedKey, TrustedIssuers};
pub use key::rsa::{Rs256, RsaAlgorithm, RsaPrivateKey, RsaPublicKey};
#[cfg(feature = "jwe")]
pub use key::{
    AsyncDecryptionKeys, DecryptionKeys, EncryptionKey,
    rsa::{Rsa1_5, RsaOaep},
};
pub use key::{AsyncSigningKey, SigningKey, VerifyingKeys};
pub use key::{Chosen, external};
pub use limits::Limits;
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
