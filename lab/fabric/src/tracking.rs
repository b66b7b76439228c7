//! Connection tracking: what was translated, so that replies are translated back; and `recent` lists.

use std::collections::BTreeMap;
use std::net::IpAddr;

use winlab_clock::VirtualInstant;
use winlab_host::Guid;

use crate::packet::Tuple;

/// Where a translation is kept, and only there undone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Point {
    /// The switch port of an endpoint.
    Endpoint(Guid),
    /// The stack of a Windows host.
    Host,
    /// A network namespace of a Linux host.
    Namespace(String),
}

/// A connection as one point knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connection {
    /// The first packet before any translation.
    pub(crate) original: Tuple,
    /// The first packet after all of them.
    pub(crate) translated: Tuple,
    /// The object that translated, for the walk.
    pub(crate) by: String,
}

/// How many connections a fabric remembers; the oldest go first, as a host's table forgets.
const CAPACITY: usize = 16_384;

/// All connections of a fabric.
#[derive(Debug, Default)]
pub(crate) struct Tracking {
    /// By point and the tuple of the expected reply, with the order in which they came.
    replies: BTreeMap<(usize, Point, Tuple), (u64, Connection)>,
    order: BTreeMap<u64, (usize, Point, Tuple)>,
    count: u64,
    recent: BTreeMap<(usize, String, String), BTreeMap<IpAddr, VirtualInstant>>,
    /// How many packets a rule of `-m statistic --mode nth` has seen, by node, namespace and place of the rule.
    counted: BTreeMap<(usize, String, String), u32>,
}

impl Tracking {
    /// Remembers a connection.
    pub(crate) fn remember(&mut self, node: usize, point: Point, connection: Connection) {
        self.count += 1;
        let key = (node, point, connection.translated.reverse());
        if let Some((old, _)) = self.replies.insert(key.clone(), (self.count, connection)) {
            self.order.remove(&old);
        }
        self.order.insert(self.count, key);
        if self.order.len() > CAPACITY
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.replies.remove(&oldest);
        }
    }

    /// The connection that a packet replies to, at a point.
    pub(crate) fn of_reply(&self, node: usize, point: &Point, tuple: Tuple) -> Option<&Connection> {
        self.replies.get(&(node, point.clone(), tuple)).map(|(_, connection)| connection)
    }

    /// Forgets all of a node, as after a reboot.
    pub(crate) fn forget(&mut self, node: usize) {
        self.replies.retain(|(of, ..), _| *of != node);
        self.order.retain(|_, (of, ..)| *of != node);
        self.recent.retain(|(of, ..), _| *of != node);
        self.counted.retain(|(of, ..), _| *of != node);
    }

    /// How many packets a rule has seen before this one.
    pub(crate) fn count(&mut self, node: usize, namespace: &str, rule: String) -> u32 {
        let seen = self.counted.entry((node, namespace.to_owned(), rule)).or_default();
        let before = *seen;
        *seen = seen.wrapping_add(1);
        before
    }

    /// A list of `-m recent`.
    pub(crate) fn recent(
        &mut self,
        node: usize,
        namespace: &str,
        list: &str,
    ) -> &mut BTreeMap<IpAddr, VirtualInstant> {
        self.recent.entry((node, namespace.to_owned(), list.to_owned())).or_default()
    }
}
