//! The time that this thread has spent on a processor, to the nanosecond.
//!
//! What others do on the machine in between is not counted, so that a shared one will do.

use core::ffi::{c_int, c_long};
use core::time::Duration;

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: c_long,
}

unsafe extern "C" {
    fn clock_gettime(clock: c_int, time: *mut Timespec) -> c_int;
}

const CLOCK_THREAD_CPUTIME_ID: c_int = 3;

/// The time so far.
///
/// # Panics
///
/// If the system has no such clock; Linux has.
#[inline(always)]
pub fn now() -> Duration {
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    // SAFETY: the structure is the one that 64-bit Linux writes.
    let result = unsafe { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert!(result == 0, "no clock of the thread's time");
    Duration::new(time.seconds as u64, time.nanoseconds as u32)
}
