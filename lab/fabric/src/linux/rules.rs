//! What a table says about a packet.

use winlab_host::linux::{Hook, NatRange, Policy, Rule, Table, Target};

use super::hooks::{At, Passage};
use crate::packet::Packet;
use crate::walk::Walk;

/// The end of a packet's way through a table; `place` is the chain and the rule's number from 1, as `iptables -L
/// --line-numbers` counts.
#[derive(Debug, Clone)]
pub(super) enum Ruling {
    Accept,
    Drop { place: String, rule: String },
    Reject { place: String, rule: String },
    Dnat { place: String, rule: String, to: NatRange },
    Snat { place: String, rule: String, to: NatRange },
    Masquerade { place: String, rule: String, random: bool },
}

/// How deep chains may call each other; the kernel's tables cannot loop, so this is only a seat belt.
const DEEPEST: u8 = 64;

impl Walk<'_> {
    pub(super) fn rule_on(
        &mut self,
        at: At<'_>,
        table: &Table,
        hook: Hook,
        packet: &Packet,
        passage: &mut Passage,
    ) -> Ruling {
        if let Some(ruling) = self.chain(at, table, hook.chain(), packet, passage, 0) {
            return ruling;
        }
        match table.chains.get(hook.chain()).and_then(|chain| chain.policy) {
            Some(Policy::Drop) => Ruling::Drop { place: hook.chain().to_owned(), rule: "policy DROP".into() },
            _ => Ruling::Accept,
        }
    }

    /// Goes through a chain; none if it came back from it.
    fn chain(
        &mut self,
        at: At<'_>,
        table: &Table,
        name: &str,
        packet: &Packet,
        passage: &mut Passage,
        depth: u8,
    ) -> Option<Ruling> {
        if depth > DEEPEST {
            return None;
        }
        let chain = table.chains.get(name)?;
        for (number, rule) in (1_u32..).zip(&chain.rules) {
            let place = || format!("{name} {number}");
            if !self.matches(at, table.name, &place(), rule, packet, passage) {
                continue;
            }
            match &rule.target {
                Target::Nothing => {}
                Target::Mark { value, mask } => passage.mark = passage.mark & !mask ^ value,
                Target::Return => return None,
                Target::Jump(next) => {
                    let ruling = self.chain(at, table, next, packet, passage, depth + 1);
                    if ruling.is_some() {
                        return ruling;
                    }
                }
                Target::Goto(next) => return self.chain(at, table, next, packet, passage, depth + 1),
                last => return Some(end(last, rule, place())),
            }
        }
        None
    }
}

fn end(target: &Target, rule: &Rule, place: String) -> Ruling {
    let rule = rule.to_string();
    match target {
        Target::Drop => Ruling::Drop { place, rule },
        Target::Reject { .. } => Ruling::Reject { place, rule },
        Target::Dnat { to, .. } => Ruling::Dnat { place, rule, to: to.clone() },
        Target::Snat { to, .. } => Ruling::Snat { place, rule, to: to.clone() },
        Target::Masquerade { random_fully } => Ruling::Masquerade { place, rule, random: *random_fully },
        Target::Accept
        | Target::Nothing
        | Target::Return
        | Target::Mark { .. }
        | Target::Jump(_)
        | Target::Goto(_) => Ruling::Accept,
    }
}
