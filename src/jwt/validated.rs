//! Claims that were checked, each type saying what has held.

use super::claims::NoPrivateClaims;
use super::received::RegisteredClaims;
use crate::header::TokenHeader;
use crate::numeric_date::NumericDate;
use core::fmt;

macro_rules! registered_claims {
    () => {
        /// `iss`, who issued the token.
        #[must_use]
        pub fn issuer(&self) -> Option<&str> {
            self.registered.issuer.as_deref()
        }

        /// `sub`, whom the token is about.
        #[must_use]
        pub fn subject(&self) -> Option<&str> {
            self.registered.subject.as_deref()
        }

        /// `aud`, whom the token is for; a single string is a list of one.
        #[must_use]
        pub fn audience(&self) -> &[String] {
            self.registered.audience.as_deref().unwrap_or_default()
        }

        /// `exp`, from when on the token is no longer valid.
        #[must_use]
        pub fn expires_at(&self) -> Option<NumericDate> {
            self.registered.expires_at
        }

        /// `nbf`, before which the token was not valid.
        #[must_use]
        pub fn not_before(&self) -> Option<NumericDate> {
            self.registered.not_before
        }

        /// `iat`, when the token was issued.
        #[must_use]
        pub fn issued_at(&self) -> Option<NumericDate> {
            self.registered.issued_at
        }

        /// `jti`, the token's id.
        #[must_use]
        pub fn jwt_id(&self) -> Option<&str> {
            self.registered.jwt_id.as_deref()
        }

        /// The private claims.
        #[must_use]
        pub fn private(&self) -> &T {
            &self.private
        }

        /// The Header Parameters that came with the claims.
        #[must_use]
        pub fn header(&self) -> &TokenHeader {
            &self.header
        }
    };
}

macro_rules! into_private {
    () => {
        /// The private claims, taken out.
        #[must_use]
        pub fn into_private(self) -> T {
            self.private
        }
    };
}

/// The claims of a token whose signature and rules have all held.
///
/// There is no other way to get one: no constructor, no `Deserialize`, no `Default`.
///
/// `serde_json` reads the private claims into `T`, and any package of your program can turn its features
/// on for all of it. No verdict and nothing that this crate reads depends on them, but a `T` can: with
/// `arbitrary_precision` a `serde_json::Number` keeps all digits, and an untagged or flattened type may
/// no longer read a number; with `float_roundtrip` the last bit of an `f64` can differ; with
/// `preserve_order` a `serde_json::Map` keeps the order of the token.
#[derive(Clone, PartialEq, Eq)]
pub struct Validated<T = NoPrivateClaims> {
    registered: RegisteredClaims,
    private: T,
    header: TokenHeader,
}

impl<T> Validated<T> {
    registered_claims!();
    into_private!();
}

/// The claims of a token that keeps every rule but replay, for rules of your own.
///
/// The token is not used up: whoever acts on them does so as often as the token comes. They are only lent, by
/// [`Unspent::require`](crate::Unspent::require), and are no [`Validated`].
pub struct Checked<T = NoPrivateClaims> {
    registered: RegisteredClaims,
    private: T,
    header: TokenHeader,
    now: NumericDate,
}

impl<T> Checked<T> {
    pub(super) fn new(
        registered: RegisteredClaims,
        private: T,
        header: TokenHeader,
        now: NumericDate,
    ) -> Self {
        Self { registered, private, header, now }
    }

    pub(super) fn registered(&self) -> &RegisteredClaims {
        &self.registered
    }

    pub(super) fn into_validated(self) -> Validated<T> {
        let Self { registered, private, header, .. } = self;
        Validated { registered, private, header }
    }

    registered_claims!();

    /// The time by which the rules were checked.
    #[must_use]
    pub fn checked_at(&self) -> NumericDate {
        self.now
    }
}

/// The claims of a token that was encrypted, but signed by nobody: anyone with the public key can have
/// written them. The rules have held.
///
/// It is no [`Validated`] and cannot become one.
#[derive(Clone, PartialEq, Eq)]
pub struct Unauthenticated<T = NoPrivateClaims> {
    registered: RegisteredClaims,
    private: T,
    header: TokenHeader,
}

impl<T> Unauthenticated<T> {
    #[cfg(feature = "jwe")]
    pub(crate) fn new(registered: RegisteredClaims, private: T, header: TokenHeader) -> Self {
        Self { registered, private, header }
    }

    registered_claims!();
    into_private!();
}

impl<T> fmt::Debug for Checked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checked(<redacted>)")
    }
}

impl<T> fmt::Debug for Validated<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Validated(<redacted>)")
    }
}

impl<T> fmt::Debug for Unauthenticated<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unauthenticated(<redacted>)")
    }
}
