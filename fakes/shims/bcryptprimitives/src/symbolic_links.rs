//! `CreateSymbolicLinkW`, which Wine 8 says it has done and has not: kubelet's volumes of configuration maps and tokens are
//! folders of links (`pkg/volume/util/atomic_writer.go`).
//!
//! A link is a file with its target in it, which a program can make, read and remove. It is not followed when it is opened:
//! whoever looks through links of a node's drive from outside does that (`lab/wine/src/drive.rs`).

use core::ptr::{null, null_mut};

use crate::export_table::{extend, Export};
use crate::reparse_points::{kind_of_open, Kind};
use crate::win32::{
    CloseHandle, CreateFileW, CreateSymbolicLinkW, DeviceIoControl, GetLastError, MultiByteToWideChar,
    ReOpenFile, ReadFile, SetLastError, WideCharToMultiByte, WriteFile,
};

/// What these files start with.
pub(crate) const MARK: [u8; 8] = *b"SYMLINK ";
/// Their size: the mark, the target in UTF-8, and NULs.
pub(crate) const FILE: usize = MARK.len() + LONGEST;
/// The longest target, its NUL included.
const LONGEST: usize = 256;
/// `IO_REPARSE_TAG_SYMLINK`
pub(crate) const TAG: u32 = 0xa000_000c;

const NONE: usize = usize::MAX;
const UTF_8: u32 = 65001;
const SHARE_ALL: u32 = 7;
const FILE_EXISTS: u32 = 80;
const INSUFFICIENT_BUFFER: u32 = 122;
const ALREADY_EXISTS: u32 = 183;
const NAME_TOO_LONG: u32 = 206;

/// Puts the replacements into kernel32.dll. What they call is what this DLL was bound to before.
///
/// # Safety
/// `module` is that DLL, and the loader's lock is held.
pub(crate) unsafe fn mend(module: *mut u8) {
    let exports = [
        Export { name: b"CreateSymbolicLinkW\0", function: create as *const () as usize },
        Export { name: b"DeviceIoControl\0", function: control as *const () as usize },
    ];
    // SAFETY: as this function's.
    unsafe { extend(module, &exports) };
}

/// `CreateSymbolicLinkW`
unsafe extern "system" fn create(link: *const u16, target: *const u16, flags: u32) -> u8 {
    // SAFETY: as the caller's: both names end in NUL.
    unsafe {
        if exists(link) {
            SetLastError(ALREADY_EXISTS);
            return 0;
        }
        // A Wine that can is left to it; one that says so has to show the link.
        if CreateSymbolicLinkW(link, target, flags) != 0 && exists(link) {
            return 1;
        }
        match write(link, target) {
            Ok(()) => 1,
            Err(code) => {
                SetLastError(code);
                0
            }
        }
    }
}

/// # Safety
/// The name ends in NUL.
unsafe fn exists(name: *const u16) -> bool {
    const OPEN_EXISTING: u32 = 3;
    const BACKUP_SEMANTICS: u32 = 0x0200_0000;
    const OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    let flags = BACKUP_SEMANTICS | OPEN_REPARSE_POINT;
    // SAFETY: as this function's.
    unsafe {
        let file = CreateFileW(name, 0, SHARE_ALL, null(), OPEN_EXISTING, flags, 0);
        if file != NONE {
            CloseHandle(file);
        }
        file != NONE
    }
}

/// # Safety
/// Both names end in NUL.
unsafe fn write(link: *const u16, target: *const u16) -> Result<(), u32> {
    const GENERIC_WRITE: u32 = 0x4000_0000;
    const CREATE_NEW: u32 = 1;
    let mut text = [0_u8; FILE];
    text[..MARK.len()].copy_from_slice(&MARK);
    let mut written = 0;
    // SAFETY: as this function's; the buffers have the sizes that are said.
    unsafe {
        let room = text[MARK.len()..].as_mut_ptr();
        let length = WideCharToMultiByte(UTF_8, 0, target, -1, room, LONGEST as i32, null(), null_mut());
        if length == 0 {
            return Err(if GetLastError() == INSUFFICIENT_BUFFER { NAME_TOO_LONG } else { GetLastError() });
        }
        let file = CreateFileW(link, GENERIC_WRITE, SHARE_ALL, null(), CREATE_NEW, 0, 0);
        if file == NONE {
            return Err(if GetLastError() == FILE_EXISTS { ALREADY_EXISTS } else { GetLastError() });
        }
        let done = WriteFile(file, text.as_ptr(), FILE as u32, &mut written, null_mut());
        let code = GetLastError();
        CloseHandle(file);
        if done == 0 {
            Err(code)
        } else {
            Ok(())
        }
    }
}

/// `DeviceIoControl`, for those who read a link.
unsafe extern "system" fn control(
    file: usize,
    code: u32,
    from: *const u8,
    from_length: u32,
    to: *mut u8,
    to_length: u32,
    returned: *mut u32,
    overlapped: *mut u8,
) -> i32 {
    const GET_REPARSE_POINT: u32 = 0x0009_00a8;
    // SAFETY: as the caller's.
    unsafe {
        if code != GET_REPARSE_POINT || kind_of_open(file) != Some(Kind::Link) {
            return DeviceIoControl(file, code, from, from_length, to, to_length, returned, overlapped);
        }
        match read(file, core::slice::from_raw_parts_mut(to, to_length as usize)) {
            Ok(length) => {
                if !returned.is_null() {
                    *returned = length;
                }
                1
            }
            Err(code) => {
                SetLastError(code);
                0
            }
        }
    }
}

/// Writes a `REPARSE_DATA_BUFFER` of a relative link, whose two names are one text; its length.
///
/// # Safety
/// `file` is the handle of a link.
unsafe fn read(file: usize, to: &mut [u8]) -> Result<u32, u32> {
    const GENERIC_READ: u32 = 0x8000_0000;
    const HEADER: usize = 20;
    const RELATIVE: u32 = 1;
    let (mut text, mut wide, mut got) = ([0_u8; FILE], [0_u16; LONGEST], 0);
    // SAFETY: as this function's; the buffers have the sizes that are said, and the target ends in NUL.
    let units = unsafe {
        let own = ReOpenFile(file, GENERIC_READ, SHARE_ALL, 0);
        if own == NONE {
            return Err(GetLastError());
        }
        ReadFile(own, text.as_mut_ptr(), FILE as u32, &mut got, null_mut());
        CloseHandle(own);
        text[FILE - 1] = 0;
        MultiByteToWideChar(UTF_8, 0, text[MARK.len()..].as_ptr(), -1, wide.as_mut_ptr(), LONGEST as i32)
    };
    let target = &wide[..usize::try_from(units - 1).unwrap_or_default()];
    let bytes = target.len() * 2;
    if to.len() < HEADER + bytes {
        return Err(INSUFFICIENT_BUFFER);
    }
    let length = bytes as u16;
    to[..4].copy_from_slice(&TAG.to_le_bytes());
    to[4..6].copy_from_slice(&(length + 12).to_le_bytes());
    // Reserved, then offset and length of the substitute and of the print name.
    for (at, value) in [(6, 0), (8, 0), (10, length), (12, 0), (14, length)] {
        to[at..at + 2].copy_from_slice(&u16::to_le_bytes(value));
    }
    to[16..HEADER].copy_from_slice(&RELATIVE.to_le_bytes());
    for (unit, place) in target.iter().zip(to[HEADER..].chunks_exact_mut(2)) {
        place.copy_from_slice(&unit.to_le_bytes());
    }
    Ok((HEADER + bytes) as u32)
}
