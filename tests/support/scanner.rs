//! An allocator that looks through every freed block for octets that should have been wiped.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeMap;

/// What is looked for: a secret's name and some of its octets.
pub struct Canary {
    pub name: &'static str,
    pub bytes: Vec<u8>,
}

/// The canaries of one thread while it is watched, and how many freed blocks held each.
struct Watch {
    canaries: Vec<(Canary, Cell<usize>)>,
    /// Bit `b` says that a canary begins with octet `b`: most positions need no more than this.
    first: [bool; 256],
}

thread_local! {
    static WATCH: Cell<*const Watch> = const { Cell::new(std::ptr::null()) };
}

pub struct Scanning;

// SAFETY: memory comes zeroed from the system's allocator and goes back to it by the same layout; the
// default `realloc` moves every block through the two calls below, so growth is seen as well.
unsafe impl GlobalAlloc for Scanning {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Zeroed, so that nothing from before can be found in room that was never written.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: a watch lives as long as it is set; the block is the caller's until given back.
        if let Some(watch) = unsafe { WATCH.get().as_ref() } {
            watch.look_through(unsafe { std::slice::from_raw_parts(pointer, layout.size()) });
        }
        unsafe { System.dealloc(pointer, layout) }
    }
}

impl Watch {
    fn look_through(&self, block: &[u8]) {
        for (place, byte) in block.iter().enumerate() {
            if !self.first[usize::from(*byte)] {
                continue;
            }
            for (canary, found) in &self.canaries {
                // Once a block: a piece is not expected twice in one.
                if canary.bytes[0] == *byte && block[place..].starts_with(&canary.bytes) {
                    found.set(found.get() + 1);
                }
            }
        }
    }
}

/// The canaries that `work` leaves in freed memory, with the number of blocks they were left in.
pub fn survivors(canaries: Vec<Canary>, work: impl FnOnce()) -> BTreeMap<&'static str, usize> {
    assert!(!canaries.is_empty());
    let mut first = [false; 256];
    for canary in &canaries {
        first[usize::from(canary.bytes[0])] = true;
    }
    let canaries = canaries.into_iter().map(|canary| (canary, Cell::new(0))).collect();
    let watch = Watch { canaries, first };
    WATCH.set(&raw const watch);
    work();
    WATCH.set(std::ptr::null());
    let mut survivors = BTreeMap::new();
    for (canary, found) in &watch.canaries {
        if found.get() > 0 {
            let blocks = survivors.entry(canary.name).or_insert(0);
            *blocks = found.get().max(*blocks);
        }
    }
    survivors
}

/// Three pieces of 16 octets of a secret, each as it stands and backwards, as integers are kept.
pub fn canaries(name: &'static str, secret: &[u8]) -> Vec<Canary> {
    assert!(secret.len() >= 16);
    [0, (secret.len() - 16) / 2, secret.len() - 16]
        .into_iter()
        .flat_map(|start| {
            let piece = secret[start..start + 16].to_vec();
            let backwards = piece.iter().rev().copied().collect();
            [Canary { name, bytes: piece }, Canary { name, bytes: backwards }]
        })
        .collect()
}
