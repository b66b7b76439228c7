//! Programs in containers that are component models: CoreDNS. The fabric asks them here.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;
use tokio::task::AbortHandle;
use winlab_component::{CommandLine, LocalEndpoints, Stop, StopHandle};
use winlab_coredns::{DnsServer, Options, Rcode, RecordData, UpstreamTable};
use winlab_fabric::{DnsAnswer, DnsQuery, RecordType, ServerPrograms};
use winlab_host::Boundary as _;
use winlab_host::linux::LinuxEvent;

use crate::address_plan::{OUTSIDE, OUTSIDE_NAME};
use crate::host::Host;
use crate::programs::Making;

/// Where a container's CoreDNS is met, in endpoints of the container's own.
const DNS: &str = "udp://0.0.0.0:53";

/// The running ones, by node and container.
#[derive(Default)]
pub(crate) struct Servers(Mutex<BTreeMap<(String, String), Running>>);

struct Running {
    endpoints: LocalEndpoints,
    task: AbortHandle,
    _stop: StopHandle,
}

impl Servers {
    /// Runs the component models of a node's containers for as long as the containers run.
    pub(crate) fn follow(self: &Arc<Self>, host: &Host, making: Arc<Making>) {
        let Host::Linux(host) = host else { return };
        let mut events = host.host().events();
        let servers = self.clone();
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                match event {
                    LinuxEvent::ContainerStarted { id, component, .. } if component == "coredns" => {
                        servers.start(&making, id);
                    }
                    LinuxEvent::ContainerExited { id, .. } => servers.end(&making.node, &id),
                    _ => {}
                }
            }
        });
    }

    fn start(&self, making: &Making, container: String) {
        let (handle, stop) = Stop::new();
        let endpoints = LocalEndpoints::default();
        let short = container.get(..12).unwrap_or(&container);
        let mut context =
            making.context(&format!("coredns-{short}"), 1, CommandLine::parse("/coredns"), stop);
        context.endpoints = endpoints.clone();
        let upstream = UpstreamTable::default().with(&format!("{OUTSIDE_NAME}.example"), [OUTSIDE]);
        let options = Options { address: DNS.to_owned(), upstream: Arc::new(upstream), ..Options::default() };
        let task = tokio::spawn(async move {
            winlab_coredns::run_with(context, options).await;
        });
        let running = Running { endpoints, task: task.abort_handle(), _stop: handle };
        self.lock().insert((making.node.clone(), container), running);
    }

    fn end(&self, node: &str, container: &str) {
        if let Some(running) = self.lock().remove(&(node.to_owned(), container.to_owned())) {
            running.task.abort();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, String), Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServerPrograms for Servers {
    fn dns(&self, node: &str, container: &str, query: &DnsQuery) -> Option<DnsAnswer> {
        let endpoints = self.lock().get(&(node.to_owned(), container.to_owned()))?.endpoints.clone();
        let Ok(server) = endpoints.dial::<dyn DnsServer>(DNS) else {
            return Some(DnsAnswer::Failed("CoreDNS does not serve yet".to_owned()));
        };
        let record = match query.record {
            RecordType::A => winlab_coredns::RecordType::A,
            RecordType::Aaaa => winlab_coredns::RecordType::Aaaa,
        };
        Some(answer(&server.answer(&query.name, record, query.client)))
    }
}

fn answer(said: &winlab_coredns::DnsAnswer) -> DnsAnswer {
    let addresses: Vec<IpAddr> = said
        .records
        .iter()
        .filter_map(|record| match &record.data {
            RecordData::A(address) => Some(IpAddr::V4(*address)),
            RecordData::Aaaa(address) => Some(IpAddr::V6(*address)),
            _ => None,
        })
        .collect();
    let alias = said.records.iter().find_map(|record| match &record.data {
        RecordData::Cname(name) => Some(name.clone()),
        _ => None,
    });
    match (said.rcode, alias) {
        (Rcode::NoError, _) if !addresses.is_empty() => DnsAnswer::Addresses(addresses),
        (Rcode::NoError, Some(name)) => DnsAnswer::Alias(name),
        (Rcode::NoError, None) => DnsAnswer::NoData,
        (Rcode::NxDomain, _) => DnsAnswer::NoSuchName,
        (Rcode::ServFail, _) => DnsAnswer::Failed("SERVFAIL".to_owned()),
    }
}
