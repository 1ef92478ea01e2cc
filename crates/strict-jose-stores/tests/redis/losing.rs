//! What a server forgets, and the settings by which it does not: as the documentation says.

use super::server::why;
use super::{Redis, insert};
use std::time::Duration;
use strict_jose::Insertion::{self, AlreadyPresent, Inserted};
use strict_jose_stores::StoreError;

/// What a server with these settings answers for a used id after it was killed and started again.
fn after_restart(settings: &[&str]) -> Option<Insertion> {
    let mut redis = Redis::start(settings)?;
    let guard = redis.store().connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    redis.process.kill();
    redis.restart();
    let guard = redis.store().connect().unwrap();
    Some(insert(&guard, "a").unwrap())
}

#[test]
fn a_restart_forgets_without_persistence_only() {
    let always = after_restart(&["--appendonly", "yes", "--appendfsync", "always"]);
    if always.is_some() {
        assert_eq!(always, Some(AlreadyPresent));
        assert_eq!(after_restart(&[]), Some(Inserted));
    }
}

/// A primary and a replica that is in step with it.
fn pair() -> Option<(Redis, Redis)> {
    let primary = Redis::start(&[])?;
    let port = primary.port.to_string();
    let replica = Redis::start(&["--replicaof", "127.0.0.1", &port])?;
    let in_step = || primary.ask("WAIT 1 100") == redis::Value::Int(1);
    while !in_step() {
        std::thread::sleep(Duration::from_millis(10));
    }
    Some((primary, replica))
}

/// The primary is gone, the replica takes over: what does it say of the id?
fn after_failover(mut primary: Redis, replica: &Redis) -> Insertion {
    primary.process.kill();
    replica.process.signal("CONT");
    replica.wait();
    replica.ask("REPLICAOF NO ONE");
    let guard = replica.store().connect().unwrap();
    insert(&guard, "a").unwrap()
}

#[test]
fn a_failover_forgets_what_the_replica_had_not_heard_of() {
    let Some((primary, replica)) = pair() else { return };
    let guard = primary.store().connect().unwrap();
    replica.process.signal("STOP");
    primary.ask("CLIENT KILL TYPE replica"); // else the octets wait in its socket
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    assert_eq!(after_failover(primary, &replica), Inserted);
}

#[test]
fn a_failover_forgets_nothing_that_waited_for_the_replica() {
    let Some((primary, replica)) = pair() else { return };
    let guard = primary.store().replicas(1).connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    replica.process.signal("STOP");
    assert_eq!(why(insert(&guard, "b")), "store.too_few_replicas");
    assert_eq!(insert(&guard, "b"), Ok(AlreadyPresent)); // refused, and used
    assert_eq!(after_failover(primary, &replica), AlreadyPresent);
}

#[test]
fn a_replica_takes_no_ids() {
    let Some((_primary, replica)) = pair() else { return };
    let rejected = replica.store().connect().unwrap_err();
    assert_eq!(rejected, StoreError::NotPrimary { role: "replica" });
    // One that takes writes would accept what the primary accepts as well.
    replica.ask("CONFIG SET replica-read-only no");
    assert_eq!(replica.store().connect().unwrap_err(), rejected);
}
