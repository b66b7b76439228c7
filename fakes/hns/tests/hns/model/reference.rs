//! The reference: what should be there, and what each call should come to.

use std::collections::{BTreeMap, BTreeSet};

use winlab_fake_hns::Rehydration;
use winlab_host::HResult;

use super::steps::{Change, Step, is_overlay};

/// What should be there.
#[derive(Default)]
pub(super) struct Model {
    pub(super) networks: BTreeSet<u8>,
    /// By network, in the order of their coming.
    pub(super) remote_subnets: BTreeMap<u8, Vec<u8>>,
    pub(super) endpoints: BTreeMap<u8, Endpoint>,
    pub(super) namespaces: BTreeMap<u8, (Vec<u8>, BTreeSet<u8>)>,
    pub(super) balancers: BTreeMap<u8, (BTreeSet<u8>, u8)>,
    pub(super) routes: BTreeMap<u8, Vec<u8>>,
    /// Whether the service does not run.
    pub(super) stopped: bool,
    /// Whether the build changes load balancers, and has the newer code for a doubled one.
    pub(super) modifies_balancers: bool,
}

/// An endpoint.
pub(super) struct Endpoint {
    pub(super) net: u8,
    /// Last byte of its address.
    pub(super) host: u8,
    pub(super) remote: bool,
    /// Its ACLs.
    pub(super) rules: Vec<u8>,
}

impl Model {
    fn space_of(&self, ep: u8) -> Option<u8> {
        self.namespaces.iter().find(|(_, (members, _))| members.contains(&ep)).map(|(ns, _)| *ns)
    }

    fn forget_endpoint(&mut self, ep: u8) {
        self.endpoints.remove(&ep);
        for (members, _) in self.namespaces.values_mut() {
            members.retain(|member| *member != ep);
        }
        for (backends, _) in self.balancers.values_mut() {
            backends.remove(&ep);
        }
        for members in self.routes.values_mut() {
            members.retain(|member| *member != ep);
        }
    }

