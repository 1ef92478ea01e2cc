//! Single use in any order of steps, beside a simple model.

use crate::single_use::{Fault, Tally, run};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// Steps of each run: `STRICT_JOSE_SINGLE_USE_STEPS=10000000 cargo test --release --test replay model` is a long one.
const STEPS: &str = "STRICT_JOSE_SINGLE_USE_STEPS";

fn steps(seed: u64) -> impl Iterator<Item = (u8, u8)> {
    let most = std::env::var(STEPS).map_or(5_000, |steps| steps.parse().unwrap());
    (0..most).map(move |number: u64| {
        let mut hasher = DefaultHasher::new();
        (seed, number).hash(&mut hasher);
        let [step, detail, ..] = hasher.finish().to_be_bytes();
        (step, detail)
    })
}

#[test]
fn no_token_is_accepted_twice_and_no_fresh_one_is_rejected() {
    for leeway in [0, 1, 3] {
        let Tally { steps, accepted, given_back, restarts } =
            run(leeway, Fault::None, steps(leeway.into())).unwrap();
        assert!(accepted >= steps / 10, "{accepted} of {steps}");
        assert!(given_back >= accepted / 10, "{given_back} of {accepted}");
        assert!(restarts >= steps / 500, "{restarts} of {steps}");
    }
}

#[test]
fn the_model_sees_every_planted_fault() {
    let faults = [
        (Fault::ForgetsEarly, "was accepted, not replay.replayed"),
        (Fault::GivesBackTwice, "was accepted, not replay.replayed"),
        (Fault::SpendsByOldTime, "not claim.expired"),
        (Fault::ForgetsRestart, "was accepted, not "),
    ];
    for (fault, expected) in faults {
        let violation = run(1, fault, steps(1)).expect_err(&format!("{fault:?}"));
        assert!(violation.0.contains(expected), "{fault:?}: {violation}");
    }
}
