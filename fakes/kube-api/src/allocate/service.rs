//! A service's cluster IPs and node ports: families, addresses, ports, and their return
//! (`pkg/registry/core/service/storage/alloc.go`).

use std::net::IpAddr;

use winlab_document::{Document, doc};

use super::Allocators;
use super::ip::Refusal;
use crate::config::{Family, Profile};
use crate::failure::Failure;
use crate::kinds::{Admit, Kind};
use crate::meta;
use crate::validate::{FieldErrors, FieldPath};
use crate::verbs::Keep;

static SPEC: FieldPath<'static> = FieldPath::new("spec");
static CLUSTER_IPS: FieldPath<'static> = SPEC.child("clusterIPs");
static PORTS: FieldPath<'static> = SPEC.child("ports");

/// What a service holds of the pools.
#[derive(Debug, Default, PartialEq, Eq)]
struct Held {
    ips: Vec<IpAddr>,
    ports: Vec<u16>,
}

impl Held {
    fn of(service: &Document) -> Self {
        let ips = service.path(&["spec", "clusterIPs"]).map(Document::items).unwrap_or_default();
        let mut ports: Vec<u16> = service
            .path(&["spec", "ports"])
            .map(Document::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|port| node_port(port.get("nodePort")))
            .collect();
        ports.extend(node_port(service.path(&["spec", "healthCheckNodePort"])));
        ports.sort_unstable();
        ports.dedup();
        Self { ips: ips.iter().filter_map(|ip| ip.as_str()?.parse().ok()).collect(), ports }
    }
}

fn node_port(port: Option<&Document>) -> Option<u16> {
    port.and_then(Document::as_u64).and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0)
}

impl Allocators {
    /// Fills in what a new service asks of the pools.
    pub(crate) fn create(
        &mut self,
        kind: &Kind,
        profile: &Profile,
        service: &mut Document,
        keep: Keep,
    ) -> Result<(), Failure> {
        if kind.rules.admit != Admit::Service {
            return Ok(());
        }
        self.settle(kind, profile, service, &Held::default(), keep)
    }

    /// Fills in what a changed service asks of the pools, and takes back what it no longer needs.
    pub(crate) fn update(
        &mut self,
        kind: &Kind,
        profile: &Profile,
        service: &mut Document,
        old: &Document,
        keep: Keep,
    ) -> Result<(), Failure> {
        if kind.rules.admit != Admit::Service {
            return Ok(());
        }
        let held = Held::of(old);
        carry_over(service, old);
        self.settle(kind, profile, service, &held, keep)
    }

    /// Takes back everything of a service that is gone.
    pub(crate) fn release(&mut self, kind: &Kind, service: &Document) {
        if kind.rules.admit == Admit::Service {
            self.give_back(&Held::of(service));
        }
    }

    fn give_back(&mut self, held: &Held) {
        for ip in &held.ips {
            for pool in self.ips.iter_mut().filter(|pool| pool.range().contains(ip)) {
                pool.release(*ip);
            }
        }
        for port in &held.ports {
            self.ports.release(*port);
        }
    }

    fn settle(
        &mut self,
        kind: &Kind,
        profile: &Profile,
        service: &mut Document,
        held: &Held,
        keep: Keep,
    ) -> Result<(), Failure> {
        let mut errors = FieldErrors::default();
        self.set_families(service, profile, &mut errors);
        if errors.is_empty() {
            self.set_ips(service, held, &mut errors);
        }
        if errors.is_empty() {
            self.set_ports(service, held, &mut errors);
        }
        if !errors.is_empty() {
            return Err(Failure::invalid(kind, meta::text(service, "name"), &errors.into_vec()));
        }
        if keep == Keep::Write {
            let now = Held::of(service);
            self.give_back(held);
            for ip in now.ips {
                for pool in self.ips.iter_mut().filter(|pool| pool.range().contains(&ip)) {
                    pool.take(ip);
                }
            }
            for port in now.ports {
                self.ports.take(port);
            }
        }
        Ok(())
    }

