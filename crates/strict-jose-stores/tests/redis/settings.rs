//! Servers that would let go of ids, by their role or their settings: rejected by name, now and later.

use super::server::{Process, Scratch, free_port, why};
use super::{PROGRAM, Redis, insert};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;
use strict_jose::Insertion::Inserted;
use strict_jose_stores::{RedisStore, StoreError};

fn strict(redis: &Redis) -> RedisStore {
    RedisStore::new(&redis.url(), "test:")
}

#[test]
fn a_crash_forgets_nothing_or_somebody_has_accepted_it() {
    let Some(redis) = Redis::start(&[]) else { return };
    let appends = StoreError::NotDurable { setting: "appendonly", needed: "yes" };
    assert_eq!(strict(&redis).connect().unwrap_err(), appends);
    redis.ask("CONFIG SET appendonly yes");
    for often in ["everysec", "no"] {
        redis.ask(&format!("CONFIG SET appendfsync {often}"));
        let error = strict(&redis).connect().unwrap_err();
        assert_eq!(error, StoreError::NotDurable { setting: "appendfsync", needed: "always" });
        let text = "the replay store would let go of live ids: set `appendfsync` to `always`";
        assert_eq!(error.to_string(), text);
        assert!(strict(&redis).losing_ids_in_a_crash().connect().is_ok());
    }
    redis.ask("CONFIG SET appendfsync always");
    redis.ask("CONFIG SET no-appendfsync-on-rewrite yes");
    let waits = StoreError::NotDurable { setting: "no-appendfsync-on-rewrite", needed: "no" };
    assert_eq!(strict(&redis).connect().unwrap_err(), waits);
    redis.ask("CONFIG SET no-appendfsync-on-rewrite no");
    let guard = strict(&redis).connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
}

#[test]
fn a_setting_that_is_changed_while_the_server_runs_is_seen() {
    let Some(redis) = Redis::start(&["--maxmemory", "100mb"]) else { return };
    let guard = redis.store().look_every(Duration::ZERO).connect().unwrap();
    let seldom = redis.store().look_every(Duration::from_secs(3600)).connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    redis.ask("CONFIG SET maxmemory-policy allkeys-lru");
    assert_eq!(insert(&guard, "b").unwrap_err().code(), "replay.unavailable");
    // By a new connection too.
    assert_eq!(why(insert(&guard, "b")), "store.forgetful");
    assert_eq!(insert(&seldom, "c"), Ok(Inserted), "the control");
    redis.ask("CONFIG SET maxmemory-policy noeviction");
    assert_eq!(insert(&guard, "b"), Ok(Inserted));
    // The primary becomes a replica that takes writes.
    redis.ask("CONFIG SET replica-read-only no");
    redis.ask("REPLICAOF 127.0.0.1 1");
    assert_eq!(why(insert(&guard, "d")), "store.not_primary");
}

/// Hosted servers rename CONFIG; INFO still tells the policy.
#[test]
fn a_server_without_config_tells_its_policy_by_info() {
    let hidden = ["--rename-command", "CONFIG", "", "--maxmemory", "100mb", "--maxmemory-policy"];
    let start = |policy| Redis::start(&[&hidden[..], &[policy]].concat());
    let Some(redis) = start("allkeys-lru") else { return };
    let evicts = StoreError::NotDurable { setting: "maxmemory-policy", needed: "noeviction" };
    for store in [redis.store(), redis.store().trusting_hidden_settings()] {
        assert_eq!(store.connect().unwrap_err(), evicts, "what it tells counts");
    }
    let redis = start("noeviction").unwrap();
    assert!(redis.store().connect().is_ok());
    // How often it writes to the disk INFO does not tell.
    assert_eq!(
        strict(&redis).connect().unwrap_err(),
        StoreError::NotDurable { setting: "appendonly", needed: "yes" }
    );
    let redis = Redis::start(&["--rename-command", "CONFIG", "", "--appendonly", "yes"]).unwrap();
    let hidden = StoreError::HiddenSetting { setting: "appendfsync" };
    assert_eq!(strict(&redis).connect().unwrap_err(), hidden);
    assert!(strict(&redis).trusting_hidden_settings().connect().is_ok());
}

/// `+@all -@dangerous`, as many have it, hides CONFIG and INFO.
#[test]
fn a_user_without_dangerous_commands_needs_somebody_to_vouch() {
    let Some(redis) = Redis::start(&["--user", "app", "on", ">pw", "~*", "+@all", "-@dangerous"])
    else {
        return;
    };
    let url = format!("redis://app:pw@127.0.0.1:{}", redis.port);
    let store = RedisStore::new(&url, "test:").losing_ids_in_a_crash();
    let hidden = StoreError::HiddenSetting { setting: "maxmemory-policy" };
    assert_eq!(store.clone().connect().unwrap_err(), hidden);
    let guard = store.trusting_hidden_settings().connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
}

#[test]
fn a_node_of_a_cluster_and_a_sentinel_are_rejected_by_name() {
    let Some(redis) = Redis::start(&["--cluster-enabled", "yes"]) else { return };
    let node = StoreError::NotPrimary { role: "cluster's node" };
    assert_eq!(redis.store().connect().unwrap_err(), node);
    let watched = Redis::start(&[]).unwrap();
    let (scratch, port) = (Scratch::new("sentinel"), free_port());
    let file = scratch.path().join("sentinel.conf");
    let settings = format!("port {port}\nsentinel monitor primary 127.0.0.1 {} 1\n", watched.port);
    std::fs::write(&file, settings).unwrap();
    let mut command = Command::new(PROGRAM);
    let _sentinel = Process::new(command.arg(&file).arg("--sentinel").stdout(Stdio::null()));
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        thread::sleep(Duration::from_millis(10));
    }
    let store = RedisStore::new(&format!("redis://127.0.0.1:{port}"), "test:");
    let sentinel = StoreError::NotPrimary { role: "Sentinel" };
    assert_eq!(store.clone().connect().unwrap_err(), sentinel);
    let vouched = store.losing_ids_in_a_crash().trusting_hidden_settings();
    assert_eq!(vouched.connect().unwrap_err(), sentinel);
}
