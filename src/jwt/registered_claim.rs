//! The seven registered Claims by name (RFC 7519 section 4.1).

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
    pub(crate) const ALL: [Self; 7] = [
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

impl<V> PerClaim<Option<V>> {
    pub(crate) const NONE: Self =
        Self { iss: None, sub: None, aud: None, exp: None, nbf: None, iat: None, jti: None };
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
