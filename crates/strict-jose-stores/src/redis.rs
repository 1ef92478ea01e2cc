//! The guard of several machines on a Redis or Valkey server: one `SET ... NX PX` an id.

use crate::error::{FORMAT, StoreError};
use crate::server::{Backend, CallError, Insert, ServerGuard, server_guard};
use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, Client, FromRedisValue, RedisError, RedisResult, Value, cmd};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core::fmt;
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;
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
    look_every: Duration,
    trusts_what_is_hidden: bool,
    may_lose_ids: bool,
}

impl RedisStore {
    /// A server, and what its keys begin with: `redis://user:password@host:6379/0`, or `redis+unix:`
    /// and a path. Behind the prefix a key has the number of its format, now `1:`, and 43 characters.
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
            look_every: Duration::from_secs(60),
            trusts_what_is_hidden: false,
            may_lose_ids: false,
        }
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
    /// The server is asked for its role and its settings, at each new connection and [now and then](Self::look_every). A user of its
    /// own takes these rights: `+set +del +wait +info +config|get`.
    ///
    /// # Errors
    ///
    /// [`StoreError::InvalidAddress`] if the URL is malformed or asks for what the build lacks;
    /// [`StoreError::Unavailable`] if the server does not answer in time or rejects the caller;
    /// [`StoreError::NotPrimary`] if it is a replica, a node of a cluster or a Sentinel;
    /// [`StoreError::NotDurable`] if its `maxmemory-policy` is not `noeviction`, or `appendfsync` and `appendonly`
    /// let a crash forget ids; [`StoreError::HiddenSetting`] if it does not let the guard ask for one of them.
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
/// - With `appendonly yes` and `appendfsync always` a crash forgets nothing. Every other server is rejected, unless
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
    client: Client,
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

/// A connection, and when the server's settings were looked at last.
struct Connection {
    client: MultiplexedConnection,
    looked_at: Mutex<Instant>,
}

impl Redis {
    /// Whether the server is one that forgets no id.
    async fn examine(&self, client: &MultiplexedConnection) -> Result<(), StoreError> {
        let mut client = client.clone();
        let info = told(cmd("INFO").query_async::<String>(&mut client).await)?;
        let info: BTreeMap<_, _> = info
            .iter()
            .flat_map(|text| text.lines())
            .filter_map(|line| line.split_once(':'))
            .collect();
        for (name, value, role) in [
            ("redis_mode", "sentinel", "Sentinel"),
            ("cluster_enabled", "1", "cluster's node"),
            ("role", "slave", "replica"),
        ] {
            if info.get(name) == Some(&value) {
                return Err(StoreError::NotPrimary { role });
            }
        }
        let mut settings = BTreeMap::new();
        // By name: among all of them are passwords.
        for names in ["maxmemory-policy", "append*"] {
            let mut ask = cmd("CONFIG");
            ask.arg("GET").arg(names);
            // A list of pairs, or in RESP3 a map.
            let answer: Option<BTreeMap<String, String>> =
                told(ask.query_async(&mut client).await)?;
            settings.extend(answer.into_iter().flatten());
        }
        let value = |name: &str, reported: &str| {
            settings.get(name).map(String::as_str).or_else(|| info.get(reported).copied())
        };
        self.require(
            "maxmemory-policy",
            "noeviction",
            value("maxmemory-policy", "maxmemory_policy"),
        )?;
        if !self.store.may_lose_ids {
            let appends =
                value("appendonly", "aof_enabled").map(|on| if on == "1" { "yes" } else { on });
            self.require("appendonly", "yes", appends)?;
            self.require("appendfsync", "always", value("appendfsync", ""))?;
        }
        if info.is_empty() && !self.store.trusts_what_is_hidden {
            return Err(StoreError::HiddenSetting { setting: "role" });
        }
        Ok(())
    }

    fn require(
        &self,
        setting: &'static str,
        needed: &'static str,
        found: Option<&str>,
    ) -> Result<(), StoreError> {
        match found {
            Some(value) if value == needed => Ok(()),
            Some(_) => Err(StoreError::NotDurable { setting, needed }),
            None if self.store.trusts_what_is_hidden => Ok(()),
            None => Err(StoreError::HiddenSetting { setting }),
        }
    }

    /// Looks again, now and then: settings can be changed while the server runs.
    async fn look_again(&self, connection: &Connection) -> Result<(), CallError> {
        let is_due = match connection.looked_at.lock() {
            Ok(mut looked_at) if looked_at.elapsed() >= self.store.look_every => {
                *looked_at = Instant::now(); // one caller looks, and others go on
                true
            }
            _ => false,
        };
        if !is_due {
            return Ok(());
        }
        self.examine(&connection.client).await.map_err(CallError::from)
    }
}

/// What the server says; `None` if it does not let the guard ask, or does not know the command.
fn told<T: FromRedisValue>(answer: RedisResult<T>) -> Result<Option<T>, StoreError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if matches!(error.code(), Some("NOPERM" | "ERR")) => Ok(None),
        Err(_) => Err(StoreError::Unavailable),
    }
}

impl Backend for Redis {
    type Connection = Connection;

    async fn connect(&self) -> Result<Connection, StoreError> {
        // The guard's own limit is around all of it.
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config).await;
        let client = connecting.map_err(|_| StoreError::Unavailable)?;
        self.examine(&client).await?;
        Ok(Connection { client, looked_at: Mutex::new(Instant::now()) })
    }

    /// Its client does not say so.
    fn is_closed(_: &Connection) -> bool {
        false
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
        _ if error.is_connection_dropped() => CallError::Disconnected,
        _ => CallError::Unknown,
    }
}

server_guard!(RedisReplayGuard);
