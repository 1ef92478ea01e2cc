//! Servers that would let go of ids, by their role or their settings: rejected by name, now and later.

use super::{Redis, insert};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose::ReplayError;
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
    let answer = insert(&guard, "b").unwrap_err();
    assert_eq!((answer.code(), answer.store_code()), ("replay.unavailable", Some("store.unfit")));
    // By a new connection too.
    assert_eq!(insert(&guard, "b").unwrap_err().store_code(), Some("store.unfit"));
    assert_eq!(insert(&seldom, "c"), Ok(Inserted), "the control");
    redis.ask("CONFIG SET maxmemory-policy noeviction");
    assert_eq!(insert(&guard, "b"), Ok(Inserted));
    // The primary becomes a replica that takes writes.
    redis.ask("CONFIG SET replica-read-only no");
    redis.ask("REPLICAOF 127.0.0.1 1");
    assert_eq!(insert(&guard, "d").unwrap_err().store_code(), Some("store.unfit"));
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
}

#[test]
fn a_connection_that_ended_while_nobody_asked_costs_no_token() {
    let Some(redis) = Redis::start(&[]) else { return };
    for (replicas, name) in [(0, "one"), (1, "eight")] {
        let guard = redis.store().connect().unwrap();
        assert_eq!(insert(&guard, &format!("{name} 0")), Ok(Inserted), "{replicas}");
        for round in 1..10 {
            redis.ask("CLIENT KILL TYPE normal");
            assert_eq!(insert(&guard, &format!("{name} {round}")), Ok(Inserted), "{round}");
            assert_eq!(insert(&guard, &format!("{name} {round}")), Ok(AlreadyPresent));
        }
    }
    redis.ask("CONFIG SET timeout 1");
    let guard = redis.store().connect().unwrap();
    for round in 0..2 {
        std::thread::sleep(Duration::from_millis(2_500)); // the server ends what is idle
        assert_eq!(insert(&guard, &format!("idle {round}")), Ok(Inserted));
    }
}

/// Stands before the server, and once it is told to, has an insertion carried out and loses the answer.
fn losing_one_answer(server: u16) -> (u16, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, loses) = (listener.local_addr().unwrap().port(), Arc::new(AtomicBool::new(false)));
    let told = Arc::clone(&loses);
    thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, told) = (client.unwrap(), Arc::clone(&told));
            thread::spawn(move || {
                let mut server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                let mut back = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let lost = Arc::new(AtomicBool::new(false));
                let answers = Arc::clone(&lost);
                thread::spawn(move || {
                    let mut octets = [0; 4096];
                    while let Ok(length @ 1..) = back.0.read(&mut octets) {
                        if answers.load(Ordering::SeqCst) {
                            break;
                        }
                        back.1.write_all(&octets[..length]).unwrap();
                    }
                    let _ = back.1.shutdown(std::net::Shutdown::Both);
                });
                let mut octets = [0; 4096];
                while let Ok(length @ 1..) = client.read(&mut octets) {
                    let inserts = octets[..length].windows(3).any(|word| word == b"SET");
                    if inserts && told.swap(false, Ordering::SeqCst) {
                        lost.store(true, Ordering::SeqCst);
                    }
                    server.write_all(&octets[..length]).unwrap();
                }
            });
        }
    });
    (port, loses)
}

#[test]
fn an_id_that_a_second_attempt_finds_is_nobodys_replay() {
    let Some(redis) = Redis::start(&[]) else { return };
    let (port, loses) = losing_one_answer(redis.port);
    let store = RedisStore::new(&format!("redis://127.0.0.1:{port}"), "test:");
    let guard = store.losing_ids_in_a_crash().connect().unwrap();
    assert_eq!(insert(&guard, "control"), Ok(Inserted));
    loses.store(true, Ordering::SeqCst);
    assert_eq!(insert(&guard, "lost"), Err(ReplayError::UNAVAILABLE), "whose it is, nobody knows");
    assert!(!loses.load(Ordering::SeqCst), "no answer was lost");
    assert_eq!(insert(&guard, "lost"), Ok(AlreadyPresent), "it was carried out");
}
