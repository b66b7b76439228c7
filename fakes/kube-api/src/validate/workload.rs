//! Deployments, replica sets, daemon sets and stateful sets (`pkg/apis/apps/validation/validation.go`).

use winlab_document::Document;

use super::selector::{is_empty, label_selector};
use super::{FieldErrors, FieldPath, immutable, is_set, metadata, non_negative, pod};
use crate::config::Profile;
use crate::select::LabelSelector;

static SPEC: FieldPath<'static> = FieldPath::new("spec");

fn spec(object: &Document) -> &Document {
    object.get("spec").unwrap_or(&Document::Null)
}

/// Checks a deployment.
pub(crate) fn deployment(object: &Document, profile: &Profile, errors: &mut FieldErrors) {
    let spec = spec(object);
    non_negative(spec, "replicas", &SPEC, errors);
    selector(spec, "deployment", errors);
    template(spec, "ReplicaSet", profile, errors);
    strategy(spec, errors);
    for name in ["minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"] {
        non_negative(spec, name, &SPEC, errors);
    }
    let number = |name: &str| spec.get(name).and_then(Document::as_i64);
    if let Some(deadline) = number("progressDeadlineSeconds")
        && deadline <= number("minReadySeconds").unwrap_or(0)
    {
        errors.invalid(
            &SPEC.child("progressDeadlineSeconds"),
            deadline,
            "must be greater than minReadySeconds",
        );
    }
}

/// Checks a replica set.
pub(crate) fn replica_set(object: &Document, profile: &Profile, errors: &mut FieldErrors) {
    let spec = spec(object);
    non_negative(spec, "replicas", &SPEC, errors);
    non_negative(spec, "minReadySeconds", &SPEC, errors);
    // The real server takes its words for this from deployments.
    selector(spec, "deployment", errors);
    template(spec, "ReplicaSet", profile, errors);
}

/// Checks a daemon set.
pub(crate) fn daemon_set(object: &Document, profile: &Profile, errors: &mut FieldErrors) {
    let spec = spec(object);
    selector(spec, "daemonset", errors);
    template(spec, "DaemonSet", profile, errors);
    non_negative(spec, "minReadySeconds", &SPEC, errors);
    let path = SPEC.child("updateStrategy");
    let strategy = spec.get("updateStrategy").unwrap_or(&Document::Null);
    match strategy.text(&["type"]) {
        "OnDelete" => {}
        "RollingUpdate" => {
            let path = path.child("rollingUpdate");
            let rolling = strategy.get("rollingUpdate").unwrap_or(&Document::Null);
            for name in ["maxUnavailable", "maxSurge"] {
                positive_or_percent(rolling.get(name), &path.child(name), true, errors);
            }
            let (unavailable, surge) =
                (amount(rolling.get("maxUnavailable")), amount(rolling.get("maxSurge")));
            if unavailable != 0 && surge != 0 {
                let value = rolling.get("maxSurge").cloned().unwrap_or_default();
                errors.invalid(
                    &path.child("maxSurge"),
                    value,
                    "may not be set when maxUnavailable is non-zero",
                );
            } else if unavailable == 0 && surge == 0 {
                errors.required(&path.child("maxUnavailable"), "cannot be 0 when maxSurge is 0");
            }
        }
        other => errors.not_supported(&path, other, &["RollingUpdate", "OnDelete"]),
    }
    non_negative(spec, "revisionHistoryLimit", &SPEC, errors);
}

/// Checks a stateful set.
pub(crate) fn stateful_set(object: &Document, profile: &Profile, errors: &mut FieldErrors) {
    let spec = spec(object);
    let management = spec.text(&["podManagementPolicy"]);
    if !matches!(management, "OrderedReady" | "Parallel") {
        let detail = "must be 'OrderedReady' or 'Parallel'";
        errors.invalid(&SPEC.child("podManagementPolicy"), management, detail);
    }
    let strategy = spec.text(&["updateStrategy", "type"]);
    if !matches!(strategy, "RollingUpdate" | "OnDelete") {
        let detail = "must be 'RollingUpdate' or 'OnDelete'";
        errors.invalid(&SPEC.child("updateStrategy"), strategy, detail);
    }
    for name in ["replicas", "minReadySeconds", "revisionHistoryLimit"] {
        non_negative(spec, name, &SPEC, errors);
    }
    selector(spec, "statefulset", errors);
    template(spec, "StatefulSet", profile, errors);
}

fn selector(spec: &Document, kind: &str, errors: &mut FieldErrors) {
    let path = SPEC.child("selector");
    match spec.get("selector").filter(|selector| selector.is_object()) {
        None => {
            errors.required(&path, "");
            // What selects nothing does not select the template's pods either.
            let labels = spec.path(&["template", "metadata", "labels"]).cloned().unwrap_or_default();
            if labels.is_object() {
                let template = SPEC.child("template");
                let metadata = template.child("metadata");
                let detail = "`selector` does not match template `labels`";
                errors.invalid(&metadata.child("labels"), labels, detail);
            }
        }
        Some(selector) => {
            label_selector(Some(selector), &path, errors);
            if is_empty(selector) {
                errors.invalid(&path, selector.clone(), format!("empty selector is invalid for {kind}"));
            }
        }
    }
}

