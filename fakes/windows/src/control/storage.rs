//! Disk space.

use crate::host::WindowsHost;

impl WindowsHost {
    /// Leaves so many bytes of drive C: free: 0 is a full disk.
    pub fn set_free_disk(&self, bytes: u64) {
        self.with(|core, _| {
            let files = core.system.files_mut();
            files.set_capacity(files.used() + bytes);
        });
    }

    /// Gives drive C: its own size again.
    pub fn restore_disk(&self) {
        self.with(|core, _| {
            let bytes = core.system.config().disk;
            core.system.files_mut().set_capacity(bytes);
        });
    }
}
