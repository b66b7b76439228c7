//! Links and addresses against a plain reference model, and what must hold after every step.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use winlab_clock::{Seed, VirtualInstant};
use winlab_host::linux::{
    AddAddress, AddLink, AddNamespace, Answer, Call, DeleteAddress, DeleteLink, DeleteNamespace, Link,
    LinkKind, LinkSettings, ListLinks, ListRoutes, Prefix, SetLink,
};

use super::config;
use crate::{Context, Linux};

/// Few names, so that steps meet.
const SPACES: [&str; 3] = ["", "a", "b"];
const NAMES: [&str; 3] = ["x", "y", "z"];

#[derive(Debug, Clone)]
enum Step {
    AddSpace(usize),
    DeleteSpace(usize),
    AddBridge(usize, usize),
    AddPair(usize, usize, usize, usize),
    Delete(usize, usize),
    Up(usize, usize, bool),
    Move(usize, usize, usize),
    AddAddress(usize, usize, u8),
    DeleteAddress(usize, usize, u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (s, n) = (0..3_usize, 0..3_usize);
    let step = prop_oneof![
        s.clone().prop_map(Step::AddSpace),
        s.clone().prop_map(Step::DeleteSpace),
        (s.clone(), n.clone()).prop_map(|(s, n)| Step::AddBridge(s, n)),
        (s.clone(), n.clone(), s.clone(), n.clone()).prop_map(|(a, b, c, d)| Step::AddPair(a, b, c, d)),
        (s.clone(), n.clone()).prop_map(|(s, n)| Step::Delete(s, n)),
        (s.clone(), n.clone(), any::<bool>()).prop_map(|(s, n, up)| Step::Up(s, n, up)),
        (s.clone(), n.clone(), s.clone()).prop_map(|(s, n, to)| Step::Move(s, n, to)),
        (s.clone(), n.clone(), 0..3_u8).prop_map(|(s, n, a)| Step::AddAddress(s, n, a)),
        (s, n, 0..3_u8).prop_map(|(s, n, a)| Step::DeleteAddress(s, n, a)),
    ];
    proptest::collection::vec(step, 0..60)
}

/// The reference: which links there are, with their peers, whether they are up, and their addresses.
#[derive(Debug, Default)]
struct Model {
    spaces: BTreeSet<usize>,
    links: BTreeMap<(usize, usize), Known>,
    made: u32,
}

#[derive(Debug, Clone, Default)]
struct Known {
    id: u32,
    peer: Option<u32>,
    up: bool,
    addresses: BTreeSet<u8>,
}

impl Model {
    fn has(&self, space: usize) -> bool {
        space == 0 || self.spaces.contains(&space)
    }

    fn add(&mut self, at: (usize, usize), peer: Option<u32>) -> u32 {
        self.made += 1;
        self.links.insert(at, Known { id: self.made, peer, ..Known::default() });
        self.made
    }

    fn remove(&mut self, at: (usize, usize)) -> bool {
        let Some(gone) = self.links.remove(&at) else { return false };
        self.links.retain(|_, link| Some(link.id) != gone.peer);
        true
    }

