//! Health checks of services with `externalTrafficPolicy: Local`: what a cloud's load balancer asks each node
//! (`pkg/proxy/healthcheck/service_health.go`).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use winlab_component::LocalEndpoints;
use winlab_kube_client::ObjectKey;

/// Answers at a service's health check node port, and at kube-proxy's own (`/healthz`).
pub trait HealthServer: Send + Sync {
    /// Status code and body.
    fn get(&self) -> (u16, String);
}

/// The health check of one service.
#[derive(Debug)]
struct ServiceHealth {
    service: ObjectKey,
    local_endpoints: usize,
}

impl HealthServer for ServiceHealth {
    fn get(&self) -> (u16, String) {
        let code = if self.local_endpoints == 0 { 503 } else { 200 };
        let ObjectKey { namespace, name } = &self.service;
        let body = format!(
            r#"{{"service":{{"namespace":"{namespace}","name":"{name}"}},"localEndpoints":{},"serviceProxyHealthy":true}}"#,
            self.local_endpoints
        );
        (code, body)
    }
}

/// kube-proxy's own health.
struct ProxyHealth;

impl HealthServer for ProxyHealth {
    fn get(&self) -> (u16, String) {
        (200, "ok".to_owned())
    }
}

/// Publishes the health checks at the node's ports: `tcp://0.0.0.0:32100`.
#[derive(Debug)]
pub(crate) struct HealthServers {
    endpoints: LocalEndpoints,
    listening: Mutex<BTreeMap<u16, (ObjectKey, usize)>>,
}

fn address(port: u16) -> String {
    format!("tcp://0.0.0.0:{port}")
}

impl HealthServers {
    /// Serves `/healthz` from now on.
    pub(crate) fn start(endpoints: LocalEndpoints, healthz_port: u16) -> Self {
        if healthz_port != 0 {
            endpoints.listen::<dyn HealthServer>(&address(healthz_port), std::sync::Arc::new(ProxyHealth));
        }
        Self { endpoints, listening: Mutex::default() }
    }

    /// Makes the served health checks those of these services: port → service and its ready endpoints on this node.
    pub(crate) fn sync(&self, wanted: BTreeMap<u16, (ObjectKey, usize)>) {
        let mut listening = self.listening.lock().unwrap_or_else(PoisonError::into_inner);
        for port in listening.keys().filter(|port| !wanted.contains_key(port)) {
            self.endpoints.close(&address(*port));
        }
        for (port, (service, local_endpoints)) in &wanted {
            if listening.get(port) != Some(&(service.clone(), *local_endpoints)) {
                let health = ServiceHealth { service: service.clone(), local_endpoints: *local_endpoints };
                self.endpoints.listen::<dyn HealthServer>(&address(*port), std::sync::Arc::new(health));
            }
        }
        *listening = wanted;
    }
}

#[cfg(test)]
mod tests {
    use winlab_component::LocalEndpoints;
    use winlab_kube_client::ObjectKey;

    use super::{HealthServer, HealthServers};

    #[test]
    fn a_service_is_healthy_where_it_has_endpoints() {
        let node = LocalEndpoints::default();
        let servers = HealthServers::start(node.clone(), 10_256);
        let service = ObjectKey::namespaced("default", "web");
        servers.sync([(32_100, (service.clone(), 1))].into());
        let dial = |port| node.dial::<dyn HealthServer>(&format!("tcp://0.0.0.0:{port}")).map(|s| s.get());
        let (code, body) = dial(32_100).unwrap();
        assert_eq!(
            (code, body.as_str()),
            (
                200,
                r#"{"service":{"namespace":"default","name":"web"},"localEndpoints":1,"serviceProxyHealthy":true}"#
            )
        );
        servers.sync([(32_100, (service, 0))].into());
        assert_eq!(dial(32_100).unwrap().0, 503);
        servers.sync([].into());
        assert!(dial(32_100).is_err() && dial(10_256).is_ok());
    }
}
