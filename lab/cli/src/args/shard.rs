//! One of several machines' share.

use std::str::FromStr;

/// The share `I/N` of a run that is split over `N` machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which share, from 1.
    pub number: usize,
    /// Into how many shares the run is split.
    pub of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text
            .split_once('/')
            .and_then(|(number, of)| Some(Self { number: number.parse().ok()?, of: of.parse().ok()? }));
        match parsed {
            Some(shard) if (1..=shard.of).contains(&shard.number) => Ok(shard),
            _ => Err("a share is I/N with I from 1 to N, such as 2/4".to_owned()),
        }
    }
}

impl Shard {
    /// Whether the share holds the case at this index. Neighbours go to different shares: the cells of one scenario take about
    /// as long as each other.
    #[must_use]
    pub fn holds(self, index: usize) -> bool {
        index % self.of == self.number - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_disjoint_and_complete() {
        let shares: Vec<Shard> = ["1/3", "2/3", "3/3"].map(|share| share.parse().unwrap()).into();
        for index in 0..100 {
            assert_eq!(shares.iter().filter(|share| share.holds(index)).count(), 1);
        }
        for wrong in ["0/3", "4/3", "1/0", "0/0", "1", "a/b", "-1/2", "1/2/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
