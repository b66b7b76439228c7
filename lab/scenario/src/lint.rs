//! What is allowed and probably not meant.

use crate::diagnostic::Diagnostic;
use crate::model::{Action, Scenario, Step};
use crate::yaml::{Node, NodeKind, Style};

/// Warnings about a scenario that was read without errors.
#[must_use]
pub fn lint(scenario: &Scenario) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    if !scenario.about.trim_end().ends_with(['.', '!', '?']) {
        let message = "`about` is prose: it ends with a full stop";
        warnings.push(Diagnostic::warning("about-sentence", scenario.name.span, message));
    }
    for case in scenario.cases.iter().take(1) {
        case.steps.iter().for_each(|step| of_step(step, &mut warnings));
        for (name, image) in &case.lab.images {
            if image.does.listen.is_empty() && !image.does.http.is_empty() {
                let message = format!("the image `{name}` has replies and listens on nothing");
                let warning = Diagnostic::warning("deaf-image", image.span, message);
                warnings.push(warning.hint("add `listen: [tcp/80]`"));
            }
        }
    }
    warnings
}

fn of_step(step: &Step, warnings: &mut Vec<Diagnostic>) {
    for check in step.checks.iter().chain(&step.on_fail) {
        if let Some(node) = &check.matches {
            hexadecimal(node, warnings);
        }
    }
    if let Some(hold) = step
        .hold
        .as_ref()
        .filter(|_| step.checks.is_empty() && step.probes.is_empty() && step.reach.is_none())
    {
        let message = "`hold` without a check holds nothing";
        warnings
            .push(Diagnostic::warning("idle-hold", hold.span, message).hint("use `wait` to let time pass"));
    }
    if let Some(Action::Use { steps, .. }) = step.action.as_ref().map(|action| &action.value) {
        steps.iter().for_each(|step| of_step(step, warnings));
    }
}

/// A plain `0xb7` in a document to match is the number 183; HRESULTs are mostly meant as text.
fn hexadecimal(node: &Node, warnings: &mut Vec<Diagnostic>) {
    match &node.kind {
        NodeKind::Scalar { text, style: Style::Plain } if text.starts_with("0x") => {
            if let Some(number) = node.to_document().as_u64() {
                let warning = Diagnostic::warning(
                    "hexadecimal",
                    node.span,
                    format!("`{text}` is the number {number} here"),
                );
                warnings.push(warning.hint(format!("write \"{text}\" if text is meant")));
            }
        }
        NodeKind::Scalar { .. } => {}
        NodeKind::Sequence(items) => items.iter().for_each(|item| hexadecimal(item, warnings)),
        NodeKind::Mapping(members) => members.iter().for_each(|(_, _, value)| hexadecimal(value, warnings)),
    }
}
