//! A store behind a connection: asked from any thread or task, answered in time or refused.
//!
//! The connections live on a thread of their own, so that a guard serves plain callers and those of
//! any async runtime alike, and so that a caller who goes away leaves no connection half-way.

mod guard;

use crate::clock::{LatestSecond, second_from};
use crate::error::{FORKED, StoreError};
use core::future::Future;
use core::mem;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::process;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Instant;
use strict_jose::{
    AsyncReplayGuard, Insertion, Monitored, NumericDate, ReplayCounters, ReplayError, ReplayGuard,
    ReplayId, ReplayStatistics, StoreFailure,
};
use tokio::runtime::{Builder, Handle};
use tokio::sync::{Mutex, oneshot};
use tokio::time::timeout;

pub(super) use guard::server_guard;

/// What a kind of server is asked.
pub(super) trait Backend: Send + Sync + 'static {
    type Connection: Send + Sync;

    /// Looks at the server once, before any connection is set up.
    fn look(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        async { Ok(()) }
    }

    fn connect(&self) -> impl Future<Output = Result<Self::Connection, StoreError>> + Send;

    /// Whether the server is known to have ended it, so that no request is lost on it.
    fn is_closed(connection: &Self::Connection) -> bool;

    /// Waits for an answer that changes nothing; false if the connection has ended.
    fn ping(connection: &Self::Connection) -> impl Future<Output = bool> + Send;

    fn insert(
        &self,
        connection: &Self::Connection,
        insert: &Insert,
    ) -> impl Future<Output = Result<Insertion, CallError>> + Send;

    fn release(
        &self,
        connection: &Self::Connection,
        id: &[u8; 32],
    ) -> impl Future<Output = Result<(), CallError>> + Send;
}

/// An id to be inserted.
pub(super) struct Insert {
    pub(super) id: [u8; 32],
    /// In seconds since 1970.
    pub(super) keep_until: i64,
    /// The latest second that a caller of this guard has named.
    pub(super) now: i64,
    /// From the caller's time on.
    #[cfg(feature = "redis")]
    pub(super) lifetime: Duration,
}

pub(super) enum CallError {
    /// The server's own word.
    Full,
    /// The connection had ended. Whether the server did what it was asked is unknown.
    Disconnected,
    /// Whether it did what it was asked is unknown, too: the connection is not used again.
    Failed(StoreFailure),
}

impl From<StoreError> for CallError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Disconnected => Self::Disconnected,
            error => Self::Failed(error.failure()),
        }
    }
}

/// A connection of which nobody has heard so long is asked whether it is there, before an id is staked on it: what
/// lies between may have dropped it without a word.
const QUIET: Duration = Duration::from_secs(5);

pub(super) struct ServerGuard<S: Backend> {
    shared: Arc<Shared<S>>,
    latest: LatestSecond,
    counters: ReplayCounters,
    runtime: Handle,
    /// The process whose thread the runtime runs on. A fork has a copy of all but the thread.
    process: u32,
    /// Ends the thread when dropped.
    end: Option<oneshot::Sender<()>>,
}

/// A connection, once there is one. Held while it is made.
type Slot<C> = Mutex<Option<Held<C>>>;

struct Held<C> {
    connection: Arc<C>,
    used_at: Instant,
}

impl<C> Held<C> {
    fn new(connection: C) -> Self {
        Self { connection: Arc::new(connection), used_at: Instant::now() }
    }
}

struct Shared<S: Backend> {
    backend: S,
    time_limit: Duration,
    connections: Box<[Slot<S::Connection>]>,
    next_slot: AtomicUsize,
}

