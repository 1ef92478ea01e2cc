//! JodoWorld SDK: a backend's token for one call, from one shop; keys are rotated, the call is ended.
//!
//! `cargo run -p examples --example session_jodoworld --features session`

#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use std::time::Duration;
use strict_jose::profile::session::{
    MemoryEndedSessions, Parties, Policy, Request, Ticket, TokenService, Verifier,
};
use strict_jose::{
    AfterRestart, Hs256Key, KeySet, Leeway, MemoryReplayGuard, NumericDate, RuleError,
};

/// When the last process before this one stopped. A service takes `guard.created_at()?`, if it had by then.
const LAST_PROCESS_ENDED: NumericDate = NumericDate::from_seconds(1_790_000_000).unwrap();

/// `sid`, `sub`, `dom`, `ip` and `jti` are required. A token is taken once and lives 300 seconds at most, with
/// 30 seconds of leeway. The documentation names neither `iss` nor `aud`.
pub(crate) fn policy() -> Result<Policy, RuleError> {
    let policy = Policy::new(Parties::unchecked(), Duration::from_secs(300))
        .requiring_subject()
        .requiring_origins()
        .requiring_networks()
        .single_use()
        .answering(r#"{"event":"invalidLicenseKey"}"#)
        .leeway(Leeway::new(Duration::from_secs(30))?);
    Ok(policy)
}

fn main() -> Result<(), Box<dyn Error>> {
    let old = Hs256Key::generate()?.with_key_id("2026-11")?;
    let new = Hs256Key::generate()?.with_key_id("2026-12")?;
    let keys = KeySet::new([old.clone(), new.clone()])?;
    let guard = MemoryReplayGuard::with_capacity(100_000);
    let ended = MemoryEndedSessions::with_capacity(10_000);
    let verifier =
        Verifier::new(policy()?, keys, guard, AfterRestart::only_issued_after(LAST_PROCESS_ENDED))
            .with_ended(ended, AfterRestart::only_issued_after(LAST_PROCESS_ENDED));
    let ticket = Ticket::new("call-7")
        .subject("u-91")
        .origins(["www.shop.example"])
        .networks(["203.0.113.0/24"]);
    let request =
        Request::new().origin("https://www.shop.example").address([203, 0, 113, 9].into());
    for key in [&old, &new] {
        let token = TokenService::hs256(policy()?, key.clone()).issue(&ticket)?;
        let session = verifier.accept(&token, &request)?;
        println!("200 {} by {:?}", session.session_id(), session.key_id());
    }
    verifier.end("call-7")?;
    let token = TokenService::hs256(policy()?, new).issue(&ticket)?;
    if let Err(refusal) = verifier.accept(&token, &request) {
        println!("{} {} (log: {})", refusal.status(), refusal.answer(), refusal.reason());
    }
    Ok(())
}
