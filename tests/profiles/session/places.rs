//! Origins and networks that somebody would like to be taken for others.

use super::support::*;
use crate::kept::Kept;
use serde_json::{Value, json};
use std::net::IpAddr;
use strict_jose::profile::session::{Parties, Policy, Request, Verifier};
use strict_jose::{AfterRestart, MemoryReplayGuard};

const ANSWER: &str = r#"{"error":"invalidSession"}"#;

/// The verdict on a token with these claims beside `sid`: its code, or that of the refusal.
fn verdict(claims: &Value, request: &Request<'_>) -> &'static str {
    let policy = Policy::new(Parties::unchecked(), std::time::Duration::from_secs(60));
    let verifier = Verifier::new(
        policy,
        key("k"),
        Kept(MemoryReplayGuard::with_capacity(1)),
        AfterRestart::remembered(),
    )
    .at_fixed_time(date(NOW));
    let token = sign(&with(json!({"sid": "s1", "exp": NOW + 60}), claims), &key("k"));
    match verifier.accept(&token, request) {
        Ok(_) => "accepted",
        Err(refusal) => refused(Err(refusal), &token, 401, ANSWER),
    }
}

fn origin(dom: &str, origin: &str) -> &'static str {
    verdict(&json!({"dom": [dom]}), &Request::new().origin(origin))
}

fn address(ip: &str, address: &str) -> &'static str {
    let address: IpAddr = address.parse().unwrap();
    verdict(&json!({"ip": [ip]}), &Request::new().address(address))
}

