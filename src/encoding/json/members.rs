//! A caller's own type read from some of an object's members, as if there were no others.
//!
//! So a type with `deny_unknown_fields` sees its own members only, and cannot pick up a registered
//! Claim behind the back of the rules.

use serde::Deserialize;
use serde::de::value::MapDeserializer;
use serde::de::{Deserializer, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;

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
    T::deserialize(Members(members)).map_err(|_| WrongShape)
}

/// An object, whatever the type asks for.
struct Members<'de>(Vec<Member<'de>>);

impl<'de> Deserializer<'de> for Members<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        MapDeserializer::new(self.0.into_iter()).deserialize_any(visitor)
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
