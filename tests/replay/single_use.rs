//! Any order of checks, spends, ways back, clock steps and restarts: a simple model says of each step whether
//! it may succeed.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use strict_jose::{
    AfterRestart, Audience, Claims, Clock, Error, Hs256Key, Insertion, Issuer, Leeway,
    MemoryReplayGuard, NoPrivateClaims, NumericDate, ReplayError, ReplayGuard, ReplayId,
    Reservation, SingleUse, Unspent, Validated, Validation, jwt,
};

/// What is wrong with the process, so that the model can show that it would see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The guard lets go of an id a second before its time.
    ForgetsEarly,
    /// An id that was given back, and used again, is given back once more.
    GivesBackTwice,
    /// The clock is not read again between the check and the spend.
    SpendsByOldTime,
    /// A restart does not say when the process before it stopped.
    ForgetsRestart,
}

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub steps: u64,
    pub accepted: u64,
    pub given_back: u64,
    pub restarts: u64,
}

/// A step that went otherwise than the model says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Takes each pair of octets as a step, by this leeway.
///
/// # Errors
///
/// The first [`Violation`].
pub fn run(
    leeway: u8,
    fault: Fault,
    steps: impl IntoIterator<Item = (u8, u8)>,
) -> Result<Tally, Violation> {
    let mut world = World::new(leeway, fault);
    for (step, detail) in steps {
        world.tally.steps += 1;
        world.step(step, detail)?;
    }
    Ok(world.tally)
}

/// Half seconds, so that times have fractions.
type Halves = u64;

const START: Halves = 2 * 1_800_000_000;

fn date(halves: Halves) -> NumericDate {
    NumericDate::from_duration(Duration::from_millis(halves * 500)).unwrap()
}

struct Token {
    text: String,
    facts: Facts,
}

#[derive(Clone, Copy)]
struct Facts {
    jti: u64,
    /// A whole second.
    issued_at: Halves,
    /// `exp` and the leeway.
    end: Halves,
}

type Waiting = Unspent<NoPrivateClaims, Arc<Guard>>;
type Spent = Reservation<Validated, Arc<Guard>>;

/// One process: what it holds is gone with it.
struct Process {
    rules: Validation<SingleUse<Arc<Guard>>>,
    /// Tokens are accepted from then on, if they were issued after that and the leeway.
    since: Halves,
    /// The latest time that the guard was told.
    guard_latest: Halves,
    /// With the time of the check.
    checked: [Option<(Facts, Halves, Waiting)>; 4],
    reserved: [Option<(Facts, Spent)>; 4],
}

struct World {
    fault: Fault,
    key: Hs256Key,
    leeway: Halves,
    now: Halves,
    latest: Halves,
    /// What the process takes for the time.
    clock: Arc<AtomicU64>,
    issued: u64,
    tokens: [Token; 8],
    /// By jti: accepted and not given back.
    used: HashMap<u64, bool>,
    process: Process,
    tally: Tally,
}

impl World {
    fn new(leeway: u8, fault: Fault) -> Self {
        let key = Hs256Key::from_bytes(&[7; 32]).unwrap();
        let clock = Arc::new(AtomicU64::new(START));
        let leeway = 2 * Halves::from(leeway);
        let mut issued = 0;
        let tokens = [(); 8].map(|()| token(&key, &mut issued, START, 2, leeway));
        // No process was before the first.
        let process = Process::new(&clock, leeway, fault, START - 7200);
        let used = HashMap::new();
        let tally = Tally::default();
        let (now, latest) = (START, START);
        Self { fault, key, leeway, now, latest, clock, issued, tokens, used, process, tally }
    }

    fn step(&mut self, step: u8, detail: u8) -> Result<(), Violation> {
        let (low, middle) = (usize::from(detail % 8), usize::from(detail / 8 % 4));
        match step % 16 {
            0 | 1 => self.issue(low, detail / 8),
            2 | 3 => self.check(low, 2 + middle % 2)?, // is left for later
            4 | 5 => self.spend(middle, low)?,
            6 => self.resolve(middle, low)?,
            7 | 8 => self.verify(low)?,
            9..=13 => {
                // From the issuer to the work at once, or with what is still there.
                if step % 16 != 9 {
                    self.issue(low, detail / 8);
                }
                self.check(low, middle % 2)?;
                self.spend(middle % 2, usize::from(detail / 32))?;
            }
            14 => self.step_clock(detail),
            _ if detail.is_multiple_of(16) => self.restart(),
            _ => {
                self.step_clock(detail % 192); // forwards
                self.spend(2 + middle % 2, low)?;
            }
        }
        Ok(())
    }

