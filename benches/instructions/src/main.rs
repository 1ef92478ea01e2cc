//! Counts what each verb costs, in instructions and allocations, and compares that with what is
//! recorded in `counts.txt`: no clock, so that a busy machine changes nothing. Started by
//! `../instructions.sh`.
//!
//! The numbers are those of the default features, of one compiler and of the dependencies' newest
//! versions; the paths are those that valgrind knows, AVX2 at best. Where one of them moves the
//! numbers, look at what moved, then record it.

mod allocations;
mod counts;
#[path = "../../../checks/constant-time/src/random.rs"]
#[allow(dead_code, reason = "the constant-time checks use the rest")]
mod random;
#[path = "../../../checks/constant-time/src/valgrind.rs"]
#[allow(dead_code, reason = "the constant-time checks use the rest")]
mod valgrind;
mod verbs;

use counts::{Cost, Table};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::path::Path;
use std::process::{Command, ExitCode};

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/counts.txt");

/// What may be added, in per cent: a regression is more than a neighbour's different alignment.
const TOLERANCE: u64 = 3;

fn main() -> ExitCode {
    if valgrind::running() {
        run();
        return ExitCode::SUCCESS;
    }
    let now = count();
    match std::env::args().nth(1).as_deref() {
        Some("--record") => {
            let text = format!("# {}\n{}", tools(), now.to_text());
            std::fs::write(RECORDED, &text).expect("a writable checkout");
            print!("{text}");
            ExitCode::SUCCESS
        }
        None if cfg!(feature = "ring") => {
            print!("{}", now.to_text());
            ExitCode::SUCCESS
        }
        None => {
            let recorded = std::fs::read_to_string(RECORDED).expect("recorded counts");
            println!("recorded with {}", recorded.lines().next().unwrap_or_default());
            println!("counted with  # {}", tools());
            let faults = Table::from_text(&recorded).compare(&now, TOLERANCE);
            println!("{}", if faults == 0 { "OK" } else { "UNEXPECTED" });
            if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Some(other) => panic!("{other}: the only argument is --record"),
    }
}

/// What moves the numbers without a change of ours.
fn tools() -> String {
    let version = |program| {
        let output = Command::new(program).arg("--version").output().expect("it is installed");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    format!("{}, {}", version("rustc"), version("valgrind"))
}

/// How often each verb is counted. The least is taken: now and then a call pays for what the C library's
/// allocator puts in order after earlier calls.
const ROUNDS: usize = 5;

/// Inside valgrind: each verb once, then [`ROUNDS`] times between two requests.
fn run() {
    for mut verb in verbs::all() {
        // The first call looks for the processor's features and keeps what it finds.
        random::seed(1);
        (verb.run)();
        let name = CString::new(verb.name).expect("no zero");
        let mut allocated = u64::MAX;
        for _ in 0..ROUNDS {
            random::seed(2);
            let before = allocations::count();
            valgrind::zero_counts();
            (verb.run)();
            valgrind::dump_counts(&name);
            allocated = allocated.min(allocations::count() - before);
        }
        println!("{allocated}\t{}", verb.name);
    }
}

/// Starts valgrind and reads the totals that callgrind writes and the allocations that [`run`] prints.
fn count() -> Table {
    let folder = std::env::temp_dir().join(format!("instructions-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let output = Command::new("valgrind")
        .args(["-q", "--tool=callgrind"])
        .arg(format!("--callgrind-out-file={}", folder.join("out").display()))
        .arg(std::env::current_exe().expect("the program itself"))
        .output()
        .expect("valgrind is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let instructions = totals(&folder);
    std::fs::remove_dir_all(&folder).expect("the folder made above");
    let mut table = Table::new();
    for line in String::from_utf8(output.stdout).expect("names and numbers").lines() {
        let (allocations, name) = line.split_once('\t').expect("what run prints");
        let allocations = allocations.parse().expect("a number");
        let instructions = *instructions.get(name).unwrap_or_else(|| panic!("no count of {name}"));
        table.push(name, Cost { instructions, allocations });
    }
    table
}

/// The least total of callgrind's files, by the name that each dump was asked for.
fn totals(folder: &Path) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for file in std::fs::read_dir(folder).expect("the folder made above") {
        let text = std::fs::read(file.expect("an entry").path()).expect("callgrind's counts");
        let text = String::from_utf8_lossy(&text);
        let line = |start| text.lines().find_map(|line: &str| line.strip_prefix(start));
        let name = line("desc: Trigger: Client Request: ");
        let total = line("totals: ").or_else(|| line("summary: "));
        if let (Some(name), Some(total)) = (name, total) {
            let total: u64 = total.trim().parse().expect("a number");
            found
                .entry(name.to_owned())
                .and_modify(|least: &mut u64| *least = total.min(*least))
                .or_insert(total);
        }
    }
    found
}
