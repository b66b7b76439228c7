//! A service port's own chains: what happens to captured traffic.

use std::net::IpAddr;

use super::capture::Plan;
use super::detector::Detector;
use super::lines::Text;
use super::names::MARK_MASQ;

/// What the chains depend on beside the service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) detector: &'a Detector,
    pub(super) masquerade_all: bool,
    pub(super) node_ip: IpAddr,
}

impl Plan<'_> {
    /// The chain of internal traffic, that of external traffic, and the firewall of a load balancer.
    pub(super) fn direct(&self, text: &mut Text, around: Surroundings<'_>) {
        if self.has_internal {
            let (comment, to) = (self.comment("cluster IP"), self.to_cluster_ip());
            let start = ["-A", self.internal_chain, &comment, &to];
            if around.masquerade_all {
                text.nat_rules.write(&[&start[..], &["-j", MARK_MASQ]].concat());
            } else if around.detector.is_implemented() {
                // Clients beyond the cluster may be routed here; the answer must come back this way.
                let not_local = around.detector.if_not_local();
                text.nat_rules.write(&[&start[..], &not_local, &["-j", MARK_MASQ]].concat());
            }
        }
        if self.uses_external_chain {
            self.direct_external(text, around);
        }
        if self.uses_firewall {
            self.direct_firewall(text, around);
        }
    }

    fn direct_external(&self, text: &mut Text, around: Surroundings<'_>) {
        let chain = self.chains.external.as_str();
        let destinations =
            |what: &str| format!("-m comment --comment \"{what} for {} external destinations\"", self.title);
        text.nat_chains.chain(chain);
        text.active.insert(chain.to_owned());
        let rules = &mut text.nat_rules;
        if self.port.external_local {
            if around.detector.is_implemented() {
                let comment = destinations("pod traffic");
                let local = around.detector.if_local();
                rules.write(&[&["-A", chain, &comment][..], &local, &["-j", &self.chains.cluster]].concat());
            }
            let local = "-m addrtype --src-type LOCAL";
            let comment = destinations("masquerade LOCAL traffic");
            rules.write(&["-A", chain, &comment, local, "-j", MARK_MASQ]);
            let comment = destinations("route LOCAL traffic");
            rules.write(&["-A", chain, &comment, local, "-j", &self.chains.cluster]);
        } else {
            // It may leave for another node.
            rules.write(&["-A", chain, &destinations("masquerade traffic"), "-j", MARK_MASQ]);
        }
        if self.has_external {
            rules.write(&["-A", chain, "-j", self.external_policy_chain]);
        }
    }

    fn direct_firewall(&self, text: &mut Text, around: Surroundings<'_>) {
        let chain = self.chains.firewall.as_str();
        text.nat_chains.chain(chain);
        text.active.insert(chain.to_owned());
        let comment = self.comment("loadbalancer IP");
        let mut from_node = false;
        let rules = &mut text.nat_rules;
        for range in &self.port.source_ranges {
            let range_text = range.to_string();
            rules.write(&["-A", chain, &comment, "-s", &range_text, "-j", &self.chains.external]);
            from_node |= range.contains(around.node_ip);
        }
        if from_node {
            // The address is often one of the node's own; then the node's requests have it as their source.
            for vip in &self.port.load_balancer_vips {
                let vip = vip.to_string();
                rules.write(&["-A", chain, &comment, "-s", &vip, "-j", &self.chains.external]);
            }
        }
        let comment = format!(
            "-m comment --comment \"other traffic to {} will be dropped by KUBE-PROXY-FIREWALL\"",
            self.title
        );
        rules.write(&["-A", chain, &comment]);
    }
}