impl<S: Backend> ServerGuard<S> {
    /// Waits until one connection is made.
    pub(super) fn connect(
        backend: S,
        time_limit: Duration,
        connections: usize,
    ) -> Result<Self, StoreError> {
        let (end, ended) = oneshot::channel::<()>();
        let (started, starting) = mpsc::sync_channel(1);
        // The runtime is made and dropped on its own thread: an async caller's may not drop one.
        let run = move || {
            let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
            if started.send(runtime.handle().clone()).is_ok() {
                let _ = runtime.block_on(ended);
            }
        };
        let thread = thread::Builder::new().name("replay guard".to_owned()).spawn(run);
        thread.map_err(|_| StoreError::Unavailable)?;
        let runtime = starting.recv().map_err(|_| StoreError::Unavailable)?;
        let connections = (0..connections.max(1)).map(|_| Mutex::default()).collect();
        let shared = Shared { backend, time_limit, connections, next_slot: AtomicUsize::new(0) };
        let guard = Self {
            shared: Arc::new(shared),
            latest: LatestSecond::default(),
            counters: ReplayCounters::default(),
            runtime,
            process: process::id(),
            end: Some(end),
        };
        let shared = Arc::clone(&guard.shared);
        let (sender, receiver) = mpsc::sync_channel(1);
        guard.runtime.spawn(async move { sender.send(shared.open().await) });
        receiver.recv().unwrap_or(Err(StoreError::Unavailable))?;
        Ok(guard)
    }

    /// A forked process would wait for an answer that no thread of its gives.
    fn check_process(&self) -> Result<(), ReplayError> {
        if self.process == process::id() { Ok(()) } else { Err(FORKED.into()) }
    }

    /// Runs the request on the guard's thread while this one waits.
    fn wait<T: Send + 'static>(
        &self,
        request: impl Future<Output = Result<T, ReplayError>> + Send + 'static,
    ) -> Result<T, ReplayError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.runtime.spawn(async move { sender.send(request.await) });
        receiver.recv().unwrap_or(Err(ReplayError::UNAVAILABLE)) // that thread is gone
    }

    /// As [`Self::wait`], while the task waits.
    async fn answer<T: Send + 'static>(
        &self,
        request: impl Future<Output = Result<T, ReplayError>> + Send + 'static,
    ) -> Result<T, ReplayError> {
        let (sender, receiver) = oneshot::channel();
        self.runtime.spawn(async move { sender.send(request.await) });
        receiver.await.unwrap_or(Err(ReplayError::UNAVAILABLE))
    }

    /// The request about an id.
    ///
    /// # Errors
    ///
    /// `ClockBehind` if its time has passed by the latest time seen: it may have come and gone.
    fn insertion(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<impl Future<Output = Result<Insertion, ReplayError>> + use<S>, ReplayError> {
        self.check_process()?;
        let insert = Insert {
            id: id.digest(),
            keep_until: second_from(keep_until),
            now: self.latest.advance_to(now),
            #[cfg(feature = "redis")]
            lifetime: keep_until.saturating_since(now),
        };
        if insert.keep_until <= insert.now {
            return Err(ReplayError::ClockBehind);
        }
        let shared = Arc::clone(&self.shared);
        Ok(async move { shared.insert(&insert).await })
    }

    fn removal(
        &self,
        id: &ReplayId<'_>,
    ) -> Result<impl Future<Output = Result<(), ReplayError>> + use<S>, ReplayError> {
        self.check_process()?;
        let (shared, id) = (Arc::clone(&self.shared), id.digest());
        Ok(async move { shared.release(&id).await })
    }
}

impl<S: Backend> Drop for ServerGuard<S> {
    /// In a forked process everything is left as it is: the thread may have been copied while it held a lock.
    fn drop(&mut self) {
        if self.check_process().is_err() {
            mem::forget(Arc::clone(&self.shared)); // one holder more, so that it is never dropped
            mem::forget(self.runtime.clone());
            mem::forget(self.end.take());
        }
    }
}

impl<S: Backend> Shared<S> {
    async fn open(&self) -> Result<(), StoreError> {
        let Some(slot) = self.connections.first() else {
            return Err(StoreError::Unavailable);
        };
        let connecting = timeout(self.time_limit, async {
            self.backend.look().await?;
            self.backend.connect().await
        })
        .await;
        let connection = connecting.unwrap_or(Err(StoreError::TimedOut))?;
        *slot.lock().await = Some(Held::new(connection));
        Ok(())
    }

