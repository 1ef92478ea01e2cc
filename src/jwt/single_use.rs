//! The rule of a validation about replay: none, or each token once. Its type fits it to the plain or the
//! async calls.

use crate::numeric_date::NumericDate;
use core::fmt;

/// The rule of a [`Validation`](crate::Validation) that takes tokens as often as they come.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoReplayProtection;

/// The rule of a [`Validation`](crate::Validation) that takes each token once.
#[derive(Clone)]
pub struct SingleUse<G> {
    guard: G,
    scope: String,
    jwt_id_required: bool,
    issued_after: Option<NumericDate>,
}

impl<G> SingleUse<G> {
    pub(crate) fn new(guard: G, jwt_id_required: bool) -> Self {
        Self { guard, scope: String::new(), jwt_id_required, issued_after: None }
    }

    pub(crate) fn set_scope(&mut self, scope: String) {
        self.scope = scope;
    }

    pub(crate) fn set_issued_after(&mut self, date: NumericDate) {
        self.issued_after = Some(date);
    }

    pub(crate) fn guard(&self) -> &G {
        &self.guard
    }
}

impl<G> fmt::Debug for SingleUse<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleUse").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// A replay rule for the plain calls: none, or one with a [`ReplayGuard`](crate::ReplayGuard).
pub trait ReplayCheck: sealed::ReplayRule + sealed::Ask {}
impl<R: sealed::ReplayRule + sealed::Ask> ReplayCheck for R {}

/// A replay rule for the calls that end in `_async`: none, or one with an [`AsyncReplayGuard`](crate::AsyncReplayGuard).
pub trait AsyncReplayCheck: sealed::ReplayRule + sealed::AskAsync {}
impl<R: sealed::ReplayRule + sealed::AskAsync> AsyncReplayCheck for R {}

pub(crate) mod sealed {
    use super::{NoReplayProtection, SingleUse};
    use crate::error::ReplayError;
    use crate::numeric_date::NumericDate;
    use crate::replay::{AsyncReplayGuard, Insertion, ReplayGuard, ReplayId};
    use core::future::Future;

    pub trait ReplayRule {
        /// Whether the token is to be taken once, given whether it has a `jti`.
        fn identifies(&self, has_jwt_id: bool) -> bool;
        fn scope(&self) -> &str;
        /// What `iat` has to lie after, for tokens to be taken once.
        fn issued_after(&self) -> Option<NumericDate>;
    }

    pub trait Ask {
        fn ask(
            &self,
            id: &ReplayId,
            keep_until: NumericDate,
            now: NumericDate,
        ) -> Result<Insertion, ReplayError>;
    }

    pub trait AskAsync {
        fn ask(
            &self,
            id: &ReplayId,
            keep_until: NumericDate,
            now: NumericDate,
        ) -> impl Future<Output = Result<Insertion, ReplayError>> + Send;
    }

    impl ReplayRule for NoReplayProtection {
        fn identifies(&self, _: bool) -> bool {
            false
        }

        fn scope(&self) -> &'static str {
            ""
        }

        fn issued_after(&self) -> Option<NumericDate> {
            None
        }
    }

    impl<G> ReplayRule for SingleUse<G> {
        fn identifies(&self, has_jwt_id: bool) -> bool {
            self.jwt_id_required || has_jwt_id
        }

        fn scope(&self) -> &str {
            &self.scope
        }

        fn issued_after(&self) -> Option<NumericDate> {
            self.issued_after
        }
    }

    /// Never asked: it identifies no token. Refuses if it ever were.
    impl Ask for NoReplayProtection {
        fn ask(
            &self,
            _: &ReplayId,
            _: NumericDate,
            _: NumericDate,
        ) -> Result<Insertion, ReplayError> {
            Err(ReplayError::Unavailable)
        }
    }

    impl AskAsync for NoReplayProtection {
        async fn ask(
            &self,
            _: &ReplayId,
            _: NumericDate,
            _: NumericDate,
        ) -> Result<Insertion, ReplayError> {
            Err(ReplayError::Unavailable)
        }
    }

    impl<G: ReplayGuard> Ask for SingleUse<G> {
        fn ask(
            &self,
            id: &ReplayId,
            keep_until: NumericDate,
            now: NumericDate,
        ) -> Result<Insertion, ReplayError> {
            self.guard.insert_if_absent(id, keep_until, now)
        }
    }

    impl<G: AsyncReplayGuard> AskAsync for SingleUse<G> {
        async fn ask(
            &self,
            id: &ReplayId,
            keep_until: NumericDate,
            now: NumericDate,
        ) -> Result<Insertion, ReplayError> {
            self.guard.insert_if_absent(id, keep_until, now).await
        }
    }
}
