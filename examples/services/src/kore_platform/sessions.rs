//! What a session is here: its access token, and no state. The keys live as long as the process.

use crate::sockets::{Place, Sockets};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;
use strict_jose::{
    AfterRestart, Audience, ClaimError, ClaimProblem, Claims, Clock, Error, Hs256Key, Issuer,
    MemoryReplayGuard, NoPrivateClaims, NumericDate, Validated, Validation, jws, jwt,
};

/// How long a session lives, and its sockets with it.
const SESSION: Duration = Duration::from_secs(900);

/// How long a page has to open the socket that it asked for.
const TICKET: Duration = Duration::from_secs(30);

/// How many tickets can be used in that time.
const TICKETS: usize = 100_000;

/// Whom an access token is for. A ticket is for another, so that neither is taken for the other.
const START: &str = "start";
const SOCKET: &str = "socket";

/// The sessions of a platform, and their sockets.
pub struct Sessions {
    /// Signs access tokens and tickets. Another one ends every session.
    key: RwLock<Hs256Key>,
    clock: RwLock<Clock>,
    /// Makes ids, and signs nothing else.
    names: Hs256Key,
    tickets: MemoryReplayGuard,
    messages: AtomicU64,
    sockets: Sockets,
}

/// Who a session is of, and when it ends.
pub(super) struct Session {
    pub(super) subject: String,
    ends: NumericDate,
}

/// What a ticket says beside its registered claims.
#[derive(Serialize, Deserialize)]
struct Ticket {
    /// When the session ends, in seconds since 1970.
    ends: u64,
}

impl Sessions {
    pub(super) fn new() -> Result<Self, Error> {
        Ok(Self {
            key: RwLock::new(Hs256Key::generate()?),
            clock: RwLock::new(Clock::SYSTEM),
            names: Hs256Key::generate()?,
            tickets: MemoryReplayGuard::with_capacity(TICKETS),
            messages: AtomicU64::new(0),
            sockets: Sockets::open_for(SESSION),
        })
    }

    pub(super) fn set_clock(&self, clock: Clock) {
        *self.clock.write().unwrap_or_else(PoisonError::into_inner) = clock;
    }

    /// Ends all sessions: no access token and no ticket is accepted any more. Sockets that are open stay open.
    ///
    /// # Errors
    ///
    /// If the system gives no random numbers; the sessions go on then.
    pub fn end_all(&self) -> Result<(), Error> {
        let key = Hs256Key::generate()?;
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = key;
        Ok(())
    }

    /// Closes the sockets that are open now.
    pub async fn close_sockets(&self) {
        self.sockets.close().await;
    }

