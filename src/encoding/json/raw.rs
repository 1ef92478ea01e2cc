//! A value that is typed on demand.

use core::fmt;
use core::marker::PhantomData;
use serde::Deserialize;
use serde::de::{self, Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A value as received: JSON text of one value, valid in form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'a>(pub(super) &'a str);

impl<'a> Raw<'a> {
    /// The value if it is a string.
    pub(crate) fn string(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if inner.contains('\\') {
            return serde_json::from_str(self.0).ok().map(Cow::Owned);
        }
        Some(Cow::Borrowed(inner))
    }

    /// The value if it is a string without escapes: for secrets, which no parser may copy about.
    pub(crate) fn plain_string(self) -> Option<&'a str> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        (!inner.contains('\\')).then_some(inner)
    }

    /// Whether nothing about the value is left to be checked: it is a string without escapes, a literal
    /// or a small whole number.
    pub(super) fn is_plain(self) -> bool {
        match self.0.as_bytes() {
            [b'"', inner @ ..] => !inner.contains(&b'\\'),
            [b't' | b'f' | b'n', ..] => true,
            // Few enough digits for every integer type. Other numbers go through the walk, which
            // rejects exponents beyond the range of `f64`.
            number => number.len() < 16 && number.iter().all(u8::is_ascii_digit),
        }
    }

    /// The text of the value if it is a number.
    pub(crate) fn number(self) -> Option<&'a str> {
        self.0.starts_with(|c: char| c == '-' || c.is_ascii_digit()).then_some(self.0)
    }

    /// The values if it is an array of at most `most` strings.
    pub(crate) fn strings(self, most: usize) -> Option<Vec<String>> {
        self.array(most)
    }

    /// The values, each as received, if it is an array of at most `most`.
    pub(crate) fn elements(self, most: usize) -> Option<Vec<Raw<'a>>> {
        let elements: Vec<&'a RawValue> = self.array(most)?;
        Some(elements.into_iter().map(|raw| Raw(raw.get())).collect())
    }

    /// Whether the value is an array, whatever its length.
    pub(crate) fn is_array(self) -> bool {
        self.0.starts_with('[')
    }

    fn array<T: Deserialize<'a>>(self, most: usize) -> Option<Vec<T>> {
        let mut json = serde_json::Deserializer::from_str(self.0);
        json.deserialize_seq(AtMost { most, element: PhantomData }).ok()
    }

    /// The value's own text.
    pub(crate) fn text(self) -> &'a str {
        self.0
    }
}

/// An array that is given up at the first element too many, before it has cost anything.
struct AtMost<T> {
    most: usize,
    element: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for AtMost<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of at most {}", self.most)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            if elements.len() == self.most {
                return Err(de::Error::invalid_length(self.most, &self));
            }
            elements.push(element);
        }
        Ok(elements)
    }
}
