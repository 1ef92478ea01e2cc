//! An independent reading of compact tokens and claims, to be compared with the crate's: whole trees
//! in place of one walk, another base64 decoder, dates shifted as text.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;

/// A JSON value with all members in order, repeated ones refused.
#[derive(Debug, Clone)]
pub enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    Text(String),
    Other,
}

impl Json {
    fn member(&self, name: &str) -> Option<&Json> {
        match self {
            Self::Object(members) => members.iter().find(|(n, _)| n == name).map(|(_, v)| v),
            _ => None,
        }
    }

    fn within(&self, depth: usize) -> bool {
        match self {
            Self::Object(members) => {
                depth > 0
                    && members.len() <= 256
                    && members.iter().all(|(_, value)| value.within(depth - 1))
            }
            Self::Array(values) => {
                depth > 0
                    && values.len() <= 4096
                    && values.iter().all(|value| value.within(depth - 1))
            }
            Self::Text(_) | Self::Other => true,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let (mut members, mut names) = (Vec::new(), HashSet::new());
        while let Some((name, value)) = map.next_entry::<String, Json>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom("repeated name"));
            }
            if name == "$serde_json::private::RawValue" {
                return Err(A::Error::custom("text to be read inside the text"));
            }
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Json::Array(values))
    }
    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Other)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Json, E> {
        Ok(Json::Other)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other)
    }
    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Other)
    }
}

/// A strict object within the default limits.
fn object(bytes: &[u8]) -> Option<Json> {
    let tree: Json = serde_json::from_slice(bytes).ok()?;
    (matches!(tree, Json::Object(_)) && tree.within(32)).then_some(tree)
}

fn text(tree: &Json, name: &str) -> Result<Option<String>, ()> {
    match tree.member(name) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text.clone())),
        Some(_) => Err(()),
    }
}

/// What may be read of a token before it is verified: `kid`, `iss`.
pub type Hints = (Option<String>, Option<String>);

/// The token's hints, or `None` if its form or its header is not as it has to be.
pub fn hints(token: &str) -> Option<Hints> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if token.len() > 256 * 1024 || !token.bytes().all(legal) {
        return None;
    }
    let segments: Vec<&str> = token.split('.').collect();
    if ![3, 5].contains(&segments.len()) || segments[0].len() > 8 * 1024 {
        return None;
    }
    let header = object(&URL_SAFE_NO_PAD.decode(segments[0]).ok()?)?;
    if ["crit", "b64", "zip"].iter().any(|name| header.member(name).is_some()) {
        return None;
    }
    for name in ["enc", "typ", "cty"] {
        text(&header, name).ok()?;
    }
    text(&header, "alg").ok()??;
    let kid = text(&header, "kid").ok()?;
    if kid.as_ref().is_some_and(|kid| kid.len() > 256) {
        return None;
    }
    let issuer = || {
        let claims = object(&URL_SAFE_NO_PAD.decode(segments[1]).ok()?)?;
        text(&claims, "iss").ok()?
    };
    Some((kid, if segments.len() == 3 { issuer() } else { None }))
}

/// The registered claims; dates in seconds and nanoseconds.
#[derive(Debug, PartialEq, Eq)]
pub struct Claims {
    pub issuer: Option<String>,
    pub subject: Option<String>,
    pub audience: Vec<String>,
    pub dates: [Option<(u64, u32)>; 3],
    pub jwt_id: Option<String>,
}

/// The claims, or `None` if they are no Claims Set.
pub fn claims(bytes: &[u8]) -> Option<Claims> {
    let tree = object(bytes)?;
    let audience = match tree.member("aud") {
        None => Vec::new(),
        Some(Json::Text(one)) => vec![one.clone()],
        Some(Json::Array(several)) => several
            .iter()
            .map(|one| if let Json::Text(t) = one { Some(t.clone()) } else { None })
            .collect::<Option<_>>()?,
        Some(_) => return None,
    };
    Some(Claims {
        issuer: text(&tree, "iss").ok()?,
        subject: text(&tree, "sub").ok()?,
        audience,
        dates: [date(bytes, "exp")?, date(bytes, "nbf")?, date(bytes, "iat")?],
        jwt_id: text(&tree, "jti").ok()?,
    })
}

/// The outer `None` says that the claim is there and no date.
fn date(bytes: &[u8], name: &str) -> Option<Option<(u64, u32)>> {
    let members: std::collections::HashMap<String, Box<serde_json::value::RawValue>> =
        serde_json::from_slice(bytes).ok()?;
    members.get(name).map_or(Some(None), |raw| parse_date(raw.get()).map(Some))
}

/// Writes the number out, the decimal point moved, and cuts it there.
fn parse_date(number: &str) -> Option<(u64, u32)> {
    if !number.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let lower = number.to_ascii_lowercase();
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let exponent: i64 = exponent.parse::<i32>().ok()?.into();
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{whole}{fraction}");
    if digits.bytes().all(|digit| digit == b'0') {
        return Some((0, 0));
    }
    let mut point = i64::try_from(whole.len()).ok()? + exponent;
    let zeros = digits.len() - digits.trim_start_matches('0').len();
    digits.drain(..zeros);
    point -= i64::try_from(zeros).ok()?;
    if !(-9..=12).contains(&point) {
        return None; // below a nanosecond, or above the year 9999
    }
    while point < 0 {
        digits.insert(0, '0');
        point += 1;
    }
    let point = usize::try_from(point).ok()?;
    while digits.len() < point {
        digits.push('0');
    }
    let (seconds, rest) = digits.split_at(point);
    let rest = rest.trim_end_matches('0');
    if rest.len() > 9 {
        return None;
    }
    let seconds: u64 = if seconds.is_empty() { 0 } else { seconds.parse().ok()? };
    let nanoseconds = format!("{rest:0<9}").parse().ok()?;
    (seconds <= 253_402_300_799).then_some((seconds, nanoseconds))
}
