//! Deployments, replica sets, daemon sets, stateful sets, jobs.

use std::sync::LazyLock;

use winlab_document::{Document, doc};

use super::fill::{Defaults, change, each, has};
use super::pod::pod_spec;
use crate::config::Profile;
use crate::meta;

macro_rules! defaults {
    ($($name:ident = $members:tt;)*) => {
        $(static $name: LazyLock<Defaults> = LazyLock::new(|| Defaults::new(&doc!($members)));)*
    };
}

defaults! {
    DEPLOYMENT = {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600};
    ROLLING = {"type": "RollingUpdate"};
    DEPLOYMENT_ROLLING = {"maxUnavailable": "25%", "maxSurge": "25%"};
    REPLICAS = {"replicas": 1};
    HISTORY = {"revisionHistoryLimit": 10};
    DAEMON_SET_UNAVAILABLE = {"maxUnavailable": 1};
    DAEMON_SET_SURGE = {"maxSurge": 0};
    STATEFUL_SET = {"podManagementPolicy": "OrderedReady", "replicas": 1, "revisionHistoryLimit": 10};
    PARTITION = {"partition": 0};
    RETENTION = {"whenDeleted": "Retain", "whenScaled": "Retain"};
    ONCE = {"completions": 1, "parallelism": 1};
    JOB = {"parallelism": 1, "backoffLimit": 6};
    JOB_MODE = {"completionMode": "NonIndexed", "suspend": false};
    MANUAL = {"manualSelector": false};
    CRON_JOB = {
        "concurrencyPolicy": "Allow", "suspend": false, "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1
    };
}

/// Fills in `spec.template`.
fn template(spec: &mut Document) {
    let template = spec.member_mut("template");
    if template.get("metadata").is_none() {
        template.set("metadata", Document::empty_object());
    }
    pod_spec(template.member_mut("spec"));
}

/// A bare pod template.
pub(crate) fn pod_template(object: &mut Document, _profile: &Profile) {
    template(object);
}

pub(crate) fn deployment(deployment: &mut Document, _profile: &Profile) {
    let spec = deployment.member_mut("spec");
    template(spec);
    DEPLOYMENT.fill(spec);
    let strategy = spec.member_mut("strategy");
    ROLLING.fill(strategy);
    if strategy.text(&["type"]) == "RollingUpdate" {
        DEPLOYMENT_ROLLING.fill(strategy.member_mut("rollingUpdate"));
    }
}

pub(crate) fn replica_set(set: &mut Document, _profile: &Profile) {
    let spec = set.member_mut("spec");
    template(spec);
    REPLICAS.fill(spec);
}

pub(crate) fn replication_controller(controller: &mut Document, profile: &Profile) {
    let labels = controller.path(&["spec", "template", "metadata", "labels"]).cloned();
    if let Some(labels) = labels.filter(|labels| !labels.members().is_empty()) {
        for path in [["spec", "selector"], ["metadata", "labels"]] {
            if controller.path(&path).is_none_or(|known| known.members().is_empty()) {
                controller.set_path(&path, labels.clone());
            }
        }
    }
    replica_set(controller, profile);
}

pub(crate) fn daemon_set(set: &mut Document, profile: &Profile) {
    let spec = set.member_mut("spec");
    template(spec);
    HISTORY.fill(spec);
    let strategy = spec.member_mut("updateStrategy");
    ROLLING.fill(strategy);
    if strategy.text(&["type"]) == "RollingUpdate" {
        let rolling = strategy.member_mut("rollingUpdate");
        DAEMON_SET_UNAVAILABLE.fill(rolling);
        if profile.gate("DaemonSetUpdateSurge", 22) {
            DAEMON_SET_SURGE.fill(rolling);
        }
    }
}

/// A daemon set counts its templates in an annotation that once was a field.
pub(crate) fn prepare_daemon_set(set: &mut Document, old: Option<&Document>, _profile: &Profile) {
    const ANNOTATION: [&str; 3] = ["metadata", "annotations", "deprecated.daemonset.template.generation"];
    let number = match old {
        None => 1,
        Some(old) => {
            let before: i64 = old.text(&ANNOTATION).parse().unwrap_or(1);
            let template = ["spec", "template"];
            if old.path(&template) == set.path(&template) { before } else { before + 1 }
        }
    };
    set.set_path(&ANNOTATION, number.to_string());
}

