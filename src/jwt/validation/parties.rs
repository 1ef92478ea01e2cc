//! Who may have issued a token, and whom it may be for (RFC 7519 sections 4.1.1 and 4.1.3).

use crate::error::RuleError;

/// Who may have issued a token.
#[derive(Debug, Clone)]
pub struct Issuer(pub(super) IssuerRule);

#[derive(Debug, Clone)]
pub(super) enum IssuerRule {
    AnyOf(Vec<String>),
    BoundToKey,
    Unchecked,
}

impl Issuer {
    /// `iss` has to be this, octet for octet.
    #[must_use]
    pub fn exactly(issuer: impl Into<String>) -> Self {
        Self(IssuerRule::AnyOf(vec![issuer.into()]))
    }

    /// `iss` has to be one of these. With keys that differ by issuer take
    /// [`bound_to_key`](Self::bound_to_key): one issuer's key must not do for another.
    ///
    /// # Errors
    ///
    /// [`RuleError::EmptyList`] for none.
    pub fn any_of<S: Into<String>>(
        issuers: impl IntoIterator<Item = S>,
    ) -> Result<Self, RuleError> {
        list(issuers).map(|issuers| Self(IssuerRule::AnyOf(issuers)))
    }

    /// `iss` has to be the issuer that the key was picked for among
    /// [`TrustedIssuers`](crate::TrustedIssuers); with other keys every token is refused.
    #[must_use]
    pub fn bound_to_key() -> Self {
        Self(IssuerRule::BoundToKey)
    }

    /// `iss` is not looked at: whoever has the key may say anything.
    #[must_use]
    pub fn unchecked() -> Self {
        Self(IssuerRule::Unchecked)
    }
}

/// Whom a token may be for.
#[derive(Debug, Clone)]
pub struct Audience(pub(super) Option<Vec<String>>);

impl Audience {
    /// `aud` has to be or to contain this, octet for octet.
    #[must_use]
    pub fn includes(audience: impl Into<String>) -> Self {
        Self(Some(vec![audience.into()]))
    }

    /// `aud` has to be or to contain one of these.
    ///
    /// # Errors
    ///
    /// [`RuleError::EmptyList`] for none.
    pub fn includes_any<S: Into<String>>(
        audiences: impl IntoIterator<Item = S>,
    ) -> Result<Self, RuleError> {
        list(audiences).map(|audiences| Self(Some(audiences)))
    }

    /// `aud` is not looked at: tokens meant for others are taken.
    #[must_use]
    pub fn unchecked() -> Self {
        Self(None)
    }
}

fn list<S: Into<String>>(items: impl IntoIterator<Item = S>) -> Result<Vec<String>, RuleError> {
    let items: Vec<String> = items.into_iter().map(Into::into).collect();
    if items.is_empty() { Err(RuleError::EmptyList) } else { Ok(items) }
}
