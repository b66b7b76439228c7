//! What layer calls carry (hcsshim `internal/wclayer/layerutils.go`).

use crate::fault::HResult;
use crate::guard::{code, guarded};
use crate::guid::Guid;
use crate::json::Object;
use crate::text;
use crate::wire::Service;

/// `DriverInfo`: which filter driver, and the folder that layer names are below.
#[derive(Debug)]
#[repr(C)]
pub struct DriverInfo {
    flavour: i32,
    home: *const u16,
}

/// `WC_LAYER_DESCRIPTOR`: a parent.
#[derive(Debug)]
#[repr(C)]
pub struct LayerDescriptor {
    id: Guid,
    flags: u32,
    path: *const u16,
}

/// A layer's path: its name, below the driver's home where there is one.
///
/// # Safety
/// Both are null or as the export's caller gives them.
pub unsafe fn path(info: *const DriverInfo, name: *const u16) -> String {
    // SAFETY: as this function's.
    unsafe {
        let name = text::string(name);
        let home = match info.as_ref() {
            Some(info) => text::string(info.home),
            None => String::new(),
        };
        if home.is_empty() {
            return name;
        }
        format!("{}\\{}", home.trim_end_matches('\\'), name)
    }
}

/// The parents' paths, nearest first.
///
/// # Safety
/// `descriptors` points to `count` of them, or is null where there are none.
pub unsafe fn parents(descriptors: *const LayerDescriptor, count: u32) -> Vec<String> {
    if descriptors.is_null() || count == 0 {
        return Vec::new();
    }
    // SAFETY: as this function's.
    unsafe {
        std::slice::from_raw_parts(descriptors, count as usize)
            .iter()
            .map(|one| text::string(one.path))
            .collect()
    }
}

/// `GrantVmAccess` of vmcompute.dll and `HcsGrantVmAccess` of computecore.dll.
///
/// # Safety
/// The strings are null or end in NUL.
pub unsafe fn grant_vm_access(vm: *const u16, file: *const u16) -> HResult {
    // SAFETY: as this function's.
    let arguments =
        || unsafe { Object::new().string("vm", &text::string(vm)).string("path", &text::string(file)) };
    guarded(|| code(Service::Hcs.call("GrantVmAccess", arguments())))
}
