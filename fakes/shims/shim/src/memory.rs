//! Strings that go out to clients: UTF-16, NUL-terminated, in memory that the client frees.
//!
//! HNS's and HCS's clients free with `CoTaskMemFree`; HCS's reference says `LocalFree`. Wine takes both from the
//! process heap, as Windows does, so one allocator serves both.

/// Memory that `CoTaskMemFree` frees; null where there is none left.
#[must_use]
pub fn allocate(bytes: usize) -> *mut u8 {
    // SAFETY: the allocator takes any size.
    unsafe { system::CoTaskMemAlloc(bytes) }
}

/// Frees what [`allocate`] gave; null is fine.
///
/// # Safety
/// `memory` came from [`allocate`] and is not freed yet.
pub unsafe fn free(memory: *mut u8) {
    // SAFETY: as this function's.
    unsafe { system::CoTaskMemFree(memory) }
}

/// A copy of `text` for a client; null where no memory is left.
#[must_use]
pub fn wide(text: &str) -> *mut u16 {
    let units = text.encode_utf16().count() + 1;
    let memory = allocate(units * 2).cast::<u16>();
    if !memory.is_null() {
        for (index, unit) in text.encode_utf16().chain([0]).enumerate() {
            // SAFETY: `index` is below `units`, for which there is room.
            unsafe { memory.add(index).write(unit) };
        }
    }
    memory
}

/// Writes a string, or NULL for none, to where a client wants it; a client that does not want it gives NULL.
///
/// # Safety
/// `out` is null or can be written.
pub unsafe fn give(out: *mut *mut u16, text: Option<&str>) {
    if !out.is_null() {
        // SAFETY: as this function's.
        unsafe { out.write(text.map_or(std::ptr::null_mut(), wide)) };
    }
}

/// Writes a value to where a client wants it; a client that does not want it gives NULL.
///
/// # Safety
/// `out` is null or can be written.
pub unsafe fn put<T>(out: *mut T, value: T) {
    if !out.is_null() {
        // SAFETY: as this function's.
        unsafe { out.write(value) };
    }
}

#[cfg(windows)]
mod system {
    #[link(name = "ole32")]
    extern "system" {
        pub(super) fn CoTaskMemAlloc(bytes: usize) -> *mut u8;
        pub(super) fn CoTaskMemFree(memory: *mut u8);
    }
}

/// Where there is no Windows, for the tests: C's heap, which knows the sizes of its blocks as Windows's does.
#[cfg(not(windows))]
mod system {
    extern "C" {
        #[link_name = "malloc"]
        pub(super) fn CoTaskMemAlloc(bytes: usize) -> *mut u8;
        #[link_name = "free"]
        pub(super) fn CoTaskMemFree(memory: *mut u8);
    }
}

#[cfg(test)]
mod tests {
    use super::{free, give};
    use crate::text;

    #[test]
    fn strings_go_out_and_come_back() {
        let mut out = std::ptr::null_mut();
        // SAFETY: `out` can be written, then holds a string or null.
        unsafe {
            give(&mut out, Some("é😀"));
            assert_eq!(text::string(out), "é😀");
            free(out.cast());
            give(&mut out, None);
            assert!(out.is_null());
            give(std::ptr::null_mut(), Some("nobody wants it"));
        }
    }
}
