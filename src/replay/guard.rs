//! The contract of a replay guard: the id it keeps, the one atomic question and its answer.

use crate::crypto::sha256;
use crate::error::ReplayError;
use crate::numeric_date::NumericDate;
use core::fmt;
use core::future::Future;
use std::borrow::Cow;
use std::sync::Arc;

/// What a guard knows a token by: issuer, scope and `jti`, never the token's text.
///
/// It borrows its parts from the claims and the rules; a store that keeps one takes
/// [`into_owned`](Self::into_owned), or its [`digest`](Self::digest).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ReplayId<'a> {
    issuer: Cow<'a, str>,
    scope: Cow<'a, str>,
    jwt_id: Cow<'a, str>,
}

impl<'a> ReplayId<'a> {
    /// The id of a token. Tokens that are validated come with theirs; stores make some for tests.
    #[must_use]
    pub const fn new(issuer: &'a str, scope: &'a str, jwt_id: &'a str) -> Self {
        Self {
            issuer: Cow::Borrowed(issuer),
            scope: Cow::Borrowed(scope),
            jwt_id: Cow::Borrowed(jwt_id),
        }
    }

    /// The same id, which borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> ReplayId<'static> {
        fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
            Cow::Owned(text.into_owned())
        }
        let Self { issuer, scope, jwt_id } = self;
        ReplayId { issuer: owned(issuer), scope: owned(scope), jwt_id: owned(jwt_id) }
    }

    /// The verified `iss`; empty if the token has none.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The place of use that the rules name; empty if they name none.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The verified `jti`, 1 to 256 octets.
    #[must_use]
    pub fn jwt_id(&self) -> &str {
        &self.jwt_id
    }

    /// Which way of making a [`digest`](Self::digest) this is: for stores to keep beside the ids, so that no
    /// later release takes them for something else.
    pub const DIGEST_VERSION: u32 = 1;

    /// A key of 32 octets for stores: SHA-256 over the three parts with the lengths of the first two, so
    /// that no two ids share one by where they are cut.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.hashed_by(sha256::digest)
    }

    pub(crate) fn hashed_by<H>(&self, hash: impl FnOnce(&[&[u8]]) -> H) -> H {
        let (issuer, scope) = (Length::of(&self.issuer), Length::of(&self.scope));
        hash(&[
            issuer.bytes(),
            self.issuer.as_bytes(),
            scope.bytes(),
            self.scope.as_bytes(),
            self.jwt_id.as_bytes(), // ends where the hashed octets end
        ])
    }
}

/// A length in one octet, or after the octet 255 in eight: with ids as they are, all that is hashed
/// fits one block.
struct Length([u8; 9]);

impl Length {
    fn of(text: &str) -> Self {
        let mut bytes = [u8::MAX; 9];
        match u8::try_from(text.len()) {
            Ok(length) if length < u8::MAX => bytes[0] = length,
            _ => {
                let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
                bytes[1..].copy_from_slice(&length.to_be_bytes());
            }
        }
        Self(bytes)
    }

    fn bytes(&self) -> &[u8] {
        match self.0[0] {
            u8::MAX => &self.0,
            _ => &self.0[..1],
        }
    }
}

impl fmt::Debug for ReplayId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplayId(<redacted>)")
    }
}

/// A pointer to a guard: a reference, or an [`Arc`]. Its clone is the same guard.
///
/// A guard itself is none, even one that implements `Clone`: a copy of a map of ids would accept each of them
/// again.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no pointer to a guard",
    label = "a reference or an `Arc` is needed here",
    note = "put the guard behind an `Arc`, once for the whole process"
)]
pub trait SharedGuard: Clone + sealed::Pointer {}

impl<G: ?Sized> SharedGuard for &G {}
impl<G: ?Sized> SharedGuard for Arc<G> {}

pub(crate) mod sealed {
    use std::sync::Arc;

    pub trait Pointer {
        type Target: ?Sized;
    }

