//! Choosing an endpoint, staying with it, and sending it the packet.

use super::capture::Plan;
use super::lines::Text;
use super::names::{self, MARK_MASQ};
use crate::service::Endpoint;

impl Plan<'_> {
    /// The chains of the policies in use and of all endpoints that can be reached. `comments` are left out in large
    /// clusters.
    pub(super) fn spread(&self, text: &mut Text, all: &[Endpoint], comments: bool) {
        let pick = |positions: &[usize]| -> Vec<&Endpoint> {
            positions.iter().filter_map(|at| all.get(*at)).collect()
        };
        let cluster = pick(&self.endpoints.cluster);
        if !cluster.is_empty() && self.port.uses_cluster_endpoints() {
            self.choose(text, &self.chains.cluster, &cluster, comments);
        }
        let local = pick(&self.endpoints.local);
        if !local.is_empty() && self.port.uses_local_endpoints() {
            self.choose(text, &self.chains.local, &local, comments);
        }
        for endpoint in pick(&self.endpoints.reachable) {
            self.translate(text, endpoint, comments);
        }
    }

    fn choose(&self, text: &mut Text, chain: &str, endpoints: &[&Endpoint], comments: bool) {
        text.nat_chains.chain(chain);
        text.active.insert(chain.to_owned());
        let comment = |endpoint: &Endpoint| match comments {
            true => format!("-m comment --comment \"{} -> {endpoint}\"", self.title),
            false => String::new(),
        };
        if let Some(seconds) = self.port.sticky_seconds {
            for endpoint in endpoints {
                let to = names::endpoint(self.name, endpoint);
                let recent = format!("-m recent --name {to} --rcheck --seconds {seconds} --reap -j {to}");
                text.nat_rules.write(&["-A", chain, &comment(endpoint), &recent]);
            }
        }
        for (at, endpoint) in endpoints.iter().enumerate() {
            let left = endpoints.len() - at;
            let chance = if left > 1 {
                format!("-m statistic --mode random --probability {}", probability(left))
            } else {
                String::new()
            };
            let to = names::endpoint(self.name, endpoint);
            text.nat_rules.write(&["-A", chain, &comment(endpoint), &chance, "-j", &to]);
        }
    }

    fn translate(&self, text: &mut Text, endpoint: &Endpoint, comments: bool) {
        let chain = names::endpoint(self.name, endpoint);
        text.nat_chains.chain(&chain);
        text.active.insert(chain.clone());
        let comment = if comments { format!("-m comment --comment {}", self.title) } else { String::new() };
        // An endpoint that calls itself through the service must not see its own address as the source.
        let itself = endpoint.ip.to_string();
        text.nat_rules.write(&["-A", &chain, &comment, "-s", &itself, "-j", MARK_MASQ]);
        let recent = match self.port.sticky_seconds {
            Some(_) => format!("-m recent --name {chain} --set"),
            None => String::new(),
        };
        let protocol = self.port.protocol.lower();
        let to = format!("-m {protocol} -p {protocol} -j DNAT --to-destination {endpoint}");
        text.nat_rules.write(&["-A", &chain, &comment, &recent, &to]);
    }
}

/// 1/n with ten digits, as Go prints it.
fn probability(n: usize) -> String {
    let n = u32::try_from(n).map_or(f64::from(u32::MAX), f64::from);
    format!("{:.10}", 1.0 / n)
}
