//! Classes 59 and 60: texts made to cost much, and texts made to crash. Costs are counted in
//! `rejection_cost.rs`; here are the outcomes.

use crate::support::{claims::*, keys, outcome::*, signing::*};
use strict_jose::{
    Hs256Key, KeySet, Limits, NoPrivateClaims, Rs256SigningKey, Rs256VerifyingKey, UnverifiedHints,
    jws, jwt,
};

const MANY: usize = 100_000;

fn list(element: &str, count: usize) -> String {
    format!("[{}]", vec![element; count].join(","))
}

fn members(count: usize) -> String {
    (0..count).map(|name| format!(",\"m{name}\":1")).collect()
}

#[test]
fn e59_super_linear_parsing() {
    let wide = Limits { token_len: usize::MAX, header_len: usize::MAX, ..Limits::DEFAULT };
    let open = Limits { json_members: usize::MAX, json_elements: usize::MAX, ..wide };
    let payload = |fault: &str, limits| {
        let text = claims(&[]).replacen('}', &format!("{fault}}}"), 1);
        outcome(&jwt::verify::<NoPrivateClaims>(&token(text), &hs256(), &rules().limits(limits)))
    };
    let header = |fault: &str, limits| {
        let header = format!("{{\"alg\":\"HS256\"{fault}}}");
        outcome(&jws::verify_with_limits(&hs_token(&header, ""), &hs256(), &limits))
    };
    // The default limits, to the member and to the element.
    assert_eq!(payload(&members(250), Limits::DEFAULT), "accepted");
    assert_eq!(payload(&members(251), Limits::DEFAULT), "json.too_many");
    assert_eq!(header(&members(255), Limits::DEFAULT), "accepted");
    assert_eq!(header(&members(256), Limits::DEFAULT), "json.too_many");
    let elements = |count| format!(",\"x\":{}", list("1", count));
    assert_eq!(payload(&elements(4096), Limits::DEFAULT), "accepted");
    assert_eq!(payload(&elements(4097), Limits::DEFAULT), "json.too_many");
    assert_eq!(header(&elements(4097), wide), "json.too_many");
    let inner = |count| format!(",\"x\":{{\"y\":0{}}}", members(count));
    assert_eq!(payload(&inner(255), Limits::DEFAULT), "accepted");
    assert_eq!(payload(&inner(256), Limits::DEFAULT), "json.too_many");

    // The same at length: refused within the limits, taken where the caller raised them.
    for fault in [members(MANY), elements(MANY), inner(MANY)] {
        assert_eq!(payload(&fault, Limits::DEFAULT), "token.too_long");
        assert_eq!(payload(&fault, wide), "json.too_many");
        assert_eq!(payload(&fault, open), "accepted");
        assert_eq!(header(&fault, Limits::DEFAULT), "token.too_long");
        assert_eq!(header(&fault, wide), "json.too_many");
        assert_eq!(header(&fault, open), "accepted");
    }
    let string = format!(",\"x\":\"{}\"", "s".repeat(1_000_000));
    let escapes = format!(",\"x\":\"{}\"", "\\u0041".repeat(MANY));
    let number = format!(",\"x\":{}", "9".repeat(300));
    for fault in [string, escapes, number] {
        assert_eq!(payload(&fault, wide), "accepted");
    }
    assert_eq!(payload(&format!(",\"x\":{}", "9".repeat(MANY)), wide), "json.number");
    assert_eq!(header(&format!(",\"x\":{}", "9".repeat(MANY)), wide), "json.number");

    // Members with a meaning.
    let crit = format!(",\"crit\":{}", list("\"a\"", MANY));
    assert_eq!(header(&crit, wide), "header.unsupported");
    let judged = |claim: &str, value: &str, limits| {
        outcome(&judge_by(&[(claim, value)], &rules().limits(limits)))
    };
    let audience = |count| list("\"https://api.example\"", count);
    assert_eq!(judged("aud", &audience(4096), wide), "accepted");
    assert_eq!(judged("aud", &audience(4097), wide), "claim.too_long");
    assert_eq!(judged("aud", &audience(MANY), wide), "claim.too_long");
    assert_eq!(judged("exp", &"9".repeat(MANY), wide), "claim.out_of_range");
    assert_eq!(judged("exp", &format!("1700000300.{}", "0".repeat(MANY)), wide), "accepted");
    assert_eq!(judged("exp", &format!("1e{}", "9".repeat(MANY)), wide), "claim.out_of_range");
}

