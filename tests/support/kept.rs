//! A guard in memory that stands for one on a shared store: what a restart does is not what its tests are about.

use std::ops::Deref;
use std::sync::Arc;
use strict_jose::{
    AfterRestart, AsyncReplayGuard, Insertion, NumericDate, Remembers, ReplayError, ReplayGuard,
    ReplayId, SingleUse, Validation,
};

#[derive(Debug, Default)]
pub struct Kept<G>(pub G);

impl<G> Remembers for Kept<G> {}

impl<G> Deref for Kept<G> {
    type Target = G;

    fn deref(&self) -> &G {
        &self.0
    }
}

impl<G: ReplayGuard> ReplayGuard for Kept<G> {
    fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        self.0.insert_if_absent(id, keep_until, now)
    }

    fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        self.0.release(id)
    }
}

impl<G: AsyncReplayGuard> AsyncReplayGuard for Kept<G> {
    async fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        self.0.insert_if_absent(id, keep_until, now).await
    }

    async fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        self.0.release(id).await
    }
}

/// Single use by a guard that is taken to remember.
#[allow(dead_code, reason = "the profiles make their rules themselves")]
pub trait Once {
    fn once<G>(self, guard: G) -> Validation<SingleUse<Arc<Kept<G>>>>;
    fn once_if_jti_present<G>(self, guard: G) -> Validation<SingleUse<Arc<Kept<G>>>>;
}

impl Once for Validation {
    fn once<G>(self, guard: G) -> Validation<SingleUse<Arc<Kept<G>>>> {
        self.single_use(Arc::new(Kept(guard)), AfterRestart::remembered())
    }

    fn once_if_jti_present<G>(self, guard: G) -> Validation<SingleUse<Arc<Kept<G>>>> {
        self.single_use_if_jti_present(Arc::new(Kept(guard)), AfterRestart::remembered())
    }
}
