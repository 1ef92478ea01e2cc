//! The rule of a validation about replay: none, or each token once. Its type fits it to the plain or the
//! async calls.

use crate::numeric_date::NumericDate;
use crate::replay::{AfterRestart, SharedGuard};
use core::fmt;
use std::sync::Arc;

/// The rule of a [`Validation`](crate::Validation) that accepts tokens as often as they come.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoReplayProtection;

/// The rule of a [`Validation`](crate::Validation) that accepts each token once.
pub struct SingleUse<G> {
    guard: G,
    scope: Arc<str>,
    jwt_id_required: bool,
    issued_after: Option<NumericDate>,
}

impl<G> SingleUse<G> {
    pub(crate) fn new(guard: G, restart: AfterRestart<G>, jwt_id_required: bool) -> Self {
        let issued_after = restart.issued_after();
        Self { guard, scope: Arc::default(), jwt_id_required, issued_after }
    }

    pub(crate) fn set_scope(&mut self, scope: String) {
        self.scope = scope.into();
    }

    pub(crate) fn guard(&self) -> &G {
        &self.guard
    }
}

/// A guard that was copied would accept what the first has used: rules with one of their own cannot be cloned.
impl<G: SharedGuard> Clone for SingleUse<G> {
    fn clone(&self) -> Self {
        let Self { guard, scope, jwt_id_required, issued_after } = self;
        let (guard, scope) = (guard.clone(), Arc::clone(scope));
        Self { guard, scope, jwt_id_required: *jwt_id_required, issued_after: *issued_after }
    }
}

impl<G> fmt::Debug for SingleUse<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleUse").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// A replay rule for the plain calls: none, or one with a [`ReplayGuard`](crate::ReplayGuard).
pub trait ReplayCheck: sealed::ReplayRule + sealed::Guarded {}
impl<R: sealed::ReplayRule + sealed::Guarded> ReplayCheck for R {}

/// A replay rule for the calls that end in `_async`: none, or one with an [`AsyncReplayGuard`](crate::AsyncReplayGuard).
pub trait AsyncReplayCheck: sealed::ReplayRule + sealed::GuardedAsync {}
impl<R: sealed::ReplayRule + sealed::GuardedAsync> AsyncReplayCheck for R {}

pub(crate) mod sealed {
    use super::{NoReplayProtection, SingleUse};
    use crate::error::ReplayError;
    use crate::numeric_date::NumericDate;
    use crate::replay::{AsyncReplayGuard, Insertion, ReplayGuard, ReplayId};
    use std::sync::Arc;

    pub trait ReplayRule {
        /// Whether the token is to be accepted once, given whether it has a `jti`.
        fn identifies(&self, has_jwt_id: bool) -> bool;
        fn scope(&self) -> Arc<str>;
        /// What `iat` has to lie after, for tokens to be accepted once.
        fn issued_after(&self) -> Option<NumericDate>;
    }

    /// The guard of the rules, for the plain calls.
    pub trait Guarded {
        type Guard: ReplayGuard;
        fn guard(&self) -> Option<&Self::Guard>;
    }

    /// The guard of the rules, for the calls that end in `_async`.
    pub trait GuardedAsync {
        type Guard: AsyncReplayGuard;
        fn guard(&self) -> Option<&Self::Guard>;
    }

    /// The guard of rules that have none. There is no value of it, so none that answers.
    pub enum Nobody {}

    impl ReplayGuard for Nobody {
        fn insert_if_absent(
            &self,
            _: &ReplayId<'_>,
            _: NumericDate,
            _: NumericDate,
        ) -> Result<Insertion, ReplayError> {
            match *self {}
        }

        fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
            match *self {}
        }
    }

    impl AsyncReplayGuard for Nobody {
        async fn insert_if_absent(
            &self,
            _: &ReplayId<'_>,
            _: NumericDate,
            _: NumericDate,
        ) -> Result<Insertion, ReplayError> {
            match *self {}
        }

        async fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
            match *self {}
        }
    }

    impl ReplayRule for NoReplayProtection {
        fn identifies(&self, _: bool) -> bool {
            false
        }

        fn scope(&self) -> Arc<str> {
            Arc::default()
        }

        fn issued_after(&self) -> Option<NumericDate> {
            None
        }
    }

    impl<G> ReplayRule for SingleUse<G> {
        fn identifies(&self, has_jwt_id: bool) -> bool {
            self.jwt_id_required || has_jwt_id
        }

        fn scope(&self) -> Arc<str> {
            Arc::clone(&self.scope)
        }

        fn issued_after(&self) -> Option<NumericDate> {
            self.issued_after
        }
    }

    impl Guarded for NoReplayProtection {
        type Guard = Nobody;

        fn guard(&self) -> Option<&Nobody> {
            None
        }
    }

    impl GuardedAsync for NoReplayProtection {
        type Guard = Nobody;

        fn guard(&self) -> Option<&Nobody> {
            None
        }
    }

    impl<G: ReplayGuard> Guarded for SingleUse<G> {
        type Guard = G;

        fn guard(&self) -> Option<&G> {
            Some(&self.guard)
        }
    }

    impl<G: AsyncReplayGuard> GuardedAsync for SingleUse<G> {
        type Guard = G;

        fn guard(&self) -> Option<&G> {
            Some(&self.guard)
        }
    }
}
