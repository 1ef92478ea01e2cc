//! Vector files: parsing them, and counting what came of each vector.

use super::SIGNED;
use super::verdicts::record;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Add;
use std::sync::OnceLock;
use strict_jose::Error;

/// What came of the vectors of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub accept: usize,
    pub reject: usize,
    pub skipped: usize,
}

impl Counts {
    /// Checks a result against `accept` or an error's code, and counts it. Gives what was accepted.
    pub fn check<T>(&mut self, id: &str, expect: &str, result: Result<T, Error>) -> Option<T> {
        record(format_args!("{id} {}", result.as_ref().err().map_or("accepted", Error::code)));
        match result {
            Ok(value) => {
                assert_eq!(expect, "accept", "{id} was accepted");
                self.accept += 1;
                Some(value)
            }
            Err(error) => {
                assert_eq!(error.code(), expect, "{id}: {error}");
                self.reject += 1;
                None
            }
        }
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            accept: self.accept + other.accept,
            reject: self.reject + other.reject,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// One object of a file. A member that is asked for has to be there.
pub struct Vector(Value);

impl Vector {
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub fn id(&self) -> &str {
        self.text("id")
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn value(&self, name: &str) -> &Value {
        self.get(name).unwrap_or_else(|| panic!("no member {name} in {}", self.0))
    }

    pub fn text(&self, name: &str) -> &str {
        let text = self.value(name).as_str();
        text.unwrap_or_else(|| panic!("{name} is no string in {}", self.0))
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        decode(self.text(name))
    }

    pub fn child(&self, name: &str) -> Option<Vector> {
        self.get(name).cloned().map(Vector)
    }

    pub fn children(&self, name: &str) -> Vec<Vector> {
        let array = self.value(name).as_array();
        array.unwrap_or_else(|| panic!("{name} is no array")).iter().cloned().map(Vector).collect()
    }

    /// A JWK as the text to be read: a string is the text itself, octet for octet.
    pub fn json(&self, name: &str) -> String {
        json_text(self.value(name))
    }
}

pub fn json_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The runner's own base64url, so that the crate's is tested by another one.
pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn load(path: &str, text: &str) -> Vec<Vector> {
    let vectors: Vec<Value> = serde_json::from_str(text).unwrap();
    assert!(!vectors.is_empty(), "{path} holds no vector");
    let vectors: Vec<_> = vectors.into_iter().map(Vector).collect();
    let ids: BTreeSet<_> = vectors.iter().map(Vector::id).collect();
    assert_eq!(ids.len(), vectors.len(), "an id of {path} stands twice");
    vectors
}

/// The JWK of this id, as its RFC prints it.
pub fn key(id: &str) -> &'static Value {
    static KEYS: OnceLock<BTreeMap<String, Value>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        SIGNED
            .iter()
            .filter(|file| file.path.ends_with("/keys.json"))
            .flat_map(|file| load(file.path, file.text))
            .map(|vector| (vector.id().to_owned(), vector.value("jwk").clone()))
            .collect()
    });
    keys.get(id).unwrap_or_else(|| panic!("no key {id}"))
}

/// The public half of an RSA JWK.
pub fn public(jwk: &Value) -> String {
    let mut members = jwk.as_object().unwrap().clone();
    members.retain(|name, _| !["d", "p", "q", "dp", "dq", "qi"].contains(&name.as_str()));
    Value::Object(members).to_string()
}
