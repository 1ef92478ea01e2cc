//! What a run leaves: every round's number of every contender, as JSON.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// strict-jose.
    Ours,
    /// The primitives that strict-jose uses in this build: the limit that the target names.
    Raw,
    /// The same primitives of another library, for comparison.
    OtherRaw,
    /// A part of our work that the limit leaves out and that is therefore taken off.
    Part,
    Peer,
}

#[derive(Serialize, Deserialize)]
pub struct Measured {
    pub name: String,
    pub role: Role,
    /// Of one call, a number a round.
    pub nanoseconds: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
pub struct Contest {
    pub operation: String,
    /// The most that ours divided by raw may be.
    pub raw_target: Option<f64>,
    /// The most that ours divided by the fastest peer may be.
    pub peer_target: Option<f64>,
    pub contenders: Vec<Measured>,
}

/// One program's run.
#[derive(Serialize, Deserialize)]
pub struct Record {
    /// The C library that the peers of this program stand on.
    pub program: String,
    /// The backend that strict-jose was built on.
    pub backend: String,
    pub contests: Vec<Contest>,
}

/// The one in the middle, or the upper of the two.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

impl Measured {
    #[must_use]
    pub fn median(&self) -> f64 {
        median(self.nanoseconds.iter().copied())
    }
}

impl Contest {
    pub fn of(&self, role: Role) -> impl Iterator<Item = &Measured> {
        self.contenders.iter().filter(move |contender| contender.role == role)
    }

    /// The median over rounds of ours divided by the other's, the same round's each. Against raw, the
    /// part that raw leaves out is taken off ours.
    #[must_use]
    pub fn ratio(&self, other: &Measured) -> Option<f64> {
        let ours = self.of(Role::Ours).next()?;
        let part = self.of(Role::Part).next();
        let part = part.filter(|_| matches!(other.role, Role::Raw | Role::OtherRaw));
        let rounds = ours.nanoseconds.iter().zip(&other.nanoseconds).enumerate();
        Some(median(rounds.map(|(round, (ours, other))| {
            (ours - part.map_or(0.0, |part| part.nanoseconds[round])) / other
        })))
    }

    #[must_use]
    pub fn fastest_peer(&self) -> Option<&Measured> {
        self.of(Role::Peer).min_by(|one, other| one.median().total_cmp(&other.median()))
    }
}
