//! Mends Wine's DLLs when they are loaded, and before anybody has looked a function up in them.
//!
//! A program that does not load them pays nothing. Functions that were bound by an import table before keep their
//! originals; Go looks all of its up at run time.

use core::sync::atomic::{AtomicUsize, Ordering};

use crate::win32::{GetModuleHandleW, LdrRegisterDllNotification, Notification};
use crate::{backup, compartments, dispositions, named_pipes, reparse_points, symbolic_links, unix_sockets};

/// A DLL by name, what mends it, and where it was when it was mended: one that this DLL finds mapped may be told of
/// once more when it is attached.
struct Mended {
    name: &'static [u8],
    mend: unsafe fn(*mut u8),
    at: AtomicUsize,
}

static MENDED: [Mended; 4] = [
    Mended { name: b"ntdll.dll", mend: mend_ntdll, at: AtomicUsize::new(0) },
    Mended { name: b"kernel32.dll", mend: mend_kernel32, at: AtomicUsize::new(0) },
    Mended { name: b"ws2_32.dll", mend: unix_sockets::mend, at: AtomicUsize::new(0) },
    Mended { name: b"iphlpapi.dll", mend: compartments::mend, at: AtomicUsize::new(0) },
];

/// # Safety
/// As [`Mended::mend_at`]'s.
unsafe fn mend_ntdll(module: *mut u8) {
    // SAFETY: as this function's.
    unsafe {
        named_pipes::mend(module);
        dispositions::mend(module);
    }
}

/// # Safety
/// As [`Mended::mend_at`]'s.
unsafe fn mend_kernel32(module: *mut u8) {
    // SAFETY: as this function's.
    unsafe {
        backup::mend(module);
        reparse_points::mend(module);
        symbolic_links::mend(module);
    }
}

impl Mended {
    /// # Safety
    /// `module` is the DLL of that name, and the loader's lock is held.
    unsafe fn mend_at(&self, module: *mut u8) {
        if self.at.swap(module as usize, Ordering::SeqCst) != module as usize {
            // SAFETY: as this function's.
            unsafe { (self.mend)(module) };
        }
    }
}

const LONGEST: usize = 16;

/// Mends what is loaded already, and what will be.
///
/// # Safety
/// The loader holds its lock, as it does for `DllMain`.
pub(crate) unsafe fn mend_what_is_loaded() {
    for dll in &MENDED {
        let mut name = [0_u16; LONGEST];
        for (unit, byte) in name.iter_mut().zip(dll.name) {
            *unit = (*byte).into();
        }
        // SAFETY: the name ends in NUL; a module that is loaded stays while the loader's lock is held.
        unsafe {
            let module = GetModuleHandleW(name.as_ptr());
            if !module.is_null() {
                dll.mend_at(module);
            }
        }
    }
    let mut cookie = 0;
    // SAFETY: the callback stays: this DLL is not unloaded, since Go and std hold it for good.
    unsafe { LdrRegisterDllNotification(0, loaded, 0, &mut cookie) };
}

/// # Safety
/// As the loader calls it.
unsafe extern "system" fn loaded(reason: u32, what: *const Notification, _context: usize) {
    const LOADED: u32 = 1;
    if reason != LOADED {
        return;
    }
    // SAFETY: as this function's: the notification and its name live until this returns.
    let (name, base) = unsafe {
        let base_name = &*(*what).base_name;
        (core::slice::from_raw_parts(base_name.buffer, usize::from(base_name.length / 2)), (*what).base)
    };
    for dll in &MENDED {
        let same = |(unit, byte): (&u16, &u8)| {
            u8::try_from(*unit).map_or(false, |unit| unit.eq_ignore_ascii_case(byte))
        };
        if name.len() == dll.name.len() && name.iter().zip(dll.name).all(same) {
            // SAFETY: the module was just mapped, and the loader holds its lock.
            unsafe { dll.mend_at(base) };
        }
    }
}
