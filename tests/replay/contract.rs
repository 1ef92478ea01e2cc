//! The contract of replay guards is kept by the crate's own, and every way to break it is found.

use crate::support::block_on::block_on;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose::replay_contract::{self as contract, Blocking, Handles};
use strict_jose::{
    AsyncReplayGuard, Insertion, MemoryReplayGuard, NumericDate, ReplayError, ReplayGuard, ReplayId,
};

// The clauses, as a report and a violation name them.
const ATOMICITY: &str = "of many callers at once exactly one is told Inserted";
const SECONDS: &str = "an id is present at every time before keep_until";
const PASSED: &str = "an id whose time has passed is not inserted";
const CLOCK_STEPS: &str = "a clock that steps brings no id back";
const PARTS: &str = "issuer, scope and jti tell ids apart";
const TEXTS: &str = "every jti is itself alone";
const RELEASE: &str = "a released id can be inserted once more";
const ONCE: &str = "an id is inserted once";
const CAPACITY: &str = "a full guard says so and forgets nothing";
const UNAVAILABILITY: &str = "a guard without its store says so in time";
const ABANDONMENT: &str = "a dropped call lets no id through twice";

#[test]
fn the_guard_in_memory_keeps_the_contract() {
    let fresh: [fn() -> MemoryReplayGuard; 2] = [
        || MemoryReplayGuard::with_capacity(1500),
        || MemoryReplayGuard::with_issuer_share(10_000, 1500),
    ];
    for fresh in fresh {
        let report = contract::check(fresh).unwrap();
        assert_eq!(report.clauses.len(), 9);
        assert!(report.insertions > 70_000, "{}", report.insertions);
    }
    let report = contract::check_capacity(MemoryReplayGuard::with_capacity).unwrap();
    assert!(report.insertions > 200, "{}", report.insertions);
    contract::check_capacity(|share| MemoryReplayGuard::with_issuer_share(1000, share)).unwrap();
}

#[test]
fn the_guard_in_memory_keeps_the_contract_asked_later_and_by_several_handles() {
    let later = || Blocking::new(MemoryReplayGuard::with_capacity(1500), |asked| block_on(asked));
    assert_eq!(contract::check(later).unwrap().clauses.len(), 9);
    let shared = || {
        let guard = Arc::new(MemoryReplayGuard::with_capacity(1500));
        Handles::new([Arc::clone(&guard), guard])
    };
    assert_eq!(contract::check(shared).unwrap().clauses.len(), 9);
    let memory = MemoryReplayGuard::with_capacity(100);
    let report = contract::check_abandoned(&memory, |asked| block_on(asked)).unwrap();
    assert_eq!(report.insertions, 200);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    KeepsTooLong,
    LooksThenInserts,
    ForgetsASecondEarly,
    DropsFractions,
    GoesByTheClockItIsGiven,
    InsertsWhatHasPassed,
    IgnoresScope,
    IgnoresIssuer,
    JoinsParts,
    CutsIds,
    FoldsCase,
    ReleasesNothing,
    ReleasesAll,
    ReleasesForTheOldTime,
    RefusesAll,
    TakesAll,
    ForgetsWhenFull,
    SaysPresentWhenFull,
    PanicsInARace,
}

/// A guard as one would first write it, with a fault.
struct Plain {
    fault: Fault,
    capacity: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    latest: Duration,
    /// Until when each id is kept, and whether it was released.
    ids: HashMap<[String; 3], (Duration, bool)>,
}

impl Plain {
    fn new(fault: Fault, capacity: usize) -> Self {
        Self { fault, capacity, held: Mutex::default() }
    }

    fn key(&self, id: &ReplayId<'_>) -> [String; 3] {
        let [issuer, scope, jti] = [id.issuer(), id.scope(), id.jwt_id()].map(str::to_owned);
        match self.fault {
            Fault::IgnoresScope => [issuer, String::new(), jti],
            Fault::IgnoresIssuer => [String::new(), scope, jti],
            Fault::JoinsParts => [issuer + &scope + &jti, String::new(), String::new()],
            Fault::CutsIds => [issuer, scope, jti.chars().take(255).collect()],
            Fault::FoldsCase => [issuer, scope, jti.to_lowercase()],
            _ => [issuer, scope, jti],
        }
    }

    fn until(&self, keep_until: NumericDate) -> Duration {
        let until = keep_until.as_duration();
        match self.fault {
            Fault::ForgetsASecondEarly => until.saturating_sub(Duration::from_secs(1)),
            Fault::DropsFractions => Duration::from_secs(until.as_secs()),
            Fault::KeepsTooLong => until.saturating_add(Duration::from_secs(100)),
            _ => until,
        }
    }
}

