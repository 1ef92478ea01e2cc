//! Class 76, across a restart: a guard that begins empty is told nothing of the tokens used before it.

use crate::support::{claims::*, kept::Kept, outcome::*, signing::*};
use std::time::Duration;
use strict_jose::{
    AfterRestart, Leeway, MemoryReplayGuard, Monitored, NoPrivateClaims, NumericDate, ReplayGuard,
    SingleUse, Validation, jwt,
};

type Once<G = MemoryReplayGuard> = Validation<SingleUse<G>>;

fn leeway_of(leeway: u64) -> Validation {
    rules().leeway(Leeway::new(seconds(leeway)).unwrap())
}

/// The rules of a process that began at this time, when the one before it had stopped.
fn process(leeway: u64, began: NumericDate) -> Once {
    let guard = MemoryReplayGuard::with_capacity(10);
    leeway_of(leeway).single_use(guard, AfterRestart::only_issued_after(began))
}

/// The rules of a process that claims to remember.
fn forgetful(leeway: u64) -> Once<Kept<MemoryReplayGuard>> {
    let guard = Kept(MemoryReplayGuard::with_capacity(10));
    leeway_of(leeway).single_use(guard, AfterRestart::remembered())
}

fn milliseconds(time: u64) -> NumericDate {
    NumericDate::from_duration(Duration::from_millis(time)).unwrap()
}

fn verdict<G: ReplayGuard>(token: &str, rules: Once<G>) -> (&'static str, Once<G>) {
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
                    let (first, _) =
                        verdict(&token, forgetful(leeway).at_fixed_time(milliseconds(used)));
                    if first != "accepted" {
                        // A rounded `iat` may lie in the future; then the token was not used.
                        assert_eq!(first, "claim.issued_in_the_future");
                        continue;
                    }
                    for now in [begin, begin + 1, begin + 1000, begin + 60_000] {
                        let is_ready = now >= ((begin + leeway * 1000) / 1000 + 1) * 1000;
                        let now = milliseconds(now);
                        let rules = process(leeway, milliseconds(begin)).at_fixed_time(now);
                        let (again, rules) = verdict(&token, rules);
                        let expected =
                            if is_ready { "claim.issued_too_early" } else { "replay.not_ready" };
                        assert_eq!(again, expected, "{iat}, {leeway}, {begin}");
                        assert_eq!(rules.guard().statistics().live, Some(0));
                        replays += 1;
                        // Without the rule the window is there.
                        let (again, _) = verdict(&token, forgetful(leeway).at_fixed_time(now));
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
                let rules = process(leeway, milliseconds(begin));
                let rules = rules.at_fixed_time(milliseconds(now + 1000));
                let (first, rules) = verdict(&issued(&iat), rules);
                assert_eq!(first, "accepted", "{iat}, {leeway}, {begin}");
                assert_eq!(verdict(&issued(&iat), rules).0, "replay.replayed");
            }
        }
        // The first second that is taken, and the last that is not.
        let rules = || process(leeway, at(NOW)).at_fixed_time(at(NOW + 100));
        let last = NOW + leeway;
        assert_eq!(verdict(&issued(&last.to_string()), rules()).0, "claim.issued_too_early");
        assert_eq!(verdict(&issued(&(last + 1).to_string()), rules()).0, "accepted");
        assert_eq!(verdict(&issued(&format!("{last}.001")), rules()).0, "accepted");
    }
}

#[test]
fn g76_a_token_that_hides_when_it_was_issued_is_refused() {
    let rules = || process(0, at(NOW)).at_fixed_time(at(NOW + 10));
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
    let rules = || rules().accept_milliseconds();
    assert_eq!(verdict(&issued("1700000000999"), rules()).0, "claim.issued_too_early");
    assert_eq!(verdict(&issued("1700000001000"), rules()).0, "accepted");
    // Tokens that are taken as often as they come have nothing to hide.
    let guard = MemoryReplayGuard::with_capacity(10);
    let if_present = crate::support::claims::rules()
        .single_use_if_jti_present(guard, AfterRestart::only_issued_after(at(NOW - 1)));
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
