//! A verdict of the fabric as events carry it.

use winlab_events::{Hop, Place, Walk};
use winlab_fabric::{Decision, Leg, Probe, Verdict};

/// What is told of a walk beside the walk itself.
pub(super) struct Told<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) expected: Option<String>,
    pub(super) place: Option<Place>,
}

/// The walk.
pub(super) fn walk(probe: &Probe, verdict: &Verdict, word: String, told: Told<'_>) -> Walk {
    Walk {
        from: told.from.to_owned(),
        to: told.to.to_owned(),
        protocol: probe.protocol.to_string().into(),
        verdict: word,
        expected: told.expected,
        place: told.place,
        decided_by: verdict.decided_by.and_then(|number| u32::try_from(number).ok()),
        hops: verdict.hops.iter().map(hop).collect(),
    }
}

fn hop(hop: &winlab_fabric::Hop) -> Hop {
    let leg = match hop.leg {
        Leg::Request => String::new(),
        leg => format!("({leg}) "),
    };
    Hop {
        node: hop.node.clone().into(),
        object_kind: hop.object.word().into(),
        object_id: hop.id.clone(),
        object_name: Some(hop.name.clone()).filter(|name| !name.is_empty()),
        decision: hop.decision.word().into(),
        detail: format!("{leg}{}", hop.detail),
    }
}

/// Whether the request met what `via` names: a kind of object, a name, an id, or `kind/name`.
pub(super) fn went_via(verdict: &Verdict, via: &str) -> bool {
    let met = verdict.hops.iter().filter(|hop| hop.leg == Leg::Request && hop.decision != Decision::Pass);
    met.into_iter().any(|hop| {
        let kind = hop.object.word();
        [kind, &hop.name, &hop.id, &hop.node].contains(&via)
            || via.split_once('/').is_some_and(|(wanted, name)| {
                wanted == kind && (name == hop.name || name == hop.id || name == hop.node)
            })
    })
}

/// What the request met, each kind once, in order.
pub(super) fn kinds_met(verdict: &Verdict) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for hop in verdict.hops.iter().filter(|hop| hop.leg == Leg::Request && hop.decision != Decision::Pass) {
        if !kinds.contains(&hop.object.word()) {
            kinds.push(hop.object.word());
        }
    }
    kinds.join(", ")
}
