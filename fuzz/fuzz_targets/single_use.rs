//! Any order of checks, spends, ways back, clock steps and restarts: nothing is accepted twice, and nothing that is
//! fresh is rejected.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/replay/single_use.rs"]
mod single_use;

use single_use::{Fault, run};

fuzz_target!(|input: &[u8]| {
    let Some((leeway, steps)) = input.split_first() else { return };
    let steps = steps.as_chunks().0.iter().map(|&[step, detail]| (step, detail));
    if let Err(violation) = run(leeway % 4, Fault::None, steps) {
        panic!("{violation}");
    }
});
