//! Files that are no longer what was written, and disks that take no more.

#[cfg(unix)]
use super::for_one_test;
use super::{Scratch, file_of_parent, insert, open};
use std::fs;
#[cfg(unix)]
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
#[cfg(unix)]
use std::process::Command;
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose::ReplayError;
use strict_jose_stores::StoreError;

const IDS: usize = 300;

/// A sound file that holds ids.
fn filled(path: &Path) -> Vec<u8> {
    let guard = open(path).unwrap();
    for number in 0..IDS {
        assert_eq!(insert(&guard, &number.to_string(), 2000, 1000), Ok(Inserted));
    }
    drop(guard);
    fs::read(path).unwrap()
}

#[test]
fn a_file_cut_short_is_damaged() {
    let scratch = Scratch::new("cut");
    let sound = filled(&scratch.file());
    let mut cut = 0;
    for length in (0..sound.len()).step_by(1024).chain([1, 15, 16, 99, 100, sound.len() - 1]) {
        fs::write(scratch.file(), &sound[..length]).unwrap();
        let error = open(&scratch.file()).unwrap_err();
        let expected = match length {
            0 => StoreError::EmptyFile,
            1..72 => StoreError::ForeignFile, // nothing says whose it was
            _ => StoreError::Damaged,
        };
        assert_eq!(error, expected, "{length}");
        cut += 1;
    }
    assert!(cut > 20, "{cut}");
    fs::write(scratch.file(), &sound).unwrap();
    assert!(open(&scratch.file()).is_ok());
}

#[test]
fn a_damaged_file_is_refused_or_forgets_nothing() {
    let scratch = Scratch::new("damaged");
    let sound = filled(&scratch.file());
    let (mut damaged, mut harmless) = (0, 0);
    for place in (0..sound.len()).step_by(41) {
        let mut spoilt = sound.clone();
        spoilt[place] ^= 0x55;
        fs::write(scratch.file(), &spoilt).unwrap();
        match open(&scratch.file()) {
            Err(error) => {
                assert!(
                    matches!(
                        error,
                        StoreError::Damaged
                            | StoreError::ForeignFile
                            | StoreError::UnknownFormat
                            | StoreError::Unavailable
                    ),
                    "{place}"
                );
                damaged += 1;
            }
            Ok(guard) => {
                for number in 0..IDS {
                    let answer = insert(&guard, &number.to_string(), 2000, 1000);
                    assert!(!matches!(answer, Ok(Inserted)), "octet {place}, id {number}");
                }
                harmless += 1;
            }
        }
    }
    assert!(damaged > 300, "{damaged} of {}", damaged + harmless);
}

#[test]
fn a_file_of_another_format_is_refused_by_name_and_left_alone() {
    let scratch = Scratch::new("format");
    drop(filled(&scratch.file()));
    for format in [2, -1] {
        let connection = rusqlite::Connection::open(scratch.file()).unwrap();
        connection.pragma_update(None, "user_version", format).unwrap();
        drop(connection);
        assert_eq!(open(&scratch.file()).unwrap_err(), StoreError::UnknownFormat, "{format}");
    }
    // As laid out before there were numbers: it is given one, and keeps its ids.
    let number = |set: Option<i64>| {
        let connection = rusqlite::Connection::open(scratch.file()).unwrap();
        if let Some(number) = set {
            connection.pragma_update(None, "user_version", number).unwrap();
        }
        connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(number(Some(0)), 0);
    let guard = open(&scratch.file()).unwrap();
    assert_eq!(insert(&guard, "0", 2000, 1000), Ok(AlreadyPresent));
    drop(guard);
    assert_eq!(number(None), 1);
}

#[test]
fn what_is_no_replay_store_is_refused_and_left_alone() {
    let scratch = Scratch::new("foreign");
    let path = scratch.file();
    fs::write(&path, "id,keep_until\n".repeat(1000)).unwrap();
    let before = fs::read(&path).unwrap();
    assert_eq!(open(&path).unwrap_err(), StoreError::ForeignFile);
    assert_eq!(fs::read(&path).unwrap(), before);

    fs::remove_file(&path).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE ids (a); INSERT INTO ids VALUES (1)").unwrap();
    drop(other);
    let before = fs::read(&path).unwrap();
    assert_eq!(open(&path).unwrap_err(), StoreError::ForeignFile);
    assert_eq!(fs::read(&path).unwrap(), before);

    for missing in ["no/such/directory.db", "ids.db/below.db", "."] {
        let path = path.parent().unwrap().join(missing);
        let expected = if missing == "." { StoreError::Unavailable } else { StoreError::NoFolder };
        assert_eq!(open(&path).unwrap_err(), expected, "{missing}");
    }
    assert_eq!(open(Path::new("")).unwrap_err(), StoreError::Unavailable);
}

/// Inserts an id for each line it reads, and says what the guard answered.
#[test]
#[ignore = "a process of other tests"]
fn child_inserts_what_it_is_told() {
    let guard = open(&file_of_parent()).unwrap();
    for jti in std::io::stdin().lines().map_while(Result::ok) {
        let answer = insert(&guard, &jti, 2000, 1000).map_err(ReplayError::code);
        println!("\nsays {answer:?}");
    }
}

// Windows has no limit on the size of a process's files.
#[cfg(unix)]
#[test]
fn a_full_disk_refuses_forgets_nothing_and_recovers() {
    let scratch = Scratch::new("disk");
    filled(&scratch.file());
    // No file of the child's may grow beyond 512 blocks of 512 octets; it is told by an error only.
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -S -f 512; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap());
    let test = "damage::child_inserts_what_it_is_told";
    let mut process = for_one_test(shell, test, &scratch.file()).spawn().unwrap();
    let (mut stdin, stdout) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
    let mut stdout = BufReader::new(stdout);
    let mut ask = |jti: &str| {
        writeln!(stdin, "{jti}").unwrap();
        let mut line = String::new();
        while !line.starts_with("says ") {
            line.clear();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "the child has ended");
        }
        line["says ".len()..].trim().to_owned()
    };
    let mut accepted = Vec::new();
    let refused = (0..100_000).map(|number| format!("more {number}")).find(|jti| {
        let answer = ask(jti);
        if answer == "Ok(Inserted)" {
            accepted.push(jti.clone());
        } else {
            assert_eq!(answer, "Err(\"replay.unavailable\")");
        }
        answer != "Ok(Inserted)"
    });
    let refused = refused.expect("the limit was never reached");
    assert!(accepted.len() > 10, "{}", accepted.len());
    for jti in accepted.iter().chain([&refused]).chain(&accepted) {
        assert_ne!(ask(jti), "Ok(Inserted)", "{jti}");
    }
    let limit = ["--fsize=unlimited", "--pid", &process.id().to_string()];
    assert!(Command::new("prlimit").args(limit).status().unwrap().success());
    assert_eq!(ask(&refused), "Ok(Inserted)");
    for jti in accepted.iter().chain([&refused]) {
        assert_eq!(ask(jti), "Ok(AlreadyPresent)", "{jti}");
    }
    drop(stdin);
    let _ = stdout.read_to_end(&mut Vec::new());
    assert!(process.wait().unwrap().success());
    let guard = open(&scratch.file()).unwrap();
    for jti in accepted.iter().chain([&refused]) {
        assert_eq!(insert(&guard, jti, 2000, 1000), Ok(AlreadyPresent), "{jti}");
    }
}
