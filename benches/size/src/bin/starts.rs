//! How long each program takes from its start to its end, in turns: `starts ROUNDS PROGRAM...`
//!
//! A line each, in order: the median in microseconds.

use std::env;
use std::error::Error;
use std::process::{Command, Stdio};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let rounds: usize = arguments.next().ok_or("starts ROUNDS PROGRAM...")?.parse()?;
    let programs: Vec<String> = arguments.collect();
    let mut took = vec![Vec::with_capacity(rounds); programs.len()];
    for _ in 0..rounds {
        for (program, took) in programs.iter().zip(&mut took) {
            let start = Instant::now();
            let status = Command::new(program).stdout(Stdio::null()).status()?;
            took.push(start.elapsed().as_micros());
            if !status.success() {
                return Err(format!("{program} failed").into());
            }
        }
    }
    for took in &mut took {
        took.sort_unstable();
        println!("{}", took[rounds / 2]);
    }
    Ok(())
}
