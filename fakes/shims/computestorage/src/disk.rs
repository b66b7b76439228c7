//! The file behind the handle of a virtual disk: the wire names disks by path.

use winlab_shim::fault::Fault;

/// Longer than any path.
const ROOM: u32 = 0x8000;

/// The path of a handle's file.
pub(crate) fn path(handle: usize) -> Result<String, Fault> {
    let mut units = vec![0_u16; ROOM as usize];
    // SAFETY: there is room for so many.
    let length = unsafe { GetFinalPathNameByHandleW(handle, units.as_mut_ptr(), ROOM, 0) };
    if length == 0 || length >= ROOM {
        return Err(Fault::no_handle());
    }
    units.truncate(length as usize);
    String::from_utf16(&units).map_err(|_| Fault::no_handle())
}

#[link(name = "kernel32")]
extern "system" {
    fn GetFinalPathNameByHandleW(handle: usize, path: *mut u16, room: u32, flags: u32) -> u32;
}
