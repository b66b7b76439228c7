//! One cell, and what is known about it.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::matrix::{self, Cell, Matrix, Pattern};
use crate::model::{
    Action, Case, Check, FaultPlace, Flow, Known, Lab, PodRef, ServiceRef, Source, Step, Target,
};
use crate::read::Reader;
use crate::read::fields::{Fields, items};
use crate::shape::KNOWN;
use crate::span::{Span, Spanned};
use crate::suggest::did_you_mean;
use crate::yaml::{Node, NodeKind};

/// An entry of `known:`, read once for all cells.
pub(super) struct KnownEntry {
    pattern: Pattern,
    known: Known,
}

impl Reader<'_> {
    pub(super) fn known(&mut self, fields: &Fields<'_>, matrix: &Matrix) -> Vec<KnownEntry> {
        let Some(node) = fields.node("known") else { return Vec::new() };
        let steps = step_names(fields.node("steps"));
        let mut entries = Vec::new();
        for item in items(node) {
            let Some(entry) = Fields::open(item, &KNOWN, &mut self.problems) else { continue };
            let pattern = entry
                .node("cell")
                .and_then(|cell| matrix::read_pattern(cell, &matrix.axes, &mut self.problems))
                .unwrap_or_default();
            let step = entry.text("step", &mut self.problems);
            let reason = entry.text("reason", &mut self.problems);
            let (Some(step), Some(reason)) = (step, reason) else { continue };
            if !steps.contains(&step.value) {
                let near = did_you_mean(&step.value, steps.iter().map(String::as_str));
                let problem = Diagnostic::error(
                    "unknown-step",
                    step.span,
                    format!("there is no step `{}`", step.value),
                );
                self.problems.push(problem.hint_some(near.map(|near| format!("did you mean `{near}`?"))));
            } else if !matrix.cells.iter().any(|cell| matrix::matches(&pattern, cell)) {
                let message = "no cell of the matrix is meant by this";
                self.problems.push(Diagnostic::error("known-cell", entry.span_of("cell"), message));
            }
            let known = Known { step: step.value, reason: reason.value, span: item.span };
            entries.push(KnownEntry { pattern, known });
        }
        entries
    }

    pub(super) fn read_case(
        &mut self,
        name: &Spanned<String>,
        cell: &Cell,
        lab: &Node,
        steps: &Node,
        known: &[KnownEntry],
    ) -> Option<Case> {
        let lab = self.lab(lab)?;
        let steps = self.steps(steps);
        self.step_names_differ(&steps);
        self.names_exist(&lab, &steps);
        let shown: Vec<String> = cell.iter().map(|(axis, value)| format!("{axis}={value}")).collect();
        let name = if shown.is_empty() {
            name.value.clone()
        } else {
            format!("{}[{}]", name.value, shown.join(","))
        };
        Some(Case {
            name,
            cell: cell.iter().cloned().collect(),
            lab,
            steps,
            known: known
                .iter()
                .filter(|k| matrix::matches(&k.pattern, cell))
                .map(|k| k.known.clone())
                .collect(),
        })
    }

    fn step_names_differ(&mut self, steps: &[Step]) {
        let mut seen: Vec<&Spanned<String>> = Vec::new();
        for step in steps {
            if let Some(first) = seen.iter().find(|known| known.value == step.name.value) {
                let message = format!("two steps are named `{}`", step.name.value);
                let problem = Diagnostic::error("duplicate-step", step.name.span, message);
                self.problems.push(problem.also(first.span, "the first one"));
            }
            seen.push(&step.name);
        }
    }

    /// Every node that is named is one of the lab's.
    fn names_exist(&mut self, lab: &Lab, steps: &[Step]) {
        let nodes: BTreeSet<&str> = lab.nodes.iter().map(|node| node.name.value.as_str()).collect();
        let mut named = Vec::new();
        for fault in &lab.faults {
            of_place(&fault.at, fault.span, &mut named);
        }
        steps.iter().for_each(|step| of_step(step, &mut named));
        for (node, span) in named {
            if node.is_empty() || node == "*" || nodes.contains(node.as_str()) {
                continue;
            }
            let hint = match did_you_mean(&node, nodes.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its nodes are {}", nodes.iter().copied().collect::<Vec<_>>().join(", ")),
            };
            let problem = Diagnostic::error("unknown-node", span, format!("the lab has no node `{node}`"));
            self.problems.push(problem.hint(hint));
        }
    }
}

