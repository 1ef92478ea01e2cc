//! Claims that were received: read strictly, and handed out only once every rule has held.

use super::claims::is_registered;
use super::numeric_date::NumericDate;
use super::replay::ReplayId;
use crate::encoding::json::{Known, Raw, from_object_without, read_object};
use crate::error::{ClaimError, ClaimProblem, Error, Part};
use crate::header::ReceivedHeader;
use crate::limits::Limits;
use core::fmt;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// The registered claims, each of the type that RFC 7519 section 4.1 gives it.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Registered {
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) audience: Option<Vec<String>>,
    pub(crate) expires_at: Option<NumericDate>,
    pub(crate) not_before: Option<NumericDate>,
    pub(crate) issued_at: Option<NumericDate>,
    pub(crate) jwt_id: Option<String>,
}

#[derive(Default)]
struct Members<'a> {
    iss: Option<Raw<'a>>,
    sub: Option<Raw<'a>>,
    aud: Option<Raw<'a>>,
    exp: Option<Raw<'a>>,
    nbf: Option<Raw<'a>>,
    iat: Option<Raw<'a>>,
    jti: Option<Raw<'a>>,
}

impl<'a> Known<'a> for Members<'a> {
    fn slot(&mut self, name: &str) -> Option<&mut Option<Raw<'a>>> {
        Some(match name {
            "iss" => &mut self.iss,
            "sub" => &mut self.sub,
            "aud" => &mut self.aud,
            "exp" => &mut self.exp,
            "nbf" => &mut self.nbf,
            "iat" => &mut self.iat,
            "jti" => &mut self.jti,
            _ => return None,
        })
    }
}

impl Registered {
    /// Reads the Claims Set strictly. A claim of the wrong type is refused, never taken for absent.
    pub(crate) fn read(payload: &[u8], limits: &Limits) -> Result<Self, Error> {
        let mut members = Members::default();
        read_object(payload, limits, &mut members)
            .map_err(|problem| Error::Json { part: Part::Payload, problem })?;
        Ok(Self {
            issuer: string("iss", members.iss)?,
            subject: string("sub", members.sub)?,
            audience: members.aud.map(|raw| audience(raw, limits)).transpose()?,
            expires_at: date("exp", members.exp)?,
            not_before: date("nbf", members.nbf)?,
            issued_at: date("iat", members.iat)?,
            jwt_id: string("jti", members.jti)?,
        })
    }
}

/// The private claims, as if the registered ones were not there.
pub(crate) fn read_private<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Error> {
    from_object_without(payload, is_registered)
        .map_err(|_| ClaimError::new("private claims", ClaimProblem::WrongType).into())
}

fn string(claim: &'static str, value: Option<Raw<'_>>) -> Result<Option<String>, ClaimError> {
    value
        .map(|raw| raw.string().map(Cow::into_owned))
        .map(|text| text.ok_or(ClaimError::new(claim, ClaimProblem::WrongType)))
        .transpose()
}

fn audience(value: Raw<'_>, limits: &Limits) -> Result<Vec<String>, ClaimError> {
    let most = limits.json_elements;
    if let Some(one) = value.string() {
        return Ok(vec![one.into_owned()]);
    }
    value.strings(most).ok_or_else(|| {
        let too_long = value.is_array() && value.elements(most).is_none();
        let problem = if too_long { ClaimProblem::TooLong } else { ClaimProblem::WrongType };
        ClaimError::new("aud", problem)
    })
}

fn date(claim: &'static str, value: Option<Raw<'_>>) -> Result<Option<NumericDate>, ClaimError> {
    let Some(raw) = value else {
        return Ok(None);
    };
    let number = raw.number().ok_or(ClaimError::new(claim, ClaimProblem::WrongType))?;
    NumericDate::parse(number).map(Some).map_err(|problem| ClaimError::new(claim, problem))
}

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

        /// The private claims, taken out.
        #[must_use]
        pub fn into_private(self) -> T {
            self.private
        }

        /// The Header Parameters that came with the claims.
        #[must_use]
        pub fn header(&self) -> &ReceivedHeader {
            &self.header
        }
    };
}

/// The claims of a token whose signature and rules have all held.
///
/// There is no other way to get one: no constructor, no `Deserialize`, no `Default`.
#[derive(Clone, PartialEq, Eq)]
pub struct Validated<T> {
    registered: Registered,
    private: T,
    header: ReceivedHeader,
    replay_id: Option<ReplayId>,
}

impl<T> Validated<T> {
    pub(crate) fn new(
        registered: Registered,
        private: T,
        header: ReceivedHeader,
        replay_id: Option<ReplayId>,
    ) -> Self {
        Self { registered, private, header, replay_id }
    }

    registered_claims!();

    /// The id by which a replay guard keeps this token, if the rules asked one. Should the work behind
    /// the token fail, give it to [`release`](crate::ReplayGuard::release) and the token can be used
    /// again.
    #[must_use]
    pub fn replay_id(&self) -> Option<&ReplayId> {
        self.replay_id.as_ref()
    }
}

/// The claims of a token that was encrypted, but signed by nobody: anyone with the public key can have
/// written them. The rules have held.
///
/// It is no [`Validated`] and cannot become one.
#[derive(Clone, PartialEq, Eq)]
pub struct Unauthenticated<T> {
    registered: Registered,
    private: T,
    header: ReceivedHeader,
}

impl<T> Unauthenticated<T> {
    #[cfg(feature = "jwe")]
    pub(crate) fn new(registered: Registered, private: T, header: ReceivedHeader) -> Self {
        Self { registered, private, header }
    }

    registered_claims!();
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
