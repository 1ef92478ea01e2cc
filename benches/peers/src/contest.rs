//! Contenders take turns, round by round: whatever slows the machine down slows them all.

use crate::record::{Measured, Role};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Does the work so many times.
pub type Run = Box<dyn FnMut(u32)>;

pub struct Contender {
    pub name: String,
    pub role: Role,
    pub run: Run,
}

impl Contender {
    /// # Panics
    ///
    /// Later, if the work does: a contender that fails is not slow but wrong.
    pub fn new<T>(
        name: impl Into<String>,
        role: Role,
        mut work: impl FnMut() -> T + 'static,
    ) -> Self {
        let run = move |times| {
            for _ in 0..times {
                black_box(work());
            }
        };
        Self { name: name.into(), role, run: Box::new(run) }
    }
}

#[derive(Clone, Copy)]
pub struct Effort {
    pub rounds: usize,
    /// How long a contender's turn takes, unless one call takes longer.
    pub turn: Duration,
}

impl Effort {
    pub const FULL: Self = Self { rounds: 15, turn: Duration::from_millis(40) };
    pub const QUICK: Self = Self { rounds: 3, turn: Duration::from_millis(2) };
}

/// Nanoseconds a call, one number a round, for each contender in order.
#[must_use]
pub fn hold(mut contenders: Vec<Contender>, effort: Effort) -> Vec<Measured> {
    let times: Vec<u32> =
        contenders.iter_mut().map(|contender| calibrate(&mut contender.run, effort.turn)).collect();
    let mut nanoseconds = vec![Vec::with_capacity(effort.rounds); contenders.len()];
    for round in 0..effort.rounds {
        for turn in 0..contenders.len() {
            // Another one begins each round, so that none always follows the same.
            let place = (round + turn) % contenders.len();
            let took = clock(&mut contenders[place].run, times[place]);
            nanoseconds[place].push(took.as_secs_f64() * 1e9 / f64::from(times[place]));
        }
    }
    contenders
        .into_iter()
        .zip(nanoseconds)
        .map(|(contender, nanoseconds)| Measured {
            name: contender.name,
            role: contender.role,
            nanoseconds,
        })
        .collect()
}

/// How many calls fill a turn; the tries warm caches up.
fn calibrate(run: &mut Run, turn: Duration) -> u32 {
    let mut times = 1;
    loop {
        let took = clock(run, times);
        if took >= turn / 4 || times >= 1 << 24 {
            let fitting = f64::from(times) * turn.as_secs_f64() / took.as_secs_f64();
            return (fitting as u32).max(1);
        }
        times *= 2;
    }
}

fn clock(run: &mut Run, times: u32) -> Duration {
    let start = Instant::now();
    run(times);
    start.elapsed()
}
