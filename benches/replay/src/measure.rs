//! One contender at one size: filled, asked by one thread, by two and by many, then let expire.

use crate::bytes;
use crate::contenders::{Contender, Entry, Question};
use std::ops::Range;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};
use strict_jose::{NumericDate, ReplayId};

/// What is measured. Rates are insertions a second, times are in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// From none to all, growth included.
    Filling,
    /// Beside all, by one thread.
    OneThread,
    /// The same by two at once.
    TwoThreads,
    /// The same by as many as the store gains from.
    Many,
    /// A call of one thread: half are below.
    Median,
    /// All but one of a hundred.
    P99,
    /// All but one of a thousand.
    P999,
    /// The longest.
    Longest,
    /// The longest while it was filled.
    LongestFilling,
    /// The longest while all the ids that it was filled with expire.
    LongestExpiring,
    /// A call of one of many.
    ManyMedian,
    /// The same, all but one of a hundred.
    ManyP99,
    /// Memory or disk an id.
    Bytes,
}

/// One run's, or the medians of several; none for what a contender cannot be asked.
#[derive(Clone, Default)]
pub struct Figures([Option<f64>; Figure::Bytes as usize + 1]);

impl Figures {
    /// The figure, if it was measured.
    pub fn get(&self, figure: Figure) -> Option<f64> {
        self.0[figure as usize]
    }

    fn set(&mut self, figure: Figure, value: Option<f64>) {
        self.0[figure as usize] = value;
    }

    /// Each figure's median.
    pub fn medians(runs: &[Self]) -> Self {
        Self(std::array::from_fn(|figure| {
            let mut values: Vec<f64> = runs.iter().filter_map(|run| run.0[figure]).collect();
            values.sort_unstable_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        }))
    }
}

const ISSUER: &str = "https://issuer.example.com";
const BEGIN: u64 = 1_700_000_000;
const LIFETIME: usize = 3600;

/// Ids are made so many at a time while a contender is filled, outside what is timed.
const BATCH: usize = 10_000;

/// The same by many callers.
const BATCH_FOR_MANY: usize = 100_000;

/// No figure takes longer than this: of a slow store's it is by fewer calls.
const TIME: Duration = Duration::from_secs(1);

/// The seconds in which ids expire that were made at the beginning.
pub fn expiries() -> Range<usize> {
    let begin = usize::try_from(BEGIN).expect("64 bits") + LIFETIME;
    begin..begin + LIFETIME
}

fn at(second: usize) -> NumericDate {
    let second = BEGIN + u64::try_from(second).expect("64 bits");
    NumericDate::from_seconds(second).expect("a date of our time")
}

/// An id with a `jti` of 32 characters, as random ones have. It expires at any second of the hour after
/// the next, so that none does while it is measured by a contender with a clock of its own.
fn question(number: usize, now: usize) -> Question {
    let jwt_id = format!("{:032x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    (ReplayId::new(ISSUER, "", &jwt_id).into_owned(), at(now + LIFETIME + number % LIFETIME))
}

/// A contender that holds its ids.
pub struct Filled<'a> {
    entry: &'a Entry,
    contender: Box<dyn Contender>,
    /// How many ids were made for it.
    made: usize,
    figures: Figures,
}

impl<'a> Filled<'a> {
    /// Fills one with so many ids; so many may be inserted later.
    pub fn new(entry: &'a Entry, live: usize, later: usize) -> Self {
        let before = bytes::live();
        let contender = (entry.make)(live, later);
        let mut filled = Self { entry, contender, made: 0, figures: Figures::default() };
        let (mut took, mut longest) = (Duration::ZERO, Duration::ZERO);
        let asked = live - filled.contender.held();
        while filled.made < asked {
            let most = if entry.is_inside { BATCH } else { BATCH_FOR_MANY };
            let questions = filled.questions(most.min(asked - filled.made), 0);
            let begin = Instant::now();
            let by_many = filled.contender.insert_by_many(&questions, at(0), Duration::MAX);
            let taken = by_many.unwrap_or_else(|| filled.times(&questions, 0, Duration::MAX));
            took += begin.elapsed();
            longest = taken.into_iter().max().unwrap_or_default().max(longest);
        }
        let outside = filled.contender.bytes_outside();
        let bytes = if outside > 0 { outside } else { bytes::live() - before };
        filled.figures.set(Figure::Filling, Some(float(asked) / took.as_secs_f64()));
        filled.figures.set(Figure::LongestFilling, Some(nanoseconds(longest)));
        filled.figures.set(Figure::Bytes, Some(float(bytes) / float(live)));
        // A replay is refused: what is measured is a guard.
        let (id, until) = question(0, 0);
        assert!(!filled.contender.insert(&id, until, at(0)), "a replay");
        filled
    }

