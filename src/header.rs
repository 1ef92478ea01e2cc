//! The JOSE Header (RFC 7515 section 4, RFC 7516 section 4) and what may be read before verifying.
//!
//! A received header is checked, never obeyed: `alg` has to be the key's, `crit`, `zip` and `b64` are
//! refused, and `jku`, `jwk`, `x5u` and `x5c` are not even looked at.

mod hints;
mod well_known;

pub use hints::UnverifiedHints;
pub(crate) use hints::issuer;

use crate::encoding::base64url;
use crate::encoding::json::{MemberSlots, Raw, read_object};
use crate::error::{Error, HeaderProblem, Part};
use crate::jwa::ContentEncryption;
use crate::limits::{KEY_ID_MAX_LEN, Limits};
use core::fmt;
use std::borrow::Cow;

/// `typ` and `content_type` of a header that a caller writes.
macro_rules! media_types {
    ($typ_section:literal, $content:literal, $cty_section:literal) => {
        #[doc = concat!("Sets `typ`, the media type of the whole token (", $typ_section, ").")]
        #[must_use]
        pub fn typ(mut self, typ: impl Into<Cow<'static, str>>) -> Self {
            self.typ = Some(typ.into());
            self
        }

        #[doc = concat!("Sets `cty`, the media type of the ", $content, " (", $cty_section, ").")]
        #[must_use]
        pub fn content_type(mut self, cty: impl Into<Cow<'static, str>>) -> Self {
            self.cty = Some(cty.into());
            self
        }
    };
}

/// The Header Parameters of a JWS that a caller may set; `alg` and `kid` come from the key.
///
/// ```
/// use strict_jose::{Hs256Key, JwsHeader, jws};
///
/// let key = Hs256Key::generate()?;
/// let token = jws::sign_with_header(b"{}", &JwsHeader::new().typ("secevent+jwt"), &key)?;
/// assert_eq!(jws::verify(&token, &key)?.header().typ(), Some("secevent+jwt"));
/// # Ok::<(), strict_jose::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JwsHeader {
    typ: Option<Cow<'static, str>>,
    cty: Option<Cow<'static, str>>,
}

impl JwsHeader {
    /// A header of nothing but what the key brings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    media_types!("RFC 7515 section 4.1.9", "payload", "RFC 7515 section 4.1.10");

    /// The header, encoded.
    pub(crate) fn segment(&self, alg: &str, kid: Option<&str>) -> Cow<'static, str> {
        match (kid, &self.cty, well_known::segment(alg, self.typ.as_deref())) {
            (None, None, Some(segment)) => Cow::Borrowed(segment),
            _ => Cow::Owned(base64url::encode(&self.encode(alg, kid))),
        }
    }

    fn encode(&self, alg: &str, kid: Option<&str>) -> Vec<u8> {
        write(alg, None, kid, self.typ.as_deref(), self.cty.as_deref())
    }
}

/// The Header Parameters of a JWE that a caller may set; `alg` and `kid` come from the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JweHeader {
    enc: ContentEncryption,
    typ: Option<Cow<'static, str>>,
    cty: Option<Cow<'static, str>>,
}

impl JweHeader {
    /// A header with `enc` and what the key brings.
    #[must_use]
    pub fn new(enc: ContentEncryption) -> Self {
        Self { enc, typ: None, cty: None }
    }

    media_types!("RFC 7516 section 4.1.11", "plaintext", "RFC 7516 section 4.1.12");

    /// The content encryption.
    #[must_use]
    pub fn content_encryption(&self) -> ContentEncryption {
        self.enc
    }

    #[cfg(feature = "jwe")]
    pub(crate) fn encode(&self, alg: &str, kid: Option<&str>) -> Vec<u8> {
        write(alg, Some(self.enc), kid, self.typ.as_deref(), self.cty.as_deref())
    }
}

/// The descriptive Header Parameters of a token that has been verified or decrypted.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TokenHeader {
    kid: Option<String>,
    typ: Option<Cow<'static, str>>,
    cty: Option<Cow<'static, str>>,
}

impl TokenHeader {
    /// `kid`, the key id the sender named.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `typ`, the media type of the whole token.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// `cty`, the media type of the content.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.cty.as_deref()
    }
}

