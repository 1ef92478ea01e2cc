//! The sessions that were ended before their tokens expired.

use crate::NumericDate;
use core::fmt;
use core::future::Future;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Remembers which sessions have been ended. It is shared by everything that takes the same tokens.
pub trait EndedSessions: Send + Sync {
    /// Ends a session: [`has_ended`](Self::has_ended) says so at least as long as the time is before
    /// `keep_until`.
    ///
    /// # Errors
    ///
    /// A [`SessionStoreError`]; the session then may not count as ended.
    fn end(
        &self,
        session_id: &str,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<(), SessionStoreError>;

    /// Whether the session has been ended.
    ///
    /// # Errors
    ///
    /// [`SessionStoreError::Unavailable`] if it cannot be said for certain; the token is then refused.
    fn has_ended(&self, session_id: &str, now: NumericDate) -> Result<bool, SessionStoreError>;
}

/// The async twin of [`EndedSessions`], with the same contract. It requires no runtime.
pub trait AsyncEndedSessions: Send + Sync {
    /// As [`EndedSessions::end`].
    ///
    /// # Errors
    ///
    /// As [`EndedSessions::end`].
    fn end(
        &self,
        session_id: &str,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> impl Future<Output = Result<(), SessionStoreError>> + Send;

    /// As [`EndedSessions::has_ended`].
    ///
    /// # Errors
    ///
    /// As [`EndedSessions::has_ended`].
    fn has_ended(
        &self,
        session_id: &str,
        now: NumericDate,
    ) -> impl Future<Output = Result<bool, SessionStoreError>> + Send;
}

/// Why a store of ended sessions could not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionStoreError {
    /// It holds as many ended sessions as it may.
    Full,
    /// It cannot be reached, is damaged, or cannot say for certain.
    Unavailable,
}

impl SessionStoreError {
    /// A stable, machine-readable name for the failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Full => "session.store_full",
            Self::Unavailable => "session.store_unavailable",
        }
    }
}

impl fmt::Display for SessionStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the store of ended sessions is full",
            Self::Unavailable => "the store of ended sessions is unavailable",
        })
    }
}

impl core::error::Error for SessionStoreError {}

/// For systems whose sessions end by expiry alone: nothing can be ended.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEndedSessions;

impl EndedSessions for NoEndedSessions {
    fn end(&self, _: &str, _: NumericDate, _: NumericDate) -> Result<(), SessionStoreError> {
        Err(SessionStoreError::Unavailable)
    }

    fn has_ended(&self, _: &str, _: NumericDate) -> Result<bool, SessionStoreError> {
        Ok(false)
    }
}

/// The ended sessions of one process, as many as it was made for; the memory is that of their ids.
///
/// When full it forgets those whose time has passed, and only those. Should the clock then go back to a
/// time at which one of them would still count, it cannot say of any session that it has not ended,
/// and fails until the clock has caught up: no session comes back.
///
/// ```
/// use strict_jose::NumericDate;
/// use strict_jose::profile::session::{EndedSessions, MemoryEndedSessions};
///
/// let at = |seconds| NumericDate::from_seconds(seconds).unwrap();
/// let ended = MemoryEndedSessions::with_capacity(10_000);
/// EndedSessions::end(&ended, "call-7", at(1_790_000_330), at(1_790_000_000))?;
/// assert!(EndedSessions::has_ended(&ended, "call-7", at(1_790_000_001))?);
/// assert!(!EndedSessions::has_ended(&ended, "call-8", at(1_790_000_001))?);
/// # Ok::<(), strict_jose::profile::session::SessionStoreError>(())
/// ```
pub struct MemoryEndedSessions {
    ended: Mutex<Ended>,
    capacity: usize,
}

#[derive(Default)]
struct Ended {
    until: HashMap<String, NumericDate>,
    /// The latest time at which one that has been forgotten still counted.
    forgotten: Option<NumericDate>,
}

impl MemoryEndedSessions {
    /// Room for so many: the most sessions that are ended within the longest life of a token.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { ended: Mutex::default(), capacity }
    }
}

impl Ended {
    fn forget(&mut self, now: NumericDate) {
        let forgotten = &mut self.forgotten;
        self.until.retain(|_, until| {
            let counts = now < *until;
            if !counts {
                *forgotten = (*forgotten).max(Some(*until));
            }
            counts
        });
    }
}

impl EndedSessions for MemoryEndedSessions {
    fn end(
        &self,
        session_id: &str,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<(), SessionStoreError> {
        let mut ended = self.ended.lock().map_err(|_| SessionStoreError::Unavailable)?;
        if let Some(until) = ended.until.get_mut(session_id) {
            // A clock that is behind must not shorten what an earlier call asked for.
            *until = keep_until.max(*until);
            return Ok(());
        }
        if ended.until.len() >= self.capacity {
            ended.forget(now);
        }
        if ended.until.len() >= self.capacity {
            return Err(SessionStoreError::Full);
        }
        ended.until.insert(session_id.to_owned(), keep_until);
        Ok(())
    }

    fn has_ended(&self, session_id: &str, now: NumericDate) -> Result<bool, SessionStoreError> {
        let ended = self.ended.lock().map_err(|_| SessionStoreError::Unavailable)?;
        if ended.until.contains_key(session_id) {
            return Ok(true);
        }
        match ended.forgotten {
            // This may be a forgotten session, whose token is still valid by this clock.
            Some(forgotten) if now < forgotten => Err(SessionStoreError::Unavailable),
            _ => Ok(false),
        }
    }
}

impl fmt::Debug for MemoryEndedSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryEndedSessions")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

macro_rules! store_that_answers_at_once {
    ($($store:ty),*) => {$(
        impl AsyncEndedSessions for $store {
            async fn end(
                &self,
                session_id: &str,
                keep_until: NumericDate,
                now: NumericDate,
            ) -> Result<(), SessionStoreError> {
                EndedSessions::end(self, session_id, keep_until, now)
            }

            async fn has_ended(
                &self,
                session_id: &str,
                now: NumericDate,
            ) -> Result<bool, SessionStoreError> {
                EndedSessions::has_ended(self, session_id, now)
            }
        }
    )*};
}

store_that_answers_at_once!(NoEndedSessions, MemoryEndedSessions);

macro_rules! store_through_pointer {
    ($($pointer:ty),*) => {$(
        impl<E: EndedSessions + ?Sized> EndedSessions for $pointer {
            fn end(
                &self,
                session_id: &str,
                keep_until: NumericDate,
                now: NumericDate,
            ) -> Result<(), SessionStoreError> {
                (**self).end(session_id, keep_until, now)
            }

            fn has_ended(&self, session_id: &str, now: NumericDate) -> Result<bool, SessionStoreError> {
                (**self).has_ended(session_id, now)
            }
        }

        impl<E: AsyncEndedSessions> AsyncEndedSessions for $pointer {
            async fn end(
                &self,
                session_id: &str,
                keep_until: NumericDate,
                now: NumericDate,
            ) -> Result<(), SessionStoreError> {
                (**self).end(session_id, keep_until, now).await
            }

            async fn has_ended(
                &self,
                session_id: &str,
                now: NumericDate,
            ) -> Result<bool, SessionStoreError> {
                (**self).has_ended(session_id, now).await
            }
        }
    )*};
}

store_through_pointer!(&E, Arc<E>);
