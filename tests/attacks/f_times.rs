//! Classes 62 to 65: times of the wrong type, out of all range, at their edges and too far away.

use crate::support::{claims::*, kept::Once, outcome::*, signing::*};
use std::time::Duration;
use strict_jose::{
    Claims, Leeway, MemoryReplayGuard, NoPrivateClaims, NumericDate, Validation, jwt,
};

#[test]
fn f62_wrong_typed_time() {
    let good = [("nbf", "1699999990")];
    assert_eq!(outcome(&judge(&good)), "accepted");
    let open = rules().without_expiration();
    for claim in ["exp", "nbf", "iat"] {
        for value in [
            "\"1700000300\"",
            "\"\"",
            "\"never\"",
            "null",
            "true",
            "false",
            "[]",
            "[1700000300]",
            "{}",
            "{\"seconds\":1700000300}",
        ] {
            assert_rejected(&judge(&[(claim, value)]), "claim.wrong_type", (claim, value));
            let verdict = judge_by(&[(claim, value)], &open);
            assert_rejected(&verdict, "claim.wrong_type", (claim, value));
        }
    }
}

#[test]
fn f63_numeric_extremes() {
    let digits = "9".repeat(400);
    let open = rules().without_expiration();
    for claim in ["exp", "nbf", "iat"] {
        for value in [
            "-1",
            "-0",
            "-0.0",
            "-1e308",
            "-1700000300",
            "1e308",
            "1e309",
            "1e400",
            "1e999999999",
            "1E+999999999999999999999",
            "5e-324",
            "1e-999999999",
            "1700000300.0000000001",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "1700000300000000",
            &digits,
        ] {
            assert_rejected(&judge_by(&[(claim, value)], &open), "claim.out_of_range", value);
        }
        for value in ["1700000300000", "1700000300000.5", "1.7e12", "253402300800"] {
            assert_rejected(&judge_by(&[(claim, value)], &open), "claim.milliseconds", value);
        }
        for value in ["1.", ".5", "+1", "01", "1e", "0x10", "1_000"] {
            assert_rejected(&judge_by(&[(claim, value)], &open), "json.syntax", value);
        }
    }
    // All forms of a good number are read exactly.
    for value in ["1700000300", "1700000300.0", "17000003e2", "1.7000003E9", "170000030000e-2"] {
        let claims = judge(&[("exp", value)]).unwrap();
        assert_eq!(claims.expires_at(), NumericDate::from_seconds(1_700_000_300), "{value}");
    }
    // Zero is a time long gone, and a fraction counts on both sides.
    assert_rejected(&judge(&[("exp", "0")]), "claim.expired", "0");
    assert_eq!(outcome(&judge(&[("exp", "1700000000.000000001")])), "accepted");
    assert_rejected(&judge(&[("exp", "1699999999.999999999")]), "claim.expired", "fraction");
    assert_rejected(&judge(&[("nbf", "1700000000.000000001")]), "claim.not_yet_valid", "fraction");
    assert_eq!(outcome(&judge(&[("nbf", "1700000000.0")])), "accepted");
    let iat = judge(&[("iat", "1700000000.000000001")]);
    assert_rejected(&iat, "claim.issued_in_the_future", "fraction");
}

