//! Layers of images and containers (hcsshim `internal/wclayer`).

use winlab_shim::fault::{Fault, HResult};
use winlab_shim::guard::{code, guarded};
use winlab_shim::guid::Guid;
use winlab_shim::hcs::layer::{grant_vm_access, parents, path, DriverInfo, LayerDescriptor};
use winlab_shim::json::{Json, Object};
use winlab_shim::memory::{give, put};
use winlab_shim::text;
use winlab_shim::wire::Service;

/// `ERROR_INSUFFICIENT_BUFFER`
const INSUFFICIENT_BUFFER: HResult = 0x8007_007a;

fn call(function: &str, arguments: impl FnOnce() -> Object) -> HResult {
    guarded(|| code(Service::Hcs.call(function, arguments())))
}

macro_rules! layer_calls {
    ($($(#[$doc:meta])* $export:ident;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// `info` is null or points to a `DriverInfo`, `id` is null or ends in NUL.
            #[no_mangle]
            pub unsafe extern "system" fn $export(info: *const DriverInfo, id: *const u16) -> HResult {
                // SAFETY: as this function's.
                call(stringify!($export), || Object::new().string("path", &unsafe { path(info, id) }))
            }
        )*
    };
}

layer_calls! {
    /// Makes a read-only layer visible.
    ActivateLayer;
    /// Removes what `ActivateLayer` did.
    DeactivateLayer;
    /// Removes a layer from disk.
    DestroyLayer;
    /// Takes a scratch and its parents apart.
    UnprepareLayer;
}

/// A layer as the copy of another.
///
/// # Safety
/// As Windows's.
#[no_mangle]
pub unsafe extern "system" fn CopyLayer(
    info: *const DriverInfo,
    source: *const u16,
    destination: *const u16,
    descriptors: *const LayerDescriptor,
    count: u32,
) -> HResult {
    // SAFETY: as this function's.
    call("CopyLayer", || unsafe {
        let arguments = Object::new().string("source", &path(info, source));
        arguments
            .string("destination", &path(info, destination))
            .strings("parents", &parents(descriptors, count))
    })
}

/// An empty read-only layer.
///
/// # Safety
/// As Windows's.
#[no_mangle]
pub unsafe extern "system" fn CreateLayer(
    info: *const DriverInfo,
    id: *const u16,
    parent: *const u16,
) -> HResult {
    // SAFETY: as this function's.
    call("CreateLayer", || unsafe {
        Object::new().string("path", &path(info, id)).string("parent", &text::string(parent))
    })
}

/// A container's scratch over its parents. The parameter `parent` is not used: the descriptors say all.
///
/// # Safety
/// As Windows's.
#[no_mangle]
pub unsafe extern "system" fn CreateSandboxLayer(
    info: *const DriverInfo,
    id: *const u16,
    _parent: usize,
    descriptors: *const LayerDescriptor,
    count: u32,
) -> HResult {
    // SAFETY: as this function's.
    call("CreateSandboxLayer", || unsafe {
        Object::new().string("path", &path(info, id)).strings("parents", &parents(descriptors, count))
    })
}

/// Grows a scratch.
///
/// # Safety
/// As Windows's.
#[no_mangle]
pub unsafe extern "system" fn ExpandSandboxSize(
    info: *const DriverInfo,
    id: *const u16,
    bytes: u64,
) -> HResult {
    // SAFETY: as this function's.
    call("ExpandSandboxSize", || unsafe {
        Object::new().string("path", &path(info, id)).number("bytes", bytes)
    })
}

macro_rules! folder_calls {
    ($($(#[$doc:meta])* $export:ident;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// As Windows's.
            #[no_mangle]
            pub unsafe extern "system" fn $export(
                info: *const DriverInfo,
                id: *const u16,
                folder: *const u16,
                descriptors: *const LayerDescriptor,
                count: u32,
            ) -> HResult {
                // SAFETY: as this function's.
                call(stringify!($export), || unsafe {
                    let arguments = Object::new().string("path", &path(info, id));
                    let arguments = arguments.string("folder", &text::string(folder));
                    arguments.strings("parents", &parents(descriptors, count))
                })
            }
        )*
    };
}

folder_calls! {
    /// Writes a layer's content to a folder.
    ExportLayer;
    /// Fills a layer from a folder.
    ImportLayer;
}

/// Where a prepared scratch is mounted. Without a buffer only the length is handed out, in characters, NUL included.
///
/// # Safety
/// As Windows's: `buffer` has room for `*length` characters, or is null.
#[no_mangle]
pub unsafe extern "system" fn GetLayerMountPath(
    info: *const DriverInfo,
    id: *const u16,
    length: *mut usize,
    buffer: *mut u16,
) -> HResult {
    guarded(|| {
        code((|| {
            // SAFETY: as this function's.
            let arguments = Object::new().string("path", &unsafe { path(info, id) });
            let result = Service::Hcs.call("GetLayerMountPath", arguments)?;
            let mounted = Json::parse(&result).and_then(Json::as_str).ok_or_else(Fault::protocol)?;
            let units: Vec<u16> = mounted.encode_utf16().chain([0]).collect();
            // SAFETY: as this function's.
            let room = unsafe { length.as_ref() }.copied().ok_or_else(Fault::argument)?;
            // SAFETY: as this function's.
            unsafe { put(length, units.len()) };
            if buffer.is_null() {
                return Ok(());
            }
            if room < units.len() {
                return Err(Fault::new(
                    INSUFFICIENT_BUFFER,
                    "The data area passed to a system call is too small.",
                ));
            }
            // SAFETY: there is room for so many.
            unsafe { std::ptr::copy_nonoverlapping(units.as_ptr(), buffer, units.len()) };
            Ok(())
        })())
    })
}

/// Base images of the host.
///
/// # Safety
/// `images` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn GetBaseImages(images: *mut *mut u16) -> HResult {
    guarded(|| {
        // SAFETY: as this function's.
        unsafe { give(images, None) };
        code(Service::Hcs.call("GetBaseImages", Object::new()).map(|result| {
            // SAFETY: as this function's.
            unsafe { give(images, Some(&result)) };
        }))
    })
}

/// Whether a layer is there: 0 or 1.
///
/// # Safety
/// As Windows's.
#[no_mangle]
pub unsafe extern "system" fn LayerExists(
    info: *const DriverInfo,
    id: *const u16,
    exists: *mut u32,
) -> HResult {
    guarded(|| {
        code((|| {
            // SAFETY: as this function's.
            let arguments = Object::new().string("path", &unsafe { path(info, id) });
            let result = Service::Hcs.call("LayerExists", arguments)?;
            let there = Json::parse(&result).and_then(Json::as_bool).ok_or_else(Fault::protocol)?;
            // SAFETY: as this function's.
            unsafe { put(exists, u32::from(there)) };
            Ok(())
        })())
    })
}

/// The GUID that stands for a layer's name.
///
/// # Safety
/// `name` is null or ends in NUL, `guid` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn NameToGuid(name: *const u16, guid: *mut Guid) -> HResult {
    guarded(|| {
        code((|| {
            // SAFETY: as this function's.
            let arguments = Object::new().string("name", &unsafe { text::string(name) });
            let result = Service::Hcs.call("NameToGuid", arguments)?;
            let found = Json::parse(&result).and_then(Json::as_str).and_then(|text| text.parse().ok());
            // SAFETY: as this function's.
            unsafe { put(guid, found.ok_or_else(Fault::protocol)?) };
            Ok(())
        })())
    })
}

