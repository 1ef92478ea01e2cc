//! What came of each input, written down where `STRICT_JOSE_VERDICTS` names a folder, so that one machine's
//! verdicts can be compared with another's. Without it nothing is written.

use core::cell::Cell;
use core::fmt::Display;
use std::env::var_os;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;

thread_local! {
    /// How many lines this test has written: its inputs come in the same order everywhere.
    static WRITTEN: Cell<usize> = const { Cell::new(0) };
}

/// One program writes one file, and its tests run side by side.
static FILE: Mutex<()> = Mutex::new(());

/// Writes the test that runs, the number of its input and the verdict on it.
pub fn record(verdict: impl Display) {
    let Some(folder) = var_os("STRICT_JOSE_VERDICTS") else { return };
    let thread = std::thread::current();
    // The threads that a test starts have no name, and no order.
    let Some(test) = thread.name() else { return };
    WRITTEN.set(WRITTEN.get() + 1);
    let program = env!("CARGO_CRATE_NAME");
    let line = format!("{program} {test} {:04} {verdict}\n", WRITTEN.get());
    let _one = FILE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(Path::new(&folder).join(program).with_extension("txt"))
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .unwrap();
}
