//! Seeded chance. Each purpose draws from a stream of its own, so that switching one fault off, or making the world
//! smaller, leaves the other draws as they were: that is what makes a failing world shrink.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// The generator that the code under test gets as its source of randomness.
pub type SimRng = ChaCha20Rng;

/// A generator for one purpose of one world.
pub fn rng_for(seed: u64, purpose: &str) -> SimRng {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(purpose);
    SimRng::from_seed(hash.finalize().into())
}

/// Draws for one purpose.
#[derive(Debug)]
pub struct Chance(SimRng);

impl Chance {
    /// The draws of one purpose.
    pub fn of(seed: u64, purpose: &str) -> Self {
        Self(rng_for(seed, purpose))
    }

    /// A number in `0..bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let scaled = (u128::from(self.0.next_u64()) * bound as u128) >> 64;
        usize::try_from(scaled).expect("less than a usize")
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(usize::try_from(high - low + 1).expect("small ranges")) as u64
    }

    /// Whether something of this probability, in thousandths, happens.
    pub fn hits(&mut self, per_mille: usize) -> bool {
        self.below(1000) < per_mille
    }

    /// One of a list that is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// A random order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }

    /// The generator itself.
    pub fn rng(&mut self) -> &mut SimRng {
        &mut self.0
    }
}
