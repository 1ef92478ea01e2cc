//! Cognigy Click To Call: a token for one session, and credentials that only its service reads.
//!
//! `cargo run -p examples --example session_cognigy --features session`

#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use std::time::Duration;
use strict_jose::profile::session::{Parties, Policy, Request, Ticket, TokenService, Verifier};
use strict_jose::{AfterRestart, MemoryReplayGuard, NumericDate, Rs256SigningKey};

/// When the last process before this one stopped. A service takes `guard.created_at()?`, if it had by then.
const LAST_PROCESS_ENDED: NumericDate = NumericDate::from_seconds(1_790_000_000).unwrap();

/// `sub` and `sid` are required, and the request names the session that it is for. A token lives 20 seconds at
/// most, without leeway, and is taken once if it has a `jti`, as those issued here have. The documentation names
/// neither `iss` nor `aud`.
pub(crate) fn policy() -> Policy {
    Policy::new(Parties::unchecked(), Duration::from_secs(20))
        .requiring_subject()
        .requiring_named_session()
}

fn main() -> Result<(), Box<dyn Error>> {
    let key = Rs256SigningKey::generate(2048)?;
    let guard = MemoryReplayGuard::with_capacity(100_000);
    let restart = AfterRestart::only_issued_after(LAST_PROCESS_ENDED);
    let verifier = Verifier::new(policy(), key.public_key(), guard, restart);
    let service = TokenService::rs256(policy(), key);
    if let Err(reason) = service.issue(&Ticket::new("s1").subject("john@acme.com")) {
        println!("not issued: {reason}");
    }
    let token = service.issue(&Ticket::new("s1").subject("u_3f9c21"))?;
    if let Err(refusal) = verifier.accept(&token, &Request::new().session("s2")) {
        println!("{} {} (log: {})", refusal.status(), refusal.answer(), refusal.reason());
    }
    let session = verifier.accept(&token, &Request::new().session("s1"))?;
    println!("200 {:?} in {}", session.subject(), session.session_id());
    #[cfg(feature = "jwe")]
    sealed()?;
    Ok(())
}

/// The credentials of the session, which only its service reads.
#[cfg(feature = "jwe")]
fn sealed() -> Result<(), Box<dyn Error>> {
    use strict_jose::profile::session::{open, seal};
    use strict_jose::{ContentEncryption, RsaOaepDecryptionKey};

    let recipient = RsaOaepDecryptionKey::generate(2048)?.with_key_id("sessions-1")?;
    let sealed = seal(b"sip credentials", ContentEncryption::A256Gcm, &recipient.public_key())?;
    let opened = open(&policy(), &sealed, &recipient)?;
    println!("{} octets of credentials, printed as {opened:?}", opened.len());
    Ok(())
}
