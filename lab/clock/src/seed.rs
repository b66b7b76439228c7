//! Where every random number comes from.

use std::fmt;
use std::str::FromStr;

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};

/// The root of a stream of random numbers. Parts of a lab draw from named children, so that one more draw in one part
/// changes nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed(u64);

impl Seed {
    /// The seed with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number, as printed and as taken by `--seed`.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The child called `name`: the same for the same parent and name, unrelated to every other.
    #[must_use]
    pub fn child(self, name: &str) -> Self {
        let digest =
            Sha256::new().chain_update(self.0.to_le_bytes()).chain_update(name.as_bytes()).finalize();
        let mut number = [0; 8];
        number.copy_from_slice(&digest[..8]);
        Self(u64::from_le_bytes(number))
    }

    /// The stream of this seed, from its start.
    #[must_use]
    pub fn rng(self) -> Rng {
        Rng(ChaCha8Rng::seed_from_u64(self.0))
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Seed {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Rng(ChaCha8Rng);

impl Rng {
    /// Any number.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 up to and without `bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // A 128-bit product spreads 64 random bits over the range; its bias is below bound / 2^64.
        let wide = u128::from(self.next_u64()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or_default()
    }

    /// A number from 0 up to and without 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// `true` with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::Seed;

    #[test]
    fn children_are_stable_and_unrelated() {
        let root = Seed::new(7);
        assert_eq!(root.child("hns"), root.child("hns"));
        assert_ne!(root.child("hns"), root.child("hcs"));
        assert_ne!(root.child("hns"), Seed::new(8).child("hns"));
        assert_eq!(root.child("hns").rng().next_u64(), root.child("hns").rng().next_u64());
    }

    #[test]
    fn draws_stay_in_range() {
        let mut rng = Seed::new(1).rng();
        assert!((0..1000).all(|_| rng.below(7) < 7));
        assert!((0..1000).all(|_| (0.0..1.0).contains(&rng.unit())));
        assert_eq!(rng.below(0), 0);
    }
}
