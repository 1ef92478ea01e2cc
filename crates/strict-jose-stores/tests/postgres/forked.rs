//! A process that is forked has a copy of the guard, and not of its thread.

use super::server::{at_once, child};
use super::{Postgres, id, insert};
use fork::{Fork, fork};
use std::env;
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose::{AsyncReplayGuard, Monitored, ReplayError, ReplayGuard};
use strict_jose_stores::PostgresStore;

/// Makes a guard, forks, and both go on: the child asks and drops its copy, then the parent asks.
#[test]
#[ignore = "a process of other tests"]
fn child_forks_and_goes_on() {
    let store = PostgresStore::new(&env::var("STRICT_JOSE_TEST_URL").unwrap());
    let guard = store.connect().unwrap();
    assert_eq!(insert(&guard, "parent"), Ok(Inserted));
    match fork().unwrap() {
        Fork::Child => {
            let later = at_once(AsyncReplayGuard::release(&guard, &id("parent")));
            let codes = [
                insert(&guard, "child").err().and_then(ReplayError::store_code),
                ReplayGuard::release(&guard, &id("parent")).err().and_then(ReplayError::store_code),
                later.and_then(Result::err).and_then(ReplayError::store_code),
            ];
            println!("\nchild {codes:?} {}", guard.statistics().unavailable);
            drop(guard);
            std::process::exit(0);
        }
        Fork::Parent(pid) => {
            fork::waitpid(pid).unwrap();
            println!("\nparent {:?} {:?}", insert(&guard, "child"), insert(&guard, "parent"));
        }
    }
}

#[test]
fn of_parent_and_child_only_the_one_that_connected_is_answered() {
    let Some(postgres) = Postgres::start() else { return };
    let program = child("forked::child_forks_and_goes_on")
        .env("STRICT_JOSE_TEST_URL", postgres.config(""))
        .output()
        .unwrap();
    let output = String::from_utf8(program.stdout).unwrap();
    assert!(program.status.success(), "{output}");
    let forked = format!("child {:?} 3\n", [Some("store.forked"); 3]);
    assert!(output.contains(&forked), "{output}");
    let parent = format!(
        "parent {:?} {:?}\n",
        Ok::<_, ReplayError>(Inserted),
        Ok::<_, ReplayError>(AlreadyPresent)
    );
    assert!(output.contains(&parent), "{output}");
}
