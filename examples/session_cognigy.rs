//! Cognigy Click To Call: a token for one session, and credentials that only its service reads.
//!
//! `cargo run -p examples --example session_cognigy --features session`

#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use strict_jose::profile::session::{Policy, Request, Ticket, TokenService, Verifier, open, seal};
use strict_jose::{ContentEncryption, MemoryReplayGuard, Rs256SigningKey, RsaOaepDecryptionKey};

fn main() -> Result<(), Box<dyn Error>> {
    let key = Rs256SigningKey::generate(2048)?;
    let verifier = Verifier::new(
        Policy::cognigy(),
        key.public_key()?,
        MemoryReplayGuard::with_capacity(100_000),
    );
    let service = TokenService::rs256(Policy::cognigy(), key);
    if let Err(reason) = service.issue(&Ticket::new("s1").subject("john@acme.com")) {
        println!("not issued: {reason}");
    }
    let token = service.issue(&Ticket::new("s1").subject("u_3f9c21"))?;
    if let Err(refusal) = verifier.accept(&token, &Request::new().session("s2")) {
        println!("{} {} (log: {})", refusal.status(), refusal.answer(), refusal.reason());
    }
    let session = verifier.accept(&token, &Request::new().session("s1"))?;
    println!("200 {:?} in {}", session.subject(), session.session_id());

    let recipient = RsaOaepDecryptionKey::generate(2048)?.with_key_id("sessions-1")?;
    let sealed = seal(b"sip credentials", ContentEncryption::A256Gcm, &recipient.public_key()?)?;
    let opened = open(&Policy::cognigy(), &sealed, &recipient)?;
    println!("{} octets of credentials, printed as {opened:?}", opened.len());
    Ok(())
}
