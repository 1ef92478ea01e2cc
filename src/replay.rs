//! Each token once: who keeps the ids, and what is asked of them (RFC 7519 section 4.1.7).
//!
//! The guard's one question is atomic: insert this id if it is not there. It is asked after every
//! other rule has held, and any answer but "inserted" refuses the token.

#[cfg(feature = "replay-contract")]
pub mod contract;
mod guard;
mod memory;
mod reservation;
mod restart;
mod statistics;

pub use guard::{AsyncReplayGuard, Insertion, ReplayGuard, ReplayId, SharedGuard};
pub use memory::MemoryReplayGuard;
pub(crate) use reservation::Inserted;
pub use reservation::Reservation;
pub(crate) use restart::ready_from;
pub use restart::{AfterRestart, Remembers};
pub use statistics::{Monitored, ReplayCounters, ReplayStatistics};
