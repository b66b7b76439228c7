//! Tolerations, affinity and spread.

use winlab_document::Document;

use super::name::{label_key_problem, label_value_problem};
use super::selector::label_selector;
use super::{FieldErrors, FieldPath, is_set, items};

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// Checks the tolerations of a pod.
pub(super) fn tolerations(spec: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let list = path.child("tolerations");
    for (at, toleration) in items(spec, "tolerations").iter().enumerate() {
        let path = list.index(at);
        let (key, operator) = (toleration.text(&["key"]), toleration.text(&["operator"]));
        let (value, effect) = (toleration.text(&["value"]), toleration.text(&["effect"]));
        if !key.is_empty()
            && let Some(problem) = label_key_problem(key)
        {
            errors.invalid(&path.child("key"), key, problem);
        }
        if key.is_empty() && operator != "Exists" {
            let detail =
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            errors.invalid(&path.child("operator"), operator, detail);
        }
        if is_set(toleration, "tolerationSeconds") && effect != "NoExecute" {
            let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            errors.invalid(&path.child("effect"), effect, detail);
        }
        match operator {
            "" | "Equal" => {
                if let Some(problem) = label_value_problem(value) {
                    errors.invalid(&path.child("operator"), value, problem);
                }
            }
            "Exists" if !value.is_empty() => {
                errors.invalid(
                    &path.child("operator"),
                    value,
                    "value must be empty when `operator` is 'Exists'",
                );
            }
            "Exists" => {}
            other => errors.not_supported(&path.child("operator"), other, &["Equal", "Exists"]),
        }
        if !effect.is_empty() && !EFFECTS.contains(&effect) {
            errors.not_supported(&path.child("effect"), effect, &EFFECTS);
        }
    }
}

/// Checks the taints of a node. The real server reports them under `metadata`.
pub(super) fn taints(node: &Document, errors: &mut FieldErrors) {
    let metadata = FieldPath::new("metadata");
    let list = metadata.child("taints");
    let taints = node.path(&["spec", "taints"]).map(Document::items).unwrap_or_default();
    for (at, taint) in taints.iter().enumerate() {
        let path = list.index(at);
        let (key, value, effect) = (taint.text(&["key"]), taint.text(&["value"]), taint.text(&["effect"]));
        if let Some(problem) = label_key_problem(key) {
            errors.invalid(&path.child("key"), key, problem);
        }
        if let Some(problem) = label_value_problem(value) {
            errors.invalid(&path.child("value"), value, problem);
        }
        match effect {
            "" => errors.required(&path.child("effect"), ""),
            effect if !EFFECTS.contains(&effect) => {
                errors.not_supported(&path.child("effect"), effect, &EFFECTS)
            }
            _ => {}
        }
        let twin =
            taints[..at].iter().any(|other| other.text(&["key"]) == key && other.text(&["effect"]) == effect);
        if twin {
            errors.duplicate(&path, taint.clone());
        }
    }
}

/// Checks node and pod affinity.
pub(super) fn affinity(affinity: Option<&Document>, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let Some(affinity) = affinity.filter(|affinity| affinity.is_object()) else { return };
    if let Some(node) = affinity.get("nodeAffinity") {
        let path = path.child("nodeAffinity");
        if let Some(required) = node.get("requiredDuringSchedulingIgnoredDuringExecution") {
            let path = path.child("requiredDuringSchedulingIgnoredDuringExecution");
            let terms = path.child("nodeSelectorTerms");
            if items(required, "nodeSelectorTerms").is_empty() {
                errors.required(&terms, "must have at least one node selector term");
            }
            for (at, term) in items(required, "nodeSelectorTerms").iter().enumerate() {
                node_term(term, &terms.index(at), errors);
            }
        }
        let path = path.child("preferredDuringSchedulingIgnoredDuringExecution");
        for (at, preferred) in
            items(node, "preferredDuringSchedulingIgnoredDuringExecution").iter().enumerate()
        {
            let path = path.index(at);
            weight(preferred, &path, errors);
            node_term(
                preferred.get("preference").unwrap_or(&Document::Null),
                &path.child("preference"),
                errors,
            );
        }
    }
    for name in ["podAffinity", "podAntiAffinity"] {
        let Some(terms) = affinity.get(name) else { continue };
        let path = path.child(name);
        let required = path.child("requiredDuringSchedulingIgnoredDuringExecution");
        for (at, term) in items(terms, "requiredDuringSchedulingIgnoredDuringExecution").iter().enumerate() {
            pod_term(term, &required.index(at), errors);
        }
        let preferred = path.child("preferredDuringSchedulingIgnoredDuringExecution");
        for (at, weighted) in
            items(terms, "preferredDuringSchedulingIgnoredDuringExecution").iter().enumerate()
        {
            let path = preferred.index(at);
            weight(weighted, &path, errors);
            pod_term(
                weighted.get("podAffinityTerm").unwrap_or(&Document::Null),
                &path.child("podAffinityTerm"),
                errors,
            );
        }
    }
}

fn weight(weighted: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let weight = weighted.get("weight").and_then(Document::as_i64).unwrap_or(0);
    if !(1..=100).contains(&weight) {
        errors.invalid(&path.child("weight"), weight, "must be in the range 1-100");
    }
}

fn node_term(term: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let list = path.child("matchExpressions");
    for (at, expression) in items(term, "matchExpressions").iter().enumerate() {
        let path = list.index(at);
        let values = items(expression, "values");
        match expression.text(&["operator"]) {
            "In" | "NotIn" if values.is_empty() => {
                errors
                    .required(&path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                errors.forbidden(&path.child("values"), detail);
            }
            "Gt" | "Lt" if values.len() != 1 => {
                errors.required(
                    &path.child("values"),
                    "must be specified single value when `operator` is 'Lt' or 'Gt'",
                );
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
            other => errors.invalid(&path.child("operator"), other, "not a valid selector operator"),
        }
        let key = expression.text(&["key"]);
        if let Some(problem) = label_key_problem(key) {
            errors.invalid(&path.child("key"), key, problem);
        }
    }
}

fn pod_term(term: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    label_selector(term.get("labelSelector"), &path.child("labelSelector"), errors);
    match term.text(&["topologyKey"]) {
        "" => errors.required(&path.child("topologyKey"), "can not be empty"),
        key => {
            if let Some(problem) = label_key_problem(key) {
                errors.invalid(&path.child("topologyKey"), key, problem);
            }
        }
    }
}

/// Checks topology spread constraints.
pub(super) fn topology_spread(spec: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    const KNOWN: [&str; 2] = ["DoNotSchedule", "ScheduleAnyway"];
    let list = path.child("topologySpreadConstraints");
    for (at, constraint) in items(spec, "topologySpreadConstraints").iter().enumerate() {
        let path = list.index(at);
        let skew = constraint.get("maxSkew").and_then(Document::as_i64).unwrap_or(0);
        if skew <= 0 {
            errors.invalid(&path.child("maxSkew"), skew, "must be greater than zero");
        }
        if constraint.text(&["topologyKey"]).is_empty() {
            errors.required(&path.child("topologyKey"), "can not be empty");
        }
        let action = constraint.text(&["whenUnsatisfiable"]);
        if !KNOWN.contains(&action) {
            errors.not_supported(&path.child("whenUnsatisfiable"), action, &KNOWN);
        }
        label_selector(constraint.get("labelSelector"), &path.child("labelSelector"), errors);
    }
}