    /// `ipFamilyPolicy` and `ipFamilies`: what is asked for, else what the first pool has.
    fn set_families(&self, service: &mut Document, profile: &Profile, errors: &mut FieldErrors) {
        if !needs_ip(service) || profile.minor < 20 {
            return;
        }
        let spec = SPEC;
        let policy = service.text(&["spec", "ipFamilyPolicy"]).to_owned();
        let mut families: Vec<String> = service
            .path(&["spec", "ipFamilies"])
            .map(Document::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Document::as_str)
            .map(str::to_owned)
            .collect();
        for ip in service.path(&["spec", "clusterIPs"]).map(Document::items).unwrap_or_default() {
            if let Some(family) =
                ip.as_str().and_then(|ip| ip.parse().ok()).map(|ip| Family::of(ip).as_str().to_owned())
                && !families.contains(&family)
            {
                families.push(family);
            }
        }
        let pools: Vec<&'static str> = self.ips.iter().map(|pool| pool.family().as_str()).collect();
        let headless_without_selector = service.text(&["spec", "clusterIP"]) == "None"
            && service.path(&["spec", "selector"]).is_none_or(|selector| selector.members().is_empty());
        if !headless_without_selector {
            for (at, family) in families.iter().enumerate().filter(|(_, f)| !pools.contains(&f.as_str())) {
                let path = &spec.child("ipFamilies");
                errors.invalid(&path.index(at), family.as_str(), "not configured on this cluster");
            }
        }
        if policy == "RequireDualStack" && pools.len() < 2 && !headless_without_selector {
            errors.invalid(
                &spec.child("ipFamilyPolicy"),
                policy.as_str(),
                "this cluster is not configured for dual-stack services",
            );
        }
        if families.is_empty() {
            families.extend(pools.first().map(|family| (*family).to_owned()));
        }
        // Whoever has no selector makes the endpoints by hand, of whatever family.
        let any = headless_without_selector && policy.is_empty();
        let dual = any || families.len() > 1 || policy == "RequireDualStack" || policy == "PreferDualStack";
        if dual && policy != "SingleStack" {
            let others =
                ["IPv4", "IPv6"].into_iter().filter(|f| pools.contains(f) || headless_without_selector);
            for family in others {
                if !families.iter().any(|known| known == family) {
                    families.push(family.to_owned());
                }
            }
        }
        if policy.is_empty() {
            let policy = if families.len() > 1 { "RequireDualStack" } else { "SingleStack" };
            service.set_path(&["spec", "ipFamilyPolicy"], policy);
        }
        service.set_path(&["spec", "ipFamilies"], families);
    }

    fn set_ips(&mut self, service: &mut Document, held: &Held, errors: &mut FieldErrors) {
        if !needs_ip(service) {
            return;
        }
        if service.text(&["spec", "clusterIP"]) == "None" {
            service.set_path(&["spec", "clusterIPs"], doc!(["None"]));
            return;
        }
        let families: Vec<String> = service
            .path(&["spec", "ipFamilies"])
            .map(Document::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|family| family.as_str().map(str::to_owned))
            .collect();
        let mut ips: Vec<String> = service
            .path(&["spec", "clusterIPs"])
            .map(Document::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|ip| ip.as_str().map(str::to_owned))
            .collect();
        if ips.is_empty() {
            ips.extend(Some(service.text(&["spec", "clusterIP"]).to_owned()).filter(|ip| !ip.is_empty()));
        }
        for (at, family) in families.iter().enumerate() {
            let Some(pool) = self.ips.iter_mut().find(|pool| pool.family().as_str() == family) else {
                continue;
            };
            match ips.get(at) {
                Some(text) => {
                    check_ip(pool, text, held, errors);
                }
                None => match pool.next_free() {
                    Ok(ip) => ips.push(ip.to_string()),
                    Err(_) => {
                        errors.invalid(&CLUSTER_IPS.index(at), "", "failed to allocate IP: range is full");
                    }
                },
            }
        }
        if let Some(first) = ips.first() {
            service.set_path(&["spec", "clusterIP"], first.as_str());
            service.set_path(&["spec", "clusterIPs"], ips);
        }
    }

    fn set_ports(&mut self, service: &mut Document, held: &Held, errors: &mut FieldErrors) {
        let kind = service.text(&["spec", "type"]).to_owned();
        let wanted = kind == "NodePort"
            || (kind == "LoadBalancer"
                && service.path(&["spec", "allocateLoadBalancerNodePorts"]).and_then(Document::as_bool)
                    != Some(false));
        let ports = service.path(&["spec", "ports"]).map(Document::items).unwrap_or_default().to_vec();
        let mut taken: Vec<(u16, String)> = Vec::new();
        let mut settled = Vec::new();
        for (at, mut port) in ports.into_iter().enumerate() {
            let protocol = port.text(&["protocol"]).to_owned();
            let port_path = PORTS.index(at);
            let path = port_path.child("nodePort");
            match node_port(port.get("nodePort")) {
                Some(number) if wanted || kind == "LoadBalancer" => {
                    let again = taken.iter().any(|(known, other)| *known == number && *other != protocol);
                    if !self.ports.contains(number) {
                        let detail = format!(
                            "provided port is not in the valid range. The range of valid ports is {}",
                            self.ports.range()
                        );
                        errors.invalid(&path, number, detail);
                    } else if self.ports.is_used(number) && !held.ports.contains(&number) && !again {
                        errors.invalid(&path, number, "provided port is already allocated");
                    }
                    taken.push((number, protocol));
                }
                Some(_) => {
                    port.remove("nodePort");
                }
                None if wanted => {
                    // One number serves TCP and UDP of the same service port.
                    let number = port.get("port");
                    let twin = settled.iter().find(|known: &&Document| {
                        known.get("port") == number && known.text(&["protocol"]) != protocol
                    });
                    let twin = twin.and_then(|twin| node_port(twin.get("nodePort")));
                    let also: Vec<u16> = taken.iter().map(|(port, _)| *port).collect();
                    match twin.or_else(|| self.ports.next_free(&also)) {
                        Some(number) => {
                            port.set("nodePort", number);
                            taken.push((number, protocol));
                        }
                        None => errors.invalid(&path, 0, "failed to allocate a nodePort: range is full"),
                    }
                }
                None => {}
            }
            settled.push(port);
        }
        if !settled.is_empty() {
            service.set_path(&["spec", "ports"], settled);
        }
        self.set_health_port(service, held, errors);
    }

