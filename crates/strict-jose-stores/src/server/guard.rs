//! What makes a guard of the crate of a struct around a server.

/// Makes a guard of the crate's of a struct around a [`ServerGuard`](super::ServerGuard).
macro_rules! server_guard {
    ($guard:ident) => {
        const _: () = {
            use strict_jose::{
                AsyncReplayGuard, Insertion, Monitored, NumericDate, Remembers, ReplayError,
                ReplayGuard, ReplayId, ReplayStatistics,
            };

            impl Remembers for $guard {}

            /// What this process was answered; what other processes were, and what the server holds, is not
            /// asked. A call that was dropped before its answer is not counted.
            impl Monitored for $guard {
                fn statistics(&self) -> ReplayStatistics {
                    self.0.statistics()
                }
            }

            impl ReplayGuard for $guard {
                fn insert_if_absent(
                    &self,
                    id: &ReplayId<'_>,
                    keep_until: NumericDate,
                    now: NumericDate,
                ) -> Result<Insertion, ReplayError> {
                    ReplayGuard::insert_if_absent(&self.0, id, keep_until, now)
                }

                fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
                    ReplayGuard::release(&self.0, id)
                }
            }

            impl AsyncReplayGuard for $guard {
                async fn insert_if_absent(
                    &self,
                    id: &ReplayId<'_>,
                    keep_until: NumericDate,
                    now: NumericDate,
                ) -> Result<Insertion, ReplayError> {
                    AsyncReplayGuard::insert_if_absent(&self.0, id, keep_until, now).await
                }

                async fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
                    AsyncReplayGuard::release(&self.0, id).await
                }
            }

            impl core::fmt::Debug for $guard {
                fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                    f.debug_struct(stringify!($guard)).finish_non_exhaustive()
                }
            }
        };
    };
}
pub(crate) use server_guard;
