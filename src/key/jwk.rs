//! JSON Web Keys (RFC 7517 section 4, RFC 7518 section 6).
//!
//! `use`, `key_ops` and `alg` are honoured when they are there; a key for something else is refused.
//! `x5u`, `x5c` and their thumbprints are not looked at: trust comes from whoever handed the JWK over.

use super::KeyId;
use crate::encoding::base64url::{self, NotCanonical};
use crate::encoding::json::{MemberSlots, Raw, read_object, write_object};
use crate::error::{JwkProblem, KeyError};
use crate::limits::{KEY_TEXT_MAX_LEN, Limits};
use crate::secret::SecretString;
use std::borrow::Cow;
use zeroize::Zeroizing;

/// What a JWK has to be to serve one algorithm in one role.
pub(crate) struct JwkProfile {
    pub(crate) kty: &'static str,
    pub(crate) alg: &'static str,
    pub(crate) usage: &'static str,
    /// The operations that may stand in `key_ops` beside the ones needed.
    pub(crate) operations: &'static [&'static str],
    pub(crate) required: RequiredOperations,
}

/// The operations that have to stand in `key_ops`, if it is there.
#[cfg_attr(not(feature = "jwe"), allow(dead_code, reason = "only encryption offers a choice"))]
pub(crate) enum RequiredOperations {
    All(&'static [&'static str]),
    One(&'static [&'static str]),
}

/// A JWK's members as received; each is checked when it is asked for.
#[derive(Default)]
pub(crate) struct Jwk<'a> {
    kty: Option<Raw<'a>>,
    usage: Option<Raw<'a>>,
    key_ops: Option<Raw<'a>>,
    alg: Option<Raw<'a>>,
    kid: Option<Raw<'a>>,
    n: Option<Raw<'a>>,
    e: Option<Raw<'a>>,
    d: Option<Raw<'a>>,
    p: Option<Raw<'a>>,
    q: Option<Raw<'a>>,
    dp: Option<Raw<'a>>,
    dq: Option<Raw<'a>>,
    qi: Option<Raw<'a>>,
    oth: Option<Raw<'a>>,
    k: Option<Raw<'a>>,
}

impl<'a> MemberSlots<'a> for Jwk<'a> {
    fn slot(&mut self, name: &str) -> Option<&mut Option<Raw<'a>>> {
        Some(match name {
            "kty" => &mut self.kty,
            "use" => &mut self.usage,
            "key_ops" => &mut self.key_ops,
            "alg" => &mut self.alg,
            "kid" => &mut self.kid,
            "n" => &mut self.n,
            "e" => &mut self.e,
            "d" => &mut self.d,
            "p" => &mut self.p,
            "q" => &mut self.q,
            "dp" => &mut self.dp,
            "dq" => &mut self.dq,
            "qi" => &mut self.qi,
            "oth" => &mut self.oth,
            "k" => &mut self.k,
            _ => return None,
        })
    }
}

/// The integers of a private RSA JWK, decoded. Wiped when dropped.
pub(crate) struct PrivateMembers {
    pub(crate) n: Vec<u8>,
    pub(crate) e: Vec<u8>,
    pub(crate) d: Zeroizing<Vec<u8>>,
    pub(crate) p: Zeroizing<Vec<u8>>,
    pub(crate) q: Zeroizing<Vec<u8>>,
    pub(crate) dp: Zeroizing<Vec<u8>>,
    pub(crate) dq: Zeroizing<Vec<u8>>,
    pub(crate) qi: Zeroizing<Vec<u8>>,
}

impl<'a> Jwk<'a> {
    pub(crate) fn read(text: &'a str) -> Result<Self, KeyError> {
        if text.len() > KEY_TEXT_MAX_LEN {
            return Err(KeyError::TooLong);
        }
        let mut jwk = Self::default();
        read_object(text.as_bytes(), &Limits::DEFAULT, &mut jwk)
            .map_err(|_| KeyError::InvalidJson)?;
        Ok(jwk)
    }

    /// Checks everything that says what the key is for, and returns its `kid`.
    pub(crate) fn check(&self, profile: &JwkProfile) -> Result<Option<KeyId>, KeyError> {
        let kty = string("kty", self.kty)?.ok_or(wrong("kty", JwkProblem::Missing))?;
        if kty != profile.kty {
            return Err(wrong("kty", JwkProblem::Mismatch));
        }
        if string("alg", self.alg)?.is_some_and(|alg| alg != profile.alg) {
            return Err(wrong("alg", JwkProblem::Mismatch));
        }
        if string("use", self.usage)?.is_some_and(|usage| usage != profile.usage) {
            return Err(wrong("use", JwkProblem::Mismatch));
        }
        self.check_operations(profile)?;
        self.key_id()
    }

