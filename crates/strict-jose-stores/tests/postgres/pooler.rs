//! A pooler in between: one that keeps sessions works, one that shares by transactions is rejected by name.

use super::server::{Process, free_port, installed};
use super::{Postgres, command, insert};
use std::process::Stdio;
use std::time::Duration;
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose_stores::{PostgresReplayGuard, PostgresStore, StoreError};

/// A pooler before the server, and what connects by it.
fn pooler(postgres: &Postgres, mode: &str, size: usize) -> (Process, u16, PostgresStore) {
    let (port, directory) = (free_port(), postgres.scratch.path().to_str().unwrap());
    let settings = format!(
        "[databases]\npostgres = host={directory} port={} dbname=postgres user=api\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
         pool_mode = {mode}\ndefault_pool_size = {size}\nlogfile = {directory}/pooler-{port}.log\n",
        postgres.port
    );
    let file = postgres.scratch.path().join(format!("pooler-{port}.ini"));
    std::fs::write(&file, settings).unwrap();
    let mut program = command("/usr/sbin/pgbouncer", postgres.scratch.path());
    let process = Process::new(program.arg(&file).stdout(Stdio::null()).stderr(Stdio::null()));
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let address = format!("host=127.0.0.1 port={port} user=api dbname=postgres");
    (process, port, PostgresStore::new(&address).time_limit(Duration::from_secs(20)))
}

#[test]
fn a_pooler_that_shares_by_transactions_is_rejected_and_one_that_keeps_sessions_works() {
    let Some(postgres) = Postgres::start() else { return };
    if !installed("/usr/sbin/pgbouncer") {
        return;
    }
    for size in [1, 2, 20] {
        let (_pooler, port, store) = pooler(&postgres, "transaction", size);
        for attempt in 0..5 {
            let rejected = store.clone().connect().map(drop);
            assert_eq!(rejected, Err(StoreError::PooledTransactions), "{size}, {attempt}");
        }
        // What others find on the connections that the guard has had: nothing that it set.
        let mut psql = postgres.psql();
        psql.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-U", "api"]);
        let shown = psql.args(["-c", "SHOW statement_timeout"]).stdout(Stdio::piped()).output();
        assert_eq!(String::from_utf8(shown.unwrap().stdout).unwrap(), "0\n");
    }
    let (_pooler, _, store) = pooler(&postgres, "session", 20);
    let guard: PostgresReplayGuard = store.connect().unwrap();
    for number in 0..100 {
        assert_eq!(insert(&guard, &number.to_string()), Ok(Inserted));
        assert_eq!(insert(&guard, &number.to_string()), Ok(AlreadyPresent));
    }
}
