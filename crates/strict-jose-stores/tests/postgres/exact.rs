//! The contract, by one process and by two, and when a row goes.

use super::server::{block_on, child};
use super::{Postgres, after, id, insert, now};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;
use std::{env, thread};
use strict_jose::Insertion::{self, AlreadyPresent, Inserted};
use strict_jose::replay_contract::{self, Blocking, Handles};
use strict_jose::{Monitored, NumericDate, ReplayError, ReplayGuard};
use strict_jose_stores::{PostgresReplayGuard, PostgresStore};

const PATIENT: Duration = Duration::from_secs(30);

#[test]
fn the_contract_holds_plain_and_async_by_one_handle_and_by_two() {
    let Some(postgres) = Postgres::start() else { return };
    let schemas = Mutex::new(0);
    let fresh = |more: &str| {
        let mut schemas = schemas.lock().unwrap();
        *schemas += 1;
        postgres.ask(&format!(
            "CREATE SCHEMA s{schemas} AUTHORIZATION api; SET ROLE api; SET search_path = s{schemas}; {}",
            postgres.store().create_table()
        ));
        let options = format!("options='-c search_path=s{schemas} {more}'");
        PostgresStore::new(&postgres.config(&options)).time_limit(PATIENT)
    };
    let report = replay_contract::check(|| fresh("").connect().unwrap()).unwrap();
    assert_eq!(report.clauses.len(), 9);
    let report = replay_contract::check(|| {
        // Left as it is, this level would answer those who come second by an error.
        let store = fresh("-c default_transaction_isolation=serializable");
        let handle = || Blocking::new(store.clone().connect().unwrap(), |asked| block_on(asked));
        Handles::new([handle(), handle()])
    });
    assert_eq!(report.unwrap().clauses.len(), 9);
    let guard = fresh("").connect().unwrap();
    replay_contract::check_abandoned(guard, |asked| block_on(asked)).unwrap();
}

