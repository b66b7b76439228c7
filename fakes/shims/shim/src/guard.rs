//! Nothing of ours unwinds into a client.

use std::panic::{catch_unwind, AssertUnwindSafe};

use crate::fault::{HResult, E_UNEXPECTED, S_OK};

/// What an export answers: `work`'s, or `E_UNEXPECTED` where it panicked (the panic itself stands on standard error).
pub fn guarded(work: impl FnOnce() -> HResult) -> HResult {
    or_else(E_UNEXPECTED, work)
}

/// What an export answers: `work`'s, or `otherwise` where it panicked.
pub fn or_else<T>(otherwise: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(otherwise)
}

/// The HRESULT of a result whose failure needs no more words.
pub fn code<T>(result: Result<T, crate::fault::Fault>) -> HResult {
    result.map_or_else(|fault| fault.code, |_| S_OK)
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_panic_is_an_answer() {
        assert_eq!(guarded(|| 7), 7);
        assert_eq!(guarded(|| panic!("as this test wants")), 0x8000_ffff);
    }
}
