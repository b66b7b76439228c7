//! Names that are nearly those of applied objects.

use super::Applied;
use crate::diagnostic::Diagnostic;
use crate::model::{Action, Flow, ObjectRef, PodRef, Source, Step, Target};
use crate::read::singular;
use crate::span::Span;
use crate::suggest::did_you_mean;

/// Kinds whose pods carry their name.
const OWNERS: [&str; 8] = [
    "pod",
    "deployment",
    "replicaset",
    "daemonset",
    "statefulset",
    "job",
    "cronjob",
    "replicationcontroller",
];

/// An object that is named, by the kinds that may be meant.
struct Named<'s> {
    kinds: &'s [&'static str],
    namespace: &'s str,
    name: &'s str,
    span: Span,
}

pub(super) fn check(applied: &Applied<'_>, warnings: &mut Vec<Diagnostic>) {
    for step in applied.steps() {
        each(step, &mut |named| warnings.extend(near_miss(&named, applied)));
    }
}

fn near_miss(named: &Named<'_>, applied: &Applied<'_>) -> Option<Diagnostic> {
    let objects: Vec<_> = applied
        .objects()
        .filter(|object| object.namespace == named.namespace)
        .filter(|object| singular(&object.kind).is_some_and(|kind| named.kinds.contains(&kind)))
        .collect();
    // What a controller makes has its name and a suffix.
    let made = |owner: &str| named.name.strip_prefix(owner).is_some_and(|rest| rest.starts_with('-'));
    if named.name.is_empty() || objects.iter().any(|object| object.name == named.name || made(&object.name)) {
        return None;
    }
    let near = did_you_mean(named.name, objects.iter().map(|object| object.name.as_str()))?;
    let object = objects.iter().find(|object| object.name == near)?;
    let message = format!("no manifest of the scenario has a `{}`", named.name);
    let warning = Diagnostic::warning("unknown-object", named.span, message);
    Some(
        warning
            .also(object.span.part(0, 0), format!("the {} `{near}`", object.kind))
            .hint(format!("did you mean `{near}`?")),
    )
}

fn each<'s>(step: &'s Step, tell: &mut dyn FnMut(Named<'s>)) {
    let actions = step.action.iter().chain(step.during.iter().map(|during| &during.action));
    for action in actions {
        match &action.value {
            Action::Scale(list) => list.iter().for_each(|(object, _)| tell_object(object, object.span, tell)),
            Action::Patch(list) => list.iter().for_each(|(object, _)| tell_object(object, object.span, tell)),
            Action::Delete { objects, .. } => {
                objects.iter().for_each(|object| tell_object(object, object.span, tell));
            }
            Action::Exec(exec) => tell(of_pod(&exec.pod, exec.pod.span)),
            _ => {}
        }
    }
    for check in step.checks.iter().chain(&step.on_fail) {
        match &check.target.value {
            Target::K8s(object) | Target::Event(object) => tell_object(object, check.target.span, tell),
            Target::PodLog(pod) | Target::Dns(pod, _) => tell(of_pod(pod, check.target.span)),
            _ => {}
        }
    }
    for probe in &step.probes {
        of_source(&probe.from, probe.from.span, tell);
        of_flow(&probe.to, probe.to.span, tell);
    }
    if let Some(table) = &step.reach {
        table.columns.iter().for_each(|column| of_flow(column, column.span, tell));
        table.rows.iter().for_each(|(source, _)| of_source(source, source.span, tell));
    }
}

fn of_pod(pod: &PodRef, span: Span) -> Named<'_> {
    Named { kinds: &OWNERS, namespace: &pod.namespace, name: &pod.name, span }
}

fn tell_object<'s>(object: &'s ObjectRef, span: Span, tell: &mut dyn FnMut(Named<'s>)) {
    let kinds: &'static [&'static str] = match singular(&object.kind) {
        // A service, its endpoints and their slices have one name; so have pods and what made them.
        Some("service" | "endpoints" | "endpointslice") => &["service", "endpoints", "endpointslice"],
        Some(kind) if OWNERS.contains(&kind) => &OWNERS,
        Some("configmap") => &["configmap"],
        Some("namespace") => &["namespace"],
        _ => return,
    };
    tell(Named { kinds, namespace: &object.namespace, name: &object.name, span });
}

fn of_source<'s>(source: &'s Source, span: Span, tell: &mut dyn FnMut(Named<'s>)) {
    if let Source::Pod(pod) = source {
        tell(of_pod(pod, span));
    }
}

fn of_flow<'s>(flow: &'s Flow, span: Span, tell: &mut dyn FnMut(Named<'s>)) {
    match flow {
        Flow::Pod { pod, .. } => tell(of_pod(pod, span)),
        Flow::Service { service, .. } | Flow::NodePort { service, .. } => tell_object(service, span, tell),
        _ => {}
    }
}
