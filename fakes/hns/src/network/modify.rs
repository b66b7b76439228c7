//! Changing networks: `ModifySettingRequest` of policies, DNS, extensions and subnets.

use winlab_document::Document;
use winlab_host::{Guid, HResult};

use crate::context::Context;
use crate::handle::known;
use crate::hns::Hns;
use crate::members::{Members, Outcome, refuse, require};
use crate::modify::{ModifyRequest, RequestType};
use crate::network::subnet::IpBlock;
use crate::network::{Ipam, Network, NetworkKind, Subnet};
use crate::policy::{self, Policies, Target};
use crate::unmodelled;
use crate::version;

impl Hns {
    /// `HcnModifyNetwork`.
    pub(crate) fn modify_network(
        &mut self,
        id: Guid,
        settings: &Document,
        context: &mut dyn Context,
    ) -> Outcome<()> {
        require(self.networks.contains(id), HResult::ERROR_NOT_FOUND)?;
        let request = ModifyRequest::read(settings)?;
        if request.kind == RequestType::Refresh {
            return Ok(());
        }
        if request.kind == RequestType::Reset {
            self.gaps.count(unmodelled::RESET);
            return refuse(HResult::HCN_E_REQUEST_UNSUPPORTED);
        }
        match request.resource.as_str() {
            "policy" => self.modify_network_policies(id, request.kind, &request.settings),
            "dns" => {
                let network = known(self.networks.get_mut(id))?;
                let removed = request.kind == RequestType::Remove;
                network.dns = if removed { Document::empty_object() } else { request.settings };
                network.touch();
                Ok(())
            }
            "extension" => self.modify_extension(id, &request.settings),
            "subnet" => self.modify_subnets(id, request.kind, &request.settings, context),
            "ipsubnet" => self.modify_blocks(id, request.kind, &request.settings, context),
            _ => refuse(HResult::HCN_E_REQUEST_UNSUPPORTED),
        }
    }

    pub(crate) fn modify_network_policies(
        &mut self,
        id: Guid,
        kind: RequestType,
        settings: &Document,
    ) -> Outcome<()> {
        let version = self.version();
        let given = Policies::from(settings.list("Policies"));
        let network = known(self.networks.get(id))?;
        if kind != RequestType::Remove {
            policy::validate(&given, Target::Network(network.kind), version)?;
        }
        let mut policies = network.policies.clone();
        match kind {
            RequestType::Add => {
                policy::check_sets(policies.items(), given.items())?;
                policies.append(&given);
            }
            RequestType::Remove => {
                self.check_unused_sets(network, &given)?;
                let network = known(self.networks.get(id))?;
                policies = network.policies.clone();
                require(policies.subtract(&given), HResult::HCN_E_POLICY_NOT_FOUND)?;
            }
            _ => {
                policies.update(&given);
                policy::check_sets(&[], policies.items())?;
            }
        }
        policy::count_gaps(&given, &mut self.gaps);
        known(self.networks.get_mut(id))?.set_policies(policies);
        Ok(())
    }

    /// A set cannot go while another set or an ACL names it.
    fn check_unused_sets(&self, network: &Network, given: &Policies) -> Outcome<()> {
        for policy in given.of("SetPolicy") {
            let id = policy.member("Settings").string("Id");
            let nested = network.policies.of("SetPolicy").any(|other| {
                let settings = other.member("Settings");
                settings.string("Id") != id && names(settings.string("Values"), id)
            });
            let in_acl =
                network.endpoints.iter().filter_map(|serial| self.endpoints.at(*serial)).any(|endpoint| {
                    endpoint.policies.of("ACL").any(|acl| {
                        let settings = acl.member("Settings");
                        ["LocalAddresses", "RemoteAddresses"].iter().any(|m| names(settings.string(m), id))
                    })
                });
            require(!nested && !in_acl, HResult::HCN_E_ENTITY_HAS_REFERENCES)?;
        }
        Ok(())
    }

    /// V1 and V2 ask for the same: `{Id, IsEnabled}`.
    pub(crate) fn modify_extension(&mut self, id: Guid, settings: &Document) -> Outcome<()> {
        let wanted = settings.guid("Id")?;
        let network = known(self.networks.get_mut(id))?;
        let Some(extension) = network.extensions.iter_mut().find(|extension| Some(extension.id) == wanted)
        else {
            return refuse(HResult::HCN_E_SWITCH_EXTENSION_NOT_FOUND);
        };
        extension.enabled = settings.truth("IsEnabled");
        self.gaps.count(unmodelled::SWITCH_EXTENSION);
        Ok(())
    }

