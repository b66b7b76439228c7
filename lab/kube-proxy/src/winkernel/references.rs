//! How many service ports use a remote endpoint.
//!
//! Upstream's counters are unsigned 16-bit numbers and wrap around; so do these.

use std::collections::BTreeMap;

/// What an endpoint of a service, or its VIP, counts on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Reference {
    /// Nothing any more.
    Released,
    /// A counter of its own that nobody has raised: it has never been programmed.
    #[default]
    Unused,
    /// The counter of the HNS endpoint with this id.
    To(String),
}

/// The counters by HNS endpoint.
#[derive(Debug, Default)]
pub(super) struct References(BTreeMap<String, u16>);

impl References {
    /// One more user.
    pub(super) fn take(&mut self, id: &str) -> Reference {
        let count = self.0.entry(id.to_owned()).or_default();
        *count = count.wrapping_add(1);
        Reference::To(id.to_owned())
    }

    /// One user less, which may come back at once.
    pub(super) fn lend(&mut self, reference: &Reference) {
        if let Reference::To(id) = reference
            && let Some(count) = self.0.get_mut(id)
        {
            *count = count.saturating_sub(1);
        }
    }

    /// One user less, for good. Whether the endpoint is without users now.
    pub(super) fn release(&mut self, reference: &mut Reference) -> bool {
        match std::mem::replace(reference, Reference::Released) {
            Reference::Released | Reference::Unused => false,
            Reference::To(id) => {
                let count = self.0.entry(id).or_default();
                *count = count.wrapping_sub(1);
                *count == 0
            }
        }
    }

    /// Whether nobody uses an endpoint.
    pub(super) fn is_free(&self, id: &str) -> bool {
        self.0.get(id).copied().unwrap_or_default() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::{Reference, References};

    #[test]
    fn the_last_user_frees_it() {
        let mut references = References::default();
        let mut a = references.take("e1");
        let mut b = references.take("e1");
        assert!(!references.release(&mut a) && !references.release(&mut a), "released once only");
        assert!(references.release(&mut b) && references.is_free("e1"));
        assert!(!references.release(&mut Reference::Unused));
    }

    #[test]
    fn a_lent_reference_that_is_released_wraps_around() {
        let mut references = References::default();
        let mut a = references.take("e1");
        references.lend(&a);
        assert!(!references.release(&mut a) && !references.is_free("e1"));
    }
}