impl ReplayGuard for Plain {
    fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        let (key, until) = (self.key(id), self.until(keep_until));
        match self.fault {
            Fault::RefusesAll => return Ok(AlreadyPresent),
            Fault::TakesAll => return Ok(Inserted),
            Fault::LooksThenInserts => {
                let mut held = self.held.lock().unwrap();
                held.latest = held.latest.max(now.as_duration());
                let (latest, found) = (held.latest, held.ids.get(&key).copied());
                drop(held);
                std::thread::yield_now();
                return match found {
                    Some((_, false)) => Ok(AlreadyPresent),
                    _ if keep_until.as_duration() <= latest => Err(ReplayError::ClockBehind),
                    _ => {
                        self.held.lock().unwrap().ids.insert(key, (until, false));
                        Ok(Inserted)
                    }
                };
            }
            _ => {}
        }
        let mut held = self.held.lock().map_err(|_| ReplayError::UNAVAILABLE)?;
        let panics = self.fault == Fault::PanicsInARace && id.jwt_id().starts_with("race");
        assert!(!panics, "for the test");
        held.latest = match self.fault {
            Fault::GoesByTheClockItIsGiven => now.as_duration(),
            _ => held.latest.max(now.as_duration()),
        };
        let latest = held.latest;
        if self.fault != Fault::InsertsWhatHasPassed {
            held.ids.retain(|_, (until, _)| *until > latest);
        }
        let (full, forgets) =
            (held.ids.len() >= self.capacity, self.fault == Fault::ForgetsWhenFull);
        match held.ids.get_mut(&key) {
            Some((_, released @ true)) if self.fault == Fault::ReleasesForTheOldTime => {
                *released = false;
                Ok(Inserted)
            }
            Some((_, false)) => Ok(AlreadyPresent),
            // Expired by the latest time, it may have been here.
            _ if keep_until.as_duration() <= latest
                && !matches!(
                    self.fault,
                    Fault::GoesByTheClockItIsGiven | Fault::InsertsWhatHasPassed
                ) =>
            {
                Err(ReplayError::ClockBehind)
            }
            None if full && self.fault == Fault::SaysPresentWhenFull => Ok(AlreadyPresent),
            None if full && !forgets => Err(ReplayError::Full),
            _ => {
                if full {
                    held.ids.clear();
                }
                held.ids.insert(key, (until, false));
                Ok(Inserted)
            }
        }
    }

    fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        let key = self.key(id);
        let mut held = self.held.lock().map_err(|_| ReplayError::UNAVAILABLE)?;
        match self.fault {
            Fault::ReleasesNothing => {}
            Fault::ReleasesAll => held.ids.clear(),
            _ => {
                if let Some((_, released)) = held.ids.get_mut(&key) {
                    *released = true;
                }
            }
        }
        Ok(())
    }
}

#[test]
fn a_plain_guard_without_fault_keeps_the_contract() {
    // Kept longer than asked for, an id refuses nothing that another rule would take.
    for fault in [Fault::None, Fault::KeepsTooLong] {
        contract::check(|| Plain::new(fault, 2000)).unwrap();
        contract::check_capacity(|capacity| Plain::new(fault, capacity)).unwrap();
    }
}

#[test]
fn every_fault_is_found_and_named() {
    let faults = [
        (Fault::LooksThenInserts, ATOMICITY, "were told Inserted"),
        (Fault::ForgetsASecondEarly, SECONDS, "1 s before keep_until"),
        (Fault::DropsFractions, SECONDS, "1 ns before a keep_until with a fraction"),
        (Fault::GoesByTheClockItIsGiven, CLOCK_STEPS, "an id came back"),
        (Fault::InsertsWhatHasPassed, PASSED, "1 s after its time"),
        (Fault::IgnoresScope, PARTS, "like no id before"),
        (Fault::IgnoresIssuer, PARTS, "like no id before"),
        (Fault::JoinsParts, PARTS, "like no id before"),
        (Fault::CutsIds, TEXTS, "like no id before"),
        (Fault::FoldsCase, TEXTS, "like no id before"),
        (Fault::ReleasesNothing, RELEASE, "not Inserted"),
        (Fault::ReleasesAll, RELEASE, "while another was released"),
        (Fault::ReleasesForTheOldTime, RELEASE, "released, then inserted for longer"),
        (Fault::RefusesAll, ONCE, "that nobody had inserted"),
        (Fault::TakesAll, ONCE, "inserted just now"),
        (Fault::PanicsInARace, ATOMICITY, "got an error or a panic"),
    ];
    for (fault, clause, message) in faults {
        let violation = contract::check(|| Plain::new(fault, 2000)).unwrap_err();
        assert_eq!(violation.clause(), clause, "{fault:?}: {violation}");
        assert!(violation.to_string().contains(message), "{fault:?}: {violation}");
        assert_eq!(format!("{violation:?}"), violation.to_string());
    }
}

