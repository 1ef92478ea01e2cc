//! Class 76, across a restart: a guard that begins empty is told nothing of the tokens used before it.

use crate::support::{claims::*, outcome::*, signing::*};
use std::time::Duration;
use strict_jose::{
    Leeway, MemoryReplayGuard, NoPrivateClaims, NumericDate, SingleUse, Validation, jwt,
};

type Once = Validation<SingleUse<MemoryReplayGuard>>;

/// The rules of a process that has just begun.
fn process(leeway: u64) -> Once {
    let rules = rules().leeway(Leeway::new(seconds(leeway)).unwrap());
    rules.single_use(MemoryReplayGuard::with_capacity(10))
}

fn milliseconds(time: u64) -> NumericDate {
    NumericDate::from_duration(Duration::from_millis(time)).unwrap()
}

fn verdict(token: &str, rules: Once) -> (&'static str, Once) {
    (outcome(&jwt::verify::<NoPrivateClaims>(token, &hs256(), &rules)), rules)
}

/// A token with this `iat`, which lives for ten minutes from it.
fn issued(iat: &str) -> String {
    let exp = (NOW + 600).to_string();
    token(claims(&[("iat", iat), ("exp", &exp)]))
}

/// `iat` as issuers write the millisecond: cut, to the nearest second, rounded up, exact.
fn written(time: u64) -> [String; 4] {
    [
        (time / 1000).to_string(),
        ((time + 500) / 1000).to_string(),
        time.div_ceil(1000).to_string(),
        format!("{}.{:03}", time / 1000, time % 1000),
    ]
}

#[test]
fn g76_no_token_used_before_a_restart_is_taken_after_it() {
    let (mut replays, mut taken_without) = (0, 0);
    for (leeway, begin) in
        [0, 1, 5].into_iter().flat_map(|leeway| [0, 1, 400, 500, 999].map(|part| (leeway, part)))
    {
        let begin = NOW * 1000 + begin;
        for before in [0, 1, 100, 499, 500, 501, 999, 1000, 2500] {
            for ahead in 0..=leeway {
                // Issued and used by `begin`, by an issuer whose clock is ahead.
                let used = begin - before;
                for iat in written(used + ahead * 1000) {
                    let token = issued(&iat);
                    let (first, _) = verdict(&token, process(leeway).at(milliseconds(used)));
                    if first != "accepted" {
                        // A rounded `iat` may lie in the future; then the token was not used.
                        assert_eq!(first, "claim.issued_in_the_future");
                        continue;
                    }
                    for now in [begin, begin + 1, begin + 1000, begin + 60_000] {
                        let now = milliseconds(now);
                        let rules = process(leeway).at(now).issued_after(milliseconds(begin));
                        let (again, rules) = verdict(&token, rules);
                        assert_eq!(again, "claim.issued_too_early", "{iat}, {leeway}, {begin}");
                        assert_eq!(rules.guard().statistics().unwrap().stored, 0);
                        replays += 1;
                        // Without the rule the window is there.
                        let (again, _) = verdict(&token, process(leeway).at(now));
                        taken_without += usize::from(again == "accepted");
                    }
                }
            }
        }
    }
    assert!(replays > 4000, "{replays}");
    assert_eq!(replays, taken_without);
}

#[test]
fn g76_a_restart_refuses_new_tokens_for_as_long_as_it_says() {
    for leeway in [0, 1, 30] {
        for (begin, behind) in [(0, 0), (1, 0), (999, 0), (0, leeway), (1, leeway), (999, leeway)] {
            let begin = NOW * 1000 + begin;
            let now = begin + (1 + leeway + behind) * 1000;
            for iat in written(now - behind * 1000) {
                let rules = process(leeway).at(milliseconds(now + 1000));
                let rules = rules.issued_after(milliseconds(begin));
                let (first, rules) = verdict(&issued(&iat), rules);
                assert_eq!(first, "accepted", "{iat}, {leeway}, {begin}");
                assert_eq!(verdict(&issued(&iat), rules).0, "replay.replayed");
            }
        }
        // The first second that is taken, and the last that is not.
        let rules = || process(leeway).at(at(NOW + 100)).issued_after(at(NOW));
        let last = NOW + leeway;
        assert_eq!(verdict(&issued(&last.to_string()), rules()).0, "claim.issued_too_early");
        assert_eq!(verdict(&issued(&(last + 1).to_string()), rules()).0, "accepted");
        assert_eq!(verdict(&issued(&format!("{last}.001")), rules()).0, "accepted");
    }
}

#[test]
fn g76_a_token_that_hides_when_it_was_issued_is_refused() {
    let rules = || process(0).at(at(NOW + 10)).issued_after(at(NOW));
    assert_eq!(verdict(&issued("1700000005"), rules()).0, "accepted");
    for (iat, expected) in [
        ("", "claim.missing"),
        ("null", "claim.wrong_type"),
        ("\"1700000005\"", "claim.wrong_type"),
        ("1700000005000", "claim.milliseconds"),
        ("1700000011", "claim.issued_in_the_future"),
        ("1699999999", "claim.issued_too_early"),
    ] {
        assert_eq!(verdict(&issued(iat), rules()).0, expected, "{iat}");
    }
    // Milliseconds that are taken as such are held against the date too.
    let rules = || rules().accept_milliseconds_in_issued_at();
    assert_eq!(verdict(&issued("1700000000999"), rules()).0, "claim.issued_too_early");
    assert_eq!(verdict(&issued("1700000001000"), rules()).0, "accepted");
    // Tokens that are taken as often as they come have nothing to hide.
    let guard = MemoryReplayGuard::with_capacity(10);
    let if_present = crate::support::claims::rules().single_use_if_jti_present(guard);
    let if_present = if_present.issued_after(at(NOW));
    let without = token(claims(&[("jti", "")]));
    let (first, if_present) = verdict(&without, if_present);
    assert_eq!(first, "accepted");
    assert_eq!(verdict(&token(claims(&[])), if_present).0, "claim.issued_too_early");
}

#[test]
fn g76_a_guard_knows_when_it_began() {
    let before = NumericDate::now().unwrap();
    let began = MemoryReplayGuard::with_capacity(1).created_at().unwrap();
    let after = MemoryReplayGuard::with_issuer_share(1, 1).created_at().unwrap();
    assert!(before <= began && began <= after && after <= NumericDate::now().unwrap());
}
