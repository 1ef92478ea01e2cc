//! The guard of several machines on a PostgreSQL server: one `INSERT ... ON CONFLICT` an id.

use crate::error::{FORMAT, StoreError};
use crate::server::{Backend, CallError, Insert, ServerGuard, server_guard};
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::sync::Arc;
use strict_jose::Insertion;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error, NoTls, SimpleQueryMessage, Statement};

/// Where the ids of a [`PostgresReplayGuard`] are kept, and how long it waits for them.
#[derive(Clone)]
#[must_use = "nothing is connected yet"]
pub struct PostgresStore {
    config: String,
    time_limit: Duration,
    margin: Duration,
    connections: usize,
}

impl PostgresStore {
    /// What makes the table, for the database's own migrations. The guard's role takes `SELECT`, `INSERT`,
    /// `UPDATE` and `DELETE` on it.
    ///
    /// The guard does not run it: with a wrong database or `search_path` it would make a second table, in
    /// which no id is known.
    pub const CREATE_TABLE: &str = "\
CREATE TABLE replay_ids (id bytea PRIMARY KEY, keep_until bigint NOT NULL);
CREATE INDEX ON replay_ids (keep_until);
COMMENT ON TABLE replay_ids IS 'strict-jose replay ids, format 1';
";

    /// A database, as libpq writes it: `host=/run/postgresql user=api dbname=api`, or as a URL,
    /// `postgresql://user:password@host:5432/api`.
    ///
    /// The connection is not encrypted, and `sslmode=require` is refused: a server on another machine is
    /// reached through a tunnel, or a proxy beside your service that adds TLS.
    pub fn new(config: &str) -> Self {
        Self {
            config: config.to_owned(),
            time_limit: Duration::from_secs(2),
            margin: Duration::from_secs(60),
            connections: 8,
        }
    }

    /// How long a request may take, connecting included, before the token is refused: 2 seconds unless
    /// said otherwise.
    pub fn time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// By how much the clocks of the machines that ask, and the server's, may differ: each id is kept so
    /// much longer, 60 seconds unless said otherwise.
    pub fn clock_margin(self, margin: Duration) -> Self {
        Self { margin, ..self }
    }

    /// By how many connections it asks at most, 8 unless said otherwise. What is asked by one is written to
    /// the disk one by one, what is asked by several together.
    pub fn connections(self, connections: usize) -> Self {
        Self { connections, ..self }
    }

