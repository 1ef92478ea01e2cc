//! One guard has the file for as long as it lives, whatever its process does with the file or with itself.

use super::{Scratch, child, file_of_parent, id, insert, open, said};
use fork::{Fork, fork};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose::{ReplayError, ReplayGuard};
use strict_jose_stores::{SqliteReplayGuard, StoreError};

/// What a second process is told when it opens the file.
fn opened_elsewhere(file: &Path) -> String {
    let output = child("crash::child_opens", file).output().unwrap();
    said(&String::from_utf8(output.stdout).unwrap(), "says").join(" ")
}

fn store_code<T>(answer: Result<T, ReplayError>) -> Option<&'static str> {
    answer.err().and_then(ReplayError::store_code)
}

#[test]
fn what_the_process_does_with_the_file_frees_it_for_nobody() {
    let scratch = Scratch::new("copied");
    let (file, copy) = (scratch.file(), scratch.file().with_extension("copy"));
    let guard = open(&file).unwrap();
    assert_eq!(insert(&guard, "a", 2000, 1000), Ok(Inserted));
    // Each of these gives up the locks that SQLite holds.
    drop(File::open(&file).unwrap());
    fs::copy(&file, &copy).unwrap();
    fs::read(&file).unwrap();
    assert_eq!(opened_elsewhere(&file), "store.in_use");
    assert_eq!(open(&file).unwrap_err(), StoreError::InUse);
    assert_eq!(insert(&guard, "a", 2000, 1000), Ok(AlreadyPresent));
    drop(guard);
    assert_eq!(opened_elsewhere(&file), "opened");
}

#[cfg(unix)]
#[test]
fn a_link_is_the_same_file() {
    let scratch = Scratch::new("linked");
    let (file, link) = (scratch.file(), scratch.file().with_extension("link"));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let guard = open(&file).unwrap();
    drop(File::open(&file).unwrap());
    assert_eq!(opened_elsewhere(&link), "store.in_use");
    drop(guard);
    assert_eq!(opened_elsewhere(&link), "opened");
}

#[test]
fn a_guard_whose_lock_file_is_gone_answers_nothing_more() {
    let scratch = Scratch::new("unlinked");
    let (file, lock) = (scratch.file(), scratch.file().with_extension("db-lock"));
    let guard = open(&file).unwrap();
    assert_eq!(insert(&guard, "a", 2000, 1000), Ok(Inserted));
    fs::remove_file(&lock).unwrap();
    for replaced in [false, true] {
        if replaced {
            File::create(&lock).unwrap();
        }
        assert_eq!(store_code(insert(&guard, "b", 2000, 1000)), Some("store.lock_lost"));
        assert_eq!(store_code(guard.release(&id("a"))), Some("store.lock_lost"));
        let backup = scratch.file().with_extension("backup");
        assert_eq!(store_code(guard.back_up(backup)), Some("store.lock_lost"));
    }
    drop(guard);
    let guard = open(&file).unwrap();
    assert_eq!(insert(&guard, "b", 2000, 1000), Ok(Inserted), "it was not inserted");
    assert_eq!(insert(&guard, "a", 2000, 1000), Ok(AlreadyPresent), "it was not given back");
}

#[test]
fn a_backup_holds_what_was_used_before_it() {
    let scratch = Scratch::new("backup");
    let backup = scratch.file().with_extension("backup");
    let guard = open(&scratch.file()).unwrap();
    assert_eq!(insert(&guard, "before", 2000, 1000), Ok(Inserted));
    guard.back_up(&backup).unwrap();
    let error = guard.back_up(&backup).unwrap_err();
    assert_eq!(error.store_code(), Some("store.disk_failed"), "there is one");
    assert_eq!(insert(&guard, "after", 2000, 1000), Ok(Inserted));
    let copy = open(&backup).unwrap();
    assert_eq!(insert(&copy, "before", 2000, 1000), Ok(AlreadyPresent));
    assert_eq!(
        insert(&copy, "after", 2000, 1000),
        Ok(Inserted),
        "a backup forgets what came later"
    );
}

