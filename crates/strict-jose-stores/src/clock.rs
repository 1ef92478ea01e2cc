//! The seconds that a guard on a store goes by.

use core::sync::atomic::{AtomicI64, Ordering};
use strict_jose::NumericDate;

/// The latest second that any call has named: a clock that is set back brings no id back.
#[derive(Default)]
pub(super) struct LatestSecond(AtomicI64);

impl LatestSecond {
    /// The latest second, this one included.
    pub(super) fn advance_to(&self, now: NumericDate) -> i64 {
        let now = signed(now.seconds());
        self.0.fetch_max(now, Ordering::Relaxed).max(now)
    }
}

/// The first whole second that is not before this time, for stores that count with a sign.
pub(super) fn second_from(time: NumericDate) -> i64 {
    signed(time.ceil_seconds())
}

/// No `NumericDate` is after the year 9999.
fn signed(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}
