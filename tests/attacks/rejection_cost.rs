//! Refusing costs next to nothing: allocations and operations counted, not clocked.

use crate::support::{bytes::*, claims::*, outcome::*, signing::*};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use strict_jose::internals::{Operation, count};
use strict_jose::{
    Hs256Key, Insertion, KeySet, MemoryReplayGuard, NoPrivateClaims, ReplayError, ReplayGuard,
    ReplayId, Rs256VerifyingKey, UnverifiedHints, jws, jwt,
};

struct Counting;

/// What one thread asked of the allocator.
#[derive(Clone, Copy, Debug)]
struct Cost {
    calls: usize,
    bytes: usize,
    live: isize,
    peak: isize,
}

const NOTHING: Cost = Cost { calls: 0, bytes: 0, live: 0, peak: 0 };

thread_local! {
    static COST: Cell<Cost> = const { Cell::new(NOTHING) };
}

// SAFETY: every call is passed on to the system's allocator as it is; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut cost = COST.get();
        cost.calls += 1;
        cost.bytes += layout.size();
        cost.live += layout.size().cast_signed();
        cost.peak = cost.peak.max(cost.live);
        COST.set(cost);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let mut cost = COST.get();
        cost.live -= layout.size().cast_signed();
        COST.set(cost);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `work` costs, and what it returns.
fn cost<T>(work: impl FnOnce() -> T) -> (Cost, T) {
    COST.set(NOTHING);
    let result = work();
    (COST.get(), result)
}

/// The most that a refusal within the default limits may allocate beyond what the caller holds.
const SMALL: usize = 1024;

const TEN_MB: usize = 10_000_000;

fn members(count: usize) -> String {
    (0..count).map(|name| format!(",\"m{name}\":1")).collect()
}

fn header(member: &str) -> String {
    hs_token(&format!("{{\"alg\":\"HS256\"{member}}}"), "")
}

fn payload(member: &str) -> String {
    token(claims(&[]).replacen('}', &format!("{member}}}"), 1))
}

fn deep(depth: usize) -> String {
    format!(",\"x\":{}{}", "[".repeat(depth), "]".repeat(depth))
}

/// Tokens of many megabytes, each hostile in its own way.
fn huge() -> Vec<(&'static str, String)> {
    vec![
        ("dots", ".".repeat(TEN_MB)),
        ("header", format!("{}..", "A".repeat(TEN_MB))),
        ("payload", format!("{}.{}.{}", b64(HEADER), "A".repeat(TEN_MB), b64([0; 32]))),
        ("signature", format!("{}..{}", b64(HEADER), "A".repeat(TEN_MB))),
        ("kid", header(&format!(",\"kid\":\"{}\"", "k".repeat(TEN_MB)))),
        ("escaped kid", header(&format!(",\"kid\":\"{}\"", "\\u006b".repeat(TEN_MB / 6)))),
        ("deep header", header(&deep(1_000_000))),
        ("deep payload", payload(&deep(1_000_000))),
        ("wide header", header(&members(100_000))),
        ("wide payload", payload(&members(100_000))),
        ("crit", header(&format!(",\"crit\":[{}1]", "1,".repeat(100_000)))),
        ("junk", "!".repeat(TEN_MB)),
        ("five segments", format!("{}.{}...", b64(HEADER), "A".repeat(TEN_MB))),
    ]
}

