//! Changing a running compute system.

use winlab_document::Document;
use winlab_host::{Fault, Guid, HResult};

use super::configuration::read_mapping;
use crate::hcs::Hcs;
use crate::host::Host;
use crate::unmodelled;

impl Hcs {
    /// `HcsModifyComputeSystem`: a `ModifySettingRequest`, or V1's request with `ResourceType` `Network`.
    pub(crate) fn modify(&mut self, id: &str, request: &Document, host: &mut dyn Host) -> Result<(), Fault> {
        self.require_running(id)?;
        let settings = request.get("Settings").unwrap_or(&Document::Null);
        let add = match request.text(&["RequestType"]) {
            "Add" | "Update" | "" => true,
            "Remove" => false,
            _ => return Err(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_JSON)),
        };
        if request.text(&["ResourceType"]) == "Network" {
            return self.modify_network(id, settings, add, host);
        }
        match request.text(&["ResourcePath"]) {
            "Container/Memory/SizeInMB" => {
                let size = settings.as_u64().ok_or(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_JSON))?;
                let spec = self.live_mut(id)?.spec_mut().ok_or(Fault::new(HResult::E_INVALIDARG))?;
                spec.memory_limit = size << 20;
                self.keep(id, &["Container", "Memory", "SizeInMB"], settings)
            }
            // Since 20H2 (hcsshim `internal/hcsoci`): older builds refuse.
            "Container/Processor" if self.config.build.0 >= 19042 => {
                self.keep(id, &["Container", "Processor"], settings)
            }
            "Container/MappedDirectories" => self.modify_mapping(id, settings, add, host),
            "Container/RegistryFlushState" => self.keep(id, &["Container", "RegistryFlushState"], settings),
            path if path.starts_with("VirtualMachine/") => {
                // The network of a Hyper-V isolated pod is the namespace its containers name.
                if !path.starts_with("VirtualMachine/Devices/NetworkAdapters/") {
                    self.count(&unmodelled::VM_RESOURCE);
                }
                let names: Vec<&str> = path.split('/').collect();
                self.keep(id, &names, settings)
            }
            _ => {
                self.count(&unmodelled::RESOURCE);
                Err(Fault::new(HResult::ERROR_VMCOMPUTE_UNKNOWN_MESSAGE))
            }
        }
    }

    /// Shows in the system's configuration from now on.
    fn keep(&mut self, id: &str, path: &[&str], settings: &Document) -> Result<(), Fault> {
        self.live_mut(id)?.configuration.set_path(path, settings);
        Ok(())
    }

    fn modify_mapping(
        &mut self,
        id: &str,
        settings: &Document,
        add: bool,
        host: &mut dyn Host,
    ) -> Result<(), Fault> {
        let mapping = read_mapping(settings)?;
        let spec = self.live_mut(id)?.spec_mut().ok_or(Fault::new(HResult::E_INVALIDARG))?;
        let known = spec.mapped.iter().position(|known| known.container == mapping.container);
        match (known, add) {
            (Some(_), true) => return Err(Fault::new(HResult::ERROR_ALREADY_EXISTS)),
            (None, false) => return Err(Fault::new(HResult::ERROR_NOT_FOUND)),
            (None, true) => {
                host.map_directory(id, &mapping, true)?;
                spec.mapped.push(mapping);
            }
            (Some(at), false) => {
                host.map_directory(id, &mapping, false)?;
                spec.mapped.remove(at);
            }
        }
        Ok(())
    }

    /// Hot attach: win-bridge and docker give a container its endpoint this way.
    fn modify_network(
        &mut self,
        id: &str,
        settings: &Document,
        add: bool,
        host: &mut dyn Host,
    ) -> Result<(), Fault> {
        let endpoint: Guid = settings
            .as_str()
            .unwrap_or(settings.text(&["EndpointId"]))
            .parse()
            .map_err(|_| Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_JSON))?;
        if add {
            let compartment = host.attach_endpoint(endpoint, id)?;
            let system = self.live_mut(id)?;
            system.compartment = compartment;
            if !system.endpoints.contains(&endpoint) {
                system.endpoints.push(endpoint);
            }
        } else {
            host.detach_endpoint(endpoint, id)?;
            self.live_mut(id)?.endpoints.retain(|known| *known != endpoint);
        }
        Ok(())
    }
}
