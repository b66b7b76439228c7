//! Figures of tasks and endpoints.

use winlab_component::WindowsMachine;
use winlab_document::{Document, doc};
use winlab_host::compute::GetComputeSystemProperties;
use winlab_host::network::{HnsCall, QueryNamespaceProperties};
use winlab_host::{Ask, Guid, HostNetwork};

use super::job;
use crate::containerd::records::{Task, TaskKind};
use crate::containerd::stats::TaskStatistics;
use crate::cri::InterfaceUsage;

/// `Statistics` and `ProcessList` of a compute system or a job object.
pub(super) async fn of_task(machine: &WindowsMachine, task: &Task) -> TaskStatistics {
    let answer = match task.kind {
        TaskKind::Job => {
            machine.system.ask(job::query(&task.id)).await.unwrap_or_else(|_| job::no_statistics())
        }
        _ => {
            let query = doc!({"PropertyTypes": ["Statistics", "ProcessList"]});
            let call = GetComputeSystemProperties { id: task.id.clone(), query };
            machine.compute.ask(call).await.unwrap_or_default()
        }
    };
    let number = |path: &[&str]| answer.path(path).and_then(Document::as_u64).unwrap_or(0);
    TaskStatistics {
        cpu_nanos: number(&["Statistics", "Processor", "TotalRuntime100ns"]) * 100,
        working_set_bytes: number(&["Statistics", "Memory", "MemoryUsagePrivateWorkingSetBytes"]),
        commit_bytes: number(&["Statistics", "Memory", "MemoryUsageCommitBytes"]),
        processes: answer.get("ProcessList").map_or(0, |list| list.items().len() as u64),
    }
}

/// Counters of a namespace's endpoints, asked for the V1 way (`windowsNetworkUsage`, hcsshim `GetHNSEndpointStats`).
pub(super) async fn of_interfaces(host: &HostNetwork, netns: &str) -> Vec<InterfaceUsage> {
    let Ok(id) = netns.parse::<Guid>() else { return Vec::new() };
    let query = doc!({"SchemaVersion": {"Major": 2, "Minor": 0}});
    let namespace = host.ask(QueryNamespaceProperties { id, query }).await.unwrap_or_default();
    let mut usage = Vec::new();
    for resource in namespace.get("Resources").map(Document::items).unwrap_or_default() {
        if resource.text(&["Type"]) != "Endpoint" {
            continue;
        }
        let path = format!("/endpointstats/{}", resource.text(&["Data", "Id"]));
        let call = HnsCall { method: "GET".to_owned(), path, body: Document::Null };
        let Ok(response) = host.ask(call).await else { continue };
        let Some(output) = response.get("Output") else { continue };
        let number = |name: &str| output.get(name).and_then(Document::as_u64).unwrap_or(0);
        usage.push(InterfaceUsage {
            name: output.text(&["EndpointId"]).to_owned(),
            rx_bytes: number("BytesReceived"),
            rx_packets_dropped: number("DroppedPacketsIncoming"),
            tx_bytes: number("BytesSent"),
            tx_packets_dropped: number("DroppedPacketsOutgoing"),
        });
    }
    usage
}