#[test]
fn origins_that_are_the_same() {
    for (dom, from) in [
        ("www.shop.example", "https://www.shop.example"),
        ("WWW.Shop.Example", "https://www.shop.example"),
        ("www.shop.example", "HTTPS://WWW.SHOP.EXAMPLE:443"),
        ("www.shop.example:443", "https://www.shop.example"),
        ("www.shop.example:8443", "https://www.shop.example:8443"),
        ("http://www.shop.example:80", "http://www.shop.example"),
        ("bücher.example", "https://xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "https://XN--bcher-kva.example"),
        ("[2001:db8::1]", "https://[2001:DB8:0::1]:443"),
        ("192.0.2.1", "https://0300.0.2.1"), // one address to the URL standard, and to browsers
        ("www.shop.example.", "https://www.shop.example."),
    ] {
        assert_eq!(origin(dom, from), "accepted", "{dom} {from}");
    }
}

#[test]
fn origins_that_are_others() {
    for from in [
        "https://shop.example",
        "https://www.shop.example.evil.test",
        "https://evilwww.shop.example",
        "https://a.www.shop.example",
        "https://www.shop.example.", // another host to browsers
        "http://www.shop.example",
        "http://www.shop.example:443",
        "https://www.shop.example:80",
        "https://www.shop.example:8443",
        "https://www.shop.example,evil.test",
        "https://xn--bcher-kva.example",
        "https://[::1]",
        "https://127.0.0.1",
    ] {
        assert_eq!(origin("www.shop.example", from), "claim.mismatch", "{from}");
    }
    // A letter of another script, and an address in another family.
    assert_eq!(origin("www.sh\u{43e}p.example", "https://www.shop.example"), "claim.mismatch");
    assert_eq!(origin("192.0.2.1", "https://[::ffff:192.0.2.1]"), "claim.mismatch");
    assert_eq!(origin("http://[::1]", "http://127.0.0.1"), "claim.mismatch");
}

#[test]
fn origins_that_are_none() {
    let long = format!("https://www.shop.example:{}443", "0".repeat(280));
    for from in [
        "",
        "null",
        "Null",
        "*",
        "https://",
        "https://:443",
        "https:www.shop.example",
        "https:/www.shop.example",
        "//www.shop.example",
        "www.shop.example",
        "https://www.shop.example@evil.test",
        "https://evil.test@www.shop.example",
        "https://:@www.shop.example",
        "https://www.shop.example/",
        "https://evil.test/https://www.shop.example",
        "https://www.shop.example?",
        "https://www.shop.example#",
        "https:\\\\www.shop.example",
        "https://evil.test\\.www.shop.example",
        " https://www.shop.example",
        "https://www.shop.example ",
        "https://www.shop.example https://evil.test",
        "https://www.shop\t.example",
        "https://www.shop.example\n",
        "https://www.shop.example\u{1}",
        "https://www.shop\r\n.example",
        "\u{feff}https://www.shop.example",
        "https://www.shop\u{ad}.example", // IDNA leaves it out
        "https://www。shop。example",     // and makes dots of these
        "https://ｗww.shop.example",
        "https://www%2eshop.example",
        "https://www.shop.example:99999",
        "https://www.shop.example:-1",
        "https://www.shop.example:4 43",
        "https://[fe80::1%25eth0]",
        "https://[::1",
        "https://256.0.0.1",
        "https://*.shop.example",
        "ftp://www.shop.example",
        "file://www.shop.example",
        "wss://www.shop.example",
        "chrome-extension://www.shop.example",
        "javascript://www.shop.example",
        "blob:https://www.shop.example",
        &long,
    ] {
        assert_eq!(origin("www.shop.example", from), "session.origin_invalid", "{from:?}");
    }
    assert_eq!(origin("www.shop.example", "https://www.shop.example:0443"), "accepted");
}

#[test]
fn one_character_more_or_another() {
    let policy = Policy::new(Parties::unchecked(), std::time::Duration::from_secs(60));
    let verifier = Verifier::new(
        policy,
        key("k"),
        Kept(MemoryReplayGuard::with_capacity(1)),
        AfterRestart::remembered(),
    )
    .at_fixed_time(date(NOW));
    let claims = json!({"sid": "s1", "exp": NOW + 60, "dom": ["www.shop.example"]});
    let token = sign(&claims, &key("k"));
    let accepted = |origin: &str| verifier.accept(&token, &Request::new().origin(origin)).is_ok();
    // What may differ, told by hand: the case of letters, and how the default port is written.
    let same = |origin: &str| {
        let origin = origin.to_ascii_lowercase();
        origin.strip_prefix("https://www.shop.example").is_some_and(|port| {
            let number = port.strip_prefix(':').map(|digits| digits.trim_start_matches('0'));
            port.is_empty() || matches!(number, Some("443")) || port == ":"
        })
    };
    let beyond =
        ['\u{80}', '\u{a0}', '\u{ad}', '\u{200b}', '\u{2024}', '。', '／', '：', 'Ｗ', 'ſ'];
    let (mut tried, mut taken) = (0, 0);
    for good in ["https://www.shop.example", "https://www.shop.example:443"] {
        for at in 0..=good.len() {
            for other in (0..128_u8).map(char::from).chain(beyond) {
                let (before, after) = good.split_at(at);
                let replaced = after.get(1..).map(|rest| format!("{before}{other}{rest}"));
                for origin in [Some(format!("{before}{other}{after}")), replaced].iter().flatten() {
                    assert_eq!(accepted(origin), same(origin), "{origin:?}");
                    tried += 1;
                    taken += usize::from(same(origin));
                }
            }
        }
    }
    assert!(tried > 14_000 && taken > 80, "{tried} {taken}");
}

#[test]
fn restrictions_that_are_none() {
    let request = Request::new().origin("https://a.example").address([192, 0, 2, 1].into());
    for dom in [
        "",
        "*",
        "*.example",
        "a.example/path",
        "https://a.example/",
        "user@a.example",
        "null",
        "a b.example",
        "ftp://a.example",
        "a.example:x",
    ] {
        let expected = if dom == "null" { "claim.mismatch" } else { "claim.wrong_type" };
        assert_eq!(verdict(&json!({"dom": [dom]}), &request), expected, "{dom}");
    }
    for src in [json!(["https://a.example"]), json!("a.example"), json!("https://a.example/x")] {
        assert_eq!(verdict(&json!({"src": src}), &request), "claim.wrong_type", "{src}");
    }
    for ip in [
        "",
        "192.0.2.1",
        "192.0.2.1/24", // the address, or its neighbours too?
        "192.0.2.0/33",
        "192.0.2.0/-1",
        "192.0.2.0/255.255.255.0",
        "192.0.2/24",
        "0300.0.2.0/24",
        "192.0.02.0/24",
        "0.0.0.0/0",
        "::/0",
        "2001:db8::1/32",
        "fe80::1%eth0/64",
        "*",
        "a.example/24",
        " 192.0.2.0/24",
    ] {
        assert_eq!(verdict(&json!({"ip": [ip]}), &request), "claim.wrong_type", "{ip}");
    }
    // A good one beside a bad one changes nothing.
    let ip = json!({"ip": ["192.0.2.0/24", "0.0.0.0/0"]});
    assert_eq!(verdict(&ip, &request), "claim.wrong_type");
    assert_eq!(verdict(&json!({"ip": ["192.0.2.0/24"]}), &request), "accepted");
}

#[test]
fn networks_hold_their_addresses_alone() {
    for (ip, from, expected) in [
        ("203.0.113.0/24", "203.0.113.0", "accepted"),
        ("203.0.113.0/24", "203.0.113.255", "accepted"),
        ("203.0.113.0/24", "203.0.112.255", "claim.mismatch"),
        ("203.0.113.0/24", "203.0.114.0", "claim.mismatch"),
        ("203.0.113.9/32", "203.0.113.9", "accepted"),
        ("203.0.113.9/32", "203.0.113.8", "claim.mismatch"),
        ("203.0.113.0/24", "::ffff:203.0.113.9", "accepted"),
        ("203.0.113.0/24", "::203.0.113.9", "claim.mismatch"),
        ("203.0.113.0/24", "::ffff:0:203.0.113.9", "claim.mismatch"),
        ("2001:DB8::/32", "2001:db8:ffff::1", "accepted"),
        ("2001:db8::/32", "2001:db9::", "claim.mismatch"),
        ("2001:db8::/32", "203.0.113.9", "claim.mismatch"),
        ("::/1", "203.0.113.9", "claim.mismatch"),
        ("::ffff:203.0.113.0/120", "203.0.113.9", "claim.mismatch"),
    ] {
        assert_eq!(address(ip, from), expected, "{ip} {from}");
    }
}

#[test]
fn lists_are_bounded() {
    let request = Request::new().origin("https://a.example").address([192, 0, 2, 1].into());
    for (claim, element) in [("dom", "a.example"), ("ip", "192.0.2.0/24")] {
        let list = |count| verdict(&json!({claim: vec![element; count]}), &request);
        assert_eq!(list(100), "accepted");
        assert_eq!(list(101), "claim.too_long");
    }
}

#[test]
fn a_claim_binds_whatever_the_policy() {
    // A policy that asks for nothing: what the token has counts all the same, each by itself.
    let here = Request::new().origin("https://a.example").address([192, 0, 2, 1].into());
    let good = json!({"dom": ["a.example"], "src": "https://a.example", "ip": ["192.0.2.0/24"]});
    assert_eq!(verdict(&good, &here), "accepted");
    assert_eq!(verdict(&json!({}), &Request::new()), "accepted");
    for (claim, other) in [
        ("dom", json!(["b.example"])),
        ("src", json!("https://b.example")),
        ("ip", json!(["192.0.3.0/24"])),
    ] {
        let claims = with(good.clone(), &json!({claim: other}));
        assert_eq!(verdict(&claims, &here), "claim.mismatch", "{claim}");
    }
    let nowhere = Request::new();
    assert_eq!(verdict(&json!({"dom": ["a.example"]}), &nowhere), "session.origin_missing");
    assert_eq!(verdict(&json!({"src": "https://a.example"}), &nowhere), "session.origin_missing");
    assert_eq!(verdict(&json!({"ip": ["192.0.2.0/24"]}), &nowhere), "session.address_missing");
}
