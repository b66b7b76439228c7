//! Operations: how computecore.dll tells what became of a call.
//!
//! ```text
//! not started ──a function takes it──> pending ──its thread is done──> done
//!                                        ^────────another function────────┘
//! ```
//!
//! A function that answers `S_OK` has started something on a thread of ours; the outcome is the operation's result
//! (Microsoft's HCS reference, `HcsWaitForOperationResult.md`). Closing an operation leaves what it started running.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::process::ProcessInformation;
use super::{pipe, v2};
use crate::fault::{Fault, HResult, E_INVALIDARG, E_OUTOFMEMORY, S_OK};
use crate::guard::guarded;
use crate::handle::Handles;
use crate::library;

const NOT_STARTED: HResult = 0x8037_0115;
const ALREADY_STARTED: HResult = 0x8037_0116;
const PENDING: HResult = 0x8037_0117;
const TIMEOUT: HResult = 0x8037_0118;

/// `HCS_OPERATION_TYPE`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
#[allow(missing_docs)]
pub enum Kind {
    None = -1,
    Enumerate = 0,
    Create = 1,
    Start = 2,
    Shutdown = 3,
    Pause = 4,
    Resume = 5,
    Save = 6,
    Terminate = 7,
    Modify = 8,
    GetProperties = 9,
    CreateProcess = 10,
    SignalProcess = 11,
    GetProcessInfo = 12,
    GetProcessProperties = 13,
    ModifyProcess = 14,
    Crash = 15,
}

/// `HCS_OPERATION_COMPLETION`: operation, context.
pub type Completion = unsafe extern "system" fn(usize, usize);

/// Whom an operation tells that it is done.
#[derive(Clone, Copy)]
pub enum Tell {
    /// Nobody.
    Nobody,
    /// An `HCS_OPERATION_COMPLETION`.
    Completion(Completion),
    /// An `HCS_EVENT_CALLBACK`.
    Event(v2::EventCallback),
}

/// What became of a call.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Its document, if it has one.
    pub document: Option<String>,
    /// The process it is about.
    pub information: Option<ProcessInformation>,
}

#[derive(Debug)]
enum State {
    NotStarted,
    Pending,
    Done(Result<Outcome, Fault>),
}

/// What a call is about, as the operation's getters say.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    /// What is done.
    pub kind: Kind,
    /// The system's handle, or 0.
    pub system: usize,
    /// The process's handle, or 0.
    pub process: usize,
}

struct Inner {
    state: State,
    subject: Subject,
    context: usize,
    tell: Tell,
    closed: bool,
}

/// One operation.
pub struct Operation {
    /// Its number, different for each.
    pub id: u64,
    inner: Mutex<Inner>,
    done: Condvar,
}

static OPERATIONS: Handles<Arc<Operation>> = Handles::new();
static COUNT: AtomicU64 = AtomicU64::new(1);

/// A new operation's handle.
#[must_use]
pub fn create(context: usize, tell: Tell) -> usize {
    let subject = Subject { kind: Kind::None, system: 0, process: 0 };
    let inner = Inner { state: State::NotStarted, subject, context, tell, closed: false };
    let id = COUNT.fetch_add(1, Ordering::Relaxed);
    OPERATIONS.open(Arc::new(Operation { id, inner: Mutex::new(inner), done: Condvar::new() }))
}

/// The operation of a handle.
///
/// # Errors
/// `E_HANDLE` where it has none.
pub fn opened(handle: usize) -> Result<Arc<Operation>, Fault> {
    OPERATIONS.get(handle).ok_or_else(Fault::no_handle)
}

/// Closes a handle. Nobody is told any more.
pub fn close(handle: usize) {
    if let Some(operation) = OPERATIONS.close(handle) {
        operation.lock().closed = true;
    }
}

/// Starts `work` under an operation.
pub fn start(
    handle: usize,
    subject: Subject,
    work: impl FnOnce() -> Result<Outcome, Fault> + Send + 'static,
) -> HResult {
    guarded(|| {
        let operation = match opened(handle) {
            Ok(operation) => operation,
            Err(fault) => return fault.code,
        };
        let before = {
            let mut inner = operation.lock();
            if matches!(inner.state, State::Pending) {
                return ALREADY_STARTED;
            }
            inner.subject = subject;
            std::mem::replace(&mut inner.state, State::Pending)
        };
        drop(Unclaimed(before));
        library::stay_loaded();
        let running = operation.clone();
        let spawned = thread::Builder::new().spawn(move || {
            let panicked = Fault::new(crate::fault::E_UNEXPECTED, "Catastrophic failure");
            let outcome = crate::guard::or_else(Err(panicked), work);
            running.finish(handle, outcome);
        });
        if spawned.is_err() {
            operation.lock().state = State::NotStarted;
            return E_OUTOFMEMORY;
        }
        S_OK
    })
}

impl Operation {
    /// What it is about.
    pub fn subject(&self) -> Subject {
        self.lock().subject
    }

    /// What its callback gets.
    pub fn context(&self) -> usize {
        self.lock().context
    }

    /// Replaces what its callback gets.
    pub fn set_context(&self, context: usize) {
        self.lock().context = context;
    }