impl fmt::Debug for TokenHeader {
    /// Nothing of it: it is token text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHeader(<redacted>)")
    }
}

pub(crate) fn decode_header(segment: &str) -> Result<Vec<u8>, Error> {
    base64url::decode(segment).map_err(|_| Error::Base64url(Part::Header))
}

/// The header of a segment, read from `bytes` where it has to be decoded.
pub(crate) fn read_segment<'a>(
    segment: &str,
    limits: &Limits,
    bytes: &'a mut Vec<u8>,
) -> Result<UnverifiedHeader<'a>, Error> {
    if let Some(header) = well_known::read(segment, limits) {
        return Ok(header);
    }
    *bytes = decode_header(segment)?;
    UnverifiedHeader::read(bytes, limits)
}

/// A received header in which everything looked at has the right type, and nothing is refused.
#[derive(Debug)]
pub(crate) struct UnverifiedHeader<'a> {
    alg: Cow<'a, str>,
    enc: Option<Cow<'a, str>>,
    pub(crate) kid: Option<Cow<'a, str>>,
    typ: Option<Cow<'a, str>>,
    cty: Option<Cow<'a, str>>,
}

impl<'a> UnverifiedHeader<'a> {
    pub(crate) fn read(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let mut parameters = Parameters::default();
        read_object(bytes, limits, &mut parameters)
            .map_err(|problem| Error::Json { part: Part::Header, problem })?;
        // The crate supports no extension, so a `crit` that names one makes the token invalid (RFC
        // 7515 section 4.1.11). `b64` changes what is signed (RFC 7797), and with `zip` a short
        // token can expand without bound: both are rejected even if `crit` does not name them.
        for (name, value) in
            [("crit", parameters.crit), ("b64", parameters.b64), ("zip", parameters.zip)]
        {
            if value.is_some() {
                return Err(refuse(name, HeaderProblem::Unsupported));
            }
        }
        let kid = string("kid", parameters.kid)?;
        if kid.as_ref().is_some_and(|kid| kid.len() > KEY_ID_MAX_LEN) {
            return Err(refuse("kid", HeaderProblem::TooLong));
        }
        Ok(Self {
            alg: string("alg", parameters.alg)?
                .ok_or_else(|| refuse("alg", HeaderProblem::Missing))?,
            enc: string("enc", parameters.enc)?,
            kid,
            typ: string("typ", parameters.typ)?,
            cty: string("cty", parameters.cty)?,
        })
    }

    /// The header of a JWS whose `alg` is the key's (RFC 7516 section 9 tells a JWE by its `enc`).
    pub(crate) fn check_jws(&self, alg: &str) -> Result<(), Error> {
        if self.enc.is_some() {
            return Err(refuse("enc", HeaderProblem::Unsupported));
        }
        self.check_alg(alg)
    }

    /// The header of a JWE whose `alg` is the key's and whose `enc` is one of those allowed.
    #[cfg(feature = "jwe")]
    pub(crate) fn check_jwe(
        &self,
        alg: &str,
        allowed: &[ContentEncryption],
    ) -> Result<ContentEncryption, Error> {
        self.check_alg(alg)?;
        let name = self.enc.as_deref().ok_or_else(|| refuse("enc", HeaderProblem::Missing))?;
        match ContentEncryption::from_name(name) {
            Some(enc) if allowed.contains(&enc) => Ok(enc),
            Some(_) => Err(refuse("enc", HeaderProblem::Mismatch)),
            None => Err(refuse("enc", HeaderProblem::Unsupported)),
        }
    }

    fn check_alg(&self, alg: &str) -> Result<(), Error> {
        if self.alg == alg { Ok(()) } else { Err(refuse("alg", HeaderProblem::Mismatch)) }
    }

    pub(crate) fn into_owned(self) -> TokenHeader {
        TokenHeader {
            kid: self.kid.map(Cow::into_owned),
            typ: self.typ.map(media_type),
            cty: self.cty.map(media_type),
        }
    }
}

