//! What only a lab can do to its nodes.

use std::net::IpAddr;

use futures::StreamExt;
use winlab_clock::VirtualSpan;
use winlab_document::Document;
use winlab_fake_windows::Rehydration;
use winlab_host::{FaultSwitch, Guid};

use crate::error::LabError;
use crate::host::Host;
use crate::lab::Lab;
use crate::node::Node;

/// How long a reboot keeps a machine off.
const OFF_FOR: VirtualSpan = VirtualSpan::from_secs(20);

impl Lab {
    /// Reboots a node in an orderly way and waits until it is back; its automatic services start by themselves.
    ///
    /// # Errors
    /// That there is no such node.
    pub async fn reboot(&self, node: &str) -> Result<(), LabError> {
        let node = self.node(node)?;
        match &node.host {
            Host::Windows(host) => {
                let mut changes = host.power_changes();
                let ends = async {
                    // Programs that have not ended when the power goes end with it.
                    while changes.next().await.is_some_and(|power| !power.is_off()) {}
                    node.end_programs();
                };
                futures::join!(ends, host.reboot(OFF_FOR));
            }
            Host::Linux(host) => {
                node.end_programs();
                host.power_off();
                self.clock().sleep(OFF_FOR).await;
                host.boot();
            }
        }
        self.fabric().forget_connections(&node.spec.name);
        self.activity().touch();
        Ok(())
    }

    /// Cuts a node's power and brings it back.
    ///
    /// # Errors
    /// That there is no such node.
    pub async fn power_loss(&self, node: &str) -> Result<(), LabError> {
        let node = self.node(node)?;
        node.end_programs();
        match &node.host {
            Host::Windows(host) => {
                host.lose_power(None);
                self.clock().sleep(OFF_FOR).await;
                host.power_on();
            }
            Host::Linux(host) => {
                host.power_off();
                self.clock().sleep(OFF_FOR).await;
                host.boot();
            }
        }
        self.fabric().forget_connections(&node.spec.name);
        self.activity().touch();
        Ok(())
    }

    /// Stops HNS on a Windows node.
    ///
    /// # Errors
    /// That the node has none, or it cannot be stopped.
    pub fn stop_hns(&self, node: &str) -> Result<(), LabError> {
        let (node, host) = self.windows(node, "stopping HNS")?;
        self.activity().touch();
        host.stop_service("hns")
            .map_err(|fault| LabError::new(format!("stopping HNS on {}", node.spec.name), fault))
    }

    /// Starts HNS on a Windows node. What it finds is its build's own behaviour, or for this once what is given.
    ///
    /// # Errors
    /// That the node has none, or it cannot be started.
    pub fn start_hns(&self, node: &str, finds: Option<Rehydration>) -> Result<(), LabError> {
        let (node, host) = self.windows(node, "starting HNS")?;
        self.activity().touch();
        host.start_hns(finds)
            .map_err(|fault| LabError::new(format!("starting HNS on {}", node.spec.name), fault))
    }

    /// The fault rules of a node's service: `hns`, `hcs`, `system` of Windows, `linux` of Linux.
    #[must_use]
    pub fn fault_switch(&self, node: &str, service: &str) -> Option<FaultSwitch> {
        self.node(node).ok()?.faults.get(service).cloned()
    }

    /// Fills a node's disk, or frees it.
    ///
    /// # Errors
    /// That there is no such node.
    pub fn set_disk_full(&self, node: &str, full: bool) -> Result<(), LabError> {
        match &self.node(node)?.host {
            Host::Windows(host) if full => host.set_free_disk(0),
            Host::Windows(host) => host.restore_disk(),
            Host::Linux(host) => host.set_disk_full(full),
        }
        Ok(())
    }

    /// Takes HNS objects off the switch of a Windows node while HNS keeps them; how many. `kind` is `network`,
    /// `endpoint`, `loadbalancer`, `namespace` or `route`; `name` a name, an id, or `*`.
    ///
    /// # Errors
    /// That there is no such object.
    pub async fn unplumb(&self, node: &str, kind: &str, name: &str) -> Result<usize, LabError> {
        let ids = self.hns_ids(node, kind, name).await?;
        let (_, host) = self.windows(node, "unplumbing")?;
        self.activity().touch();
        Ok(ids.into_iter().filter(|id| host.unplumb(*id)).count())
    }

    /// Removes HNS objects of a Windows node behind everybody's back; how many.
    ///
    /// # Errors
    /// That there is no such object.
    pub async fn delete_host_object(&self, node: &str, kind: &str, name: &str) -> Result<usize, LabError> {
        let ids = self.hns_ids(node, kind, name).await?;
        let (_, host) = self.windows(node, "deleting")?;
        self.activity().touch();
        Ok(ids.into_iter().filter(|id| host.remove_hns_object(*id)).count())
    }

    async fn hns_ids(&self, node: &str, kind: &str, name: &str) -> Result<Vec<Guid>, LabError> {
        let kind = kind.trim_end_matches('s');
        if !["network", "endpoint", "loadbalancer", "namespace", "route"].contains(&kind) {
            let what = format!("finding {kind}/{name} on {node}");
            return Err(LabError::new(
                what,
                "HNS has networks, endpoints, loadbalancers, namespaces and routes",
            ));
        }
        let documents = self.hns(node, &format!("{kind}s")).await?;
        let wanted = |document: &&Document| {
            name == "*"
                || document.text(&["Name"]) == name
                || document.text(&["ID"]).eq_ignore_ascii_case(name)
        };
        let ids: Vec<Guid> = documents
            .iter()
            .filter(wanted)
            .filter_map(|document| document.text(&["ID"]).parse().ok())
            .collect();
        if ids.is_empty() {
            let what = format!("finding {kind}/{name} on {node}");
            return Err(match documents.is_empty() {
                true => LabError::new(what, format!("HNS has no {kind}s at all")),
                false => {
                    let why = format!("there is none of that name; there are {}", named(&documents));
                    LabError::new(what, why)
                }
            });
        }
        Ok(ids)
    }

    fn windows(
        &self,
        node: &str,
        what: &str,
    ) -> Result<(&Node, &std::sync::Arc<winlab_fake_windows::WindowsHost>), LabError> {
        let node = self.node(node)?;
        match node.host.windows() {
            Some(host) => Ok((node, host)),
            None => Err(LabError::new(format!("{what} on {}", node.spec.name), "the node runs Linux")),
        }
    }

    /// The address of a node.
    #[must_use]
    pub fn node_address(&self, node: &str) -> Option<IpAddr> {
        Some(self.node(node).ok()?.address)
    }
}

/// Objects of HNS by their names, or by their ids where they have none; the first few.
fn named(documents: &[Document]) -> String {
    const MOST: usize = 8;
    let name = |document: &Document| {
        let name = document.text(&["Name"]);
        if name.is_empty() { document.text(&["ID"]).to_owned() } else { name.to_owned() }
    };
    let mut names: Vec<String> = documents.iter().take(MOST).map(name).collect();
    if documents.len() > MOST {
        names.push("…".to_owned());
    }
    names.join(", ")
}
