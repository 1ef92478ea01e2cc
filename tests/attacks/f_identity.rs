//! Classes 67, 69 and 71: who issued the token, names compared by code point, and rules that cannot
//! be left out.

use crate::support::{claims::*, kept::Once, outcome::*, signing::*};
use strict_jose::{
    Audience, Hs256Key, Issuer, KeySet, Leeway, MemoryReplayGuard, NoPrivateClaims, TrustedIssuers,
    Validation, jwt,
};

#[test]
fn f67_issuer_confusion() {
    assert_eq!(outcome(&judge(&[("iss", "\"https:\\/\\/as.example\"")])), "accepted");
    let several = Validation::new(
        Issuer::any_of(["https://other.example", ISS]).unwrap(),
        Audience::includes(AUD),
    );
    for rules in [rules(), several.at_fixed_time(at(NOW))] {
        assert_eq!(outcome(&judge_by(&[], &rules)), "accepted");
        for (iss, expected) in [
            ("[\"https://as.example\"]", "claim.wrong_type"),
            ("{\"https://as.example\":1}", "claim.wrong_type"),
            ("", "claim.missing"),
            ("\"\"", "claim.empty"),
            ("\"https://as.exampl\"", "claim.mismatch"),
            ("\"https://a\"", "claim.mismatch"),
            ("\"as.example\"", "claim.mismatch"),
            ("\"https://as.example/\"", "claim.mismatch"),
            ("\"https://as.example.evil\"", "claim.mismatch"),
            ("\"https://AS.example\"", "claim.mismatch"),
            ("\"HTTPS://as.example\"", "claim.mismatch"),
            ("\"http://as.example\"", "claim.mismatch"),
            ("\" https://as.example\"", "claim.mismatch"),
            ("\"https://as.example\\u0000\"", "claim.mismatch"),
            ("\"https://other.example https://as.example\"", "claim.mismatch"),
        ] {
            assert_rejected(&judge_by(&[("iss", iss)], &rules), expected, iss);
        }
    }
}

#[test]
fn f67_issuer_bound_to_its_key() {
    let other = Hs256Key::from_bytes(&[2; 32]).unwrap();
    let (a, b) = ("https://as.example", "https://b.example");
    let keys = TrustedIssuers::new().with(a, hs256()).with(b, other.clone());
    let bound =
        Validation::new(Issuer::bound_to_key(), Audience::includes(AUD)).at_fixed_time(at(NOW));
    let any = Validation::new(Issuer::any_of([a, b]).unwrap(), Audience::includes(AUD))
        .at_fixed_time(at(NOW));
    let open = Validation::new(Issuer::unchecked(), Audience::includes(AUD)).at_fixed_time(at(NOW));
    let sign =
        |iss: &str, key: &Hs256Key| strict_jose::jws::sign(claims(&[("iss", iss)]), key).unwrap();
    for rules in [&bound, &any, &open] {
        let verdict = |token: &str| outcome(&jwt::verify::<NoPrivateClaims>(token, &keys, rules));
        assert_eq!(verdict(&sign("\"https://as.example\"", &hs256())), "accepted");
        assert_eq!(verdict(&sign("\"https://b.example\"", &other)), "accepted");
        // A's token by B's key, and the other way round; then issuers that nobody trusts.
        assert_eq!(verdict(&sign("\"https://as.example\"", &other)), "signature.invalid");
        assert_eq!(verdict(&sign("\"https://b.example\"", &hs256())), "signature.invalid");
        for iss in [
            "\"https://as.example/\"",
            "\"https://AS.example\"",
            "\"\"",
            "[\"https://b.example\"]",
            "1",
            "",
            "null",
        ] {
            assert_eq!(verdict(&sign(iss, &hs256())), "key.unknown_issuer", "{iss}");
        }
        let twice = r#"{"iss":"https://b.example","iss":"https://as.example"}"#;
        assert_eq!(verdict(&token(twice)), "key.unknown_issuer");
    }
    // Sets of each issuer's own keys: a kid of the other's is unknown.
    let named = |key: Hs256Key, kid: &str| key.with_key_id(kid).unwrap();
    let sets = TrustedIssuers::new()
        .with(a, KeySet::new([named(hs256(), "1")]).unwrap())
        .with(b, KeySet::new([named(other.clone(), "2")]).unwrap());
    let verdict = |token: &str| outcome(&jwt::verify::<NoPrivateClaims>(token, &sets, &bound));
    assert_eq!(verdict(&sign("\"https://as.example\"", &named(hs256(), "1"))), "accepted");
    assert_eq!(
        verdict(&sign("\"https://as.example\"", &named(other.clone(), "2"))),
        "key.no_match"
    );
    assert_eq!(verdict(&sign("\"https://as.example\"", &named(other, "1"))), "signature.invalid");
}

