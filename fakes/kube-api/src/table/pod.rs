//! Pods (`printPod`).

use jiff::Timestamp;
use winlab_document::{Document, doc};

use super::age::{human, instant};
use super::cell::{condition, or};
use super::{Printer, Row};

pub(super) const PRINTERS: &[Printer] = &[
    Printer {
        group: "",
        kind: "Pod",
        columns: "Name|Ready|Status|Restarts|Age|+IP|+Node|+Nominated Node|+Readiness Gates",
        cells: pod,
    },
    Printer {
        group: "",
        kind: "PodTemplate",
        columns: "Name|Containers|Images|Pod Labels",
        cells: |row| {
            let [names, images] = row.containers(&["template", "spec", "containers"]);
            vec![row.name(), names, images, row.labels(&["template", "metadata", "labels"])]
        },
    },
];

/// What a row says of a pod that has ended.
pub(super) fn conditions(pod: &Document) -> Option<Document> {
    let message = match pod.text(&["status", "phase"]) {
        "Succeeded" => "The pod has completed successfully.",
        "Failed" => "The pod failed.",
        _ => return None,
    };
    let reason = pod.text(&["status", "phase"]);
    Some(doc!([{"type": "Completed", "status": "True", "reason": reason, "message": message}]))
}

fn pod(row: &Row<'_>) -> Vec<Document> {
    let status = Status::of(row);
    let restarts = match status.last_restart {
        Some(at) if status.restarts != 0 => {
            format!("{} ({} ago)", status.restarts, human(row.now.as_second() - at.as_second()))
        }
        _ => status.restarts.to_string(),
    };
    let ip = row.items(&["status", "podIPs"]).first().map(|ip| ip.text(&["ip"])).unwrap_or_default();
    vec![
        row.name(),
        format!("{}/{}", status.ready, status.total).into(),
        status.reason.into(),
        restarts.into(),
        row.age(),
        or(ip, "<none>").into(),
        row.text_or(&["spec", "nodeName"], "<none>"),
        row.text_or(&["status", "nominatedNodeName"], "<none>"),
        readiness_gates(row).into(),
    ]
}

fn readiness_gates(row: &Row<'_>) -> String {
    let gates = row.items(&["spec", "readinessGates"]);
    let met = gates.iter().filter(|gate| row.has_condition(gate.text(&["conditionType"]))).count();
    if gates.is_empty() { "<none>".to_owned() } else { format!("{met}/{}", gates.len()) }
}

/// What a pod's containers come to.
struct Status {
    reason: String,
    ready: usize,
    total: usize,
    restarts: i64,
    last_restart: Option<Timestamp>,
}

impl Status {
    fn of(row: &Row<'_>) -> Self {
        let phase = row.text(&["status", "phase"]);
        let mut status = Self {
            reason: or(row.text(&["status", "reason"]), phase),
            ready: 0,
            total: row.items(&["spec", "containers"]).len(),
            restarts: 0,
            last_restart: None,
        };
        let gated = condition(row.items(&["status", "conditions"]), "PodScheduled")
            .is_some_and(|one| one.text(&["reason"]) == "SchedulingGated");
        if gated {
            status.reason = "SchedulingGated".to_owned();
        }
        let initializing = status.init_containers(row);
        if !initializing || row.has_condition("Initialized") {
            status.containers(row);
        }
        if row.is_leaving() && row.text(&["status", "reason"]) == "NodeLost" {
            status.reason = "Unknown".to_owned();
        } else if row.is_leaving() && !matches!(phase, "Succeeded" | "Failed") {
            status.reason = "Terminating".to_owned();
        }
        status
    }

    /// Goes through the init containers; whether one of them is not done.
    fn init_containers(&mut self, row: &Row<'_>) -> bool {
        let specs = row.items(&["spec", "initContainers"]);
        let restartable = |name: &str| {
            specs.iter().any(|spec| spec.text(&["name"]) == name && spec.text(&["restartPolicy"]) == "Always")
        };
        self.total += specs.iter().filter(|spec| spec.text(&["restartPolicy"]) == "Always").count();
        for (at, container) in row.items(&["status", "initContainerStatuses"]).iter().enumerate() {
            let sidecar = restartable(container.text(&["name"]));
            self.count_restarts(container);
            let state = container.get("state");
            let terminated = state.and_then(|state| state.get("terminated"));
            let waiting = container.text(&["state", "waiting", "reason"]);
            match terminated {
                Some(end) if end.get("exitCode").and_then(Document::as_i64) == Some(0) => continue,
                _ if sidecar && container.get("started").and_then(Document::as_bool) == Some(true) => {
                    self.ready += usize::from(is_ready(container));
                    continue;
                }
                Some(end) => self.reason = format!("Init:{}", end_reason(end)),
                None if !waiting.is_empty() && waiting != "PodInitializing" => {
                    self.reason = format!("Init:{waiting}");
                }
                None => self.reason = format!("Init:{at}/{}", specs.len()),
            }
            return true;
        }
        // Restarts of init containers that are through no longer count; those of sidecars do.
        (self.restarts, self.last_restart) = (0, None);
        let statuses = row.items(&["status", "initContainerStatuses"]);
        for container in statuses.iter().filter(|container| restartable(container.text(&["name"]))) {
            self.count_restarts(container);
        }
        false
    }

    fn containers(&mut self, row: &Row<'_>) {
        let mut running = false;
        for container in row.items(&["status", "containerStatuses"]).iter().rev() {
            self.count_restarts(container);
            let waiting = container.text(&["state", "waiting", "reason"]);
            let terminated = container.path(&["state", "terminated"]);
            if !waiting.is_empty() {
                self.reason = waiting.to_owned();
            } else if let Some(end) = terminated {
                self.reason = end_reason(end);
            } else if is_ready(container) && container.path(&["state", "running"]).is_some() {
                running = true;
                self.ready += 1;
            }
        }
        if self.reason == "Completed" && running {
            self.reason = if row.has_condition("Ready") { "Running" } else { "NotReady" }.to_owned();
        }
    }

    fn count_restarts(&mut self, container: &Document) {
        self.restarts += container.get("restartCount").and_then(Document::as_i64).unwrap_or(0);
        let finished = container.path(&["lastState", "terminated", "finishedAt"]).and_then(instant);
        self.last_restart = self.last_restart.max(finished);
    }
}

fn is_ready(container: &Document) -> bool {
    container.get("ready").and_then(Document::as_bool) == Some(true)
}

fn end_reason(end: &Document) -> String {
    let number = |member: &str| end.get(member).and_then(Document::as_i64).unwrap_or(0);
    match (end.text(&["reason"]), number("signal")) {
        ("", 0) => format!("ExitCode:{}", number("exitCode")),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    }
}
