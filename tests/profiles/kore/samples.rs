//! What public sample servers write: the rows of the guide's table.

use super::support::*;
use serde_json::{Value, json};

const DAY: u64 = 86_400;

/// The code under the strict rules and under compat; empty if the token is accepted.
#[track_caller]
fn codes(payload: &Value) -> [&'static str; 2] {
    let token = signed(payload.to_string(), &secret());
    [platform(), platform().compat()].map(|platform| {
        accept(&platform, &token).map_or_else(|refusal| refusal.reason().code(), |_| "")
    })
}

fn milliseconds(seconds: u64) -> u64 {
    seconds * 1000 + 883
}

#[test]
fn the_documented_payload() {
    let payload =
        |merged| claims(json!({"jti": "1234", "isAnonymous": false, "identityToMerge": merged}));
    assert_eq!(codes(&payload("anonymoususer1@test.com")), ["", ""]);
    assert_eq!(codes(&payload(SUBJECT)), ["claim.mismatch", "claim.mismatch"]);
}

#[test]
fn the_documented_server_writes_milliseconds() {
    let com = "https://idproxy.kore.com/authorize";
    let dates = json!({"iat": milliseconds(NOW), "exp": milliseconds(NOW + DAY), "aud": com});
    assert_eq!(codes(&claims(dates)), ["claim.milliseconds", ""]);
    // They end when they say, whatever the unit.
    let token = |exp| token(json!({"iat": milliseconds(NOW - 9), "exp": exp}));
    let compat = || platform().compat();
    assert!(accept(&compat(), &token(milliseconds(NOW))).is_ok());
    let code = refused(accept(&compat(), &token(milliseconds(NOW - 1))), BODY_OTHER);
    assert_eq!(code, "claim.expired");
    // With an id an hour is the most, in milliseconds as in seconds.
    let with_id = |lifetime| {
        let exp = milliseconds(NOW + lifetime);
        self::token(json!({"iat": milliseconds(NOW), "exp": exp, "jti": "samples"}))
    };
    assert!(accept(&compat(), &with_id(3600)).is_ok());
    assert_eq!(refused(accept(&compat(), &with_id(3601)), BODY_EXP), "claim.lifetime_too_long");
}

#[test]
fn the_documented_mapped_identity() {
    let payload = |anonymous: Value| {
        claims(
            json!({"iat": milliseconds(NOW), "exp": 1_466_688_323.883_f64, "isAnonymous": anonymous,
            "identityToMerge": "anonymoususer1@test.com"}),
        )
    };
    assert_eq!(codes(&payload(json!("false"))), ["claim.milliseconds", ""]);
    assert_eq!(codes(&payload(json!("true"))), ["claim.milliseconds", "claim.wrong_type"]);
    assert_eq!(codes(&claims(json!({"isAnonymous": "false"}))), ["claim.wrong_type", ""]);
}

#[test]
fn seconds_with_a_fraction() {
    let exp = 1_466_771_123.5_f64;
    assert_eq!(codes(&claims(json!({"iat": 1_466_684_722.5_f64, "exp": exp}))), ["", ""]);
}

#[test]
fn what_no_rule_can_make_good() {
    let app_id = json!({"iss": null, "appId": ISS, "isAnonymous": true, "exp": NOW + DAY});
    assert_eq!(codes(&claims(app_id)), ["key.unknown_issuer", "key.unknown_issuer"]);
    assert_eq!(codes(&claims(json!({"exp": null}))), ["claim.missing", "claim.missing"]);
    let with_id = json!({"exp": null, "jti": "1"});
    assert_eq!(codes(&claims(with_id)), ["claim.missing", "claim.missing"]);
}
