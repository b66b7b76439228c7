//! Nodes that join as a whole although they have joined: kubeadm refuses that in its preflight, scripts do nothing new.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::model::{Action, Effect, JoinMethod, Lab, Step};
use crate::span::Span;

/// Where each node joined, and in which words that is told.
type Joined<'c> = BTreeMap<&'c str, (Span, &'static str)>;

/// Tells the joins of nodes that have joined before, in the order of the steps.
pub(super) fn join_once(lab: &Lab, steps: &[Step], problems: &mut Vec<Diagnostic>) {
    let first = lab.nodes.iter().filter(|node| node.join.is_some());
    let declared = "declared without `join: later`";
    let mut joined: Joined<'_> =
        first.map(|node| (node.name.value.as_str(), (node.name.span, declared))).collect();
    of_steps(steps, &mut joined, problems);
}

fn of_steps<'c>(steps: &'c [Step], joined: &mut Joined<'c>, problems: &mut Vec<Diagnostic>) {
    for step in steps {
        let during = step.during.iter().map(|during| &during.action);
        for action in step.action.iter().chain(during) {
            of_action(&action.value, joined, problems);
        }
    }
}

fn of_action<'c>(action: &'c Action, joined: &mut Joined<'c>, problems: &mut Vec<Diagnostic>) {
    match action {
        Action::Use { steps, .. } => of_steps(steps, joined, problems),
        Action::Join(joins) => {
            let whole = joins.iter().filter(|(_, method)| !matches!(method, JoinMethod::Components(_)));
            for (node, _) in whole {
                let Some((span, why)) = joined.insert(&node.value, (node.span, "it joins here")) else {
                    continue;
                };
                let message = format!("`{}` has joined already", node.value);
                let problem = Diagnostic::error("joins-again", node.span, message).also(span, why);
                problems.push(problem.hint(
                    "let it join once: `join: later` in `nodes`; a list such as `[kubelet]` installs just that anew",
                ));
            }
        }
        // A new machine of the same name has not joined.
        Action::Fault(faults) => {
            for fault in faults.iter().filter(|fault| fault.effect == Effect::Replace) {
                joined.retain(|node, _| !["*", node].contains(&fault.at.node.as_str()));
            }
        }
        _ => {}
    }
}
