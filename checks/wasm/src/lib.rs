//! The vectors and the round trips of strict-jose, for Node and for a web page to call: a step is a file of vectors or
//! one round trip.

mod round_trips;
#[path = "../../../test-vectors/runner/mod.rs"]
mod runner;

use round_trips::ROUND_TRIPS;
use runner::file::Counts;
use runner::{File, TABLES};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn error(text: &str);
}

/// A panic is a trap here, which says nothing of its reason.
#[wasm_bindgen(start)]
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| error(&panic.to_string())));
}

fn files() -> impl Iterator<Item = &'static File> {
    TABLES.iter().flat_map(|(files, _)| *files)
}

fn cases(Counts { accept, reject, skipped }: Counts) -> usize {
    accept + reject + skipped
}

/// How many cases there are, by the totals that the runner states.
#[wasm_bindgen]
pub fn expected() -> usize {
    TABLES.iter().map(|(_, total)| cases(*total)).sum::<usize>() + ROUND_TRIPS.len()
}

#[wasm_bindgen]
pub fn steps() -> usize {
    files().count() + ROUND_TRIPS.len()
}

#[wasm_bindgen]
pub fn name(step: usize) -> String {
    match files().nth(step) {
        Some(file) => file.path.to_owned(),
        None => ROUND_TRIPS[step - files().count()].0.to_owned(),
    }
}

/// Runs a step and says how many cases it was. One that fails panics.
#[wasm_bindgen]
pub fn run(step: usize) -> usize {
    match files().nth(step) {
        Some(file) => cases(file.run()),
        None => {
            ROUND_TRIPS[step - files().count()].1().unwrap();
            1
        }
    }
}
