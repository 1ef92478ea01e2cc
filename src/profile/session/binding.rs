//! Where a token may be used: origins (URL standard, "origin") and networks (RFC 4632, RFC 4291).

use super::refusal::Reason;
use crate::ClaimProblem;
use core::net::IpAddr;
use ipnet::IpNet;
use serde_json::Value;
use url::{Origin, Url};

/// The origin of a page: `http` or `https`, host and port, nothing after. The URL parser forgives what
/// is kept out here before it is asked: white space, `\` for `/`, user names.
pub(super) fn origin(text: &str) -> Option<Origin> {
    let (scheme, rest) = text.split_once("://")?;
    let web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let foreign = |c: char| {
        c.is_whitespace() || c.is_control() || ['/', '\\', '?', '#', '@', '*'].contains(&c)
    };
    if !web || rest.is_empty() || rest.contains(foreign) {
        return None;
    }
    Some(Url::parse(text).ok()?.origin()).filter(Origin::is_tuple)
}

/// An origin, or a host that stands for the one on `https`.
fn origin_or_host(text: &str) -> Option<Origin> {
    if text.contains("://") { origin(text) } else { origin(&format!("https://{text}")) }
}

/// A request's origin against the claim's.
pub(super) fn check_origin(
    claim: &'static str,
    value: &Value,
    request: Option<&str>,
) -> Result<(), Reason> {
    let permitted = match value {
        Value::String(one) => {
            vec![origin_or_host(one).ok_or(Reason::claim(claim, ClaimProblem::WrongType))?]
        }
        several => list(claim, several, origin_or_host)?,
    };
    let origin = origin(request.ok_or(Reason::OriginMissing)?).ok_or(Reason::OriginInvalid)?;
    if permitted.contains(&origin) {
        Ok(())
    } else {
        Err(Reason::claim(claim, ClaimProblem::Mismatch))
    }
}

/// A request's address against the claim's networks.
pub(super) fn check_address(
    claim: &'static str,
    value: &Value,
    request: Option<IpAddr>,
) -> Result<(), Reason> {
    let permitted = list(claim, value, network)?;
    let address = request.ok_or(Reason::AddressMissing)?.to_canonical();
    if permitted.iter().any(|network| network.contains(&address)) {
        Ok(())
    } else {
        Err(Reason::claim(claim, ClaimProblem::Mismatch))
    }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok()
}

/// What a service is about to write, checked as it will be read.
pub(super) fn check_origins(claim: &'static str, value: &Value) -> Result<(), Reason> {
    match value {
        Value::String(one) => {
            origin_or_host(one).map(|_| ()).ok_or(Reason::claim(claim, ClaimProblem::WrongType))
        }
        several => list(claim, several, origin_or_host).map(|_| ()),
    }
}

/// The same for networks.
pub(super) fn check_networks(claim: &'static str, value: &Value) -> Result<(), Reason> {
    list(claim, value, network).map(|_| ())
}

/// Every element has to be good: one that is not was meant to permit something.
fn list<T>(
    claim: &'static str,
    value: &Value,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Reason> {
    let wrong = Reason::claim(claim, ClaimProblem::WrongType);
    let Value::Array(elements) = value else { return Err(wrong) };
    if elements.is_empty() {
        return Err(Reason::claim(claim, ClaimProblem::Empty));
    }
    elements
        .iter()
        .map(|element| element.as_str().and_then(&read))
        .collect::<Option<_>>()
        .ok_or(wrong)
}
