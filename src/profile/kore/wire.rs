//! The claims of Kore.ai's own beside those of the caller's type, as one JSON object.

use core::fmt;
use core::marker::PhantomData;
use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};
use serde_json::Value;

pub(super) const IS_ANONYMOUS: &str = "isAnonymous";
pub(super) const IDENTITY_TO_MERGE: &str = "identityToMerge";
pub(super) const ISSUER: &str = "kore_iss";
pub(super) const SUBJECT: &str = "kore_sub";
pub(super) const JWT_ID: &str = "kore_jti";

/// The names that a caller's claims must not have: whoever sets `kore_sub` sets the subject.
const OWN: [&str; 5] = [IS_ANONYMOUS, IDENTITY_TO_MERGE, ISSUER, SUBJECT, JWT_ID];

/// Private claims to be signed.
pub(super) struct Outgoing<'a, T> {
    pub(super) is_anonymous: bool,
    pub(super) identity_to_merge: Option<&'a str>,
    pub(super) rest: &'a T,
}

impl<T: Serialize> Serialize for Outgoing<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rest = match serde_json::to_value(self.rest) {
            Ok(Value::Object(rest)) if !OWN.iter().any(|own| rest.contains_key(*own)) => rest,
            _ => return Err(S::Error::custom("not an object with names of its own")),
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(IS_ANONYMOUS, &self.is_anonymous)?;
        if let Some(identity) = self.identity_to_merge {
            map.serialize_entry(IDENTITY_TO_MERGE, identity)?;
        }
        for (name, value) in &rest {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Private claims as received. Kore.ai's own keep any type here: what is wrong with one is said by
/// its name, once the rules have held.
pub(super) struct Received<T> {
    pub(super) is_anonymous: Option<Value>,
    pub(super) identity_to_merge: Option<Value>,
    pub(super) rest: T,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Received<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReceivedVisitor(PhantomData))
    }
}

struct ReceivedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ReceivedVisitor<T> {
    type Value = Received<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Received<T>, A::Error> {
        let mut members = Members { map, is_anonymous: None, identity_to_merge: None };
        let rest = T::deserialize(MapAccessDeserializer::new(&mut members))?;
        // A type may stop before the end, and one of ours may come after that.
        while (&mut members).next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        let Members { is_anonymous, identity_to_merge, .. } = members;
        Ok(Received { is_anonymous, identity_to_merge, rest })
    }
}

/// The members without Kore.ai's own, which are put aside as they come.
struct Members<A> {
    map: A,
    is_anonymous: Option<Value>,
    identity_to_merge: Option<Value>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for &mut Members<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(name) = self.map.next_key::<String>()? {
            match name.as_str() {
                IS_ANONYMOUS => self.is_anonymous = Some(self.map.next_value()?),
                IDENTITY_TO_MERGE => self.identity_to_merge = Some(self.map.next_value()?),
                _ => return seed.deserialize(StringDeserializer::new(name)).map(Some),
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
