//! Flows that must be answered and, for certain, cannot be.

use winlab_document::Document;

use super::Applied;
use crate::diagnostic::Diagnostic;
use crate::manifest::Manifest;
use crate::model::{Case, Flow, FlowResult, ObjectRef, PodRef, Step};
use crate::reach::Expected;
use crate::span::Spanned;

/// Kinds whose objects have pods of their name.
const WORKLOADS: [&str; 7] =
    ["Pod", "Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job", "ReplicationController"];

pub(super) fn check(case: &Case, applied: &Applied<'_>, warnings: &mut Vec<Diagnostic>) {
    if applied.patches() {
        return;
    }
    for flow in applied.steps().flat_map(answered) {
        warnings.extend(match &flow.value {
            Flow::Pod { pod, port } if *port != 0 => deaf(case, applied, flow, pod, *port),
            Flow::Service { service, port } | Flow::NodePort { service, port, .. } => {
                no_such_port(applied, flow, service, *port)
            }
            _ => None,
        });
    }
}

/// The flows of a step that must be answered.
fn answered(step: &Step) -> Vec<&Spanned<Flow>> {
    let is_ok = |result: FlowResult| matches!(result, FlowResult::Ok | FlowResult::OkFrom(_));
    let mut flows: Vec<_> =
        step.probes.iter().filter(|probe| is_ok(probe.is.value)).map(|probe| &probe.to).collect();
    if let Some(table) = &step.reach {
        for (at, column) in table.columns.iter().enumerate() {
            let mut cells = table.rows.iter().filter_map(|(_, cells)| cells.get(at));
            if cells.any(|cell| matches!(cell.expected, Expected::Result(result) if is_ok(result))) {
                flows.push(column);
            }
        }
    }
    flows
}

fn deaf(
    case: &Case,
    applied: &Applied<'_>,
    flow: &Spanned<Flow>,
    pod: &PodRef,
    port: u16,
) -> Option<Diagnostic> {
    let workload = only(applied.objects().filter(|object| {
        WORKLOADS.contains(&object.kind.as_str())
            && object.name == pod.name
            && object.namespace == pod.namespace
    }))?;
    let spec = match workload.kind.as_str() {
        "Pod" => workload.document.get("spec")?,
        _ => workload.document.path(&["spec", "template", "spec"])?,
    };
    let images: Vec<_> = spec
        .get("containers")?
        .items()
        .iter()
        .map(|container| case.lab.images.get(container.text(&["image"])))
        .collect::<Option<_>>()?;
    let socket = format!("tcp/{port}");
    if images.is_empty() || images.iter().any(|image| image.does.listen.contains(&socket)) {
        return None;
    }
    let message = format!("nothing in `{}` listens on {socket}", pod.name);
    let mut warning = Diagnostic::warning("deaf-port", flow.span, message);
    for image in &images {
        warning = warning.also(image.span, format!("listens on {}", listed(&image.does.listen)));
    }
    Some(warning.hint("`does.listen` of the image opens ports; a manifest's `containerPort` does not"))
}

fn no_such_port(
    applied: &Applied<'_>,
    flow: &Spanned<Flow>,
    service: &ObjectRef,
    port: u16,
) -> Option<Diagnostic> {
    let object = only(applied.objects().filter(|object| {
        object.kind == "Service" && object.name == service.name && object.namespace == service.namespace
    }))?;
    let ports: Vec<u64> = object
        .document
        .path(&["spec", "ports"])?
        .items()
        .iter()
        .map(|item| item.get("port").and_then(Document::as_u64))
        .collect::<Option<_>>()?;
    if ports.is_empty() || ports.contains(&u64::from(port)) {
        return None;
    }
    let message = format!("the Service `{}` has no port {port}", service.name);
    let ports: Vec<String> = ports.iter().map(u64::to_string).collect();
    let warning = Diagnostic::warning("no-such-port", flow.span, message);
    Some(warning.hint(format!("it has {}", listed(&ports))))
}

/// The only one; with more of them nothing is certain.
fn only<'m>(mut found: impl Iterator<Item = &'m Manifest>) -> Option<&'m Manifest> {
    let first = found.next()?;
    // The same file applied again is the same object.
    found.all(|other| other.span == first.span).then_some(first)
}

fn listed(words: &[String]) -> String {
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}
