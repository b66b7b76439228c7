//! HCS.

use winlab_document::{Document, doc};
use winlab_host::compute::{
    Compute, CreateComputeSystem, EnumerateComputeSystems, GetComputeSystemProperties, GetServiceProperties,
    LayerExists, NameToGuid, OpenComputeSystem, StartComputeSystem,
};
use winlab_host::{Ask as _, Boundary, HResult};

use super::{Failure, holds, refused, same};

type Host<'a> = &'a dyn Boundary<Compute>;

const NOBODY: &str = "winlab-conformance";

pub(super) async fn absent(host: Host<'_>) -> Result<(), Failure> {
    let listed = host.ask(EnumerateComputeSystems { query: doc!({"Ids": [NOBODY]}) }).await?;
    same("an enumeration without a match", listed, Document::empty_array())?;
    let code = HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND;
    refused("opening", host.ask(OpenComputeSystem { id: NOBODY.into() }).await, code)?;
    let start = StartComputeSystem { id: NOBODY.into(), options: Document::Null };
    refused("starting", host.ask(start).await, code)?;
    let query = GetComputeSystemProperties { id: NOBODY.into(), query: Document::empty_object() };
    refused("properties", host.ask(query).await, code)
}

pub(super) async fn service_properties(host: Host<'_>) -> Result<(), Failure> {
    let query = doc!({"PropertyTypes": ["Basic", "ProcessorTopology"]});
    let properties = host.ask(GetServiceProperties { query }).await?;
    let versions = properties.pointer("/Properties/0/SupportedSchemaVersions").cloned().unwrap_or_default();
    holds("schema 2.1 is supported", versions.items().contains(&doc!({"Major": 2, "Minor": 1})))?;
    let count = properties.pointer("/Properties/1/LogicalProcessorCount").and_then(Document::as_u64);
    holds("there is a processor", count.is_some_and(|count| count > 0))
}

pub(super) async fn layer_names(host: Host<'_>) -> Result<(), Failure> {
    let one = host.ask(NameToGuid { name: "one".into() }).await?;
    same("the same name again", host.ask(NameToGuid { name: "one".into() }).await?, one)?;
    holds("another name", host.ask(NameToGuid { name: "two".into() }).await? != one)?;
    let exists = host.ask(LayerExists { path: r"C:\winlab-conformance\layer".into() }).await?;
    same("a layer that is not there", exists, false)
}

pub(super) async fn bad_documents(host: Host<'_>) -> Result<(), Failure> {
    for configuration in [doc!({}), doc!({"SchemaVersion": {"Major": 2, "Minor": 1}}), doc!([1])] {
        let what = configuration.to_string();
        let answer = host.ask(CreateComputeSystem { id: NOBODY.into(), configuration }).await;
        refused(&what, answer, HResult::ERROR_VMCOMPUTE_INVALID_JSON)?;
    }
    Ok(())
}