#[test]
fn an_operator_sees_what_this_process_was_answered() {
    let Some(postgres) = Postgres::start() else { return };
    let guard = postgres.store().connect().unwrap();
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

const RACES: usize = 200;
const THREADS: usize = 64;

#[test]
#[ignore = "a process of other tests"]
fn child_races() {
    let store = PostgresStore::new(&env::var("STRICT_JOSE_TEST_CONFIG").unwrap());
    let guard = store.time_limit(PATIENT).connect().unwrap();
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
    let Some(postgres) = Postgres::start() else { return };
    let mut processes: Vec<_> = (0..2)
        .map(|_| {
            child("exact::child_races")
                .env("STRICT_JOSE_TEST_CONFIG", postgres.config(""))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    // Both are connected; they race from then on.
    while postgres.ask("SELECT count(*) FROM pg_stat_activity WHERE usename = 'api'") != "2" {
        thread::sleep(Duration::from_millis(10));
    }
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

fn ask(
    guard: &PostgresReplayGuard,
    jti: &str,
    until: NumericDate,
    now: NumericDate,
) -> Result<Insertion, ReplayError> {
    ReplayGuard::insert_if_absent(guard, &id(jti), until, now)
}

#[test]
fn a_row_is_an_id_until_its_time_and_the_margin() {
    let Some(postgres) = Postgres::start() else { return };
    let guard = postgres.store().clock_margin(Duration::from_millis(99_001)).connect().unwrap();
    let (start, until) = (now(), after(3600));
    assert_eq!(ask(&guard, "a", until, start), Ok(Inserted));
    let row = postgres.ask("SELECT encode(id, 'base64'), keep_until FROM replay_ids");
    assert_eq!(row, format!("{}|{}", STANDARD.encode(id("a").digest()), until.seconds() + 100));
    // By the time seen last, it is there to the end of the margin; and then is another, in the same row.
    let later = |seconds| until.saturating_add(Duration::from_secs(seconds));
    assert_eq!(ask(&guard, "a", later(999), later(99)), Ok(AlreadyPresent));
    assert_eq!(ask(&guard, "a", later(999), later(100)), Ok(Inserted));
    assert_eq!(ask(&guard, "a", later(9999), start), Ok(AlreadyPresent));
    assert_eq!(postgres.count(), 1);
    ReplayGuard::release(&guard, &id("a")).unwrap();
    assert_eq!(postgres.count(), 0);

    // What has expired by the latest time seen is not asked at all, whatever the clock says next.
    assert_eq!(ask(&guard, "b", later(100), start), Err(ReplayError::ClockBehind));
    assert_eq!(postgres.count(), 0);
    // The latest time there is, with a margin that goes past it.
    let store = postgres.store().clock_margin(Duration::MAX);
    let never = start.saturating_add(Duration::MAX);
    assert_eq!(ask(&store.connect().unwrap(), "c", never, start), Ok(Inserted));
}

#[test]
fn rows_go_when_both_clocks_say_so() {
    let Some(postgres) = Postgres::start() else { return };
    let store = postgres.store().clock_margin(Duration::ZERO).connections(1);
    // By one connection: when the second is answered, what the one before them set off is done.
    let settle = |guard: &PostgresReplayGuard, until, now| {
        for jti in ["settle", "it"] {
            assert!(ask(guard, jti, until, now).is_ok());
        }
    };
    assert_eq!(insert(&store.clone().connect().unwrap(), "live"), Ok(Inserted));
    let behind = store.clone().connect().unwrap();
    let (then, until) = (after(-10_000), after(-5000));
    for number in 0..41 {
        // 41 insertions delete three times.
        assert_eq!(ask(&behind, &format!("old {number}"), until, then), Ok(Inserted));
    }
    settle(&behind, until, then);
    assert_eq!(postgres.count(), 1 + 41 + 2, "gone by the server's clock alone");

    let ahead = store.clone().connect().unwrap();
    assert_eq!(ask(&ahead, "new", after(200_000), after(100_000)), Ok(Inserted));
    settle(&ahead, after(200_000), after(100_000));
    // Two of the old ids were inserted anew.
    assert_eq!(postgres.count(), 1 + 1 + 2, "the expired alone are to go");
    let right = store.connect().unwrap();
    assert_eq!(insert(&right, "live"), Ok(AlreadyPresent), "gone by a wrong clock alone");
}

#[test]
fn rows_go_250_at_a_time() {
    let Some(postgres) = Postgres::start() else { return };
    postgres.ask(
        "INSERT INTO replay_ids
         SELECT sha256(number::text::bytea), number FROM generate_series(1, 600) AS number",
    );
    let guard = postgres.store().connections(1).connect().unwrap();
    for number in 0..3 {
        assert_eq!(insert(&guard, &number.to_string()), Ok(Inserted));
    }
    assert_eq!(postgres.count(), 350 + 3);
    assert_eq!(postgres.ask("SELECT min(keep_until) FROM replay_ids"), "251");
    for number in 3..103 {
        assert_eq!(insert(&guard, &number.to_string()), Ok(Inserted));
    }
    assert_eq!(postgres.count(), 103);
}

#[test]
fn a_used_token_costs_the_server_no_transaction() {
    let Some(postgres) = Postgres::start() else { return };
    let guard = postgres.store().connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    let row = || postgres.ask("SELECT xmin, xmax FROM replay_ids");
    let before = row();
    for _ in 0..10 {
        assert_eq!(insert(&guard, "a"), Ok(AlreadyPresent));
    }
    assert_eq!(row(), before);
}

#[test]
fn rows_are_found_by_their_indexes_however_small_the_table_was_at_the_start() {
    let Some(postgres) = Postgres::start() else { return };
    let guard = postgres.store().connect().unwrap();
    for number in 0..1_000 {
        assert_eq!(insert(&guard, &number.to_string()), Ok(Inserted)); // deletes what has expired, now and then
    }
    drop(guard); // a session that ends hands in its counts
    let scans = |kind: &str| {
        postgres
            .ask(&format!("SELECT {kind} FROM pg_stat_user_tables WHERE relname = 'replay_ids'"))
    };
    while scans("n_tup_ins") != "1000" {
        thread::sleep(Duration::from_millis(10));
    }
    assert_ne!(scans("idx_scan"), "0");
    assert_eq!(scans("seq_scan"), "2", "the two indexes on the empty table were built");
}
