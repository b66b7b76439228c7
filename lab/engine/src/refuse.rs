//! What the engine cannot run yet: told by name and place before anything starts.

use winlab_profiles::NetworkFamily;
use winlab_scenario::{
    Action, Case, ControlPlane, Diagnostic, Effect, Fault, Feature, Flow, Scenario, Span, Spanned, Step,
    features,
};

use crate::functions::unknown_function;
use crate::joins;
use crate::placement::{self, Placement};

const CODE: &str = "not-supported";

/// The parts of a case that cannot be run, each with its place.
#[must_use]
pub fn refuse(scenario: &Scenario, case: &Case, placement: &Placement) -> Vec<Diagnostic> {
    let mut refused = Vec::new();
    refused.extend(placement::pace(scenario, case, placement).err().map(|problem| *problem));
    refused.extend(refuse_lab(case, placement));
    for (feature, span) in features(case) {
        if feature == Feature::Target("metric") {
            let hint = "what HNS and Kubernetes show can be checked by `hns`, `k8s`, `calls` and `log`";
            refused.push(not_supported(&feature.to_string(), span).hint(hint));
        }
    }
    let plane = placement.control_plane(&case.lab);
    for fault in &case.lab.faults {
        of_fault(fault, plane, &mut refused);
    }
    case.steps.iter().for_each(|step| of_step(step, plane, &mut refused));
    joins::refuse(case, &mut refused);
    refused
}

/// The parts of a case's lab that there cannot be, whatever its steps do, each with its place.
#[must_use]
pub fn refuse_lab(case: &Case, placement: &Placement) -> Vec<Diagnostic> {
    let lab = &case.lab;
    let mut refused = placement::refuse_real(lab, placement);
    for (feature, span) in features(case) {
        let hint = match &feature {
            Feature::Network(_) if !is_flannel(lab.network.value) => {
                "the networks are flannel-vxlan and flannel-host-gw"
            }
            Feature::ControlPlane(_) if !is_supported(placement.control_plane(lab)) => {
                "the control planes are `embedded` and `binaries`"
            }
            _ => continue,
        };
        refused.push(not_supported(&feature.to_string(), span).hint(hint));
    }
    refused
}

fn not_supported(what: &str, span: Span) -> Diagnostic {
    let verb = if what.starts_with("checks") { "are" } else { "is" };
    Diagnostic::error(CODE, span, format!("{what} {verb} not supported yet"))
}

fn is_supported(plane: ControlPlane) -> bool {
    matches!(plane, ControlPlane::Embedded | ControlPlane::Binaries)
}

fn is_flannel(family: NetworkFamily) -> bool {
    matches!(family, NetworkFamily::FlannelVxlan | NetworkFamily::FlannelHostGw)
}

fn of_step(step: &Step, plane: ControlPlane, refused: &mut Vec<Diagnostic>) {
    for action in step.action.iter().chain(step.during.iter().map(|during| &during.action)) {
        match &action.value {
            Action::Fault(faults) => faults.iter().for_each(|fault| of_fault(fault, plane, refused)),
            Action::Use { steps, .. } => steps.iter().for_each(|step| of_step(step, plane, refused)),
            _ => {}
        }
    }
    let columns = step.reach.iter().flat_map(|table| &table.columns);
    for flow in columns.chain(step.probes.iter().map(|probe| &probe.to)) {
        if matches!(&flow.value, Flow::Url(url) if url.starts_with("https:")) {
            refused
                .push(not_supported("a flow over https", flow.span).hint("ask over http, or for a tcp port"));
        }
    }
}

fn of_fault(fault: &Spanned<Fault>, plane: ControlPlane, refused: &mut Vec<Diagnostic>) {
    let part = fault.at.part.as_str();
    let calls = matches!(part, "hns" | "hcs" | "system" | "linux");
    if let Effect::Calls { function, .. } = &fault.effect {
        refused.extend(unknown_function(part, function));
    }
    let service = matches!(part, "containerd" | "kubelet" | "kube-proxy" | "flanneld");
    let fits = match &fault.effect {
        Effect::Calls { .. } => calls,
        Effect::Stop { .. } | Effect::Crash { .. } | Effect::Restart { .. } => service || part == "hns",
        Effect::Reboot | Effect::PowerLoss | Effect::DiskFull => part == "node",
        Effect::Partition { .. } | Effect::Loss(_) | Effect::UnderlayDelay(_) | Effect::Mtu(_) => {
            part == "underlay"
        }
        Effect::Unplumb(..) | Effect::Delete(..) => part == "hns",
        Effect::Refuse | Effect::Slow(_) | Effect::WatchDrop | Effect::Gone => part == "api",
        Effect::Replace
        | Effect::ClockJump(_)
        | Effect::DuplicateIp(_)
        | Effect::SlowDisk(_)
        | Effect::Stale => false,
    };
    let what = format!("the fault `{}`", crate::fault::describe(fault));
    if !fits {
        refused.push(not_supported(&what, fault.span).hint(instead(part)));
    } else if part == "api" && plane != ControlPlane::Embedded {
        let hint = "only the embedded control plane lets a lab do this; leave the fault out, or run with it";
        refused.push(not_supported(&format!("{what} with another control plane"), fault.span).hint(hint));
    }
}

/// Faults of a part that can be run.
fn instead(part: &str) -> &'static str {
    match part {
        "node" => "a node can `reboot`, have a `power-loss` or a full disk (`disk-full`)",
        "underlay" => "what can be put on the underlay: `partition`, `loss`, `delay`, `mtu`",
        "api" => "what can be put on the API server: `refuse`, `slow`, `watch-drop`, `gone`",
        _ => "what can stop, crash and restart: hns, containerd, kubelet, kube-proxy, flanneld",
    }
}