    /// All figures, by up to so many new ids for each; after the last round, what it takes to expire.
    pub fn round(&mut self, calls: usize, is_last: bool) -> Figures {
        let one = self.rate(calls, 1);
        let two = self.rate(calls, 2);
        let questions = self.questions(calls, 0);
        let mut taken = self.times(&questions, 0, TIME);
        taken.sort_unstable();

        let mut figures = self.figures.clone();
        figures.set(Figure::OneThread, Some(one));
        figures.set(Figure::TwoThreads, Some(two));
        figures.set(Figure::Median, part(&taken, 500));
        figures.set(Figure::P99, part(&taken, 990));
        figures.set(Figure::P999, part(&taken, 999));
        figures.set(Figure::Longest, part(&taken, 1000));
        if !self.entry.is_inside {
            let questions = self.questions(calls, 0);
            let begin = Instant::now();
            let by_many = self.contender.insert_by_many(&questions, at(0), TIME);
            let took = begin.elapsed().as_secs_f64();
            let mut taken = by_many.unwrap_or_default();
            taken.sort_unstable();
            figures.set(Figure::Many, Some(float(taken.len()) / took));
            figures.set(Figure::ManyMedian, part(&taken, 500));
            figures.set(Figure::ManyP99, part(&taken, 990));
        }
        if is_last && self.entry.goes_by_given_time {
            let now = 2 * LIFETIME;
            let questions = self.questions(calls, now);
            let longest = self.times(&questions, now, TIME).into_iter().max();
            figures.set(Figure::LongestExpiring, longest.map(nanoseconds));
        }
        figures
    }

    fn questions(&mut self, count: usize, now: usize) -> Vec<Question> {
        self.made += count;
        (self.made - count..self.made).map(|number| question(number, now)).collect()
    }

    /// How long each insertion takes. A clock is read once a call.
    fn times(&self, questions: &[Question], now: usize, time: Duration) -> Vec<Duration> {
        let (begin, now) = (Instant::now(), at(now));
        let mut taken = Vec::with_capacity(questions.len());
        let mut last = begin;
        for (id, until) in questions {
            assert!(self.contender.insert(id, *until, now), "a new id");
            let end = Instant::now();
            taken.push(end - last);
            last = end;
            if end - begin > time {
                break;
            }
        }
        taken
    }

    /// New ids a second, by so many threads that begin at once.
    fn rate(&mut self, calls: usize, threads: usize) -> f64 {
        let questions = self.questions(calls, 0);
        let barrier = Barrier::new(threads);
        let (contender, barrier) = (&*self.contender, &barrier);
        thread::scope(|scope| {
            let threads: Vec<_> = questions
                .chunks(calls.div_ceil(threads))
                .map(|questions| scope.spawn(move || rate(contender, questions, barrier)))
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        })
    }
}

/// One thread's rate; the clock is read too seldom to matter.
fn rate(contender: &dyn Contender, questions: &[Question], barrier: &Barrier) -> f64 {
    barrier.wait();
    let begin = Instant::now();
    let mut done = 0;
    for questions in questions.chunks(64) {
        for (id, until) in questions {
            assert!(contender.insert(id, *until, at(0)), "a new id");
        }
        done += questions.len();
        if begin.elapsed() > TIME {
            break;
        }
    }
    float(done) / begin.elapsed().as_secs_f64()
}

fn part(sorted: &[Duration], of_thousand: usize) -> Option<f64> {
    let place = (sorted.len() * of_thousand / 1000).min(sorted.len().checked_sub(1)?);
    Some(nanoseconds(sorted[place]))
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

/// A count as a number to divide: exact below 2^53.
#[allow(clippy::cast_precision_loss, reason = "counts here are far below 2^53")]
pub fn float(count: usize) -> f64 {
    count as f64
}
