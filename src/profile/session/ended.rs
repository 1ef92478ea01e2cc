//! The sessions that were ended before their tokens expired.

use crate::NumericDate;
use core::fmt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Remembers which sessions have been ended. It is shared by everything that takes the same tokens.
pub trait EndedSessions: Send + Sync {
    /// Ends a session: [`has_ended`](Self::has_ended) says so as long as the time is before
    /// `keep_until`.
    ///
    /// # Errors
    ///
    /// A [`StoreError`]; the session then may not count as ended.
    fn end(
        &self,
        session_id: &str,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<(), StoreError>;

    /// Whether the session has been ended.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] if it cannot be said for certain; the token is then refused.
    fn has_ended(&self, session_id: &str, now: NumericDate) -> Result<bool, StoreError>;
}

/// Why a store of ended sessions could not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreError {
    /// It holds as many ended sessions as it may.
    Full,
    /// It cannot be reached, or is damaged.
    Unavailable,
}

impl StoreError {
    /// A stable, machine-readable name for the failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Full => "session.store_full",
            Self::Unavailable => "session.store_unavailable",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the store of ended sessions is full",
            Self::Unavailable => "the store of ended sessions is unavailable",
        })
    }
}

impl core::error::Error for StoreError {}

/// For systems whose sessions end by expiry alone: nothing can be ended.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEndedSessions;

impl EndedSessions for NoEndedSessions {
    fn end(&self, _: &str, _: NumericDate, _: NumericDate) -> Result<(), StoreError> {
        Err(StoreError::Unavailable)
    }

    fn has_ended(&self, _: &str, _: NumericDate) -> Result<bool, StoreError> {
        Ok(false)
    }
}

/// The ended sessions of one process. When full, it first drops those whose time has passed.
pub struct MemoryEndedSessions {
    ended: Mutex<HashMap<String, NumericDate>>,
    capacity: usize,
}

impl MemoryEndedSessions {
    /// Room for so many ended sessions at once.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { ended: Mutex::default(), capacity }
    }
}

impl EndedSessions for MemoryEndedSessions {
    fn end(
        &self,
        session_id: &str,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<(), StoreError> {
        let mut ended = self.ended.lock().map_err(|_| StoreError::Unavailable)?;
        if let Some(until) = ended.get_mut(session_id) {
            *until = keep_until.max(*until);
            return Ok(());
        }
        if ended.len() >= self.capacity {
            ended.retain(|_, until| now < *until);
        }
        if ended.len() >= self.capacity {
            return Err(StoreError::Full);
        }
        ended.insert(session_id.to_owned(), keep_until);
        Ok(())
    }

    fn has_ended(&self, session_id: &str, now: NumericDate) -> Result<bool, StoreError> {
        let ended = self.ended.lock().map_err(|_| StoreError::Unavailable)?;
        Ok(ended.get(session_id).is_some_and(|until| now < *until))
    }
}

impl fmt::Debug for MemoryEndedSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryEndedSessions")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

impl<E: EndedSessions + ?Sized> EndedSessions for Arc<E> {
    fn end(
        &self,
        session_id: &str,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<(), StoreError> {
        (**self).end(session_id, keep_until, now)
    }

    fn has_ended(&self, session_id: &str, now: NumericDate) -> Result<bool, StoreError> {
        (**self).has_ended(session_id, now)
    }
}
