//! What may be read of a token before it is verified: `kid` and `iss`, to find a key by.

use super::{UnverifiedHeader, decode_header};
use crate::encoding::json::{MemberSlots, Raw, read_object};
use crate::encoding::{base64url, compact};
use crate::error::Error;
use crate::limits::Limits;
use core::fmt;
use std::borrow::Cow;
use zeroize::Zeroizing;

/// What a token says of itself before anything is verified: good for finding a key, for nothing else.
///
/// ```
/// use strict_jose::{Claims, Hs256Key, UnverifiedHints, jwt};
/// use std::time::Duration;
///
/// let key = Hs256Key::generate()?.with_key_id("2026-11")?;
/// let token = jwt::sign(&Claims::expiring_in(Duration::from_secs(60)).issuer("https://a"), &key)?;
/// let hints = UnverifiedHints::read(&token)?;
/// assert_eq!((hints.key_id(), hints.issuer()), (Some("2026-11"), Some("https://a")));
/// # Ok::<(), strict_jose::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UnverifiedHints {
    key_id: Option<String>,
    issuer: Option<String>,
}

impl UnverifiedHints {
    /// Reads `kid`, and `iss` if the token is a JWS over a JSON object that names one.
    ///
    /// # Errors
    ///
    /// As the verifying calls: the token's form, its length and its header are checked. A payload that
    /// is no strict JSON object gives no issuer.
    pub fn read(token: &str) -> Result<Self, Error> {
        Self::read_with_limits(token, &Limits::DEFAULT)
    }

    /// The same within other limits.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn read_with_limits(token: &str, limits: &Limits) -> Result<Self, Error> {
        Self::read_either(token, None, limits)
    }

    /// The same where a member of another name stands for `iss`, as under
    /// [`Validation::claim_alias`](crate::Validation::claim_alias): if it is there it wins, whatever it holds.
    ///
    /// ```
    /// use strict_jose::{Hs256Key, Limits, UnverifiedHints, jws};
    ///
    /// let payload = br#"{"iss":"an identity provider","app_iss":"app-1"}"#;
    /// let token = jws::sign(payload, &Hs256Key::generate()?)?;
    /// let hints = UnverifiedHints::read_with_issuer_alias(&token, "app_iss", &Limits::DEFAULT)?;
    /// assert_eq!(hints.issuer(), Some("app-1"));
    /// # Ok::<(), strict_jose::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn read_with_issuer_alias(
        token: &str,
        alias: &str,
        limits: &Limits,
    ) -> Result<Self, Error> {
        Self::read_either(token, Some(alias), limits)
    }

    fn read_either(token: &str, alias: Option<&str>, limits: &Limits) -> Result<Self, Error> {
        let segment = compact::header_segment(token, limits)?;
        let bytes = decode_header(segment)?;
        let header = UnverifiedHeader::read(&bytes, limits)?;
        let issuer = match compact::segment_count(token) {
            Some(3) => issuer(compact::split_jws(token, limits)?.payload, alias, limits),
            _ => None,
        };
        Ok(Self { key_id: header.kid.map(Cow::into_owned), issuer })
    }

    pub(crate) fn new(key_id: Option<&str>, issuer: Option<String>) -> Self {
        Self { key_id: key_id.map(str::to_owned), issuer }
    }

    /// The `kid` that the token names.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The `iss` that the token names.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }
}

impl fmt::Debug for UnverifiedHints {
    /// Nothing of it: it is token text, and nobody has vouched for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnverifiedHints(<redacted>)")
    }
}

/// The `iss` of an encoded payload, if it is a strict JSON object with one. The alias wins over it.
pub(crate) fn issuer(payload: &str, alias: Option<&str>, limits: &Limits) -> Option<String> {
    struct Issuers<'a, 'n> {
        alias: Option<&'n str>,
        registered: Option<Raw<'a>>,
        aliased: Option<Raw<'a>>,
    }
    impl<'a> MemberSlots<'a> for Issuers<'a, '_> {
        fn slot(&mut self, name: &str) -> Option<&mut Option<Raw<'a>>> {
            if self.alias == Some(name) {
                return Some(&mut self.aliased);
            }
            (name == "iss").then_some(&mut self.registered)
        }
    }
    // Of a nested token this is plaintext.
    let bytes = Zeroizing::new(base64url::decode(payload).ok()?);
    let mut issuers = Issuers { alias, registered: None, aliased: None };
    // Not an error yet, because nobody has vouched for the payload. What is wrong with the claims
    // is reported once the signature holds.
    read_object(&bytes, limits, &mut issuers).ok()?;
    // An alias that is not a string does not fall back to `iss`. Nor does it in
    // `ClaimMembers::take`: the key is always picked by the member that the rules check.
    issuers.aliased.or(issuers.registered)?.string().map(Cow::into_owned)
}