#[test]
fn e59_super_linear_parsing_of_keys() {
    let secret = hs256().to_secret_jwk();
    let with = |member: &str| {
        let jwk = secret.expose().replacen('{', &format!("{{{member},"), 1);
        Hs256Key::from_jwk(&jwk).err().map(|error| error.code())
    };
    assert_eq!(with(r#""key_ops":["sign","verify"]"#), None);
    let operations = |count| format!("\"key_ops\":{}", list("\"sign\"", count));
    assert_eq!(with(&operations(2)), Some("key.jwk_mismatch"));
    assert_eq!(with(&operations(17)), Some("key.jwk_wrong_type"));
    assert_eq!(with(&operations(MANY)), Some("key.too_long"));
    assert_eq!(with(&members(300)[1..]), Some("key.json"));
    assert_eq!(with(&format!("\"x\":{}", list("1", 5000))), Some("key.json"));
    assert_eq!(with(&format!("\"x\":{}", "1".repeat(20_000))), Some("key.json"));
    let set = format!("{{\"keys\":{}}}", list("1", MANY));
    let set = KeySet::<Hs256Key>::from_secret_jwk_set(&set).unwrap_err();
    assert_eq!(set.code(), "key.too_many");
}

/// A generator of the test's own (`SplitMix64`): the same faults at every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }

    /// The text with one to three octets changed, removed, doubled or cut; still UTF-8.
    fn spoil(&mut self, text: &str) -> String {
        const FAVOURED: &[u8] = b".={}[]\"\\:,-_eE+019u\0 \n\x7f";
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=self.roll(3) {
            if bytes.is_empty() {
                break;
            }
            let place = self.roll(bytes.len());
            match self.roll(6) {
                0 => drop(bytes.remove(place)),
                1 => bytes.truncate(place),
                2 => bytes[place] = FAVOURED[self.roll(FAVOURED.len())],
                3 => bytes.insert(place, FAVOURED[self.roll(FAVOURED.len())]),
                4 => bytes[place] = self.roll(128) as u8,
                _ => {
                    let end = place + self.roll(bytes.len() - place);
                    let copy = bytes[place..end].to_vec();
                    bytes.splice(place..place, copy);
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

#[test]
fn e60_panic_on_malformed_input() {
    let mut dice = Dice(60);
    let (good, header) = (claims(&[("nbf", "1.5e9"), ("x", r#"{"y":[1,"\u0041"]}"#)]), HEADER);
    let (token_text, key, rules) = (token(&good), hs256(), rules());
    let secret = key.to_secret_jwk();
    let public = rsa().public_key();
    let (jwk, pem) = (public.to_jwk(), public.to_pem());
    let set = KeySet::new([public.clone()]).unwrap().to_jwk_set();
    let der = public.to_spki_der();
    let mut accepted = 0;
    for _ in 0..1_000 {
        let spoilt = dice.spoil(&token_text);
        accepted += usize::from(jwt::verify::<NoPrivateClaims>(&spoilt, &key, &rules).is_ok());
        let _ = jws::verify(&spoilt, &public);
        let _ = UnverifiedHints::read(&spoilt);
        // Signed faults reach what is behind the signature.
        let signed = token(dice.spoil(&good));
        let _ = jwt::verify::<serde_json::Value>(&signed, &key, &rules);
        let _ = jws::verify(&hs_token(&dice.spoil(header), &good), &key);
        let _ = Hs256Key::from_jwk(&dice.spoil(secret.expose()));
        let _ = Rs256VerifyingKey::from_jwk(&dice.spoil(&jwk));
        let _ = Rs256VerifyingKey::from_pem(&dice.spoil(&pem));
        let _ = KeySet::<Rs256VerifyingKey>::from_jwk_set(&dice.spoil(&set));
        let mut spoilt = der.clone();
        let place = dice.roll(spoilt.len().min(64));
        spoilt[place] = dice.roll(256) as u8;
        let _ = Rs256VerifyingKey::from_spki_der(&spoilt);
    }
    // A spoilt token may come out as it went in, by a copy of nothing; never otherwise.
    assert!(accepted < 200, "{accepted}");
    for _ in 0..50 {
        let _ = Rs256SigningKey::from_pem(&dice.spoil(keys::RSA_2048));
        let _ = Rs256SigningKey::from_jwk(&dice.spoil(rsa().to_secret_jwk().expose()));
    }
    // No `unsafe`, so no fault can be worse than a panic.
    assert!(include_str!("../../src/lib.rs").contains("\n#![forbid(unsafe_code)]\n"));
}

#[test]
#[cfg(feature = "jwe")]
fn e60_panic_on_a_malformed_jwe() {
    use crate::support::encrypted::{CBC, GCM, decrypt_parts, header, jwe, jwe_under, private};
    let (mut dice, key) = (Dice(61), private());
    for enc in [CBC, GCM] {
        let good = jwe(enc, claims(&[]));
        let rest: Vec<_> = good.split('.').skip(1).collect();
        for _ in 0..100 {
            let _ = strict_jose::jwe::decrypt(&dice.spoil(&good), &key);
            let _ = decrypt_parts(&dice.spoil(&header("RSA-OAEP", enc)), &rest);
        }
        // Behind the tag: whole encryption of contents that are broken or have every length.
        let rules = rules();
        for length in 0..40 {
            let token = jwe_under(&header("RSA-OAEP", enc), enc, vec![16; length]);
            assert_eq!(*strict_jose::jwe::decrypt(&token, &key).unwrap(), vec![16; length]);
            let spoilt = jwe(enc, dice.spoil(&claims(&[])));
            let _ = jwt::decrypt::<serde_json::Value>(&spoilt, &key, &rules);
        }
    }
}