    pub(super) fn expect(&mut self, step: &Step) -> HResult {
        match step {
            Step::Stop => {
                self.stopped = true;
                HResult::S_OK
            }
            Step::Start { finds } => {
                if std::mem::take(&mut self.stopped) && *finds == Rehydration::Forget {
                    let all: Vec<u8> = self.endpoints.keys().copied().collect();
                    self.balancers.clear();
                    all.into_iter().for_each(|ep| self.forget_endpoint(ep));
                }
                HResult::S_OK
            }
            Step::Reboot => {
                self.stopped = false;
                self.namespaces.clear();
                HResult::S_OK
            }
            // Its interface is not there.
            _ if self.stopped => HResult::RPC_S_UNKNOWN_IF,
            Step::AddRemoteSubnet { .. } | Step::RemoveRemoteSubnet { .. } => self.expect_remote_subnet(step),
            Step::ChangeRules { ep, change, rule } => self.expect_rules(*ep, *change, *rule),
            Step::ModifyBalancer { lb, eps, port } => self.expect_changed_balancer(*lb, eps, *port),
            Step::CreateRoute { route, .. } if self.routes.contains_key(route) => {
                HResult::ERROR_ALREADY_EXISTS
            }
            Step::ModifyRoute { route, .. } | Step::DeleteRoute { route }
                if !self.routes.contains_key(route) =>
            {
                HResult::ERROR_NOT_FOUND
            }
            Step::CreateRoute { route, eps } | Step::ModifyRoute { route, eps } => {
                match self.expect_endpoints(eps) {
                    HResult::S_OK => {
                        self.routes.insert(*route, eps.clone());
                        HResult::S_OK
                    }
                    code => code,
                }
            }
            Step::DeleteRoute { route } => {
                self.routes.remove(route);
                HResult::S_OK
            }
            Step::CreateNetwork { net, .. } if self.networks.contains(net) => {
                HResult::HCN_E_NETWORK_ALREADY_EXISTS
            }
            Step::CreateNetwork { net, .. } => {
                self.networks.insert(*net);
                HResult::S_OK
            }
            Step::DeleteNetwork { net } => {
                if !self.networks.remove(net) {
                    return HResult::ERROR_NOT_FOUND;
                }
                self.remote_subnets.remove(net);
                let gone: BTreeSet<u8> =
                    self.endpoints.iter().filter(|(_, e)| e.net == *net).map(|(ep, _)| *ep).collect();
                self.balancers.retain(|_, (backends, _)| backends.is_empty() || !backends.is_subset(&gone));
                gone.into_iter().for_each(|ep| self.forget_endpoint(ep));
                HResult::S_OK
            }
            Step::CreateEndpoint { net, ep, host, remote, .. } => {
                let taken = |e: &Endpoint| e.net == *net && e.host == *host && !e.remote;
                if !self.networks.contains(net) {
                    HResult::HCN_E_NETWORK_NOT_FOUND
                } else if self.endpoints.contains_key(ep) {
                    HResult::ERROR_OBJECT_ALREADY_EXISTS
                } else if !remote && self.endpoints.values().any(taken) {
                    HResult::HCN_E_ADDR_INVALID_OR_RESERVED
                } else {
                    let endpoint = Endpoint { net: *net, host: *host, remote: *remote, rules: Vec::new() };
                    self.endpoints.insert(*ep, endpoint);
                    HResult::S_OK
                }
            }
            Step::DeleteEndpoint { ep, v1 } => {
                if !self.endpoints.contains_key(ep) {
                    return if *v1 { HResult::HCN_E_ENDPOINT_NOT_FOUND } else { HResult::ERROR_NOT_FOUND };
                }
                self.forget_endpoint(*ep);
                HResult::S_OK
            }
            Step::CreateNamespace { ns } if self.namespaces.contains_key(ns) => HResult::ERROR_ALREADY_EXISTS,
            Step::CreateNamespace { ns } => {
                self.namespaces.insert(*ns, Default::default());
                HResult::S_OK
            }
            Step::DeleteNamespace { ns } => match self.namespaces.get(ns) {
                None => HResult::ERROR_NOT_FOUND,
                Some((_, containers)) if !containers.is_empty() => HResult::HCN_E_REQUEST_UNSUPPORTED,
                Some(_) => {
                    self.namespaces.remove(ns);
                    HResult::S_OK
                }
            },
            Step::AddEndpoint { ns, ep } => self.expect_add(*ns, *ep),
            Step::RemoveEndpoint { ns, ep } => match self.namespaces.get_mut(ns) {
                Some((members, _)) if members.contains(ep) => {
                    members.retain(|member| member != ep);
                    HResult::S_OK
                }
                _ => HResult::ERROR_NOT_FOUND,
            },
            Step::AddContainer { ns, container } => match self.namespaces.get_mut(ns) {
                None => HResult::ERROR_NOT_FOUND,
                Some((_, containers)) => {
                    containers.insert(*container);
                    HResult::S_OK
                }
            },
            Step::RemoveContainer { ns, container } => {
                let there = self.namespaces.get_mut(ns).is_some_and(|(_, inside)| inside.remove(container));
                if there { HResult::S_OK } else { HResult::ERROR_NOT_FOUND }
            }
            Step::CreateBalancer { lb, eps, port } => self.expect_balancer(*lb, eps, *port),
            Step::DeleteBalancer { lb } => {
                if self.balancers.remove(lb).is_some() {
                    HResult::S_OK
                } else {
                    HResult::ERROR_NOT_FOUND
                }
            }
        }
    }

