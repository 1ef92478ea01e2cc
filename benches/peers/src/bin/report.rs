//! Merges the records of several programs into one table, and draws a plot an operation.
//!
//! `report [--json] [--plots DIRECTORY] RECORD...`

use plotters::prelude::*;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};
use strict_jose_peers::record::{Contest, Measured, Record, Role};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let (mut json, mut plots, mut records) = (false, None, Vec::new());
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => json = true,
            "--plots" => plots = Some(PathBuf::from(arguments.next().ok_or("--plots DIRECTORY")?)),
            record => {
                records.push(serde_json::from_str::<Record>(&fs::read_to_string(record)?)?);
            }
        }
    }
    let first = records.first().ok_or("no records")?;
    if records.iter().any(|record| record.backend != first.backend) {
        return Err("records of different backends do not belong in one table".into());
    }
    let operations: Vec<String> =
        first.contests.iter().map(|contest| contest.operation.clone()).collect();
    if json {
        println!("{}", serde_json::to_string_pretty(&records)?);
    } else {
        print_table(&records, &operations);
    }
    if let Some(directory) = plots {
        fs::create_dir_all(&directory)?;
        for operation in &operations {
            plot(&directory, operation, &records)?;
        }
    }
    Ok(())
}

fn contests<'a>(
    records: &'a [Record],
    operation: &'a str,
) -> impl Iterator<Item = (&'a Record, &'a Contest)> {
    records.iter().flat_map(move |record| {
        let contests = record.contests.iter();
        contests.filter(move |contest| contest.operation == operation).map(move |c| (record, c))
    })
}

/// A row a contender; who raced in several programs has several rows.
fn print_table(records: &[Record], operations: &[String]) {
    println!("strict-jose on {}; a median over rounds each.\n", records[0].backend);
    println!("| operation | who | with | time | strict-jose ÷ it | target | |");
    println!("| --- | --- | --- | ---: | ---: | ---: | --- |");
    let mut missed = 0;
    for operation in operations {
        for (record, contest) in contests(records, operation) {
            for contender in &contest.contenders {
                let ratio = contest.ratio(contender).filter(|_| has_ratio(contender.role));
                let target = target(records, contest, contender);
                let verdict = match (ratio, target) {
                    (Some(ratio), Some(target)) if ratio <= target => "ok",
                    (Some(_), Some(_)) => {
                        missed += 1;
                        "missed"
                    }
                    _ => "",
                };
                println!(
                    "| {operation} | {} | {} | {} | {} | {} | {verdict} |",
                    contender.name,
                    record.program,
                    time(contender.median()),
                    ratio.map_or(String::new(), |ratio| format!("{ratio:.2}")),
                    target.map_or(String::new(), |target| format!("≤ {target:.2}")),
                );
            }
        }
    }
    println!("\n{missed} missed.");
}

fn has_ratio(role: Role) -> bool {
    !matches!(role, Role::Ours | Role::Part)
}

/// Raw's target stands beside raw, the peers' beside the one that is hardest to meet: the fastest
/// beside the same run's strict-jose.
fn target(records: &[Record], contest: &Contest, contender: &Measured) -> Option<f64> {
    match contender.role {
        Role::Raw => contest.raw_target,
        Role::Peer => {
            let ratios = contests(records, &contest.operation)
                .filter_map(|(_, contest)| contest.ratio(contest.fastest_peer()?));
            let hardest = ratios.max_by(f64::total_cmp)?;
            contest.peer_target.filter(|_| contest.ratio(contender) == Some(hardest))
        }
        _ => None,
    }
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        short if short < 1e3 => format!("{short:.0} ns"),
        middle if middle < 1e6 => format!("{:.2} µs", middle / 1e3),
        long => format!("{:.2} ms", long / 1e6),
    }
}

const WIDTH: i32 = 900;
const LEFT: i32 = 300;
const ROW: i32 = 30;

/// Bars from the fastest down; one bar a name, the median of its medians if it raced in several
/// programs.
fn plot(directory: &Path, operation: &str, records: &[Record]) -> Result<()> {
    let mut medians: BTreeMap<&str, (Role, Vec<f64>)> = BTreeMap::new();
    for (_, contest) in contests(records, operation) {
        for contender in contest.contenders.iter().filter(|one| one.role != Role::Part) {
            let (_, found) = medians.entry(&contender.name).or_insert((contender.role, Vec::new()));
            found.push(contender.median());
        }
    }
    let mut bars: Vec<(&str, Role, f64)> = medians
        .into_iter()
        .map(|(name, (role, found))| (name, role, strict_jose_peers::record::median(found)))
        .collect();
    bars.sort_by(|one, other| one.2.total_cmp(&other.2));
    let longest = bars.last().ok_or("an operation that nobody does")?.2;

    let path = directory.join(format!("{}.svg", file_name(operation)));
    let height = ROW * (i32::try_from(bars.len())? + 2);
    let root =
        SVGBackend::new(&path, (WIDTH.unsigned_abs(), height.unsigned_abs())).into_drawing_area();
    root.fill(&WHITE)?;
    let text = ("sans-serif", 15).into_font();
    root.draw(&Text::new(operation.to_owned(), (10, 10), ("sans-serif", 18).into_font()))?;
    for (row, (name, role, nanoseconds)) in (1..).zip(bars) {
        let colour = match role {
            Role::Ours => RGBColor(0x1f, 0x6f, 0xb2),
            Role::Peer => RGBColor(0x9a, 0x9a, 0x9a),
            _ => RGBColor(0xd0, 0xd8, 0xc0),
        };
        let (top, room) = (ROW * row + 10, f64::from(WIDTH - LEFT - 100));
        let end = LEFT + (room * nanoseconds / longest).round().max(1.0) as i32;
        root.draw(&Text::new(name.to_owned(), (10, top + 3), text.clone()))?;
        root.draw(&Rectangle::new([(LEFT, top), (end, top + ROW - 8)], colour.filled()))?;
        root.draw(&Text::new(time(nanoseconds), (end + 6, top + 3), text.clone()))?;
    }
    root.present()?;
    Ok(())
}

/// Letters and digits, the rest as one `-` each.
fn file_name(operation: &str) -> String {
    let words = operation.split(|character: char| !character.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-").to_lowercase()
}
