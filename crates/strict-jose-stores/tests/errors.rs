//! What the errors say: stable codes, and nothing of an address with its password.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;
use strict_jose_stores::{AddressFault, StoreError, TlsFault};

fn errors() -> Vec<StoreError> {
    vec![
        StoreError::InUse,
        StoreError::NoFolder,
        StoreError::NotPermitted,
        StoreError::EmptyFile,
        StoreError::ForeignFile,
        StoreError::Damaged,
        StoreError::NoFileLocks,
        StoreError::InvalidAddress(AddressFault::NoHost),
        StoreError::Unreachable,
        StoreError::TimedOut,
        StoreError::Disconnected,
        StoreError::Tls(TlsFault::Certificate),
        StoreError::NoTable,
        StoreError::ForeignTable,
        StoreError::TableChanged,
        StoreError::NotDurable { setting: "maxmemory-policy", needed: "noeviction" },
        StoreError::HiddenSetting { setting: "maxmemory-policy" },
        StoreError::NotPrimary { role: "replica" },
        StoreError::TooFewReplicas,
        StoreError::PooledTransactions,
        StoreError::UnknownFormat,
        StoreError::Unavailable,
    ]
}

/// Those that hold a code of the server's, which nobody outside can make.
const OF_A_SERVER: [&str; 3] = ["store.login", "store.no_right", "store.rejected"];

/// What calls answer alone.
const OF_CALLS: [&str; 4] =
    ["store.disk_failed", "store.disk_full", "store.forked", "store.lock_lost"];

/// Log searches and alarms are built on them: none is ever renamed or reused.
#[test]
fn every_code_is_unique_and_stays() {
    let errors = errors();
    let mut codes: BTreeSet<_> = errors.iter().map(|error| error.code()).collect();
    assert_eq!(codes.len(), errors.len());
    codes.extend(OF_A_SERVER.into_iter().chain(OF_CALLS));
    let listed: BTreeSet<_> = include_str!("../codes.txt").lines().collect();
    assert_eq!(codes, listed);
    // One that the lists above do not have shows up in the source.
    let source = [
        include_str!("../src/error.rs"),
        include_str!("../src/sqlite/lock.rs"),
        include_str!("../src/sqlite/store.rs"),
    ]
    .concat();
    let written = source.split('"').filter(|word| word.starts_with("store."));
    assert_eq!(written.collect::<BTreeSet<_>>(), listed);
}

/// One line, for a log: what failed, then what to do or which of several it is.
#[test]
fn every_text_is_short_and_its_own() {
    let faults = [
        AddressFault::Malformed,
        AddressFault::NoHost,
        AddressFault::Unencoded('@'),
        AddressFault::Unencoded(' '),
        AddressFault::Fragment,
        AddressFault::UnsupportedOption("sslcert"),
        AddressFault::UnknownOption(3),
        AddressFault::OptionValue("sslmode"),
        AddressFault::NoPassword,
        AddressFault::TlsUnstated,
        AddressFault::TlsFeature,
        AddressFault::TlsUnused,
        AddressFault::TableName,
    ];
    let handshakes =
        [TlsFault::NoAuthority, TlsFault::NotOffered, TlsFault::NoAnswer, TlsFault::Handshake];
    let mut errors = errors();
    errors.extend(faults.into_iter().skip(2).map(StoreError::InvalidAddress));
    errors.extend(handshakes.map(StoreError::Tls));
    let texts: BTreeSet<_> = errors.iter().map(StoreError::to_string).collect();
    assert_eq!(texts.len(), errors.len());
    for text in &texts {
        assert!(text.len() <= 150 && text.is_ascii() && !text.ends_with('.'), "{text}");
    }
    assert!(texts.contains(
        "the address of the replay store cannot be used: write `@` in the user or the password as `%40`"
    ));
}

/// What must never be printed, put wherever a value can be put.
#[cfg(any(feature = "postgres", feature = "redis"))]
const CANARY: &str = "c4n4ry";

#[cfg(any(feature = "postgres", feature = "redis"))]
fn assert_silent(store: &impl std::fmt::Debug, error: &dyn std::error::Error) {
    for shown in [format!("{store:?} {store:#?}"), format!("{error} {error:?} {error:#?}")] {
        assert!(!shown.contains(CANARY), "{shown}");
    }
    assert!(error.source().is_none());
}

#[cfg(feature = "postgres")]
#[test]
fn a_store_on_postgresql_prints_no_address() {
    for config in [
        format!("host=/no/{CANARY} user={CANARY} password={CANARY}"),
        format!("postgresql://{CANARY}:{CANARY}@127.0.0.1:1/{CANARY}"),
        format!("postgresql://{CANARY}:{CANARY}@127.0.0.1:{CANARY}/"),
        format!("host=127.0.0.1 password={CANARY} {CANARY}={CANARY}"),
        format!("postgresql://{CANARY}:{CANARY}/{CANARY}@127.0.0.1/{CANARY}?{CANARY}={CANARY}"),
        format!("postgresql://127.0.0.1/?sslmode={CANARY}"),
        format!("host={CANARY}.invalid sslmode=disable user={CANARY} dbname={CANARY}"),
    ] {
        let store = strict_jose_stores::PostgresStore::new(&config);
        assert_silent(&store.clone(), &store.connect().unwrap_err());
    }
}

#[cfg(feature = "redis")]
#[test]
fn a_store_on_redis_prints_no_address() {
    for url in [
        format!("redis+unix:///no/{CANARY}?user={CANARY}&pass={CANARY}"),
        format!("redis://{CANARY}:{CANARY}@127.0.0.1:1/0"),
        format!("redis://{CANARY}:{CANARY}@127.0.0.1:{CANARY}/0"),
        format!("http://{CANARY}:{CANARY}@127.0.0.1/"),
        format!("redis://{CANARY}:{CANARY}#{CANARY}@{CANARY}/?{CANARY}={CANARY}"),
        format!("redis://{CANARY}.invalid/0"),
    ] {
        let store = strict_jose_stores::RedisStore::new(&url, "prefix");
        assert_silent(&store.clone(), &store.connect().unwrap_err());
    }
}
