//! A token's id: asked about last, and given back unless the work behind the token succeeds.

use crate::{Error, Insertion, NumericDate, ReplayError, ReplayGuard, ReplayId};

/// Has the rules name the token's replay id and bound its lifetime. The guard itself is asked by the
/// profile, once its own rules have held as well: replay comes last.
pub(super) struct AskedLater;

impl ReplayGuard for AskedLater {
    fn insert_if_absent(
        &self,
        _: &ReplayId,
        _: NumericDate,
        _: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        Ok(Insertion::Inserted)
    }

    fn release(&self, _: &ReplayId) -> Result<(), ReplayError> {
        Ok(())
    }
}

/// The guard's answer as the token's fate.
pub(super) fn inserted(answer: Result<Insertion, ReplayError>) -> Result<(), Error> {
    match answer? {
        Insertion::Inserted => Ok(()),
        Insertion::AlreadyPresent => Err(Error::Replayed),
    }
}

/// An id that was inserted, if the token has one. Dropped before it is kept, it is given back.
pub(super) struct Held<G: ReplayGuard> {
    guard: G,
    id: Option<ReplayId>,
}

impl<G: ReplayGuard> Held<G> {
    pub(super) fn new(guard: G, id: Option<ReplayId>) -> Self {
        Self { guard, id }
    }

    pub(super) fn keep(mut self) {
        self.id = None;
    }

    pub(super) fn release(mut self) -> Result<(), ReplayError> {
        // Taken first: a second release, by `drop`, could give back the next use of the id.
        self.id.take().map_or(Ok(()), |id| self.guard.release(&id))
    }
}

impl<G: ReplayGuard> Drop for Held<G> {
    fn drop(&mut self) {
        if let Some(id) = self.id.take() {
            // A guard that fails keeps the id: refusing once too often is the safe side.
            self.guard.release(&id).ok();
        }
    }
}
