//! Strict JSON objects (RFC 8259 as RFC 7515 section 4 and RFC 7519 section 4 narrow it).
//!
//! One walk over the text finds what `serde_json` alone lets pass: repeated member names at any
//! depth (compared after unescaping), objects and arrays past the limits, other things than objects.
//! Members that the caller knows are handed out as the text they were received as.
//!
//! Any package of a program can turn a feature of `serde_json` on for all of it. `arbitrary_precision`
//! and `float_roundtrip` change how a number is read. No verdict may depend on that, so a number that could
//! be too large is judged by its text, in [`form`].

mod form;
mod members;
mod raw;
mod wiping;

pub(crate) use members::{Member, from_members};
pub(crate) use raw::Raw;
pub(crate) use wiping::append_wiped;

use crate::error::JsonProblem;
use crate::limits::{JSON_DEPTH_MAXIMUM, Limits};
use core::cell::Cell;
use core::fmt;
use core::ops::Deref;
use form::{NUMBER_LIMIT, form_problem};
use serde::Serializer as _;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The members that a caller knows.
pub(crate) trait MemberSlots<'a> {
    /// The place of a member's value, each of one name; `None` for a name that means nothing to the
    /// caller.
    fn slot(&mut self, name: &str) -> Option<&mut Option<Raw<'a>>>;

    /// Where members with such names go, in their order, if they are kept.
    fn others(&mut self) -> Option<&mut Vec<Member<'a>>> {
        None
    }
}

/// Reads one strict JSON object and fills the known members' slots.
pub(crate) fn read_object<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    known: &mut impl MemberSlots<'a>,
) -> Result<(), JsonProblem> {
    let text = core::str::from_utf8(bytes).map_err(|_| JsonProblem::Syntax)?;
    if !text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{') {
        return Err(JsonProblem::NotAnObject);
    }
    let walk = Walk { text, limits, problem: Cell::new(None), large_number: Cell::new(false) };
    let mut json = serde_json::Deserializer::from_str(text);
    let result = Top { walk: &walk, known }
        .deserialize(&mut json)
        // Text after the object would be ignored here, but another reader may use it.
        .and_then(|()| json.end());
    match (result, walk.problem.get()) {
        (Ok(()), _) if !walk.large_number.get() => Ok(()),
        (Err(_), Some(problem)) if !walk.large_number.get() => Err(problem),
        // With some features `serde_json` stops at a large number, with others it goes on: what was
        // found behind it does not count.
        (result, problem) => match form_problem(text) {
            Some(problem) => Err(problem),
            None => result.map_err(|_| problem.unwrap_or(JsonProblem::Syntax)),
        },
    }
}

/// Writes an object of strings, in the order given, into one allocation: nothing is left behind by
/// growing when the strings are secret.
pub(crate) fn write_object<'a>(
    members: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) -> Vec<u8> {
    // Each octet may become an escape of six; quotes, colon and comma are another six.
    let capacity = members.clone().map(|(name, value)| name.len() + value.len() * 6 + 6).sum();
    let mut text = Vec::with_capacity(2_usize.saturating_add(capacity));
    let mut writer = serde_json::Serializer::new(&mut text);
    let Ok(()) = writer.collect_map(members) else {
        unreachable!("strings serialize and a vector takes every octet")
    };
    text
}

/// What one walk carries along: the limits, and the reason for stopping once there is one.
struct Walk<'l> {
    text: &'l str,
    limits: &'l Limits,
    /// `None` if `serde_json` itself stopped.
    problem: Cell<Option<JsonProblem>>,
    /// Whether a number came up that could be too large.
    large_number: Cell<bool>,
}

impl Walk<'_> {
    fn stop<E: de::Error>(&self, problem: JsonProblem) -> E {
        self.problem.set(Some(problem));
        E::custom("") // never shown: `problem` is
    }

    fn check_names<E: de::Error>(&self, names: &mut [impl Deref<Target = str>]) -> Result<(), E> {
        // By length first: most names differ in that, and equal ones are neighbours in any order.
        names.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        if names.windows(2).any(|pair| *pair[0] == *pair[1]) {
            return Err(self.stop(JsonProblem::DuplicateName));
        }
        Ok(())
    }

    /// All that a value of the outermost object can hold that its text alone does not rule out.
    fn check_value<E: de::Error>(&self, value: Raw<'_>) -> Result<(), E> {
        if value.is_plain() {
            return Ok(());
        }
        let mut json = serde_json::Deserializer::from_str(value.0);
        Nested { walk: self, depth: 2 }.deserialize(&mut json).map_err(|_| E::custom("")) // never shown
    }

    /// Whether `serde_json` hands a number over, as it does under `arbitrary_precision`: as an object
    /// whose only member has this name. A name that somebody sent lies in the text.
    fn is_number(&self, name: &str) -> bool {
        name == NUMBER && !self.text.as_bytes().as_ptr_range().contains(&name.as_ptr())
    }

    fn note_number(&self, value: f64) {
        // `serde_json` may be off by the last few of 53 bits.
        if value.abs() > NUMBER_LIMIT / 2.0 {
            self.large_number.set(true);
        }
    }

    fn check_count<E: de::Error>(&self, count: usize, limit: usize) -> Result<(), E> {
        if count > limit {
            return Err(self.stop(JsonProblem::TooMany));
        }
        Ok(())
    }
}

