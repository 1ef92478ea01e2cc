//! Talkative: a page's key and origin lead to a token that opens one WebSocket.
//!
//! `cargo run -p examples --example session_talkative --features session`

#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use std::time::Duration;
use strict_jose::profile::session::{Parties, Policy, Request, Ticket, TokenService, Verifier};
use strict_jose::{AfterRestart, Hs256Key, KeySet, MemoryReplayGuard, NumericDate};

/// When the last process before this one stopped. A service takes `guard.created_at()?`, if it had by then.
const LAST_PROCESS_ENDED: NumericDate = NumericDate::from_seconds(1_790_000_000).unwrap();

/// `sid`, `src` and `jti` are required, and the request names the page's key, which has to be the token's `kid`.
/// A token is taken once and lives 60 seconds at most, without leeway. The documentation names neither `iss` nor
/// `aud`.
pub(crate) fn policy() -> Policy {
    Policy::new(Parties::unchecked(), Duration::from_secs(60))
        .requiring_source()
        .bound_to_page_key()
        .single_use()
}

fn main() -> Result<(), Box<dyn Error>> {
    let key = Hs256Key::generate()?.with_key_id("pk_live_1")?;
    let service = TokenService::hs256(policy(), key.clone());
    let token = service.issue(&Ticket::new("chat-1").source("https://www.bank.example"))?;

    let guard = MemoryReplayGuard::with_capacity(100_000);
    let restart = AfterRestart::only_issued_after(LAST_PROCESS_ENDED);
    let verifier = Verifier::new(policy(), KeySet::new([key])?, guard, restart);
    for origin in ["null", "https://www.bank.example.evil.test", "https://www.bank.example"] {
        let request = Request::new().origin(origin).page_key("pk_live_1");
        for _ in 0..2 {
            match verifier.accept(&token, &request) {
                Ok(session) => println!("{origin}: 101, session {}", session.session_id()),
                Err(refusal) => println!(
                    "{origin}: {} {} (log: {})",
                    refusal.status(),
                    refusal.answer(),
                    refusal.reason()
                ),
            }
        }
    }
    Ok(())
}
