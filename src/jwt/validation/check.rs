//! The rules applied: in this order, and every one before the guard is asked.

use super::parties::IssuerRule;
use super::{REPLAY_LIFETIME, Validation};
use crate::error::{ClaimProblem, Error, HeaderProblem, ReplayError};
use crate::header::TokenHeader;
use crate::jwt::received::RegisteredClaims;
use crate::jwt::registered_claim::RegisteredClaim;
use crate::jwt::single_use::sealed::ReplayRule;
use crate::jwt::unspent::{Pending, PendingId};
use crate::limits::JWT_ID_MAX_LEN;
use crate::numeric_date::NumericDate;
use crate::replay::ready_from;

impl<R: ReplayRule> Validation<R> {
    /// Checks every rule but replay. Returns what is left to be checked when the token is used.
    pub(crate) fn check(
        &self,
        claims: &RegisteredClaims,
        header: &TokenHeader,
        key_issuer: Option<&str>,
    ) -> Result<Pending, Error> {
        self.check_all(claims, header, key_issuer)
            .map_err(|error| error.of_token(claims.has_jwt_id()))
    }

    fn check_all(
        &self,
        claims: &RegisteredClaims,
        header: &TokenHeader,
        key_issuer: Option<&str>,
    ) -> Result<Pending, Error> {
        let now = self.clock.now()?;
        self.check_typ(header)?;
        self.check_issuer(claims, key_issuer)?;
        self.check_audience(claims)?;
        self.check_subject(claims)?;
        self.check_required(claims)?;
        self.check_times(claims, now)?;
        let jti = self.replay.identifies(claims.has_jwt_id());
        self.check_lifetime(claims, now, jti)?;
        let mut pending = self.pending(claims, now);
        if !jti {
            return Ok(pending);
        }
        let jwt_id = claims.present(RegisteredClaim::JwtId, claims.jwt_id.as_deref())?;
        if jwt_id.len() > JWT_ID_MAX_LEN {
            return Err(claims.broken(RegisteredClaim::JwtId, ClaimProblem::TooLong));
        }
        pending.id = Some(self.pending_id(claims)?);
        self.check_issued_after(claims, now)?;
        Ok(pending)
    }

    /// When a token is too old by its `iat`.
    fn too_old_from(&self, claims: &RegisteredClaims) -> Option<NumericDate> {
        self.max_age.zip(claims.issued_at).map(|(age, iat)| iat.saturating_add(age))
    }

    fn pending(&self, claims: &RegisteredClaims, now: NumericDate) -> Pending {
        let expired = claims.expires_at.map(|exp| exp.saturating_add(self.leeway.as_duration()));
        let ends = [
            expired.map(|end| (end, RegisteredClaim::ExpirationTime)),
            self.too_old_from(claims).map(|end| (end, RegisteredClaim::IssuedAt)),
        ];
        let valid_until = ends.into_iter().flatten().min_by_key(|(end, _)| *end);
        Pending { valid_until, now, clock: self.clock.clone(), id: None }
    }

    /// What the guard is to be asked, of a token whose life has an end.
    fn pending_id(&self, claims: &RegisteredClaims) -> Result<PendingId, Error> {
        // No guard may forget the id of a token that `check_times` still accepts, by its own clock either.
        let ends = claims.expires_at.into_iter().chain(self.too_old_from(claims));
        let end = ends
            .min()
            .ok_or_else(|| claims.broken(RegisteredClaim::ExpirationTime, ClaimProblem::Missing))?;
        let keep_until = end.saturating_add(self.leeway.as_duration());
        Ok(PendingId { scope: self.replay.scope(), keep_until })
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
            if now >= iat.saturating_add(age) {
                return Err(claims.broken(RegisteredClaim::IssuedAt, ClaimProblem::TooOld));
            }
        }
        Ok(())
    }

    /// `iat` as it is held against clocks.
    fn issued_at(&self, claims: &RegisteredClaims) -> Option<NumericDate> {
        let whole = self.reading.milliseconds;
        claims.issued_at.map(|iat| if whole { iat.without_fraction() } else { iat })
    }

    /// The last of the rules about registered claims: a token that breaks another one is told so, ready or not.
    fn check_issued_after(&self, claims: &RegisteredClaims, now: NumericDate) -> Result<(), Error> {
        let Some(date) = self.replay.issued_after() else {
            return Ok(());
        };
        let leeway = self.leeway.as_duration();
        if now < ready_from(date, leeway) {
            return Err(ReplayError::NotReady.into());
        }
        let broken = |problem| claims.broken(RegisteredClaim::IssuedAt, problem);
        let issued = self.issued_at(claims).ok_or_else(|| broken(ClaimProblem::Missing))?;
        if issued > date.saturating_add(leeway) {
            Ok(())
        } else {
            Err(broken(ClaimProblem::IssuedTooEarly))
        }
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
        let named = self.max_lifetime.is_some();
        let exp = match claims.expires_at {
            Some(exp) => exp,
            // How long an id is kept is bounded by the age then; a lifetime that is named needs its `exp`.
            None if !named && self.max_age.is_some() => return Ok(()),
            None => {
                return Err(claims.broken(RegisteredClaim::ExpirationTime, ClaimProblem::Missing));
            }
        };
        let too_long = match claims.issued_at {
            // Of this alone: counted from now, a token of exactly the longest life would be rejected
            // whenever its issuer's clock is ahead.
            Some(iat) => exp.saturating_since(iat) > most,
            None if named && !self.issued_at_optional => {
                return Err(claims.broken(RegisteredClaim::IssuedAt, ClaimProblem::Missing));
            }
            None => exp.saturating_since(now) > most.saturating_add(self.leeway.as_duration()),
        };
        if too_long {
            let problem = ClaimProblem::LifetimeTooLong;
            return Err(claims.broken(RegisteredClaim::ExpirationTime, problem));
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
