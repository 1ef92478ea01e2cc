//! The guard of several machines on a Redis or Valkey server: one `SET ... NX PX` an id.

use crate::error::StoreError;
use crate::server::{Backend, CallError, Insert, ServerGuard, server_guard};
use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, Client, RedisError, Value, cmd};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core::fmt;
use core::time::Duration;
use std::collections::BTreeMap;
use strict_jose::Insertion;

/// Where the ids of a [`RedisReplayGuard`] are kept, and how long it waits for them.
#[derive(Clone)]
#[must_use = "nothing is connected yet"]
pub struct RedisStore {
    url: String,
    prefix: String,
    time_limit: Duration,
    margin: Duration,
    replicas: usize,
}

impl RedisStore {
    /// A server, and what its keys begin with: `redis://user:password@host:6379/0`, or `redis+unix:`
    /// and a path.
    ///
    /// `rediss:` is for TLS. It takes a build in which the `redis` crate has TLS: name it among your
    /// own dependencies, in version 1, with its feature `tokio-rustls-comp`.
    pub fn new(url: &str, prefix: &str) -> Self {
        Self {
            url: url.to_owned(),
            prefix: prefix.to_owned(),
            time_limit: Duration::from_secs(2),
            margin: Duration::from_secs(60),
            replicas: 0,
        }
    }

    /// How long a request may take, connecting included, before the token is refused: 2 seconds unless
    /// said otherwise.
    pub fn time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// By how much the clocks of the machines that ask may differ, and the server's may leap: each id is
    /// kept so much longer, 60 seconds unless said otherwise.
    pub fn clock_margin(self, margin: Duration) -> Self {
        Self { margin, ..self }
    }

    /// On how many replicas an id has to be, by the command `WAIT`, before it counts as inserted: none
    /// unless said otherwise.
    pub fn replicas(self, replicas: usize) -> Self {
        Self { replicas, ..self }
    }

    /// Connects. Blocks for the time limit at most.
    ///
    /// # Errors
    ///
    /// [`StoreError::InvalidAddress`] if the URL is malformed or asks for what the build lacks;
    /// [`StoreError::Unavailable`] if the server does not answer in time or refuses the caller;
    /// [`StoreError::NotDurable`] if it says that its `maxmemory-policy` is not `noeviction`. A server
    /// that does not let the caller ask is taken at its word.
    pub fn connect(self) -> Result<RedisReplayGuard, StoreError> {
        let client = Client::open(self.url.as_str()).map_err(|_| StoreError::InvalidAddress)?;
        // While one waits for replicas, others need not wait with it.
        let connections = if self.replicas > 0 { 8 } else { 1 };
        let time_limit = self.time_limit;
        let guard = ServerGuard::connect(Redis { client, store: self }, time_limit, connections)?;
        Ok(RedisReplayGuard(guard))
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Keeps ids on a Redis or Valkey server, for all machines that ask it; plain and async alike, with any
/// runtime.
///
/// An id is one key, set by one command if it is absent. Whatever goes wrong, the token is refused; if
/// only the reply was lost, it stays used.
///
/// The server drops the key by its own clock, counted from when it was asked: the time from `now` to
/// `keep_until`, and the margin of [`RedisStore::clock_margin`]. A server whose clock is wrong, but
/// steady, drops nothing early.
///
/// What the server forgets, it lets in again:
///
/// - Without persistence, a restart forgets all; with `appendonly yes` and `appendfsync everysec`, up to
///   the last two seconds; with `appendfsync always`, nothing.
/// - When a replica takes over, it has what had reached it. [`RedisStore::replicas`] set to the number of
///   all replicas closes that; `min-replicas-to-write` alone does not.
/// - `maxmemory-policy` has to be `noeviction`: then a full server refuses, and the guard is
///   [`ReplayError::Full`](strict_jose::ReplayError::Full).
///
/// The server has to be one, or a primary with replicas; a cluster's redirections are not followed, which
/// refuses.
///
/// ```no_run
/// use strict_jose::{AfterRestart, Audience, Issuer, Validation};
/// use strict_jose_stores::RedisStore;
///
/// let guard = RedisStore::new("redis://replay.example:6379", "api:jti:").connect()?;
/// let rules = Validation::new(
///     Issuer::exactly("https://as.example"),
///     Audience::includes("https://api.example"),
/// );
/// // For `jwt::verify` and `jwt::verify_async`.
/// let rules = rules.single_use(guard, AfterRestart::remembered());
/// # Ok::<(), strict_jose_stores::StoreError>(())
/// ```
pub struct RedisReplayGuard(ServerGuard<Redis>);

struct Redis {
    client: Client,
    store: RedisStore,
}

impl Redis {
    fn key(&self, id: &[u8; 32]) -> String {
        let mut key = self.store.prefix.clone();
        URL_SAFE_NO_PAD.encode_string(id, &mut key);
        key
    }

    fn milliseconds(duration: Duration) -> u64 {
        u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
    }
}

impl Backend for Redis {
    type Connection = MultiplexedConnection;

    async fn connect(&self) -> Result<MultiplexedConnection, StoreError> {
        // The guard's own limit is around all of it.
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config).await;
        let mut connection = connecting.map_err(|_| StoreError::Unavailable)?;
        let mut ask = cmd("CONFIG");
        ask.arg("GET").arg("maxmemory-policy");
        // A list of two, or in RESP3 a map of one.
        match ask.query_async::<BTreeMap<String, String>>(&mut connection).await {
            Ok(settings) if settings.values().any(|policy| policy != "noeviction") => {
                Err(StoreError::NotDurable)
            }
            Ok(_) => Ok(connection),
            // May not be asked, or does not know the command.
            Err(error) if matches!(error.code(), Some("NOPERM" | "ERR")) => Ok(connection),
            Err(_) => Err(StoreError::Unavailable),
        }
    }

    /// Its client does not say so.
    fn is_closed(_: &MultiplexedConnection) -> bool {
        false
    }

    async fn insert(
        &self,
        connection: &MultiplexedConnection,
        insert: &Insert,
    ) -> Result<Insertion, CallError> {
        let mut connection = connection.clone();
        let lifetime = Self::milliseconds(insert.lifetime.saturating_add(self.store.margin));
        let mut set = cmd("SET");
        set.arg(self.key(&insert.id)).arg("").arg("NX").arg("PX").arg(lifetime.saturating_add(1));
        match set.query_async(&mut connection).await.map_err(|error| failure(&error))? {
            Value::Okay => {}
            Value::Nil => return Ok(Insertion::AlreadyPresent),
            _ => return Err(CallError::Unknown),
        }
        if self.store.replicas > 0 {
            // Ends before the guard's own limit does; 0 would wait for ever.
            let limit = Self::milliseconds(self.store.time_limit / 2).max(1);
            let mut wait = cmd("WAIT");
            wait.arg(self.store.replicas).arg(limit);
            let reached: usize =
                wait.query_async(&mut connection).await.map_err(|error| failure(&error))?;
            if reached < self.store.replicas {
                return Err(CallError::Unknown);
            }
        }
        Ok(Insertion::Inserted)
    }

    async fn release(
        &self,
        connection: &MultiplexedConnection,
        id: &[u8; 32],
    ) -> Result<(), CallError> {
        let mut delete = cmd("DEL");
        delete.arg(self.key(id));
        let deleted = delete.query_async::<u64>(&mut connection.clone()).await;
        deleted.map(drop).map_err(|error| failure(&error))
    }
}

fn failure(error: &RedisError) -> CallError {
    if error.code() == Some("OOM") { CallError::Full } else { CallError::Unknown }
}

server_guard!(RedisReplayGuard);
