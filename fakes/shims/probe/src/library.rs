//! A DLL and its functions, looked up at run time as Go does.

use std::ffi::CString;

/// `HRESULT`
pub(crate) type HResult = u32;

#[link(name = "kernel32")]
extern "system" {
    fn LoadLibraryA(name: *const i8) -> usize;
    fn GetProcAddress(module: usize, name: *const i8) -> usize;
    fn GetLastError() -> u32;
}

#[link(name = "ole32")]
extern "system" {
    fn CoTaskMemFree(memory: *mut u16);
}

/// A loaded DLL.
pub(crate) struct Library(usize);

impl Library {
    /// Loads it, or ends the program.
    pub(crate) fn load(name: &str) -> Self {
        let text = CString::new(name).expect("a name without NUL");
        // SAFETY: the name ends in NUL.
        let module = unsafe { LoadLibraryA(text.as_ptr().cast()) };
        // SAFETY: reads a number of this thread's.
        assert!(module != 0, "{} does not load: {}", name, unsafe { GetLastError() });
        Self(module)
    }

    /// A function's address, or none.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let text = CString::new(name).expect("a name without NUL");
        // SAFETY: the name ends in NUL.
        Some(unsafe { GetProcAddress(self.0, text.as_ptr().cast()) }).filter(|address| *address != 0)
    }

    /// A function of the type the caller says it has.
    ///
    /// # Safety
    /// `F` is that function's type.
    pub(crate) unsafe fn get<F: Copy>(&self, name: &str) -> F {
        let address = self.find(name).unwrap_or_else(|| panic!("{} is not exported", name));
        // SAFETY: as this function's; functions are as large as addresses.
        unsafe { std::mem::transmute_copy(&address) }
    }
}

/// A string for a call.
pub(crate) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// A string that a call handed out, freed as clients free it; `NULL` where there was none.
pub(crate) fn taken(text: *mut u16) -> String {
    if text.is_null() {
        return "NULL".to_owned();
    }
    let mut units = Vec::new();
    // SAFETY: the string ends in NUL and is ours to free.
    unsafe {
        while text.add(units.len()).read() != 0 {
            units.push(text.add(units.len()).read());
        }
        CoTaskMemFree(text);
    }
    String::from_utf16(&units).expect("a UTF-16 string")
}