/// What a guard answers in a process that did not open it.
fn answers_of(guard: &SqliteReplayGuard, backup: &Path) -> String {
    let answers = [
        store_code(insert(guard, "child", 2000, 1000)),
        store_code(guard.release(&id("parent"))),
        store_code(guard.back_up(backup)),
    ];
    answers.map(|answer| answer.unwrap_or("answered")).join(" ")
}

/// Opens the file, forks, and both go on: the child asks and closes, then the parent asks.
#[test]
#[ignore = "a process of other tests"]
fn child_forks_and_goes_on() {
    let file = file_of_parent();
    let guard = open(&file).unwrap();
    assert_eq!(insert(&guard, "parent", 2000, 1000), Ok(Inserted));
    match fork().unwrap() {
        Fork::Child => {
            println!("\nchild {}", answers_of(&guard, &file.with_extension("backup")));
            drop(guard);
            std::process::exit(0);
        }
        Fork::Parent(pid) => {
            fork::waitpid(pid).unwrap();
            // SQLite, when it closes the last connection it knows of, writes this file back and removes it.
            println!("\nlog {}", file.with_extension("db-wal").exists());
            println!("\nelsewhere {}", opened_elsewhere(&file));
            println!("\nparent {:?}", insert(&guard, "child", 2000, 1000));
            println!("\nparent {:?}", insert(&guard, "parent", 2000, 1000));
        }
    }
}

#[test]
fn of_parent_and_child_only_the_one_that_opened_it_is_answered() {
    let scratch = Scratch::new("prefork");
    let program = child("locks::child_forks_and_goes_on", &scratch.file()).output().unwrap();
    let output = String::from_utf8(program.stdout).unwrap();
    assert!(program.status.success(), "{output}");
    assert_eq!(said(&output, "child"), ["store.forked store.forked store.forked"]);
    assert_eq!(said(&output, "log"), ["true"], "the child closed the store of its parent");
    assert_eq!(said(&output, "elsewhere"), ["store.in_use"], "the child gave up the lock");
    assert_eq!(said(&output, "parent"), ["Ok(Inserted)", "Ok(AlreadyPresent)"]);
    assert_eq!(opened_elsewhere(&scratch.file()), "opened");
}

/// Opens the file, forks and ends, as a daemon does that detaches too late; its child stays until told to go.
#[test]
#[ignore = "a process of other tests"]
fn child_detaches() {
    let file = file_of_parent();
    let guard = open(&file).unwrap();
    match fork().unwrap() {
        Fork::Child => {
            println!("\nchild {}", answers_of(&guard, &file.with_extension("backup")));
            std::io::stdin().read_line(&mut String::new()).unwrap();
            std::process::exit(0);
        }
        Fork::Parent(_) => std::process::exit(0),
    }
}

#[test]
fn a_daemon_that_opened_the_file_before_it_detached_is_answered_nothing_and_keeps_it() {
    let scratch = Scratch::new("daemon");
    let mut daemon =
        child("locks::child_detaches", &scratch.file()).stderr(Stdio::inherit()).spawn().unwrap();
    let mut output = BufReader::new(daemon.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("child ") {
        line.clear();
        assert!(output.read_line(&mut line).unwrap() > 0, "it ended");
    }
    assert_eq!(line.trim(), "child store.forked store.forked store.forked");
    let mut input = daemon.stdin.take().unwrap(); // `wait` would close it, and end the child
    daemon.wait().unwrap(); // the parent: what it had is the child's now
    assert_eq!(opened_elsewhere(&scratch.file()), "store.in_use");
    input.write_all(b"\n").unwrap();
    output.read_to_string(&mut line).unwrap(); // until the child has ended too
    assert_eq!(opened_elsewhere(&scratch.file()), "opened");
}
