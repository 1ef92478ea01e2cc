//! NumericDate: seconds since 1970-01-01T00:00:00Z, in exact arithmetic (RFC 7519 section 2).

mod clock;

pub use clock::Clock;

use crate::error::{ClaimProblem, Error};
use core::time::Duration;
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;

/// A point in time from 1970 to the year 9999, exact to the nanosecond.
///
/// ```
/// use strict_jose::NumericDate;
///
/// let date = NumericDate::from_seconds(1_466_684_723).unwrap();
/// assert_eq!(date.seconds(), 1_466_684_723);
/// assert_eq!(NumericDate::from_seconds(1_466_684_723_000), None); // those were milliseconds
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumericDate(Duration);

/// 9999-12-31T23:59:59Z, the last second that RFC 3339 can write.
const LAST_SECOND: u64 = 253_402_300_799;

/// Above this no reading as milliseconds is a date of our time (it would be the year 5138).
const LAST_MILLISECONDS: u64 = 100_000_000_000_000;

impl NumericDate {
    /// The time by the system's clock.
    ///
    /// # Errors
    ///
    /// [`Error::ClockUnavailable`] if the platform has no clock (`wasm32-unknown-unknown`), or it
    /// shows a time before 1970 or after 9999.
    pub fn now() -> Result<Self, Error> {
        system_clock::since_epoch()
            .filter(|since| since.as_secs() <= LAST_SECOND)
            .map(Self)
            .ok_or(Error::ClockUnavailable)
    }

    /// Whole seconds; `None` after the year 9999.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Option<Self> {
        if seconds > LAST_SECOND { None } else { Some(Self(Duration::from_secs(seconds))) }
    }

    /// The time since the epoch; `None` after the year 9999.
    #[must_use]
    pub const fn from_duration(since_epoch: Duration) -> Option<Self> {
        if since_epoch.as_secs() > LAST_SECOND { None } else { Some(Self(since_epoch)) }
    }

    /// The whole seconds, any fraction cut off.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0.as_secs()
    }

    /// The first whole second that is not before this time: for a store that keeps ids by the second, and
    /// must not drop one a fraction early.
    ///
    /// ```
    /// use std::time::Duration;
    /// use strict_jose::NumericDate;
    ///
    /// let date = NumericDate::from_duration(Duration::from_millis(1_500)).unwrap();
    /// assert_eq!((date.seconds(), date.ceil_seconds()), (1, 2));
    /// ```
    #[must_use]
    pub const fn ceil_seconds(self) -> u64 {
        match self.0.subsec_nanos() {
            0 => self.0.as_secs(),
            _ => self.0.as_secs() + 1, // no time is after the year 9999
        }
    }

    /// The time since the epoch, exactly.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        self.0
    }

    /// This time and so much later; the year 9999 is the latest there is.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let last = Duration::from_secs(LAST_SECOND);
        Self(self.0.checked_add(duration).map_or(last, |sum| sum.min(last)))
    }

    /// How much later this is than the other; zero if it is not.
    #[must_use]
    pub fn saturating_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    pub(crate) fn without_fraction(self) -> Self {
        Self(Duration::from_secs(self.seconds()))
    }

    /// Reads a JSON number exactly, in any of its forms: `1`, `1.5`, `15e-1`.
    pub(crate) fn parse(number: &str) -> Result<Self, ClaimProblem> {
        let since_epoch = decimal(number)?;
        match since_epoch.as_secs() {
            0..=LAST_SECOND => Ok(Self(since_epoch)),
            seconds if seconds < LAST_MILLISECONDS => Err(ClaimProblem::LooksLikeMilliseconds),
            _ => Err(ClaimProblem::OutOfRange),
        }
    }

    /// The same, with a number that can only be milliseconds taken as such.
    pub(crate) fn parse_with_milliseconds(number: &str) -> Result<Self, ClaimProblem> {
        match Self::parse(number) {
            Err(ClaimProblem::LooksLikeMilliseconds) => Ok(Self(decimal(number)? / 1000)),
            other => other,
        }
    }
}

/// The exact value of a JSON number that is not negative, below 10^17 and no finer than a nanosecond.
fn decimal(number: &str) -> Result<Duration, ClaimProblem> {
    // Nearly every date is whole seconds in so few digits; JSON has no plus that would parse, too.
    if number.len() <= 17
        && let Ok(seconds) = number.parse()
    {
        return Ok(Duration::from_secs(seconds));
    }
    // Not through `f64`: near the dates of today its steps are a fourth of a microsecond.
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (number, 0),
    };
    if mantissa.starts_with('-') {
        return Err(ClaimProblem::OutOfRange);
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    // The number is the digits times ten to the power of `scale`, the zeros at both ends removed.
    let fraction = fraction.trim_end_matches('0');
    let digits = [whole, fraction].concat();
    let significant = digits.trim_start_matches('0');
    let trailing = significant.len() - significant.trim_end_matches('0').len();
    let significant = significant.trim_end_matches('0');
    if significant.is_empty() {
        return Ok(Duration::ZERO);
    }
    let places = |count: usize| i64::try_from(count).map_err(|_| ClaimProblem::OutOfRange);
    // The exponent fits `i32` and the lengths fit memory, so sums in `i64` do not overflow.
    let scale = exponent - places(fraction.len())? + places(trailing)?;
    // Nanoseconds are 10^-9; 26 digits hold more than every reading that gets an answer of its own.
    // A negative shift means digits finer than a nanosecond, which would have to be rounded.
    let shift = u32::try_from(scale + 9).map_err(|_| ClaimProblem::OutOfRange)?;
    if places(significant.len())? + i64::from(shift) > 26 {
        return Err(ClaimProblem::OutOfRange);
    }
    let digits: u128 = significant.parse().map_err(|_| ClaimProblem::OutOfRange)?;
    let nanoseconds = digits * 10_u128.pow(shift); // below 10^26, u128 holds 10^38
    let seconds = u64::try_from(nanoseconds / NANOSECONDS).map_err(|_| ClaimProblem::OutOfRange)?;
    let fraction =
        u32::try_from(nanoseconds % NANOSECONDS).map_err(|_| ClaimProblem::OutOfRange)?;
    Ok(Duration::new(seconds, fraction))
}

