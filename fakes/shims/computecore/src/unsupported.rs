//! What Windows has and the boundary has no call for.

use winlab_shim::fault::{HResult, E_NOTIMPL};
use winlab_shim::hcs::layer::grant_vm_access;
use winlab_shim::memory::give;

/// Lets a virtual machine read a file.
///
/// # Safety
/// The strings are null or end in NUL.
#[no_mangle]
pub unsafe extern "system" fn HcsGrantVmAccess(vm: *const u16, file: *const u16) -> HResult {
    // SAFETY: as this function's.
    unsafe { grant_vm_access(vm, file) }
}

/// Cancelling is not implemented in Windows either (`HcsCancelOperation.md`).
#[no_mangle]
pub extern "system" fn HcsCancelOperation(_operation: usize) -> HResult {
    E_NOTIMPL
}

/// Properties of an operation; not implemented.
///
/// # Safety
/// `properties` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsGetOperationProperties(
    _operation: usize,
    _options: *const u16,
    properties: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { give(properties, None) };
    E_NOTIMPL
}

/// Resources that go with a call; not implemented.
#[no_mangle]
pub extern "system" fn HcsAddResourceToOperation(
    _operation: usize,
    _kind: u32,
    _uri: *const u16,
    _handle: usize,
) -> HResult {
    E_NOTIMPL
}

macro_rules! not_implemented {
    ($($export:ident($($argument:ident),*);)*) => {
        $(
            /// Not implemented: of virtual machines, or of the host alone.
            #[no_mangle]
            pub extern "system" fn $export($($argument: *const u16),*) -> HResult {
                $( let _ = $argument; )*
                E_NOTIMPL
            }
        )*
    };
}

not_implemented! {
    HcsSubmitWerReport(settings);
    HcsCreateEmptyGuestStateFile(path);
    HcsCreateEmptyRuntimeStateFile(path);
    HcsRevokeVmAccess(vm, path);
    HcsGrantVmGroupAccess(path);
    HcsRevokeVmGroupAccess(path);
}

/// Not implemented: of saved virtual machines.
///
/// # Safety
/// `features` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsGetProcessorCompatibilityFromSavedState(
    _file: *const u16,
    features: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { give(features, None) };
    E_NOTIMPL
}
