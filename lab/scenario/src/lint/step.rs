//! Steps that wait for nothing, tell nothing, or match a number where text is meant.

use super::prose::is_vague;
use crate::diagnostic::Diagnostic;
use crate::model::Step;
use crate::yaml::{Node, NodeKind, Style};

pub(super) fn check(step: &Step, warnings: &mut Vec<Diagnostic>) {
    if is_vague(&step.name) {
        let message = format!("the name `{}` tells nothing of the step", step.name.value);
        let warning = Diagnostic::warning("vague-step", step.name.span, message);
        warnings.push(warning.hint("name what happens or must hold: `outage`, `back-in-service`"));
    }
    for check in step.checks.iter().chain(&step.on_fail) {
        check.matches.iter().for_each(|node| hexadecimal(node, warnings));
    }
    let checks_nothing = step.checks.is_empty() && step.probes.is_empty() && step.reach.is_none();
    // A default has the place of the whole step.
    if checks_nothing && step.within.span != step.span {
        let message = "`within` without a check waits for nothing";
        let warning = Diagnostic::warning("idle-within", step.within.span, message);
        warnings.push(warning.hint("add `expect`, `probe` or `reach`; `wait` lets time pass"));
    }
    if let Some(hold) = step.hold.as_ref().filter(|_| checks_nothing) {
        let message = "`hold` without a check holds nothing";
        let warning = Diagnostic::warning("idle-hold", hold.span, message);
        warnings.push(warning.hint("use `wait` to let time pass"));
    }
}

/// HRESULTs are mostly meant as text.
fn hexadecimal(node: &Node, warnings: &mut Vec<Diagnostic>) {
    match &node.kind {
        NodeKind::Scalar { text, style: Style::Plain } if text.starts_with("0x") => {
            if let Some(number) = node.to_document().as_u64() {
                let message = format!("`{text}` is the number {number} here");
                let warning = Diagnostic::warning("hexadecimal", node.span, message);
                warnings.push(warning.hint(format!("write \"{text}\" if text is meant, {number} if not")));
            }
        }
        NodeKind::Scalar { .. } => {}
        NodeKind::Sequence(items) => items.iter().for_each(|item| hexadecimal(item, warnings)),
        NodeKind::Mapping(members) => members.iter().for_each(|(_, _, value)| hexadecimal(value, warnings)),
    }
}
