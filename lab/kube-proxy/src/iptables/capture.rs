//! Capturing: the rules that recognise a service port's addresses, and refuse where nobody could answer.

use super::lines::Text;
use super::names::{EXTERNAL_SERVICES, NODE_PORTS, PROXY_FIREWALL, SERVICES, ServiceChains};
use crate::service::{Categories, ServicePort, ServicePortName};

/// A service port with its endpoints, and what follows from both.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) name: &'a ServicePortName,
    pub(super) title: String,
    pub(super) port: &'a ServicePort,
    pub(super) chains: &'a ServiceChains,
    pub(super) endpoints: &'a Categories,
    /// The chain that internal traffic goes to.
    pub(super) internal_chain: &'a str,
    pub(super) has_internal: bool,
    pub(super) has_external: bool,
    /// The chain of the endpoints that external traffic goes to.
    pub(super) external_policy_chain: &'a str,
    pub(super) uses_external_chain: bool,
    pub(super) uses_firewall: bool,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        name: &'a ServicePortName,
        port: &'a ServicePort,
        chains: &'a ServiceChains,
        endpoints: &'a Categories,
    ) -> Self {
        let policy = |local| if local { &chains.local } else { &chains.cluster };
        let has = |local: bool| endpoints.any && !(local && endpoints.local.is_empty());
        let vips = !port.load_balancer_vips.is_empty();
        Self {
            name,
            title: name.to_string(),
            port,
            chains,
            endpoints,
            internal_chain: policy(port.internal_local),
            has_internal: has(port.internal_local),
            has_external: has(port.external_local),
            external_policy_chain: policy(port.external_local),
            uses_external_chain: endpoints.any && port.is_external(),
            uses_firewall: endpoints.any && vips && !port.source_ranges.is_empty(),
        }
    }

    /// `-m tcp -p tcp -d <address> --dport <port>`
    fn to_address(&self, address: std::net::IpAddr) -> String {
        let protocol = self.port.protocol.lower();
        format!("-m {protocol} -p {protocol} -d {address} --dport {}", self.port.port)
    }

    pub(super) fn to_cluster_ip(&self) -> String {
        self.to_address(self.port.cluster_ip)
    }

    pub(super) fn comment(&self, what: &str) -> String {
        format!("-m comment --comment \"{} {what}\"", self.title)
    }

    /// No endpoint anywhere: refuse at once; none on this node: say nothing.
    fn refusal(&self) -> (String, &'static str) {
        if self.endpoints.any {
            (self.comment("has no local endpoints"), "-j DROP")
        } else {
            (self.comment("has no endpoints"), "-j REJECT")
        }
    }

    pub(super) fn capture(&self, text: &mut Text) {
        self.capture_cluster_ip(text);
        for address in &self.port.external_ips {
            let to = self.to_address(*address);
            if self.endpoints.any {
                let comment = self.comment("external IP");
                text.nat_rules.write(&["-A", SERVICES, &comment, &to, "-j", &self.chains.external]);
            }
            self.refuse_external(text, &to);
        }
        self.capture_load_balancer(text);
        self.capture_node_port(text);
        if self.port.health_check_node_port != 0 {
            let port = format!("-m tcp -p tcp --dport {}", self.port.health_check_node_port);
            let comment = self.comment("health check node port");
            text.filter_rules.write(&["-A", NODE_PORTS, &comment, &port, "-j ACCEPT"]);
        }
    }

    fn capture_cluster_ip(&self, text: &mut Text) {
        let to = self.to_cluster_ip();
        if self.has_internal {
            let comment = self.comment("cluster IP");
            text.nat_rules.write(&["-A", SERVICES, &comment, &to, "-j", self.internal_chain]);
        } else {
            let (comment, target) = self.refusal();
            text.filter_rules.write(&["-A", SERVICES, &comment, &to, target]);
        }
    }

    fn refuse_external(&self, text: &mut Text, to: &str) {
        if !self.has_external {
            let (comment, target) = self.refusal();
            text.filter_rules.write(&["-A", EXTERNAL_SERVICES, &comment, to, target]);
        }
    }

    fn capture_load_balancer(&self, text: &mut Text) {
        let chain = if self.uses_firewall { &self.chains.firewall } else { &self.chains.external };
        for address in &self.port.load_balancer_vips {
            let to = self.to_address(*address);
            if self.endpoints.any {
                let comment = self.comment("loadbalancer IP");
                text.nat_rules.write(&["-A", SERVICES, &comment, &to, "-j", chain]);
            }
            if self.uses_firewall {
                let comment = self.comment(&format!("traffic not accepted by {}", self.chains.firewall));
                text.filter_rules.write(&["-A", PROXY_FIREWALL, &comment, &to, "-j DROP"]);
            }
        }
        for address in &self.port.load_balancer_vips {
            self.refuse_external(text, &self.to_address(*address));
        }
    }

    fn capture_node_port(&self, text: &mut Text) {
        if self.port.node_port == 0 {
            return;
        }
        let protocol = self.port.protocol.lower();
        let to = format!("-m {protocol} -p {protocol} --dport {}", self.port.node_port);
        if self.endpoints.any {
            let comment = format!("-m comment --comment {}", self.title);
            text.nat_rules.write(&["-A", NODE_PORTS, &comment, &to, "-j", &self.chains.external]);
        }
        self.refuse_external(text, &format!("-m addrtype --dst-type LOCAL {to}"));
    }
}
