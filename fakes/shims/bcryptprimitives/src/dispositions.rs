//! `NtSetInformationFile` with `FileDispositionInformationEx`, which Wine 8 does not have and answers with
//! `STATUS_NOT_IMPLEMENTED`. A Windows that does not have it (before 10, 1607) answers `STATUS_INVALID_INFO_CLASS`, and only
//! then does Go delete in the older way (`Deleteat` in `internal/syscall/windows/at_windows.go`, under `os.RemoveAll` since
//! Go 1.25): kubelet.exe could not remove the volumes of a pod, and the pod never went.

use crate::export_table::{extend, Export};
use crate::win32::NtSetInformationFile;

/// `FileDispositionInformationEx`
const DISPOSITION_EX: u32 = 64;
const NOT_IMPLEMENTED: i32 = 0xc000_0002_u32 as i32;
const INVALID_INFO_CLASS: i32 = 0xc000_0003_u32 as i32;

/// Puts it into ntdll.dll. What it calls is what this DLL was bound to before.
///
/// # Safety
/// `module` is that DLL, and the loader's lock is held.
pub(crate) unsafe fn mend(module: *mut u8) {
    let export = Export { name: b"NtSetInformationFile\0", function: set as *const () as usize };
    // SAFETY: as this function's.
    unsafe { extend(module, &[export]) };
}

/// `NtSetInformationFile`
unsafe extern "system" fn set(
    file: usize,
    status: *mut u8,
    information: *mut u8,
    length: u32,
    class: u32,
) -> i32 {
    // SAFETY: as the caller's.
    let answer = unsafe { NtSetInformationFile(file, status, information, length, class) };
    match (class, answer) {
        (DISPOSITION_EX, NOT_IMPLEMENTED) => INVALID_INFO_CLASS,
        _ => answer,
    }
}
