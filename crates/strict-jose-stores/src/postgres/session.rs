//! A connection of the guard's: how it is made and looked at, and its statements.

use super::address::Address;
use super::{PostgresStore, Table, refusal};
use crate::error::{FORMAT, StoreError};
use crate::tls::Tls;
use core::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use tokio::time::timeout;
use tokio_postgres::{Client, Error, NoTls, SimpleQueryMessage, Statement};

pub(super) struct Postgres {
    pub(super) address: Address,
    /// If the address asks for it.
    pub(super) tls: Option<Tls>,
    pub(super) table: Table,
    /// Of the first connection; all others have to reach the same.
    pub(super) table_id: OnceLock<u32>,
    pub(super) store: PostgresStore,
}

/// A connection with its statements.
pub(super) struct Session {
    pub(super) client: Arc<Client>,
    pub(super) insert: Statement,
    pub(super) release: Statement,
    pub(super) expire: Statement,
    pub(super) insertions: AtomicU64,
}

/// Whether what is committed survives a crash. The session keeps the settings it began with, ends by itself the
/// statements that nobody waits for any more, and uses the indexes, even if its plans were made while the table was
/// small.
const SETTLE: &str = "
    SELECT set_config('synchronous_commit', current_setting('synchronous_commit'), false)
            IN ('on', 'remote_apply')
            OR (current_setting('synchronous_commit') <> 'off'
                AND current_setting('synchronous_standby_names') = ''),
        current_setting('fsync')::bool, relpersistence = 'p', pg_is_in_recovery(), relkind = 'r',
        obj_description(oid, 'pg_class'), oid,
        set_config('default_transaction_isolation', 'read committed', false),
        set_config('statement_timeout', $1, false),
        set_config('enable_seqscan', 'off', false)
    FROM pg_class WHERE oid = to_regclass($2)";

impl Postgres {
    /// Its end is known to the client as soon as it comes.
    async fn client(&self) -> Result<Client, Error> {
        let config = &self.address.config;
        Ok(match &self.tls {
            #[cfg(not(feature = "tls"))]
            Some(tls) => match *tls {},
            None => {
                let (client, connection) = config.connect(NoTls).await?;
                tokio::spawn(connection); // ends with the client
                client
            }
            #[cfg(feature = "tls")]
            Some(tls) => {
                let tls = tokio_postgres_rustls_improved::MakeRustlsConnect::new((*tls.0).clone());
                let (client, connection) = config.connect(tls).await?;
                tokio::spawn(connection);
                client
            }
        })
    }

    pub(super) async fn open(&self) -> Result<Session, StoreError> {
        let client = self.client().await.map_err(|error| refusal(&error))?;
        self.settle(&client).await?;
        self.prepare(client).await.map_err(|error| match refusal(&error) {
            // The statements are right for a table as the guard makes it.
            StoreError::Rejected(code) if code.as_str().starts_with("42") => {
                StoreError::ForeignTable
            }
            StoreError::Unavailable => StoreError::ForeignTable, // its types are others
            error => error,
        })
    }

    async fn settle(&self, client: &Client) -> Result<(), StoreError> {
        let limit = self.store.time_limit.as_millis().clamp(1, 2_147_483_647); // 0 is none
        let rows = client.query(SETTLE, &[&limit.to_string(), &self.table.name]).await;
        let rows = rows.map_err(|error| refusal(&error))?;
        let settled = rows.first().ok_or(StoreError::NoTable)?;
        let [commits, syncs, is_logged, is_replica, is_table] = [0, 1, 2, 3, 4]
            .map(|column| settled.try_get::<_, Option<bool>>(column).ok().flatten() == Some(true));
        if is_replica {
            return Err(StoreError::NotPrimary { role: "replica" });
        }
        if !is_table {
            return Err(StoreError::ForeignTable);
        }
        for (is_so, setting, needed) in [
            (commits, "synchronous_commit", "on"),
            (syncs || self.store.trusts_commits, "fsync", "on"),
            (is_logged, "the table's persistence", "LOGGED"),
        ] {
            if !is_so {
                return Err(StoreError::NotDurable { setting, needed });
            }
        }
        match settled.try_get::<_, Option<&str>>(5) {
            Ok(Some(comment)) if comment == format!("{COMMENT}{FORMAT}") => {}
            // Made before there were numbers, or restored without comments. The columns are those of format 1.
            Ok(None) => {}
            _ => return Err(StoreError::UnknownFormat),
        }
        // A table of that name in a schema that is searched first would know nothing of what the others know.
        let id = settled.try_get::<_, u32>(6).map_err(|error| refusal(&error))?;
        if *self.table_id.get_or_init(|| id) == id { Ok(()) } else { Err(StoreError::TableChanged) }
    }

    async fn prepare(&self, client: Client) -> Result<Session, Error> {
        let Table { insert, release, expire, .. } = &self.table;
        // Planned, not run: that the columns, the primary key and the rights are there.
        let (id, time): (&[u8], i64) = (&[], 0);
        client.execute(&format!("EXPLAIN {insert}"), &[&id, &time, &time]).await?;
        client.execute(&format!("EXPLAIN {expire}"), &[&time]).await?;
        Ok(Session {
            insert: client.prepare(insert).await?,
            release: client.prepare(release).await?,
            expire: client.prepare(expire).await?,
            client: Arc::new(client),
            insertions: AtomicU64::new(0),
        })
    }

    /// Whether somebody between gives each transaction another connection. Two questions in a row do not show it:
    /// with nobody else there, both reach the same one. While a second connection is inside a transaction they do
    /// not. Nothing is set meanwhile that another client could inherit.
    pub(super) async fn is_pooled(&self) -> Result<bool, Error> {
        let (one, other) = (self.client().await?, self.client().await?);
        // A pooler that takes turns may hand out the same connection by chance.
        for _ in 0..LOOKS {
            if self.are_pooled(&one, &other).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn are_pooled(&self, one: &Client, other: &Client) -> Result<bool, Error> {
        let before = backend(one).await?;
        other.simple_query("BEGIN").await?;
        let inside = backend(other).await?;
        // A pool of one lets this one wait until the transaction has ended.
        let after = timeout(self.store.time_limit / 2, backend(one)).await;
        other.simple_query("ROLLBACK").await?;
        Ok(match after {
            Ok(after) => before == inside || before != after?,
            Err(_) => true,
        })
    }
}

const LOOKS: usize = 3;

/// What the table's comment begins with, before the number of its format.
pub(super) const COMMENT: &str = "strict-jose replay ids, format ";

/// The server's process behind the connection, asked so that no pooler has to keep anything.
async fn backend(client: &Client) -> Result<Option<String>, Error> {
    let answers = client.simple_query("SELECT pg_backend_pid()").await?;
    Ok(answers.iter().find_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}