    async fn insert(&self, insert: &Insert) -> Result<Insertion, ReplayError> {
        self.in_time(async {
            let slot = self.next_slot()?;
            let ask =
                async |connection: &S::Connection| self.backend.insert(connection, insert).await;
            match self.call(slot, ask).await {
                // A connection can end while nobody asks, and costs no token. If the first attempt was carried
                // out, the second finds the id present: then it is not known whose it is.
                Err(CallError::Disconnected) => match self.call(slot, ask).await? {
                    Insertion::Inserted => Ok(Insertion::Inserted),
                    Insertion::AlreadyPresent => Err(CallError::Disconnected),
                },
                answer => answer,
            }
        })
        .await
    }

    async fn release(&self, id: &[u8; 32]) -> Result<(), ReplayError> {
        // Once: a second attempt could give back what was used again meanwhile.
        self.in_time(async {
            let slot = self.next_slot()?;
            self.call(slot, async |connection| self.backend.release(connection, id).await).await
        })
        .await
    }

    async fn in_time<T>(
        &self,
        asking: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, ReplayError> {
        let answer = timeout(self.time_limit, asking).await;
        answer.unwrap_or(Err(CallError::Failed(StoreError::TimedOut.failure()))).map_err(|error| {
            match error {
                CallError::Full => ReplayError::Full,
                CallError::Disconnected => StoreError::Disconnected.failure().into(),
                CallError::Failed(failure) => failure.into(),
            }
        })
    }

    fn next_slot(&self) -> Result<&Slot<S::Connection>, CallError> {
        let next = self.next_slot.fetch_add(1, Ordering::Relaxed);
        let next = next.checked_rem(self.connections.len()).unwrap_or_default();
        self.connections.get(next).ok_or(CallError::Disconnected)
    }

    async fn call<T>(
        &self,
        slot: &Slot<S::Connection>,
        request: impl AsyncFnOnce(&S::Connection) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let mut used = Used { connection: self.connection(slot).await?, slot, answered: false };
        let answer = request(&used.connection).await;
        used.answered = matches!(answer, Ok(_) | Err(CallError::Full));
        answer
    }

    async fn connection(
        &self,
        slot: &Slot<S::Connection>,
    ) -> Result<Arc<S::Connection>, CallError> {
        let mut slot = slot.lock().await;
        if let Some(held) = &mut *slot
            && !S::is_closed(&held.connection)
            && (held.used_at.elapsed() < QUIET || self.is_there(&held.connection).await)
        {
            held.used_at = Instant::now();
            return Ok(Arc::clone(&held.connection));
        }
        // Apart, for it is rare and large: each request would be moved with room for it.
        let made = Box::pin(self.backend.connect()).await?;
        Ok(Arc::clone(&slot.insert(Held::new(made)).connection))
    }

    /// In a part of the time limit that leaves the most of it for a new connection.
    async fn is_there(&self, connection: &S::Connection) -> bool {
        Box::pin(timeout(self.time_limit / 4, S::ping(connection))).await.unwrap_or(false)
    }
}

/// A connection while it is asked. Unless it answers it is not used again, also if nobody waits any more.
struct Used<'s, C> {
    connection: Arc<C>,
    slot: &'s Slot<C>,
    answered: bool,
}

impl<C> Drop for Used<'_, C> {
    fn drop(&mut self) {
        // While another caller holds the slot, it is not this connection that is in it.
        if !self.answered
            && let Ok(mut held) = self.slot.try_lock()
        {
            held.take_if(|held| Arc::ptr_eq(&held.connection, &self.connection));
        }
    }
}

impl<S: Backend> ReplayGuard for ServerGuard<S> {
    fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        let answer = self.insertion(id, keep_until, now).and_then(|request| self.wait(request));
        self.counters.insertion(answer)
    }

    fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        self.counters.release(self.removal(id).and_then(|request| self.wait(request)))
    }
}

impl<S: Backend> AsyncReplayGuard for ServerGuard<S> {
    async fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        self.counters.insertion(match self.insertion(id, keep_until, now) {
            Ok(request) => self.answer(request).await,
            Err(error) => Err(error),
        })
    }

    async fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        self.counters.release(match self.removal(id) {
            Ok(request) => self.answer(request).await,
            Err(error) => Err(error),
        })
    }
}

impl<S: Backend> Monitored for ServerGuard<S> {
    fn statistics(&self) -> ReplayStatistics {
        self.counters.statistics()
    }
}