fn template(spec: &Document, kind: &str, profile: &Profile, errors: &mut FieldErrors) {
    let path = SPEC.child("template");
    let template = spec.get("template").unwrap_or(&Document::Null);
    let labels = template.path(&["metadata", "labels"]);
    let meta = path.child("metadata");
    if let Some(selector) = LabelSelector::of_object(spec.get("selector"))
        && !selector.is_all()
        && !selector.matches_labels(labels)
    {
        let detail = "`selector` does not match template `labels`";
        errors.invalid(&meta.child("labels"), labels.cloned().unwrap_or_default(), detail);
    }
    metadata::labels(labels, &meta.child("labels"), errors);
    let path = path.child("spec");
    let pod = template.get("spec").unwrap_or(&Document::Null);
    pod::pod_spec(pod, &path, false, profile, errors);
    let restart = pod.text(&["restartPolicy"]);
    if restart != "Always" {
        errors.not_supported(&path.child("restartPolicy"), restart, &["Always"]);
    }
    if is_set(pod, "activeDeadlineSeconds") {
        let detail = format!("activeDeadlineSeconds in {kind} is not Supported");
        errors.forbidden(&path.child("activeDeadlineSeconds"), detail);
    }
}

fn strategy(spec: &Document, errors: &mut FieldErrors) {
    let path = SPEC.child("strategy");
    let strategy = spec.get("strategy").unwrap_or(&Document::Null);
    match strategy.text(&["type"]) {
        "Recreate" => {
            if is_set(strategy, "rollingUpdate") {
                let detail = "may not be specified when strategy `type` is 'Recreate'";
                errors.forbidden(&path.child("rollingUpdate"), detail);
            }
        }
        "RollingUpdate" => {
            let path = path.child("rollingUpdate");
            let rolling = strategy.get("rollingUpdate").unwrap_or(&Document::Null);
            positive_or_percent(rolling.get("maxUnavailable"), &path.child("maxUnavailable"), true, errors);
            positive_or_percent(rolling.get("maxSurge"), &path.child("maxSurge"), false, errors);
            if amount(rolling.get("maxUnavailable")) == 0 && amount(rolling.get("maxSurge")) == 0 {
                let value = rolling.get("maxUnavailable").cloned().unwrap_or_default();
                errors.invalid(&path.child("maxUnavailable"), value, "may not be 0 when `maxSurge` is 0");
            }
        }
        _ => errors.not_supported(&path, strategy.clone(), &["Recreate", "RollingUpdate"]),
    }
}

/// The number of an integer or a percentage.
fn amount(value: Option<&Document>) -> i64 {
    match value {
        Some(Document::String(text)) => text.trim_end_matches('%').parse().unwrap_or(0),
        other => other.and_then(Document::as_i64).unwrap_or(0),
    }
}

/// A count or a percentage that is not negative, and perhaps not more than all.
fn positive_or_percent(
    value: Option<&Document>,
    path: &FieldPath<'_>,
    at_most_all: bool,
    errors: &mut FieldErrors,
) {
    match value {
        Some(Document::String(text)) => {
            let percent = text.strip_suffix('%').filter(|number| number.bytes().all(|b| b.is_ascii_digit()));
            match percent.and_then(|number| number.parse::<u64>().ok()) {
                None => {
                    let detail = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
                    errors.invalid(path, &**text, detail);
                }
                Some(percent) if at_most_all && percent > 100 => {
                    errors.invalid(path, &**text, "must not be greater than 100%")
                }
                Some(_) => {}
            }
        }
        Some(number) => {
            if let Some(number) = number.as_i64().filter(|number| *number < 0) {
                errors.invalid(path, number, "must be greater than or equal to 0");
            }
        }
        None => {}
    }
}

/// Checks what an update of a deployment may not do.
pub(crate) fn deployment_update(
    new: &Document,
    old: &Document,
    _profile: &Profile,
    errors: &mut FieldErrors,
) {
    immutable(new, old, &SPEC.child("selector"), &["spec", "selector"], errors);
}

/// Checks what an update of a replica set may not do.
pub(crate) fn replica_set_update(
    new: &Document,
    old: &Document,
    profile: &Profile,
    errors: &mut FieldErrors,
) {
    deployment_update(new, old, profile, errors);
}

/// Checks what an update of a daemon set may not do.
pub(crate) fn daemon_set_update(new: &Document, old: &Document, profile: &Profile, errors: &mut FieldErrors) {
    deployment_update(new, old, profile, errors);
}

/// Checks what an update of a stateful set may not do.
pub(crate) fn stateful_set_update(
    new: &Document,
    old: &Document,
    profile: &Profile,
    errors: &mut FieldErrors,
) {
    const FREE: [&str; 7] = [
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ];
    let fixed = |object: &Document| {
        let mut spec = spec(object).clone();
        for name in FREE {
            spec.remove(name);
        }
        spec
    };
    if fixed(new) != fixed(old) {
        // The list of what may change grew with the releases.
        let extra = if profile.minor >= 33 { ", 'revisionHistoryLimit'" } else { "" };
        let detail = format!(
            "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy'{extra}, 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
        );
        errors.forbidden(&SPEC, detail);
    }
}
