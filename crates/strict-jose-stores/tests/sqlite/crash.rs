//! Processes that end without a word: what was acknowledged is known to the next one.

use super::{Scratch, child, file_of_parent, insert, open, said};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Child;
use std::thread;
use std::time::Duration;
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose::ReplayError;
use strict_jose_stores::StoreError;

/// Inserts ids by four threads until killed, and names each once it is in.
#[test]
#[ignore = "a process of other tests"]
fn child_inserts_until_killed() {
    let guard = open(&file_of_parent()).unwrap();
    let mut name = [0; 8];
    getrandom::fill(&mut name).unwrap();
    let name = u64::from_le_bytes(name);
    thread::scope(|scope| {
        for thread in 0..4 {
            let guard = &guard;
            scope.spawn(move || {
                for number in 0_u64.. {
                    let jti = format!("{name}-{thread}-{number}");
                    // Some expire at once, so that dropping is interrupted too. By another thread's time they
                    // may have expired before.
                    let short = format!("{jti}-short");
                    let answer = insert(guard, &short, 1001 + number, 1000 + number);
                    assert!(matches!(answer, Ok(Inserted) | Err(ReplayError::ClockBehind)));
                    assert_eq!(insert(guard, &jti, 1_000_000, 1000 + number), Ok(Inserted));
                    let line = format!("\nin {jti}\n");
                    std::io::stdout().write_all(line.as_bytes()).unwrap();
                }
            });
        }
    });
}

#[test]
#[ignore = "a process of other tests"]
fn child_opens() {
    let code = open(&file_of_parent()).map_or_else(StoreError::code, |_| "opened");
    println!("\nsays {code}");
}

/// What the child wrote until it ended.
fn output_of(mut child: Child) -> String {
    let mut output = String::new();
    child.stdout.take().unwrap().read_to_string(&mut output).unwrap();
    child.wait().unwrap();
    output
}

#[test]
fn no_id_that_was_acknowledged_is_accepted_after_sigkill() {
    let scratch = Scratch::new("sigkill");
    drop(open(&scratch.file()).unwrap());
    let (mut acknowledged, mut rounds) = (Vec::new(), 0);
    for round in 0..200 {
        let mut process =
            child("crash::child_inserts_until_killed", &scratch.file()).spawn().unwrap();
        let mut output = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        // Every other one is not waited for, and so killed while it opens the file too.
        while round % 2 == 0 && !output.contains("\nin ") {
            stdout.read_line(&mut output).unwrap();
        }
        let mut moment = [0; 2];
        getrandom::fill(&mut moment).unwrap();
        thread::sleep(Duration::from_micros(u64::from(u16::from_le_bytes(moment)))); // up to 65 ms
        process.kill().unwrap();
        stdout.read_to_string(&mut output).unwrap();
        assert!(!process.wait().unwrap().success());

        let ids = said(&output, "in ");
        rounds += usize::from(!ids.is_empty());
        let guard = open(&scratch.file()).unwrap();
        for jti in &ids {
            assert_eq!(insert(&guard, jti, 1_000_000, 1000), Ok(AlreadyPresent), "{jti}");
        }
        acknowledged.extend(ids.into_iter().map(str::to_owned));
    }
    assert!(rounds >= 100, "only {rounds} of the processes came to insert");
    let guard = open(&scratch.file()).unwrap();
    for jti in &acknowledged {
        assert_eq!(insert(&guard, jti, 1_000_000, 1000), Ok(AlreadyPresent), "{jti}");
    }
    println!("{} ids acknowledged by {rounds} of 200 killed processes", acknowledged.len());
}

#[test]
fn a_second_guard_is_refused_until_the_first_is_gone() {
    let scratch = Scratch::new("lock");
    let opened_by_child = || {
        let output = output_of(child("crash::child_opens", &scratch.file()).spawn().unwrap());
        said(&output, "says").join(" ")
    };
    let guard = open(&scratch.file()).unwrap();
    assert_eq!(opened_by_child(), "store.in_use");
    assert_eq!(open(&scratch.file()).unwrap_err(), StoreError::InUse);
    assert_eq!(insert(&guard, "a", 2000, 1000), Ok(Inserted));
    assert_eq!(opened_by_child(), "store.in_use");
    drop(guard);
    assert_eq!(opened_by_child(), "opened");
    let guard = open(&scratch.file()).unwrap();
    assert_eq!(insert(&guard, "a", 2000, 1000), Ok(AlreadyPresent));
}