    fn expect_add(&mut self, ns: u8, ep: u8) -> HResult {
        if !self.namespaces.contains_key(&ns) {
            return HResult::ERROR_NOT_FOUND;
        }
        let Some(endpoint) = self.endpoints.get(&ep) else { return HResult::HCN_E_ENDPOINT_NOT_FOUND };
        if endpoint.remote {
            return HResult::HCN_E_INVALID_REMOTE_ENDPOINT_OPERATION;
        }
        match self.space_of(ep) {
            Some(there) if there == ns => HResult::S_OK,
            Some(_) => HResult::HCN_E_ENDPOINT_NAMESPACE_ALREADY_EXISTS,
            None => {
                self.namespaces.entry(ns).or_default().0.push(ep);
                HResult::S_OK
            }
        }
    }

    /// A list of endpoints that another object names.
    fn expect_endpoints(&self, eps: &[u8]) -> HResult {
        if eps.is_empty() {
            HResult::HCN_E_INVALID_POLICY
        } else if eps.iter().all(|ep| self.endpoints.contains_key(ep)) {
            HResult::S_OK
        } else {
            HResult::HCN_E_ENDPOINT_NOT_FOUND
        }
    }

    fn expect_balancer(&mut self, lb: u8, eps: &[u8], port: u8) -> HResult {
        if self.balancers.contains_key(&lb) {
            return HResult::ERROR_ALREADY_EXISTS;
        }
        self.put_balancer(lb, eps, port)
    }

    /// Since HNS 15.4; 15.5 is the first that does what it says.
    fn expect_changed_balancer(&mut self, lb: u8, eps: &[u8], port: u8) -> HResult {
        if !self.modifies_balancers {
            HResult::E_NOTIMPL
        } else if !self.balancers.contains_key(&lb) {
            HResult::ERROR_NOT_FOUND
        } else {
            self.put_balancer(lb, eps, port)
        }
    }

    fn put_balancer(&mut self, lb: u8, eps: &[u8], port: u8) -> HResult {
        let taken = |(other, (_, taken)): (&u8, &(BTreeSet<u8>, u8))| *other != lb && *taken == port;
        match self.expect_endpoints(eps) {
            HResult::S_OK if self.balancers.iter().any(taken) => {
                if self.modifies_balancers {
                    HResult::ERROR_ALREADY_EXISTS
                } else {
                    HResult::HCN_E_PORT_ALREADY_EXISTS
                }
            }
            HResult::S_OK => {
                self.balancers.insert(lb, (eps.iter().copied().collect(), port));
                HResult::S_OK
            }
            code => code,
        }
    }

    fn expect_remote_subnet(&mut self, step: &Step) -> HResult {
        let (Step::AddRemoteSubnet { net, subnet } | Step::RemoveRemoteSubnet { net, subnet }) = step else {
            return HResult::S_OK;
        };
        let adds = matches!(step, Step::AddRemoteSubnet { .. });
        if !self.networks.contains(net) {
            return HResult::ERROR_NOT_FOUND;
        }
        let subnets = self.remote_subnets.entry(*net).or_default();
        let known = subnets.iter().position(|known| known == subnet);
        match known {
            _ if adds && !is_overlay(*net) => return HResult::HCN_E_INVALID_POLICY_TYPE,
            _ if adds => subnets.push(*subnet),
            Some(at) => drop(subnets.remove(at)),
            None => return HResult::HCN_E_POLICY_NOT_FOUND,
        }
        HResult::S_OK
    }

    fn expect_rules(&mut self, ep: u8, change: Change, rule: u8) -> HResult {
        let Some(endpoint) = self.endpoints.get_mut(&ep) else {
            return match change {
                Change::Post => HResult::HCN_E_ENDPOINT_NOT_FOUND,
                _ => HResult::ERROR_NOT_FOUND,
            };
        };
        let rules = &mut endpoint.rules;
        match (change, rules.iter().position(|known| *known == rule)) {
            (Change::Add, _) => rules.push(rule),
            (Change::Update | Change::Post, _) => *rules = vec![rule],
            (Change::Remove, Some(at)) => drop(rules.remove(at)),
            (Change::Remove, None) => return HResult::HCN_E_POLICY_NOT_FOUND,
        }
        HResult::S_OK
    }
}
