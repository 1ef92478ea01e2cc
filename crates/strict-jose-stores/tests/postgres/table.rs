//! The table: its name, its format, and one that is not the guard's.

use super::server::why;
use super::{Postgres, insert};
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose_stores::{PostgresStore, StoreError};

#[test]
fn the_table_and_its_schema_have_the_names_they_are_given() {
    let Some(postgres) = Postgres::start() else { return };
    let (schema, table) = ("Replay", "used \"ids\"");
    let store = || postgres.store().schema(schema).table(table);
    assert_eq!(store().connect().unwrap_err(), StoreError::NoTable);
    postgres.ask("CREATE SCHEMA \"Replay\"");
    postgres.ask(&store().create_table());
    let error = store().connect().unwrap_err();
    assert_eq!(error.to_string(), NO_RIGHT, "on the schema");
    postgres.ask("GRANT USAGE ON SCHEMA \"Replay\" TO api");
    assert_eq!(store().connect().unwrap_err().to_string(), NO_RIGHT, "on the table");
    // The least: nothing on the schema but its use, and no other table.
    let rights = "GRANT SELECT, INSERT, UPDATE, DELETE";
    postgres.ask(&format!("{rights} ON \"Replay\".\"used \"\"ids\"\"\" TO api"));
    postgres.ask("REVOKE ALL ON replay_ids FROM api");
    let guard = store().connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    assert_eq!(insert(&guard, "a"), Ok(AlreadyPresent));
    assert_eq!(postgres.ask("SELECT count(*) FROM \"Replay\".\"used \"\"ids\"\"\""), "1");
    assert_eq!(postgres.count(), 0);
}

/// A table that is made later in a schema that is searched first knows nothing of what the other knows.
#[test]
fn the_table_is_the_same_for_all_connections() {
    let Some(postgres) = Postgres::start() else { return };
    postgres.ask("CREATE SCHEMA first; GRANT USAGE ON SCHEMA first TO api");
    let address = postgres.config("options='-c search_path=first,public'");
    let guard = PostgresStore::new(&address).connections(1).connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    postgres.ask(&postgres.store().schema("first").create_table());
    postgres.ask("GRANT ALL ON first.replay_ids TO api");
    postgres.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'api'");
    let answers = [insert(&guard, "a"), insert(&guard, "a")];
    assert_eq!(answers.map(why), ["store.table_changed"; 2]);
}

const NO_RIGHT: &str = "the user lacks a right that the guard needs on the replay store: 42501";

#[test]
fn a_table_of_another_format_is_refused_by_name() {
    let Some(postgres) = Postgres::start() else { return };
    let connect = || postgres.store().connect().map(drop);
    assert_eq!(connect(), Ok(()));
    for comment in ["'strict-jose replay ids, format 2'", "'ours'"] {
        postgres.ask(&format!("COMMENT ON TABLE replay_ids IS {comment}"));
        assert_eq!(connect(), Err(StoreError::UnknownFormat), "{comment}");
    }
    // As made before there were numbers, or restored without comments.
    postgres.ask("COMMENT ON TABLE replay_ids IS NULL");
    assert_eq!(connect(), Ok(()));
}

#[test]
fn a_table_that_is_not_the_guards_is_refused() {
    let Some(postgres) = Postgres::start() else { return };
    let connect = || postgres.store().connect().map(drop);
    let tables = [
        "SELECT 1",
        "CREATE TABLE replay_ids (id bytea, keep_until bigint)",
        "CREATE TABLE replay_ids (id text PRIMARY KEY, keep_until bigint)",
        "CREATE TABLE replay_ids (id bytea PRIMARY KEY, keep_until real)",
        "CREATE TABLE replay_ids (id bytea PRIMARY KEY, keep_until text)",
        "CREATE TABLE replay_ids (id bytea PRIMARY KEY, until bigint)",
        "CREATE TABLE replay_ids (id bytea PRIMARY KEY, keep_until bigint) PARTITION BY HASH (id)",
        "CREATE VIEW replay_ids AS SELECT id, keep_until FROM ids",
    ];
    assert_eq!(connect(), Ok(()));
    postgres.ask("ALTER TABLE replay_ids RENAME TO ids");
    for table in tables {
        postgres.ask(&format!("{table}; GRANT ALL ON ALL TABLES IN SCHEMA public TO api"));
        if table.starts_with("CREATE TABLE") {
            postgres.ask("COMMENT ON TABLE replay_ids IS 'strict-jose replay ids, format 1'");
        }
        let error =
            if table == "SELECT 1" { StoreError::NoTable } else { StoreError::ForeignTable };
        assert_eq!(connect(), Err(error), "{table}");
        postgres.ask(if table.contains("VIEW") {
            "DROP VIEW replay_ids"
        } else {
            "DROP TABLE IF EXISTS replay_ids"
        });
    }
    postgres.ask("ALTER TABLE ids RENAME TO replay_ids");
    assert_eq!(connect(), Ok(()));
}
