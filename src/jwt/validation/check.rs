//! The rules applied: in this order, and every one before the guard is asked.

use super::parties::IssuerRule;
use super::{REPLAY_LIFETIME, Validation};
use crate::error::{ClaimProblem, Error, HeaderProblem};
use crate::header::TokenHeader;
use crate::jwt::received::RegisteredClaims;
use crate::jwt::registered_claim::RegisteredClaim;
use crate::jwt::single_use::sealed::ReplayRule;
use crate::limits::JWT_ID_MAX_LEN;
use crate::numeric_date::NumericDate;
use crate::replay::ReplayId;

/// A token that keeps all rules and has an id that the guard has to be asked about.
#[derive(Debug)]
pub(crate) struct ReplayQuery {
    pub(crate) id: ReplayId,
    pub(crate) keep_until: NumericDate,
    pub(crate) now: NumericDate,
}

impl<R: ReplayRule> Validation<R> {
    /// Checks every rule but replay, whose question it returns.
    pub(crate) fn check(
        &self,
        claims: &RegisteredClaims,
        header: &TokenHeader,
        key_issuer: Option<&str>,
    ) -> Result<Option<ReplayQuery>, Error> {
        self.check_all(claims, header, key_issuer)
            .map_err(|error| error.of_token(claims.has_jwt_id()))
    }

    fn check_all(
        &self,
        claims: &RegisteredClaims,
        header: &TokenHeader,
        key_issuer: Option<&str>,
    ) -> Result<Option<ReplayQuery>, Error> {
        let now = match self.now {
            Some(now) => now,
            None => NumericDate::now()?,
        };
        self.check_typ(header)?;
        self.check_issuer(claims, key_issuer)?;
        self.check_audience(claims)?;
        self.check_subject(claims)?;
        self.check_required(claims)?;
        self.check_times(claims, now)?;
        let jti = self.replay.identifies(claims.has_jwt_id());
        self.check_lifetime(claims, now, jti)?;
        if !jti {
            return Ok(None);
        }
        self.check_issued_after(claims)?;
        let jwt_id = claims.present(RegisteredClaim::JwtId, claims.jwt_id.as_deref())?;
        if jwt_id.len() > JWT_ID_MAX_LEN {
            return Err(claims.broken(RegisteredClaim::JwtId, ClaimProblem::TooLong));
        }
        let expires_at = claims
            .expires_at
            .ok_or_else(|| claims.broken(RegisteredClaim::ExpirationTime, ClaimProblem::Missing))?;
        let issuer = claims.issuer.as_deref().unwrap_or_default();
        Ok(Some(ReplayQuery {
            id: ReplayId::new(issuer, self.replay.scope(), jwt_id),
            // As long as `check_times` accepts the token: without the leeway, the guard could
            // forget the id of a token that is still valid.
            keep_until: expires_at.saturating_add(self.leeway.as_duration()),
            now,
        }))
    }

    fn check_typ(&self, header: &TokenHeader) -> Result<(), Error> {
        let Some(expected) = &self.typ else {
            return Ok(());
        };
        let refuse = |problem| Error::Header { parameter: "typ", problem };
        let typ = header.typ().ok_or(refuse(HeaderProblem::Missing))?;
        if same_media_type(typ, expected) { Ok(()) } else { Err(refuse(HeaderProblem::Mismatch)) }
    }

    fn check_issuer(
        &self,
        claims: &RegisteredClaims,
        key_issuer: Option<&str>,
    ) -> Result<(), Error> {
        let issuer = claims.issuer.as_deref();
        // A key that was picked for an issuer vouches for no other, whatever the rule says.
        if key_issuer.is_some() && key_issuer != issuer {
            return Err(claims.broken(RegisteredClaim::Issuer, ClaimProblem::Mismatch));
        }
        let permitted = match &self.issuer.0 {
            IssuerRule::Unchecked => return Ok(()),
            // If the key has an issuer, the check above has compared it with the claim.
            IssuerRule::BoundToKey => key_issuer.is_some(),
            IssuerRule::AnyOf(issuers) => {
                let issuer = claims.present(RegisteredClaim::Issuer, issuer)?;
                issuers.iter().any(|permitted| permitted == issuer)
            }
        };
        if permitted {
            Ok(())
        } else {
            Err(claims.broken(RegisteredClaim::Issuer, ClaimProblem::Mismatch))
        }
    }

    fn check_audience(&self, claims: &RegisteredClaims) -> Result<(), Error> {
        let Some(permitted) = &self.audience.0 else {
            return Ok(());
        };
        let audience = claims
            .audience
            .as_ref()
            .ok_or_else(|| claims.broken(RegisteredClaim::Audience, ClaimProblem::Missing))?;
        if audience.is_empty() {
            return Err(claims.broken(RegisteredClaim::Audience, ClaimProblem::Empty));
        }
        // An empty text matches nothing, not even a rule that was built from an empty setting.
        if audience.iter().any(|one| !one.is_empty() && permitted.contains(one)) {
            Ok(())
        } else {
            Err(claims.broken(RegisteredClaim::Audience, ClaimProblem::Mismatch))
        }
    }

    fn check_subject(&self, claims: &RegisteredClaims) -> Result<(), Error> {
        let Some(expected) = &self.subject else {
            return Ok(());
        };
        if claims.present(RegisteredClaim::Subject, claims.subject.as_deref())? == expected {
            Ok(())
        } else {
            Err(claims.broken(RegisteredClaim::Subject, ClaimProblem::Mismatch))
        }
    }

