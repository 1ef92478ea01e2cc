//! One clause under test: its ids and times, what was asked, and what is wrong.

use super::super::ReplayId;
use super::{Insertion, NumericDate, ReplayGuard};
use crate::crypto::random;
use crate::error::ReplayError;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

/// How many seconds an id is kept where that is not the question: longer than any store takes to answer
/// all of a clause.
pub(super) const DEFAULT_TTL: u64 = 3600;

/// A part of the contract.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Clause {
    /// An id is inserted once, and changes nothing for another.
    Once,
    /// A released id can be inserted once more.
    Release,
    /// Issuer, scope and `jti` tell ids apart wherever they are cut.
    Parts,
    /// Every `jti` of 1 to 256 octets is itself alone.
    Texts,
    /// An id is present at every time before `keep_until`.
    Seconds,
    /// A clock that steps brings no id back.
    ClockSteps,
    /// What has passed by the guard's own clock is not inserted.
    Passed,
    /// Of any number of callers at once exactly one is told that it inserted.
    Atomicity,
    /// An id is present until its time comes by the system's clock.
    Waiting,
    /// A full guard says so and forgets nothing.
    Capacity,
    /// A guard without its store says so, and in time.
    Unavailability,
    /// A call that is dropped half-way lets no id through twice.
    Abandonment,
}

impl Clause {
    const fn text(self) -> &'static str {
        match self {
            Self::Once => "an id is inserted once",
            Self::Release => "a released id can be inserted once more",
            Self::Parts => "issuer, scope and jti tell ids apart",
            Self::Texts => "every jti is itself alone",
            Self::Seconds => "an id is present at every time before keep_until",
            Self::ClockSteps => "a clock that steps brings no id back",
            Self::Passed => "an id whose time has passed is not inserted",
            Self::Atomicity => "of many callers at once exactly one is told Inserted",
            Self::Waiting => "an id is present until its time comes",
            Self::Capacity => "a full guard says so and forgets nothing",
            Self::Unavailability => "a guard without its store says so in time",
            Self::Abandonment => "a dropped call lets no id through twice",
        }
    }
}

/// What held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Report {
    /// The clauses that the guard was put to, in words and in order.
    pub clauses: Vec<&'static str>,
    /// How many insertions were asked for.
    pub insertions: u64,
}

/// What a guard did that the contract forbids.
#[derive(Clone, PartialEq, Eq)]
pub struct Violation {
    clause: Clause,
    detail: String,
}

impl Violation {
    /// The clause that does not hold, in words.
    #[must_use]
    pub fn clause(&self) -> &'static str {
        self.clause.text()
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; but {}", self.clause.text(), self.detail)
    }
}

/// The message as it is: tests unwrap the result.
impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for Violation {}

pub(super) struct Harness<'a, G> {
    pub(super) guard: &'a G,
    clause: Clause,
    /// The time by the system's clock, in whole seconds.
    start: NumericDate,
    /// Differs between runs, for stores that outlive them.
    issuer: String,
    insertions: AtomicU64,
}

impl<'a, G: ReplayGuard> Harness<'a, G> {
    pub(super) fn new(clause: Clause, guard: &'a G) -> Result<Self, Violation> {
        let start = clock(clause)?;
        let mut name = [0; 8];
        random::fill(&mut name).map_err(|_| lacking(clause, "randomness"))?;
        Ok(Self {
            guard,
            clause,
            start: start.without_fraction(),
            issuer: format!("contract {:x}", u64::from_be_bytes(name)),
            insertions: AtomicU64::new(0),
        })
    }

    pub(super) fn record(&self, report: &mut Report) {
        report.clauses.push(self.clause.text());
        report.insertions += self.insertions.load(Ordering::Relaxed);
    }

    pub(super) fn id(&self, jwt_id: &str) -> ReplayId<'static> {
        ReplayId::new(&self.issuer, "scope", jwt_id).into_owned()
    }

    /// An id whose issuer begins with this harness's own issuer.
    pub(super) fn id_of(&self, issuer: &str, scope: &str, jwt_id: &str) -> ReplayId<'static> {
        ReplayId::new(&[&self.issuer, issuer].concat(), scope, jwt_id).into_owned()
    }

    /// So many seconds after the start.
    pub(super) fn at(&self, second: u64) -> NumericDate {
        self.start.saturating_add(Duration::from_secs(second))
    }

    pub(super) fn insert(
        &self,
        id: &ReplayId<'_>,
        keep_until: u64,
        now: u64,
    ) -> Result<Insertion, ReplayError> {
        self.insert_at(id, self.at(keep_until), self.at(now))
    }

    pub(super) fn insert_at(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        self.insertions.fetch_add(1, Ordering::Relaxed);
        self.guard.insert_if_absent(id, keep_until, now)
    }

    /// An insertion that has to say so; `when` finishes the sentence.
    pub(super) fn expect_inserted(
        &self,
        id: &ReplayId<'_>,
        until: u64,
        when: &str,
    ) -> Result<(), Violation> {
        self.expect(self.insert(id, until, 0), Insertion::Inserted, when)
    }

    /// An insertion that has to find the id; `when` finishes the sentence.
    pub(super) fn expect_present(
        &self,
        id: &ReplayId<'_>,
        until: u64,
        when: &str,
    ) -> Result<(), Violation> {
        self.expect(self.insert(id, until, 0), Insertion::AlreadyPresent, when)
    }

    pub(super) fn expect_released(&self, id: &ReplayId<'_>, when: &str) -> Result<(), Violation> {
        let answer = self.guard.release(id);
        self.ensure(answer.is_ok(), || format!("{when} the guard answered {answer:?} to a release"))
    }

    pub(super) fn expect(
        &self,
        answer: Result<Insertion, ReplayError>,
        expected: Insertion,
        when: &str,
    ) -> Result<(), Violation> {
        self.ensure(answer == Ok(expected), || {
            format!("{when} the guard answered {answer:?}, not {expected:?}")
        })
    }

    pub(super) fn ensure(
        &self,
        holds: bool,
        detail: impl FnOnce() -> String,
    ) -> Result<(), Violation> {
        if holds { Ok(()) } else { Err(Violation { clause: self.clause, detail: detail() }) }
    }

    pub(super) fn clock(&self) -> Result<NumericDate, Violation> {
        clock(self.clause)
    }
}

fn clock(clause: Clause) -> Result<NumericDate, Violation> {
    NumericDate::now().map_err(|_| lacking(clause, "clock"))
}

fn lacking(clause: Clause, what: &str) -> Violation {
    Violation { clause, detail: format!("the platform has no {what} to test by") }
}
