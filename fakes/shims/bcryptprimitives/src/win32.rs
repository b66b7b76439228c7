//! The functions of Windows that this DLL calls.
#![allow(missing_docs)]

use crate::reparse_points::{AttributeData, HandleInformation};

#[link(name = "advapi32")]
extern "system" {
    /// `RtlGenRandom`
    pub(crate) fn SystemFunction036(data: *mut u8, length: u32) -> u8;
}

#[link(name = "kernel32")]
extern "system" {
    pub(crate) fn TerminateProcess(process: usize, code: u32) -> i32;
    pub(crate) fn GetModuleHandleW(name: *const u16) -> *mut u8;
    pub(crate) fn GetProcAddress(module: *mut u8, name: *const u8) -> usize;
    pub(crate) fn VirtualAlloc(at: *mut u8, size: usize, kind: u32, protection: u32) -> *mut u8;
    pub(crate) fn VirtualProtect(at: *mut u8, size: usize, protection: u32, old: *mut u32) -> i32;
    pub(crate) fn AcquireSRWLockExclusive(lock: *mut usize);
    pub(crate) fn ReleaseSRWLockExclusive(lock: *mut usize);
    pub(crate) fn TlsAlloc() -> u32;
    pub(crate) fn TlsGetValue(index: u32) -> usize;
    pub(crate) fn TlsSetValue(index: u32, value: usize) -> i32;
    pub(crate) fn GetLastError() -> u32;
    pub(crate) fn SetLastError(code: u32);
    pub(crate) fn GetHandleInformation(handle: usize, flags: *mut u32) -> i32;
    pub(crate) fn MultiByteToWideChar(
        code_page: u32,
        flags: u32,
        from: *const u8,
        from_length: i32,
        to: *mut u16,
        to_length: i32,
    ) -> i32;
    pub(crate) fn WideCharToMultiByte(
        code_page: u32,
        flags: u32,
        from: *const u16,
        from_length: i32,
        to: *mut u8,
        to_length: i32,
        default: *const u8,
        used_default: *mut i32,
    ) -> i32;
    pub(crate) fn CreateSymbolicLinkW(link: *const u16, target: *const u16, flags: u32) -> u8;
    pub(crate) fn CreateFileW(
        name: *const u16,
        access: u32,
        share: u32,
        security: *const u8,
        disposition: u32,
        flags: u32,
        template: usize,
    ) -> usize;
    pub(crate) fn ReadFile(file: usize, to: *mut u8, length: u32, read: *mut u32, overlapped: *mut u8)
        -> i32;
    pub(crate) fn WriteFile(
        file: usize,
        from: *const u8,
        length: u32,
        written: *mut u32,
        overlapped: *mut u8,
    ) -> i32;
    pub(crate) fn CloseHandle(handle: usize) -> i32;
    pub(crate) fn ReOpenFile(file: usize, access: u32, share: u32, flags: u32) -> usize;
    pub(crate) fn GetFileAttributesExW(name: *const u16, level: u32, data: *mut AttributeData) -> i32;
    pub(crate) fn GetFileInformationByHandle(file: usize, information: *mut HandleInformation) -> i32;
    pub(crate) fn GetFileInformationByHandleEx(file: usize, class: u32, buffer: *mut u8, length: u32) -> i32;
    pub(crate) fn SetFilePointerEx(file: usize, distance: i64, new: *mut i64, method: u32) -> i32;
    pub(crate) fn DeviceIoControl(
        file: usize,
        code: u32,
        from: *const u8,
        from_length: u32,
        to: *mut u8,
        to_length: u32,
        returned: *mut u32,
        overlapped: *mut u8,
    ) -> i32;
    pub(crate) fn GetProcessHeap() -> usize;
    pub(crate) fn HeapAlloc(heap: usize, flags: u32, size: usize) -> *mut u8;
    pub(crate) fn HeapFree(heap: usize, flags: u32, memory: *mut u8) -> i32;
}

#[link(name = "ntdll")]
extern "system" {
    pub(crate) fn LdrRegisterDllNotification(
        flags: u32,
        callback: unsafe extern "system" fn(u32, *const Notification, usize),
        context: usize,
        cookie: *mut usize,
    ) -> i32;
    pub(crate) fn NtSetInformationFile(
        file: usize,
        status: *mut u8,
        information: *mut u8,
        length: u32,
        class: u32,
    ) -> i32;
    pub(crate) fn NtCreateNamedPipeFile(
        pipe: *mut usize,
        access: u32,
        attributes: *const ObjectAttributes,
        status: *mut u8,
        share: u32,
        disposition: u32,
        options: u32,
        kind: u32,
        read_mode: u32,
        completion_mode: u32,
        instances: u32,
        inbound_quota: u32,
        outbound_quota: u32,
        timeout: *const i64,
    ) -> i32;
}

/// `OBJECT_ATTRIBUTES`
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct ObjectAttributes {
    pub(crate) length: u32,
    pub(crate) root: usize,
    pub(crate) name: *const UnicodeString,
    pub(crate) flags: u32,
    pub(crate) security: *const u8,
    pub(crate) quality_of_service: *const u8,
}

/// `LDR_DLL_LOADED_NOTIFICATION_DATA`
#[repr(C)]
pub(crate) struct Notification {
    pub(crate) flags: u32,
    pub(crate) full_name: *const UnicodeString,
    pub(crate) base_name: *const UnicodeString,
    pub(crate) base: *mut u8,
    pub(crate) size: u32,
}

/// `UNICODE_STRING`; the length is in bytes.
#[repr(C)]
pub(crate) struct UnicodeString {
    pub(crate) length: u16,
    pub(crate) maximum: u16,
    pub(crate) buffer: *const u16,
}
