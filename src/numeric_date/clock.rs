//! Where the time comes from.

use super::NumericDate;
use crate::error::Error;
use core::fmt;
use std::sync::Arc;

/// Where the time comes from: the system, a source of your own, or a time that stands still.
///
/// ```
/// use strict_jose::{Clock, NumericDate};
/// use std::time::SystemTime;
///
/// let clock = Clock::new(|| {
///     let since_epoch = SystemTime::UNIX_EPOCH.elapsed().ok()?;
///     NumericDate::from_duration(since_epoch)
/// });
/// assert!(clock.now()? >= NumericDate::from_seconds(1_700_000_000).unwrap());
/// # Ok::<(), strict_jose::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Clock(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    System,
    Fixed(NumericDate),
    Own(Arc<dyn Fn() -> Option<NumericDate> + Send + Sync>),
}

impl Clock {
    /// The system's clock, which every call asks anew.
    pub const SYSTEM: Self = Self(Source::System);

    /// A source of your own; `None` means that it has no time.
    pub fn new(now: impl Fn() -> Option<NumericDate> + Send + Sync + 'static) -> Self {
        Self(Source::Own(Arc::new(now)))
    }

    /// A time that stands still: for a single call, and for tests. Kept longer, it lets no token expire.
    #[must_use]
    pub const fn fixed(now: NumericDate) -> Self {
        Self(Source::Fixed(now))
    }

    /// The time.
    ///
    /// # Errors
    ///
    /// [`Error::ClockUnavailable`] if there is none.
    pub fn now(&self) -> Result<NumericDate, Error> {
        match &self.0 {
            Source::System => NumericDate::now(),
            Source::Fixed(now) => Ok(*now),
            Source::Own(now) => now().ok_or(Error::ClockUnavailable),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::System => f.write_str("Clock(system)"),
            Source::Fixed(now) => f.debug_tuple("Clock").field(now).finish(),
            Source::Own(_) => f.write_str("Clock(own)"),
        }
    }
}
