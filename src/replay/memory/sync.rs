//! What the guard shares between threads: the standard library's, or in models `loom`'s, which tries
//! every order in which threads can meet.

#[cfg(all(test, loom))]
pub(super) use loom::sync::{
    Mutex, MutexGuard, RwLock, RwLockReadGuard,
    atomic::{AtomicU32, AtomicUsize, Ordering},
};

#[cfg(not(all(test, loom)))]
pub(super) use {
    core::sync::atomic::{AtomicU32, AtomicUsize, Ordering},
    std::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard},
};

/// In cache lines of its own: every insertion writes to it, and all others only read what is beside it.
#[repr(align(128))]
pub(super) struct CachePadded<T>(pub(super) T);