#[test]
fn f69_unicode_and_case() {
    // Composed, in the rules; each claim with the value that a rule names.
    let name = "caf\u{e9}-Alice";
    let rules = Validation::new(Issuer::exactly(name), Audience::includes(name))
        .subject(name)
        .at_fixed_time(at(NOW));
    let all = |iss: &str, aud: &str, sub: &str| {
        judge_by(&[("iss", &text(iss)), ("aud", &text(aud)), ("sub", &text(sub))], &rules)
    };
    assert_eq!(outcome(&all(name, name, name)), "accepted");
    let escaped = r#""\u0063af\u00e9-Alice""#;
    let verdict = judge_by(&[("iss", escaped), ("aud", escaped), ("sub", escaped)], &rules);
    assert_eq!(outcome(&verdict), "accepted");
    for twin in [
        "cafe\u{301}-Alice",       // decomposed
        "caf\u{e9}-alice",         // other case
        "CAF\u{c9}-ALICE",         // other case
        "caf\u{e9}-\u{ff21}lice",  // full-width
        "caf\u{e9}-\u{410}lice",   // Cyrillic
        "caf\u{e9}-Alice ",        // trailing space
        " caf\u{e9}-Alice",        // leading space
        "caf\u{e9}-Alice\0",       // NUL at the end
        "caf\u{e9}\0-Alice",       // NUL in the middle
        "caf\u{e9}-Alice\u{200b}", // zero width
        "caf\u{e9}\u{ad}-Alice",   // soft hyphen
        "\u{feff}caf\u{e9}-Alice", // BOM
        "caf\u{e9}-Alice\n",       // line end
        "caf\u{c3}\u{a9}-Alice",   // UTF-8 read as Latin-1
        "caf%C3%A9-Alice",         // percent-encoded
    ] {
        for verdict in [all(twin, name, name), all(name, twin, name), all(name, name, twin)] {
            assert_rejected(&verdict, "claim.mismatch", twin);
        }
    }
    // Ids too: each twin is an id of its own, and NUL ends nothing.
    let once = crate::support::claims::rules().once(MemoryReplayGuard::with_capacity(10));
    for jti in ["id", "ID", "id ", "id\0", "id\0x", "\u{ff49}d", "\u{e9}", "e\u{301}"] {
        let token = token(claims(&[("jti", &text(jti))]));
        let verdict = || jwt::verify::<NoPrivateClaims>(&token, &hs256(), &once);
        assert_eq!(verdict().unwrap().jwt_id(), Some(jti));
        assert_rejected(&verdict(), "replay.replayed", jti);
    }
    // And the key's id.
    let keys = KeySet::new([hs256().with_key_id(name).unwrap()]).unwrap();
    let by_kid = |kid: &str| {
        let token = hs_token(&format!(r#"{{"alg":"HS256","kid":{}}}"#, text(kid)), "");
        outcome(&strict_jose::jws::verify(&token, &keys))
    };
    assert_eq!(by_kid(name), "accepted");
    for twin in ["cafe\u{301}-Alice", "caf\u{e9}-alice", "caf\u{e9}-Alice ", "caf\u{e9}-Alice\0"] {
        assert_eq!(by_kid(twin), "key.no_match", "{twin:?}");
    }
}

#[test]
fn f71_rules_that_fail_open() {
    // No list of permitted values can be empty, and no key set.
    assert_eq!(Issuer::any_of::<String>([]).unwrap_err().code(), "rule.empty_list");
    assert_eq!(Audience::includes_any::<&str>([]).unwrap_err().code(), "rule.empty_list");
    assert_eq!(KeySet::<Hs256Key>::new([]).unwrap_err().code(), "key.none");
    let mut keys = KeySet::new([hs256().with_key_id("a").unwrap()]).unwrap();
    assert!(keys.remove("a").is_some());
    let good = token(claims(&[]));
    let verdict = jwt::verify::<NoPrivateClaims>(&good, &keys, &rules());
    assert_rejected(&verdict, "key.no_match", "an emptied set");
    let nobody = TrustedIssuers::<Hs256Key>::new();
    let verdict = jwt::verify::<NoPrivateClaims>(&good, &nobody, &rules());
    assert_rejected(&verdict, "key.unknown_issuer", "nobody trusted");

    // Empty values match nothing, and a bound issuer needs a key that was picked for one.
    let empty =
        Validation::new(Issuer::exactly(""), Audience::includes(AUD)).at_fixed_time(at(NOW));
    assert_rejected(&judge_by(&[], &empty), "claim.mismatch", "iss");
    assert_rejected(&judge_by(&[("iss", "\"\"")], &empty), "claim.empty", "iss");
    assert_rejected(&judge_by(&[("iss", "")], &empty), "claim.missing", "iss");
    let empty = rules().subject("");
    assert_rejected(&judge_by(&[], &empty), "claim.mismatch", "sub");
    assert_rejected(&judge_by(&[("sub", "\"\"")], &empty), "claim.empty", "sub");
    let bound =
        Validation::new(Issuer::bound_to_key(), Audience::includes(AUD)).at_fixed_time(at(NOW));
    assert_rejected(&judge_by(&[], &bound), "claim.mismatch", "bound");

    // A refused leeway cannot be ignored, and no order of calls takes a rule back.
    let rules = rules().subject("alice").max_lifetime(seconds(600)).require_issued_at();
    let rules = rules.typ("at+jwt").limits(strict_jose::Limits::DEFAULT);
    let rules =
        rules.leeway(Leeway::new(seconds(30)).unwrap()).once(MemoryReplayGuard::with_capacity(9));
    let header = r#"{"alg":"HS256","typ":"at+jwt"}"#;
    let verdict = |header: &str, changes: &[(&str, &str)]| {
        let token = hs_token(header, claims(changes));
        outcome(&jwt::verify::<NoPrivateClaims>(&token, &hs256(), &rules))
    };
    for (changes, expected) in [
        (("sub", "\"bob\""), "claim.mismatch"),
        (("iss", "\"x\""), "claim.mismatch"),
        (("aud", "\"x\""), "claim.mismatch"),
        (("iat", ""), "claim.missing"),
        (("jti", ""), "claim.missing"),
        (("exp", ""), "claim.missing"),
        (("exp", "1699999970"), "claim.expired"),
        (("exp", "1700000601"), "claim.lifetime_too_long"),
        (("nbf", "1700000031"), "claim.not_yet_valid"),
    ] {
        assert_eq!(verdict(header, &[changes]), expected, "{changes:?}");
    }
    assert_eq!(verdict(HEADER, &[]), "header.missing");
    assert_eq!(verdict(r#"{"alg":"HS256","typ":"JWT"}"#, &[]), "header.mismatch");
    assert_eq!(verdict(header, &[]), "accepted");
    assert_eq!(verdict(header, &[]), "replay.replayed");

    // The ways out are these, by name; nothing else in the rules' source loosens anything.
    let source = [
        include_str!("../../src/jwt/validation/parties.rs"),
        include_str!("../../src/jwt/validation.rs"),
    ]
    .concat();
    let public: Vec<_> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub fn "))
        .filter_map(|line| line.split(['(', '<']).next())
        .collect();
    assert_eq!(
        public,
        [
            "exactly",
            "any_of",
            "bound_to_key",
            "unchecked",
            "includes",
            "includes_any",
            "unchecked",
            "new",
            "single_use",
            "single_use_if_jti_present",
            "replay_scope",
            "guard",
            "subject",
            "typ",
            "require_subject",
            "require_jwt_id",
            "require_not_before",
            "require_issued_at",
            "without_expiration",
            "max_lifetime",
            "without_issued_at",
            "max_age",
            "leeway",
            "clock",
            "at_fixed_time",
            "limits",
            "claim_alias",
            "accept_milliseconds",
        ]
    );
}
