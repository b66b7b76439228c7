//! Network compartments, which Wine's iphlpapi.dll does not have.
//!
//! A thread's compartment is remembered and told; it has no effect on the thread's sockets, as Wine has one network.

use core::sync::atomic::{AtomicU32, Ordering};

use crate::export_table::{extend, Export};
use crate::win32::{GetHandleInformation, GetProcAddress, TlsAlloc, TlsGetValue, TlsSetValue};

const SUCCESS: u32 = 0;
const INVALID_HANDLE: u32 = 6;
const OUT_OF_MEMORY: u32 = 14;
const INVALID_PARAMETER: u32 = 87;
/// The host's own.
const DEFAULT: usize = 1;
const NONE: u32 = u32::MAX;

static SLOT: AtomicU32 = AtomicU32::new(NONE);

/// Adds the functions to iphlpapi.dll, where it has none.
///
/// # Safety
/// `module` is that DLL, and the loader's lock is held.
pub(crate) unsafe fn mend(module: *mut u8) {
    // SAFETY: as this function's.
    unsafe {
        if GetProcAddress(module, b"SetCurrentThreadCompartmentId\0".as_ptr()) != 0 {
            return;
        }
        SLOT.store(TlsAlloc(), Ordering::SeqCst);
        let exports = [
            Export {
                name: b"GetCurrentThreadCompartmentId\0",
                function: get_of_thread as *const () as usize,
            },
            Export {
                name: b"SetCurrentThreadCompartmentId\0",
                function: set_of_thread as *const () as usize,
            },
            Export { name: b"SetJobCompartmentId\0", function: set_of_job as *const () as usize },
        ];
        extend(module, &exports);
    }
}

/// `GetCurrentThreadCompartmentId`
extern "system" fn get_of_thread() -> u32 {
    let slot = SLOT.load(Ordering::SeqCst);
    // SAFETY: an index that is none gives 0.
    let id = if slot == NONE { 0 } else { unsafe { TlsGetValue(slot) } };
    (if id == 0 { DEFAULT } else { id }) as u32
}

/// `SetCurrentThreadCompartmentId`
extern "system" fn set_of_thread(id: u32) -> u32 {
    if id == 0 {
        return INVALID_PARAMETER;
    }
    let slot = SLOT.load(Ordering::SeqCst);
    // SAFETY: the slot is ours.
    if slot == NONE || unsafe { TlsSetValue(slot, id as usize) } == 0 {
        return OUT_OF_MEMORY;
    }
    SUCCESS
}

/// `SetJobCompartmentId`
extern "system" fn set_of_job(job: usize, id: u32) -> u32 {
    let mut flags = 0;
    if id == 0 {
        return INVALID_PARAMETER;
    }
    // SAFETY: `flags` can be written; a handle that is none is answered so.
    if unsafe { GetHandleInformation(job, &mut flags) } == 0 {
        return INVALID_HANDLE;
    }
    SUCCESS
}