pub(crate) fn stateful_set(set: &mut Document, profile: &Profile) {
    let spec = set.member_mut("spec");
    template(spec);
    STATEFUL_SET.fill(spec);
    let strategy = spec.member_mut("updateStrategy");
    if !has(strategy, "type") {
        ROLLING.fill(strategy);
        if strategy.get("rollingUpdate").is_none() {
            strategy.set("rollingUpdate", Document::empty_object());
        }
    }
    if strategy.text(&["type"]) == "RollingUpdate" {
        change(strategy, "rollingUpdate", |rolling| PARTITION.fill(rolling));
    }
    if profile.gate("StatefulSetAutoDeletePVC", 27) {
        RETENTION.fill(spec.member_mut("persistentVolumeClaimRetentionPolicy"));
    }
    each(spec, "volumeClaimTemplates", |claim| {
        claim.set("kind", "PersistentVolumeClaim");
        claim.set("apiVersion", "v1");
        super::cluster::claim(claim, profile);
        claim.set_path(&["status", "phase"], "Pending");
    });
}

pub(crate) fn job(job: &mut Document, profile: &Profile) {
    let labels = job.path(&["spec", "template", "metadata", "labels"]).cloned();
    job_spec(job.member_mut("spec"), profile);
    MANUAL.fill(job.member_mut("spec"));
    if let Some(labels) = labels
        && job.path(&["metadata", "labels"]).is_none_or(|known| known.members().is_empty())
    {
        job.set_path(&["metadata", "labels"], labels);
    }
}

fn job_spec(spec: &mut Document, profile: &Profile) {
    template(spec);
    if spec.get("completions").is_none() && spec.get("parallelism").is_none() {
        ONCE.fill(spec);
    }
    if spec.get("backoffLimitPerIndex").is_some() && spec.get("backoffLimit").is_none() {
        spec.set("backoffLimit", i32::MAX);
    }
    JOB.fill(spec);
    if profile.gate("IndexedJob", 22) {
        JOB_MODE.fill(spec);
    }
    if profile.gate("JobPodReplacementPolicy", 29) && spec.get("podReplacementPolicy").is_none() {
        let failed_only = spec.get("podFailurePolicy").is_some();
        spec.set("podReplacementPolicy", if failed_only { "Failed" } else { "TerminatingOrFailed" });
    }
}

/// A job's pods are found by a label that holds the job's uid (`pkg/registry/batch/job/strategy.go`); the prefixed
/// label names came with 1.27.
pub(crate) fn prepare_job(job: &mut Document, old: Option<&Document>, profile: &Profile) {
    if old.is_some() || job.path(&["spec", "manualSelector"]).and_then(Document::as_bool) == Some(true) {
        return;
    }
    let (name, uid) = (meta::text(job, "name").to_owned(), meta::text(job, "uid").to_owned());
    let prefixed = profile.minor >= 27;
    let mut labels = vec![("job-name", &name), ("controller-uid", &uid)];
    if prefixed {
        labels
            .extend([("batch.kubernetes.io/job-name", &name), ("batch.kubernetes.io/controller-uid", &uid)]);
    }
    for (label, value) in labels {
        let path = ["spec", "template", "metadata", "labels", label];
        if job.path(&path).is_none() {
            job.set_path(&path, value);
        }
    }
    if job.path(&["metadata", "labels"]).is_none() {
        // The default takes the template's labels (`SetDefaults_Job`), and shares the very map that has just been filled.
        if let Some(labels) = job.path(&["spec", "template", "metadata", "labels"]).cloned() {
            job.set_path(&["metadata", "labels"], labels);
        }
    }
    let key = if prefixed { "batch.kubernetes.io/controller-uid" } else { "controller-uid" };
    let path = ["spec", "selector", "matchLabels", key];
    if job.path(&path).is_none() {
        job.set_path(&path, uid);
    }
}

pub(crate) fn cron_job(job: &mut Document, _profile: &Profile) {
    let spec = job.member_mut("spec");
    CRON_JOB.fill(spec);
    let template = spec.member_mut("jobTemplate");
    if template.get("metadata").is_none() {
        template.set("metadata", Document::empty_object());
    }
    // Defaults of a job's spec that only a job itself gets are left to the job.
    let inner = template.member_mut("spec");
    self::template(inner);
}
