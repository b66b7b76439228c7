//! pdh.dll: performance counters, as far as kubelet's `pkg/kubelet/winstats` and its binding `JeffAshton/win_pdh` go.
//!
//! Wine's own pdh.dll knows none of the counters a node is measured by. Values come from the host's `system` service,
//! which answers for each path; a path with a wildcard is answered with a value for each instance.
#![warn(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

mod format;
mod query;

use std::mem::size_of;

use format::{CounterItem, CounterValue};
use winlab_shim::guard::or_else;
use winlab_shim::memory::put;
use winlab_shim::text;

/// `PDH_STATUS`
pub(crate) type Status = u32;

pub(crate) const SUCCESS: Status = 0;
const MORE_DATA: Status = 0x8000_07d2;
const INVALID_ARGUMENT: Status = 0xc000_0bbd;

fn guarded(work: impl FnOnce() -> Result<(), Status>) -> Status {
    or_else(INVALID_ARGUMENT, || work().err().unwrap_or(SUCCESS))
}

/// A new query; a data source other than the host itself is not there.
///
/// # Safety
/// `source` is null or ends in NUL, `query` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn PdhOpenQueryW(
    source: *const u16,
    _user_data: usize,
    query: *mut usize,
) -> Status {
    guarded(|| {
        // SAFETY: as this function's.
        let source = unsafe { text::string(source) };
        if !source.is_empty() || query.is_null() {
            return Err(INVALID_ARGUMENT);
        }
        // SAFETY: as this function's.
        unsafe { put(query, query::open()) };
        Ok(())
    })
}

/// The same under the name that Windows keeps for old programs.
///
/// # Safety
/// As `PdhOpenQueryW`'s.
#[no_mangle]
pub unsafe extern "system" fn PdhOpenQuery(
    source: *const u16,
    user_data: usize,
    query: *mut usize,
) -> Status {
    // SAFETY: as this function's.
    unsafe { PdhOpenQueryW(source, user_data, query) }
}

/// Closes a query with its counters.
#[no_mangle]
pub extern "system" fn PdhCloseQuery(query: usize) -> Status {
    guarded(|| query::close(query))
}

/// Adds a counter by its English path.
///
/// # Safety
/// `path` is null or ends in NUL, `counter` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn PdhAddEnglishCounterW(
    query: usize,
    path: *const u16,
    _user_data: usize,
    counter: *mut usize,
) -> Status {
    guarded(|| {
        // SAFETY: as this function's.
        let path = unsafe { text::string(path) };
        let added = query::add(query, &path)?;
        // SAFETY: as this function's.
        unsafe { put(counter, added) };
        Ok(())
    })
}

/// Adds a counter by its path in the host's language, which is English.
///
/// # Safety
/// As `PdhAddEnglishCounterW`'s.
#[no_mangle]
pub unsafe extern "system" fn PdhAddCounterW(
    query: usize,
    path: *const u16,
    user_data: usize,
    counter: *mut usize,
) -> Status {
    // SAFETY: as this function's.
    unsafe { PdhAddEnglishCounterW(query, path, user_data, counter) }
}

/// Takes a counter out of its query.
#[no_mangle]
pub extern "system" fn PdhRemoveCounter(counter: usize) -> Status {
    guarded(|| query::remove(counter))
}

/// Reads every counter of a query.
#[no_mangle]
pub extern "system" fn PdhCollectQueryData(query: usize) -> Status {
    guarded(|| query::collect(query))
}

/// Whether a counter of that path could be added.
///
/// # Safety
/// `path` is null or ends in NUL.
#[no_mangle]
pub unsafe extern "system" fn PdhValidatePathW(path: *const u16) -> Status {
    guarded(|| {
        // SAFETY: as this function's.
        let path = unsafe { text::string(path) };
        query::validate(&path)
    })
}

/// What a counter read last; the first of several instances.
///
/// # Safety
/// The outs are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn PdhGetFormattedCounterValue(
    counter: usize,
    format: u32,
    kind: *mut u32,
    value: *mut CounterValue,
) -> Status {
    guarded(|| {
        let values = query::values(counter)?;
        let (_, number) = values.first().ok_or(query::INVALID_DATA)?;
        // SAFETY: as this function's.
        unsafe {
            put(kind, 0);
            put(value, CounterValue::new(format, *number)?);
        }
        Ok(())
    })
}

/// What every instance of a counter read last: items, then their names. A buffer that is too small is answered with
/// the size it should have.
///
/// # Safety
/// `size` and `count` are null or can be written, `items` has room for `*size` bytes or is null.
#[no_mangle]
pub unsafe extern "system" fn PdhGetFormattedCounterArrayW(
    counter: usize,
    format: u32,
    size: *mut u32,
    count: *mut u32,
    items: *mut CounterItem,
) -> Status {
    guarded(|| {
        if size.is_null() || count.is_null() {
            return Err(INVALID_ARGUMENT);
        }
        let values = query::values(counter)?;
        let names: Vec<Vec<u16>> =
            values.iter().map(|(name, _)| name.encode_utf16().chain([0]).collect()).collect();
        let units: usize = names.iter().map(Vec::len).sum();
        let needed = values.len() * size_of::<CounterItem>() + units * 2;
        // SAFETY: as this function's; neither is null.
        let room = unsafe { size.read() } as usize;
        // SAFETY: as above.
        unsafe {
            size.write(u32::try_from(needed).map_err(|_| INVALID_ARGUMENT)?);
            count.write(u32::try_from(values.len()).map_err(|_| INVALID_ARGUMENT)?);
        }
        if needed > room || (items.is_null() && needed > 0) {
            return Err(MORE_DATA);
        }
        // SAFETY: the names come after the items, and there is room for both.
        let mut at = unsafe { items.add(values.len()) }.cast::<u16>();
        for (index, ((_, number), name)) in values.iter().zip(&names).enumerate() {
            let value = CounterValue::new(format, *number)?;
            // SAFETY: as above.
            unsafe {
                at.copy_from_nonoverlapping(name.as_ptr(), name.len());
                items.add(index).write(CounterItem { name: at, value });
                at = at.add(name.len());
            }
        }
        Ok(())
    })
}
