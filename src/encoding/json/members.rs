//! A caller's own type read from some of an object's members, as if there were no others.
//!
//! So a type with `deny_unknown_fields` sees its own members only, and cannot pick up a registered
//! Claim behind the back of the rules.

use serde::Deserialize;
use serde::de::value::CowStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::vec::IntoIter;

/// A member's name after unescaping, and its value as received.
pub(crate) type Member<'a> = (Cow<'a, str>, &'a RawValue);

/// The members could not be read as the type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WrongShape;

/// Reads `T` from the members, in their order.
///
/// The error of `serde_json` is dropped on purpose: its text can quote the values.
pub(crate) fn from_members<'de, T: Deserialize<'de>>(
    members: Vec<Member<'de>>,
) -> Result<T, WrongShape> {
    T::deserialize(MemberDeserializer(members)).map_err(|_| WrongShape)
}

/// An object, whatever the type asks for.
struct MemberDeserializer<'de>(Vec<Member<'de>>);

impl<'de> Deserializer<'de> for MemberDeserializer<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let mut unread = Unread { members: self.0.into_iter(), value: None };
        let value = visitor.visit_map(&mut unread)?;
        // As with `serde_json`, members left unread are an error: a type that stops early would
        // otherwise ignore claims without saying so.
        unread.next_name()?.map_or(Ok(value), |_| Err(nothing_to_show()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The members that have not been asked for, and the value of the name given out last.
struct Unread<'de> {
    members: IntoIter<Member<'de>>,
    value: Option<&'de RawValue>,
}

impl<'de> Unread<'de> {
    /// The next name, unless the value of the last was passed over.
    fn next_name(&mut self) -> Result<Option<Cow<'de, str>>, serde_json::Error> {
        if self.value.is_some() {
            return Err(nothing_to_show());
        }
        let Some((name, value)) = self.members.next() else { return Ok(None) };
        self.value = Some(value);
        Ok(Some(name))
    }
}

impl<'de> MapAccess<'de> for Unread<'de> {
    type Error = serde_json::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Self::Error> {
        let name = self.next_name()?;
        name.map(|name| seed.deserialize(CowStrDeserializer::new(name))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Self::Error> {
        let value = self.value.take().ok_or_else(nothing_to_show)?;
        let mut json = serde_json::Deserializer::from_str(value.get());
        let value = seed.deserialize(&mut json)?;
        json.end()?; // an integer of 128 bits is read up to the fraction or the exponent of a number
        Ok(value)
    }
}

fn nothing_to_show() -> serde_json::Error {
    serde_json::Error::custom("")
}