#[test]
fn refusing_a_huge_token_allocates_nothing() {
    let (key, rules) = (hs256(), rules());
    let issuers = strict_jose::TrustedIssuers::new().with(ISS, key.clone());
    for (name, token) in huge() {
        let (spent, verdict) = cost(|| jws::verify(&token, &key));
        assert_rejected(&verdict, "token.too_long", name);
        assert!(spent.bytes <= SMALL, "{name} {spent:?}");
        let (spent, verdict) = cost(|| jwt::verify::<NoPrivateClaims>(&token, &issuers, &rules));
        assert_rejected(&verdict, "token.too_long", name);
        assert!(spent.bytes <= SMALL, "{name} {spent:?}");
        let (spent, verdict) = cost(|| UnverifiedHints::read(&token));
        assert_rejected(&verdict, "token.too_long", name);
        assert!(spent.bytes <= SMALL, "{name} {spent:?}");
    }
    // Just within the limit of the token, past that of the header.
    let token = format!("{}..", "A".repeat(200_000));
    let (spent, verdict) = cost(|| jws::verify(&token, &key));
    assert_rejected(&verdict, "token.part_too_long", "header");
    assert!(spent.bytes <= SMALL, "{spent:?}");
    let dots = ".".repeat(256 * 1024);
    let (spent, verdict) = cost(|| jws::verify(&dots, &key));
    assert_rejected(&verdict, "token.segment_count", "dots");
    assert!(spent.bytes <= SMALL, "{spent:?}");
}

#[test]
fn refusing_within_raised_limits_costs_a_small_multiple() {
    let (key, rules) = (hs256(), rules().limits(RAISED));
    for (name, token) in huge() {
        let (spent, verdict) = cost(|| jwt::verify::<NoPrivateClaims>(&token, &key, &rules));
        let accepted = matches!(name, "wide payload");
        assert_eq!(outcome(&verdict) == "accepted", accepted, "{name}: {}", outcome(&verdict));
        // What is decoded takes three quarters of its text. Names are kept as well, to find twins, with
        // their values where these are private claims, and an octet for each level until one ends.
        let quarters = if name.starts_with("wide") { 25 } else { 6 };
        let peak = spent.peak.unsigned_abs();
        assert!(peak <= token.len() / 4 * quarters + SMALL, "{name} {spent:?} of {}", token.len());
        if matches!(name, "dots" | "junk" | "payload" | "signature" | "five segments") {
            assert!(spent.bytes <= SMALL, "{name} {spent:?}");
        }
    }
}

#[test]
fn a_guard_made_for_some_memory_stays_below_it_and_uses_it() {
    let mut full = 0;
    for mebibytes in [0, 1, 4, 8] {
        let bytes = mebibytes << 20;
        let (spent, (guard, inserted)) = cost(|| {
            let guard = MemoryReplayGuard::with_memory_budget(bytes);
            let mut inserted = 0;
            // An id for any second of an hour, as many as there is room for.
            for number in 0..=guard.capacity() {
                let id = ReplayId::new(ISS, "", &number.to_string()).into_owned();
                let until = at(NOW + 1 + u64::try_from(number % 3600).unwrap());
                match guard.insert_if_absent(&id, until, at(NOW)) {
                    Ok(Insertion::Inserted) => inserted += 1,
                    other => {
                        assert_eq!(other, Err(ReplayError::Full));
                        full += 1;
                    }
                }
            }
            (guard, inserted)
        });
        assert_eq!(inserted, guard.capacity());
        assert_eq!(inserted == 0, bytes == 0);
        if bytes > 0 {
            assert!(spent.peak.unsigned_abs() <= bytes, "{bytes}: {spent:?}");
            assert!(spent.peak.unsigned_abs() >= bytes / 2, "{bytes}: {spent:?}");
        }
    }
    assert_eq!(full, 4);
}