#[test]
fn f64_leeway() {
    for leeway in [
        Duration::from_nanos(300_000_000_001),
        seconds(301),
        seconds(3600),
        seconds(u64::MAX),
        Duration::MAX,
    ] {
        assert_eq!(Leeway::new(leeway).unwrap_err().code(), "rule.leeway_too_long");
    }
    let lenient =
        |now: u64| rules().leeway(Leeway::new(seconds(300)).unwrap()).at_fixed_time(at(now));
    let plain = |now: u64| rules().at_fixed_time(at(now));
    // The edges, by the second.
    for (rules, exp, expected) in [
        (plain(NOW), "1700000000", "claim.expired"),
        (plain(NOW), "1700000001", "accepted"),
        (lenient(NOW), "1699999700", "claim.expired"),
        (lenient(NOW), "1699999701", "accepted"),
    ] {
        let verdict = judge_by(&[("iat", "1"), ("exp", exp)], &rules);
        assert_eq!(outcome(&verdict), expected, "exp {exp}");
    }
    for (rules, nbf, expected) in [
        (plain(NOW), "1700000000", "accepted"),
        (plain(NOW), "1700000001", "claim.not_yet_valid"),
        (lenient(NOW), "1700000300", "accepted"),
        (lenient(NOW), "1700000301", "claim.not_yet_valid"),
    ] {
        assert_eq!(outcome(&judge_by(&[("nbf", nbf)], &rules)), expected, "nbf {nbf}");
    }
    for (rules, iat, expected) in [
        (plain(NOW), "1700000000", "accepted"),
        (plain(NOW), "1700000001", "claim.issued_in_the_future"),
        (lenient(NOW), "1700000299", "accepted"),
        (lenient(NOW), "1700000301", "claim.issued_in_the_future"),
    ] {
        assert_eq!(outcome(&judge_by(&[("iat", iat)], &rules)), expected, "iat {iat}");
    }
    // At both ends of time nothing wraps.
    let last = "253402300799";
    assert_eq!(outcome(&judge_by(&[("exp", last)], &lenient(NOW))), "accepted");
    let end = lenient(253_402_300_799);
    assert_rejected(&judge_by(&[("exp", last)], &end), "claim.expired", "the end");
    let almost = lenient(253_402_300_798);
    assert_eq!(outcome(&judge_by(&[("exp", last), ("nbf", last)], &almost)), "accepted");
    for now in [0, 1, 299] {
        let early = [("iat", ""), ("exp", "1")];
        assert_eq!(outcome(&judge_by(&early, &lenient(now))), "accepted", "{now}");
        let fresh = [("iat", "0"), ("exp", "1"), ("nbf", "0")];
        assert_eq!(outcome(&judge_by(&fresh, &lenient(now).max_age(seconds(300)))), "accepted");
    }
    assert_rejected(&judge_by(&[("iat", ""), ("exp", "1")], &lenient(301)), "claim.expired", "301");
    let wrong = "9223372036854775807";
    assert_rejected(&judge_by(&[("exp", wrong)], &lenient(NOW)), "claim.out_of_range", "i64::MAX");
}

