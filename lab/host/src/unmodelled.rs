//! What a fake does not model: visible, never quiet.

use std::collections::BTreeMap;

/// A call, or a field of one, that a fake does not model, and what it does instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unmodelled {
    /// The call or field, as the service's documents spell it.
    pub what: &'static str,
    /// What the fake answers.
    pub answer: &'static str,
}

/// How often what is not modelled was asked for, by [`Unmodelled::what`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnmodelledCounts(BTreeMap<&'static str, u64>);

impl UnmodelledCounts {
    /// Counts one use.
    pub fn count(&mut self, entry: &Unmodelled) {
        *self.0.entry(entry.what).or_default() += 1;
    }

    /// What was asked for and how often, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(what, count)| (*what, *count))
    }

    /// Whether nothing was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