    /// `healthCheckNodePort`: for load balancers that keep to local endpoints.
    fn set_health_port(&mut self, service: &mut Document, held: &Held, errors: &mut FieldErrors) {
        let needed = service.text(&["spec", "type"]) == "LoadBalancer"
            && service.text(&["spec", "externalTrafficPolicy"]) == "Local";
        let path = SPEC.child("healthCheckNodePort");
        match node_port(service.path(&["spec", "healthCheckNodePort"])) {
            Some(port) if needed => {
                if self.ports.is_used(port) && !held.ports.contains(&port) {
                    errors.invalid(&path, port, "provided port is already allocated");
                }
            }
            None if needed => {
                let also = Held::of(service).ports;
                match self.ports.next_free(&also) {
                    Some(port) => service.set_path(&["spec", "healthCheckNodePort"], port),
                    None => {
                        errors.invalid(&path, 0, "failed to allocate a health check node port: range is full")
                    }
                }
            }
            _ => {
                service.remove_path(&["spec", "healthCheckNodePort"]);
            }
        }
    }
}

fn check_ip(pool: &super::ClusterIps, text: &str, held: &Held, errors: &mut FieldErrors) {
    let Ok(ip) = text.parse::<IpAddr>() else {
        errors.invalid(&CLUSTER_IPS, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        return;
    };
    // The address stands in a list: what was asked of one family's pool.
    let asked = doc!([text]);
    match pool.check(ip) {
        Err(Refusal::NotInRange) => {
            let detail =
                format!("failed to allocate IP {ip}: the provided network does not match the current range");
            errors.invalid(&CLUSTER_IPS, asked, detail);
        }
        Err(Refusal::Taken) if !held.ips.contains(&ip) => {
            let detail = format!("failed to allocate IP {ip}: provided IP is already allocated");
            errors.invalid(&CLUSTER_IPS, asked, detail);
        }
        _ => {}
    }
}

/// Whether services of this type have cluster IPs at all.
fn needs_ip(service: &Document) -> bool {
    service.text(&["spec", "type"]) != "ExternalName"
}

/// Addresses and ports stay if the writer did not say otherwise and the type still has them (`patchAllocatedValues`).
fn carry_over(service: &mut Document, old: &Document) {
    let was_external = !needs_ip(old);
    if !needs_ip(service) {
        for name in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
            service.remove_path(&["spec", name]);
        }
        return;
    }
    if !was_external {
        for name in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
            let missing = service.path(&["spec", name]).is_none_or(|value| {
                value.is_null()
                    || value.as_str() == Some("")
                    || (value.is_array() && value.items().is_empty())
            });
            if let Some(value) = old.path(&["spec", name]).filter(|_| missing) {
                service.set_path(&["spec", name], value);
            }
        }
    }
    let both_have_ports =
        |service: &Document| matches!(service.text(&["spec", "type"]), "NodePort" | "LoadBalancer");
    if !both_have_ports(service) || !both_have_ports(old) {
        return;
    }
    let known = old.path(&["spec", "ports"]).map(Document::items).unwrap_or_default().to_vec();
    let Some(Document::Array(ports)) = service.path(&["spec", "ports"]) else { return };
    let used: Vec<Option<u16>> = ports.iter().map(|port| node_port(port.get("nodePort"))).collect();
    let carried: Vec<Document> = ports
        .iter()
        .map(|port| {
            let same =
                |other: &&Document| ["port", "protocol"].iter().all(|name| other.get(name) == port.get(name));
            let before = known.iter().find(same).and_then(|other| node_port(other.get("nodePort")));
            match (node_port(port.get("nodePort")), before) {
                (None, Some(number)) if !used.contains(&Some(number)) => {
                    port.clone().with("nodePort", number)
                }
                _ => port.clone(),
            }
        })
        .collect();
    service.set_path(&["spec", "ports"], carried);
}
