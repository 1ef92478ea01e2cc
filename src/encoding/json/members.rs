//! A caller's own type read from an object as if some of the object's members were not there.
//!
//! So a type with `deny_unknown_fields` sees its own members only, and cannot pick up a registered
//! Claim behind the back of the rules.

use super::Name;
use core::fmt;
use core::marker::PhantomData;
use serde::Deserialize;
use serde::de::value::CowStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

/// The object's text could not be read as the type.
#[derive(Debug)]
pub(crate) struct WrongShape;

/// Reads `T` from the object without the members that `hidden` names.
///
/// The error of `serde_json` is dropped on purpose: its text can quote the values.
pub(crate) fn from_object_without<'de, T: Deserialize<'de>>(
    octets: &'de [u8],
    hidden: &dyn Fn(&str) -> bool,
) -> Result<T, WrongShape> {
    let mut json = serde_json::Deserializer::from_slice(octets);
    T::deserialize(Without { inner: &mut json, hidden }).map_err(|_| WrongShape)
}

struct Without<'h, D> {
    inner: D,
    hidden: &'h dyn Fn(&str) -> bool,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Without<'_, D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let Self { inner, hidden } = self;
        inner.deserialize_map(WithoutVisitor { visitor, hidden, lifetime: PhantomData })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct WithoutVisitor<'de, 'h, V> {
    visitor: V,
    hidden: &'h dyn Fn(&str) -> bool,
    lifetime: PhantomData<&'de ()>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for WithoutVisitor<'de, '_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(WithoutMap { map, hidden: self.hidden })
    }
}

struct WithoutMap<'h, A> {
    map: A,
    hidden: &'h dyn Fn(&str) -> bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WithoutMap<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(name) = self.map.next_key_seed(Name)? {
            if !(self.hidden)(&name) {
                return seed.deserialize(CowStrDeserializer::new(name)).map(Some);
            }
            self.map.next_value::<IgnoredAny>()?;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
