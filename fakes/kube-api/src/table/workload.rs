//! Workloads: deployments, sets, jobs, and what scales them.

use winlab_document::Document;

use super::age::{human, instant, since};
use super::cell::bare;
use super::{Printer, Row};

const TEMPLATE: &[&str] = &["spec", "template", "spec", "containers"];

pub(super) const PRINTERS: &[Printer] = &[
    Printer {
        group: "apps",
        kind: "Deployment",
        columns: "Name|Ready|Up-to-date|Available|Age|+Containers|+Images|+Selector",
        cells: deployment,
    },
    Printer {
        group: "apps",
        kind: "ReplicaSet",
        columns: "Name|Desired:integer|Current:integer|Ready:integer|Age|+Containers|+Images|+Selector",
        cells: |row| replicas(row, row.selector(&["spec", "selector"])),
    },
    Printer {
        group: "",
        kind: "ReplicationController",
        columns: "Name|Desired:integer|Current:integer|Ready:integer|Age|+Containers|+Images|+Selector",
        cells: |row| replicas(row, row.labels(&["spec", "selector"])),
    },
    Printer {
        group: "apps",
        kind: "DaemonSet",
        columns: "Name|Desired:integer|Current:integer|Ready:integer|Up-to-date:integer|Available:integer|Node Selector|Age|+Containers|+Images|+Selector",
        cells: daemon_set,
    },
    Printer {
        group: "apps",
        kind: "StatefulSet",
        columns: "Name|Ready|Age|+Containers|+Images",
        cells: |row| {
            let [names, images] = row.containers(TEMPLATE);
            let ready = row.number(&["status", "readyReplicas"]);
            let desired = row.number(&["spec", "replicas"]);
            vec![row.name(), format!("{ready}/{desired}").into(), row.age(), names, images]
        },
    },
    Printer {
        group: "apps",
        kind: "ControllerRevision",
        columns: "Name|Controller|Revision|Age",
        cells: |row| {
            let owners = row.items(&["metadata", "ownerReferences"]);
            let owner = owners
                .iter()
                .find(|owner| owner.get("controller").and_then(Document::as_bool) == Some(true))
                .map_or_else(
                    || "<none>".to_owned(),
                    |owner| {
                        let group = owner.text(&["apiVersion"]).split('/').next().unwrap_or_default();
                        format!("{}.{group}/{}", owner.text(&["kind"]).to_lowercase(), owner.text(&["name"]))
                    },
                );
            vec![row.name(), owner.into(), row.number(&["revision"]).into(), row.age()]
        },
    },
    Printer {
        group: "batch",
        kind: "Job",
        columns: "Name|Status|Completions|Duration|Age|+Containers|+Images|+Selector",
        cells: job,
    },
    Printer {
        group: "batch",
        kind: "CronJob",
        columns: "Name|Schedule|Timezone|Suspend:boolean|Active:integer|Last Schedule|Age|+Containers|+Images|+Selector",
        cells: cron_job,
    },
    Printer {
        group: "policy",
        kind: "PodDisruptionBudget",
        columns: "Name|Min Available|Max Unavailable|Allowed Disruptions:integer|Age",
        cells: |row| {
            let bound =
                |name: &str| row.object.path(&["spec", name]).map_or_else(|| "N/A".to_owned(), bare).into();
            let allowed = row.number(&["status", "disruptionsAllowed"]).into();
            vec![row.name(), bound("minAvailable"), bound("maxUnavailable"), allowed, row.age()]
        },
    },
    Printer {
        group: "autoscaling",
        kind: "HorizontalPodAutoscaler",
        columns: "Name|Reference|Targets|MinPods|MaxPods|Replicas|Age",
        cells: autoscaler,
    },
];

fn deployment(row: &Row<'_>) -> Vec<Document> {
    let [names, images] = row.containers(TEMPLATE);
    let (ready, desired) = (row.number(&["status", "readyReplicas"]), row.number(&["spec", "replicas"]));
    vec![
        row.name(),
        format!("{ready}/{desired}").into(),
        row.number(&["status", "updatedReplicas"]).into(),
        row.number(&["status", "availableReplicas"]).into(),
        row.age(),
        names,
        images,
        row.selector(&["spec", "selector"]),
    ]
}

