//! Who listens to a service, and the thread of ours that tells them.
//!
//! ```text
//! registered ──event──> being told ──the callback returns──> registered
//!     └──unregister──> gone          └──unregister: waits──> gone
//! ```
//!
//! Unregistering waits until a call that is under way has returned, unless it is that call which unregisters.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use crate::event::{Event, SERVICE_DISCONNECT};
use crate::fault::{Fault, E_OUTOFMEMORY};
use crate::http::Connection;
use crate::library;
use crate::wire::Service;

/// What a listener wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Everything the service tells.
    All,
    /// One object of HNS.
    Object(String),
    /// A compute system, its processes aside.
    System(String),
    /// A process of a compute system.
    Process(String, u32),
}

impl Target {
    fn wants(&self, event: &Event) -> bool {
        event.kind == SERVICE_DISCONNECT
            || match self {
                Self::All => true,
                Self::Object(id) => event.object.eq_ignore_ascii_case(id),
                Self::System(id) => event.object == *id && event.pid == 0,
                Self::Process(id, pid) => event.object == *id && event.pid == *pid,
            }
    }
}

/// What is called with each event.
pub type Listener = Box<dyn Fn(&Event) + Send + Sync>;

struct Registration {
    handle: usize,
    target: Target,
    listener: Listener,
    /// Whether each kind is told only once: hcsshim's channels hold one (`internal/hcs/callback.go`).
    once: bool,
    state: Mutex<State>,
    idle: Condvar,
}

#[derive(Default)]
struct State {
    closed: bool,
    told: Vec<String>,
    running: Option<ThreadId>,
}

impl Registration {
    fn tell(&self, event: &Event) {
        let mut state = lock(&self.state);
        while state.running.is_some() {
            state = self.idle.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed || (self.once && state.told.contains(&event.kind)) {
            return;
        }
        if self.once {
            state.told.push(event.kind.clone());
        }
        state.running = Some(thread::current().id());
        drop(state);
        crate::guard::or_else((), || (self.listener)(event));
        lock(&self.state).running = None;
        self.idle.notify_all();
    }

    fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        while state.running.map_or(false, |thread| thread != thread::current().id()) {
            state = self.idle.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The listeners of one service.
pub struct Registrations {
    service: Service,
    listening: Mutex<Listening>,
}

struct Listening {
    next: usize,
    all: Vec<Arc<Registration>>,
    /// Whether a thread reads the service's events.
    fed: bool,
}

impl Registrations {
    /// Nobody listens yet.
    #[must_use]
    pub const fn new(service: Service) -> Self {
        Self { service, listening: Mutex::new(Listening { next: 0x1_0000, all: Vec::new(), fed: false }) }
    }

    /// Calls `listener` with what `target` is about until [`Registrations::unregister`], each kind `once` or always.
    /// Events from now on are heard, also those that happen before this returns.
    ///
    /// # Errors
    /// Where the service cannot be listened to.
    pub fn register(&'static self, target: Target, once: bool, listener: Listener) -> Result<usize, Fault> {
        let mut listening = lock(&self.listening);
        if !listening.fed {
            let connection = self.service.events()?;
            library::stay_loaded();
            let spawned = thread::Builder::new().spawn(move || self.feed(connection));
            spawned.map_err(|error| Fault::new(E_OUTOFMEMORY, error.to_string()))?;
            listening.fed = true;
        }
        let handle = listening.next;
        listening.next += 4;
        let (state, idle) = (Mutex::default(), Condvar::new());
        listening.all.push(Arc::new(Registration { handle, target, listener, once, state, idle }));
        Ok(handle)
    }

    /// Tells one listener of something that happened before it registered, from a thread of ours.
    pub fn tell_late(&'static self, handle: usize, event: Event) {
        let found = lock(&self.listening).all.iter().find(|one| one.handle == handle).cloned();
        if let Some(registration) = found {
            library::stay_loaded();
            // Without a thread it is told right here, which is better than never.
            let again = (registration.clone(), event.clone());
            if thread::Builder::new().spawn(move || registration.tell(&event)).is_err() {
                again.0.tell(&again.1);
            }
        }
    }

    /// Ends a registration; its listener is not called any more when this returns.
    ///
    /// # Errors
    /// `E_HANDLE` where there is no such registration.
    pub fn unregister(&self, handle: usize) -> Result<(), Fault> {
        let mut listening = lock(&self.listening);
        let at = listening.all.iter().position(|one| one.handle == handle).ok_or_else(Fault::no_handle)?;
        let registration = listening.all.swap_remove(at);
        drop(listening);
        registration.close();
        Ok(())
    }

    /// Reads events until there are no more.
    fn feed(&self, mut connection: Connection) {
        let mut rest = Vec::new();
        while let Ok(Some(chunk)) = connection.chunk() {
            rest.extend_from_slice(&chunk);
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = rest.drain(..=end).collect();
                if let Some(event) = std::str::from_utf8(&line).ok().and_then(Event::read) {
                    self.tell(&event);
                }
            }
        }
        lock(&self.listening).fed = false;
        self.tell(&Event::disconnect(DISCONNECTED));
    }

    fn tell(&self, event: &Event) {
        let listeners = lock(&self.listening).all.clone();
        for registration in listeners.iter().filter(|one| one.target.wants(event)) {
            registration.tell(event);
        }
    }
}

/// `HCS_E_SERVICE_DISCONNECT`
const DISCONNECTED: u32 = 0x8037_011e;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn event(kind: &str, object: &str, pid: u32) -> Event {
        Event { kind: kind.into(), object: object.into(), pid, status: 0, data: "null".into() }
    }

    #[test]
    fn targets_want_their_own() {
        let (system, process) = (Target::System("a".into()), Target::Process("a".into(), 4));
        assert!(
            system.wants(&event("SystemExited", "a", 0)) && !system.wants(&event("ProcessExited", "a", 4))
        );
        assert!(
            process.wants(&event("ProcessExited", "a", 4)) && !process.wants(&event("ProcessExited", "b", 4))
        );
        assert!(Target::Object("AB".into()).wants(&event("NetworkCreate", "ab", 0)));
        assert!(process.wants(&Event::disconnect(0)));
    }

    #[test]
    fn each_kind_is_told_once_and_nothing_after_the_end() {
        static TOLD: AtomicU32 = AtomicU32::new(0);
        let registration = Registration {
            handle: 1,
            target: Target::All,
            listener: Box::new(|_| {
                TOLD.fetch_add(1, Ordering::SeqCst);
            }),
            once: true,
            state: Mutex::default(),
            idle: Condvar::new(),
        };
        registration.tell(&event("SystemExited", "a", 0));
        registration.tell(&event("SystemExited", "a", 0));
        registration.close();
        registration.tell(&event("CrashReport", "a", 0));
        assert_eq!(TOLD.load(Ordering::SeqCst), 1);
    }
}