    fn key(&self) -> Hs256Key {
        self.key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn clock(&self) -> Clock {
        self.clock.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn access_token(&self, subject: &str) -> Result<String, Error> {
        let claims = Claims::expiring_in(SESSION).issued_at(self.clock().now()?);
        let claims = claims.audience(START).subject(subject).random_jwt_id();
        jwt::sign(&claims, &self.key())
    }

    /// The session of an access token.
    pub(super) fn session(&self, access_token: &str) -> Result<Session, Error> {
        let rules = Validation::new(Issuer::unchecked(), Audience::includes(START));
        let rules = rules.require_subject().clock(self.clock());
        let claims: Validated<NoPrivateClaims> = jwt::verify(access_token, &self.key(), &rules)?;
        let ends = claims.expires_at().ok_or(ClaimError::new("exp", ClaimProblem::Missing))?;
        Ok(Session { subject: subject_of(&claims), ends })
    }

    /// The right to one socket.
    pub(super) fn ticket(&self, session: &Session) -> Result<String, Error> {
        let ends = session.ends.seconds();
        let claims = Claims::expiring_in(TICKET).issued_at(self.clock().now()?);
        let claims = claims.audience(SOCKET).subject(&*session.subject).random_jwt_id();
        jwt::sign(&claims.private(Ticket { ends }), &self.key())
    }

    /// The subject of a ticket, once, and a place for as long as the session lives.
    pub(super) fn spend(&self, ticket: &str, place: Place) -> Result<(String, Place), Error> {
        // The key is this process's own, so no other has accepted anything.
        let no_other = NumericDate::from_seconds(0).ok_or(Error::ClockUnavailable)?;
        let rules = Validation::new(Issuer::unchecked(), Audience::includes(SOCKET))
            .require_subject()
            .clock(self.clock())
            .single_use(&self.tickets, AfterRestart::only_issued_after(no_other));
        let claims: Validated<Ticket> = jwt::verify(ticket, &self.key(), &rules)?;
        let now = self.clock().now()?.seconds();
        let left = Duration::from_secs(claims.private().ends.saturating_sub(now));
        Ok((subject_of(&claims), place.at_most(left)))
    }

    /// A place for a socket, unless all are taken.
    pub(super) fn place(&self) -> Option<Place> {
        self.sockets.place()
    }

    /// The id of a message. A client shows no second message of one id, whatever socket or process it comes from.
    pub(super) fn next_message(&self) -> Result<String, Error> {
        let process = self.id("m", "messages", "")?;
        Ok(format!("{process}-{}", self.messages.fetch_add(1, Ordering::Relaxed)))
    }

    /// Ids of a user and of their app's account, for a client's plugins: the same for the same user, and nobody can
    /// tell from them who it is.
    pub(super) fn user(&self, client_id: &str, subject: &str) -> Result<(String, String), Error> {
        Ok((self.id("u", client_id, subject)?, self.id("a", client_id, "")?))
    }

    fn id(&self, kind: &str, of: &str, whose: &str) -> Result<String, Error> {
        let signed = jws::sign(serde_json::json!([kind, of, whose]).to_string(), &self.names)?;
        let (_, mac) = signed.rsplit_once('.').unwrap_or_default();
        Ok(format!("{kind}-{}", mac.get(..22).unwrap_or_default()))
    }
}

fn subject_of<T>(claims: &Validated<T>) -> String {
    claims.subject().unwrap_or_default().to_owned() // required by the rules
}

#[cfg(test)]
mod tests {
    use super::{SESSION, Sessions, TICKET};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;
    use strict_jose::{Clock, Error, NumericDate};

    const START: u64 = 1_790_000_000;

    /// Sessions by a clock that is set by hand.
    fn sessions() -> (Sessions, impl Fn(u64)) {
        let seconds = Arc::new(AtomicU64::new(START));
        let sessions = Sessions::new().expect("random numbers");
        let clock = Arc::clone(&seconds);
        sessions
            .set_clock(Clock::new(move || NumericDate::from_seconds(clock.load(Ordering::SeqCst))));
        (sessions, move |after| seconds.store(START + after, Ordering::SeqCst))
    }

    #[test]
    fn a_session_ends_when_its_time_is_over() -> Result<(), Error> {
        let (sessions, set) = sessions();
        let token = sessions.access_token("john")?;
        set(SESSION.as_secs() - 1);
        assert_eq!(sessions.session(&token)?.subject, "john");
        set(SESSION.as_secs());
        assert_eq!(sessions.session(&token).err().map(|error| error.code()), Some("claim.expired"));
        Ok(())
    }

    #[test]
    fn a_ticket_is_for_one_socket_soon() -> Result<(), Error> {
        let (sessions, set) = sessions();
        let session = sessions.session(&sessions.access_token("john")?)?;
        let spend = |ticket: &str| {
            let place = sessions.place().expect("a place");
            sessions.spend(ticket, place).map(|(subject, place)| (subject, place.longest()))
        };
        let ticket = sessions.ticket(&session)?;
        set(TICKET.as_secs() - 1);
        // The socket lives no longer than the session.
        let left = Duration::from_secs(SESSION.as_secs() - TICKET.as_secs() + 1);
        assert_eq!(spend(&ticket), Ok(("john".to_owned(), left)));
        assert_eq!(spend(&ticket), Err(Error::Replayed));
        let late = sessions.ticket(&session)?;
        set(2 * TICKET.as_secs() - 1);
        assert_eq!(spend(&late).map_err(|error| error.code()), Err("claim.expired"));
        Ok(())
    }

    #[test]
    fn ids_name_nobody_and_belong_to_one_process() -> Result<(), Error> {
        let (sessions, _) = sessions();
        assert_eq!(sessions.user("app", "john")?, sessions.user("app", "john")?);
        assert_ne!(sessions.user("app", "john")?.0, sessions.user("app", "jane")?.0);
        assert_ne!(sessions.user("app", "john")?.0, sessions.user("other", "john")?.0);
        let (other, _) = self::sessions();
        assert_ne!(sessions.next_message()?, other.next_message()?);
        Ok(())
    }
}
