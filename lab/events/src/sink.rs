//! Where events go.

use std::sync::{Arc, Mutex, PoisonError};

use crate::Event;

/// How much a sink wants to hear. What nobody wants need not be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Runs, cases, steps, checks, evidence, remarks: what a person reads.
    Outcomes,
    /// Boundary calls, notifications, log lines, object changes and walks as well.
    Everything,
}

/// A reader of the stream. Events of one case come in order; those of different cases come from different threads.
pub trait Sink: Send + Sync {
    /// Takes note of one event.
    fn emit(&self, event: &Event);

    /// How much this sink wants to hear. It may still be told more.
    fn detail(&self) -> Detail {
        Detail::Everything
    }
}

impl<S: Sink + ?Sized> Sink for Arc<S> {
    fn emit(&self, event: &Event) {
        (**self).emit(event);
    }

    fn detail(&self) -> Detail {
        (**self).detail()
    }
}

impl<S: Sink + ?Sized> Sink for &S {
    fn emit(&self, event: &Event) {
        (**self).emit(event);
    }

    fn detail(&self) -> Detail {
        (**self).detail()
    }
}

/// Several sinks as one; each hears every event, in the order in which they were given.
#[derive(Default)]
pub struct FanOut<'a> {
    sinks: Vec<Box<dyn Sink + 'a>>,
}

impl<'a> FanOut<'a> {
    /// No sink: events go nowhere.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more sink.
    #[must_use]
    pub fn with(mut self, sink: impl Sink + 'a) -> Self {
        self.sinks.push(Box::new(sink));
        self
    }
}

impl Sink for FanOut<'_> {
    fn emit(&self, event: &Event) {
        for sink in &self.sinks {
            sink.emit(event);
        }
    }

    fn detail(&self) -> Detail {
        self.sinks.iter().map(|sink| sink.detail()).max().unwrap_or(Detail::Outcomes)
    }
}

/// A sink that keeps every event.
#[derive(Default)]
pub struct Collector {
    events: Mutex<Vec<Event>>,
}

impl Collector {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was emitted so far.
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was emitted so far, and forgets it.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Collector {
    fn emit(&self, event: &Event) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
    }
}
