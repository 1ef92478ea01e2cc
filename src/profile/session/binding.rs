//! Where a token may be used: origins (URL standard, "origin") and networks (RFC 4632, RFC 4291).

use super::refusal::Reason;
use super::{NETWORKS, ORIGINS, SOURCE};
use crate::ClaimProblem;
use core::net::IpAddr;
use ipnet::IpNet;
use serde_json::Value;
use url::{Origin, Url};

/// A scheme, a DNS name of 253 octets and a port, with room to spare.
const ORIGIN_MAX_LEN: usize = 300;

/// The most elements of `dom` and of `ip`: each is parsed for each token.
const MOST_PLACES: usize = 100;

/// The origin of a page: `http` or `https`, host and port, nothing after. The URL parser forgives what
/// is kept out here before it is asked: white space, `\` for `/`, user names, percent-encoded hosts.
fn origin(text: &str) -> Option<Origin> {
    let (scheme, rest) = text.split_once("://")?;
    let web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let foreign = |c: char| c.is_whitespace() || c.is_control() || "/\\?#@*%".contains(c);
    if !web || rest.is_empty() || rest.contains(foreign) {
        return None;
    }
    Some(Url::parse(text).ok()?.origin())
}

/// The `Origin` header of a request: a browser writes it in ASCII, international hosts too.
fn request_origin(header: &str) -> Result<Origin, Reason> {
    let usual = header.len() <= ORIGIN_MAX_LEN && header.is_ascii();
    usual.then(|| origin(header)).flatten().ok_or(Reason::OriginInvalid)
}

/// An origin, or a host that stands for the one on `https`.
fn origin_or_host(text: &str) -> Option<Origin> {
    if text.contains("://") { origin(text) } else { origin(&format!("https://{text}")) }
}

/// The origin of a page's URL, to be written into a token.
pub(super) fn origin_of(url: &str) -> Result<String, Reason> {
    let host = url.find("://").map_or(url.len(), |scheme| scheme + 3);
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |end| host + end);
    let origin = origin(&url[..end]).ok_or(wrong_type(SOURCE))?;
    Ok(origin.ascii_serialization())
}

/// What `dom` permits.
pub(super) fn origins(dom: &Value) -> Result<Vec<Origin>, Reason> {
    list(ORIGINS, dom, origin_or_host)
}

/// What `ip` permits.
pub(super) fn networks(ip: &Value) -> Result<Vec<IpNet>, Reason> {
    list(NETWORKS, ip, network)
}

/// A request's origin against `dom`.
pub(super) fn check_origins(dom: &Value, request: Option<&str>) -> Result<(), Reason> {
    let permitted = origins(dom)?;
    let origin = request_origin(request.ok_or(Reason::OriginMissing)?)?;
    if permitted.contains(&origin) { Ok(()) } else { Err(mismatch(ORIGINS)) }
}

/// A request's origin against `src`.
pub(super) fn check_source(src: &Value, request: Option<&str>) -> Result<(), Reason> {
    let permitted = src.as_str().and_then(origin).ok_or(wrong_type(SOURCE))?;
    let origin = request_origin(request.ok_or(Reason::OriginMissing)?)?;
    if permitted == origin { Ok(()) } else { Err(mismatch(SOURCE)) }
}

/// A request's address against `ip`.
pub(super) fn check_address(ip: &Value, request: Option<IpAddr>) -> Result<(), Reason> {
    let permitted = networks(ip)?;
    // A dual-stack socket shows an IPv4 client as `::ffff:a.b.c.d`: in no IPv4 network.
    let address = request.ok_or(Reason::AddressMissing)?.to_canonical();
    let inside = permitted.iter().any(|network| network.contains(&address));
    if inside { Ok(()) } else { Err(mismatch(NETWORKS)) }
}

/// A network in CIDR notation. Bits behind the prefix may mean the one address or all its neighbours; a
/// prefix of 0 restricts nothing; a leading zero makes octal of a number to some. None of them is taken.
fn network(text: &str) -> Option<IpNet> {
    let network: IpNet = text.parse().ok()?;
    let (address, _) = text.split_once('/')?;
    let plain = address.parse() == Ok(network.addr());
    Some(network).filter(|it| plain && it.prefix_len() > 0 && it.network() == it.addr())
}

/// Every element has to be good: one that is not was meant to permit something.
fn list<T>(
    claim: &'static str,
    value: &Value,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Reason> {
    let elements = value.as_array().ok_or(wrong_type(claim))?;
    match elements.len() {
        0 => Err(Reason::claim(claim, ClaimProblem::Empty)),
        1..=MOST_PLACES => elements
            .iter()
            .map(|element| element.as_str().and_then(&read))
            .collect::<Option<_>>()
            .ok_or(wrong_type(claim)),
        _ => Err(Reason::claim(claim, ClaimProblem::TooLong)),
    }
}

fn wrong_type(claim: &'static str) -> Reason {
    Reason::claim(claim, ClaimProblem::WrongType)
}

fn mismatch(claim: &'static str) -> Reason {
    Reason::claim(claim, ClaimProblem::Mismatch)
}