const NANOSECONDS: u128 = 1_000_000_000;

fn parse_exponent(text: &str) -> Result<i64, ClaimProblem> {
    let exponent: i32 = text.parse().map_err(|_| ClaimProblem::OutOfRange)?;
    Ok(i64::from(exponent))
}

impl Serialize for NumericDate {
    /// A JSON number: whole seconds without a fraction, others with all their digits.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (seconds, fraction) = (self.0.as_secs(), self.0.subsec_nanos());
        if fraction == 0 {
            return serializer.serialize_u64(seconds);
        }
        let text = format!("{seconds}.{fraction:09}");
        let number = RawValue::from_string(text.trim_end_matches('0').to_owned());
        number.map_err(S::Error::custom)?.serialize(serializer)
    }
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod system_clock {
    use core::time::Duration;
    use std::time::SystemTime;

    pub(super) fn since_epoch() -> Option<Duration> {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()
    }
}

/// There `SystemTime::now` panics.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod system_clock {
    use core::time::Duration;

    pub(super) fn since_epoch() -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(number: &str) -> Result<(u64, u32), ClaimProblem> {
        NumericDate::parse(number).map(|date| (date.0.as_secs(), date.0.subsec_nanos()))
    }

    #[test]
    fn numbers_are_read_exactly() {
        assert_eq!(parts("0"), Ok((0, 0)));
        assert_eq!(parts("1466684723"), Ok((1_466_684_723, 0)));
        assert_eq!(parts("1611813786.883"), Ok((1_611_813_786, 883_000_000)));
        assert_eq!(parts("1.000000001"), Ok((1, 1)));
        assert_eq!(parts("1.0000000010000"), Ok((1, 1)));
        assert_eq!(parts("15e-1"), Ok((1, 500_000_000)));
        assert_eq!(parts("1.5E+9"), Ok((1_500_000_000, 0)));
        assert_eq!(parts("150000000000e-2"), Ok((1_500_000_000, 0)));
        assert_eq!(parts("0.0e999"), Ok((0, 0)));
        assert_eq!(parts("253402300799"), Ok((253_402_300_799, 0)));
        assert_eq!(parts("253402300799.999999999"), Ok((253_402_300_799, 999_999_999)));
    }

    #[test]
    fn numbers_that_are_no_date_are_refused() {
        let digits = "9".repeat(400);
        for number in [
            "-1",
            "-0",
            "-0.0",
            "-1e-9",
            "1e308",
            "1e309",
            "1e400",
            "1e999999999",
            "1e99999999999",
            "1e-10",
            "5e-324",
            "1.0000000001",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            &digits,
            "100000000000000",
            "1e-999999999",
            "1e-99999999999",
        ] {
            assert_eq!(parts(number), Err(ClaimProblem::OutOfRange), "{number}");
        }
        for number in
            ["253402300800", "1611810186883", "1611813786883.5", "1.6e12", "99999999999999"]
        {
            assert_eq!(parts(number), Err(ClaimProblem::LooksLikeMilliseconds), "{number}");
        }
    }

    #[test]
    fn milliseconds_are_read_as_such_only_where_they_can_be_nothing_else() {
        let parts = |number: &str| {
            NumericDate::parse_with_milliseconds(number)
                .map(|date| (date.0.as_secs(), date.0.subsec_nanos()))
        };
        assert_eq!(parts("1611810186883"), Ok((1_611_810_186, 883_000_000)));
        assert_eq!(parts("1611810186883.5"), Ok((1_611_810_186, 883_500_000)));
        assert_eq!(parts("253402300799"), Ok((253_402_300_799, 0)));
        assert_eq!(parts("253402300800"), Ok((253_402_300, 800_000_000)));
        assert_eq!(parts("100000000000000"), Err(ClaimProblem::OutOfRange));
        assert_eq!(parts("-1611810186883"), Err(ClaimProblem::OutOfRange));
    }

    #[test]
    fn dates_are_written_exactly() {
        for number in ["0", "1466684723", "1611813786.883", "1.000000001", "253402300799"] {
            let date = NumericDate::parse(number).unwrap();
            assert_eq!(serde_json::to_string(&date).unwrap(), number);
        }
    }

    #[test]
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    fn now_is_the_time_of_the_systems_clock() {
        let system = || std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        let (before, now, after) = (system(), NumericDate::now().unwrap().0, system());
        assert!(before <= now && now <= after, "{before:?} {now:?} {after:?}");
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        let last = NumericDate::from_seconds(253_402_300_799).unwrap();
        assert_eq!(NumericDate::from_seconds(253_402_300_800), None);
        assert_eq!(last.saturating_add(Duration::MAX), last);
        assert_eq!(last.saturating_add(Duration::from_nanos(1)), last);
        let zero = NumericDate::from_seconds(0).unwrap();
        assert_eq!(zero.saturating_since(last), Duration::ZERO);
        assert_eq!(last.saturating_since(zero), Duration::from_secs(253_402_300_799));
    }
}