/// The outermost object.
struct Top<'w, 'l, K> {
    walk: &'w Walk<'l>,
    known: &'w mut K,
}

impl<'de, K: MemberSlots<'de>> DeserializeSeed<'de> for Top<'_, '_, K> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, K: MemberSlots<'de>> Visitor<'de> for Top<'_, '_, K> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut members, mut names) = (0, Vec::new());
        while let Some(name) = map.next_key_seed(Name { walk: self.walk })? {
            members += 1;
            self.walk.check_count(members, self.walk.limits.json_members)?;
            // A known name needs no entry in `names`: its slot, filled once, is what finds a repetition.
            if let Some(slot) = self.known.slot(&name) {
                if slot.is_some() {
                    return Err(self.walk.stop(JsonProblem::DuplicateName));
                }
                // Not walked: callers read it as a string, a number or an array of strings, in
                // which no name can repeat, or pass each element to `read_object`; what they do not
                // read does not count.
                *slot = Some(Raw(map.next_value::<&RawValue>()?.get()));
                continue;
            }
            // The caller keeps the rest: take the text once, and walk into it only where its form leaves
            // something to check.
            if let Some(others) = self.known.others() {
                let value = map.next_value::<&RawValue>()?;
                self.walk.check_value(Raw(value.get()))?;
                others.push((name, value));
            } else {
                // Nobody keeps it, but a repeated name inside it could still be read two ways.
                map.next_value_seed(Nested { walk: self.walk, depth: 2 })?;
                names.push(name);
            }
        }
        // Names that are not known are compared once, at the end: sorting costs n log n whatever an
        // attacker sends, and no hash is needed that they could aim at.
        match self.known.others() {
            Some(others) => {
                let mut names: Vec<&str> = others.iter().map(|(name, _)| &**name).collect();
                self.walk.check_names(&mut names)
            }
            None => self.walk.check_names(&mut names),
        }
    }
}

/// Any value inside the outermost object, `depth` counted from there.
#[derive(Clone, Copy)]
struct Nested<'w, 'l> {
    walk: &'w Walk<'l>,
    depth: usize,
}

impl Nested<'_, '_> {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth > self.walk.limits.json_depth.min(JSON_DEPTH_MAXIMUM) {
            return Err(self.walk.stop(JsonProblem::TooDeep));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Nested<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut next = map.next_key_seed(Name { walk: self.walk });
        if let Ok(Some(Cow::Borrowed(name))) = next
            && self.walk.is_number(name)
        {
            let number: Cow<'_, str> = map.next_value()?;
            self.walk.note_number(number.parse().unwrap_or(f64::INFINITY));
            return Ok(());
        }
        let inner = self.deeper()?;
        let mut names = Vec::new();
        while let Some(name) = next? {
            self.walk.check_count(names.len() + 1, self.walk.limits.json_members)?;
            names.push(name);
            map.next_value_seed(inner)?;
            next = map.next_key_seed(Name { walk: self.walk });
        }
        self.walk.check_names(&mut names)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut count = 0;
        while seq.next_element_seed(inner)?.is_some() {
            count += 1;
            self.walk.check_count(count, self.walk.limits.json_elements)?;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.walk.note_number(value);
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A member's name after unescaping; borrowed from the text where it has no escapes.
struct Name<'w, 'l> {
    walk: &'w Walk<'l>,
}

impl<'de> DeserializeSeed<'de> for Name<'_, '_> {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name<'_, '_> {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
        if !self.walk.is_number(name) {
            check_name(name)?;
        }
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        check_name(name).map(|()| Cow::Owned(name.to_owned()))
    }
}

/// The names by which `serde_json` passes a raw value on, and a number under `arbitrary_precision`: its
/// `Value` reads an object with the first as JSON text inside the text, past every check made here, and
/// one with the second as a number.
const RAW_VALUE: &str = "$serde_json::private::RawValue";
const NUMBER: &str = "$serde_json::private::Number";

fn check_name<E: de::Error>(name: &str) -> Result<(), E> {
    if [RAW_VALUE, NUMBER].contains(&name) { Err(E::custom("")) } else { Ok(()) } // never shown
}

#[cfg(test)]
mod tests;
