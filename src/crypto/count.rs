//! How often the costly and the telling operations ran, so that tests can count instead of clock.
//!
//! Counts exist per thread, in test builds only; elsewhere [`note`] is nothing.

/// An operation worth counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "jwe"), allow(dead_code, reason = "JWE alone does them all"))]
pub enum Operation {
    /// An RSA or HMAC signature was verified.
    Verify,
    /// An RSA private key was used.
    RsaPrivate,
    /// Content was opened: a tag was computed and compared.
    ContentOpen,
    /// AES-CBC decrypted octets.
    CbcDecrypt,
    /// The operating system was asked for random octets.
    RandomDraw,
}

#[cfg(any(test, feature = "__internals"))]
mod counting {
    use super::Operation;
    use core::cell::Cell;

    thread_local! {
        static COUNTS: [Cell<usize>; 5] = const { [const { Cell::new(0) }; 5] };
    }

    fn place(operation: Operation) -> usize {
        match operation {
            Operation::Verify => 0,
            Operation::RsaPrivate => 1,
            Operation::ContentOpen => 2,
            Operation::CbcDecrypt => 3,
            Operation::RandomDraw => 4,
        }
    }

    pub(crate) fn note(operation: Operation) {
        COUNTS.with(|counts| {
            let count = &counts[place(operation)];
            count.set(count.get() + 1);
        });
    }

    /// How often this thread has done it so far.
    #[must_use]
    pub fn count(operation: Operation) -> usize {
        COUNTS.with(|counts| counts[place(operation)].get())
    }
}

#[cfg(any(test, feature = "__internals"))]
pub(crate) use counting::note;

#[cfg(any(test, feature = "__internals"))]
#[allow(unused_imports, reason = "counted by tests of JWE")]
pub use counting::count;

#[cfg(not(any(test, feature = "__internals")))]
#[inline(always)]
pub(crate) fn note(_: Operation) {}
