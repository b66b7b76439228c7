//! Reading the documents that describe compute systems, in both schemas.
//!
//! V1 (`SystemType` at the top: docker and hosts before 17763) and V2 (`SchemaVersion` and one of `Container`,
//! `VirtualMachine`, `HostedSystem`); hcsshim `internal/schema1`, `internal/schema2`.

use winlab_document::Document;
use winlab_host::{Fault, Guid, HResult};

use super::compute_system::Kind;
use crate::host::{Mapping, RegistryChange};

/// What a container's document asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ContainerSpec {
    pub(crate) host_name: String,
    /// Folders of the layers, topmost first.
    pub(crate) layers: Vec<String>,
    /// Scratch: a folder or a volume.
    pub(crate) scratch: String,
    pub(crate) mapped: Vec<Mapping>,
    /// Memory limit in bytes; 0 of none.
    pub(crate) memory_limit: u64,
    pub(crate) namespace: Option<Guid>,
    pub(crate) endpoints: Vec<Guid>,
    /// The container whose network it shares, V1's and V2's way alike.
    pub(crate) shares_network_of: String,
    pub(crate) dns_search: Vec<String>,
    pub(crate) registry: Vec<RegistryChange>,
    pub(crate) has_credentials: bool,
}

/// A document read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Configuration {
    pub(super) kind: Kind,
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) hosting: Option<String>,
    pub(super) is_hyper_v: bool,
    pub(super) ends_with_last_handle: bool,
}

fn invalid(why: &str) -> Fault {
    let code = HResult::ERROR_VMCOMPUTE_INVALID_JSON;
    Fault::because(code, format!("{} {why}", code.message()))
}

fn flag(document: &Document, name: &str) -> bool {
    document.get(name).and_then(Document::as_bool).unwrap_or_default()
}

fn number(document: &Document, path: &[&str]) -> u64 {
    document.path(path).and_then(Document::as_u64).unwrap_or_default()
}

fn guid(text: &str) -> Result<Option<Guid>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| invalid(&format!("`{text}` is not a GUID.")))
}

/// Reads either schema.
pub(super) fn read(document: &Document) -> Result<Configuration, Fault> {
    if !document.is_object() {
        return Err(invalid("It is not an object."));
    }
    if document.get("SystemType").is_some() { read_v1(document) } else { read_v2(document) }
}

fn read_v2(document: &Document) -> Result<Configuration, Fault> {
    if number(document, &["SchemaVersion", "Major"]) != 2 {
        return Err(invalid("SchemaVersion.Major is not 2."));
    }
    let member = |name| document.get(name).filter(|value| value.is_object());
    let hosted = member("HostedSystem").and_then(|hosted| hosted.get("Container"));
    let kind = match (member("Container"), hosted, member("VirtualMachine")) {
        (Some(container), None, None) | (None, Some(container), None) => {
            Kind::Container(Box::new(read_container(container)?))
        }
        (None, None, Some(machine)) => {
            Kind::VirtualMachine { memory: number(machine, &["ComputeTopology", "Memory", "SizeInMB"]) << 20 }
        }
        _ => return Err(invalid("It has not exactly one of Container, VirtualMachine and HostedSystem.")),
    };
    let hosting = Some(document.text(&["HostingSystemId"]).to_owned()).filter(|id| !id.is_empty());
    if hosted.is_some() && hosting.is_none() {
        return Err(invalid("A HostedSystem needs a HostingSystemId."));
    }
    Ok(Configuration {
        kind,
        owner: document.text(&["Owner"]).to_owned(),
        name: document.text(&["Name"]).to_owned(),
        hosting,
        is_hyper_v: false,
        ends_with_last_handle: flag(document, "ShouldTerminateOnLastHandleClosed"),
    })
}

/// The member `Container` of a V2 document; a job object's settings have the same shape.
pub(crate) fn read_container(container: &Document) -> Result<ContainerSpec, Fault> {
    let paths = |layers: &Document| layers.items().iter().map(|l| l.text(&["Path"]).to_owned()).collect();
    let networking = container.get("Networking").unwrap_or(&Document::Null);
    let search = networking.text(&["DnsSearchList"]);
    let mut endpoints = Vec::new();
    for adapter in networking.get("NetworkAdapters").map_or(&[][..], Document::items) {
        endpoints.extend(guid(adapter.as_str().unwrap_or_default())?);
    }
    let registry = container.get("RegistryChanges").unwrap_or(&Document::Null);
    let changes = |name| registry.get(name).map_or(&[][..], Document::items).iter().cloned();
    Ok(ContainerSpec {
        host_name: container.text(&["GuestOs", "HostName"]).to_owned(),
        layers: container.path(&["Storage", "Layers"]).map_or_else(Vec::new, paths),
        scratch: container.text(&["Storage", "Path"]).to_owned(),
        mapped: container
            .get("MappedDirectories")
            .map_or(&[][..], Document::items)
            .iter()
            .map(read_mapping)
            .collect::<Result<_, _>>()?,
        memory_limit: number(container, &["Memory", "SizeInMB"]) << 20,
        namespace: guid(networking.text(&["Namespace"]))?,
        endpoints,
        shares_network_of: networking.text(&["NetworkSharedContainerName"]).to_owned(),
        dns_search: search.split(',').filter(|suffix| !suffix.is_empty()).map(str::to_owned).collect(),
        registry: changes("DeleteKeys")
            .map(RegistryChange::DeleteKey)
            .chain(changes("AddValues").map(RegistryChange::Add))
            .collect(),
        has_credentials: container.get("ContainerCredentialGuard").is_some_and(Document::is_object),
    })
}

