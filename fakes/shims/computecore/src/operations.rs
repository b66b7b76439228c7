//! Operations: making, asking, closing.

use winlab_shim::fault::{HResult, S_OK};
use winlab_shim::guard::{guarded, or_else};
use winlab_shim::hcs::operation::{self, Completion, Kind, Tell};
use winlab_shim::hcs::process::ProcessInformation;
use winlab_shim::hcs::v2::EventCallback;
use winlab_shim::memory::{give, put};

fn completion(callback: Option<Completion>) -> Tell {
    callback.map_or(Tell::Nobody, Tell::Completion)
}

/// A new operation, and whom it tells when it is done.
#[no_mangle]
pub extern "system" fn HcsCreateOperation(context: usize, callback: Option<Completion>) -> usize {
    or_else(0, || operation::create(context, completion(callback)))
}

/// The same with events; of those a fake can tell there is one, that the operation is done.
#[no_mangle]
pub extern "system" fn HcsCreateOperationWithNotifications(
    _kinds: u32,
    context: usize,
    callback: Option<EventCallback>,
) -> usize {
    or_else(0, || operation::create(context, callback.map_or(Tell::Nobody, Tell::Event)))
}

/// Closes an operation; what it started goes on.
#[no_mangle]
pub extern "system" fn HcsCloseOperation(operation: usize) {
    or_else((), || operation::close(operation));
}

/// What its callback gets; 0 of a handle that is none.
#[no_mangle]
pub extern "system" fn HcsGetOperationContext(operation: usize) -> usize {
    or_else(0, || operation::opened(operation).map_or(0, |operation| operation.context()))
}

/// Replaces what its callback gets.
#[no_mangle]
pub extern "system" fn HcsSetOperationContext(operation: usize, context: usize) -> HResult {
    guarded(|| match operation::opened(operation) {
        Ok(operation) => {
            operation.set_context(context);
            S_OK
        }
        Err(fault) => fault.code,
    })
}

/// Replaces whom it tells.
#[no_mangle]
pub extern "system" fn HcsSetOperationCallback(
    operation: usize,
    context: usize,
    callback: Option<Completion>,
) -> HResult {
    guarded(|| match operation::opened(operation) {
        Ok(found) => {
            found.set_tell(operation, context, completion(callback));
            S_OK
        }
        Err(fault) => fault.code,
    })
}

/// The system it is about, or 0.
#[no_mangle]
pub extern "system" fn HcsGetComputeSystemFromOperation(operation: usize) -> usize {
    or_else(0, || operation::opened(operation).map_or(0, |operation| operation.subject().system))
}

/// The process it is about, or 0.
#[no_mangle]
pub extern "system" fn HcsGetProcessFromOperation(operation: usize) -> usize {
    or_else(0, || operation::opened(operation).map_or(0, |operation| operation.subject().process))
}

/// What it does.
#[no_mangle]
pub extern "system" fn HcsGetOperationType(operation: usize) -> i32 {
    let kind = operation::opened(operation).map_or(Kind::None, |operation| operation.subject().kind);
    kind as i32
}

/// Its number; all ones of a handle that is none (`HCS_INVALID_OPERATION_ID`).
#[no_mangle]
pub extern "system" fn HcsGetOperationId(operation: usize) -> u64 {
    or_else(u64::MAX, || operation::opened(operation).map_or(u64::MAX, |operation| operation.id))
}

/// # Safety
/// `document` is null or can be written.
unsafe fn result(
    operation: usize,
    ms: u32,
    with_process: bool,
    document: *mut *mut u16,
) -> (HResult, ProcessInformation) {
    let found =
        or_else((winlab_shim::fault::E_UNEXPECTED, None, None), || match operation::opened(operation) {
            Ok(operation) => operation.result(ms, with_process),
            Err(fault) => (fault.code, None, None),
        });
    // SAFETY: as this function's.
    unsafe { give(document, found.1.as_deref()) };
    (found.0, found.2.unwrap_or_default())
}

/// Its result, if it is done.
///
/// # Safety
/// `document` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsGetOperationResult(operation: usize, document: *mut *mut u16) -> HResult {
    // SAFETY: as this function's.
    unsafe { result(operation, 0, false, document) }.0
}

/// The same with the process's number and pipes.
///
/// # Safety
/// The outs are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsGetOperationResultAndProcessInfo(
    operation: usize,
    information: *mut ProcessInformation,
    document: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { HcsWaitForOperationResultAndProcessInfo(operation, 0, information, document) }
}

/// Its result, once it is done.
///
/// # Safety
/// `document` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsWaitForOperationResult(
    operation: usize,
    ms: u32,
    document: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { result(operation, ms, false, document) }.0
}

/// The same with the process's number and pipes.
///
/// # Safety
/// The outs are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsWaitForOperationResultAndProcessInfo(
    operation: usize,
    ms: u32,
    information: *mut ProcessInformation,
    document: *mut *mut u16,
) -> HResult {
    // A client that takes no pipes leaves them to a later question.
    let with_process = !information.is_null();
    // SAFETY: as this function's.
    unsafe {
        let (code, found) = result(operation, ms, with_process, document);
        put(information, found);
        code
    }
}
