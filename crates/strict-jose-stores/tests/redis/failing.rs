//! A server that is gone, silent, full or not to be trusted: the token is refused.

use super::{PROGRAM, Redis, insert};
use crate::server::{free_port, installed, why};
use std::net::TcpListener;
use std::time::Duration;
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose::{ReplayError, replay_contract};
use strict_jose_stores::{AddressFault, RedisStore, StoreError};

const LIMIT: Duration = Duration::from_millis(300);

/// Long enough for a machine that is busy otherwise; without a limit it would be for ever.
const WITHIN: Duration = Duration::from_secs(20);

#[test]
fn a_server_that_is_gone_refuses_and_is_found_again() {
    let Some(mut redis) = Redis::start(&[]) else { return };
    let guard = redis.store().time_limit(LIMIT).connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    redis.process.kill();
    replay_contract::check_unavailable(&guard, WITHIN).unwrap();
    redis.restart();
    // The first question may still meet the old connection.
    let answers: Vec<_> = (0..3).map(|_| insert(&guard, "b")).collect();
    assert!(answers.contains(&Ok(AlreadyPresent)), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| **answer == Ok(Inserted)).count(), 1);
}

#[test]
fn a_server_that_hangs_refuses_and_what_it_did_unseen_stays_done() {
    let Some(redis) = Redis::start(&[]) else { return };
    let guard = redis.store().time_limit(LIMIT).connect().unwrap();
    redis.process.signal("STOP");
    // Asked, not answered: it will be carried out when the server goes on.
    assert_eq!(why(insert(&guard, "unseen")), "store.timed_out");
    replay_contract::check_unavailable(&guard, WITHIN).unwrap();
    redis.process.signal("CONT");
    redis.wait();
    let patient = redis.store().connect().unwrap();
    assert_eq!(insert(&patient, "unseen"), Ok(AlreadyPresent));
    assert_eq!(insert(&patient, "seen"), Ok(Inserted));
}

#[test]
fn a_server_that_cannot_be_reached_is_an_error_at_the_start() {
    let connect = |url: &str| RedisStore::new(url, "").time_limit(LIMIT).connect().unwrap_err();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("redis://{}", silent.local_addr().unwrap());
    assert_eq!(connect(&silent), StoreError::TimedOut);
    assert_eq!(connect(&format!("redis://127.0.0.1:{}", free_port())), StoreError::Unreachable);
    assert_eq!(connect("redis+unix:///no/such/socket"), StoreError::Unreachable);
    for url in ["", "127.0.0.1:6379", "http://127.0.0.1/", "redis://"] {
        let malformed = StoreError::InvalidAddress(AddressFault::Malformed);
        assert_eq!(connect(url), malformed, "{url}");
    }
}

const EVICTS: StoreError =
    StoreError::NotDurable { setting: "maxmemory-policy", needed: "noeviction" };

#[test]
fn a_server_that_may_evict_is_refused_and_a_full_one_is_full() {
    let Some(redis) = Redis::start(&["--maxmemory", "100mb"]) else { return };
    for policy in ["allkeys-lru", "volatile-lru", "volatile-ttl", "allkeys-random"] {
        redis.ask(&format!("CONFIG SET maxmemory-policy {policy}"));
        assert_eq!(redis.store().connect().unwrap_err(), EVICTS, "{policy}");
    }
    // The other protocol answers in other types.
    let other = || {
        let store = RedisStore::new(&format!("{}/?protocol=resp3", redis.url()), "test:");
        store.losing_ids_in_a_crash().connect()
    };
    assert_eq!(other().unwrap_err(), EVICTS);
    redis.ask("CONFIG SET maxmemory-policy noeviction");
    let guard = redis.store().connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    assert_eq!(insert(&other().unwrap(), "a"), Ok(AlreadyPresent));
    redis.ask("CONFIG SET maxmemory 1");
    assert_eq!(insert(&guard, "b"), Err(ReplayError::Full));
    redis.ask("CONFIG SET maxmemory 0");
    assert_eq!(insert(&guard, "a"), Ok(AlreadyPresent));
    assert_eq!(insert(&guard, "b"), Ok(Inserted));
}

const WRONG: &str = "the replay store rejected the log-in";

#[test]
fn who_may_not_ask_is_refused() {
    if !installed(PROGRAM) {
        return;
    }
    let user = ["--user", "guard", "on", ">right", "~test:*", "+set", "+del", "+wait"];
    let redis = Redis::start(&user).unwrap();
    let store = |user: &str| {
        let url = format!("redis://{user}@127.0.0.1:{}", redis.port);
        RedisStore::new(&url, "test:").losing_ids_in_a_crash()
    };
    let connect = |user: &str| store(user).connect();
    assert_eq!(connect("guard:wrong").unwrap_err().to_string(), WRONG);
    // May not ask for the server's settings: somebody has to vouch for them, or permit it.
    let hidden = StoreError::HiddenSetting { setting: "maxmemory-policy" };
    assert_eq!(connect("guard:right").unwrap_err(), hidden);
    let vouched = store("guard:right").trusting_hidden_settings().connect().unwrap();
    assert_eq!(insert(&vouched, "vouched"), Ok(Inserted));
    redis.ask("ACL SETUSER guard +info +config|get");
    let guard = connect("guard:right").unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    redis.ask("ACL SETUSER guard -set");
    assert_eq!(why(insert(&guard, "b")), "store.no_right");
    redis.ask("ACL SETUSER default off");
    let error = redis.store().connect().unwrap_err();
    assert!(matches!(error, StoreError::LoginRejected(_)), "{error}");
}
