//! Claims that were received, read strictly (RFC 7519 section 4).

use super::claim_aliases::{ClaimAliases, ReadingRules};
use super::registered_claim::{PerClaim, RegisteredClaim};
use crate::encoding::json::{Member, MemberSlots, Raw, from_members, read_object};
use crate::error::{ClaimError, ClaimProblem, Error, Part};
use crate::limits::Limits;
use crate::numeric_date::NumericDate;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// The registered claims, each of the type that RFC 7519 section 4.1 gives it.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct RegisteredClaims {
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) audience: Option<Vec<String>>,
    pub(crate) expires_at: Option<NumericDate>,
    pub(crate) not_before: Option<NumericDate>,
    pub(crate) issued_at: Option<NumericDate>,
    pub(crate) jwt_id: Option<String>,
    /// The aliases that claims were taken from.
    aliases: PerClaim<Option<Cow<'static, str>>>,
}

/// The members that hold registered claims, under their own names and under their aliases.
struct ClaimMembers<'a, 'r> {
    aliases: &'r ClaimAliases,
    registered: PerClaim<Option<Raw<'a>>>,
    aliased: PerClaim<Option<Raw<'a>>>,
    used: PerClaim<Option<Cow<'static, str>>>,
    private: PrivateClaims<'a>,
}

/// The members that are neither registered claims nor their aliases.
pub(crate) struct PrivateClaims<'a> {
    members: Vec<Member<'a>>,
    token_has_jwt_id: bool,
}

impl<'a> MemberSlots<'a> for ClaimMembers<'a, '_> {
    fn slot(&mut self, name: &str) -> Option<&mut Option<Raw<'a>>> {
        if let Some(claim) = RegisteredClaim::named(name) {
            return Some(self.registered.get_mut(claim));
        }
        self.aliases.claim_of(name).map(|claim| self.aliased.get_mut(claim))
    }

    fn others(&mut self) -> Option<&mut Vec<Member<'a>>> {
        Some(&mut self.private.members)
    }
}

impl<'a> ClaimMembers<'a, '_> {
    /// The claim's value. Both names are typed, so that neither hides what is wrong with the other.
    fn take<V>(
        &mut self,
        claim: RegisteredClaim,
        read: impl Fn(Raw<'a>) -> Result<V, ClaimProblem>,
    ) -> Result<Option<V>, ClaimError> {
        let wrong = |problem| ClaimError::new(claim.name(), problem);
        let own = self.registered.get(claim).map(&read).transpose().map_err(wrong)?;
        let (Some(alias), Some(raw)) = (self.aliases.of(claim), *self.aliased.get(claim)) else {
            return Ok(own);
        };
        *self.used.get_mut(claim) = Some(alias.clone());
        read(raw).map(Some).map_err(|problem| ClaimError::named(alias.clone(), problem))
    }
}

impl RegisteredClaims {
    /// Reads the Claims Set strictly. A claim of the wrong type is refused, never taken for absent.
    pub(crate) fn read<'a>(
        payload: &'a [u8],
        rules: &ReadingRules,
    ) -> Result<(Self, PrivateClaims<'a>), Error> {
        let mut members = ClaimMembers {
            aliases: &rules.aliases,
            registered: PerClaim::default(),
            aliased: PerClaim::default(),
            used: PerClaim::default(),
            private: PrivateClaims { members: Vec::new(), token_has_jwt_id: false },
        };
        read_object(payload, &rules.limits, &mut members)
            .map_err(|problem| Error::Json { part: Part::Payload, problem })?;
        // It is read first, since every error says whether there is an id, and reported last.
        let jwt_id = members.take(RegisteredClaim::JwtId, string);
        let has_jwt_id = matches!(jwt_id, Ok(Some(_)));
        let date = if rules.milliseconds { date_or_milliseconds } else { date };
        // A closure, so that one place adds to the errors what is known of the id.
        let read_all = || -> Result<Self, ClaimError> {
            Ok(Self {
                issuer: members.take(RegisteredClaim::Issuer, string)?,
                subject: members.take(RegisteredClaim::Subject, string)?,
                audience: members
                    .take(RegisteredClaim::Audience, |raw| audience(raw, &rules.limits))?,
                expires_at: members.take(RegisteredClaim::ExpirationTime, date)?,
                not_before: members.take(RegisteredClaim::NotBefore, date)?,
                issued_at: members.take(RegisteredClaim::IssuedAt, date)?,
                jwt_id: jwt_id?,
                // Rust evaluates the fields as they are written: those above fill `used`.
                aliases: core::mem::take(&mut members.used),
            })
        };
        let registered = read_all().map_err(|error| error.of_token(has_jwt_id))?;
        members.private.token_has_jwt_id = has_jwt_id;
        Ok((registered, members.private))
    }

    /// Whether the token has an id, if only the empty text.
    pub(crate) fn has_jwt_id(&self) -> bool {
        self.jwt_id.is_some()
    }

    /// The error about this claim, under the name by which the token gives it.
    pub(crate) fn broken(&self, claim: RegisteredClaim, problem: ClaimProblem) -> Error {
        let name = self.aliases.get(claim).clone().unwrap_or(Cow::Borrowed(claim.name()));
        ClaimError::named(name, problem).into()
    }

    /// The value of this claim, which has to be there and not empty.
    pub(crate) fn present<'v>(
        &self,
        claim: RegisteredClaim,
        value: Option<&'v str>,
    ) -> Result<&'v str, Error> {
        match value {
            None => Err(self.broken(claim, ClaimProblem::Missing)),
            Some("") => Err(self.broken(claim, ClaimProblem::Empty)),
            Some(value) => Ok(value),
        }
    }
}