    impl<G: ?Sized> Pointer for &G {
        type Target = G;
    }

    impl<G: ?Sized> Pointer for Arc<G> {
        type Target = G;
    }
}

/// A guard's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use = "a token whose id was already present has to be refused"]
pub enum Insertion {
    /// The id was not there, and now is.
    Inserted,
    /// The id was there.
    AlreadyPresent,
}

/// Remembers the ids of tokens that were used.
///
/// A guard is shared by everything that accepts the same tokens. It has to be exact: an id that was
/// inserted is present until its time has passed, whatever else happens, and a guard that cannot say
/// so fails. A guard that implements `Clone` gives handles to the same ids.
pub trait ReplayGuard: Send + Sync {
    /// Inserts the id if it is not present, in one atomic step: of any number of callers at once
    /// exactly one is told [`Insertion::Inserted`].
    ///
    /// The id stays present as long as the time is before `keep_until`. `now` is the time by which the
    /// token is used. An id whose time has passed by the guard's own clock is not inserted.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Full`] if there is no room: a live id is never dropped to make some.
    /// [`ReplayError::ClockBehind`] if the id's time has passed by the guard's own clock.
    /// [`ReplayError::Unavailable`] if the guard cannot answer for certain.
    fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError>;

    /// Removes the id, as if its token had not been used. Removing an absent one is no error.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Unavailable`] if the guard cannot answer; the id then counts as present. Do not ask
    /// again: a store behind a network may carry out the first release late, when the token was taken anew.
    fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError>;
}

/// The async twin of [`ReplayGuard`], with the same contract. It requires no runtime.
///
/// A guard can be both. Where both traits are imported, a call names the one that it means:
///
/// ```
/// use strict_jose::{
///     AsyncReplayGuard, Insertion, MemoryReplayGuard, NumericDate, ReplayError, ReplayGuard, ReplayId,
/// };
/// use std::time::Duration;
///
/// async fn both(guard: &MemoryReplayGuard, now: NumericDate) -> Result<(), ReplayError> {
///     let (id, until) = (ReplayId::new("as", "", "7f3a"), now.saturating_add(Duration::from_secs(60)));
///     let first = ReplayGuard::insert_if_absent(guard, &id, until, now)?;
///     let second = AsyncReplayGuard::insert_if_absent(guard, &id, until, now).await?;
///     assert_eq!((first, second), (Insertion::Inserted, Insertion::AlreadyPresent));
///     Ok(())
/// }
/// ```
pub trait AsyncReplayGuard: Send + Sync {
    /// As [`ReplayGuard::insert_if_absent`].
    ///
    /// # Errors
    ///
    /// As [`ReplayGuard::insert_if_absent`].
    fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> impl Future<Output = Result<Insertion, ReplayError>> + Send;

    /// As [`ReplayGuard::release`].
    ///
    /// # Errors
    ///
    /// As [`ReplayGuard::release`].
    fn release(&self, id: &ReplayId<'_>) -> impl Future<Output = Result<(), ReplayError>> + Send;
}

macro_rules! guard_through_pointer {
    ($($pointer:ty),*) => {$(
        impl<G: ReplayGuard + ?Sized> ReplayGuard for $pointer {
            fn insert_if_absent(
                &self,
                id: &ReplayId<'_>,
                keep_until: NumericDate,
                now: NumericDate,
            ) -> Result<Insertion, ReplayError> {
                (**self).insert_if_absent(id, keep_until, now)
            }

            fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
                (**self).release(id)
            }
        }

        impl<G: AsyncReplayGuard> AsyncReplayGuard for $pointer {
            async fn insert_if_absent(
                &self,
                id: &ReplayId<'_>,
                keep_until: NumericDate,
                now: NumericDate,
            ) -> Result<Insertion, ReplayError> {
                (**self).insert_if_absent(id, keep_until, now).await
            }

            async fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
                (**self).release(id).await
            }
        }
    )*};
}

guard_through_pointer!(&G, Arc<G>);
