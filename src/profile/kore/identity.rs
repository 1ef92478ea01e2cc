//! Who a token stands for: as the app says it, and as the platform has found it to be.

use super::wire::{IDENTITY_TO_MERGE, IS_ANONYMOUS, Received};
use crate::{Checked, ClaimError, ClaimProblem, Error, NoPrivateClaims, NumericDate, Validated};
use core::fmt;
use serde_json::Value;

/// A user as the app's backend knows them, to be put into a token.
///
/// ```
/// use serde::Serialize;
/// use strict_jose::profile::kore::User;
///
/// #[derive(Serialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Account {
///     private_claims: std::collections::BTreeMap<&'static str, &'static str>,
/// }
///
/// let account = Account { private_claims: [("accountId", "123412512512556")].into() };
/// let user = User::new("john.doe@achme.com").merging("anonymoususer1@test.com").private(account);
/// # drop(user);
/// ```
#[derive(Clone)]
pub struct User<T = NoPrivateClaims> {
    pub(super) subject: String,
    pub(super) is_anonymous: bool,
    pub(super) identity_to_merge: Option<String>,
    pub(super) private: T,
}

impl User {
    /// A user who has signed in, by the `sub` that the app knows them by.
    #[must_use]
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            is_anonymous: false,
            identity_to_merge: None,
            private: NoPrivateClaims,
        }
    }

    /// A visitor who has not, by a `sub` made up for them.
    #[must_use]
    pub fn anonymous(subject: impl Into<String>) -> Self {
        Self { is_anonymous: true, ..Self::new(subject) }
    }
}

impl<T> User<T> {
    /// Sets `identityToMerge`: the anonymous identity that this user had before, and no longer is.
    #[must_use]
    pub fn merging(mut self, identity: impl Into<String>) -> Self {
        self.identity_to_merge = Some(identity.into());
        self
    }

    /// Adds claims of the app's own: a type that serializes to an object, `privateClaims` being one of
    /// its members if there are any of those.
    #[must_use]
    pub fn private<U>(self, private: U) -> User<U> {
        let Self { subject, is_anonymous, identity_to_merge, .. } = self;
        User { subject, is_anonymous, identity_to_merge, private }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.subject.is_empty() {
            return Err(broken("sub", ClaimProblem::Empty));
        }
        check_merge(self.identity_to_merge.as_deref(), &self.subject)
    }
}

impl<T> fmt::Debug for User<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("User(<redacted>)")
    }
}

/// Who a token stands for, all that it says having been checked. Only a
/// [`Platform`](super::Platform) makes one.
pub struct Identity<T = NoPrivateClaims> {
    claims: Validated<Received<T>>,
    facts: Facts,
}

/// What Kore.ai's own claims say, checked.
pub(super) struct Facts {
    expires_at: NumericDate,
    is_anonymous: bool,
    merges: Option<String>,
    was_encrypted: bool,
}

impl Facts {
    /// Kore.ai's own rules for claims that keep the registered ones'.
    pub(super) fn check<T>(
        claims: &Checked<Received<T>>,
        was_encrypted: bool,
        compat: bool,
    ) -> Result<Self, Error> {
        let own = claims.private();
        let is_anonymous = match &own.is_anonymous {
            None => false,
            Some(Value::Bool(is_anonymous)) => *is_anonymous,
            Some(Value::String(text)) if compat && text == "false" => false,
            Some(_) => return Err(broken(IS_ANONYMOUS, ClaimProblem::WrongType)),
        };
        let merges = match &own.identity_to_merge {
            None => None,
            Some(Value::String(identity)) => Some(identity.clone()),
            Some(_) => return Err(broken(IDENTITY_TO_MERGE, ClaimProblem::WrongType)),
        };
        check_merge(merges.as_deref(), claims.subject().unwrap_or_default())?;
        let expires_at = claims.expires_at().ok_or(broken("exp", ClaimProblem::Missing))?;
        Ok(Self { expires_at, is_anonymous, merges, was_encrypted })
    }

    pub(super) fn identity<T>(self, claims: Validated<Received<T>>) -> Identity<T> {
        Identity { claims, facts: self }
    }
}

impl<T> Identity<T> {
    /// The client id of the app that vouches for the user: `kore_iss`, else `iss`.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.claims.issuer().unwrap_or_default() // required by the platform's rules
    }

    /// The user: `kore_sub`, else `sub`. Never empty.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.claims.subject().unwrap_or_default() // required by the platform's rules
    }

    /// The token's id: `kore_jti`, else `jti`.
    #[must_use]
    pub fn jwt_id(&self) -> Option<&str> {
        self.claims.jwt_id()
    }

    /// `aud`, a single string being a list of one.
    #[must_use]
    pub fn audience(&self) -> &[String] {
        self.claims.audience()
    }

    /// `iat`, when the token was issued.
    #[must_use]
    pub fn issued_at(&self) -> Option<NumericDate> {
        self.claims.issued_at()
    }

    /// `exp`, from when on the token is no longer valid.
    #[must_use]
    pub fn expires_at(&self) -> NumericDate {
        self.facts.expires_at
    }

    /// `isAnonymous`: whether the user has not signed in. False unless said.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.facts.is_anonymous
    }

    /// `identityToMerge`: the anonymous identity that this user had before. Never the subject's own.
    #[must_use]
    pub fn identity_to_merge(&self) -> Option<&str> {
        self.facts.merges.as_deref()
    }

    /// Whether the token came encrypted.
    #[must_use]
    pub fn was_encrypted(&self) -> bool {
        self.facts.was_encrypted
    }

    /// The app's own claims.
    #[must_use]
    pub fn private(&self) -> &T {
        &self.claims.private().rest
    }

    /// The app's own claims, taken out.
    #[must_use]
    pub fn into_private(self) -> T {
        self.claims.into_private().rest
    }
}

impl<T> fmt::Debug for Identity<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(<redacted>)")
    }
}

/// Merging a user into themselves means nothing; a token that asks for it was made by mistake.
fn check_merge(identity: Option<&str>, subject: &str) -> Result<(), Error> {
    match identity {
        Some("") => Err(broken(IDENTITY_TO_MERGE, ClaimProblem::Empty)),
        Some(identity) if identity == subject => {
            Err(broken(IDENTITY_TO_MERGE, ClaimProblem::Mismatch))
        }
        _ => Ok(()),
    }
}

pub(super) fn broken(claim: &'static str, problem: ClaimProblem) -> Error {
    ClaimError::new(claim, problem).into()
}
