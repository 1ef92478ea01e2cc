//! What the guard tells its operator.

use super::{MemoryReplayGuard, NumericDate, lock};
use crate::error::ReplayError;

/// What a [`MemoryReplayGuard`] holds and has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplayStatistics {
    /// Ids that take room now; one that expired or was released counts until it is dropped.
    pub stored: usize,
    /// Tokens refused because their id was present.
    pub refused: u64,
    /// Tokens refused because there was no room.
    pub full: u64,
    /// When the id that expires first does.
    pub next_expiry: Option<NumericDate>,
}

impl MemoryReplayGuard {
    /// What it holds and has done. Looks into every shard.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Unavailable`] if a thread panicked while it held a shard.
    pub fn statistics(&self) -> Result<ReplayStatistics, ReplayError> {
        let stored = self.quota.stored();
        let (mut refused, mut full, mut next) = (0, 0, None);
        for shard in &self.shards {
            let shard = lock(shard)?;
            refused += shard.refused;
            full += shard.full;
            next = next.into_iter().chain(shard.next_expiry()).min();
        }
        let next_expiry = next.and_then(|second| NumericDate::from_seconds(second.into()));
        Ok(ReplayStatistics { stored, refused, full, next_expiry })
    }
}
