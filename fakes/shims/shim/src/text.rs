//! Strings that come in from clients: UTF-16, NUL-terminated.

/// A client's string; NULL is the empty one. Half a surrogate pair, which has no form in JSON, becomes U+FFFD.
///
/// # Safety
/// `text` is null or points to a NUL-terminated string.
pub unsafe fn string(text: *const u16) -> String {
    if text.is_null() {
        return String::new();
    }
    let mut length = 0;
    // SAFETY: the string goes on until its NUL.
    while unsafe { text.add(length).read() } != 0 {
        length += 1;
    }
    // SAFETY: so many units were just read.
    String::from_utf16_lossy(unsafe { std::slice::from_raw_parts(text, length) })
}

#[cfg(test)]
mod tests {
    use super::string;

    #[test]
    fn every_string_can_be_read() {
        // SAFETY: the strings end in NUL, or are null.
        unsafe {
            assert_eq!(string([0x7b, 0xd800, 0x7d, 0].as_ptr()), "{\u{fffd}}");
            assert_eq!(string([0x7b, 0xd83d, 0xde00, 0x7d, 0].as_ptr()), "{😀}");
            assert_eq!(string(std::ptr::null()), "");
        }
    }
}
