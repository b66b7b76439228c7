//! Nodes that never join, and nodes that join in part although they have joined.

use super::Applied;
use crate::diagnostic::Diagnostic;
use crate::model::{Action, Case};

pub(super) fn check(case: &Case, applied: &Applied<'_>, warnings: &mut Vec<Diagnostic>) {
    let joins: Vec<_> = applied
        .actions()
        .filter_map(|action| if let Action::Join(nodes) = action { Some(nodes) } else { None })
        .flatten()
        .collect();
    for node in case.lab.nodes.iter().filter(|node| node.join.is_none()) {
        if !joins.iter().any(|(name, _)| name.value == node.name.value) {
            let message = format!("`{}` joins later, and no step joins it", node.name.value);
            let warning = Diagnostic::warning("never-joined", node.name.span, message);
            warnings.push(warning.hint(format!("add a step with `join: {{{}: scripts}}`", node.name.value)));
        }
    }
    if applied.replaces_nodes() {
        return;
    }
    for (name, _) in joins {
        let joined = case.lab.nodes.iter().find(|node| node.name.value == name.value && node.join.is_some());
        if let Some(node) = joined {
            let message = format!("`{}` has joined before the first step", name.value);
            let warning = Diagnostic::warning("joins-again", name.span, message);
            let warning = warning.also(node.name.span, "declared without `join: later`");
            warnings.push(warning.hint("add `join: later` to the node"));
        }
    }
}