fn step_names(node: Option<&Node>) -> Vec<String> {
    let Some(NodeKind::Sequence(items)) = node.map(|node| &node.kind) else { return Vec::new() };
    items.iter().filter_map(|item| item.get("name")?.text().map(str::to_owned)).collect()
}

type Named = Vec<(String, Span)>;

fn of_place(place: &FaultPlace, span: Span, named: &mut Named) {
    named.push((place.node.clone(), span));
}

fn of_step(step: &Step, named: &mut Named) {
    let actions = step.action.iter().chain(step.during.iter().map(|during| &during.action));
    for action in actions {
        of_action(&action.value, named);
    }
    for check in step.checks.iter().chain(&step.on_fail) {
        of_check(check, named);
    }
    for probe in &step.probes {
        of_source(&probe.from, named);
        of_flow(&probe.to, named);
    }
    if let Some(reach) = &step.reach {
        reach.columns.iter().for_each(|column| of_flow(column, named));
        reach.rows.iter().for_each(|(source, _)| of_source(source, named));
    }
}

fn of_action(action: &Action, named: &mut Named) {
    let services = |services: &[Spanned<ServiceRef>], named: &mut Named| {
        named.extend(services.iter().map(|service| (service.node.clone(), service.span)));
    };
    let nodes = |nodes: &[Spanned<String>], named: &mut Named| {
        named.extend(nodes.iter().map(|node| (node.value.clone(), node.span)));
    };
    match action {
        Action::Join(joins) => named.extend(joins.iter().map(|(node, _)| (node.value.clone(), node.span))),
        Action::Start(list) | Action::Stop(list) | Action::Restart(list) => services(list, named),
        Action::Upgrade(list) => {
            named.extend(list.iter().map(|(service, _)| (service.node.clone(), service.span)))
        }
        Action::Reboot(list) | Action::Drain(list) | Action::Uncordon(list) => nodes(list, named),
        Action::Fault(faults) => faults.iter().for_each(|fault| of_place(&fault.at, fault.span, named)),
        Action::Exec(exec) => of_pod(&exec.pod, exec.pod.span, named),
        Action::Use { steps, .. } => steps.iter().for_each(|step| of_step(step, named)),
        Action::Apply(_)
        | Action::Delete { .. }
        | Action::Patch(_)
        | Action::Scale(_)
        | Action::Heal(_)
        | Action::Wait(_) => {}
    }
}

fn of_pod(pod: &PodRef, span: Span, named: &mut Named) {
    named.push((pod.node.clone(), span));
}

fn of_check(check: &Check, named: &mut Named) {
    let span = check.target.span;
    match &check.target.value {
        Target::Hns(node, _)
        | Target::Hcs(node, _)
        | Target::Cri(node, _)
        | Target::Service(node, _)
        | Target::Registry { node, .. }
        | Target::Log(node, _)
        | Target::Calls(node, _) => named.push((node.clone(), span)),
        Target::PodLog(pod) | Target::Dns(pod, _) => of_pod(pod, span, named),
        Target::K8s(_) | Target::Event(_) | Target::Metric(_) => {}
    }
}

fn of_source(source: &Spanned<Source>, named: &mut Named) {
    match &source.value {
        Source::Pod(pod) => of_pod(pod, source.span, named),
        Source::Node(node) => named.push((node.clone(), source.span)),
        Source::Outside => {}
    }
}

fn of_flow(flow: &Spanned<Flow>, named: &mut Named) {
    match &flow.value {
        Flow::Pod { pod, .. } => of_pod(pod, flow.span, named),
        Flow::NodePort { node, .. } | Flow::Node { node, .. } => named.push((node.clone(), flow.span)),
        Flow::Url(_) | Flow::Service { .. } | Flow::Address { .. } | Flow::Name(_) | Flow::Outside => {}
    }
}
