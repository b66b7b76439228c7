//! The DLL itself.

/// Keeps the DLL in memory until the process ends: a thread of ours runs code of it.
pub(crate) fn stay_loaded() {
    #[cfg(windows)]
    {
        const PIN: u32 = 1;
        const FROM_ADDRESS: u32 = 4;
        let mut module = 0;
        let here = stay_loaded as *const u16;
        // SAFETY: with FROM_ADDRESS the name is an address in the module, and `module` can be written.
        unsafe { GetModuleHandleExW(PIN | FROM_ADDRESS, here, &mut module) };
    }
}

#[cfg(windows)]
#[link(name = "kernel32")]
extern "system" {
    fn GetModuleHandleExW(flags: u32, name: *const u16, module: *mut usize) -> i32;
}
