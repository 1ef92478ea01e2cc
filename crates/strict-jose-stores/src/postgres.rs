//! The guard of several machines on a PostgreSQL server: one `INSERT ... ON CONFLICT` an id.

mod address;
mod session;
mod table;

use crate::address::AddressFault;
use crate::error::{ServerCode, StoreError, TlsFault};
use crate::server::{Backend, CallError, Insert, ServerGuard, server_guard};
use crate::tls::Tls;
use address::Address;
use core::fmt;
use core::sync::atomic::Ordering;
use core::time::Duration;
use session::{Postgres, Session};
use std::io;
use std::sync::{Arc, OnceLock};
use strict_jose::Insertion;
use table::Table;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// Where the ids of a [`PostgresReplayGuard`] are kept, and how long it waits for them.
#[derive(Clone)]
#[must_use = "nothing is connected yet"]
pub struct PostgresStore {
    address: String,
    schema: Option<String>,
    table: String,
    time_limit: Duration,
    margin: Duration,
    connections: usize,
    trusts_commits: bool,
}

impl PostgresStore {
    /// A database, as libpq writes it: `host=/run/postgresql user=api dbname=api`, or as a URL,
    /// `postgresql://user:password@host:5432/api?sslmode=verify-full`.
    ///
    /// Whether TLS is used, `sslmode` says, never what the server offers:
    ///
    /// | `sslmode` | |
    /// | --- | --- |
    /// | `verify-full`, `require` | TLS, which needs the feature `tls`. Both verify that the server's certificate is valid for the host, by the authorities of the system or of the file `sslrootcert` |
    /// | `disable` | not encrypted: for a network that you trust |
    /// | none | not encrypted, and rejected unless every host is a socket's path or an address of this machine |
    ///
    /// What libpq reads besides, such as `sslcert` and `service`, is rejected by name. In a URL, a sign such as
    /// `#`, `/` or `@` in the user or the password is percent-encoded.
    pub fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            schema: None,
            table: "replay_ids".to_owned(),
            time_limit: Duration::from_secs(2),
            margin: Duration::from_secs(60),
            connections: 8,
            trusts_commits: false,
        }
    }

    /// The name of the table, `replay_ids` unless said otherwise; at most 63 octets.
    pub fn table(self, name: &str) -> Self {
        Self { table: name.to_owned(), ..self }
    }

    /// The schema of the table. Unless said otherwise, the server's `search_path` finds it.
    pub fn schema(self, name: &str) -> Self {
        Self { schema: Some(name.to_owned()), ..self }
    }

    /// What makes the table, for the database's own migrations. The guard's role takes `SELECT`, `INSERT`,
    /// `UPDATE` and `DELETE` on it, and no more.
    ///
    /// The guard does not run it: with a wrong database or `search_path` it would make a second table, in
    /// which no id is known.
    ///
    /// ```
    /// use strict_jose_stores::PostgresStore;
    ///
    /// let statements = PostgresStore::new("host=localhost").create_table();
    /// assert_eq!(statements, r#"CREATE TABLE "replay_ids" (id bytea PRIMARY KEY, keep_until bigint NOT NULL);
    /// CREATE INDEX ON "replay_ids" (keep_until);
    /// COMMENT ON TABLE "replay_ids" IS 'strict-jose replay ids, format 1';
    /// "#);
    /// ```
    #[must_use]
    pub fn create_table(&self) -> String {
        table::create(self.schema.as_deref(), &self.table)
    }

    /// Accepts a server whose `fsync` is `off`: you vouch that what it has committed survives a crash all the same,
    /// as with services that keep their log on other machines.
    pub fn trusting_commits_without_fsync(self) -> Self {
        Self { trusts_commits: true, ..self }
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

    /// Connects. Blocks for the time limit at most. Opens two connections at first, to see whether a pooler shares
    /// them.
    ///
    /// # Errors
    ///
    /// - [`StoreError::InvalidAddress`] names what is wrong with the address;
    /// - [`StoreError::Unreachable`], [`StoreError::TimedOut`], [`StoreError::Disconnected`], [`StoreError::Tls`],
    ///   [`StoreError::LoginRejected`] and [`StoreError::Rejected`] say how far the guard came;
    /// - [`StoreError::NotPrimary`] if the server is a replica;
    /// - [`StoreError::PooledTransactions`] if a pooler in between shares connections by transactions;
    /// - [`StoreError::NoTable`], [`StoreError::ForeignTable`], [`StoreError::UnknownFormat`] and
    ///   [`StoreError::NoRight`] if there is no table as [`Self::create_table`] makes it, or it may not be used;
    /// - [`StoreError::NotDurable`] if a crash could undo what the server has answered: `synchronous_commit` or
    ///   `fsync` is `off`, or the table is `UNLOGGED`; and if `synchronous_standby_names` names servers for which
    ///   `synchronous_commit` does not wait.
    pub fn connect(self) -> Result<PostgresReplayGuard, StoreError> {
        let address = Address::parse(&self.address)?;
        let tls = Tls::asked_for(address.uses_tls, address.ca_file.as_deref())?;
        let table = Table::new(self.schema.as_deref(), &self.table)?;
        let (time_limit, connections) = (self.time_limit, self.connections);
        let postgres = Postgres { address, tls, table, table_id: OnceLock::new(), store: self };
        ServerGuard::connect(postgres, time_limit, connections).map(PostgresReplayGuard)
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
/// refused; if only the reply was lost, it stays used. [`PostgresStore::create_table`] has the statements that make the
/// table.
///
/// A row goes only when its time, and the margin of [`PostgresStore::clock_margin`], have passed by the
/// clock of the caller and by that of the server: no single clock that is wrong lets an id go early. Each
/// fiftieth insertion of a connection deletes up to 250 such rows.
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
/// as [`StoreError::PooledTransactions`]. With several hosts, `target_session_attrs=read-write` finds the one that
/// takes ids; a replica is rejected. Whoever promotes a replica has to see to it that the former primary takes no
/// ids any more: each would accept what the other has. Connect after a fork: in a forked process every call is `store.forked`.
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

/// Rows are deleted in small steps, which keep no insertion waiting for long.
const EXPIRE_EVERY: u64 = 50;

impl Backend for Postgres {
    type Connection = Session;

    async fn look(&self) -> Result<(), StoreError> {
        match self.is_pooled().await {
            Ok(false) => Ok(()),
            Ok(true) => Err(StoreError::PooledTransactions),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn connect(&self) -> Result<Session, StoreError> {
        self.open().await
    }

    fn is_closed(session: &Session) -> bool {
        session.client.is_closed()
    }

    async fn ping(session: &Session) -> bool {
        session.client.simple_query("").await.is_ok()
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
        _ => refusal(error).into(),
    }
}

/// Why the server could not be used, by its own code or by how the connection ended.
fn refusal(error: &Error) -> StoreError {
    if let Some(state) = error.code() {
        let code = ServerCode::new(state.code());
        return match state.code() {
            "42P01" | "3F000" => StoreError::NoTable,
            "42501" => StoreError::NoRight(code),
            "25006" => StoreError::NotPrimary { role: "replica" },
            // It is told to end, or ends all connections after a crash of one.
            "57P01" | "57P02" => StoreError::Disconnected,
            class if class.starts_with("28") => StoreError::LoginRejected(code),
            _ => StoreError::Rejected(code),
        };
    }
    #[cfg(feature = "tls")]
    if let Some(fault) = crate::tls::fault(error) {
        return fault;
    }
    let source = core::error::Error::source(error);
    // The driver's own words are all that it tells of these two.
    match source.map(ToString::to_string).as_deref() {
        Some("server does not support TLS") => return StoreError::Tls(TlsFault::NotOffered),
        Some("password missing") => return StoreError::InvalidAddress(AddressFault::NoPassword),
        _ => {}
    }
    let io = source.and_then(|source| source.downcast_ref::<io::Error>());
    match io.map(io::Error::kind) {
        _ if error.is_closed() => StoreError::Disconnected,
        Some(
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe,
        ) => StoreError::Disconnected,
        Some(io::ErrorKind::TimedOut) => StoreError::TimedOut,
        // The driver's word for servers that are not what `target_session_attrs` asks for.
        Some(io::ErrorKind::PermissionDenied)
            if io.is_some_and(|io| io.raw_os_error().is_none()) =>
        {
            StoreError::NotPrimary { role: "replica" }
        }
        Some(_) => StoreError::Unreachable,
        None => StoreError::Unavailable,
    }
}
