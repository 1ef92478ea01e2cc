//! The one door through which randomness enters.

use super::count::{Operation, note};
use crate::error::{Error, KeyError};
use getrandom::SysRng;
use rsa::rand_core::{CryptoRng, TryCryptoRng, TryRng};

/// The operating system gave no random octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unavailable;

/// Fills the octets from the operating system's generator.
pub(crate) fn fill(octets: &mut [u8]) -> Result<(), Unavailable> {
    SystemRandom.try_fill_bytes(octets)
}

/// The same generator for primitives that draw for themselves, as blinding does.
pub(crate) struct SystemRandom;

impl TryRng for SystemRandom {
    type Error = Unavailable;

    fn try_next_u32(&mut self) -> Result<u32, Unavailable> {
        let mut octets = [0; 4];
        self.try_fill_bytes(&mut octets)?;
        Ok(u32::from_le_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Unavailable> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets)?;
        Ok(u64::from_le_bytes(octets))
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Unavailable> {
        note(Operation::RandomDraw);
        #[cfg(test)]
        if failing::now() {
            return Err(Unavailable);
        }
        SysRng.try_fill_bytes(octets).map_err(|_| Unavailable)
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

/// Runs `make`, which takes no for an answer only afterwards: once the generator has failed, what was
/// made is thrown away.
///
/// Key generation asks for a generator that cannot fail. After a failure this one counts, so that a
/// search for primes ends, and the key it ends with is dropped.
pub(crate) fn with_infallible<T>(
    make: impl FnOnce(&mut Infallible) -> T,
) -> Result<T, Unavailable> {
    let mut random = Infallible { failed: false, counter: 0 };
    let made = make(&mut random);
    if random.failed { Err(Unavailable) } else { Ok(made) }
}

/// See [`with_infallible`].
pub(crate) struct Infallible {
    failed: bool,
    counter: u64,
}

impl TryRng for Infallible {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut octets = [0; 4];
        self.try_fill_bytes(&mut octets)?;
        Ok(u32::from_le_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets)?;
        Ok(u64::from_le_bytes(octets))
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Self::Error> {
        if self.failed || fill(octets).is_err() {
            self.failed = true;
            for chunk in octets.chunks_mut(8) {
                self.counter = self.counter.wrapping_add(0x9e37_79b9_7f4a_7c15); // odd: visits all
                chunk.copy_from_slice(&self.counter.to_le_bytes()[..chunk.len()]); // at most 8
            }
        }
        Ok(())
    }
}

impl TryCryptoRng for Infallible {}

const _: fn() = || {
    fn is_crypto_rng<R: CryptoRng>() {}
    is_crypto_rng::<Infallible>();
};

/// Makes the generator of this thread fail, to see that every caller says so.
#[cfg(test)]
pub(crate) mod failing {
    use core::cell::Cell;

    thread_local! {
        static FAILING: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn now() -> bool {
        FAILING.get()
    }

    pub(crate) fn during<T>(run: impl FnOnce() -> T) -> T {
        FAILING.set(true);
        let result = run();
        FAILING.set(false);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_generator_is_an_error_and_not_zeros() {
        let mut octets = [0; 32];
        assert_eq!(failing::during(|| fill(&mut octets)), Err(Unavailable));
        assert_eq!(Unavailable.to_string(), Error::from(Unavailable).to_string());
        fill(&mut octets).unwrap();
        assert_ne!(octets, [0; 32]);
    }

    #[test]
    fn what_was_made_while_failing_is_dropped() {
        let draw = |random: &mut Infallible| random.try_next_u64().unwrap();
        assert_eq!(failing::during(|| with_infallible(draw)), Err(Unavailable));
        assert!(with_infallible(draw).is_ok());
    }

    #[test]
    fn no_bit_of_a_drawn_word_stays_the_same() {
        fn assert_all_change(random: &mut impl TryRng<Error: core::fmt::Debug>) {
            let first = (random.try_next_u32().unwrap(), random.try_next_u64().unwrap());
            let mut changed = (0, 0);
            for _ in 0..200 {
                changed.0 |= first.0 ^ random.try_next_u32().unwrap();
                changed.1 |= first.1 ^ random.try_next_u64().unwrap();
            }
            assert_eq!(changed, (u32::MAX, u64::MAX));
        }
        assert_all_change(&mut SystemRandom);
        assert_all_change(&mut Infallible { failed: false, counter: 0 });
    }
}
