//! Replay guards for [strict-jose](strict_jose) that outlive a process or serve several: in a file, on a
//! PostgreSQL server, on a Redis or Valkey server.
//!
//! Each is a [`ReplayGuard`](strict_jose::ReplayGuard) for
//! [`Validation::single_use`](strict_jose::Validation::single_use), and those on a server are an
//! [`AsyncReplayGuard`](strict_jose::AsyncReplayGuard) as well. They use public items of `strict-jose`
//! alone, as a guard of your own would. Which one to use, and how large, is in the guide
//! [`replay_sizing`](strict_jose::guide::replay_sizing); what to watch, in [`operating`](strict_jose::guide::operating).
//!
//! When a guard is made, it asks its store whether it keeps every id, and rejects by name one that does not. Whatever
//! goes wrong later, a token is rejected rather than accepted twice, and [`Error::store_code`](strict_jose::Error::store_code)
//! says why: by a code of [`StoreError`], or by one of these.
//!
//! | code | what to do |
//! | --- | --- |
//! | `store.forked` | open or connect the guard after the fork, in each process |
//! | `store.lock_lost` | somebody removed the file `-lock` beside the guard's: restart the service, and leave it alone |
//! | `store.disk_full` | make room; tokens are accepted again by themselves |
//! | `store.disk_failed` | the disk cannot be read or written: look at the system's log |
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | adds |
//! | --- | --- |
//! | `sqlite` | a guard in a file, by the SQLite that is installed: 3.37 or newer, and whatever the release of `rusqlite` asks for |
//! | `sqlite-bundled` | the same by SQLite compiled in; needs a C compiler |
//! | `postgres` | a guard on PostgreSQL, sync and async; depends on `tokio` |
//! | `redis` | a guard on Redis or Valkey, sync and async; depends on `tokio` |
//! | `tls` | TLS to PostgreSQL and Redis, by `rustls` and `aws-lc-rs`, for addresses that ask for it; needs a C compiler |

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod clock;
mod error;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;
#[doc = include_str!("upgrading.md")]
pub mod upgrading {}
#[cfg(any(feature = "postgres", feature = "redis"))]
mod tls;

pub use crate::address::AddressFault;
#[cfg(feature = "postgres")]
pub use crate::postgres::{PostgresReplayGuard, PostgresStore};
#[cfg(feature = "redis")]
pub use crate::redis::{RedisReplayGuard, RedisStore};
#[cfg(feature = "sqlite")]
pub use crate::sqlite::SqliteReplayGuard;
pub use error::{ServerCode, StoreError, TlsFault};

/// The README's examples are tests.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../README.md")]
struct Readme;
