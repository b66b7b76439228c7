//! A probe's walk through the network, as plain data.

use serde::{Deserialize, Serialize};

use crate::{Name, Place};

/// The data of `probe-walked`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// Where the flow begins, as the file says it: `pod/client@win1`.
    pub from: String,
    /// Where it is sent, as the file says it: `http://web.default.svc:80`.
    pub to: String,
    /// `tcp`, `udp`, `icmp` or `http`.
    pub protocol: Name,
    /// The verdict in the words of a reach table: `ok`, `ok x4`, `refused`, `timeout`, `no-name`.
    pub verdict: String,
    /// The verdict that was asked for; `None` for a walk that nobody judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The number of the hop (from 0) that decided against the flow; `None` when it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<u32>,
    /// The way it went.
    pub hops: Vec<Hop>,
}

impl Walk {
    /// Whether the verdict is the expected one; a walk that nobody judged is.
    pub fn as_expected(&self) -> bool {
        self.expected.as_ref().is_none_or(|expected| *expected == self.verdict)
    }

    /// The hop that decided against the flow.
    pub fn decider(&self) -> Option<&Hop> {
        self.decided_by.and_then(|number| self.hops.get(usize::try_from(number).ok()?))
    }
}

/// One decision on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The node it was taken on; `underlay` or `outside` between and beyond nodes.
    pub node: Name,
    /// The kind of the object that decided: `endpoint`, `loadbalancer`, `acl`, `route`, `remote-subnet`, `dns`, ….
    pub object_kind: Name,
    /// The object's GUID or id; empty when it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub object_id: String,
    /// The object's name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_name: Option<String>,
    /// What was decided: `forward`, `translate`, `encapsulate`, `deliver`, `drop`, `refuse`, ….
    pub decision: Name,
    /// Addresses, ports and why, in a few words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}
