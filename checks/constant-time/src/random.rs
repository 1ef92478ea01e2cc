//! The random octets of the whole program: the operating system's, or the same ones again and again.
//!
//! `getrandom` takes them from here under `--cfg getrandom_backend="custom"`, so that no measured
//! crate needs a hook. Blinding and the random CEK then cost the same in every run, and what is left
//! of a difference is the padding's.

use core::cell::Cell;
use core::ffi::{c_uint, c_void};

thread_local! {
    static STATE: Cell<Option<u64>> = const { Cell::new(None) };
}

/// The next draws of this thread follow from the seed.
pub fn seed(seed: u64) {
    STATE.set(Some(seed));
}

/// The next draws of this thread are the operating system's.
pub fn unseed() {
    STATE.set(None);
}

/// Fills the octets.
///
/// # Panics
///
/// If the operating system gives none.
pub fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("random octets");
}

/// SplitMix64: no secret is safe with it, and none needs to be here.
fn next(state: u64) -> (u64, u64) {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut word = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (state, word ^ (word >> 31))
}

unsafe extern "C" {
    #[link_name = "getrandom"]
    fn system_random(bytes: *mut c_void, length: usize, flags: c_uint) -> isize;
}

/// The name and signature that `getrandom` 0.3 and 0.4 look for.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(
    bytes: *mut u8,
    length: usize,
) -> Result<(), getrandom::Error> {
    // SAFETY: the caller hands over `length` writable octets.
    let bytes = unsafe {
        bytes.write_bytes(0, length);
        core::slice::from_raw_parts_mut(bytes, length)
    };
    let Some(mut state) = STATE.get() else {
        for chunk in bytes.chunks_mut(256) {
            // SAFETY: the pointer and the length are those of one slice; up to 256 octets come whole.
            let got = unsafe { system_random(chunk.as_mut_ptr().cast(), chunk.len(), 0) };
            if got != chunk.len() as isize {
                return Err(getrandom::Error::UNEXPECTED);
            }
        }
        return Ok(());
    };
    for chunk in bytes.chunks_mut(8) {
        let (following, word) = next(state);
        state = following;
        chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
    }
    STATE.set(Some(state));
    Ok(())
}
