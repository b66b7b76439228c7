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

/// Whether the request met what `via` names: a kind of object or a way of changing it (`vxlan`, `nat`), and behind a
/// slash the name, the id or the node of the object.
pub(super) fn went_via(verdict: &Verdict, via: &str) -> bool {
    let (wanted, name) = via.split_once('/').map_or((via, None), |(wanted, name)| (wanted, Some(name)));
    met(verdict).any(|hop| {
        words(hop).contains(&wanted)
            && name.is_none_or(|name| [&hop.name, &hop.id, &hop.node].iter().any(|known| *known == name))
    })
}

/// Where the request was not just looked at.
fn met(verdict: &Verdict) -> impl Iterator<Item = &winlab_fabric::Hop> {
    verdict.hops.iter().filter(|hop| hop.leg == Leg::Request && hop.decision != Decision::Pass)
}

/// The words of [`winlab_scenario::shape::VIA`] that a hop answers to.
fn words(hop: &winlab_fabric::Hop) -> Vec<&'static str> {
    let way = match hop.decision {
        Decision::Encapsulate => Some("vxlan"),
        Decision::Translate => Some("nat"),
        _ => None,
    };
    std::iter::once(hop.object.word()).chain(way).collect()
}

/// What the request met, each kind once, in order.
pub(super) fn kinds_met(verdict: &Verdict) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for word in met(verdict).flat_map(words) {
        if !kinds.contains(&word) {
            kinds.push(word);
        }
    }
    kinds.join(", ")
}

#[cfg(test)]
mod tests {
    use winlab_fabric::ObjectKind;
    use winlab_scenario::shape::VIA;

    #[test]
    fn the_words_of_via_are_those_of_the_fabric() {
        // A name is asked for before the request is sent.
        let of_names = [ObjectKind::Resolver, ObjectKind::DnsServer];
        let kinds = ObjectKind::ALL.iter().filter(|kind| !of_names.contains(kind)).map(|kind| kind.word());
        let words: Vec<&str> = ["vxlan", "nat"].into_iter().chain(kinds).collect();
        assert_eq!(words, VIA);
    }
}
