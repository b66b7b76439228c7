//! What computecore.dll's exports are made of: calls that run under an operation, and events.

use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::operation::{self, Kind, Outcome, Subject};
use super::process::{self, Process};
use super::{listen, system};
use crate::callback::Listener;
use crate::event::Event;
use crate::fault::{Fault, HResult, E_NOTIMPL, S_OK};
use crate::guard::{code, guarded};
use crate::memory::{give, put};
use crate::text;

const TIMEOUT: HResult = 0x8037_0118;
const CALLBACK_ALREADY_SET: HResult = 0x8037_0119;
const OPERATION_CALLBACK: u32 = 0x0100_0000;
/// `HcsEventOptionEnableOperationCallbacks`
const OPERATION_CALLBACKS: u32 = 1;

/// `HCS_EVENT`
#[derive(Debug)]
#[repr(C)]
pub struct HcsEvent {
    kind: u32,
    data: *const u16,
    operation: usize,
}

/// `HCS_EVENT_CALLBACK`: event, context.
pub type EventCallback = unsafe extern "system" fn(*const HcsEvent, usize);

/// Starts a call that takes a system and a document.
///
/// # Safety
/// As the export's.
pub unsafe fn on_system(
    (function, kind): (&'static str, Kind),
    handle: usize,
    under: usize,
    (name, document): (&'static str, *const u16),
) -> HResult {
    // SAFETY: as this function's.
    let text = unsafe { text::string(document) };
    start(system::id(handle).map(|id| (id, text)), under, (kind, handle, 0), move |(id, text)| {
        system::call(&id, function, (name, &text)).map(document_of)
    })
}

/// Starts a call that takes a process and a document.
///
/// # Safety
/// As the export's.
pub unsafe fn on_process(
    (function, kind): (&'static str, Kind),
    handle: usize,
    under: usize,
    document: Option<(&'static str, *const u16)>,
) -> HResult {
    let name = document.map(|(name, _)| name);
    let text = document.map_or(std::ptr::null(), |(_, text)| text);
    // SAFETY: as this function's.
    let text = unsafe { text::string(text) };
    start(
        process::opened(handle).map(|process| (process, text)),
        under,
        (kind, 0, handle),
        move |(process, text)| {
            process.call(function, name.map(|name| (name, text.as_str()))).map(document_of)
        },
    )
}

/// `HcsEnumerateComputeSystems`
///
/// # Safety
/// As the export's.
pub unsafe fn enumerate(query: *const u16, under: usize) -> HResult {
    // SAFETY: as this function's.
    let text = unsafe { text::string(query) };
    start(Ok(text), under, (Kind::Enumerate, 0, 0), |text| {
        system::call_service("HcsEnumerateComputeSystems", ("query_text", &text)).map(document_of)
    })
}

/// `HcsCreateComputeSystem`: the handle is there at once.
///
/// # Safety
/// As the export's.
pub unsafe fn create(id: *const u16, configuration: *const u16, under: usize, handle: *mut usize) -> HResult {
    // SAFETY: as this function's.
    let texts = unsafe {
        put(handle, 0);
        (text::string(id), text::string(configuration))
    };
    let texts = operation::opened(under).map(|_| texts);
    let reserved = texts.as_ref().map_or(0, |(id, _)| system::reserve(id.clone()));
    let code = start(texts, under, (Kind::Create, reserved, 0), move |(id, configuration)| {
        let created = system::create(&id, &configuration);
        if created.is_err() {
            system::disown(reserved);
        }
        created.map(|()| Outcome::default())
    });
    if code == S_OK {
        // SAFETY: as this function's.
        unsafe { put(handle, reserved) };
    } else if reserved != 0 {
        let _ = system::close(reserved);
    }
    code
}

/// `HcsCreateProcess`: the handle is there at once, the number with the result.
///
/// # Safety
/// As the export's.
pub unsafe fn create_process(
    system: usize,
    parameters: *const u16,
    under: usize,
    handle: *mut usize,
) -> HResult {
    // SAFETY: as this function's.
    let text = unsafe {
        put(handle, 0);
        text::string(parameters)
    };
    let process = operation::opened(under).and_then(|_| Ok((Process::starting(system::id(system)?), text)));
    let reserved = process.as_ref().map_or(0, |(process, _)| process::hand_out(process.clone()));
    let code = start(process, under, (Kind::CreateProcess, system, reserved), |(process, text)| {
        let information = Some(process.start(&text)?);
        Ok(Outcome { document: None, information })
    });
    if code == S_OK {
        // SAFETY: as this function's.
        unsafe { put(handle, reserved) };
    } else if reserved != 0 {
        let _ = process::close(reserved);
    }
    code
}

/// `HcsGetProcessInfo`
pub fn process_information(handle: usize, under: usize) -> HResult {
    start(process::opened(handle), under, (Kind::GetProcessInfo, 0, handle), |process| {
        let information = Some(process.information()?);
        Ok(Outcome { document: None, information })
    })
}

fn document_of(result: String) -> Outcome {
    Outcome { document: Some(result).filter(|result| result != "null"), information: None }
}

fn start<T: Send + 'static>(
    what: Result<T, Fault>,
    under: usize,
    (kind, system, process): (Kind, usize, usize),
    work: impl FnOnce(T) -> Result<Outcome, Fault> + Send + 'static,
) -> HResult {
    match what {
        Ok(what) => operation::start(under, Subject { kind, system, process }, move || work(what)),
        Err(fault) => fault.code,
    }
}

/// A namespace of compute systems: there is the one without a name.
///
/// # Errors
/// `E_NOTIMPL` for any other.
///
/// # Safety
/// `name` is null or ends in NUL.
pub unsafe fn default_namespace(name: *const u16) -> Result<(), HResult> {
    // SAFETY: as this function's.
    if unsafe { text::string(name) }.is_empty() {
        Ok(())
    } else {
        Err(E_NOTIMPL)
    }
}

struct Set {
    handle: usize,
    registration: usize,
    options: u32,
    callback: EventCallback,
    context: usize,
}

static SET: Mutex<Vec<Set>> = Mutex::new(Vec::new());

fn set() -> MutexGuard<'static, Vec<Set>> {
    SET.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `HcsSetComputeSystemCallback` and `HcsSetProcessCallback`: one a handle; none takes it away.
///
/// # Safety
/// `callback` can be called with `context` until the handle is closed.
pub unsafe fn set_callback(
    handle: usize,
    options: u32,
    context: usize,
    callback: Option<EventCallback>,
    listen: impl FnOnce(Listener) -> Result<usize, Fault>,
) -> HResult {
    guarded(|| {
        let callback = match callback {
            Some(callback) => callback,
            None => {
                unset_callback(handle);
                return S_OK;
            }
        };
        if set().iter().any(|one| one.handle == handle) {
            return CALLBACK_ALREADY_SET;
        }
        let registered = listen(Box::new(move |event: &Event| {
            if let Some(kind) = event_kind(&event.kind) {
                let data: Vec<u16> = event.data.encode_utf16().chain([0]).collect();
                let event = HcsEvent { kind, data: data.as_ptr(), operation: 0 };
                // SAFETY: as this function's; the event lives until it returns.
                unsafe { callback(&event, context) };
            }
        }));
        match registered {
            Ok(registration) => {
                set().push(Set { handle, registration, options, callback, context });
                S_OK
            }
            Err(fault) => fault.code,
        }
    })
}

/// Closing a handle takes its callback away.
pub fn unset_callback(handle: usize) {
    let found = {
        let mut set = set();
        set.iter().position(|one| one.handle == handle).map(|at| set.swap_remove(at))
    };
    if let Some(found) = found {
        let _ = listen::stop(found.registration);
    }
}

/// Tells the callback of a handle that an operation on it is done, where it was set so.
pub(super) fn tell_of_operation(subject: Subject, operation: usize) {
    let wants = |one: &&Set| {
        one.options & OPERATION_CALLBACKS != 0 && [subject.system, subject.process].contains(&one.handle)
    };
    let found: Vec<_> = set().iter().filter(wants).map(|one| (one.callback, one.context)).collect();
    for (callback, context) in found {
        // SAFETY: whoever set the callback says that it can be called.
        unsafe { tell_done(callback, context, operation) };
    }
}

/// Calls back that an operation is done.
///
/// # Safety
/// `callback` can be called with `context`.
pub(super) unsafe fn tell_done(callback: EventCallback, context: usize, operation: usize) {
    let event = HcsEvent { kind: OPERATION_CALLBACK, data: std::ptr::null(), operation };
    // SAFETY: as this function's; the event lives until it returns.
    unsafe { callback(&event, context) };
}

/// `HCS_EVENT_TYPE`
fn event_kind(kind: &str) -> Option<u32> {
    Some(match kind {
        "SystemExited" => 1,
        "CrashInitiated" => 2,
        "CrashReport" => 3,
        "SiloJobCreated" => 5,
        "GuestConnectionClosed" => 6,
        "ProcessExited" => 0x1_0000,
        "ServiceDisconnect" => 0x0200_0000,
        _ => return None,
    })
}

/// Waits until what `listen` listens to has ended, and hands its last document out.
///
/// # Safety
/// `result` is null or can be written.
pub unsafe fn wait_for_exit(
    ms: u32,
    result: *mut *mut u16,
    listen: impl FnOnce(Listener) -> Result<usize, Fault>,
) -> HResult {
    let work = || {
        // SAFETY: as this function's.
        unsafe { give(result, None) };
        let (ended, end) = channel();
        let ended = Mutex::new(ended);
        let registration = listen(Box::new(move |event: &Event| {
            if matches!(event.kind.as_str(), "SystemExited" | "ProcessExited" | "ServiceDisconnect") {
                // Nobody waits any more after the first.
                let _ = ended.lock().unwrap_or_else(PoisonError::into_inner).send(event.clone());
            }
        }))?;
        let event = match ms {
            u32::MAX => end.recv().ok(),
            ms => end.recv_timeout(Duration::from_millis(ms.into())).ok(),
        };
        listen::stop(registration)?;
        match event {
            None => Err(Fault::new(TIMEOUT, "The operation timed out.")),
            Some(event) if event.kind == crate::event::SERVICE_DISCONNECT => {
                Err(Fault::new(event.status, "The service disconnected."))
            }
            Some(event) => {
                // SAFETY: as this function's.
                unsafe { give(result, Some(&event.data)) };
                Ok(())
            }
        }
    };
    guarded(|| code(work()))
}
