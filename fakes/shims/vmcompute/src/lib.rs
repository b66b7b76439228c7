//! vmcompute.dll: the first generation of HCS's API, the layer functions, and HNS's V1
//! (hcsshim `internal/vmcompute/vmcompute.go`, `internal/wclayer/wclayer.go`, `internal/hns/hns.go`).
#![warn(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

mod layers;
mod processes;
mod systems;

use winlab_shim::fault::HResult;
use winlab_shim::hcn::service;

pub use layers::*;
pub use processes::*;
pub use systems::*;

/// HNS's V1: method, path and body in, the whole response out.
///
/// # Safety
/// The strings are null or end in NUL, `response` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HNSCall(
    method: *const u16,
    path: *const u16,
    body: *const u16,
    response: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { service::hns_call(method, path, body, response) }
}
