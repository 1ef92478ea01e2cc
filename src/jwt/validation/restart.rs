//! The rule for guards that begin empty: what was issued before them may have been used (RFC 7519
//! section 4.1.6).

use super::{SingleUse, Validation};
use crate::numeric_date::NumericDate;

impl<G> Validation<SingleUse<G>> {
    /// Tokens that are taken once must have an `iat` after this date by more than the leeway: for a guard
    /// that forgets with its process, so that a restart lets no token through again.
    ///
    /// A token that was used before the date had an `iat` no later than that use and the leeway, or it
    /// was refused as issued in the future; so no token that was used has a later one, whatever its
    /// issuer's clock. What is refused beside them, for a leeway of L seconds:
    ///
    /// - tokens issued before the date and not used, until they expire: their holders need new ones;
    /// - tokens issued in the L seconds after it, in 2 L if the issuer's clock is L behind, and a second
    ///   more where `iat` is cut to whole seconds.
    ///
    /// This process must not allow less leeway than the one before, nor its clock be set back between
    /// the two: either opens the window again by as much.
    ///
    /// ```
    /// use std::time::Duration;
    /// use strict_jose::{
    ///     Audience, Claims, Hs256Key, Issuer, MemoryReplayGuard, NoPrivateClaims, Validation, jwt,
    /// };
    ///
    /// let guard = MemoryReplayGuard::with_capacity(100_000);
    /// let began = guard.began_at()?;
    /// let rules = Validation::new(Issuer::exactly("as"), Audience::includes("api"))
    ///     .single_use(guard)
    ///     .issued_after(began);
    ///
    /// let key = Hs256Key::generate()?;
    /// let claims = Claims::expiring_in(Duration::from_secs(60)).issuer("as").audience("api");
    /// let token = jwt::sign(&claims.issued_at(began).random_jwt_id(), &key)?;
    /// let error = jwt::verify::<NoPrivateClaims>(&token, &key, &rules).unwrap_err();
    /// assert_eq!(error.code(), "claim.issued_too_early");
    /// # Ok::<(), strict_jose::Error>(())
    /// ```
    #[must_use]
    pub fn issued_after(mut self, date: NumericDate) -> Self {
        self.replay.set_issued_after(date);
        self
    }
}