/// The media type for good, without an allocation for the one that nearly all tokens name.
fn media_type(name: Cow<'_, str>) -> Cow<'static, str> {
    if name == "JWT" { Cow::Borrowed("JWT") } else { Cow::Owned(name.into_owned()) }
}

fn refuse(parameter: &'static str, problem: HeaderProblem) -> Error {
    Error::Header { parameter, problem }
}

fn string<'a>(name: &'static str, value: Option<Raw<'a>>) -> Result<Option<Cow<'a, str>>, Error> {
    value.map(|raw| raw.string().ok_or_else(|| refuse(name, HeaderProblem::WrongType))).transpose()
}

#[derive(Default)]
struct Parameters<'a> {
    alg: Option<Raw<'a>>,
    enc: Option<Raw<'a>>,
    kid: Option<Raw<'a>>,
    typ: Option<Raw<'a>>,
    cty: Option<Raw<'a>>,
    crit: Option<Raw<'a>>,
    b64: Option<Raw<'a>>,
    zip: Option<Raw<'a>>,
}

impl<'a> MemberSlots<'a> for Parameters<'a> {
    fn slot(&mut self, name: &str) -> Option<&mut Option<Raw<'a>>> {
        Some(match name {
            "alg" => &mut self.alg,
            "enc" => &mut self.enc,
            "kid" => &mut self.kid,
            "typ" => &mut self.typ,
            "cty" => &mut self.cty,
            "crit" => &mut self.crit,
            "b64" => &mut self.b64,
            "zip" => &mut self.zip,
            _ => return None,
        })
    }
}

fn write(
    alg: &str,
    enc: Option<ContentEncryption>,
    kid: Option<&str>,
    typ: Option<&str>,
    cty: Option<&str>,
) -> Vec<u8> {
    let members = [
        ("alg", Some(alg)),
        ("enc", enc.map(ContentEncryption::name)),
        ("kid", kid),
        ("typ", typ),
        ("cty", cty),
    ];
    crate::encoding::json::write_object(members.iter().filter_map(|(n, v)| v.map(|v| (*n, v))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<TokenHeader, Error> {
        UnverifiedHeader::read(json.as_bytes(), &Limits::DEFAULT).map(UnverifiedHeader::into_owned)
    }

    #[test]
    fn parameters_keep_their_types() {
        let header =
            read(r#"{"alg":"HS256","kid":"k","typ":"JWT","cty":"x","x":{"y":[1]}}"#).unwrap();
        assert_eq!(header.key_id(), Some("k"));
        assert_eq!((header.typ(), header.content_type()), (Some("JWT"), Some("x")));
        for parameter in ["alg", "enc", "kid", "typ", "cty"] {
            for value in ["1", "null", "true", "[\"HS256\"]", "{}", "\"\\ud800\""] {
                let rest = if parameter == "alg" { "" } else { ",\"alg\":\"HS256\"" };
                let error = read(&format!("{{\"{parameter}\":{value}{rest}}}")).unwrap_err();
                assert_eq!(error, refuse(parameter, HeaderProblem::WrongType), "{value}");
            }
        }
        assert_eq!(read("{}").unwrap_err(), refuse("alg", HeaderProblem::Missing));
    }

    #[test]
    fn critical_parameters_are_refused_whatever_they_hold() {
        for parameter in ["crit", "zip", "b64"] {
            for value in ["[]", "[\"exp\"]", "null", "\"\"", "\"DEF\"", "true", "false", "1"] {
                let error =
                    read(&format!("{{\"alg\":\"HS256\",\"{parameter}\":{value}}}")).unwrap_err();
                assert_eq!(error, refuse(parameter, HeaderProblem::Unsupported), "{value}");
            }
        }
    }

    #[test]
    fn a_long_kid_is_refused() {
        let with = |length| format!("{{\"alg\":\"HS256\",\"kid\":\"{}\"}}", "k".repeat(length));
        assert!(read(&with(256)).is_ok());
        assert_eq!(read(&with(257)).unwrap_err(), refuse("kid", HeaderProblem::TooLong));
    }

    #[test]
    fn headers_are_written_in_one_order_and_escaped() {
        let header = JwsHeader::new().typ("JWT");
        assert_eq!(header.encode("HS256", None), br#"{"alg":"HS256","typ":"JWT"}"#);
        let jws = header.content_type("x").encode("HS256", Some("a\"b"));
        assert_eq!(jws, br#"{"alg":"HS256","kid":"a\"b","typ":"JWT","cty":"x"}"#);
    }
}