/// Puts a scratch and its parents together.
///
/// # Safety
/// As Windows's.
#[no_mangle]
pub unsafe extern "system" fn PrepareLayer(
    info: *const DriverInfo,
    id: *const u16,
    descriptors: *const LayerDescriptor,
    count: u32,
) -> HResult {
    // SAFETY: as this function's.
    call("PrepareLayer", || unsafe {
        Object::new().string("path", &path(info, id)).strings("parents", &parents(descriptors, count))
    })
}

/// Finishes a base layer after import.
///
/// # Safety
/// `path` is null or ends in NUL.
#[no_mangle]
pub unsafe extern "system" fn ProcessBaseImage(path: *const u16) -> HResult {
    // SAFETY: as this function's.
    call("ProcessBaseImage", || Object::new().string("path", &unsafe { text::string(path) }))
}

/// Finishes a base layer's utility VM after import.
///
/// # Safety
/// `path` is null or ends in NUL.
#[no_mangle]
pub unsafe extern "system" fn ProcessUtilityImage(path: *const u16) -> HResult {
    // SAFETY: as this function's.
    call("ProcessUtilityImage", || Object::new().string("path", &unsafe { text::string(path) }))
}

/// Lets a virtual machine read a file.
///
/// # Safety
/// The strings are null or end in NUL.
#[no_mangle]
pub unsafe extern "system" fn GrantVmAccess(vm: *const u16, file: *const u16) -> HResult {
    // SAFETY: as this function's.
    unsafe { grant_vm_access(vm, file) }
}
