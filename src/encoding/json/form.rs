//! What is wrong with a text as JSON, told apart where `serde_json` has one error for all of it.

use super::Raw;
use crate::error::JsonProblem;
use serde_json::value::RawValue;

/// A number of this magnitude is rejected. Near the greatest `f64` it depends on the features of
/// `serde_json` whether a number overflows; this is far enough below.
pub(super) const NUMBER_LIMIT: f64 = 1e308;

/// What is wrong with the text as JSON, whatever its members mean: its form, a number, a surrogate.
pub(super) fn form_problem(text: &str) -> Option<JsonProblem> {
    if serde_json::from_str::<&RawValue>(text).is_err() {
        return Some(JsonProblem::Syntax);
    }
    let mut rest = text;
    // In a text of the right form these begin a string or a number, and nothing else.
    while let Some(start) = rest.find(|c: char| matches!(c, '"' | '-' | '0'..='9')) {
        let (_, value_and_rest) = rest.split_at(start);
        let mut values =
            serde_json::Deserializer::from_str(value_and_rest).into_iter::<&RawValue>();
        let Some(Ok(value)) = values.next() else { return Some(JsonProblem::Syntax) };
        let value = Raw(value.get());
        match value.number() {
            Some(number) if !is_small_number(number) => return Some(JsonProblem::NumberOutOfRange),
            None if value.string().is_none() => return Some(JsonProblem::LoneSurrogate),
            _ => (_, rest) = value_and_rest.split_at(values.byte_offset()),
        }
    }
    None
}

/// Whether the number is below [`NUMBER_LIMIT`], as the standard library reads it.
fn is_small_number(number: &str) -> bool {
    number.parse::<f64>().is_ok_and(|value| value.abs() < NUMBER_LIMIT)
}
