//! Replay guards side by side: rates, latencies, memory, and what expiry costs.

mod contenders;
mod measure;
mod octets;
mod plot;

use contenders::{ALL, EMBEDDED, LOCKED_MAP, MOKA};
use measure::{FIGURES, Figures, LONGEST, LONGEST_EXPIRING, OCTETS, ONE, TWO, float};
use std::error::Error;
use std::path::Path;

/// The medians of all rounds: by size, then by contender as in the list.
type Table = Vec<(usize, Vec<Figures>)>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let sizes = arguments.next().unwrap_or_else(|| "100000,1000000,10000000".to_owned());
    let sizes = sizes.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>()?;
    let rounds: usize = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let inserts: usize = arguments.next().map_or(Ok(200_000), |text| text.parse())?;

    let mut table = Table::new();
    for live in sizes {
        let mut runs = vec![Vec::new(); ALL.len()];
        for round in 0..rounds {
            eprintln!("{live} live ids, round {} of {rounds}", round + 1);
            // Each round begins with another, so that none is always first.
            for turn in 0..ALL.len() {
                let turn = (round + turn) % ALL.len();
                runs[turn].push(measure::run(&ALL[turn], live, inserts));
            }
        }
        table.push((live, runs.iter().map(|runs| medians(runs)).collect()));
    }
    print(&table);
    print_targets(&table);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/replay.svg");
    plot::write(&path, &lines(&table))?;
    println!("\nplotted to {}", path.display());
    Ok(())
}

fn medians(runs: &[Figures]) -> Figures {
    std::array::from_fn(|figure| {
        let mut values: Vec<f64> = runs.iter().filter_map(|run| run[figure]).collect();
        values.sort_unstable_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    })
}

fn print(table: &Table) {
    print!("{:>10} {:>16}", "live ids", "guard");
    FIGURES.iter().for_each(|name| print!(" {name:>24}"));
    println!(" {:>16}", "time of the map");
    for (live, contenders) in table {
        let map = rate_of(contenders, LOCKED_MAP, ONE);
        for (entry, figures) in ALL.iter().zip(contenders) {
            print!("{live:>10} {:>16}", entry.name);
            for figure in figures {
                let text = figure.map_or_else(|| "-".to_owned(), shown);
                print!(" {text:>24}");
            }
            let ratio = map.zip(figures[ONE]).map(|(map, own)| map / own);
            println!(" {:>16}", ratio.map_or_else(String::new, |ratio| format!("{ratio:.3}")));
        }
    }
}

fn shown(figure: f64) -> String {
    if figure < 100.0 { format!("{figure:.2}") } else { format!("{figure:.0}") }
}

fn rate_of(contenders: &[Figures], name: &str, figure: usize) -> Option<f64> {
    let place = ALL.iter().position(|entry| entry.name == name)?;
    contenders[place][figure]
}

/// What is promised, at the sizes it is promised for; nothing where they were not run.
fn print_targets(table: &Table) {
    let at = |live| table.iter().find(|(size, _)| *size == live).map(|(_, figures)| figures);
    let of = |live, name, figure| at(live).and_then(|all| rate_of(all, name, figure));
    let time = |peer| {
        let own = of(1_000_000, EMBEDDED, ONE)?;
        of(1_000_000, peer, ONE).map(|peer| peer / own)
    };
    let scaling =
        of(1_000_000, EMBEDDED, ONE).zip(of(1_000_000, EMBEDDED, TWO)).map(|(one, two)| two / one);
    let longest = of(10_000_000, EMBEDDED, LONGEST)
        .zip(of(10_000_000, EMBEDDED, LONGEST_EXPIRING))
        .map(|(one, other)| one.max(other) / 1e6);
    let targets = [
        ("time of the locked HashMap at 10^6 ids, at most", time(LOCKED_MAP), 0.35, true),
        ("time of moka at 10^6 ids, at most", time(MOKA), 0.15, true),
        ("two threads by one at 10^6 ids, at least", scaling, 1.7, false),
        ("octets an id at 10^7 ids, at most", of(10_000_000, EMBEDDED, OCTETS), 32.0, true),
        ("longest call in ms at 10^7 ids, at most", longest, 1.0, true),
    ];
    println!();
    for (name, measured, target, at_most) in targets {
        let verdict = match measured {
            None => "not run".to_owned(),
            Some(value) if (value <= target) == at_most => format!("{value:.3}, held"),
            Some(value) => format!("{value:.3}, MISSED"),
        };
        println!("{name:>50} {target:>6}: {verdict}");
    }
}

fn lines(table: &Table) -> Vec<plot::Line> {
    let line = |place: usize, figure: usize, threads: &str| plot::Line {
        name: format!("{}, {threads}", ALL[place].name),
        points: table
            .iter()
            .filter_map(|(live, all)| Some((float(*live), all[place][figure]? / 1000.0)))
            .collect(),
    };
    (0..ALL.len())
        .flat_map(|place| [line(place, ONE, "1 thread"), line(place, TWO, "2 threads")])
        .collect()
}
