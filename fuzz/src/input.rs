//! Structured input: JSON objects near to what the crate expects, where octets alone stay outside.

use arbitrary::Arbitrary;
use strict_jose::ContentEncryption;

/// A member of an object: a name that means something, or any; a value of any kind.
#[derive(Debug, Arbitrary)]
pub struct Member<'a> {
    name: u8,
    other_name: &'a str,
    value: Value<'a>,
}

#[derive(Debug, Arbitrary)]
pub enum Value<'a> {
    Text(&'a str),
    Raw(&'a str),
    Number(i64),
    Date { seconds: u32, nanoseconds: u32 },
    Exponent { digits: u64, exponent: i16 },
    Texts(Vec<&'a str>),
    Known(u8),
    Null,
}

const NAMES: [&str; 24] = [
    "alg", "enc", "kid", "typ", "cty", "crit", "b64", "zip", "jku", "jwk", "x5c", "iss", "sub",
    "aud", "exp", "nbf", "iat", "jti", "kty", "k", "n", "e", "use", "key_ops",
];

const KNOWN: [&str; 12] = [
    "HS256",
    "RS256",
    "RSA-OAEP",
    "RSA1_5",
    "A128CBC-HS256",
    "A128GCM",
    "A256GCM",
    "none",
    "JWT",
    "oct",
    "RSA",
    "sig",
];

impl Member<'_> {
    fn write(&self, text: &mut String) {
        let name = NAMES.get(usize::from(self.name)).copied().unwrap_or(self.other_name);
        text.push_str(&quote(name));
        text.push(':');
        match &self.value {
            Value::Text(value) => text.push_str(&quote(value)),
            Value::Raw(value) => text.push_str(value),
            Value::Number(value) => text.push_str(&value.to_string()),
            Value::Date { seconds, nanoseconds } => {
                text.push_str(&format!("{seconds}.{nanoseconds:09}"));
            }
            Value::Exponent { digits, exponent } => text.push_str(&format!("{digits}e{exponent}")),
            Value::Texts(values) => {
                let values: Vec<_> = values.iter().map(|value| quote(value)).collect();
                text.push_str(&format!("[{}]", values.join(",")));
            }
            Value::Known(index) => {
                text.push_str(&quote(KNOWN[usize::from(*index) % KNOWN.len()]));
            }
            Value::Null => text.push_str("null"),
        }
    }
}

/// An object of these members, repeated names and broken values included.
pub fn object(members: &[Member<'_>]) -> String {
    let mut text = String::from("{");
    for (position, member) in members.iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        member.write(&mut text);
    }
    text.push('}');
    text
}

fn quote(text: &str) -> String {
    serde_json::to_string(text).expect("a string is JSON")
}

/// One of the three.
pub fn enc(index: u8) -> ContentEncryption {
    ContentEncryption::ALL[usize::from(index) % ContentEncryption::ALL.len()]
}