#[test]
fn f65_maximum_lifetime() {
    let hour = || rules().max_lifetime(seconds(3600));
    let undated = || hour().without_issued_at();
    let once = || rules().once(MemoryReplayGuard::with_capacity(10));
    let by_once = |changes: &[(&str, &str)]| {
        outcome(&jwt::verify::<NoPrivateClaims>(&token(claims(changes)), &hs256(), &once()))
    };
    for (iat, exp, expected) in [
        ("1700000000", "1700003600", "accepted"),
        ("", "1700003600", "accepted"),
        ("", "1700003601", "claim.lifetime_too_long"),
        ("", "1700003600.000000001", "claim.lifetime_too_long"),
        ("", "253402300799", "claim.lifetime_too_long"),
        ("1700000001", "1700000300", "claim.issued_in_the_future"),
        ("253402300000", "253402300799", "claim.issued_in_the_future"),
        ("1700000000", "1700000000", "claim.expired"),
        // exp - iat = 3601, exp - now = 3600; then the other way round.
        ("1699999999", "1700003600", "claim.lifetime_too_long"),
        ("1700000001", "1700003601", "claim.issued_in_the_future"),
        ("1700000000", "1700003601", "claim.lifetime_too_long"),
        ("1699990000", "1700000300", "claim.lifetime_too_long"),
    ] {
        let changes = [("iat", iat), ("exp", exp)];
        // A rule that is named makes its claim required; the hour of single use is not named.
        let named = if iat.is_empty() { "claim.missing" } else { expected };
        assert_eq!(outcome(&judge_by(&changes, &hour())), named, "{iat} {exp}");
        assert_eq!(outcome(&judge_by(&changes, &undated())), expected, "{iat} {exp}");
        assert_eq!(by_once(&changes), expected, "single use, {iat} {exp}");
    }
    // A token that hides when it was issued does not wait for its last minutes.
    let sleeper = [("iat", ""), ("exp", "1700086400")];
    for now in [NOW, NOW + 86_400 - 300] {
        let verdict = judge_by(&sleeper, &hour().at_fixed_time(at(now)));
        assert_rejected(&verdict, "claim.missing", now);
    }
    // exp at or before iat, though neither is past by the leeway's clock.
    let lenient = |rules: Validation| rules.leeway(Leeway::new(seconds(60)).unwrap());
    for (iat, exp) in [("1700000030", "1700000030"), ("1700000030", "1700000020")] {
        let verdict = judge_by(&[("iat", iat), ("exp", exp)], &lenient(rules()));
        assert_rejected(&verdict, "claim.mismatch", (iat, exp));
    }
    // What counts is `exp - iat`, exactly, however far the issuer's clock is ahead: leeway neither lengthens
    // nor shortens it. Without `iat` it is counted from now, with the leeway.
    for (iat, exp, expected) in [
        ("1700000000", "1700003600", "accepted"),
        ("1700000000", "1700003601", "claim.lifetime_too_long"),
        ("1700000001", "1700003601", "accepted"),
        ("1700000060", "1700003660", "accepted"),
        ("1700000060", "1700003661", "claim.lifetime_too_long"),
        ("1699999999", "1700003600", "claim.lifetime_too_long"),
        ("1700000030.5", "1700003630.5", "accepted"),
        ("1700000030.5", "1700003630.500000001", "claim.lifetime_too_long"),
        ("", "1700003660", "accepted"),
        ("", "1700003661", "claim.lifetime_too_long"),
    ] {
        let changes = [("iat", iat), ("exp", exp)];
        assert_eq!(outcome(&judge_by(&changes, &lenient(undated()))), expected, "{iat} {exp}");
        let once = lenient(rules()).once(MemoryReplayGuard::with_capacity(10));
        let verdict = jwt::verify::<NoPrivateClaims>(&token(claims(&changes)), &hs256(), &once);
        assert_eq!(outcome(&verdict), expected, "single use, {iat} {exp}");
    }
    // From `iat` + `max_age` on a token is rejected, as from `exp` on.
    for (iat, expected) in [
        ("1699999401", "accepted"),
        ("1699999400.000000001", "accepted"),
        ("1699999400", "claim.too_old"),
        ("1699999399", "claim.too_old"),
    ] {
        let verdict = judge_by(&[("iat", iat)], &lenient(rules()).max_age(seconds(600)));
        assert_eq!(outcome(&verdict), expected, "{iat}");
    }
    // A longer life for tokens used once has to be asked for.
    let day = || rules().max_lifetime(seconds(86_400));
    let token = token(claims(&[("exp", "1700086000")]));
    let verdict = jwt::verify::<NoPrivateClaims>(&token, &hs256(), &once());
    assert_rejected(&verdict, "claim.lifetime_too_long", "a day");
    let rules = day().once(MemoryReplayGuard::with_capacity(10));
    assert_eq!(outcome(&jwt::verify::<NoPrivateClaims>(&token, &hs256(), &rules)), "accepted");
}

#[test]
fn f65_claims_made_here_keep_it() {
    let token = jwt::sign(
        &Claims::expiring_in(seconds(3600)).issued_at(at(NOW)).issuer(ISS).audience(AUD),
        &hs256(),
    )
    .unwrap();
    let rules = rules().max_lifetime(seconds(3600));
    assert_eq!(outcome(&jwt::verify::<NoPrivateClaims>(&token, &hs256(), &rules)), "accepted");
    let endless = Claims::expiring_in(Duration::MAX).issued_at(at(NOW));
    assert_eq!(jwt::sign(&endless, &hs256()).unwrap_err().code(), "claim.out_of_range");
}
