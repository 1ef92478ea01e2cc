//! The contract, by one process and by two.

use super::server::{block_on, child};
use super::{Redis, id, insert, now};
use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;
use std::{env, thread};
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose::replay_contract::{self, Blocking, Handles};
use strict_jose::{Monitored, NumericDate, ReplayError, ReplayGuard};
use strict_jose_stores::RedisStore;

#[test]
fn the_contract_holds_plain_and_async_by_one_handle_and_by_two() {
    let Some(redis) = Redis::start(&[]) else { return };
    let prefixes = Mutex::new(0);
    let fresh = || {
        let mut prefixes = prefixes.lock().unwrap();
        *prefixes += 1;
        RedisStore::new(&redis.url(), &format!("{prefixes}:"))
            .losing_ids_in_a_crash()
            .time_limit(Duration::from_secs(30))
    };
    let report = replay_contract::check(|| fresh().connect().unwrap()).unwrap();
    assert_eq!(report.clauses.len(), 9);
    let report = replay_contract::check(|| {
        let store = fresh();
        let handle = || Blocking::new(store.clone().connect().unwrap(), |asked| block_on(asked));
        Handles::new([handle(), handle()])
    });
    assert_eq!(report.unwrap().clauses.len(), 9);
    replay_contract::check_abandoned(fresh().connect().unwrap(), |asked| block_on(asked)).unwrap();
}

#[test]
fn an_operator_sees_what_this_process_was_answered() {
    let Some(redis) = Redis::start(&[]) else { return };
    let guard = redis.store().connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    assert_eq!(insert(&guard, "a"), Ok(AlreadyPresent));
    guard.release(&id("a")).unwrap();
    let counts = guard.statistics();
    assert_eq!((counts.inserted, counts.present, counts.released), (1, 1, 1));
    assert_eq!(
        (counts.live, counts.oldest_expiry),
        (None, None),
        "the server would have to search"
    );
}

const RACES: usize = 50;
const THREADS: usize = 64;

#[test]
#[ignore = "a process of other tests"]
fn child_races() {
    let store = RedisStore::new(&env::var("STRICT_JOSE_TEST_URL").unwrap(), "test:");
    let store = store.losing_ids_in_a_crash();
    let guard = store.time_limit(Duration::from_secs(30)).connect().unwrap();
    std::io::stdin().read_line(&mut String::new()).unwrap();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for race in 0..RACES {
                    match insert(&guard, &format!("race {race}")) {
                        Ok(Inserted) => println!("\nfirst {race}"),
                        answer => assert_eq!(answer, Ok(AlreadyPresent)),
                    }
                }
            });
        }
    });
}

#[test]
fn of_two_processes_with_64_threads_each_exactly_one_is_first() {
    let Some(redis) = Redis::start(&[]) else { return };
    let mut processes: Vec<_> = (0..2)
        .map(|_| {
            child("exact::child_races")
                .env("STRICT_JOSE_TEST_URL", redis.url())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    thread::sleep(Duration::from_millis(300)); // so that both are there; they race either way
    for process in &mut processes {
        drop(process.stdin.take()); // go
    }
    let mut first = BTreeMap::new();
    for process in processes {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success());
        let output = String::from_utf8(output.stdout).unwrap();
        for race in output.lines().filter_map(|line| line.strip_prefix("first ")) {
            *first.entry(race.to_owned()).or_insert(0) += 1;
        }
    }
    assert_eq!(first.len(), RACES);
    assert!(first.values().all(|&winners| winners == 1), "{first:?}");
}

#[test]
fn the_server_keeps_an_id_for_its_lifetime_and_the_margin() {
    let Some(redis) = Redis::start(&[]) else { return };
    let guard = redis.store().clock_margin(Duration::from_secs(100)).connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    let redis::Value::BulkString(key) = redis.ask("RANDOMKEY") else { panic!("no key") };
    let key = String::from_utf8(key).unwrap();
    assert!(key.starts_with("test:1:") && key.len() == "test:1:".len() + 43, "{key}");
    let redis::Value::Int(lifetime) = redis.ask(&format!("PTTL {key}")) else { panic!("{key}") };
    assert!((3_640_000..=3_700_001).contains(&lifetime), "{lifetime}");
    ReplayGuard::release(&guard, &id("a")).unwrap();
    assert_eq!(redis.ask("DBSIZE"), redis::Value::Int(0));

    // What has expired by the latest time seen is not asked at all, whatever the clock says next.
    let later = NumericDate::from_seconds(now().seconds() + 7200).unwrap();
    let ask = |jti: &str, until: NumericDate, now: NumericDate| {
        ReplayGuard::insert_if_absent(&guard, &id(jti), until, now)
    };
    assert_eq!(ask("b", later.saturating_add(Duration::from_secs(9)), later), Ok(Inserted));
    assert_eq!(ask("c", later, now()), Err(ReplayError::ClockBehind));
    assert_eq!(redis.ask("DBSIZE"), redis::Value::Int(1));
}