    /// Carries a step out; whether it is allowed.
    fn take(&mut self, step: &Step) -> bool {
        match *step {
            Step::AddSpace(s) => s != 0 && self.spaces.insert(s),
            Step::DeleteSpace(s) => {
                let there = self.spaces.remove(&s);
                if there {
                    (0..3).for_each(|n| {
                        self.remove((s, n));
                    });
                }
                there
            }
            Step::AddBridge(s, n) => {
                let free = self.has(s) && !self.links.contains_key(&(s, n));
                if free {
                    self.add((s, n), None);
                }
                free
            }
            Step::AddPair(s, n, ps, pn) => {
                let free = |at: &(usize, usize)| self.has(at.0) && !self.links.contains_key(at);
                let ok = free(&(s, n)) && free(&(ps, pn)) && (s, n) != (ps, pn);
                if ok {
                    let far = self.add((ps, pn), None);
                    let near = self.add((s, n), Some(far));
                    self.links.entry((ps, pn)).and_modify(|link| link.peer = Some(near));
                }
                ok
            }
            Step::Delete(s, n) => self.remove((s, n)),
            Step::Up(s, n, up) => self.links.get_mut(&(s, n)).map(|link| link.up = up).is_some(),
            Step::Move(s, n, to) => {
                let ok = self.links.contains_key(&(s, n))
                    && self.has(to)
                    && (to == s || !self.links.contains_key(&(to, n)));
                if ok && to != s {
                    let link = self.links.remove(&(s, n)).unwrap();
                    self.links.insert((to, n), Known { up: false, addresses: BTreeSet::new(), ..link });
                }
                ok
            }
            Step::AddAddress(s, n, a) => {
                self.links.get_mut(&(s, n)).is_some_and(|link| link.addresses.insert(a))
            }
            Step::DeleteAddress(s, n, a) => {
                self.links.get_mut(&(s, n)).is_some_and(|link| link.addresses.remove(&a))
            }
        }
    }
}

fn prefix(n: usize, a: u8) -> Prefix {
    format!("10.{n}.{a}.1/24").parse().unwrap()
}

fn as_call(step: &Step) -> Call {
    let (space, name) = (|s: usize| SPACES[s].to_owned(), |n: usize| NAMES[n].to_owned());
    let set = |s: usize, n: usize, settings| {
        Call::SetLink(SetLink { namespace: space(s), name: name(n), settings })
    };
    match *step {
        Step::AddSpace(s) => Call::AddNamespace(AddNamespace { name: space(s) }),
        Step::DeleteSpace(s) => Call::DeleteNamespace(DeleteNamespace { name: space(s) }),
        Step::AddBridge(s, n) => {
            Call::AddLink(AddLink { namespace: space(s), name: name(n), kind: LinkKind::Bridge })
        }
        Step::AddPair(s, n, ps, pn) => {
            let kind = LinkKind::Veth { peer: name(pn), peer_namespace: space(ps) };
            Call::AddLink(AddLink { namespace: space(s), name: name(n), kind })
        }
        Step::Delete(s, n) => Call::DeleteLink(DeleteLink { namespace: space(s), name: name(n) }),
        Step::Up(s, n, up) => set(s, n, LinkSettings { up: Some(up), ..LinkSettings::default() }),
        Step::Move(s, n, to) => {
            set(s, n, LinkSettings { namespace: Some(space(to)), ..LinkSettings::default() })
        }
        Step::AddAddress(s, n, a) => {
            Call::AddAddress(AddAddress { namespace: space(s), link: name(n), address: prefix(n, a) })
        }
        Step::DeleteAddress(s, n, a) => {
            Call::DeleteAddress(DeleteAddress { namespace: space(s), link: name(n), address: prefix(n, a) })
        }
    }
}

fn links(machine: &mut Linux, rng: &mut winlab_clock::Rng, space: &str) -> Vec<Link> {
    let mut context = Context { now: VirtualInstant::START, rng };
    let call = Call::ListLinks(ListLinks { namespace: space.to_owned() });
    match machine.handle(call, &mut context).answer {
        Ok(Answer::ListLinks(links)) => {
            links.into_iter().filter(|link| NAMES.contains(&link.name.as_str())).collect()
        }
        _ => Vec::new(),
    }
}

proptest! {
    #[test]
    fn links_are_as_the_model_says(steps in steps()) {
        let mut rng = Seed::new(3).rng();
        let mut machine = Linux::new(config(), &mut Context { now: VirtualInstant::START, rng: &mut rng });
        let mut model = Model::default();
        for step in &steps {
            let mut context = Context { now: VirtualInstant::START, rng: &mut rng };
            let answer = machine.handle(as_call(step), &mut context).answer;
            prop_assert_eq!(answer.is_ok(), model.take(step), "{:?}: {:?}", step, answer);
            for (s, space) in SPACES.iter().enumerate() {
                let found = links(&mut machine, &mut rng, space);
                let expected = model.links.iter().filter(|((space, _), _)| *space == s);
                prop_assert_eq!(found.len(), expected.clone().count());
                for ((_, n), known) in expected {
                    let link = found.iter().find(|link| link.name == NAMES[*n]).unwrap();
                    prop_assert_eq!(link.up, known.up);
                    let addresses: BTreeSet<Prefix> = known.addresses.iter().map(|a| prefix(*n, *a)).collect();
                    prop_assert_eq!(link.addresses.iter().copied().collect::<BTreeSet<_>>(), addresses);
                }
                let mut context = Context { now: VirtualInstant::START, rng: &mut rng };
                let call = Call::ListRoutes(ListRoutes { namespace: (*space).to_owned() });
                if let Ok(Answer::ListRoutes(routes)) = machine.handle(call, &mut context).answer {
                    let connected = found
                        .iter()
                        .filter(|link| link.up)
                        .flat_map(|link| link.addresses.iter().map(|a| (a.network(), link.name.clone())));
                    let routed: BTreeSet<_> = routes
                        .iter()
                        .filter(|route| NAMES.contains(&route.device.as_str()))
                        .map(|route| (route.destination, route.device.clone()))
                        .collect();
                    prop_assert_eq!(routed, connected.collect::<BTreeSet<_>>());
                    prop_assert!(routes.windows(2).all(|w| w[0].destination.length >= w[1].destination.length));
                }
            }
        }
    }
}
