//! State as the real tools show it: `hnsdiag list`, `kubectl get pods`, warnings of events.

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use winlab_document::Document;
use winlab_events::View;
use winlab_scenario::{Check, NodeOs};

use crate::failure::Concerns;
use crate::kinds::event_kind;
use crate::pods::{controller, pod_kind};
use crate::world::World;

/// Rows of a table, and lines of a document that is shown whole.
const ROWS: usize = 20;
const LINES: usize = 40;

impl World<'_> {
    pub(super) async fn views(&self, concerns: &Concerns) -> Vec<View> {
        let mut views = Vec::new();
        for namespace in &concerns.namespaces {
            views.extend(self.pods_view(namespace).await);
            views.extend(self.warnings_view(namespace).await);
        }
        for node in concerns.nodes.iter().filter(|node| self.is_windows(node)) {
            views.extend(
                self.hns_view(node, "endpoints", &["Name", "ID", "IpAddress", "HostComputeNamespace"]).await,
            );
            views.extend(self.load_balancers_view(node).await);
        }
        views.extend(self.logs(concerns));
        views
    }

    /// What `on_fail` asks for.
    pub(super) async fn asked_for(&self, checks: &[Check]) -> Vec<View> {
        let mut views = Vec::new();
        for check in checks {
            let looked = self.documents(check, winlab_clock::VirtualInstant::START).await;
            let text = match looked.documents {
                Err(why) => why,
                Ok(documents) => {
                    let selected = documents.iter().filter(|document| {
                        check.filter.as_ref().is_none_or(|filter| filter.is_true_of(document) == Ok(true))
                    });
                    let text: Vec<String> = selected.map(Document::to_pretty).collect();
                    text.join("\n").lines().take(LINES).collect::<Vec<_>>().join("\n")
                }
            };
            views.push(View { title: crate::check::target_text(check, self.sources()), text });
        }
        views
    }

    fn is_windows(&self, name: &str) -> bool {
        let nodes = &self.job.case.lab.nodes;
        nodes.iter().any(|node| node.name.value == name && matches!(node.os.value, NodeOs::Windows(_)))
    }

    /// `kubectl get pods -o wide`
    async fn pods_view(&self, namespace: &str) -> Option<View> {
        let mut pods = self.stored_all(pod_kind()).await.ok()?;
        pods.retain(|pod| pod.text(&["metadata", "namespace"]) == namespace);
        let rows = pods.iter().map(|pod| {
            vec![
                pod.text(&["metadata", "name"]).to_owned(),
                ready(pod),
                status(pod),
                or_none(pod.text(&["status", "podIP"])),
                or_none(pod.text(&["spec", "nodeName"])),
                controller(pod).map_or_else(|| "<none>".to_owned(), |(kind, name)| format!("{kind}/{name}")),
            ]
        });
        let title = format!("kubectl get pods -n {namespace} -o wide");
        table(title, &["NAME", "READY", "STATUS", "IP", "NODE", "CONTROLLED BY"], rows.collect())
    }

    /// The warnings among a namespace's events, the last ones.
    async fn warnings_view(&self, namespace: &str) -> Option<View> {
        let mut events = self.stored_all(event_kind()).await.ok()?;
        events.retain(|event| {
            event.text(&["metadata", "namespace"]) == namespace && event.text(&["type"]) == "Warning"
        });
        events.sort_by(|a, b| a.text(&["lastTimestamp"]).cmp(b.text(&["lastTimestamp"])));
        let last = &events[events.len().saturating_sub(6)..];
        let rows = last.iter().map(|event| {
            let about = |member: &str| event.text(&["involvedObject", member]);
            vec![
                event.text(&["reason"]).to_owned(),
                format!("{}/{}", about("kind").to_lowercase(), about("name")),
                event.text(&["message"]).to_owned(),
            ]
        });
        table(format!("warnings in {namespace}"), &["REASON", "OBJECT", "MESSAGE"], rows.collect())
    }

    /// `hnsdiag list KIND`
    async fn hns_view(&self, node: &str, kind: &str, members: &[&str]) -> Option<View> {
        let documents = self.lab.hns(node, kind).await.ok()?;
        let rows =
            documents.iter().map(|document| members.iter().map(|member| cell(document, member)).collect());
        Some(full(format!("hnsdiag list {kind} on {node}"), members, rows.collect()))
    }

    async fn load_balancers_view(&self, node: &str) -> Option<View> {
        let documents = self.lab.hns(node, "loadbalancers").await.ok()?;
        let rows = documents.iter().map(|document| {
            let port = |mapping: &Document| {
                format!("{}->{}", cell(mapping, "ExternalPort"), cell(mapping, "InternalPort"))
            };
            let mappings = document.get("PortMappings").map(Document::items).unwrap_or_default();
            vec![
                cell(document, "ID"),
                cell(document, "FrontendVIPs"),
                mappings.iter().map(port).collect::<Vec<_>>().join(" "),
                cell(document, "SourceVIP"),
                cell(document, "HostComputeEndpoints"),
            ]
        });
        let head = ["ID", "VIPS", "PORTS", "SOURCE VIP", "ENDPOINTS"];
        Some(full(format!("hnsdiag list loadbalancers on {node}"), &head, rows.collect()))
    }
}

/// `1/2`
fn ready(pod: &Document) -> String {
    let statuses = pod.path(&["status", "containerStatuses"]).map(Document::items).unwrap_or_default();
    let ready =
        statuses.iter().filter(|one| one.get("ready").and_then(Document::as_bool) == Some(true)).count();
    let all = pod.path(&["spec", "containers"]).map(Document::items).unwrap_or_default().len();
    format!("{ready}/{all}")
}

/// The reason a container waits or has ended, or else the phase.
fn status(pod: &Document) -> String {
    if crate::pods::is_leaving(pod) {
        return "Terminating".to_owned();
    }
    let statuses = pod.path(&["status", "containerStatuses"]).map(Document::items).unwrap_or_default();
    let reasons = statuses.iter().flat_map(|status| {
        [status.text(&["state", "waiting", "reason"]), status.text(&["state", "terminated", "reason"])]
    });
    let phase = pod.text(&["status", "phase"]);
    reasons.into_iter().find(|reason| !reason.is_empty()).unwrap_or(phase).to_owned()
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "<none>".to_owned() } else { text.to_owned() }
}

/// A member for a table: text bare, lists with blanks between, the address of an endpoint's first IP configuration.
fn cell(document: &Document, member: &str) -> String {
    let addresses = || document.path(&["IpConfigurations"]).map(Document::items).unwrap_or_default();
    let value = match member {
        "IpAddress" => addresses().first().and_then(|first| first.get("IpAddress")),
        _ => document.get(member),
    };
    match value {
        None => String::new(),
        Some(Document::Array(items)) => items.iter().map(bare).collect::<Vec<_>>().join(" "),
        Some(value) => bare(value),
    }
}

fn bare(value: &Document) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A table; none without rows.
fn table(title: String, head: &[&str], rows: Vec<Vec<String>>) -> Option<View> {
    (!rows.is_empty()).then(|| full(title, head, rows))
}

/// A table without lines; that there are no rows is worth seeing.
fn full(title: String, head: &[&str], rows: Vec<Vec<String>>) -> View {
    if rows.is_empty() {
        return View { title, text: "none".to_owned() };
    }
    let more = rows.len().saturating_sub(ROWS);
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(head.to_vec());
    table.add_rows(rows.into_iter().take(ROWS));
    let mut text: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    if more > 0 {
        text.push(format!("… and {more} more"));
    }
    View { title, text: text.join("\n") }
}