fn replicas(row: &Row<'_>, selector: Document) -> Vec<Document> {
    let [names, images] = row.containers(TEMPLATE);
    let number = |path: &[&str]| Document::from(row.number(path));
    let counts = [["spec", "replicas"], ["status", "replicas"], ["status", "readyReplicas"]];
    let [desired, current, ready] = counts.map(|path| number(&path));
    vec![row.name(), desired, current, ready, row.age(), names, images, selector]
}

fn daemon_set(row: &Row<'_>) -> Vec<Document> {
    let [names, images] = row.containers(TEMPLATE);
    let counts = [
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    ];
    let mut cells = vec![row.name()];
    cells.extend(counts.map(|name| Document::from(row.number(&["status", name]))));
    cells.push(row.labels(&["spec", "template", "spec", "nodeSelector"]));
    cells.extend([row.age(), names, images, row.selector(&["spec", "selector"])]);
    cells
}

fn job(row: &Row<'_>) -> Vec<Document> {
    let succeeded = row.number(&["status", "succeeded"]);
    let parallelism = row.number(&["spec", "parallelism"]);
    let completions = match row.object.path(&["spec", "completions"]).and_then(Document::as_i64) {
        Some(wanted) => format!("{succeeded}/{wanted}"),
        None if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        None => format!("{succeeded}/1"),
    };
    let at = |name: &str| row.object.path(&["status", name]).and_then(instant);
    let span = at("startTime").map(|start| {
        let end = at("completionTime").unwrap_or(row.now);
        human(end.as_second() - start.as_second())
    });
    let conditions = ["Complete", "Failed"].into_iter().find(|kind| row.has_condition(kind));
    let later = ["Suspended", "FailureTarget", "SuccessCriteriaMet"];
    let status = match conditions {
        Some(kind) => kind,
        None if row.is_leaving() => "Terminating",
        None => later.into_iter().find(|kind| row.has_condition(kind)).unwrap_or("Running"),
    };
    let [names, images] = row.containers(TEMPLATE);
    vec![
        row.name(),
        status.into(),
        completions.into(),
        span.unwrap_or_default().into(),
        row.age(),
        names,
        images,
        row.selector(&["spec", "selector"]),
    ]
}

fn cron_job(row: &Row<'_>) -> Vec<Document> {
    let last = row.object.path(&["status", "lastScheduleTime"]);
    let last = last.map_or_else(|| "<none>".to_owned(), |at| since(Some(at), row.now));
    let [names, images] = row.containers(&["spec", "jobTemplate", "spec", "template", "spec", "containers"]);
    vec![
        row.name(),
        row.text(&["spec", "schedule"]).into(),
        row.text_or(&["spec", "timeZone"], "<none>"),
        if row.flag(&["spec", "suspend"], false) { "True" } else { "False" }.into(),
        row.items(&["status", "active"]).len().into(),
        last.into(),
        row.age(),
        names,
        images,
        row.selector(&["spec", "jobTemplate", "spec", "selector"]),
    ]
}

fn autoscaler(row: &Row<'_>) -> Vec<Document> {
    let target = &["spec", "scaleTargetRef"];
    let of = |member| row.text(&[target[0], target[1], member]);
    let least = row.object.path(&["spec", "minReplicas"]).map_or_else(|| "<unset>".to_owned(), bare);
    // Nothing measures in a lab, so that no current value is there to be shown.
    let targets = row.items(&["spec", "metrics"]).len();
    let targets = if targets == 0 { "<none>" } else { "<unknown>" };
    vec![
        row.name(),
        format!("{}/{}", of("kind"), of("name")).into(),
        targets.into(),
        least.into(),
        row.number(&["spec", "maxReplicas"]).into(),
        row.number(&["status", "currentReplicas"]).into(),
        row.age(),
    ]
}
