//! Guards made of guards: an async one asked plainly, and one store by several handles.

use super::super::ReplayId;
use super::{AsyncReplayGuard, Insertion, NumericDate, Question, ReplayGuard};
use crate::error::ReplayError;
use core::sync::atomic::{AtomicUsize, Ordering};

/// An async guard asked plainly: each call is brought to its end by the runner, on the caller's thread.
///
/// The runner is called by many threads at once. With a runtime it is its `block_on`:
/// `Blocking::new(guard, |question| runtime.block_on(question))`.
pub struct Blocking<G, R> {
    guard: G,
    run: R,
}

impl<G: AsyncReplayGuard, R: Fn(Question<'_>) + Send + Sync> Blocking<G, R> {
    /// A plain guard of an async one and a runner.
    #[must_use]
    pub fn new(guard: G, run: R) -> Self {
        Self { guard, run }
    }

    pub(super) fn guard(&self) -> &G {
        &self.guard
    }

    pub(super) fn run(&self, question: Question<'_>) {
        (self.run)(question);
    }
}

impl<G: AsyncReplayGuard, R: Fn(Question<'_>) + Send + Sync> ReplayGuard for Blocking<G, R> {
    fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        let mut answer = Err(ReplayError::UNAVAILABLE);
        self.run(Box::pin(async {
            answer = self.guard.insert_if_absent(id, keep_until, now).await;
        }));
        answer
    }

    fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        let mut answer = Err(ReplayError::UNAVAILABLE);
        self.run(Box::pin(async { answer = self.guard.release(id).await }));
        answer
    }
}

/// Several handles of one store as one guard: each call goes to the next of them, so that what one
/// handle has inserted the others are asked about.
pub struct Handles<G> {
    handles: Vec<G>,
    calls: AtomicUsize,
}

impl<G: ReplayGuard> Handles<G> {
    /// A guard of these handles; without any it is unavailable.
    #[must_use]
    pub fn new(handles: impl IntoIterator<Item = G>) -> Self {
        Self { handles: handles.into_iter().collect(), calls: AtomicUsize::new(0) }
    }

    fn next(&self) -> Result<&G, ReplayError> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let next = call.checked_rem(self.handles.len()).ok_or(ReplayError::UNAVAILABLE)?;
        self.handles.get(next).ok_or(ReplayError::UNAVAILABLE)
    }
}

impl<G: ReplayGuard> ReplayGuard for Handles<G> {
    fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        self.next()?.insert_if_absent(id, keep_until, now)
    }

    fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        self.next()?.release(id)
    }
}
