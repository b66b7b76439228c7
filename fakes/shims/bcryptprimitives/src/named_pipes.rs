//! Named pipes under whatever letters.
//!
//! Windows looks names of its objects up without regard to case, whatever a caller asks for
//! (`HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Kernel`, `ObCaseInsensitive`, which is 1 unless somebody
//! changes it). Wine does as the caller says and calls the pipes' folder `\??\PIPE`, so that go-winio up to v0.6.0,
//! which asks for `\??\pipe\…` with `OBJ_CASE_INSENSITIVE` unset (microsoft/go-winio#280), makes none.

use crate::export_table::{extend, Export};
use crate::win32::{NtCreateNamedPipeFile, ObjectAttributes};

const INVALID_PARAMETER: i32 = 0xc000_000d_u32 as i32;
/// `OBJ_CASE_INSENSITIVE`
const CASE_INSENSITIVE: u32 = 0x40;

/// Puts the replacement into ntdll.dll. What it calls is what this DLL was bound to before.
///
/// # Safety
/// `module` is that DLL, and the loader's lock is held.
pub(crate) unsafe fn mend(module: *mut u8) {
    let exports = [Export { name: b"NtCreateNamedPipeFile\0", function: create as *const () as usize }];
    // SAFETY: as this function's.
    unsafe { extend(module, &exports) };
}

/// `NtCreateNamedPipeFile`
///
/// # Safety
/// As Windows's.
unsafe extern "system" fn create(
    pipe: *mut usize,
    access: u32,
    attributes: *const ObjectAttributes,
    status: *mut u8,
    share: u32,
    disposition: u32,
    options: u32,
    kind: u32,
    read_mode: u32,
    completion_mode: u32,
    instances: u32,
    inbound_quota: u32,
    outbound_quota: u32,
    timeout: *const i64,
) -> i32 {
    if attributes.is_null() {
        return INVALID_PARAMETER;
    }
    // SAFETY: as this function's.
    unsafe {
        let mut attributes = attributes.read();
        attributes.flags |= CASE_INSENSITIVE;
        NtCreateNamedPipeFile(
            pipe,
            access,
            &attributes,
            status,
            share,
            disposition,
            options,
            kind,
            read_mode,
            completion_mode,
            instances,
            inbound_quota,
            outbound_quota,
            timeout,
        )
    }
}
