//! What keeps a restart from letting a token through again.

use super::guard::SharedGuard;
use super::guard::sealed::Pointer;
use crate::numeric_date::NumericDate;
use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;
use std::sync::Arc;

/// A store that outlives the process: what it has acknowledged is there after a restart too.
///
/// A store of your own says so by an empty implementation; [`MemoryReplayGuard`](crate::MemoryReplayGuard)
/// cannot.
///
/// ```
/// struct Table;
/// impl strict_jose::Remembers for Table {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` forgets with its process what was used",
    label = "does not remember",
    note = "take `AfterRestart::only_issued_after(date)`, or a guard on a shared store"
)]
pub trait Remembers {}

impl<S: Remembers + ?Sized> Remembers for &S {}
impl<S: Remembers + ?Sized> Remembers for Arc<S> {}

/// What keeps a restart from letting a token through again: a date, or the store's own memory.
///
/// A guard in memory knows nothing of the tokens that were used before it was made. Of those that come with a
/// later `iat` than the time at which the last other process stopped accepting, none can have been used.
///
/// Two processes with guards in memory that accept tokens AT ONCE are never single-use, date or no date.
///
/// ```
/// use strict_jose::{AfterRestart, MemoryReplayGuard, NumericDate};
///
/// let guard = MemoryReplayGuard::with_capacity(100_000);
/// // The last process before this one has ended, so no token was used after now.
/// let restart: AfterRestart<MemoryReplayGuard> = AfterRestart::only_issued_after(NumericDate::now()?);
/// # drop((guard, restart));
/// # Ok::<(), strict_jose::Error>(())
/// ```
pub struct AfterRestart<S> {
    issued_after: Option<NumericDate>,
    store: PhantomData<fn(&S)>,
}

impl<S> AfterRestart<S> {
    /// Only tokens issued after this date are accepted: the time at which the last other process stops
    /// accepting them. So `iat` is required, also where nothing else does.
    ///
    /// Take the date anew at each start. One that was right for an earlier start is too early for this one, and lets
    /// in again what was used in between; none is right that lies before the guard was
    /// [made](crate::MemoryReplayGuard::created_at).
    ///
    /// A token's `iat` has to lie after the date by more than the leeway. A token that was used before the date had
    /// an `iat` no later than that use and the leeway, or it was rejected as issued in the future. So no
    /// token that was used has a later one, whatever its issuer's clock. What is rejected beside them, for a
    /// leeway of L seconds:
    ///
    /// - tokens issued before the date and not used, until they expire: their holders need new ones;
    /// - tokens issued in the L seconds after it, in 2 L if the issuer's clock is L behind, and a second
    ///   more, because `iat` is cut to whole seconds.
    ///
    /// Until [`ready_from`](Self::ready_from), as while the old process still serves, tokens are answered with
    /// [`ReplayError::NotReady`](crate::ReplayError::NotReady): keep the new process out of service until then.
    ///
    /// This process must not allow less leeway than the one before, nor may its clock be set back between
    /// the two: either opens the window again by as much.
    #[must_use]
    pub const fn only_issued_after(date: NumericDate) -> Self {
        Self { issued_after: Some(date), store: PhantomData }
    }

    /// The store remembers, so a restart changes nothing.
    ///
    /// All rules that share a guard and a scope, those of the next release too, need the same leeway and the same
    /// `max_age`. An id is kept as long as the rules accepted its token that used it: after either was raised, take
    /// [`only_issued_after`](Self::only_issued_after) once.
    #[must_use]
    pub const fn remembered() -> Self
    where
        S: Remembers,
    {
        Self { issued_after: None, store: PhantomData }
    }

    /// The same for a pointer to the store: a reference, or an [`Arc`].
    #[must_use]
    pub const fn through_pointer<P: SharedGuard + Pointer<Target = S>>(&self) -> AfterRestart<P> {
        AfterRestart { issued_after: self.issued_after, store: PhantomData }
    }

    /// From when on tokens can be accepted under rules of this leeway, if not at once: for a readiness probe.
    ///
    /// It is the first whole second after the date and the leeway. Before it, no token of an issuer whose clock is
    /// right has the `iat` that the date requires.
    #[must_use]
    pub fn ready_from(&self, leeway: Duration) -> Option<NumericDate> {
        self.issued_after.map(|date| ready_from(date, leeway))
    }

    /// The date after which tokens have to be issued, if there is one.
    #[must_use]
    pub const fn issued_after(&self) -> Option<NumericDate> {
        self.issued_after
    }
}

pub(crate) fn ready_from(date: NumericDate, leeway: Duration) -> NumericDate {
    date.saturating_add(leeway).without_fraction().saturating_add(Duration::from_secs(1))
}

impl<S> Clone for AfterRestart<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for AfterRestart<S> {}

impl<S> fmt::Debug for AfterRestart<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AfterRestart").field("issued_after", &self.issued_after).finish()
    }
}