impl PrivateClaims<'_> {
    /// Reads them into the caller's type, which is not asked before the rules have held.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<T, Error> {
        let wrong = ClaimError::new("private claims", ClaimProblem::WrongType);
        from_members(self.members).map_err(|_| wrong.of_token(self.token_has_jwt_id).into())
    }
}

fn string(value: Raw<'_>) -> Result<String, ClaimProblem> {
    value.string().map(Cow::into_owned).ok_or(ClaimProblem::WrongType)
}

fn audience(value: Raw<'_>, limits: &Limits) -> Result<Vec<String>, ClaimProblem> {
    let most = limits.json_elements;
    if let Some(one) = value.string() {
        return Ok(vec![one.into_owned()]);
    }
    value.strings(most).ok_or_else(|| {
        let too_long = value.is_array() && value.elements(most).is_none();
        if too_long { ClaimProblem::TooLong } else { ClaimProblem::WrongType }
    })
}

fn date(value: Raw<'_>) -> Result<NumericDate, ClaimProblem> {
    NumericDate::parse(value.number().ok_or(ClaimProblem::WrongType)?)
}

fn date_or_milliseconds(value: Raw<'_>) -> Result<NumericDate, ClaimProblem> {
    NumericDate::parse_with_milliseconds(value.number().ok_or(ClaimProblem::WrongType)?)
}

#[cfg(test)]
mod tests {
    use super::{NumericDate, ReadingRules, RegisteredClaim, RegisteredClaims};
    use crate::error::{ClaimError, ClaimProblem, Error};
    use crate::jwt::validation::{Audience, Issuer, Validation};
    use crate::key::hs256::Hs256Key;
    use crate::{jws, jwt};
    use std::collections::BTreeMap;

    /// What is wrong with the claims, and whether they are said to have an id.
    fn problem(payload: &str) -> (ClaimError, bool) {
        let mut rules = ReadingRules::DEFAULT;
        rules.aliases.add(RegisteredClaim::JwtId, "app_jti".into()).unwrap();
        match RegisteredClaims::read(payload.as_bytes(), &rules) {
            Err(Error::Claim(error)) => {
                let has_jwt_id = error.token_has_jwt_id();
                (error, has_jwt_id)
            }
            _ => panic!("{payload}"),
        }
    }

    #[test]
    fn what_is_wrong_with_one_claim_says_whether_there_is_an_id() {
        for wrong in ["iss", "sub", "aud", "exp", "nbf", "iat"] {
            for (id, expected) in [
                (r#""jti":"1""#, true),
                (r#""app_jti":"1""#, true),
                (r#""jti":"""#, true),
                (r#""jti":"1","app_jti":"2""#, true),
                (r#""jti":7"#, false),
                (r#""jti":null"#, false),
                (r#""app_jti":["1"]"#, false),
                (r#""jti":"1","app_jti":7"#, false),
                (r#""jti":7,"app_jti":"2""#, false),
                (r#""other":"1""#, false),
            ] {
                for payload in
                    [format!(r#"{{"{wrong}":{{}},{id}}}"#), format!(r#"{{{id},"{wrong}":{{}}}}"#)]
                {
                    let (error, has_id) = problem(&payload);
                    // Whatever is wrong with the id, the other claim is reported.
                    assert_eq!(error, ClaimError::new(wrong, ClaimProblem::WrongType), "{payload}");
                    assert_eq!(has_id, expected, "{payload}");
                }
            }
        }
        let (error, has_id) = problem(r#"{"jti":7}"#);
        assert_eq!((error.claim(), has_id), ("jti", false));
    }

    #[test]
    fn so_does_every_rule_and_the_type_of_the_private_claims() {
        let key = Hs256Key::generate().unwrap();
        let rules = Validation::new(Issuer::unchecked(), Audience::unchecked())
            .at_fixed_time(NumericDate::from_seconds(100).unwrap());
        let of = |payload: &str, rules: &Validation| {
            let token = jws::sign(payload, &key).unwrap();
            match jwt::verify::<BTreeMap<String, u8>>(&token, &key, rules) {
                Err(Error::Claim(error)) => (error.code(), error.token_has_jwt_id()),
                _ => panic!("{payload}"),
            }
        };
        for (id, expected) in [(r#","jti":"1""#, true), ("", false)] {
            let expired = format!(r#"{{"exp":1{id}}}"#);
            assert_eq!(of(&expired, &rules), ("claim.expired", expected));
            let mistyped = format!(r#"{{"exp":200,"tenant":"a"{id}}}"#);
            assert_eq!(of(&mistyped, &rules), ("claim.wrong_type", expected));
            let anonymous = format!(r#"{{"exp":200{id}}}"#);
            let named = rules.clone().require_subject();
            assert_eq!(of(&anonymous, &named), ("claim.missing", expected));
        }
    }
}
