//! The other nodes' leases.

use winlab_component::Log;
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::{Change, Changes};

use super::annotations::Annotations;
use super::lease::{Lease, LeaseEvent};

/// Turns changes of Node objects into lease events. This node's own is passed over.
#[derive(Debug)]
pub(crate) struct LeaseWatch {
    changes: Changes<Node>,
    annotations: Annotations,
    own: Lease,
    log: Log,
}

impl LeaseWatch {
    pub(super) fn new(changes: Changes<Node>, annotations: Annotations, own: Lease, log: Log) -> Self {
        Self { changes, annotations, own, log }
    }

    /// Waits for events.
    pub(crate) async fn next(&mut self) -> Vec<LeaseEvent> {
        loop {
            let changes = self.changes.next().await;
            let events: Vec<_> = changes.iter().filter_map(|change| self.event(change)).collect();
            if !events.is_empty() {
                return events;
            }
        }
    }

    fn event(&self, change: &Change<Node>) -> Option<LeaseEvent> {
        let node = change.now.as_ref().or(change.before.as_ref())?;
        if !self.annotations.is_managed(node) {
            return None;
        }
        if let (Some(before), Some(now)) = (&change.before, &change.now)
            && self.annotations.are_same(before, now)
        {
            return None;
        }
        let lease = match Lease::of(node, &self.annotations) {
            Ok(lease) => lease,
            Err(problem) => {
                let name = node.metadata.name.as_deref().unwrap_or_default();
                self.log.info(format_args!("Error turning node {name:?} to lease: {problem}"));
                return None;
            }
        };
        if lease.subnet == self.own.subnet {
            return None;
        }
        let gone = change.now.is_none();
        Some(if gone { LeaseEvent::Removed(lease) } else { LeaseEvent::Added(lease) })
    }
}
