//! Changes of services since the last sync (`pkg/proxy/servicechangetracker.go`).

use std::collections::BTreeMap;

use winlab_kube_client::ObjectKey;
use winlab_kube_client::k8s::core::{Service, ServicePort as ApiPort};

use super::name::{Protocol, ServicePortName};
use super::port::{ServicePort, is_proxied};
use crate::family::Family;

/// What each port of the known services asks for.
pub(crate) type ServicePortMap<T> = BTreeMap<ServicePortName, T>;

/// What happened to one service: its ports before everything that happened, and after.
#[derive(Debug, Clone)]
pub(crate) struct ServiceChange<T> {
    pub(crate) previous: ServicePortMap<T>,
    pub(crate) current: ServicePortMap<T>,
}

/// What a mode keeps of a service port.
type Make<T> = Box<dyn Fn(&Service, &ApiPort, ServicePort) -> T + Send + Sync>;

/// Gathers changes until the next sync takes them.
pub(crate) struct ServiceChanges<T> {
    family: Family,
    make: Make<T>,
    pending: BTreeMap<ObjectKey, ServiceChange<T>>,
}

impl<T: PartialEq> ServiceChanges<T> {
    pub(crate) fn new(
        family: Family,
        make: impl Fn(&Service, &ApiPort, ServicePort) -> T + Send + Sync + 'static,
    ) -> Self {
        Self { family, make: Box::new(make), pending: BTreeMap::new() }
    }

    /// Takes in one change of a service. Whether there is anything to sync.
    pub(crate) fn update(&mut self, previous: Option<&Service>, current: Option<&Service>) -> bool {
        let Some(service) = current.or(previous) else { return false };
        let key = ObjectKey::of(service);
        let previous = match self.pending.remove(&key) {
            Some(change) => change.previous,
            None => self.ports(previous),
        };
        let current = self.ports(current);
        if previous != current {
            self.pending.insert(key, ServiceChange { previous, current });
        }
        !self.pending.is_empty()
    }

    /// What changed since the last call.
    pub(crate) fn take(&mut self) -> BTreeMap<ObjectKey, ServiceChange<T>> {
        std::mem::take(&mut self.pending)
    }

    fn ports(&self, service: Option<&Service>) -> ServicePortMap<T> {
        let mut ports = ServicePortMap::new();
        let spec = service.and_then(|service| service.spec.as_ref()).filter(|spec| is_proxied(spec));
        let (Some(service), Some(spec)) = (service, spec) else { return ports };
        for port in spec.ports.as_deref().unwrap_or_default() {
            let Some(base) = ServicePort::of(service, port, self.family) else { break };
            let name = ServicePortName {
                service: ObjectKey::of(service),
                port: port.name.clone().unwrap_or_default(),
                protocol: Protocol::read(port.protocol.as_deref()),
            };
            ports.insert(name, (self.make)(service, port, base));
        }
        ports
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;
    use winlab_kube_client::k8s::core::Service;

    use super::ServiceChanges;
    use crate::family::Family;

    fn service(port: i32, kind: &str) -> Service {
        let spec = doc!({"type": kind, "clusterIP": "10.96.0.7", "ports": [{"name": "http", "port": port}]});
        doc!({"metadata": {"name": "web", "namespace": "default"}, "spec": spec}).decode().unwrap()
    }

    #[test]
    fn a_change_that_is_taken_back_is_none() {
        let mut changes = ServiceChanges::new(Family::V4, |_, _, base| base);
        let (a, b) = (service(80, "ClusterIP"), service(81, "ClusterIP"));
        assert!(changes.update(None, Some(&a)));
        assert!(!changes.update(Some(&a), None));
        assert!(changes.update(None, Some(&a)) && changes.update(Some(&a), Some(&b)));
        let taken = changes.take();
        let change = taken.values().next().unwrap();
        assert!(change.previous.is_empty());
        assert_eq!(change.current.keys().next().unwrap().to_string(), "default/web:http");
    }

    #[test]
    fn external_names_and_headless_services_are_not_proxied() {
        let mut changes = ServiceChanges::new(Family::V4, |_, _, base| base);
        assert!(!changes.update(None, Some(&service(80, "ExternalName"))));
        let mut headless = service(80, "ClusterIP");
        headless.spec.as_mut().unwrap().cluster_ip = Some("None".into());
        assert!(!changes.update(None, Some(&headless)));
    }
}
