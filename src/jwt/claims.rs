//! The JWT Claims Set to be signed or encrypted (RFC 7519 section 4).

use super::registered_claim::RegisteredClaim;
use crate::crypto::random;
use crate::encoding::base64url;
use crate::encoding::json::{MemberSlots, Raw, append_wiped, read_object};
use crate::error::{ClaimError, ClaimProblem, Error};
use crate::limits::Limits;
use crate::numeric_date::NumericDate;
use crate::secret::WipedBytes;
use core::fmt;
use core::time::Duration;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;

/// A JWT Claims Set in the making: the registered claims, and private ones of any serde type.
///
/// How long the token lives has to be said first. Dates are written in whole seconds, as many readers accept
/// nothing else: a fraction is cut off unless you call [`with_fractions`](Self::with_fractions).
///
/// ```
/// use serde::Serialize;
/// use strict_jose::{Claims, Hs256Key, jwt};
/// use std::time::Duration;
///
/// #[derive(Serialize)]
/// struct Roles {
///     roles: Vec<String>,
/// }
///
/// let claims = Claims::expiring_in(Duration::from_secs(300))
///     .issuer("https://as.example")
///     .audience("https://api.example")
///     .subject("alice")
///     .random_jwt_id()
///     .private(Roles { roles: vec!["reader".into()] });
/// let token = jwt::sign(&claims, &Hs256Key::generate()?)?;
/// # Ok::<(), strict_jose::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Claims<T = NoPrivateClaims> {
    issuer: Option<String>,
    subject: Option<String>,
    audience: Vec<String>,
    expiration: Expiration,
    not_before: Option<NumericDate>,
    issued_at: Option<NumericDate>,
    jwt_id: Option<JwtId>,
    fractions: bool,
    private: T,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expiration {
    In(Duration),
    At(NumericDate),
    Never,
}

#[derive(Clone, PartialEq, Eq)]
enum JwtId {
    Given(String),
    Random,
}

impl Claims {
    /// Expires so long after it is issued: at `iat`, which is the time of signing if not given.
    #[must_use]
    pub fn expiring_in(lifetime: Duration) -> Self {
        Self::new(Expiration::In(lifetime))
    }

    /// Expires at this time. No `iat` is written if not given.
    #[must_use]
    pub fn expiring_at(time: NumericDate) -> Self {
        Self::new(Expiration::At(time))
    }

    /// Never expires: whoever gets hold of the token has it for good.
    #[must_use]
    pub fn without_expiration() -> Self {
        Self::new(Expiration::Never)
    }

    fn new(expiration: Expiration) -> Self {
        Self {
            issuer: None,
            subject: None,
            audience: Vec::new(),
            expiration,
            not_before: None,
            issued_at: None,
            jwt_id: None,
            fractions: false,
            private: NoPrivateClaims,
        }
    }
}

impl<T> Claims<T> {
    /// Sets `iss`, who issues the token (RFC 7519 section 4.1.1).
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets `sub`, whom the token is about (section 4.1.2).
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Adds one to `aud`, whom the token is for (section 4.1.3): one is written as a string, several
    /// as an array.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience.push(audience.into());
        self
    }

    /// Sets `nbf`, before which the token is not valid (section 4.1.5).
    #[must_use]
    pub fn not_before(mut self, time: NumericDate) -> Self {
        self.not_before = Some(time);
        self
    }

    /// Sets `iat`, when the token is issued (section 4.1.6), instead of the time of signing.
    #[must_use]
    pub fn issued_at(mut self, time: NumericDate) -> Self {
        self.issued_at = Some(time);
        self
    }

    /// Sets `jti`, the token's id (section 4.1.7). It has to be unique for the issuer.
    #[must_use]
    pub fn jwt_id(mut self, id: impl Into<String>) -> Self {
        self.jwt_id = Some(JwtId::Given(id.into()));
        self
    }

    /// Sets `jti` to 128 random bits, fresh at every signing: 22 characters of base64url.
    #[must_use]
    pub fn random_jwt_id(mut self) -> Self {
        self.jwt_id = Some(JwtId::Random);
        self
    }

    /// Writes the fractions of the dates that were set, to the nanosecond.
    #[must_use]
    pub fn with_fractions(mut self) -> Self {
        self.fractions = true;
        self
    }

    /// Adds private claims: a type that serializes to an object, none of whose members is one of the
    /// seven registered names.
    #[must_use]
    pub fn private<U>(self, private: U) -> Claims<U> {
        Claims {
            issuer: self.issuer,
            subject: self.subject,
            audience: self.audience,
            expiration: self.expiration,
            not_before: self.not_before,
            issued_at: self.issued_at,
            jwt_id: self.jwt_id,
            fractions: self.fractions,
            private,
        }
    }
}

impl<T: Serialize> Claims<T> {
    /// The Claims Set as JSON: the registered claims in the RFC's order, then the private ones.
    pub(crate) fn encode(&self) -> Result<WipedBytes, Error> {
        let jwt_id = match &self.jwt_id {
            Some(JwtId::Given(id)) => Some(Cow::Borrowed(id.as_str())),
            Some(JwtId::Random) => {
                let mut id = [0; 16];
                random::fill(&mut id)?;
                Some(Cow::Owned(base64url::encode(&id)))
            }
            None => None,
        };
        // Cut off: rounded up, `iat` would lie in the future for a verifier with the same clock.
        let written =
            |time: NumericDate| if self.fractions { time } else { time.without_fraction() };
        let (expires_at, issued_at) = match self.expiration {
            Expiration::In(lifetime) => {
                let issued = match self.issued_at {
                    Some(time) => written(time),
                    None => NumericDate::now()?.without_fraction(),
                };
                let expires = NumericDate::from_duration(issued.as_duration() + lifetime.min(MOST));
                let out_of_range = || ClaimError::new("exp", ClaimProblem::OutOfRange);
                (Some(expires.ok_or_else(out_of_range)?), Some(issued))
            }
            Expiration::At(time) => (Some(written(time)), self.issued_at.map(written)),
            Expiration::Never => (None, self.issued_at.map(written)),
        };
        let not_before = self.not_before.map(written);
        let registered = ClaimsToWrite { claims: self, expires_at, not_before, issued_at, jwt_id };
        write(&registered, &self.private)
    }
}

