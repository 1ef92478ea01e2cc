//! Talkative: a page's key and origin lead to a token that opens one WebSocket.
//!
//! `cargo run -p examples --example session_talkative --features session`

#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use strict_jose::profile::session::{Policy, Request, Ticket, TokenService, Verifier};
use strict_jose::{Hs256Key, KeySet, MemoryReplayGuard};

fn main() -> Result<(), Box<dyn Error>> {
    let key = Hs256Key::generate()?.with_key_id("pk_live_1")?;
    let service = TokenService::hs256(Policy::talkative(), key.clone());
    let token = service.issue(&Ticket::new("chat-1").source("https://www.bank.example"))?;

    let guard = MemoryReplayGuard::with_capacity(100_000);
    let verifier = Verifier::new(Policy::talkative(), KeySet::new([key])?, guard);
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