    fn check_required(&self, claims: &RegisteredClaims) -> Result<(), Error> {
        for &claim in &self.required {
            let text =
                |value: &Option<String>| claims.present(claim, value.as_deref()).map(|_| true);
            let there = match claim {
                RegisteredClaim::Issuer => text(&claims.issuer)?,
                RegisteredClaim::Subject => text(&claims.subject)?,
                RegisteredClaim::JwtId => text(&claims.jwt_id)?,
                RegisteredClaim::Audience => claims.audience.is_some(),
                RegisteredClaim::ExpirationTime => claims.expires_at.is_some(),
                RegisteredClaim::NotBefore => claims.not_before.is_some(),
                RegisteredClaim::IssuedAt => claims.issued_at.is_some(),
            };
            if !there {
                return Err(claims.broken(claim, ClaimProblem::Missing));
            }
        }
        Ok(())
    }

    fn check_times(&self, claims: &RegisteredClaims, now: NumericDate) -> Result<(), Error> {
        match claims.expires_at {
            None if self.expiration_required => {
                return Err(claims.broken(RegisteredClaim::ExpirationTime, ClaimProblem::Missing));
            }
            // At `exp` itself a token has expired (RFC 7519 section 4.1.4), at `nbf` itself it is
            // valid (section 4.1.5): here `>=`, below `>`.
            Some(exp) if now >= exp.saturating_add(self.leeway.as_duration()) => {
                return Err(claims.broken(RegisteredClaim::ExpirationTime, ClaimProblem::Expired));
            }
            _ => {}
        }
        let latest = now.saturating_add(self.leeway.as_duration());
        let issued = self.issued_at(claims);
        if claims.not_before.is_some_and(|nbf| nbf > latest) {
            return Err(claims.broken(RegisteredClaim::NotBefore, ClaimProblem::NotYetValid));
        }
        if issued.is_some_and(|iat| iat > latest) {
            return Err(claims.broken(RegisteredClaim::IssuedAt, ClaimProblem::IssuedInTheFuture));
        }
        // `check_lifetime` would count such a lifetime as zero, which every bound accepts.
        if let (Some(exp), Some(iat)) = (claims.expires_at, claims.issued_at)
            && exp <= iat
        {
            return Err(claims.broken(RegisteredClaim::ExpirationTime, ClaimProblem::Mismatch));
        }
        if let Some(age) = self.max_age {
            let iat = claims
                .issued_at
                .ok_or_else(|| claims.broken(RegisteredClaim::IssuedAt, ClaimProblem::Missing))?;
            if now.saturating_since(iat) > age {
                return Err(claims.broken(RegisteredClaim::IssuedAt, ClaimProblem::TooOld));
            }
        }
        Ok(())
    }

    /// `iat` as it is held against clocks.
    fn issued_at(&self, claims: &RegisteredClaims) -> Option<NumericDate> {
        let whole = self.reading.milliseconds_in_issued_at;
        claims.issued_at.map(|iat| if whole { iat.without_fraction() } else { iat })
    }

    fn check_issued_after(&self, claims: &RegisteredClaims) -> Result<(), Error> {
        let Some(date) = self.replay.issued_after() else {
            return Ok(());
        };
        let broken = |problem| claims.broken(RegisteredClaim::IssuedAt, problem);
        let issued = self.issued_at(claims).ok_or_else(|| broken(ClaimProblem::Missing))?;
        let earliest = date.saturating_add(self.leeway.as_duration());
        if issued > earliest { Ok(()) } else { Err(broken(ClaimProblem::IssuedTooEarly)) }
    }

    fn check_lifetime(
        &self,
        claims: &RegisteredClaims,
        now: NumericDate,
        jti: bool,
    ) -> Result<(), Error> {
        let Some(most) = self.max_lifetime.or(jti.then_some(REPLAY_LIFETIME)) else {
            return Ok(());
        };
        let exp = claims
            .expires_at
            .ok_or_else(|| claims.broken(RegisteredClaim::ExpirationTime, ClaimProblem::Missing))?;
        // `iat` may be missing, and from now on even a long-lived token has little time left near
        // its end: both spans count.
        let from_issue = claims.issued_at.map(|iat| exp.saturating_since(iat));
        if exp.saturating_since(now) > most || from_issue.is_some_and(|lifetime| lifetime > most) {
            return Err(
                claims.broken(RegisteredClaim::ExpirationTime, ClaimProblem::LifetimeTooLong)
            );
        }
        Ok(())
    }
}

/// RFC 7515 section 4.1.9: a media type without another `/` may leave out its `application/`.
pub(crate) fn same_media_type(one: &str, other: &str) -> bool {
    fn full(media_type: &str) -> &str {
        const PREFIX: &str = "application/";
        match media_type.split_at_checked(PREFIX.len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => {
                rest
            }
            _ => media_type,
        }
    }
    full(one).eq_ignore_ascii_case(full(other))
}

#[cfg(test)]
mod tests {
    use super::same_media_type;

    #[test]
    fn media_types_compare_as_rfc_7515_says() {
        for same in ["at+jwt", "AT+JWT", "application/at+jwt", "APPLICATION/At+Jwt"] {
            assert!(same_media_type(same, "at+jwt"), "{same}");
            assert!(same_media_type("application/at+jwt", same), "{same}");
        }
        for other in [
            "",
            "JWT",
            "at+jw",
            "at+jwt ",
            "text/at+jwt",
            "application/application/at+jwt",
            "application.at+jwt", // what precedes is as long as `application/`
            "audio/mpeg/2at+jwt",
        ] {
            assert!(!same_media_type(other, "at+jwt"), "{other}");
        }
    }
}