    fn issue(&mut self, slot: usize, lifetime: u8) {
        let lifetime = Halves::from(lifetime) + 1;
        self.tokens[slot] = token(&self.key, &mut self.issued, self.now, lifetime, self.leeway);
    }

    /// Mostly a little forwards, sometimes far, sometimes back.
    fn step_clock(&mut self, detail: u8) {
        let by = Halves::from(detail % 64);
        self.now = match detail / 64 {
            0 | 1 => self.now + by % 4,
            2 => self.now + by,
            _ => self.now - by / 4,
        };
        self.latest = self.latest.max(self.now);
    }

    fn restart(&mut self) {
        // The old process stops now. If the clock was set back meanwhile, the latest time counts.
        let since = if self.fault == Fault::ForgetsRestart { START - 7200 } else { self.latest };
        self.process = Process::new(&self.clock, self.leeway, self.fault, since);
        self.tally.restarts += 1;
    }

    /// What the check has to say.
    fn rules_say(&self, token: Facts) -> Verdict {
        let (now, date) = (self.now, self.process.since + self.leeway);
        if now >= token.end {
            Err("claim.expired")
        } else if token.issued_at > now + self.leeway {
            Err("claim.issued_in_the_future")
        } else if now < date - date % 2 + 2 {
            Err("replay.not_ready")
        } else if token.issued_at <= date {
            Err("claim.issued_too_early")
        } else {
            Ok(())
        }
    }

    /// What the guard has to say at this time, which it is told.
    fn guard_says(&mut self, token: Facts, now: Halves) -> Verdict {
        if now >= token.end {
            return Err("claim.expired"); // the guard is not asked
        }
        self.process.guard_latest = self.process.guard_latest.max(now);
        // By whole seconds: up to the next one an id is still there.
        if token.end.div_ceil(2) <= self.process.guard_latest / 2 {
            Err("replay.clock_behind")
        } else if self.used.get(&token.jti) == Some(&true) {
            Err("replay.replayed")
        } else {
            Ok(())
        }
    }

    fn check(&mut self, slot: usize, place: usize) -> Result<(), Violation> {
        let Token { text, facts } = &self.tokens[slot];
        self.clock.store(self.now, Ordering::Relaxed);
        let checked = jwt::check(text, &self.key, &self.process.rules);
        agree("a check", self.rules_say(*facts), checked.as_ref().err())?;
        self.process.checked[place] = checked.ok().map(|unspent| (*facts, self.now, unspent));
        Ok(())
    }

    fn spend(&mut self, place: usize, then: usize) -> Result<(), Violation> {
        let Some((facts, checked_at, unspent)) = self.process.checked[place].take() else {
            return Ok(());
        };
        if self.fault != Fault::SpendsByOldTime {
            self.clock.store(self.now, Ordering::Relaxed);
        }
        let expected = self.guard_says(facts, self.now.max(checked_at));
        let spent = unspent.spend();
        agree("a spend", expected, spent.as_ref().err())?;
        let Ok(reservation) = spent else { return Ok(()) };
        self.accepted(facts);
        self.end(facts, reservation, then)
    }

    fn resolve(&mut self, place: usize, then: usize) -> Result<(), Violation> {
        match self.process.reserved[place].take() {
            Some((facts, reservation)) => self.end(facts, reservation, then),
            None => Ok(()),
        }
    }

    /// What becomes of a reservation.
    fn end(&mut self, facts: Facts, reservation: Spent, then: usize) -> Result<(), Violation> {
        match then {
            0 => drop(reservation),
            1 | 2 => drop(reservation.commit()),
            3 => reservation.unspend().map_err(|error| Violation(error.to_string()))?,
            4 => assert_eq!(reservation.settle(|_| Err::<(), _>("failed")), Err("failed")),
            5 => assert_eq!(reservation.settle(|_| Ok::<_, ()>("done")), Ok("done")),
            _ => {
                self.process.reserved[then % 4] = Some((facts, reservation));
                return Ok(());
            }
        }
        // After its time there is nothing to give back.
        if (then == 3 || then == 4) && self.clock.load(Ordering::Relaxed) < facts.end {
            self.used.insert(facts.jti, false);
            self.tally.given_back += 1;
        }
        Ok(())
    }

