//! Node ports.

use std::collections::BTreeSet;

/// The node ports in use. The lowest free one outside the part reserved for people's own choice is next
/// (`pkg/registry/core/service/portallocator`); a real server draws at random.
#[derive(Debug)]
pub(crate) struct NodePorts {
    first: u16,
    last: u16,
    used: BTreeSet<u16>,
    next: u16,
}

impl NodePorts {
    pub(crate) fn new((first, last): (u16, u16)) -> Self {
        let mut ports = Self { first, last, used: BTreeSet::new(), next: first };
        ports.next = first.saturating_add(ports.reserved());
        ports
    }

    /// Size of the lower part: between 16 and 128 ports, a thirty-second of the range.
    fn reserved(&self) -> u16 {
        let size = self.last.saturating_sub(self.first).saturating_add(1);
        if size < 16 { 0 } else { (size / 32).clamp(16, 128).min(size) }
    }

    pub(crate) fn contains(&self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }

    pub(crate) fn is_used(&self, port: u16) -> bool {
        self.used.contains(&port)
    }

    /// `30000-32767`
    pub(crate) fn range(&self) -> String {
        format!("{}-{}", self.first, self.last)
    }

    pub(crate) fn take(&mut self, port: u16) {
        self.used.insert(port);
    }

    pub(crate) fn release(&mut self, port: u16) {
        self.used.remove(&port);
    }

    /// The next free port that is not among `also`; it is not taken yet. `None` if there is none.
    pub(crate) fn next_free(&mut self, also: &[u16]) -> Option<u16> {
        let upper = self.first.saturating_add(self.reserved());
        let order =
            (self.next.max(upper)..=self.last).chain(upper..self.next.max(upper)).chain(self.first..upper);
        let port = order.into_iter().find(|port| !self.used.contains(port) && !also.contains(port))?;
        self.next = port.saturating_add(1);
        Some(port)
    }
}

#[cfg(test)]
mod tests {
    use super::NodePorts;

    #[test]
    fn the_lower_part_comes_last() {
        let mut ports = NodePorts::new((30_000, 30_031));
        let mut given = Vec::new();
        while let Some(port) = ports.next_free(&[]) {
            ports.take(port);
            given.push(port);
        }
        assert_eq!(given.len(), 32);
        assert_eq!((given[0], given[16]), (30_016, 30_000));
        ports.release(30_020);
        assert_eq!(ports.next_free(&[]), Some(30_020));
        assert_eq!(ports.next_free(&[30_020]), None);
    }
}
