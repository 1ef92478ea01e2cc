//! A server that is gone, silent, full or not to be trusted: the token is refused.

use super::{Postgres, insert};
use crate::server::{free_port, why};
use std::io::Write as _;
use std::net::TcpListener;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose::{ReplayError, replay_contract};
use strict_jose_stores::{AddressFault, PostgresStore, StoreError};

const LIMIT: Duration = Duration::from_millis(300);

/// Long enough for a machine that is busy otherwise; without a limit it would be for ever.
const WITHIN: Duration = Duration::from_secs(20);

impl Postgres {
    /// Waits until so many of the guards' connections are of this kind.
    fn wait_for_sessions(&self, condition: &str, count: &str) {
        let start = Instant::now();
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'api' AND";
        while self.ask(&format!("{sessions} {condition}")) != count {
            assert!(start.elapsed() < WITHIN, "{condition}");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn a_server_that_is_gone_refuses_and_is_found_again() {
    let Some(mut postgres) = Postgres::start() else { return };
    let guard = postgres.store().time_limit(LIMIT).connections(1).connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    postgres.kill();
    replay_contract::check_unavailable(&guard, WITHIN).unwrap();
    postgres.restart();
    // Slower than usual, it still recovers.
    let answer = (0..100).map(|_| insert(&guard, "a")).find(Result::is_ok);
    assert_eq!(answer, Some(Ok(AlreadyPresent)));
}

#[test]
fn a_connection_that_the_server_has_ended_costs_no_token() {
    let Some(postgres) = Postgres::start() else { return };
    let guard = postgres.store().connections(1).connect().unwrap();
    for jti in ["a", "b"] {
        assert_eq!(insert(&guard, jti), Ok(Inserted));
        postgres
            .ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'api'");
        postgres.wait_for_sessions("true", "0");
    }
}

#[test]
fn a_server_that_hangs_refuses_and_what_it_did_unseen_stays_done() {
    let Some(postgres) = Postgres::start() else { return };
    let guard = postgres.store().time_limit(LIMIT).connections(1).connect().unwrap();
    let paused = postgres.pause();
    // Asked, not answered: it will be carried out when the server goes on.
    assert_eq!(why(insert(&guard, "unseen")), "store.timed_out");
    replay_contract::check_unavailable(&guard, WITHIN).unwrap();
    drop(paused);
    postgres.wait_for_sessions("true", "0");
    let patient = postgres.store().connect().unwrap();
    assert_eq!(insert(&patient, "unseen"), Ok(AlreadyPresent));
    assert_eq!(insert(&patient, "seen"), Ok(Inserted));
}

#[test]
fn a_locked_table_refuses_and_no_statement_waits_on() {
    let Some(postgres) = Postgres::start() else { return };
    let guard = postgres.store().time_limit(LIMIT).connect().unwrap();
    let mut psql = postgres.psql().stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = psql.stdin.take().unwrap();
    stdin.write_all(b"BEGIN; LOCK TABLE replay_ids;\n").unwrap();
    let locks = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted";
    while postgres.ask(locks) == "0" {
        thread::sleep(Duration::from_millis(10));
    }
    replay_contract::check_unavailable(&guard, WITHIN).unwrap();
    postgres.wait_for_sessions("wait_event_type = 'Lock'", "0");
    drop(stdin);
    assert!(psql.wait().unwrap().success());
    assert_eq!(insert(&postgres.store().connect().unwrap(), "a"), Ok(Inserted));
}

#[test]
fn a_server_that_cannot_be_reached_is_an_error_at_the_start() {
    let connect = |url: &str| PostgresStore::new(url).time_limit(LIMIT).connect().unwrap_err();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("postgresql://api@{}", silent.local_addr().unwrap());
    assert_eq!(connect(&silent), StoreError::TimedOut);
    let nobody = format!("host=127.0.0.1 port={} user=api", free_port());
    assert_eq!(connect(&nobody), StoreError::Unreachable);
    assert_eq!(connect("host=/no/such/directory user=api"), StoreError::Unreachable);
    for malformed in ["", "user=api", "host", "port=x", "http://127.0.0.1/", "postgresql://"] {
        let error = connect(malformed);
        assert!(matches!(error, StoreError::InvalidAddress(_)), "{malformed}: {error}");
    }
}

#[test]
fn a_server_that_a_crash_makes_forget_is_refused() {
    let Some(postgres) = Postgres::start() else { return };
    let connect = |more: &str| PostgresStore::new(&postgres.config(more)).connect().map(drop);
    for level in ["local", "remote_write", "on", "remote_apply"] {
        assert_eq!(connect(&format!("options='-c synchronous_commit={level}'")), Ok(()));
    }
    let not_durable = |setting, needed| Err(StoreError::NotDurable { setting, needed });
    assert_eq!(
        connect("options='-c synchronous_commit=off'"),
        not_durable("synchronous_commit", "on")
    );
    // Of named standbys some would not have what was answered.
    postgres.set("synchronous_standby_names", "somebody");
    for level in ["local", "remote_write"] {
        let answer = connect(&format!("options='-c synchronous_commit={level}'"));
        assert_eq!(answer, not_durable("synchronous_commit", "on"), "{level}");
    }
    postgres.set("synchronous_standby_names", "");
    postgres.set("fsync", "off");
    assert_eq!(connect(""), not_durable("fsync", "on"));
    assert!(postgres.store().trusting_commits_without_fsync().connect().is_ok());
    postgres.set("fsync", "on");
    postgres.ask("ALTER TABLE replay_ids SET UNLOGGED");
    assert_eq!(connect(""), not_durable("the table's persistence", "LOGGED"));
    postgres.ask("ALTER TABLE replay_ids SET LOGGED");
    assert_eq!(connect(""), Ok(()));
}

#[test]
fn who_may_not_ask_is_refused() {
    let Some(postgres) = Postgres::start() else { return };
    let connect = |password: &str| {
        let (port, limit) = (postgres.port, Duration::from_secs(30));
        let url = format!("postgresql://api:{password}@127.0.0.1:{port}/postgres");
        PostgresStore::new(&url).time_limit(limit).connect()
    };
    let rejected = "the replay store rejected the log-in: 28P01";
    assert_eq!(connect("wrong").unwrap_err().to_string(), rejected);
    let none = format!("postgresql://api@127.0.0.1:{}/postgres", postgres.port);
    let none = PostgresStore::new(&none).connect().unwrap_err();
    assert_eq!(none, StoreError::InvalidAddress(AddressFault::NoPassword));
    let guard = connect("right").unwrap();
    assert_eq!(format!("{guard:?}"), "PostgresReplayGuard { .. }");
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    for right in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
        postgres.ask(&format!("REVOKE {right} ON replay_ids FROM api"));
        let error = connect("right").unwrap_err();
        assert!(matches!(error, StoreError::NoRight(code) if code.as_str() == "42501"), "{right}");
        if right != "DELETE" {
            assert_eq!(why(insert(&guard, right)), "store.no_right");
        }
        postgres.ask(&format!("GRANT {right} ON replay_ids TO api"));
    }
    assert_eq!(insert(&guard, "b"), Ok(Inserted));
}

#[test]
fn a_full_disk_is_full() {
    let Some(postgres) = Postgres::start() else { return };
    let guard = postgres.store().connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    // By its code; to fill one takes rights that a test has not.
    postgres.ask(
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE 'no room' USING ERRCODE = 'disk_full'; END $$;
         CREATE TRIGGER no_room BEFORE INSERT ON replay_ids EXECUTE FUNCTION no_room()",
    );
    assert_eq!(insert(&guard, "b"), Err(ReplayError::Full));
    postgres.ask("DROP TRIGGER no_room ON replay_ids");
    assert_eq!(insert(&guard, "a"), Ok(AlreadyPresent));
    assert_eq!(insert(&guard, "b"), Ok(Inserted));
}
