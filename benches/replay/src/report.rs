//! The measurements as Markdown, held against what is promised, and as pictures.

use crate::contenders::{ALL, EMBEDDED, LOCKED_MAP, MOKA};
use crate::measure::{Figure, Figures, float};
use crate::plot::{Line, Picture};
use crate::stores::CALLERS;

/// By size, then by contender as in the list; none for one that was left out.
pub type Table = Vec<(usize, Vec<Option<Figures>>)>;

fn of(contenders: &[Option<Figures>], name: &str, figure: Figure) -> Option<f64> {
    let place = ALL.iter().position(|entry| entry.name == name)?;
    contenders[place].as_ref()?.get(figure)
}

/// The time that one takes of another's, by their rates.
fn time_of(contenders: &[Option<Figures>], name: &str, peer: &str, rate: Figure) -> Option<f64> {
    Some(of(contenders, peer, rate)? / of(contenders, name, rate)?)
}

/// Prints all of it.
pub fn print(table: &Table) {
    println!("\n## Insertions a second\n");
    heading(&[
        "live ids",
        "guard",
        "while filled",
        "1 thread",
        "2 threads",
        "many callers",
        "time of the map's, while filled",
        "time of the map's, 1 thread",
        "time of moka's, while filled",
        "time of moka's, 1 thread",
        "octets an id",
    ]);
    rows(table, |contenders, name| {
        let rate = |figure| of(contenders, name, figure).map(|rate| thousands(rate.round()));
        let time = |peer, figure| {
            time_of(contenders, name, peer, figure).map(|ratio| format!("{ratio:.2}"))
        };
        vec![
            rate(Figure::Filling),
            rate(Figure::OneThread),
            rate(Figure::TwoThreads),
            rate(Figure::Many),
            time(LOCKED_MAP, Figure::Filling),
            time(LOCKED_MAP, Figure::OneThread),
            time(MOKA, Figure::Filling),
            time(MOKA, Figure::OneThread),
            of(contenders, name, Figure::Bytes).map(|bytes| format!("{bytes:.1}")),
        ]
    });
    println!("\n## Microseconds a call\n");
    heading(&[
        "live ids",
        "guard",
        "p50",
        "p99",
        "p99.9",
        "longest",
        "longest while filled",
        "longest, all expiring",
        "p50 of many callers",
        "p99 of many callers",
    ]);
    rows(table, |contenders, name| {
        [
            Figure::Median,
            Figure::P99,
            Figure::P999,
            Figure::Longest,
            Figure::LongestFilling,
            Figure::LongestExpiring,
            Figure::ManyMedian,
            Figure::ManyP99,
        ]
        .map(|figure| of(contenders, name, figure).map(|time| microseconds(time / 1000.0)))
        .to_vec()
    });
    println!(
        "\nMany callers: {CALLERS}, of the durable guard threads, of the servers tasks of one thread. These \
         are filled by as many; the others by one thread. Longest calls are medians over the rounds.\n"
    );
    for entry in ALL {
        if let Some(reason) = (entry.left_out)() {
            println!("LEFT OUT: {}: {reason}.\n", entry.name);
        }
    }
    print_targets(table);
}

fn heading(names: &[&str]) {
    println!("| {} |", names.join(" | "));
    println!("| ---: | :--- |{}", " ---: |".repeat(names.len() - 2));
}

fn rows(table: &Table, cells: impl Fn(&[Option<Figures>], &'static str) -> Vec<Option<String>>) {
    for (live, contenders) in table {
        for (entry, _) in ALL.iter().zip(contenders).filter(|(_, figures)| figures.is_some()) {
            let cells = cells(contenders, entry.name).into_iter();
            let cells: Vec<_> = cells.map(|cell| cell.unwrap_or_else(|| "-".to_owned())).collect();
            println!("| {} | {} | {} |", thousands(float(*live)), entry.name, cells.join(" | "));
        }
    }
}

/// A whole number with a comma after every three digits.
/// With commas, and no fraction.
pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn microseconds(time: f64) -> String {
    if time < 100.0 { format!("{time:.2}") } else { thousands(time) }
}

/// What is promised, at the sizes it is promised for; nothing where they were not run.
fn print_targets(table: &Table) {
    let at = |live| table.iter().find(|(size, _)| *size == live).map(|(_, all)| &all[..]);
    let (million, ten_million) = (at(1_000_000), at(10_000_000));
    let time = |peer, figure| time_of(million?, EMBEDDED, peer, figure);
    let two = || {
        let rate = |figure| of(million?, EMBEDDED, figure);
        Some(rate(Figure::TwoThreads)? / rate(Figure::OneThread)?)
    };
    let bytes = |name| of(ten_million?, name, Figure::Bytes);
    let longest = [Figure::Longest, Figure::LongestFilling, Figure::LongestExpiring]
        .into_iter()
        .filter_map(|figure| of(ten_million?, EMBEDDED, figure))
        .reduce(f64::max);
    let targets = [
        ("time of the map's, filled with 10^6 ids", time(LOCKED_MAP, Figure::Filling), 0.35, true),
        ("the same beside 10^6 ids", time(LOCKED_MAP, Figure::OneThread), 0.35, true),
        ("time of moka's, filled with 10^6 ids", time(MOKA, Figure::Filling), 0.15, true),
        ("the same beside 10^6 ids", time(MOKA, Figure::OneThread), 0.15, true),
        ("rate of two threads to one's, 10^6 ids", two(), 1.7, false),
        ("octets an id, 10^7 ids", bytes(EMBEDDED), 32.0, true),
        (
            "octets to moka's, 10^7 ids",
            bytes(EMBEDDED).zip(bytes(MOKA)).map(|(own, peer)| own / peer),
            0.1,
            true,
        ),
        ("longest call in ms, 10^7 ids", longest.map(|time| time / 1e6), 1.0, true),
    ];
    println!("## Targets of the embedded guard\n");
    println!("| what | target | measured | |\n| :--- | ---: | ---: | :--- |");
    for (name, measured, target, is_most) in targets {
        let bound = if is_most { "at most" } else { "at least" };
        let verdict = match measured {
            None => "- | not run".to_owned(),
            Some(value) if (value <= target) == is_most => format!("{value:.3} | held"),
            Some(value) => format!("{value:.3} | MISSED"),
        };
        println!("| {name} | {bound} {target} | {verdict} |");
    }
}

/// Rates and memory over the number of ids, each with the name of its file.
pub fn pictures(table: &Table) -> [(&'static str, Picture); 2] {
    let line = |name: &'static str, figure, suffix: &str| Line {
        name: format!("{name}{suffix}"),
        points: table
            .iter()
            .filter_map(|(live, all)| Some((float(*live), of(all, name, figure)?)))
            .collect(),
    };
    let rates = ALL.iter().flat_map(|entry| {
        [
            line(entry.name, Figure::OneThread, ", 1 thread"),
            line(entry.name, Figure::TwoThreads, ", 2 threads"),
            line(entry.name, Figure::Many, ", many callers"),
        ]
    });
    let bytes = ALL.iter().map(|entry| line(entry.name, Figure::Bytes, ""));
    let drawn = |line: &Line| !line.points.is_empty();
    [
        (
            "replay-rates.svg",
            Picture {
                caption: "Replay checks by live ids",
                unit: "insertions a second",
                lines: rates.filter(drawn).collect(),
            },
        ),
        (
            "replay-octets.svg",
            Picture {
                caption: "Memory of replay guards by live ids",
                unit: "octets an id",
                lines: bytes.filter(drawn).collect(),
            },
        ),
    ]
}
