//! How a Claims Set is read: the names that stand for registered claims (RFC 7519 section 4.1).

use crate::error::RuleError;

/// One of the seven Claims that RFC 7519 section 4.1 registers.
///
/// ```
/// use strict_jose::RegisteredClaim;
///
/// assert_eq!(RegisteredClaim::JwtId.name(), "jti");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegisteredClaim {
    /// `iss` (section 4.1.1).
    Issuer,
    /// `sub` (section 4.1.2).
    Subject,
    /// `aud` (section 4.1.3).
    Audience,
    /// `exp` (section 4.1.4).
    ExpirationTime,
    /// `nbf` (section 4.1.5).
    NotBefore,
    /// `iat` (section 4.1.6).
    IssuedAt,
    /// `jti` (section 4.1.7).
    JwtId,
}

impl RegisteredClaim {
    /// All of them, in the RFC's order.
    pub const ALL: [Self; 7] = [
        Self::Issuer,
        Self::Subject,
        Self::Audience,
        Self::ExpirationTime,
        Self::NotBefore,
        Self::IssuedAt,
        Self::JwtId,
    ];

    /// The registered name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issuer => "iss",
            Self::Subject => "sub",
            Self::Audience => "aud",
            Self::ExpirationTime => "exp",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
            Self::JwtId => "jti",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "iss" => Self::Issuer,
            "sub" => Self::Subject,
            "aud" => Self::Audience,
            "exp" => Self::ExpirationTime,
            "nbf" => Self::NotBefore,
            "iat" => Self::IssuedAt,
            "jti" => Self::JwtId,
            _ => return None,
        })
    }
}

/// One value for each registered claim.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PerClaim<V> {
    iss: V,
    sub: V,
    aud: V,
    exp: V,
    nbf: V,
    iat: V,
    jti: V,
}

impl<V> PerClaim<V> {
    pub(crate) fn get(&self, claim: RegisteredClaim) -> &V {
        match claim {
            RegisteredClaim::Issuer => &self.iss,
            RegisteredClaim::Subject => &self.sub,
            RegisteredClaim::Audience => &self.aud,
            RegisteredClaim::ExpirationTime => &self.exp,
            RegisteredClaim::NotBefore => &self.nbf,
            RegisteredClaim::IssuedAt => &self.iat,
            RegisteredClaim::JwtId => &self.jti,
        }
    }

    pub(crate) fn get_mut(&mut self, claim: RegisteredClaim) -> &mut V {
        match claim {
            RegisteredClaim::Issuer => &mut self.iss,
            RegisteredClaim::Subject => &mut self.sub,
            RegisteredClaim::Audience => &mut self.aud,
            RegisteredClaim::ExpirationTime => &mut self.exp,
            RegisteredClaim::NotBefore => &mut self.nbf,
            RegisteredClaim::IssuedAt => &mut self.iat,
            RegisteredClaim::JwtId => &mut self.jti,
        }
    }
}

/// What a caller says about names and forms that RFC 7519 does not know.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    aliases: PerClaim<Option<&'static str>>,
    /// `iat` may be given in milliseconds.
    pub(crate) milliseconds: bool,
}

impl Reading {
    /// Every name stands for one claim, or what was checked would depend on who reads.
    pub(crate) fn add_alias(
        &mut self,
        claim: RegisteredClaim,
        alias: &'static str,
    ) -> Result<(), RuleError> {
        let taken = self.aliased(alias).is_some_and(|other| other != claim);
        if alias.is_empty() || taken || RegisteredClaim::named(alias).is_some() {
            return Err(RuleError::AliasTaken);
        }
        *self.aliases.get_mut(claim) = Some(alias);
        Ok(())
    }

    pub(crate) fn alias(&self, claim: RegisteredClaim) -> Option<&'static str> {
        *self.aliases.get(claim)
    }

    /// The claim that this name is an alias of.
    pub(crate) fn aliased(&self, name: &str) -> Option<RegisteredClaim> {
        RegisteredClaim::ALL.into_iter().find(|claim| self.alias(*claim) == Some(name))
    }
}
