//! What is to be proxied: service ports and their endpoints, and how changes of them are gathered between two syncs
//! (`pkg/proxy/{serviceport,endpoint,servicechangetracker,endpointslicecache,topology}.go`).

mod changes;
mod endpoint;
mod name;
mod port;
mod slices;
mod topology;

pub(crate) use changes::{ServiceChanges, ServicePortMap};
pub(crate) use endpoint::Endpoint;
#[cfg(test)]
pub(crate) use name::Protocol;
pub(crate) use name::ServicePortName;
pub(crate) use port::{ServicePort, target_port};
pub(crate) use slices::{EndpointsChange, EndpointsMap, SliceCache};
pub(crate) use topology::{Categories, Place, categorize};