    /// RFC 7517 section 4.3: an array of different operations, all of the key's own use.
    fn check_operations(&self, profile: &JwkProfile) -> Result<(), KeyError> {
        let Some(raw) = self.key_ops else {
            return Ok(());
        };
        // RFC 7517 section 4.3 defines eight: the bound keeps the quadratic search short.
        let named = raw.strings(16).ok_or(wrong("key_ops", JwkProblem::WrongType))?;
        let repeated =
            named.iter().enumerate().any(|(i, name)| named.iter().take(i).any(|n| n == name));
        let foreign = named.iter().any(|name| !profile.operations.contains(&name.as_str()));
        let names = |operation: &&str| named.iter().any(|name| name == operation);
        let enough = match profile.required {
            RequiredOperations::All(operations) => operations.iter().all(names),
            RequiredOperations::One(operations) => operations.iter().any(names),
        };
        if repeated || foreign || !enough {
            return Err(wrong("key_ops", JwkProblem::Mismatch));
        }
        Ok(())
    }

    pub(crate) fn key_id(&self) -> Result<Option<KeyId>, KeyError> {
        string("kid", self.kid)?.map(|kid| KeyId::new(&kid)).transpose()
    }

    /// Whether anything in it must not be published.
    pub(crate) fn is_secret(&self) -> bool {
        [self.d, self.p, self.q, self.dp, self.dq, self.qi, self.oth, self.k]
            .iter()
            .any(Option::is_some)
            // An `oct` key has no public form: in a public set it is a mistake, even without `k`.
            || matches!(string("kty", self.kty), Ok(Some(kty)) if kty == "oct")
    }

    /// The secret of an `oct` key.
    pub(crate) fn symmetric(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        secret("k", self.k)
    }

    /// `n` and `e` of a key without any private member.
    pub(crate) fn public(&self) -> Result<(Vec<u8>, Vec<u8>), KeyError> {
        if self.is_secret() {
            return Err(KeyError::PrivateMember);
        }
        Ok((integer("n", self.n)?, integer("e", self.e)?))
    }

    /// All integers of a two-prime private key; none may be left out.
    pub(crate) fn private(&self) -> Result<PrivateMembers, KeyError> {
        if self.oth.is_some() {
            return Err(wrong("oth", JwkProblem::Forbidden));
        }
        if self.k.is_some() {
            return Err(wrong("k", JwkProblem::Forbidden));
        }
        Ok(PrivateMembers {
            n: integer("n", self.n)?,
            e: integer("e", self.e)?,
            d: secret_integer("d", self.d)?,
            p: secret_integer("p", self.p)?,
            q: secret_integer("q", self.q)?,
            dp: secret_integer("dp", self.dp)?,
            dq: secret_integer("dq", self.dq)?,
            qi: secret_integer("qi", self.qi)?,
        })
    }
}

fn wrong(member: &'static str, problem: JwkProblem) -> KeyError {
    KeyError::InvalidJwk { member, problem }
}

fn string<'a>(
    member: &'static str,
    value: Option<Raw<'a>>,
) -> Result<Option<Cow<'a, str>>, KeyError> {
    value.map(|raw| raw.string().ok_or(wrong(member, JwkProblem::WrongType))).transpose()
}

fn text<'a>(member: &'static str, value: Option<Raw<'a>>) -> Result<&'a str, KeyError> {
    value
        .ok_or(wrong(member, JwkProblem::Missing))?
        .plain_string()
        .ok_or(wrong(member, JwkProblem::WrongType))
}

/// Base64urlUInt: the shortest octets of the number (RFC 7518 section 2).
fn integer(member: &'static str, value: Option<Raw<'_>>) -> Result<Vec<u8>, KeyError> {
    match base64url::decode(text(member, value)?) {
        // Some libraries write an extra zero octet before `n` (RFC 7518 section 6.3.1.1). Zero
        // itself, `AA`, fails as well: no member of an RSA key is 0.
        Ok(bytes) if bytes.first().is_some_and(|first| *first != 0) => Ok(bytes),
        Ok(_) | Err(NotCanonical) => Err(wrong(member, JwkProblem::Encoding)),
    }
}

fn secret_integer(
    member: &'static str,
    value: Option<Raw<'_>>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let bytes = secret(member, value)?;
    if bytes.first().is_some_and(|first| *first != 0) {
        Ok(bytes)
    } else {
        Err(wrong(member, JwkProblem::Encoding))
    }
}

fn secret(member: &'static str, value: Option<Raw<'_>>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    base64url::secret_decode(text(member, value)?)
        .map_err(|NotCanonical| wrong(member, JwkProblem::Encoding))
}

/// A JWK with these members, what it is for, and its `kid`.
pub(crate) fn write(profile: &JwkProfile, members: &[(&str, &str)], kid: Option<&str>) -> String {
    let head = [("kty", profile.kty)];
    let tail = [("alg", Some(profile.alg)), ("use", Some(profile.usage)), ("kid", kid)];
    let tail = tail.iter().filter_map(|(name, value)| value.map(|value| (*name, value)));
    let all = head.iter().copied().chain(members.iter().copied()).chain(tail);
    let Ok(text) = String::from_utf8(write_object(all)) else { unreachable!("JSON is UTF-8") };
    text
}

pub(crate) fn write_secret(
    profile: &JwkProfile,
    members: &[(&str, &str)],
    kid: Option<&str>,
) -> SecretString {
    SecretString::new(Zeroizing::new(write(profile, members, kid)))
}
