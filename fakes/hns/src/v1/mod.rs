//! The V1 schema and `HNSCall`: the other view of the same store.

mod accelnet;
mod endpoints;
mod namespaces;
mod networks;
mod paths;
mod update;

pub(crate) mod endpoint;
pub(crate) mod network;
pub(crate) mod policy;
pub(crate) mod policy_list;

use winlab_document::{Document, doc};
use winlab_host::Guid;

use crate::base::health_v1;
use crate::members::upper;

/// The member `Resources` that V1 documents carry: what was allocated for the object, and how long it took.
pub(crate) fn resources(id: Guid, state: u16, since: u64) -> Document {
    doc!({
        "AdditionalParams": {},
        "AllocationOrder": 1,
        "Allocators": [],
        "CompartmentOperationTime": 0,
        "Flags": 0,
        "Health": health_v1(since),
        "ID": upper(id),
        "PortOperationTime": 0,
        "State": state,
        "SwitchOperationTime": 0,
        "VfpOperationTime": 0,
        "parentId": upper(id),
    })
}
