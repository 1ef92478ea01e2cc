//! The guard of several machines on a Redis or Valkey server: one `SET ... NX PX` an id.

mod address;
mod connection;
mod settings;

use crate::error::{FORMAT, StoreError};
use crate::server::{Backend, CallError, Insert, ServerGuard, server_guard};
use crate::tls::Tls;
use ::redis::{RedisError, Value, cmd};
use address::Address;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connection::{Connection, refusal};
use core::fmt;
use core::time::Duration;
use std::path::{Path, PathBuf};
use strict_jose::Insertion;

/// Where the ids of a [`RedisReplayGuard`] are kept, and how long it waits for them.
#[derive(Clone)]
#[must_use = "nothing is connected yet"]
pub struct RedisStore {
    url: String,
    prefix: String,
    ca_file: Option<PathBuf>,
    time_limit: Duration,
    margin: Duration,
    replicas: usize,
    look_every: Duration,
    trusts_what_is_hidden: bool,
    may_lose_ids: bool,
}

impl RedisStore {
    /// A server, and what its keys begin with: `redis://user:password@host:6379/0`, or `redis+unix:`
    /// and a path; `valkey` stands for `redis`. Behind the prefix a key has the number of its format, now `1:`, and
    /// 43 characters.
    ///
    /// `rediss:` is for TLS, and needs the feature `tls`. The server's certificate has to be valid for the
    /// host, by the authorities of the system or of [`ca_file`](Self::ca_file); nothing switches that off.
    /// `redis:` is not encrypted: for a server on the same machine or a network that you trust.
    ///
    /// In the user and the password, a sign such as `#`, `/` or `@` is percent-encoded.
    pub fn new(url: &str, prefix: &str) -> Self {
        Self {
            url: url.to_owned(),
            prefix: prefix.to_owned(),
            ca_file: None,
            time_limit: Duration::from_secs(2),
            margin: Duration::from_secs(60),
            replicas: 0,
            look_every: Duration::from_secs(60),
            trusts_what_is_hidden: false,
            may_lose_ids: false,
        }
    }

    /// Trusts the authorities of this PEM file instead of the system's. It is read when the guard connects.
    pub fn ca_file(self, path: impl AsRef<Path>) -> Self {
        Self { ca_file: Some(path.as_ref().to_owned()), ..self }
    }

    /// How long a request may take, connecting included, before the token is refused: 2 seconds unless
    /// said otherwise.
    pub fn time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// By how much the clocks of the machines that ask may differ, and the server's may leap: each id is
    /// kept so much longer, 60 seconds unless said otherwise, and never less than the time limit.
    pub fn clock_margin(self, margin: Duration) -> Self {
        Self { margin, ..self }
    }

    /// On how many replicas an id has to be, by the command `WAIT`, before it counts as inserted: none
    /// unless said otherwise.
    pub fn replicas(self, replicas: usize) -> Self {
        Self { replicas, ..self }
    }

    /// How often each connection asks for the server's role and settings again, which can be changed while it runs: once
    /// a minute unless said otherwise.
    pub fn look_every(self, interval: Duration) -> Self {
        Self { look_every: interval, ..self }
    }

    /// Takes a server as it is that does not let the guard ask for its settings: you vouch that it is a primary
    /// whose `maxmemory-policy` is `noeviction` and whose `appendfsync` is `always`. What it does tell still counts.
    pub fn trusting_hidden_settings(self) -> Self {
        Self { trusts_what_is_hidden: true, ..self }
    }

    /// Accepts that a crash of the server lets tokens in again: without `appendonly` all that were used, with
    /// another `appendfsync` than `always` those of its last seconds.
    pub fn losing_ids_in_a_crash(self) -> Self {
        Self { may_lose_ids: true, ..self }
    }