#[test]
fn refusing_a_huge_key_allocates_nothing() {
    let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, "A".repeat(TEN_MB));
    let rsa = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, "_".repeat(TEN_MB));
    for text in [jwk, rsa, ".".repeat(TEN_MB)] {
        let (spent, error) = cost(|| Hs256Key::from_jwk(&text).unwrap_err());
        assert_eq!((error.code(), spent.bytes), ("key.too_long", 0));
        let (spent, error) = cost(|| Rs256VerifyingKey::from_jwk(&text).unwrap_err());
        assert_eq!((error.code(), spent.bytes), ("key.too_long", 0));
        let (spent, error) = cost(|| Rs256VerifyingKey::from_pem(&text).unwrap_err());
        assert_eq!((error.code(), spent.bytes), ("key.too_long", 0));
        let (spent, error) =
            cost(|| Rs256VerifyingKey::from_spki_der(text.as_bytes()).unwrap_err());
        assert_eq!((error.code(), spent.bytes), ("key.too_long", 0));
        let (spent, error) = cost(|| KeySet::<Hs256Key>::from_secret_jwk_set(&text).unwrap_err());
        assert_eq!((error.code(), spent.bytes), ("key.too_long", 0));
        for read in [Hs256Key::from_base64, Hs256Key::from_base64url, Hs256Key::from_utf8] {
            let (spent, error) = cost(|| read(&text).unwrap_err());
            assert_eq!((error.code(), spent.bytes), ("key.secret_too_long", 0));
        }
    }
    // A modulus of 20,000 octets within the text's limit: refused by its length, not by arithmetic.
    let text = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, "_".repeat(26_668));
    let (spent, error) = cost(|| Rs256VerifyingKey::from_jwk(&text).unwrap_err());
    assert_eq!(error.code(), "key.modulus_size");
    assert!(spent.bytes <= text.len() + SMALL, "{spent:?}");
}

const COUNTED: [Operation; 5] = [
    Operation::Verify,
    Operation::RsaPrivate,
    Operation::ContentOpen,
    Operation::CbcDecrypt,
    Operation::RandomDraw,
];

/// Which operations `work` does, by their counts.
fn operations<T>(work: impl FnOnce() -> T) -> ([usize; 5], T) {
    let before = COUNTED.map(count);
    let result = work();
    let mut after = COUNTED.map(count);
    after.iter_mut().zip(before).for_each(|(after, before)| *after -= before);
    (after, result)
}

