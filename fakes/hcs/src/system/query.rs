//! Enumerating compute systems and reading their properties.

use winlab_document::{Document, ObjectBuilder, doc};
use winlab_host::{Fault, Guid, HResult};

use super::compute_system::{ComputeSystem, Kind};
use crate::hcs::Hcs;
use crate::host::Host;
use crate::unmodelled;

impl Hcs {
    /// `HcsEnumerateComputeSystems`: every member of the query must match; `null` and `{}` match all.
    pub(crate) fn enumerate(&self, query: &Document) -> Document {
        let allows = |name: &str, value: &str| {
            let allowed = query.get(name).map_or(&[][..], Document::items);
            allowed.is_empty() || allowed.iter().any(|item| item.as_str() == Some(value))
        };
        self.systems
            .values()
            .filter(|system| system.is_live())
            .filter(|system| {
                allows("Ids", &system.id)
                    && allows("Names", &system.name)
                    && allows("Types", system.type_name())
                    && allows("Owners", &system.owner)
            })
            .map(|system| base(system).build())
            .collect()
    }

    /// `HcsGetComputeSystemProperties`; the property types of a query, or of `Queries` of schema 2.5.
    pub(crate) fn properties(
        &mut self,
        id: &str,
        query: &Document,
        host: &mut dyn Host,
    ) -> Result<Document, Fault> {
        let system = self.live_mut(id)?;
        let mut result = base(system);
        let mut types: Vec<String> = query
            .get("PropertyTypes")
            .map_or(&[][..], Document::items)
            .iter()
            .filter_map(|kind| kind.as_str().map(str::to_owned))
            .collect();
        types.extend(
            query.get("Queries").map_or(&[][..], Document::members).iter().map(|(name, _)| name.to_string()),
        );
        for kind in types {
            match kind.as_str() {
                "Statistics" => {
                    result.set("Statistics", self.statistics(id, host));
                }
                "ProcessList" => {
                    result.set("ProcessList", self.process_list(id));
                }
                "Memory" => {
                    result.set("Memory", self.memory_property(id));
                }
                "TerminateOnLastHandleClosed" => {
                    let ends = self.live(id)?.ends_with_last_handle;
                    result.set("TerminateOnLastHandleClosed", ends);
                }
                "GuestConnection" if matches!(self.live(id)?.kind, Kind::VirtualMachine { .. }) => {
                    let newest = doc!({"Major": 2, "Minor": self.newest_schema()});
                    result.set(
                        "GuestConnectionInfo",
                        doc!({"SupportedSchemaVersions": [newest], "ProtocolVersion": 4,
                            "GuestDefinedCapabilities": {"NamespaceAddRequestSupported": true, "SignalProcessSupported": true}}),
                    );
                }
                _ => self.count(&unmodelled::PROPERTY),
            }
        }
        Ok(result.build())
    }

    fn memory_property(&self, id: &str) -> Document {
        let Ok(system) = self.live(id) else { return Document::Null };
        let memory = match &system.kind {
            Kind::VirtualMachine { memory } => *memory,
            Kind::Container(spec) => spec.memory_limit,
        };
        doc!({"SizeInMB": memory >> 20})
    }

    /// Fails unless a system with this id runs.
    pub(crate) fn require_running(&self, id: &str) -> Result<&ComputeSystem, Fault> {
        let system = self.systems.get(id).ok_or(Fault::new(HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND))?;
        match system.state {
            super::SystemState::Running => Ok(system),
            super::SystemState::Stopped => Err(Fault::new(HResult::ERROR_VMCOMPUTE_SYSTEM_ALREADY_STOPPED)),
            _ => Err(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_STATE)),
        }
    }
}

/// What every answer about a system has. `RuntimeId` must decode as a GUID.
fn base(system: &ComputeSystem) -> ObjectBuilder {
    let mut object = ObjectBuilder::new();
    object
        .set("Id", &system.id)
        .set("SystemType", system.type_name())
        .set("RuntimeOsType", "Windows")
        .set("Name", &system.name)
        .set("Owner", &system.owner)
        .set("RuntimeId", system.runtime_id)
        .set("RuntimeTemplateId", Guid::NIL)
        .set("State", system.state.to_string())
        .set("Stopped", !system.is_live())
        .set("ExitType", system.exit.map_or_else(|| String::from("None"), |exit| exit.to_string()))
        .set_some("HostingSystemId", system.hosting.as_ref());
    object
}
