//! What the errors say: stable codes, and nothing of an address with its password.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;
use strict_jose_stores::StoreError;

const ERRORS: [StoreError; 14] = [
    StoreError::InUse,
    StoreError::NoFolder,
    StoreError::NotPermitted,
    StoreError::EmptyFile,
    StoreError::ForeignFile,
    StoreError::Damaged,
    StoreError::Unavailable,
    StoreError::InvalidAddress,
    StoreError::NotDurable { setting: "maxmemory-policy", needed: "noeviction" },
    StoreError::HiddenSetting { setting: "maxmemory-policy" },
    StoreError::NotPrimary { role: "replica" },
    StoreError::UnknownFormat,
    StoreError::PooledTransactions,
    StoreError::NoFileLocks,
];

/// Log searches and alarms are built on them: none is ever renamed or reused.
#[test]
fn every_code_is_unique_and_stays() {
    let codes: BTreeSet<_> = ERRORS.iter().map(|error| error.code()).collect();
    assert_eq!(codes.len(), ERRORS.len());
    assert_eq!(codes, include_str!("../codes.txt").lines().collect());
    let texts: BTreeSet<_> = ERRORS.iter().map(StoreError::to_string).collect();
    assert_eq!(texts.len(), ERRORS.len());
    assert!(texts.iter().all(|text| text.len() <= 200 && text.is_ascii() && !text.ends_with('.')));
    // A variant that the list above does not have would show up in the source first.
    let written = include_str!("../src/error.rs").matches("=> \"store.").count();
    assert_eq!(written, ERRORS.len());
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
    ] {
        let store = strict_jose_stores::RedisStore::new(&url, "prefix");
        assert_silent(&store.clone(), &store.connect().unwrap_err());
    }
}