    /// Connects. Blocks for the time limit at most.
    ///
    /// The server is asked for its role and its settings, at each new connection and
    /// [now and then](Self::look_every). A user of its own takes these rights:
    /// `+set +del +wait +info +config|get`.
    ///
    /// # Errors
    ///
    /// - [`StoreError::InvalidAddress`] names what is wrong with the URL;
    /// - [`StoreError::Unreachable`], [`StoreError::TimedOut`], [`StoreError::Disconnected`], [`StoreError::Tls`],
    ///   [`StoreError::LoginRejected`] and [`StoreError::Rejected`] say how far the guard came;
    /// - [`StoreError::NotPrimary`] if the server is a replica, a node of a cluster or a Sentinel;
    /// - [`StoreError::NotDurable`] if its `maxmemory-policy` is not `noeviction`, or `appendfsync` and
    ///   `appendonly` let a crash forget ids;
    /// - [`StoreError::HiddenSetting`] if it does not let the guard ask for one of them.
    pub fn connect(self) -> Result<RedisReplayGuard, StoreError> {
        let address = Address::parse(&self.url)?;
        let tls = Tls::asked_for(address.uses_tls, self.ca_file.as_deref())?;
        // While one waits for replicas, others need not wait with it.
        let connections = if self.replicas > 0 { 8 } else { 1 };
        let time_limit = self.time_limit;
        let redis = Redis { address, tls, store: self };
        ServerGuard::connect(redis, time_limit, connections).map(RedisReplayGuard)
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
/// - With `appendonly yes`, `appendfsync always` and `no-appendfsync-on-rewrite no` a crash forgets nothing; where
///   `appendonly` is switched on while the server runs, from the end of its first rewrite on. Every other server is rejected, unless
///   [`RedisStore::losing_ids_in_a_crash`] accepts it: with `everysec` it forgets up to the last two seconds,
///   without `appendonly` everything.
/// - When a replica takes over, it has what had reached it. [`RedisStore::replicas`] set to the number of
///   all replicas closes that; `min-replicas-to-write` alone does not.
/// - `maxmemory-policy` has to be `noeviction`: then a full server rejects, and the guard is
///   [`ReplayError::Full`](strict_jose::ReplayError::Full).
///
/// The server has to be a primary, alone or with replicas. A connection that ended while nobody asked costs no
/// token: it is made anew, and the question asked once more.
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
    address: Address,
    /// If the address asks for it.
    tls: Option<Tls>,
    store: RedisStore,
}

impl Redis {
    fn key(&self, id: &[u8; 32]) -> String {
        let mut key = format!("{}{FORMAT}:", self.store.prefix);
        URL_SAFE_NO_PAD.encode_string(id, &mut key);
        key
    }

    fn milliseconds(duration: Duration) -> u64 {
        u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
    }
}

impl Backend for Redis {
    type Connection = Connection;

    async fn connect(&self) -> Result<Connection, StoreError> {
        let connection =
            Connection::open(&self.address, self.tls.as_ref(), self.store.time_limit).await?;
        self.examine(&connection).await?;
        Ok(connection)
    }

    fn is_closed(connection: &Connection) -> bool {
        connection.is_closed()
    }

    async fn ping(connection: &Connection) -> bool {
        let answer = cmd("PING").query_async::<Value>(&mut connection.client.clone()).await;
        // One that may not ask is answered, too.
        answer.map_or_else(|error| error.code().is_some(), |_| true)
    }

    async fn insert(
        &self,
        connection: &Connection,
        insert: &Insert,
    ) -> Result<Insertion, CallError> {
        self.look_again(connection).await?;
        let mut connection = connection.client.clone();
        // A question may reach the server as late as the time limit lets it.
        let margin = self.store.margin.max(self.store.time_limit);
        let lifetime = Self::milliseconds(insert.lifetime.saturating_add(margin));
        let mut set = cmd("SET");
        set.arg(self.key(&insert.id)).arg("").arg("NX").arg("PX").arg(lifetime.saturating_add(1));
        match set.query_async(&mut connection).await.map_err(|error| failure(&error))? {
            Value::Okay => {}
            Value::Nil => return Ok(Insertion::AlreadyPresent),
            _ => return Err(StoreError::Unavailable.into()),
        }
        if self.store.replicas > 0 {
            // Ends before the guard's own limit does; 0 would wait for ever.
            let limit = Self::milliseconds(self.store.time_limit / 2).max(1);
            let mut wait = cmd("WAIT");
            wait.arg(self.store.replicas).arg(limit);
            let reached: usize =
                wait.query_async(&mut connection).await.map_err(|error| failure(&error))?;
            if reached < self.store.replicas {
                return Err(StoreError::TooFewReplicas.into());
            }
        }
        Ok(Insertion::Inserted)
    }

    async fn release(&self, connection: &Connection, id: &[u8; 32]) -> Result<(), CallError> {
        let mut delete = cmd("DEL");
        delete.arg(self.key(id));
        let deleted = delete.query_async::<u64>(&mut connection.client.clone()).await;
        deleted.map(drop).map_err(|error| failure(&error))
    }
}

fn failure(error: &RedisError) -> CallError {
    match error.code() {
        Some("OOM") => CallError::Full,
        _ => refusal(error).into(),
    }
}

server_guard!(RedisReplayGuard);
