//! Replay guards side by side: rates, latencies, memory, and what expiry costs. `README.md` says more.

mod bytes;
mod contenders;
mod measure;
mod plot;
mod postgres;
mod report;
mod stores;

use contenders::ALL;
use measure::{Figures, Filled};
use report::Table;
use std::error::Error;
use std::path::Path;

/// With more ids than this, three rounds have to do.
const MANY: usize = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let quick = arguments.next_if(|argument| argument == "--quick").is_some();
    let defaults = if quick { ("1000", 1, 1000) } else { ("100000,1000000,10000000", 5, 200_000) };
    let sizes = arguments.next().unwrap_or_else(|| defaults.0.to_owned());
    let sizes = sizes.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>()?;
    let rounds: usize = arguments.next().map_or(Ok(defaults.1), |text| text.parse())?;
    let calls: usize = arguments.next().map_or(Ok(defaults.2), |text| text.parse())?;

    let table: Table = sizes.into_iter().map(|live| (live, at_size(live, rounds, calls))).collect();
    report::print(&table);
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    std::fs::create_dir_all(&directory)?;
    for (name, picture) in report::pictures(&table) {
        let path = directory.join(name);
        plot::write(&path, &picture)?;
        println!("\nplotted to {}", path.display());
    }
    Ok(())
}

/// The medians of all rounds with so many ids, by contender as in the list.
fn at_size(live: usize, rounds: usize, calls: usize) -> Vec<Option<Figures>> {
    let calls = calls.min((live / 4).max(1)); // what is added to measure is not to be most of it
    let rounds = if live > MANY { rounds.min(3) } else { rounds };
    let mut stores: Vec<Option<Filled>> = ALL.iter().map(|_| None).collect();
    let mut runs = vec![Vec::new(); ALL.len()];
    for round in 0..rounds {
        // Each round begins with another, so that none is always first.
        for turn in 0..ALL.len() {
            let turn = (round + turn) % ALL.len();
            let entry = &ALL[turn];
            if (entry.left_out)().is_some() {
                continue;
            }
            eprintln!("{live} ids, round {} of {rounds}: {}", round + 1, entry.name);
            let later = 5 * calls;
            let run = if entry.is_inside {
                Filled::new(entry, live, later).round(calls, true)
            } else {
                let fill = || Filled::new(entry, live, later * rounds);
                stores[turn].get_or_insert_with(fill).round(calls, false)
            };
            runs[turn].push(run);
        }
    }
    runs.iter().map(|runs| (!runs.is_empty()).then(|| Figures::medians(runs))).collect()
}
