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
//! `ring` (default): RS256 and AES-GCM by ring. `aws-lc-rs`: these and RSAES, but for RSA1_5
//! decryption, by aws-lc; takes precedence. `fast-rsa1_5`: RSA1_5 decryption, too, through a crate of
//! ours that holds unsafe code. With none, all by the pure Rust crates. `jwe` (default): encryption.
//! `session`: the profile of session tokens, with url and ipnet. `sqlite`: a replay guard on a file.
//! `postgres`, `redis`: one on a server. `replay-contract`: the `replay_contract` module, which tests
//! replay guards. No feature changes what is accepted.

#![forbid(unsafe_code)]

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
/// makes this padding safe to accept. That makes it slower than RSA-OAEP by the feature `aws-lc-rs`,
/// unless the feature `fast-rsa1_5` is on.
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