#[test]
fn no_signature_is_verified_before_the_form_holds() {
    let public = rsa().public_key().with_key_id("a").unwrap();
    let keys = KeySet::new([public]).unwrap();
    let good = jws::sign("{}", &rsa()).unwrap();
    let (done, verdict) = operations(|| jws::verify(&good, &keys));
    assert!(verdict.is_ok() && done == [1, 0, 0, 0, 0], "{done:?}");
    let (_, signature) = good.rsplit_once('.').unwrap();
    let under = |header: &str| format!("{}.e30.{signature}", b64(header));
    let head = good.split('.').next().unwrap();
    for (fault, expected) in [
        (under(r#"{"alg":"HS256"}"#), "header.mismatch"),
        (under(r#"{"alg":"none"}"#), "header.mismatch"),
        (under(r#"{"alg":"RS256","crit":["x"]}"#), "header.unsupported"),
        (under(r#"{"alg":"RS256","b64":false}"#), "header.unsupported"),
        (under(r#"{"alg":"RS256","enc":"A128GCM"}"#), "header.unsupported"),
        (under(r#"{"alg":"RS256","kid":"b"}"#), "key.no_match"),
        (under(r#"{"alg":"RS256","alg":"RS256"}"#), "json.duplicate_name"),
        (under("{}"), "header.missing"),
        (format!("{head}.e30.{}", &signature[1..]), "token.part_length"),
        (format!("{head}.e30.{signature}AA"), "token.part_length"),
        (format!("{head}.e30."), "token.part_length"),
        (format!("{head}.e30.{}_", &signature[..341]), "token.base64url"),
        (format!("{head}.e30.{}=", &signature[..341]), "token.illegal_character"),
        (format!("{good}."), "token.segment_count"),
        ("A".repeat(300_000), "token.too_long"),
    ] {
        let (done, verdict) = operations(|| jws::verify(&fault, &keys));
        assert_rejected(&verdict, expected, &fault);
        assert_eq!(done, [0; 5], "{expected}");
    }
}

#[test]
#[cfg(feature = "jwe")]
fn no_rsa_before_everything_public_holds() {
    use crate::support::encrypted::{CBC, GCM, header, jwe, private, with_segment};
    use strict_jose::ContentEncryption;
    let key = private()
        .with_key_id("a")
        .unwrap()
        .allow_content_encryptions([ContentEncryption::A128CbcHs256]);
    let good = jwe(CBC, b"content");
    // One draw for the CEK that may be needed; the others blind the RSA operation, as many as it takes to
    // be below the modulus. aws-lc does that by a generator of its own.
    let draws = if cfg!(feature = "aws-lc-rs") { 1..=1 } else { 2..=usize::MAX };
    let (done, verdict) = operations(|| strict_jose::jwe::decrypt(&good, &key));
    assert!(verdict.is_ok() && done[..4] == [1; 4] && draws.contains(&done[4]), "{done:?}");
    let parts: Vec<_> = good.split('.').collect();
    let under = |text: &str| with_segment(&good, 0, &b64(text));
    let plain = header("RSA-OAEP", CBC);
    let with = |member: &str| under(&plain.replacen('}', &format!(",{member}}}"), 1));
    for (fault, expected) in [
        (under(&plain.replace("RSA-OAEP", "RSA1_5")), "header.mismatch"),
        (under(&plain.replace("RSA-OAEP", "dir")), "header.mismatch"),
        (under(&plain.replace("A128CBC-HS256", "A256GCM")), "header.mismatch"),
        (under(&plain.replace("A128CBC-HS256", "A192GCM")), "header.unsupported"),
        (under(r#"{"alg":"RSA-OAEP"}"#), "header.missing"),
        (with(r#""zip":"DEF""#), "header.unsupported"),
        (with(r#""crit":[]"#), "header.unsupported"),
        (with(r#""kid":"b""#), "key.no_match"),
        (with(r#""alg":"RSA-OAEP""#), "json.duplicate_name"),
        (with_segment(&good, 1, &parts[1][1..]), "token.part_length"),
        (with_segment(&good, 1, &format!("{}A", parts[1])), "token.part_length"),
        (with_segment(&good, 1, &format!("{}_", &parts[1][..341])), "token.base64url"),
        (with_segment(&good, 2, ""), "token.part_length"),
        (with_segment(&good, 2, &parts[2][..16]), "token.part_length"),
        (with_segment(&good, 2, &format!("{}_", &parts[2][..21])), "token.base64url"),
        (with_segment(&good, 3, "A"), "token.base64url"),
        (with_segment(&good, 3, &"A".repeat(300_000)), "token.too_long"),
        (with_segment(&good, 4, &parts[4][..21]), "token.part_length"),
        (with_segment(&good, 4, &format!("{}_", &parts[4][..21])), "token.base64url"),
        (format!("{good}."), "token.segment_count"),
        (jwe(GCM, b"content"), "header.mismatch"),
    ] {
        let (done, verdict) = operations(|| strict_jose::jwe::decrypt(&fault, &key));
        assert_rejected(&verdict, expected, &fault);
        assert_eq!(done, [0; 5], "{expected}");
    }
    // A false tag is found out before AES touches the content.
    let false_tag = with_segment(&good, 4, &b64([0; 16]));
    let (done, verdict) = operations(|| strict_jose::jwe::decrypt(&false_tag, &key));
    assert_rejected(&verdict, "decryption.failed", "tag");
    assert_eq!(done[..4], [1, 1, 1, 0]);
}

#[test]
fn work_grows_no_faster_than_the_input() {
    let (key, rules) = (hs256(), rules().limits(RAISED));
    let secret = key.to_secret_jwk();
    type Grown = (&'static str, Box<dyn Fn(usize) -> String>);
    let grown: Vec<Grown> = vec![
        ("members", Box::new(|n| payload(&members(n)))),
        ("header members", Box::new(|n| header(&members(n)))),
        ("elements", Box::new(|n| payload(&format!(",\"x\":[{}1]", "1,".repeat(n))))),
        ("objects", Box::new(|n| payload(&format!(",\"x\":[{}1]", "{\"a\":1},".repeat(n))))),
        (
            "audience",
            Box::new(|n| {
                token(claims(&[("aud", &format!("[{}{}]", "\"other\",".repeat(n), text(AUD)))]))
            }),
        ),
        ("crit", Box::new(|n| header(&format!(",\"crit\":[{}1]", "1,".repeat(n))))),
        ("deep", Box::new(|n| payload(&deep(n)))),
        ("deep claim", Box::new(|n| token(claims(&[("sub", &("[".repeat(n) + &"]".repeat(n)))])))),
        ("string", Box::new(|n| payload(&format!(",\"x\":\"{}\"", "s".repeat(n))))),
        ("escapes", Box::new(|n| payload(&format!(",\"x\":\"{}\"", "\\n".repeat(n))))),
        ("escaped subject", Box::new(|n| token(claims(&[("sub", &text(&"\n".repeat(n)))])))),
        (
            "escaped names",
            Box::new(|n| {
                payload(&(0..n).map(|m| format!(",\"\\u0061{m}\":1")).collect::<String>())
            }),
        ),
        ("digits", Box::new(|n| payload(&format!(",\"x\":0.{}", "9".repeat(n))))),
        ("exp digits", Box::new(|n| token(claims(&[("exp", &"9".repeat(n))])))),
        (
            "exp zeros",
            Box::new(|n| token(claims(&[("exp", &format!("1700000300.{}", "0".repeat(n)))]))),
        ),
        ("dots", Box::new(|n| ".".repeat(n))),
    ];
    for (name, make) in grown {
        let spent = [20_000, 40_000].map(|n| {
            let token = make(n);
            cost(|| drop(jwt::verify::<serde_json::Value>(&token, &key, &rules))).0
        });
        let [one, two] = spent;
        assert!(two.bytes * 2 <= one.bytes * 5 + 2 * SMALL, "{name} {spent:?}");
        assert!(two.calls * 2 <= one.calls * 5 + 20, "{name} {spent:?}");
    }
    // Key sets, up to the most keys they may hold.
    let spent = [50, 100].map(|n| {
        let jwk = |kid| secret.expose().replacen('{', &format!("{{\"kid\":\"{kid}\","), 1);
        let keys: Vec<_> = (0..n).map(jwk).collect();
        let set = format!("{{\"keys\":[{}]}}", keys.join(","));
        let (spent, set) = cost(|| KeySet::<Hs256Key>::from_secret_jwk_set(&set).unwrap());
        assert_eq!(set.len(), n);
        spent
    });
    let [one, two] = spent;
    assert!(two.bytes * 2 <= one.bytes * 5 && two.calls * 2 <= one.calls * 5, "{spent:?}");
}

#[test]
fn a_full_replay_store_stays_as_it_is() {
    let guard = MemoryReplayGuard::with_capacity(1000);
    let insert = |number: usize, until: u64| {
        let id = ReplayId::new(ISS, "", &number.to_string()).into_owned();
        guard.insert_if_absent(&id, at(NOW + until), at(NOW))
    };
    let (_, inserted) = cost(|| (0..1000).all(|number| insert(number, 60).is_ok()));
    assert!(inserted);
    let (spent, refused) = cost(|| {
        (1000..11_000).all(|number| insert(number, 60 + number as u64).is_err())
            && (0..1000).all(|number| insert(number, 60).is_ok())
    });
    assert!(refused);
    assert_eq!(spent.live, 0, "{spent:?}");
    // Released ids leave nothing behind either.
    let (spent, ()) = cost(|| {
        for _ in 0..10_000 {
            guard.release(&ReplayId::new(ISS, "", "0")).unwrap();
            assert!(insert(0, 60).is_ok());
        }
    });
    assert!(spent.live.unsigned_abs() <= SMALL, "{spent:?}");
}
