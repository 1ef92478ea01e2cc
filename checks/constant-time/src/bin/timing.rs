//! Times whole decryptions of valid against invalid blocks, paired and interleaved, and prints what
//! lies between their medians. Started by `timing.sh`.

use std::process::ExitCode;
use std::time::Duration;
use strict_jose_constant_time::classes::Algorithm;
use strict_jose_constant_time::keys::{self, Key};
use strict_jose_constant_time::{clock, random};

/// The first is valid; so is the second, which shows what chance alone does. Then six invalid ones,
/// and one of them again with the leak that has to be found.
const COLUMNS: usize = 9;
const CONTROL: usize = 8;
/// Each time is the least of so many in a row: the first fills the caches, interrupts hit few.
const REPEATS: usize = 2;
const LEAK: Duration = Duration::from_nanos(300);

/// Beyond so many standard deviations a difference is taken to be there: by chance once in 150,000
/// comparisons.
const FOUND: f64 = 4.5;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let tuples = arguments.next().map_or(100_000, |number| number.parse().expect("a number"));
    let only = arguments.next();
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor.lines().find_map(|line| line.strip_prefix("model name"));
    println!("processor {}", model.unwrap_or(" unknown").trim_start_matches(['\t', ':', ' ']));
    let key = Key::new(&keys::generate(2048));
    let mut as_expected = true;
    for algorithm in Algorithm::ALL {
        if only.as_ref().is_none_or(|name| name == algorithm.name()) {
            as_expected &= report(algorithm, &measure(&key, algorithm, tuples));
        }
    }
    if as_expected { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Nanoseconds of each column, tuple by tuple.
fn measure(key: &Key, algorithm: Algorithm, tuples: usize) -> [Vec<f64>; COLUMNS] {
    let mut times = [const { Vec::new() }; COLUMNS];
    let columns: [usize; COLUMNS] = core::array::from_fn(|column| column);
    let mut order = columns;
    let leak = calibrate(LEAK);
    for tuple in 0..tuples + 20 {
        random::unseed();
        let tokens = columns.map(|column| {
            let class = match column {
                0 | 1 => 0,
                CONTROL => 1,
                _ => column - 1,
            };
            key.token(algorithm, &algorithm.block(class, key.bytes()))
        });
        shuffle(&mut order);
        for &column in &order {
            let (seed, leak) = (tuple as u64, if column == CONTROL { leak } else { 0 });
            let time = (0..REPEATS).map(|_| time(key, algorithm, seed, leak, &tokens[column]));
            let least = time.min().unwrap_or_default();
            // The first tuples come after no others.
            if tuple >= 20 {
                times[column].push(least.as_nanos() as f64);
            }
        }
    }
    times
}

/// One decryption.
fn time(key: &Key, algorithm: Algorithm, seed: u64, leak: u64, token: &str) -> Duration {
    // The same blinding for the whole tuple: its own variation is larger than any leak.
    random::seed(seed);
    let token = core::hint::black_box(token);
    let start = clock::now();
    let failed = key.decrypt(algorithm, token).is_err();
    spin(leak);
    let time = clock::now() - start;
    assert!(failed, "no block holds the content's CEK");
    time
}

/// How many turns of the loop take so long: the clock itself may take longer than the leak.
fn calibrate(duration: Duration) -> u64 {
    const TURNS: u64 = 5_000_000;
    let start = clock::now();
    spin(TURNS);
    let turn = (clock::now() - start).as_nanos() as f64 / TURNS as f64;
    (duration.as_nanos() as f64 / turn).ceil() as u64
}

#[inline(never)]
fn spin(turns: u64) {
    for turn in 0..turns {
        core::hint::black_box(turn);
    }
}

fn shuffle(order: &mut [usize; COLUMNS]) {
    let mut draws = [0; COLUMNS];
    random::fill(&mut draws);
    for last in (1..COLUMNS).rev() {
        order.swap(last, usize::from(draws[last]) % (last + 1));
    }
}

/// Prints the table; whether the control was found and nothing else was.
fn report(algorithm: Algorithm, times: &[Vec<f64>; COLUMNS]) -> bool {
    let valid = &times[0];
    println!("{}, RSA-2048, {} tuples", algorithm.name(), valid.len());
    println!("  {:<28} median {:>10.0} ns", "valid", median(&mut valid.clone()));
    let mut verdict = "OK";
    for (column, times) in times.iter().enumerate().skip(1) {
        let name = match column {
            1 => "valid again".to_owned(),
            CONTROL => format!("{} +{} ns", algorithm.classes()[1], LEAK.as_nanos()),
            _ => algorithm.classes()[column - 1].to_owned(),
        };
        let difference = Difference::new(times, valid);
        let found = difference.z.abs() > FOUND;
        if column == CONTROL && !found {
            verdict = "the control was not found: more tuples or a quieter machine is needed";
        } else if column != CONTROL && found {
            verdict = "a difference was found";
        }
        println!(
            "  {name:<28} {:>+8.1} ns [{:>+8.1}, {:>+8.1}]  z {:>+6.1}  {}",
            difference.median,
            difference.low,
            difference.high,
            difference.z,
            if found { "found" } else { "nothing found" },
        );
    }
    println!("  {verdict}");
    verdict == "OK"
}

/// The median of the differences within tuples, its 95 % confidence interval and its sign test.
struct Difference {
    median: f64,
    low: f64,
    high: f64,
    z: f64,
}

impl Difference {
    fn new(times: &[f64], valid: &[f64]) -> Self {
        let mut differences: Vec<f64> = times.iter().zip(valid).map(|(a, b)| a - b).collect();
        let median = median(&mut differences);
        let number = differences.len();
        let half = number as f64 / 2.0;
        // Order statistics: the number of differences below the median is binomial.
        let width = (1.96 * (number as f64).sqrt() / 2.0).ceil() as usize;
        let above = differences.iter().filter(|difference| **difference > 0.0).count() as f64;
        let equal = differences.iter().filter(|difference| **difference == 0.0).count() as f64;
        Self {
            median,
            low: differences[(number / 2).saturating_sub(width)],
            high: differences[(number / 2 + width).min(number - 1)],
            z: (above + equal / 2.0 - half) / ((number as f64).sqrt() / 2.0),
        }
    }
}

/// Sorts the numbers.
fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
