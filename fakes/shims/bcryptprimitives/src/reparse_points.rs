//! Files that stand for what Wine 8 cannot make, as Windows shows them: reparse points with a tag. By it Go programs know a
//! socket that somebody left (`os.ModeSocket`) and a symbolic link (`os.ModeSymlink`) from any other file.
//!
//! Wine's files have no tags. What tells these is their size and what [`unix_sockets`](crate::unix_sockets) and
//! [`symbolic_links`](crate::symbolic_links) write into them.

use core::ptr::null_mut;

use crate::export_table::{extend, Export};
use crate::win32::{
    CloseHandle, CreateFileW, GetFileAttributesExW, GetFileInformationByHandle, GetFileInformationByHandleEx,
    ReOpenFile, ReadFile,
};
use crate::{symbolic_links, unix_sockets};

const NONE: usize = usize::MAX;
const GENERIC_READ: u32 = 0x8000_0000;
const SHARE_ALL: u32 = 7;

const ATTRIBUTE_DIRECTORY: u32 = 0x10;
const ATTRIBUTE_REPARSE_POINT: u32 = 0x400;

/// What a file stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Socket,
    Link,
}

impl Kind {
    /// `IO_REPARSE_TAG_AF_UNIX`, `IO_REPARSE_TAG_SYMLINK`
    fn tag(self) -> u32 {
        match self {
            Self::Socket => 0x8000_0023,
            Self::Link => symbolic_links::TAG,
        }
    }
}

/// `WIN32_FILE_ATTRIBUTE_DATA`
#[repr(C)]
pub(crate) struct AttributeData {
    attributes: u32,
    times: [u32; 6],
    size: [u32; 2],
}

/// `BY_HANDLE_FILE_INFORMATION`
#[repr(C)]
pub(crate) struct HandleInformation {
    attributes: u32,
    times: [u32; 6],
    volume: u32,
    size: [u32; 2],
    links: u32,
    index: [u32; 2],
}

/// `FILE_ATTRIBUTE_TAG_INFO`
#[repr(C)]
struct TagInformation {
    attributes: u32,
    tag: u32,
}

/// Puts the replacements into kernel32.dll. What they call is what this DLL was bound to before.
///
/// # Safety
/// `module` is that DLL, and the loader's lock is held.
pub(crate) unsafe fn mend(module: *mut u8) {
    let exports = [
        Export { name: b"GetFileAttributesExW\0", function: attributes as *const () as usize },
        Export { name: b"GetFileInformationByHandle\0", function: by_handle as *const () as usize },
        Export { name: b"GetFileInformationByHandleEx\0", function: by_handle_ex as *const () as usize },
    ];
    // SAFETY: as this function's.
    unsafe { extend(module, &exports) };
}

/// Whether a file may be one of ours: few have just these sizes.
fn may_be(attributes: u32, size: [u32; 2]) -> bool {
    let known = [unix_sockets::FILE as u32, symbolic_links::FILE as u32];
    size[0] == 0 && known.contains(&size[1]) && attributes & ATTRIBUTE_DIRECTORY == 0
}

/// What a file stands for that was opened for this look; closes it.
///
/// # Safety
/// `file` is a handle of the caller's, or none.
unsafe fn kind_of(file: usize) -> Option<Kind> {
    const MARK: usize = 8;
    if file == NONE {
        return None;
    }
    let (mut text, mut read) = ([0; MARK], 0);
    // SAFETY: the file is open, there is room for so many bytes.
    unsafe {
        ReadFile(file, text.as_mut_ptr(), MARK as u32, &mut read, null_mut());
        CloseHandle(file);
    }
    match text {
        unix_sockets::MARK => Some(Kind::Socket),
        symbolic_links::MARK => Some(Kind::Link),
        _ => None,
    }
}

/// What a file stands for that somebody has open.
///
/// # Safety
/// `file` is a handle.
pub(crate) unsafe fn kind_of_open(file: usize) -> Option<Kind> {
    let mut information = core::mem::MaybeUninit::<HandleInformation>::uninit();
    // SAFETY: there is room for what is written.
    unsafe {
        if GetFileInformationByHandle(file, information.as_mut_ptr()) == 0 {
            return None;
        }
        let information = information.assume_init();
        if !may_be(information.attributes, information.size) {
            return None;
        }
        kind_of(ReOpenFile(file, GENERIC_READ, SHARE_ALL, 0))
    }
}

/// `GetFileAttributesExW`
unsafe extern "system" fn attributes(name: *const u16, level: u32, data: *mut AttributeData) -> i32 {
    const STANDARD: u32 = 0;
    const OPEN_EXISTING: u32 = 3;
    // SAFETY: as the caller's.
    unsafe {
        let result = GetFileAttributesExW(name, level, data);
        if result != 0 && level == STANDARD && may_be((*data).attributes, (*data).size) {
            let file = CreateFileW(name, GENERIC_READ, SHARE_ALL, null_mut(), OPEN_EXISTING, 0, 0);
            if kind_of(file).is_some() {
                (*data).attributes |= ATTRIBUTE_REPARSE_POINT;
            }
        }
        result
    }
}

/// `GetFileInformationByHandle`
unsafe extern "system" fn by_handle(file: usize, information: *mut HandleInformation) -> i32 {
    // SAFETY: as the caller's.
    unsafe {
        let result = GetFileInformationByHandle(file, information);
        if result != 0 && kind_of_open(file).is_some() {
            (*information).attributes |= ATTRIBUTE_REPARSE_POINT;
        }
        result
    }
}

/// `GetFileInformationByHandleEx`
unsafe extern "system" fn by_handle_ex(file: usize, class: u32, buffer: *mut u8, length: u32) -> i32 {
    const ATTRIBUTE_TAG: u32 = 9;
    // SAFETY: as the caller's; information of this class is aligned as its two numbers are.
    unsafe {
        if class == ATTRIBUTE_TAG && length as usize >= core::mem::size_of::<TagInformation>() {
            if let Some(kind) = kind_of_open(file) {
                let information = TagInformation { attributes: ATTRIBUTE_REPARSE_POINT, tag: kind.tag() };
                buffer.cast::<TagInformation>().write_unaligned(information);
                return 1;
            }
        }
        GetFileInformationByHandleEx(file, class, buffer, length)
    }
}
