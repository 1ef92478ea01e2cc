//! Claims that are good but for the changes a test makes, and the rules for them.

use std::time::Duration;
use strict_jose::{Audience, Issuer, Limits, NumericDate, Validation};

/// The time at which all tokens are verified.
pub const NOW: u64 = 1_700_000_000;
pub const ISS: &str = "https://as.example";
pub const AUD: &str = "https://api.example";

/// Limits so far up that the parsers are reached.
pub const RAISED: Limits = Limits {
    token_len: usize::MAX,
    header_len: usize::MAX,
    json_depth: usize::MAX,
    json_members: usize::MAX,
    json_elements: usize::MAX,
};

/// The fewest claims that keep the [`rules`].
pub const CLAIMS: &str =
    r#"{"iss":"https://as.example","aud":"https://api.example","exp":1700000300}"#;

/// The claims of a good token as names and JSON values.
const GOOD: [(&str, &str); 6] = [
    ("iss", "\"https://as.example\""),
    ("sub", "\"alice\""),
    ("aud", "\"https://api.example\""),
    ("exp", "1700000300"),
    ("iat", "1699999990"),
    ("jti", "\"id-1\""),
];

/// A good Claims Set with some claims put in the place of others: `""` takes one away.
pub fn claims(changes: &[(&str, &str)]) -> String {
    let kept = GOOD.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    let members: Vec<_> = kept
        .chain(changes)
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// A JSON string of this text, escaped.
pub fn text(value: &str) -> String {
    serde_json::to_string(value).unwrap()
}

pub fn at(seconds: u64) -> NumericDate {
    NumericDate::from_seconds(seconds).unwrap()
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The rules that good claims keep at [`NOW`].
pub fn rules() -> Validation {
    Validation::new(Issuer::exactly(ISS), Audience::includes(AUD)).at_fixed_time(at(NOW))
}
