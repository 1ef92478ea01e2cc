//! How far a clock may be off (RFC 7519 sections 4.1.4 and 4.1.5: "a few minutes").

use crate::error::RuleError;
use core::time::Duration;

/// How far an issuer's clock may be off: 5 minutes at most.
///
/// ```
/// use std::time::Duration;
/// use strict_jose::Leeway;
///
/// assert_eq!(Leeway::new(Duration::from_secs(30))?.as_duration().as_secs(), 30);
/// assert!(Leeway::new(Duration::from_secs(301)).is_err());
/// # Ok::<(), strict_jose::RuleError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leeway(Duration);

impl Leeway {
    /// None: clocks are right to within their resolution.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// The most that is accepted: 5 minutes.
    pub const MAX: Self = Self(Duration::from_secs(300));

    /// A leeway of this length.
    ///
    /// # Errors
    ///
    /// [`RuleError::LeewayTooLong`] above 300 seconds.
    pub const fn new(leeway: Duration) -> Result<Self, RuleError> {
        if leeway.as_nanos() > Self::MAX.0.as_nanos() {
            return Err(RuleError::LeewayTooLong);
        }
        Ok(Self(leeway))
    }

    /// The leeway as a duration.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        self.0
    }
}
