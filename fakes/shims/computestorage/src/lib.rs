//! computestorage.dll: layers, for the second generation of HCS's API (hcsshim `computestorage/storage.go`).
//!
//! The two `…Legacy…` functions of `computestorage.h`, which no Go program calls, have no call at the boundary and are
//! not exported.
#![warn(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

mod disk;

use winlab_shim::fault::{Fault, HResult};
use winlab_shim::guard::{code, guarded};
use winlab_shim::json::{Json, Object};
use winlab_shim::memory::give;
use winlab_shim::text;
use winlab_shim::wire::Service;

macro_rules! storage_calls {
    ($($(#[$doc:meta])* $export:ident($($argument:ident = $name:literal),*);)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// The strings are null or end in NUL.
            #[no_mangle]
            pub unsafe extern "system" fn $export($($argument: *const u16),*) -> HResult {
                guarded(|| {
                    let arguments = Object::new();
                    // SAFETY: as this function's.
                    $( let arguments = arguments.string($name, &unsafe { text::string($argument) }); )*
                    code(Service::Hcs.call(stringify!($export), arguments))
                })
            }
        )*
    };
}

storage_calls! {
    /// Fills a layer from a folder.
    HcsImportLayer(path = "path", folder = "folder", layers = "layers_text");
    /// Writes a layer's content to a folder.
    HcsExportLayer(path = "path", folder = "folder", layers = "layers_text", options = "options_text");
    /// Removes a layer from disk.
    HcsDestroyLayer(path = "path");
    /// Sets a base OS layer up on a volume.
    HcsSetupBaseOSVolume(path = "path", volume = "volume", options = "options_text");
    /// An empty scratch.
    HcsInitializeWritableLayer(path = "path", layers = "layers_text", options = "options_text");
    /// Puts a scratch and its parents together.
    HcsAttachLayerStorageFilter(path = "path", layers = "layers_text");
    /// Takes them apart again.
    HcsDetachLayerStorageFilter(path = "path");
    /// Puts a volume and its parents together.
    HcsAttachOverlayFilter(volume = "volume", layers = "layers_text");
    /// Takes them apart again.
    HcsDetachOverlayFilter(volume = "volume", layers = "layers_text");
}

/// Sets a base OS layer up on a virtual disk. The layer's path says which; the disk's handle is the client's own.
///
/// # Safety
/// The strings are null or end in NUL.
#[no_mangle]
pub unsafe extern "system" fn HcsSetupBaseOSLayer(
    path: *const u16,
    _disk: usize,
    options: *const u16,
) -> HResult {
    // SAFETY: as this function's.
    let arguments = || unsafe {
        Object::new().string("path", &text::string(path)).string("options_text", &text::string(options))
    };
    guarded(|| code(Service::Hcs.call("HcsSetupBaseOSLayer", arguments())))
}

/// Formats a scratch's virtual disk.
#[no_mangle]
pub extern "system" fn HcsFormatWritableLayerVhd(disk: usize) -> HResult {
    guarded(|| {
        let arguments = disk::path(disk).map(|path| Object::new().string("path", &path));
        code(arguments.and_then(|arguments| Service::Hcs.call("HcsFormatWritableLayerVhd", arguments)))
    })
}

/// Where a scratch's virtual disk is mounted.
///
/// # Safety
/// `mounted` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsGetLayerVhdMountPath(disk: usize, mounted: *mut *mut u16) -> HResult {
    guarded(|| {
        code((|| {
            // SAFETY: as this function's.
            unsafe { give(mounted, None) };
            let arguments = Object::new().string("path", &disk::path(disk)?);
            let result = Service::Hcs.call("HcsGetLayerVhdMountPath", arguments)?;
            let path = Json::parse(&result).and_then(Json::as_str).ok_or_else(Fault::protocol)?;
            // SAFETY: as this function's.
            unsafe { give(mounted, Some(&path)) };
            Ok(())
        })())
    })
}