#[test]
fn a_full_guard_that_forgets_or_lies_is_found() {
    let faults = [
        (Fault::ForgetsWhenFull, "in room for 0 the guard answered Ok(Inserted)"),
        (Fault::SaysPresentWhenFull, "in room for 0 the guard answered Ok(AlreadyPresent)"),
    ];
    for (fault, message) in faults {
        let violation = contract::check_capacity(|room| Plain::new(fault, room)).unwrap_err();
        assert_eq!(violation.clause(), CAPACITY);
        assert!(violation.to_string().contains(message), "{violation}");
    }
}

/// A guard whose store is gone, that answers this, after this long.
struct Gone(Result<Insertion, ReplayError>, Result<(), ReplayError>, Duration);

impl ReplayGuard for Gone {
    fn insert_if_absent(
        &self,
        _: &ReplayId<'_>,
        _: NumericDate,
        _: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        std::thread::sleep(self.2);
        self.0
    }

    fn release(&self, _: &ReplayId<'_>) -> Result<(), ReplayError> {
        self.1
    }
}

#[test]
fn a_guard_that_hides_its_failure_is_found() {
    let (lost, soon, within) = (ReplayError::UNAVAILABLE, Duration::ZERO, Duration::from_secs(60));
    contract::check_unavailable(&Gone(Err(lost), Err(lost), soon), within).unwrap();
    let guards = [
        (Gone(Ok(Inserted), Err(lost), soon), "answered Ok(Inserted)"),
        (Gone(Ok(AlreadyPresent), Err(lost), soon), "answered Ok(AlreadyPresent)"),
        (Gone(Err(ReplayError::Full), Err(lost), soon), "answered Err(Full)"),
        (Gone(Err(lost), Ok(()), soon), "answered Ok(()) to a release"),
    ];
    for (guard, message) in guards {
        let violation = contract::check_unavailable(&guard, within).unwrap_err();
        assert_eq!(violation.clause(), UNAVAILABILITY);
        assert!(violation.to_string().contains(message), "{violation}");
    }
    let slow = Gone(Err(lost), Err(lost), Duration::from_millis(20));
    let violation = contract::check_unavailable(&slow, Duration::from_millis(10)).unwrap_err();
    assert!(violation.to_string().contains("more than 10ms"), "{violation}");
    contract::check_unavailable(&Handles::<Gone>::new([]), within).unwrap();
}

#[test]
fn a_lock_that_a_panic_left_behind_is_no_answer() {
    let guard = Plain::new(Fault::None, 10);
    let holder = || {
        let _held = guard.held.lock().unwrap();
        panic!("while it holds the guard");
    };
    assert!(std::thread::scope(|scope| scope.spawn(holder).join()).is_err());
    contract::check_unavailable(&guard, Duration::from_secs(60)).unwrap();
    let violation = contract::check(|| Handles::<Plain>::new([])).unwrap_err();
    assert_eq!(violation.clause(), ONCE);
    assert!(violation.to_string().contains("answered Err(Unavailable(None))"), "{violation}");
}

/// Takes the id with the first poll and answers with the second; what happens when nobody waits for
/// the answer is its fault.
struct Later {
    memory: MemoryReplayGuard,
    gives_back: bool,
}

impl AsyncReplayGuard for Later {
    async fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        /// Gives back what a call that goes away has taken: also what it has answered for.
        struct Taken<'a>(Option<(&'a MemoryReplayGuard, &'a ReplayId<'a>)>);
        impl Drop for Taken<'_> {
            fn drop(&mut self) {
                if let Some((memory, id)) = self.0 {
                    ReplayGuard::release(memory, id).unwrap();
                }
            }
        }
        let answer = ReplayGuard::insert_if_absent(&self.memory, id, keep_until, now);
        let _taken = Taken(self.gives_back.then_some((&self.memory, id)));
        let mut polled = false;
        std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        answer
    }

    async fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        ReplayGuard::release(&self.memory, id)
    }
}

#[test]
fn a_guard_that_loses_count_of_dropped_calls_is_found() {
    let later = |gives_back| Later { memory: MemoryReplayGuard::with_capacity(2000), gives_back };
    contract::check_abandoned(later(false), |asked| block_on(asked)).unwrap();
    contract::check(|| Blocking::new(later(false), |asked| block_on(asked))).unwrap();
    let violation = contract::check_abandoned(later(true), |asked| block_on(asked)).unwrap_err();
    assert_eq!(violation.clause(), ABANDONMENT);
    assert!(violation.to_string().contains("after a dropped call"), "{violation}");
}