    /// Replaces whom it tells. One that is done tells at once.
    pub fn set_tell(&self, handle: usize, context: usize, tell: Tell) {
        let is_done = {
            let mut inner = self.lock();
            inner.context = context;
            inner.tell = tell;
            matches!(inner.state, State::Done(_))
        };
        if is_done {
            self.tell(handle);
        }
    }

    /// Its result, waiting so many milliseconds for it: the code and the document, and the process's information
    /// where `with_process` asks for it.
    pub fn result(
        &self,
        wait_ms: u32,
        with_process: bool,
    ) -> (HResult, Option<String>, Option<ProcessInformation>) {
        let inner = self.lock();
        if matches!(inner.state, State::NotStarted) {
            return (NOT_STARTED, None, None);
        }
        let about_process = matches!(inner.subject.kind, Kind::CreateProcess | Kind::GetProcessInfo);
        if with_process && !about_process {
            return (E_INVALIDARG, None, None);
        }
        let mut inner = self.wait(inner, wait_ms);
        match &mut inner.state {
            State::NotStarted | State::Pending if wait_ms == 0 => (PENDING, None, None),
            State::NotStarted | State::Pending => (TIMEOUT, None, None),
            State::Done(Err(fault)) => (fault.code, Some(fault.result_error()), None),
            State::Done(Ok(outcome)) => {
                let information = if with_process { outcome.information } else { None };
                if let (true, Some(left)) = (with_process, &mut outcome.information) {
                    // The pipes are the client's now.
                    *left = ProcessInformation::without_pipes(left.pid);
                }
                (S_OK, outcome.document.clone(), information)
            }
        }
    }

    fn wait<'a>(&self, mut inner: MutexGuard<'a, Inner>, ms: u32) -> MutexGuard<'a, Inner> {
        let until = (ms != u32::MAX).then(|| Instant::now() + Duration::from_millis(ms.into()));
        while matches!(inner.state, State::Pending) {
            inner = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.done.wait(inner).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return inner,
                Some(left) => self.done.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        inner
    }

    fn finish(&self, handle: usize, outcome: Result<Outcome, Fault>) {
        self.lock().state = State::Done(outcome);
        self.done.notify_all();
        self.tell(handle);
        v2::tell_of_operation(self.subject(), handle);
    }

    fn tell(&self, handle: usize) {
        let (context, tell) = {
            let inner = self.lock();
            (inner.context, if inner.closed { Tell::Nobody } else { inner.tell })
        };
        match tell {
            Tell::Nobody => {}
            // SAFETY: whoever made the operation says that it can be called.
            Tell::Completion(callback) => unsafe { callback(handle, context) },
            // SAFETY: as above.
            Tell::Event(callback) => unsafe { v2::tell_done(callback, context, handle) },
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        let state = std::mem::replace(&mut self.lock().state, State::NotStarted);
        drop(Unclaimed(state));
    }
}

/// A result that nobody asks for any more: its pipes are nobody's.
struct Unclaimed(State);

impl Drop for Unclaimed {
    fn drop(&mut self) {
        if let State::Done(Ok(Outcome { information: Some(information), .. })) = &self.0 {
            for handle in [information.stdin, information.stdout, information.stderr] {
                if handle != 0 {
                    pipe::close(handle);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn subject(kind: Kind) -> Subject {
        Subject { kind, system: 0, process: 0 }
    }

    #[test]
    fn a_result_is_there_when_the_work_is_done() {
        let handle = create(7, Tell::Nobody);
        let operation = opened(handle).unwrap();
        assert_eq!(operation.result(0, false).0, NOT_STARTED);
        let (go, wait) = channel();
        let work = move || {
            wait.recv().unwrap();
            Ok(Outcome { document: Some("[]".into()), information: None })
        };
        assert_eq!(start(handle, subject(Kind::Enumerate), work), S_OK);
        assert_eq!(start(handle, subject(Kind::Start), || Ok(Outcome::default())), ALREADY_STARTED);
        assert_eq!((operation.result(0, false).0, operation.result(1, false).0), (PENDING, TIMEOUT));
        go.send(()).unwrap();
        let (code, document, _) = operation.result(u32::MAX, false);
        assert_eq!((code, document.as_deref()), (S_OK, Some("[]")));
        assert_eq!(operation.result(0, true).0, E_INVALIDARG);
        assert_eq!(start(handle, subject(Kind::Start), || Err(Fault::argument())), S_OK);
        assert_eq!(operation.result(u32::MAX, false).0, E_INVALIDARG);
        close(handle);
        assert!(opened(handle).is_err());
    }

    #[test]
    fn whoever_wants_is_told() {
        static TOLD: Mutex<Option<(usize, usize)>> = Mutex::new(None);
        unsafe extern "system" fn done(operation: usize, context: usize) {
            *TOLD.lock().unwrap() = Some((operation, context));
        }
        let handle = create(7, Tell::Nobody);
        let operation = opened(handle).unwrap();
        start(handle, subject(Kind::Start), || Ok(Outcome::default()));
        operation.result(u32::MAX, false);
        operation.set_tell(handle, 9, Tell::Completion(done));
        assert_eq!(*TOLD.lock().unwrap(), Some((handle, 9)));
    }
}
