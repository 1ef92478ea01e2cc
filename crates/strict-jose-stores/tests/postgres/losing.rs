//! What a server forgets, and the settings by which it does not: as the documentation says.

use super::server::{Scratch, child, free_port, why};
use super::{Postgres, command, insert, scratch};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Stdio;
use std::time::Duration;
use std::{env, thread};
use strict_jose::Insertion::{self, AlreadyPresent, Inserted};
use strict_jose_stores::{PostgresStore, StoreError};

/// Inserts ids by four threads until the server is gone, and names each once it is in.
#[test]
#[ignore = "a process of other tests"]
fn child_inserts() {
    let guard =
        PostgresStore::new(&env::var("STRICT_JOSE_TEST_CONFIG").unwrap()).connect().unwrap();
    let mut name = [0; 8];
    getrandom::fill(&mut name).unwrap();
    thread::scope(|scope| {
        for thread in 0..4 {
            let guard = &guard;
            scope.spawn(move || {
                for number in 0.. {
                    let jti = format!("{name:?}-{thread}-{number}");
                    match insert(guard, &jti) {
                        Ok(answer) => assert_eq!(answer, Inserted),
                        Err(_) => return,
                    }
                    let line = format!("\nin {jti}\n");
                    std::io::stdout().write_all(line.as_bytes()).unwrap();
                }
            });
        }
    });
}

#[test]
fn no_id_that_was_acknowledged_is_accepted_after_a_crash() {
    let Some(mut postgres) = Postgres::start() else { return };
    let mut acknowledged = Vec::new();
    for _ in 0..5 {
        postgres.pause_writer();
        let mut process = child("losing::child_inserts")
            .env("STRICT_JOSE_TEST_CONFIG", postgres.config(""))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut output = String::new();
        while !output.contains("\nin ") {
            stdout.read_line(&mut output).unwrap();
        }
        let mut moment = [0; 2];
        getrandom::fill(&mut moment).unwrap();
        thread::sleep(Duration::from_micros(u64::from(u16::from_le_bytes(moment)))); // up to 65 ms
        postgres.kill();
        stdout.read_to_string(&mut output).unwrap();
        assert!(process.wait().unwrap().success());
        let ids = output.lines().filter_map(|line| line.strip_prefix("in "));
        acknowledged.extend(ids.map(str::to_owned));
        postgres.restart();
    }
    assert!(acknowledged.len() >= 5);
    let guard = postgres.store().connect().unwrap();
    for jti in &acknowledged {
        assert_eq!(insert(&guard, jti), Ok(AlreadyPresent), "{jti}");
    }
    println!("{} ids acknowledged by 5 killed servers", acknowledged.len());
}

#[test]
fn a_session_keeps_to_the_disk_whatever_is_set_later() {
    let Some(mut postgres) = Postgres::start() else { return };
    let guard = postgres.store().connections(1).connect().unwrap();
    postgres.set("synchronous_commit", "off");
    postgres.pause_writer();
    assert_eq!(insert(&guard, "kept"), Ok(Inserted));
    // What others commit is lost: the setting is in force.
    postgres.ask("INSERT INTO replay_ids VALUES ('lost', 1)");
    assert_eq!(postgres.count(), 2);
    postgres.kill();
    postgres.restart();
    assert_eq!(postgres.count(), 1);
    postgres.set("synchronous_commit", "on");
    assert_eq!(insert(&postgres.store().connect().unwrap(), "kept"), Ok(AlreadyPresent));
}

impl Postgres {
    /// A replica, in step as far as the primary waits for it.
    fn replica(&self) -> Self {
        let scratch: Scratch = scratch();
        let socket = self.scratch.path().to_str().unwrap();
        let copied = command("pg_basebackup", scratch.path())
            .args(["-h", socket, "-p", &self.port.to_string(), "-U", "postgres"])
            .args(["-D", "data", "--write-recovery-conf", "--checkpoint", "fast", "--no-sync"])
            .status();
        assert!(copied.unwrap().success());
        let replica = Self::launch(scratch, free_port());
        while self.ask("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") != "1"
        {
            thread::sleep(Duration::from_millis(10));
        }
        replica
    }
}

/// The replica takes over: what does it say of the id?
fn after_failover(replica: &Postgres) -> Insertion {
    replica.ask("SELECT pg_promote()");
    insert(&replica.store().connect().unwrap(), "a").unwrap()
}

#[test]
fn a_failover_forgets_what_the_replica_had_not_heard_of() {
    let Some(mut primary) = Postgres::start() else { return };
    let replica = primary.replica();
    let guard = primary.store().connect().unwrap();
    let paused = replica.pause();
    // Else the octets wait in its socket.
    primary.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    primary.kill();
    drop(paused);
    assert_eq!(after_failover(&replica), Inserted);
}

#[test]
fn a_failover_forgets_nothing_that_waited_for_the_replica() {
    let Some(mut primary) = Postgres::start() else { return };
    let replica = primary.replica();
    primary.set("synchronous_standby_names", "*");
    let guard = primary.store().connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    let paused = replica.pause();
    assert_eq!(why(insert(&guard, "b")), "store.timed_out");
    primary.kill();
    drop(paused);
    // A replica takes no ids.
    let rejected = replica.store().connect().unwrap_err();
    assert_eq!(rejected, StoreError::NotPrimary { role: "replica" });
    let only = PostgresStore::new(&replica.config("target_session_attrs=read-write"));
    assert_eq!(only.connect().unwrap_err(), rejected);
    assert_eq!(after_failover(&replica), AlreadyPresent);
}