    /// Connects. Blocks for the time limit at most.
    ///
    /// # Errors
    ///
    /// [`StoreError::InvalidAddress`] if the configuration is malformed, names no host or asks for TLS;
    /// [`StoreError::Unavailable`] if the server does not answer in time, refuses the caller, or has no
    /// table as [`Self::CREATE_TABLE`] makes it; [`StoreError::UnknownFormat`] if the table's comment names another format; [`StoreError::NotDurable`] if a crash could undo what it
    /// has answered: `synchronous_commit` or `fsync` is `off`, or the table is `UNLOGGED`.
    pub fn connect(self) -> Result<PostgresReplayGuard, StoreError> {
        let config: Config = self.config.parse().map_err(|_| StoreError::InvalidAddress)?;
        let named = !config.get_hosts().is_empty() || !config.get_hostaddrs().is_empty();
        if !named || !matches!(config.get_ssl_mode(), SslMode::Disable | SslMode::Prefer) {
            return Err(StoreError::InvalidAddress);
        }
        let (time_limit, connections) = (self.time_limit, self.connections);
        let guard =
            ServerGuard::connect(Postgres { config, store: self }, time_limit, connections)?;
        Ok(PostgresReplayGuard(guard))
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

/// Keeps ids in a table on a PostgreSQL server, for all machines that ask it; plain and async alike,
/// with any runtime.
///
/// An id is inserted by one statement, in a transaction of its own. Whatever goes wrong, the token is
/// refused; if only the reply was lost, it stays used. [`PostgresStore::CREATE_TABLE`] makes the table.
///
/// A row goes only when its time, and the margin of [`PostgresStore::clock_margin`], have passed by the
/// clock of the caller and by that of the server: no single clock that is wrong lets an id go early. Each
/// hundredth insertion of a connection deletes up to a thousand such rows.
///
/// What the server forgets, it lets in again:
///
/// - A crash forgets nothing: the guard refuses to start with settings by which one does, and holds on
///   to those of the session. What `fsync` is set to later, it does not see.
/// - When a replica takes over, it has what had reached it. With `synchronous_standby_names` that is
///   everything.
/// - Who truncates the table or restores a backup brings ids back.
///
/// A pooler in between has to keep sessions (`pool_mode = session`): one that shares by transactions is rejected
/// as [`StoreError::PooledTransactions`]. With several hosts,
/// `target_session_attrs=read-write` finds the one that takes ids; a replica refuses.
///
/// ```no_run
/// use strict_jose::{AfterRestart, Audience, Issuer, Validation};
/// use strict_jose_stores::PostgresStore;
///
/// let guard = PostgresStore::new("host=/run/postgresql user=api dbname=api").connect()?;
/// let rules = Validation::new(
///     Issuer::exactly("https://as.example"),
///     Audience::includes("https://api.example"),
/// );
/// // For `jwt::verify` and `jwt::verify_async`.
/// let rules = rules.single_use(guard, AfterRestart::remembered());
/// # Ok::<(), strict_jose_stores::StoreError>(())
/// ```
pub struct PostgresReplayGuard(ServerGuard<Postgres>);

server_guard!(PostgresReplayGuard);

struct Postgres {
    config: Config,
    store: PostgresStore,
}

/// A connection with its statements.
struct Session {
    client: Arc<Client>,
    insert: Statement,
    release: Statement,
    expire: Statement,
    insertions: AtomicU64,
}

/// Whether what is committed survives a crash. The session keeps the settings it began with, and ends by
/// itself the statements that nobody waits for any more.
const SETTLE: &str = "
    SELECT set_config('synchronous_commit', current_setting('synchronous_commit'), false) <> 'off',
        current_setting('fsync')::bool, relpersistence = 'p', obj_description(oid, 'pg_class'),
        set_config('default_transaction_isolation', 'read committed', false),
        set_config('statement_timeout', $1, false)
    FROM pg_class WHERE oid = 'replay_ids'::regclass AND relkind = 'r'";

/// What the first columns of that answer say.
const DURABLE: [(usize, &str, &str); 3] =
    [(0, "synchronous_commit", "on"), (1, "fsync", "on"), (2, "replay_ids", "LOGGED")];

/// The conflict decides. What comes before it spares a used token the lock and the commit.
const INSERT: &str = "
    INSERT INTO replay_ids AS held (id, keep_until)
    SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM replay_ids WHERE id = $1 AND keep_until > $3)
    ON CONFLICT (id) DO UPDATE SET keep_until = excluded.keep_until WHERE held.keep_until <= $3";

const RELEASE: &str = "DELETE FROM replay_ids WHERE id = $1";

/// Rows that another machine deletes meanwhile are left to it. An array, as a join would run the search
/// again, and past the limit.
const EXPIRE: &str = "
    DELETE FROM replay_ids WHERE id = ANY (ARRAY (
        SELECT id FROM replay_ids
        WHERE keep_until <= least($1, floor(extract(epoch FROM now()))::bigint)
        ORDER BY keep_until LIMIT 1000 FOR UPDATE SKIP LOCKED
    ))";

const EXPIRE_EVERY: u64 = 100;

impl Postgres {
    async fn open(&self) -> Result<Result<Session, StoreError>, Error> {
        let (client, connection) = self.config.connect(NoTls).await?;
        tokio::spawn(connection); // ends with the client
        let limit = self.store.time_limit.as_millis().clamp(1, 2_147_483_647); // 0 is none
        let settled = client.query_one(SETTLE, &[&limit.to_string()]).await?;
        for (column, setting, needed) in DURABLE {
            if !settled.try_get::<_, bool>(column)? {
                return Ok(Err(StoreError::NotDurable { setting, needed }));
            }
        }
        let format: Option<&str> = settled.try_get(3)?;
        if format != Some(&format!("strict-jose replay ids, format {FORMAT}")) {
            return Ok(Err(StoreError::UnknownFormat));
        }
        // Planned, not run: that the columns, the primary key and the rights are there.
        let (id, time): (&[u8], i64) = (&[], 0);
        client.execute(&format!("EXPLAIN {INSERT}"), &[&id, &time, &time]).await?;
        client.execute(&format!("EXPLAIN {EXPIRE}"), &[&time]).await?;
        Ok(Ok(Session {
            insert: client.prepare(INSERT).await?,
            release: client.prepare(RELEASE).await?,
            expire: client.prepare(EXPIRE).await?,
            client: Arc::new(client),
            insertions: AtomicU64::new(0),
        }))
    }
}

/// The server's process behind the connection, asked so that no pooler has to keep anything.
async fn backend(client: &Client) -> Result<Option<String>, Error> {
    let answers = client.simple_query("SELECT pg_backend_pid()").await?;
    Ok(answers.iter().find_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}

impl Postgres {
    /// Whether somebody between gives each transaction another connection. Two questions in a row do not show it: with
    /// nobody else there, both reach the same one. While a second connection is inside a transaction they do not.
    async fn is_pooled(&self) -> Result<bool, Error> {
        let ((one, first), (other, second)) =
            (self.config.connect(NoTls).await?, self.config.connect(NoTls).await?);
        tokio::spawn(first);
        tokio::spawn(second);
        let before = backend(&one).await?;
        other.simple_query("BEGIN").await?;
        let inside = backend(&other).await?;
        // A pool of one lets this one wait until the transaction has ended.
        let after = timeout(self.store.time_limit / 4, backend(&one)).await;
        other.simple_query("ROLLBACK").await?;
        Ok(match after {
            Ok(after) => before == inside || before != after?,
            Err(_) => true,
        })
    }
}

impl Backend for Postgres {
    type Connection = Session;

    async fn look(&self) -> Result<(), StoreError> {
        match self.is_pooled().await {
            Ok(false) => Ok(()),
            Ok(true) => Err(StoreError::PooledTransactions),
            Err(_) => Err(StoreError::Unavailable),
        }
    }

    async fn connect(&self) -> Result<Session, StoreError> {
        self.open().await.map_err(|_| StoreError::Unavailable)?
    }

    fn is_closed(session: &Session) -> bool {
        session.client.is_closed()
    }

    async fn insert(&self, session: &Session, insert: &Insert) -> Result<Insertion, CallError> {
        let margin = self.store.margin.as_nanos().div_ceil(1_000_000_000);
        let margin = i64::try_from(margin).unwrap_or(i64::MAX);
        let keep_until = insert.keep_until.saturating_add(margin);
        let (id, now) = (insert.id.as_slice(), insert.now);
        let rows = session.client.execute(&session.insert, &[&id, &keep_until, &now]).await;
        if rows.map_err(|error| failure(&error))? != 1 {
            return Ok(Insertion::AlreadyPresent);
        }
        if session.insertions.fetch_add(1, Ordering::Relaxed).is_multiple_of(EXPIRE_EVERY) {
            // Nobody waits for it, and what it leaves the next one deletes.
            let (client, expire) = (Arc::clone(&session.client), session.expire.clone());
            tokio::spawn(async move { client.execute(&expire, &[&now]).await });
        }
        Ok(Insertion::Inserted)
    }

    async fn release(&self, session: &Session, id: &[u8; 32]) -> Result<(), CallError> {
        let deleted = session.client.execute(&session.release, &[&id.as_slice()]).await;
        deleted.map(drop).map_err(|error| failure(&error))
    }
}

fn failure(error: &Error) -> CallError {
    match error.code() {
        Some(&SqlState::DISK_FULL) => CallError::Full,
        _ if error.is_closed() => CallError::Disconnected,
        _ => CallError::Unknown,
    }
}