    fn modify_subnets(
        &mut self,
        id: Guid,
        kind: RequestType,
        settings: &Document,
        context: &mut dyn Context,
    ) -> Outcome<()> {
        let version = self.version();
        self.require_changeable(id)?;
        let network = known(self.networks.get_mut(id))?;
        let given = settings.list("Subnets");
        match kind {
            RequestType::Add => {
                let mut subnets = Vec::new();
                for subnet in given {
                    let subnet = Subnet::read(subnet, network.kind, version, context)?;
                    let prefix = subnet.prefix;
                    let clash =
                        |s: &Subnet| s.prefix.contains(prefix.address) || prefix.contains(s.prefix.address);
                    let doubled = network.subnets().chain(&subnets).any(clash);
                    require(!doubled, HResult::HCN_E_INVALID_SUBNET)?;
                    subnets.push(subnet);
                }
                match network.ipams.first_mut() {
                    Some(ipam) => ipam.subnets.extend(subnets),
                    None => network.ipams.push(Ipam { kind: "Static".into(), subnets }),
                }
            }
            RequestType::Remove => {
                for subnet in given {
                    let wanted = subnet.guid("ID")?;
                    let text = subnet.string("IpAddressPrefix");
                    let is_it = |s: &Subnet| Some(s.id) == wanted || (wanted.is_none() && *s.text == *text);
                    let Some(found) = network.subnets().find(|s| is_it(s)) else {
                        return refuse(HResult::HCN_E_SUBNET_NOT_FOUND);
                    };
                    let prefix = found.prefix;
                    let used = network.addresses.keys().any(|address| prefix.contains(*address));
                    require(!used, HResult::HCN_E_ENTITY_HAS_REFERENCES)?;
                    for ipam in &mut network.ipams {
                        ipam.subnets.retain(|s| !is_it(s));
                    }
                }
            }
            _ => return refuse(HResult::HCN_E_REQUEST_UNSUPPORTED),
        }
        network.touch();
        Ok(())
    }

    fn modify_blocks(
        &mut self,
        id: Guid,
        kind: RequestType,
        settings: &Document,
        context: &mut dyn Context,
    ) -> Outcome<()> {
        self.require_changeable(id)?;
        let wanted = settings.guid("SubnetId")?;
        let network = known(self.networks.get_mut(id))?;
        let mut subnets = network.ipams.iter_mut().flat_map(|ipam| &mut ipam.subnets);
        let Some(subnet) = subnets.find(|subnet| Some(subnet.id) == wanted) else {
            return refuse(HResult::HCN_E_SUBNET_NOT_FOUND);
        };
        for block in settings.list("IpSubnets") {
            match kind {
                RequestType::Add => {
                    let block = IpBlock::read(block, subnet.prefix, context)?;
                    let doubled = subnet.blocks.iter().any(|known| known.prefix == block.prefix);
                    require(!doubled, HResult::HCN_E_INVALID_IP_SUBNET)?;
                    subnet.blocks.push(block);
                }
                RequestType::Remove => {
                    let (wanted, text) = (block.guid("ID")?, block.string("IpAddressPrefix").to_owned());
                    let is_it = |b: &IpBlock| {
                        Some(b.id) == wanted || (wanted.is_none() && b.prefix.to_string() == text)
                    };
                    let Some(at) = subnet.blocks.iter().position(is_it) else {
                        return refuse(HResult::HCN_E_INVALID_IP_SUBNET);
                    };
                    let prefix = subnet.blocks[at].prefix;
                    let used = network.addresses.keys().any(|address| prefix.contains(*address));
                    require(!used, HResult::HCN_E_ENTITY_HAS_REFERENCES)?;
                    subnet.blocks.remove(at);
                }
                _ => return refuse(HResult::HCN_E_REQUEST_UNSUPPORTED),
            }
        }
        network.touch();
        Ok(())
    }

    /// Subnets change on the VFP types since Server 2022 (Microsoft, "Network isolation and security").
    fn require_changeable(&self, id: Guid) -> Outcome<()> {
        let kind = known(self.networks.get(id))?.kind;
        let vfp = matches!(kind, NetworkKind::L2Bridge | NetworkKind::L2Tunnel | NetworkKind::Overlay);
        require(vfp && version::changes_subnets(self.version()), HResult::HCN_E_REQUEST_UNSUPPORTED)
    }
}

/// Whether a comma list has an item.
fn names(list: &str, item: &str) -> bool {
    list.split(',').any(|part| part.trim() == item)
}
