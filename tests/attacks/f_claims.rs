//! Classes 61, 66, 68 and 70: claims that are absent, of the wrong type, empty or no object at all.

use crate::support::{claims::*, kept::Once, outcome::*, signing::*};
use strict_jose::{
    Audience, Issuer, Limits, MemoryReplayGuard, Monitored, NoPrivateClaims, Validation, jwt,
};

#[test]
fn f61_missing_required_claim() {
    assert_eq!(outcome(&judge(&[])), "accepted");
    for (value, expected) in [
        ("", "claim.missing"),
        ("null", "claim.wrong_type"),
        ("\"\"", "claim.wrong_type"),
        ("\"1700000300\"", "claim.wrong_type"),
        ("[]", "claim.wrong_type"),
        ("{}", "claim.wrong_type"),
    ] {
        assert_rejected(&judge(&[("exp", value)]), expected, value);
    }
    // A claim that a rule names has to be there, with something in it.
    let all = rules().subject("alice").require_jwt_id().require_issued_at().require_not_before();
    let there = [("nbf", "1699999990")];
    assert_eq!(outcome(&judge_by(&there, &all)), "accepted");
    for (claim, empty) in [("iss", "\"\""), ("aud", "\"\""), ("sub", "\"\""), ("jti", "\"\"")] {
        let absent = judge_by(&[there[0], (claim, "")], &all);
        assert_rejected(&absent, "claim.missing", claim);
        assert_rejected(&judge_by(&[there[0], (claim, "null")], &all), "claim.wrong_type", claim);
        let expected = if claim == "aud" { "claim.mismatch" } else { "claim.empty" };
        assert_rejected(&judge_by(&[there[0], (claim, empty)], &all), expected, claim);
    }
    for claim in ["nbf", "iat"] {
        let absent =
            judge_by(&[("nbf", "1699999990"), (claim, "")][usize::from(claim == "nbf")..], &all);
        assert_rejected(&absent, "claim.missing", claim);
    }
    // Each by its own rule alone.
    type Rule = fn(Validation) -> Validation;
    let alone: [(&str, Rule); 6] = [
        ("sub", |rules| rules.subject("alice")),
        ("sub", Validation::require_subject),
        ("jti", Validation::require_jwt_id),
        ("iat", Validation::require_issued_at),
        ("iat", |rules| rules.max_age(seconds(60))),
        ("nbf", Validation::require_not_before),
    ];
    for (claim, rule) in alone {
        assert_eq!(outcome(&judge_by(&there, &rule(rules()))), "accepted", "{claim}");
        let absent = judge_by(&[(claim, "")], &rule(rules()));
        assert_rejected(&absent, "claim.missing", claim);
        let unasked = [("nbf", ""), (claim, "")];
        assert_eq!(outcome(&judge_by(&unasked, &rules())), "accepted", "{claim}");
    }
    // Rules that bound the lifetime ask for `exp`, even where it may be missing.
    let open = rules().without_expiration();
    assert_eq!(outcome(&judge_by(&[("exp", "")], &open)), "accepted");
    assert_rejected(&judge_by(&[("exp", "null")], &open), "claim.wrong_type", "exp");
    assert_rejected(&judge_by(&[("exp", "1699999999")], &open), "claim.expired", "exp");
    let bounded = open.clone().max_lifetime(seconds(3600));
    assert_rejected(&judge_by(&[("exp", "")], &bounded), "claim.missing", "exp");
    let once = open.once(MemoryReplayGuard::with_capacity(1));
    let endless = token(claims(&[("exp", "")]));
    let verdict = jwt::verify::<NoPrivateClaims>(&endless, &hs256(), &once);
    assert_rejected(&verdict, "claim.missing", "exp");
}

#[test]
fn f66_audience_confusion() {
    for good in [
        "\"https://api.example\"",
        "[\"https://api.example\"]",
        "[\"other\",\"https://api.example\"]",
        "[\"\",\"https://api.example\"]",
        "\"https:\\/\\/api.example\"",
    ] {
        assert_eq!(outcome(&judge(&[("aud", good)])), "accepted", "{good}");
    }
    for (fault, expected) in [
        ("", "claim.missing"),
        ("1", "claim.wrong_type"),
        ("true", "claim.wrong_type"),
        ("null", "claim.wrong_type"),
        ("{}", "claim.wrong_type"),
        ("{\"https://api.example\":true}", "claim.wrong_type"),
        ("[[\"https://api.example\"]]", "claim.wrong_type"),
        ("[\"https://api.example\",1]", "claim.wrong_type"),
        ("[1,\"https://api.example\"]", "claim.wrong_type"),
        ("[\"https://api.example\",null]", "claim.wrong_type"),
        ("[\"https://api.example\",[]]", "claim.wrong_type"),
        ("[\"https://api.example\",{}]", "claim.wrong_type"),
        ("[null]", "claim.wrong_type"),
        ("[]", "claim.empty"),
        ("\"\"", "claim.mismatch"),
        ("[\"\"]", "claim.mismatch"),
        ("\"https://api.exampl\"", "claim.mismatch"),
        ("\"ttps://api.example\"", "claim.mismatch"),
        ("\"https://api.example.evil\"", "claim.mismatch"),
        ("\"https://api.example/\"", "claim.mismatch"),
        ("\"https://API.example\"", "claim.mismatch"),
        ("\" https://api.example\"", "claim.mismatch"),
        ("\"https://api.example other\"", "claim.mismatch"),
        ("\"other,https://api.example\"", "claim.mismatch"),
        ("\"[\\\"https://api.example\\\"]\"", "claim.mismatch"),
        ("[\"https://api.exampl\",\"e\"]", "claim.mismatch"),
    ] {
        assert_rejected(&judge(&[("aud", fault)]), expected, fault);
    }
    // Nothing expected is not everything expected.
    assert_eq!(Audience::includes_any::<String>([]).unwrap_err().code(), "rule.empty_list");
    for expected in ["", "[]"] {
        let rules = Validation::new(Issuer::exactly(ISS), Audience::includes(expected))
            .at_fixed_time(at(NOW));
        for aud in ["\"\"", "[\"\"]", "\"https://api.example\""] {
            assert_rejected(&judge_by(&[("aud", aud)], &rules), "claim.mismatch", expected);
        }
        assert_rejected(&judge_by(&[("aud", "[]")], &rules), "claim.empty", expected);
    }
    // Unchecked leaves the value alone, not its type.
    let rules = Validation::new(Issuer::exactly(ISS), Audience::unchecked()).at_fixed_time(at(NOW));
    assert_eq!(outcome(&judge_by(&[("aud", "")], &rules)), "accepted");
    for aud in ["1", "null", "{}", "[1]", "[[]]"] {
        assert_rejected(&judge_by(&[("aud", aud)], &rules), "claim.wrong_type", aud);
    }
}

