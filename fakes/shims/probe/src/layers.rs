//! The layer functions of vmcompute.dll: a scratch over a base, ready for use.

use std::ptr::null_mut;

use crate::library::{wide, HResult, Library};

#[repr(C)]
struct DriverInfo {
    flavour: i32,
    home: *const u16,
}

#[repr(C)]
struct Descriptor {
    id: [u8; 16],
    flags: u32,
    path: *const u16,
}

type Name = unsafe extern "system" fn(*const u16, *mut [u8; 16]) -> HResult;
type Exists = unsafe extern "system" fn(*const DriverInfo, *const u16, *mut u32) -> HResult;
type Sandbox =
    unsafe extern "system" fn(*const DriverInfo, *const u16, usize, *const Descriptor, u32) -> HResult;
type Plain = unsafe extern "system" fn(*const DriverInfo, *const u16) -> HResult;
type Prepare = unsafe extern "system" fn(*const DriverInfo, *const u16, *const Descriptor, u32) -> HResult;
type MountPath = unsafe extern "system" fn(*const DriverInfo, *const u16, *mut usize, *mut u16) -> HResult;

/// Makes a scratch over a base and gives back the volume it is mounted at.
pub(crate) fn prepare(base: &str, scratch: &str) -> String {
    let dll = Library::load("vmcompute.dll");
    let (home, base, scratch) = (wide(""), wide(base), wide(scratch));
    let info = DriverInfo { flavour: 1, home: home.as_ptr() };
    let (mut id, mut exists, mut length) = ([0; 16], 7, 0);
    // SAFETY: the types are those of hcsshim's `internal/wclayer`, the pointers are of this frame.
    unsafe {
        let name: Name = dll.get("NameToGuid");
        let code = name(wide("base").as_ptr(), &mut id);
        println!("name {:#x} {}", code, id != [0; 16]);
        let layer_exists: Exists = dll.get("LayerExists");
        println!("exists {:#x} {}", layer_exists(&info, scratch.as_ptr(), &mut exists), exists);
        let parents = [Descriptor { id, flags: 0, path: base.as_ptr() }];
        let sandbox: Sandbox = dll.get("CreateSandboxLayer");
        println!("scratch {:#x}", sandbox(&info, scratch.as_ptr(), 0, parents.as_ptr(), 1));
        let activate: Plain = dll.get("ActivateLayer");
        println!("activate {:#x}", activate(&info, scratch.as_ptr()));
        let prepare: Prepare = dll.get("PrepareLayer");
        println!("prepare {:#x}", prepare(&info, scratch.as_ptr(), parents.as_ptr(), 1));
        let mounted: MountPath = dll.get("GetLayerMountPath");
        let code = mounted(&info, scratch.as_ptr(), &mut length, null_mut());
        let mut path = vec![0; length];
        println!(
            "mounted {:#x} {:#x}",
            code,
            mounted(&info, scratch.as_ptr(), &mut length, path.as_mut_ptr())
        );
        path.truncate(length.saturating_sub(1));
        String::from_utf16(&path).expect("a UTF-16 path")
    }
}