/// A `MappedDirectory` of either schema.
pub(crate) fn read_mapping(mapping: &Document) -> Result<Mapping, Fault> {
    let (host, container) = (mapping.text(&["HostPath"]), mapping.text(&["ContainerPath"]));
    if host.is_empty() || container.is_empty() {
        return Err(invalid("A mapped directory needs HostPath and ContainerPath."));
    }
    Ok(Mapping {
        host: host.to_owned(),
        container: container.to_owned(),
        read_only: flag(mapping, "ReadOnly"),
    })
}

fn read_v1(document: &Document) -> Result<Configuration, Fault> {
    if document.text(&["SystemType"]) != "Container" {
        return Err(invalid("SystemType is not Container."));
    }
    let items = |name| document.get(name).map_or(&[][..], Document::items);
    let mut endpoints = Vec::new();
    for endpoint in items("EndpointList") {
        endpoints.extend(guid(endpoint.as_str().unwrap_or_default())?);
    }
    let volume = document.text(&["VolumePath"]);
    let scratch = if volume.is_empty() { document.text(&["LayerFolderPath"]) } else { volume };
    let search = document.text(&["DNSSearchList"]);
    Ok(Configuration {
        kind: Kind::Container(Box::new(ContainerSpec {
            host_name: document.text(&["HostName"]).to_owned(),
            layers: items("Layers").iter().map(|layer| layer.text(&["Path"]).to_owned()).collect(),
            scratch: scratch.to_owned(),
            mapped: items("MappedDirectories").iter().map(read_mapping).collect::<Result<_, _>>()?,
            memory_limit: number(document, &["MemoryMaximumInMB"]) << 20,
            namespace: None,
            endpoints,
            shares_network_of: document.text(&["NetworkSharedContainerName"]).to_owned(),
            dns_search: search.split(',').filter(|suffix| !suffix.is_empty()).map(str::to_owned).collect(),
            registry: Vec::new(),
            has_credentials: !document.text(&["Credentials"]).is_empty(),
        })),
        owner: document.text(&["Owner"]).to_owned(),
        name: document.text(&["Name"]).to_owned(),
        hosting: None,
        is_hyper_v: flag(document, "HvPartition"),
        ends_with_last_handle: flag(document, "TerminateOnLastHandleClosed"),
    })
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};
    use winlab_host::HResult;

    use super::{Kind, read};

    #[test]
    fn both_schemas_say_the_same() {
        let v1 = doc!({"SystemType": "Container", "Owner": "docker", "HostName": "web", "VolumePath": "\\\\?\\Volume{1}",
            "Layers": [{"ID": "a", "Path": "C:\\l"}], "MemoryMaximumInMB": 128, "DNSSearchList": "a,b",
            "TerminateOnLastHandleClosed": true});
        let v2 = doc!({"SchemaVersion": {"Major": 2, "Minor": 1}, "Owner": "docker", "ShouldTerminateOnLastHandleClosed": true,
            "Container": {"GuestOs": {"HostName": "web"}, "Memory": {"SizeInMB": 128},
                "Storage": {"Path": "\\\\?\\Volume{1}", "Layers": [{"Id": "a", "Path": "C:\\l"}]},
                "Networking": {"DnsSearchList": "a,b"}}});
        assert_eq!(read(&v1).unwrap(), read(&v2).unwrap());
    }

    #[test]
    fn what_is_no_compute_system_is_invalid_json() {
        for document in [
            Document::Null,
            doc!({}),
            doc!({"SchemaVersion": {"Major": 2}}),
            doc!({"SchemaVersion": {"Major": 3}, "Container": {}}),
            doc!({"SchemaVersion": {"Major": 2}, "Container": {}, "VirtualMachine": {}}),
            doc!({"SchemaVersion": {"Major": 2}, "HostedSystem": {"Container": {}}}),
            doc!({"SchemaVersion": {"Major": 2}, "Container": {"Networking": {"Namespace": "x"}}}),
            doc!({"SystemType": "Toaster"}),
        ] {
            let fault = read(&document).unwrap_err();
            assert_eq!(fault.code, HResult::ERROR_VMCOMPUTE_INVALID_JSON, "{document}");
        }
        let machine = doc!({"SchemaVersion": {"Major": 2}, "VirtualMachine": {"ComputeTopology": {"Memory": {"SizeInMB": 1024}}}});
        assert_eq!(read(&machine).unwrap().kind, Kind::VirtualMachine { memory: 1 << 30 });
    }
}
