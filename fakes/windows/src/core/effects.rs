//! What one part's change means for the others.

use std::collections::BTreeSet;

use winlab_fake_hcs::JobEvent;
use winlab_fake_hns::{BoundPort, ContainerNetwork, Effect as HnsEffect};
use winlab_fake_system::{ContainerNetwork as RegistryNetwork, Effect as SystemEffect, NetworkInterface};
use winlab_host::Transport;
use winlab_host::system::{Scope, SystemEvent};

use super::machine::Core;

impl Core {
    /// Carries effects out until there are none: first those of HNS, then those of the system; then collects events.
    pub(crate) fn settle(&mut self) {
        loop {
            let (network, system) = (self.hns.take_effects(), self.system.take_effects());
            if network.is_empty() && system.is_empty() {
                break;
            }
            for effect in network {
                self.apply_network(effect);
            }
            for effect in system {
                self.apply_system(effect);
            }
        }
        self.bind_host_ports();
        self.events.network.extend(self.hns.take_notifications());
        self.events.compute.extend(self.hcs.take_events());
        self.events.system.extend(self.system.take_events());
        for event in self.hcs.take_job_events() {
            self.events.system.push(match event {
                JobEvent::ComponentStarted { job, pid, component, version, command_line, environment } => {
                    SystemEvent::ComponentStarted { job, pid, component, version, command_line, environment }
                }
                JobEvent::ComponentStopped { job, pid } => SystemEvent::ComponentStopped { job, pid },
                JobEvent::Exited { job, pid, exit_code } => {
                    SystemEvent::ProcessExited { job, pid, exit_code }
                }
                JobEvent::Output { job, pid } => SystemEvent::ProcessOutput { job, pid },
            });
        }
    }

    fn apply_network(&mut self, effect: HnsEffect) {
        match effect {
            HnsEffect::AdapterAdded(adapter) | HnsEffect::AdapterChanged(adapter) => {
                self.system.put_adapter(adapter);
            }
            HnsEffect::AdapterRemoved(adapter) => self.system.remove_adapter(adapter.index),
            // HNS tells the containers' settings in an effect of their own.
            HnsEffect::EndpointAttached(_) | HnsEffect::EndpointDetached(_) => {}
            HnsEffect::ContainerNetwork(network) => self.write_container_network(network),
        }
    }

    /// Network settings live in the container's own registry.
    fn write_container_network(&mut self, network: ContainerNetwork) {
        let Some(record) = self.containers.get_mut(&network.container) else { return };
        let mut search: Vec<String> = Vec::new();
        for suffix in network.interfaces.iter().flat_map(|interface| &interface.dns_search) {
            if !search.contains(suffix) {
                search.push(suffix.clone());
            }
        }
        if !record.dns_search.is_empty() {
            search.clone_from(&record.dns_search);
        }
        let interfaces = network
            .interfaces
            .iter()
            .map(|interface| NetworkInterface {
                id: interface.endpoint,
                addresses: interface.addresses.clone(),
                gateways: interface.gateways.clone(),
                dns_servers: interface.dns_servers.clone(),
                dns_domain: interface.dns_domain.clone(),
            })
            .collect();
        let scope = Scope::Container(network.container.clone());
        if let Ok(registry) = self.system.registry_mut(&scope) {
            registry.write_network(&RegistryNetwork { interfaces, search });
        }
        record.interfaces = network.interfaces;
    }

    fn apply_system(&mut self, effect: SystemEffect) {
        match effect {
            SystemEffect::BuiltInStarted(name) => match name.as_str() {
                "hns" if !self.hns.is_running() => self.start_hns(),
                "vmcompute" => self.hcs.start_service(),
                _ => {}
            },
            SystemEffect::BuiltInStopped(name) => match name.as_str() {
                "hns" => self.hns.stop(),
                "vmcompute" => {
                    let (hcs, mut joined) = self.parts();
                    hcs.stop_service(&mut joined);
                }
                _ => {}
            },
            SystemEffect::ServicesEnded => self.go_down(),
        }
    }

    fn start_hns(&mut self) {
        self.hns.start(self.rehydration);
        for (namespace, container) in std::mem::take(&mut self.to_detach) {
            // What it forgot needs no detaching.
            let _gone = self.hns.detach_container(namespace, &container);
        }
    }

    /// HNS knows what programs of the host listen on: Server 2019 refuses load balancers on such ports.
    fn bind_host_ports(&mut self) {
        let bound: BTreeSet<BoundPort> = self
            .hcs
            .host_listeners()
            .map(|listener| BoundPort {
                protocol: match listener.transport {
                    Transport::Tcp => 6,
                    Transport::Udp => 17,
                },
                port: listener.port,
            })
            .collect();
        if bound != self.bound_ports {
            self.hns.set_bound_ports(bound.clone());
            self.bound_ports = bound;
        }
    }
}
