//! Trouble on the network between the nodes.

use winlab_clock::VirtualSpan;
use winlab_scenario::Effect;

use super::Lift;
use crate::world::World;

/// What is wrong with a way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Trouble {
    /// Nothing passes.
    Cut,
    /// Share of flows that are lost.
    Loss(f64),
    /// Added to every packet.
    Delay(VirtualSpan),
    /// Largest packet.
    Mtu(u32),
}

impl World<'_> {
    /// Strikes the ways between a node and others.
    pub(super) fn strike_underlay(&self, node: &str, effect: &Effect) -> Option<Lift> {
        let all = self.others(node);
        let (others, one_way, trouble) = match effect {
            Effect::Partition { from, one_way } if from.is_empty() => (all, *one_way, Trouble::Cut),
            Effect::Partition { from, one_way } => (from.clone(), *one_way, Trouble::Cut),
            Effect::Loss(share) => (all, false, Trouble::Loss(*share)),
            Effect::UnderlayDelay(span) => (all, false, Trouble::Delay(*span)),
            Effect::Mtu(bytes) => (all, false, Trouble::Mtu(*bytes)),
            _ => return None,
        };
        let mut ways = Vec::new();
        for other in others {
            ways.push((node.to_owned(), other.clone()));
            if !one_way {
                ways.push((other, node.to_owned()));
            }
        }
        self.set(&ways, |way| match trouble {
            Trouble::Cut => way.cut = true,
            Trouble::Loss(share) => way.loss = share,
            Trouble::Delay(span) => way.delay = span,
            Trouble::Mtu(bytes) => way.mtu = Some(bytes),
        });
        Some(Lift::Ways(ways, trouble))
    }

    pub(super) fn lift_trouble(&self, ways: &[(String, String)], trouble: Trouble) {
        self.set(ways, |way| match trouble {
            Trouble::Cut => way.cut = false,
            Trouble::Loss(_) => way.loss = 0.0,
            Trouble::Delay(_) => way.delay = VirtualSpan::ZERO,
            Trouble::Mtu(_) => way.mtu = None,
        });
    }

    fn set(&self, ways: &[(String, String)], change: impl Fn(&mut winlab_fabric::Trouble)) {
        self.lab.fabric().underlay(|underlay| {
            for (from, to) in ways {
                underlay.trouble(from, to, &change);
            }
        });
    }

    /// Every other host on the underlay: nodes, the API server, the world outside.
    fn others(&self, node: &str) -> Vec<String> {
        let hosts = self
            .lab
            .fabric()
            .underlay(|underlay| underlay.hosts.iter().map(|host| host.name.clone()).collect::<Vec<_>>());
        let nodes = self.lab.node_names().into_iter().filter(|other| other != node);
        nodes.chain(hosts).collect()
    }
}