#[test]
fn f68_strings_that_are_none() {
    let long = text(&"x".repeat(1_000_000));
    let wide = Limits { token_len: usize::MAX, ..Limits::DEFAULT };
    let named = rules().subject("alice").require_jwt_id();
    assert_eq!(outcome(&judge_by(&[], &named)), "accepted");
    for claim in ["iss", "sub", "jti"] {
        for value in ["1", "0", "1.5", "true", "false", "null", "[]", "[\"id-1\"]", "{}"] {
            // Refused whether a rule names it or not.
            assert_rejected(&judge_by(&[(claim, value)], &named), "claim.wrong_type", value);
            assert_rejected(&judge(&[(claim, value)]), "claim.wrong_type", value);
        }
        assert_rejected(&judge_by(&[(claim, "\"\"")], &named), "claim.empty", claim);
        assert_rejected(&judge_by(&[(claim, &long)], &named), "token.too_long", claim);
    }
    for claim in ["iss", "sub"] {
        let verdict = judge_by(&[(claim, &long)], &named.clone().limits(wide));
        assert_rejected(&verdict, "claim.mismatch", claim);
    }
    // As a replay id: 1 to 256 octets, whatever the limits.
    let once = rules().limits(wide).once(MemoryReplayGuard::with_capacity(10));
    let judged = |jti: &str| {
        let token = token(claims(&[("jti", jti)]));
        outcome(&jwt::verify::<NoPrivateClaims>(&token, &hs256(), &once))
    };
    for (jti, expected) in [
        ("", "claim.missing"),
        ("null", "claim.wrong_type"),
        ("1", "claim.wrong_type"),
        ("[\"id\"]", "claim.wrong_type"),
        ("\"\"", "claim.empty"),
        (text(&"é".repeat(128)).as_str(), "accepted"),
        (text(&"x".repeat(257)).as_str(), "claim.too_long"),
        (text(&"é".repeat(129)).as_str(), "claim.too_long"),
        (long.as_str(), "claim.too_long"),
    ] {
        assert_eq!(judged(jti), expected, "{jti:.50}");
    }
    assert_eq!(once.guard().statistics().live, Some(1));
    // An optional id that is there is held to the same.
    let maybe = rules().once_if_jti_present(MemoryReplayGuard::with_capacity(10));
    for (jti, expected) in [
        ("", "accepted"),
        ("\"id\"", "accepted"),
        ("\"\"", "claim.empty"),
        ("null", "claim.wrong_type"),
        ("1", "claim.wrong_type"),
    ] {
        let token = token(claims(&[("jti", jti)]));
        assert_eq!(
            outcome(&jwt::verify::<NoPrivateClaims>(&token, &hs256(), &maybe)),
            expected,
            "{jti}"
        );
    }
}

#[test]
fn f70_claims_set_that_is_no_object() {
    assert_eq!(outcome(&verify(&token(claims(&[])))), "accepted");
    let good = claims(&[]);
    let open = Validation::new(Issuer::unchecked(), Audience::unchecked()).without_expiration();
    for fault in [
        String::new(),
        " ".into(),
        format!("[{good}]"),
        "[]".into(),
        "\"text\"".into(),
        text(&good),
        "1".into(),
        "null".into(),
        "true".into(),
    ] {
        let token = token(&fault);
        assert_rejected(&verify(&token), "json.not_an_object", &fault);
        // Not even rules that ask for nothing take it, nor a type that could hold it.
        let verdict = jwt::verify::<serde_json::Value>(&token, &hs256(), &open);
        assert_rejected(&verdict, "json.not_an_object", &fault);
    }
    assert_eq!(outcome(&jwt::verify::<NoPrivateClaims>(&token("{}"), &hs256(), &open)), "accepted");
}

#[test]
#[cfg(feature = "jwe")]
fn f70_claims_set_that_is_no_object_in_a_jwe() {
    use crate::support::encrypted::{CBC, jwe, private};
    let verdict = |plaintext: &str| {
        outcome(&jwt::decrypt::<NoPrivateClaims>(&jwe(CBC, plaintext), &private(), &rules()))
    };
    assert_eq!(verdict(&claims(&[])), "accepted");
    for fault in ["", "[]", "\"x\"", "1", "null", "true"] {
        assert_eq!(verdict(fault), "json.not_an_object", "{fault}");
    }
    assert_eq!(verdict(&claims(&[("exp", "")])), "claim.missing");
}
