//! Jobs and cron jobs (`pkg/apis/batch/validation/validation.go`).

use winlab_document::Document;

use super::{FieldErrors, FieldPath, immutable, is_set, metadata, non_negative, pod};
use crate::config::Profile;
use crate::meta;

static SPEC: FieldPath<'static> = FieldPath::new("spec");
/// Names of a job's pods get eleven letters more and must stay labels.
const LONGEST_CRON_JOB: usize = 52;

/// Checks a job.
pub(crate) fn job(object: &Document, profile: &Profile, errors: &mut FieldErrors) {
    let spec = object.get("spec").unwrap_or(&Document::Null);
    if !is_set(spec, "selector") {
        errors.required(&SPEC.child("selector"), "");
    } else if let Some(selector) = crate::select::LabelSelector::of_object(spec.get("selector"))
        && !selector.matches_labels(spec.path(&["template", "metadata", "labels"]))
    {
        let labels = spec.path(&["template", "metadata", "labels"]).cloned().unwrap_or_default();
        let template = SPEC.child("template");
        let path = template.child("metadata");
        errors.invalid(&path.child("labels"), labels, "`selector` does not match template `labels`");
    }
    job_spec(spec, &SPEC, profile, errors);
}

fn job_spec(spec: &Document, path: &FieldPath<'_>, profile: &Profile, errors: &mut FieldErrors) {
    for name in
        ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"]
    {
        non_negative(spec, name, path, errors);
    }
    match spec.text(&["completionMode"]) {
        "" | "NonIndexed" => {
            for name in
                ["backoffLimitPerIndex", "maxFailedIndexes"].into_iter().filter(|name| is_set(spec, name))
            {
                let value = spec.get(name).cloned().unwrap_or_default();
                errors.invalid(&path.child(name), value, "requires indexed completion mode");
            }
        }
        "Indexed" => {
            if !is_set(spec, "completions") {
                errors.required(&path.child("completions"), "when completion mode is Indexed");
            }
        }
        other => errors.not_supported(&path.child("completionMode"), other, &["NonIndexed", "Indexed"]),
    }
    let template = spec.get("template").unwrap_or(&Document::Null);
    let path = path.child("template");
    let meta = path.child("metadata");
    metadata::labels(template.path(&["metadata", "labels"]), &meta.child("labels"), errors);
    let path = path.child("spec");
    pod::pod_spec(template.get("spec").unwrap_or(&Document::Null), &path, false, profile, errors);
    match template.text(&["spec", "restartPolicy"]) {
        "" | "Always" => {
            errors.required(&path.child("restartPolicy"), "valid values: \"OnFailure\", \"Never\"")
        }
        "OnFailure" | "Never" => {}
        other => errors.not_supported(&path.child("restartPolicy"), other, &["OnFailure", "Never"]),
    }
}

/// Checks what an update of a job may not do.
pub(crate) fn job_update(new: &Document, old: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    let suspended = old.path(&["spec", "suspend"]).and_then(Document::as_bool) == Some(true);
    let indexed = new.text(&["spec", "completionMode"]) == "Indexed";
    for name in ["selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex"] {
        immutable(new, old, &SPEC.child(name), &["spec", name], errors);
    }
    // Indexed jobs may be resized, and the template of a suspended job may be told where to run.
    if !indexed {
        immutable(new, old, &SPEC.child("completions"), &["spec", "completions"], errors);
    }
    if !suspended {
        immutable(new, old, &SPEC.child("template"), &["spec", "template"], errors);
    }
}

/// Checks a cron job.
pub(crate) fn cron_job(object: &Document, profile: &Profile, errors: &mut FieldErrors) {
    let name = meta::text(object, "name");
    if name.len() > LONGEST_CRON_JOB {
        let metadata = FieldPath::new("metadata");
        errors.invalid(
            &metadata.child("name"),
            name,
            format!("must be no more than {LONGEST_CRON_JOB} characters"),
        );
    }
    let spec = object.get("spec").unwrap_or(&Document::Null);
    match spec.text(&["schedule"]) {
        "" => errors.required(&SPEC.child("schedule"), ""),
        schedule if !schedule.starts_with('@') && schedule.split_whitespace().count() != 5 => {
            let found = schedule.split_whitespace().count();
            let detail = format!(
                "expected exactly 5 fields, found {found}: {:?}",
                schedule.split_whitespace().collect::<Vec<_>>()
            );
            errors.invalid(&SPEC.child("schedule"), schedule, detail);
        }
        _ => {}
    }
    let concurrency = spec.text(&["concurrencyPolicy"]);
    let known = ["Allow", "Forbid", "Replace"];
    if !known.contains(&concurrency) {
        errors.not_supported(&SPEC.child("concurrencyPolicy"), concurrency, &known);
    }
    for name in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit", "startingDeadlineSeconds"] {
        non_negative(spec, name, &SPEC, errors);
    }
    let template = SPEC.child("jobTemplate");
    let inner = spec.path(&["jobTemplate", "spec"]).unwrap_or(&Document::Null);
    job_spec(inner, &template.child("spec"), profile, errors);
}
