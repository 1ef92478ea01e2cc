//! What a session is here: its access token, and no state. The keys live as long as the process.

use crate::sockets::Sockets;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;
use strict_jose::{
    AfterRestart, Audience, Claims, Error, Hs256Key, Issuer, MemoryReplayGuard, NumericDate,
    Validated, Validation, jws, jwt,
};

/// How long a session lives.
const SESSION: Duration = Duration::from_secs(900);

/// How long a page has to open the socket that it asked for.
const TICKET: Duration = Duration::from_secs(30);

/// How long a socket may stay open.
const SOCKET: Duration = Duration::from_secs(900);

/// Whom an access token is for. A ticket is for another, so that neither is taken for the other.
const START: &str = "start";
const SOCKET_AUDIENCE: &str = "socket";

/// The sessions of a platform, and their sockets.
pub struct Sessions {
    /// Signs access tokens and tickets. Another one ends every session.
    key: RwLock<Hs256Key>,
    /// Makes the users' ids, and signs nothing else.
    names: Hs256Key,
    tickets: MemoryReplayGuard,
    messages: AtomicU64,
    pub(super) sockets: Sockets,
}

impl Sessions {
    pub(super) fn new(capacity: usize) -> Result<Self, Error> {
        Ok(Self {
            key: RwLock::new(Hs256Key::generate()?),
            names: Hs256Key::generate()?,
            tickets: MemoryReplayGuard::with_capacity(capacity),
            messages: AtomicU64::new(0),
            sockets: Sockets::open_for(SOCKET),
        })
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

    /// Closes all sockets.
    pub async fn close_sockets(&self) {
        self.sockets.close().await;
    }

    fn key(&self) -> Hs256Key {
        self.key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn access_token(&self, subject: &str) -> Result<String, Error> {
        self.sign(START, SESSION, subject)
    }

    /// The subject of an access token.
    pub(super) fn subject(&self, access_token: &str) -> Result<String, Error> {
        let rules = Validation::new(Issuer::unchecked(), Audience::includes(START));
        Ok(subject_of(&jwt::verify(access_token, &self.key(), &rules.require_subject())?))
    }

    /// The right to one socket.
    pub(super) fn ticket(&self, subject: &str) -> Result<String, Error> {
        self.sign(SOCKET_AUDIENCE, TICKET, subject)
    }

    /// The subject of a ticket, once.
    pub(super) fn spend_ticket(&self, ticket: &str) -> Result<String, Error> {
        // The key is this process's own, so no other has accepted anything.
        let no_other = NumericDate::from_seconds(0).ok_or(Error::ClockUnavailable)?;
        let rules = Validation::new(Issuer::unchecked(), Audience::includes(SOCKET_AUDIENCE))
            .require_subject()
            .single_use(&self.tickets, AfterRestart::only_issued_after(no_other));
        Ok(subject_of(&jwt::verify(ticket, &self.key(), &rules)?))
    }

    fn sign(&self, audience: &str, lifetime: Duration, subject: &str) -> Result<String, Error> {
        let claims = Claims::expiring_in(lifetime).audience(audience).subject(subject);
        jwt::sign(&claims.random_jwt_id(), &self.key())
    }

    /// The id of a message. A client shows no second message of one id, whatever socket it comes by.
    pub(super) fn next_message(&self) -> String {
        format!("m-{}", self.messages.fetch_add(1, Ordering::Relaxed))
    }

    /// Ids of a user and of their app's account, for a client's plugins: the same for the same user, and nobody can
    /// tell from them who it is.
    pub(super) fn user(&self, client_id: &str, subject: &str) -> Result<(String, String), Error> {
        let id = |kind: &str, of: [&str; 2]| -> Result<String, Error> {
            let signed = jws::sign(serde_json::json!([kind, of]).to_string(), &self.names)?;
            let (_, mac) = signed.rsplit_once('.').unwrap_or_default();
            Ok(format!("{kind}-{}", mac.get(..22).unwrap_or_default()))
        };
        Ok((id("u", [client_id, subject])?, id("a", [client_id, ""])?))
    }
}

fn subject_of(claims: &Validated) -> String {
    claims.subject().unwrap_or_default().to_owned() // required by the rules
}
