//! Pods.

use std::sync::LazyLock;

use winlab_document::{Document, doc};

use super::container::container;
use super::fill::{Defaults, change, each};
use super::qos;
use super::volume::volume;
use crate::config::Profile;

static SPEC: LazyLock<Defaults> = LazyLock::new(|| {
    Defaults::new(&doc!({
        "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
        "securityContext": {}, "schedulerName": "default-scheduler"
    }))
});
static POD_ONLY: LazyLock<Defaults> = LazyLock::new(|| Defaults::new(&doc!({"enableServiceLinks": true})));

/// Fills in the spec of a pod or of a pod template.
pub(super) fn pod_spec(spec: &mut Document) {
    SPEC.fill(spec);
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        each(spec, list, container);
    }
    each(spec, "volumes", volume);
    // Two names of one field: the older one follows.
    let account = spec.text(&["serviceAccountName"]).to_owned();
    let older = spec.text(&["serviceAccount"]).to_owned();
    match (account.is_empty(), older.is_empty()) {
        (false, _) if older != account => spec.set("serviceAccount", account),
        (true, false) => spec.set("serviceAccountName", older),
        _ => {}
    }
}

/// Fills in a pod.
pub(crate) fn pod(pod: &mut Document, _profile: &Profile) {
    let spec = pod.member_mut("spec");
    pod_spec(spec);
    POD_ONLY.fill(spec);
    let host_network = spec.get("hostNetwork").and_then(Document::as_bool) == Some(true);
    for list in ["containers", "initContainers"] {
        each(spec, list, |container| {
            requests_from_limits(container);
            if host_network {
                each(container, "ports", |port| {
                    if port.get("hostPort").and_then(Document::as_i64).unwrap_or(0) == 0
                        && let Some(number) = port.get("containerPort").cloned()
                    {
                        port.set("hostPort", number);
                    }
                });
            }
        });
    }
}

/// What is limited and not requested is requested up to its limit.
fn requests_from_limits(container: &mut Document) {
    let Some(limits) = container.path(&["resources", "limits"]).cloned() else { return };
    change(container, "resources", |resources| {
        for (name, limit) in limits.members() {
            if resources.path(&["requests", name]).is_none() {
                resources.set_path(&["requests", name], limit);
            }
        }
    });
}

/// What the server says about a new pod, and keeps of an old one.
pub(crate) fn prepare_pod(pod: &mut Document, old: Option<&Document>, _profile: &Profile) {
    if old.is_none() {
        // The least that counts as a grace period (`pkg/registry/core/pod/strategy.go`, `applyTerminationGracePeriod`).
        let grace = pod.path(&["spec", "terminationGracePeriodSeconds"]).and_then(Document::as_i64);
        if grace.is_some_and(|grace| grace < 0) {
            pod.set_path(&["spec", "terminationGracePeriodSeconds"], 1);
        }
        let class = qos::class(pod.get("spec").unwrap_or(&Document::Null));
        let mut status = doc!({"phase": "Pending", "qosClass": class});
        let gated = pod.path(&["spec", "schedulingGates"]).is_some_and(|gates| !gates.items().is_empty());
        if gated {
            let condition = doc!({
                "type": "PodScheduled", "status": "False", "lastProbeTime": null, "lastTransitionTime": null,
                "reason": "SchedulingGated", "message": "Scheduling is blocked due to non-empty scheduling gates"
            });
            status.set("conditions", vec![condition]);
        }
        pod.set("status", status);
    } else if let Some(class) = old.and_then(|old| old.path(&["status", "qosClass"]))
        && pod.path(&["status", "qosClass"]).is_none()
    {
        pod.set_path(&["status", "qosClass"], class);
    }
}