    fn verify(&mut self, slot: usize) -> Result<(), Violation> {
        let facts = self.tokens[slot].facts;
        let expected = self.rules_say(facts).and_then(|()| self.guard_says(facts, self.now));
        self.clock.store(self.now, Ordering::Relaxed);
        let verified: Result<Validated, _> =
            jwt::verify(&self.tokens[slot].text, &self.key, &self.process.rules);
        agree("a verification", expected, verified.as_ref().err())?;
        if verified.is_ok() {
            self.accepted(facts);
        }
        Ok(())
    }

    fn accepted(&mut self, token: Facts) {
        self.used.insert(token.jti, true);
        self.tally.accepted += 1;
    }
}

/// The code of the error, if any.
type Verdict = Result<(), &'static str>;

fn agree(what: &str, expected: Verdict, error: Option<&Error>) -> Result<(), Violation> {
    match (expected, error.map(Error::code)) {
        (Ok(()), None) => Ok(()),
        (Err(expected), Some(code)) if expected == code => Ok(()),
        (Err(expected), None) => Err(Violation(format!("{what} was accepted, not {expected}"))),
        (expected, Some(code)) => Err(Violation(format!(
            "{what} was {code}, not {}",
            expected.err().unwrap_or("accepted")
        ))),
    }
}

fn token(key: &Hs256Key, issued: &mut u64, now: Halves, lifetime: Halves, leeway: Halves) -> Token {
    *issued += 1;
    let (jti, issued_at) = (*issued, now / 2 * 2);
    let end = issued_at + lifetime;
    let claims = Claims::expiring_at(date(end)).with_fractions().issued_at(date(issued_at));
    let claims = claims.issuer("as").audience("api").jwt_id(jti.to_string());
    let text = jwt::sign(&claims, key).unwrap();
    Token { text, facts: Facts { jti, issued_at, end: end + leeway } }
}

impl Process {
    fn new(clock: &Arc<AtomicU64>, leeway: Halves, fault: Fault, since: Halves) -> Self {
        let clock = Arc::clone(clock);
        let clock = Clock::new(move || Some(date(clock.load(Ordering::Relaxed))));
        let memory = MemoryReplayGuard::with_capacity(100_000);
        let guard = Arc::new(Guard { memory, fault, forgotten: Mutex::default() });
        let restart = AfterRestart::only_issued_after(date(since));
        let rules = Validation::new(Issuer::exactly("as"), Audience::includes("api"))
            .leeway(Leeway::new(Duration::from_secs(leeway / 2)).unwrap())
            .clock(clock)
            .single_use(guard, restart);
        Self {
            rules,
            since,
            guard_latest: 0,
            checked: [const { None }; 4],
            reserved: [const { None }; 4],
        }
    }
}

/// The guard in memory, behind the faults that are a guard's.
struct Guard {
    memory: MemoryReplayGuard,
    fault: Fault,
    /// Until when it keeps each id, or which ids were given back once.
    forgotten: Mutex<HashMap<String, NumericDate>>,
}

impl ReplayGuard for Guard {
    fn insert_if_absent(
        &self,
        id: &ReplayId<'_>,
        keep_until: NumericDate,
        now: NumericDate,
    ) -> Result<Insertion, ReplayError> {
        let mut forgotten = self.forgotten.lock().unwrap();
        if self.fault == Fault::ForgetsEarly {
            let early = now.saturating_add(Duration::from_secs(1));
            if forgotten.insert(id.jwt_id().to_owned(), keep_until).is_some_and(|end| end <= early)
            {
                self.memory.release(id)?;
            }
        }
        let answer = self.memory.insert_if_absent(id, keep_until, now);
        if self.fault == Fault::GivesBackTwice && forgotten.remove(id.jwt_id()).is_some() {
            self.memory.release(id)?;
        }
        answer
    }

    fn release(&self, id: &ReplayId<'_>) -> Result<(), ReplayError> {
        if self.fault == Fault::GivesBackTwice {
            let never = NumericDate::from_seconds(0).unwrap();
            self.forgotten.lock().unwrap().insert(id.jwt_id().to_owned(), never);
        }
        self.memory.release(id)
    }
}