/// More than all the time there is, and little enough to be added to.
const MOST: Duration = Duration::from_secs(1 << 40);

/// Room for most Claims Sets.
const ROOM: usize = 512;

/// Two objects written as one, the second checked to be a strict object without registered names.
fn write(registered: &impl Serialize, private: &impl Serialize) -> Result<WipedBytes, Error> {
    // Joined as text: serde's `flatten` would write a private `exp` beside the registered one, and
    // which of the two counts would depend on the reader.
    let mut bytes = WipedBytes(Vec::with_capacity(ROOM));
    let claims = &mut bytes.0;
    append_wiped(claims, registered).map_err(|_| Error::UnserializableClaims)?;
    claims.pop(); // the brace that closes the first
    let joint = claims.len();
    append_wiped(claims, private).map_err(|_| Error::UnserializableClaims)?;
    let empty = check_private(&claims[joint..])? == 0; // what was written last
    match claims.get_mut(joint) {
        Some(brace) if *brace == b'{' => *brace = b',',
        _ => return Err(Error::UnserializableClaims),
    }
    if empty {
        claims.truncate(joint);
        claims.push(b'}');
    } else if joint == 1 {
        claims.remove(joint); // nothing is before the comma
    }
    Ok(bytes)
}

/// How many members the private claims have.
fn check_private(private: &[u8]) -> Result<usize, Error> {
    #[derive(Default)]
    struct Names {
        seen: usize,
        registered: bool,
    }
    impl<'a> MemberSlots<'a> for Names {
        fn slot(&mut self, name: &str) -> Option<&mut Option<Raw<'a>>> {
            self.seen += 1;
            // The name comes unescaped, so `\u0065xp` is found as well.
            self.registered |= RegisteredClaim::named(name).is_some();
            None
        }
    }
    let mut names = Names::default();
    match read_object(private, &Limits::DEFAULT, &mut names) {
        Ok(()) if !names.registered => Ok(names.seen),
        _ => Err(Error::UnserializableClaims),
    }
}

/// The registered claims with everything left to the time of signing filled in.
struct ClaimsToWrite<'a, T> {
    claims: &'a Claims<T>,
    expires_at: Option<NumericDate>,
    not_before: Option<NumericDate>,
    issued_at: Option<NumericDate>,
    jwt_id: Option<Cow<'a, str>>,
}

impl<T> Serialize for ClaimsToWrite<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let Claims { issuer, subject, audience, .. } = self.claims;
        entry(&mut map, "iss", issuer.as_ref())?;
        entry(&mut map, "sub", subject.as_ref())?;
        match &audience[..] {
            [] => {}
            [one] => map.serialize_entry("aud", one)?,
            several => map.serialize_entry("aud", several)?,
        }
        entry(&mut map, "exp", self.expires_at.as_ref())?;
        entry(&mut map, "nbf", self.not_before.as_ref())?;
        entry(&mut map, "iat", self.issued_at.as_ref())?;
        entry(&mut map, "jti", self.jwt_id.as_ref())?;
        map.end()
    }
}

fn entry<M: SerializeMap, V: Serialize>(
    map: &mut M,
    name: &str,
    value: Option<&V>,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, value))
}

impl<T> fmt::Debug for Claims<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims(<redacted>)")
    }
}

/// The private claims of a token that has none, or none that matter.
///
/// Reading it takes any members there are and keeps nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoPrivateClaims;

impl Serialize for NoPrivateClaims {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_map(Some(0))?.end()
    }
}

impl<'de> Deserialize<'de> for NoPrivateClaims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = NoPrivateClaims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NoPrivateClaims, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(NoPrivateClaims)
            }
        }
        deserializer.deserialize_map(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;

    #[test]
    fn the_two_objects_are_one_whatever_either_holds() {
        let written = |claims: Claims, private: &str| {
            let private = RawValue::from_string(private.to_owned()).unwrap();
            let encoded = claims.private(private).encode();
            encoded.map(|text| String::from_utf8(text.0.clone()).unwrap())
        };
        let (none, one) =
            (Claims::without_expiration, || Claims::without_expiration().issuer("as"));
        for (claims, private, expected) in [
            (none(), "{}", "{}"),
            (none(), "{ }", "{}"),
            (none(), r#"{ "a":1}"#, r#"{ "a":1}"#),
            (one(), "{}", r#"{"iss":"as"}"#),
            (one(), "{ }", r#"{"iss":"as"}"#),
            (one(), r#" {"a":1} "#, r#"{"iss":"as","a":1}"#),
        ] {
            assert_eq!(written(claims, private).unwrap(), expected);
        }
        for private in ["[]", "null", r#""{}""#, r#"{"iss":"x"}"#, r#"{"a":1,"a":1}"#, "{} "] {
            let refused = written(one(), private) == Err(Error::UnserializableClaims);
            assert_eq!(refused, private != "{} ", "{private}");
        }
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(5000));
        assert_eq!(written(one(), &long).unwrap(), long.replacen('{', r#"{"iss":"as","#, 1));
    }
}
