//! Compute systems of a node.

use winlab_document::{Document, doc};
use winlab_host::Ask;
use winlab_host::compute::{EnumerateComputeSystems, GetComputeSystemProperties};

use crate::error::LabError;
use crate::lab::Lab;

impl Lab {
    /// HCS's view of a Windows node: `systems`, or `processes` (each with its system's `Id`).
    ///
    /// # Errors
    /// That the node has no HCS, or HCS's own words.
    pub async fn hcs(&self, node: &str, kind: &str) -> Result<Vec<Document>, LabError> {
        let node = self.node(node)?;
        let what = format!("looking at the HCS {kind} of {}", node.spec.name);
        let Some(host) = node.host.windows() else {
            return Err(LabError::new(what, "the node runs Linux, HCS is a part of Windows"));
        };
        let hcs = host.compute();
        let listed = hcs.ask(EnumerateComputeSystems { query: Document::Null }).await;
        let systems = listed.map_err(|fault| LabError::new(what, fault))?.items().to_vec();
        if kind == "systems" {
            return Ok(systems);
        }
        let mut processes = Vec::new();
        for system in systems {
            let id = system.text(&["Id"]).to_owned();
            let query = doc!({"PropertyTypes": ["ProcessList"]});
            let Ok(properties) = hcs.ask(GetComputeSystemProperties { id: id.clone(), query }).await else {
                continue;
            };
            let list = properties.get("ProcessList").cloned().unwrap_or_default();
            processes.extend(list.items().iter().map(|process| process.clone().with("Id", id.as_str())));
        }
        Ok(processes)
    }
}
