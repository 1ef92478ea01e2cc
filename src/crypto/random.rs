//! The one door through which randomness enters.

use super::count::{Operation, note};
use crate::error::{Error, KeyError};
use getrandom::SysRng;
use rsa::rand_core::{TryCryptoRng, TryRng};

/// The operating system gave no random octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unavailable;

/// Fills the octets from the operating system's generator.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Unavailable> {
    SystemRandom.try_fill_bytes(bytes)
}

/// The same generator for primitives that draw for themselves, as blinding does.
pub(crate) struct SystemRandom;

impl TryRng for SystemRandom {
    type Error = Unavailable;

    fn try_next_u32(&mut self) -> Result<u32, Unavailable> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Unavailable> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Unavailable> {
        note(Operation::RandomDraw);
        #[cfg(any(test, feature = "__internals"))]
        if let Some(filled) = stand_in::fill(bytes) {
            return filled;
        }
        // A fork would copy the state of a generator in this process, and parent and child would
        // draw the same CEK.
        SysRng.try_fill_bytes(bytes).map_err(|_| Unavailable)
    }
}

impl TryCryptoRng for SystemRandom {}

impl core::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("no random octets are available")
    }
}

impl core::error::Error for Unavailable {}

impl From<Unavailable> for Error {
    fn from(_: Unavailable) -> Self {
        Self::RandomnessUnavailable
    }
}

impl From<Unavailable> for KeyError {
    fn from(_: Unavailable) -> Self {
        Self::RandomnessUnavailable
    }
}

/// Sources that stand in for the system's on this thread, while a test runs. Only unit tests and the feature
/// `__internals`, for which no promise holds, compile them.
#[cfg(any(test, feature = "__internals"))]
pub(crate) mod stand_in {
    use super::Unavailable;
    use core::cell::Cell;
    use sha2::{Digest as _, Sha256};

    #[derive(Clone, Copy)]
    enum Source {
        System,
        #[cfg(test)]
        Failing,
        Seeded {
            seed: u64,
            draw: u64,
        },
    }

    thread_local! {
        static SOURCE: Cell<Source> = const { Cell::new(Source::System) };
    }

    /// `None` if the system is the source.
    pub(super) fn fill(bytes: &mut [u8]) -> Option<Result<(), Unavailable>> {
        match SOURCE.get() {
            Source::System => None,
            #[cfg(test)]
            Source::Failing => Some(Err(Unavailable)),
            Source::Seeded { seed, draw } => {
                for (block, chunk) in (0_u64..).zip(bytes.chunks_mut(32)) {
                    let input = [seed, draw, block].map(u64::to_le_bytes);
                    let hash = Sha256::digest(input.as_flattened());
                    chunk.copy_from_slice(&hash[..chunk.len()]); // at most 32
                }
                SOURCE.set(Source::Seeded { seed, draw: draw.wrapping_add(1) });
                Some(Ok(()))
            }
        }
    }

    fn during<T>(source: Source, run: impl FnOnce() -> T) -> T {
        struct Restored(Source);
        impl Drop for Restored {
            fn drop(&mut self) {
                SOURCE.set(self.0);
            }
        }
        let _restored = Restored(SOURCE.replace(source));
        run()
    }

    /// Every draw fails, so that a test sees that every caller says so.
    #[cfg(test)]
    pub(crate) fn failing<T>(run: impl FnOnce() -> T) -> T {
        during(Source::Failing, run)
    }

    /// Every draw follows from the seed and from how many came before it, whatever their lengths: two
    /// runs that draw equally often get the same octets.
    pub fn seeded<T>(seed: u64, run: impl FnOnce() -> T) -> T {
        during(Source::Seeded { seed, draw: 0 }, run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_generator_is_an_error_and_not_zeros() {
        let mut bytes = [0; 32];
        assert_eq!(stand_in::failing(|| fill(&mut bytes)), Err(Unavailable));
        assert_eq!(Unavailable.to_string(), Error::from(Unavailable).to_string());
        fill(&mut bytes).unwrap();
        assert_ne!(bytes, [0; 32]);
    }

    #[test]
    fn a_seed_repeats_every_draw_and_no_two_are_alike() {
        let draw = || {
            let (mut short, mut long) = ([0; 8], [0; 100]);
            fill(&mut short).unwrap();
            fill(&mut long).unwrap();
            (short, long)
        };
        let first = stand_in::seeded(1, draw);
        assert_eq!(first, stand_in::seeded(1, draw));
        assert_ne!(first, stand_in::seeded(2, draw));
        assert_ne!(first.0, first.1[..8]);
        assert_ne!(draw(), draw(), "the system is the source again");
    }

    #[test]
    fn no_rsa_key_is_generated_while_failing() {
        use crate::crypto::rsa_key::RsaPrivate;
        let refused = stand_in::failing(|| RsaPrivate::generate(2048)).map(|_| ());
        assert_eq!(refused, Err(KeyError::RandomnessUnavailable));
    }

    #[test]
    fn no_bit_of_a_drawn_word_stays_the_same() {
        let draw = || (SystemRandom.try_next_u32().unwrap(), SystemRandom.try_next_u64().unwrap());
        let first = draw();
        let mut changed = (0, 0);
        for _ in 0..200 {
            let next = draw();
            changed = (changed.0 | (first.0 ^ next.0), changed.1 | (first.1 ^ next.1));
        }
        assert_eq!(changed, (u32::MAX, u64::MAX));
    }
}
