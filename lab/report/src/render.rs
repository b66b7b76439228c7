//! Readers that write, as sinks.

use std::io;
use std::sync::{Mutex, PoisonError};

use winlab_events::{Detail, Event, Sink};

use crate::RunReport;

/// A reader of the stream that may fail to write.
pub trait Render: Send {
    /// Takes note of one event, and writes what is to be written about it.
    ///
    /// # Errors
    /// The writer failed.
    fn event(&mut self, event: &Event) -> io::Result<()>;
}

/// A [`Render`] as a [`Sink`]. It is told outcomes only.
pub struct RenderSink<R> {
    state: Mutex<(R, Option<io::Error>)>,
}

impl<R: Render> RenderSink<R> {
    /// Renders with `render`.
    pub fn new(render: R) -> Self {
        Self { state: Mutex::new((render, None)) }
    }

    /// The renderer, after the last event.
    ///
    /// # Errors
    /// The first error of its writer; after it nothing more was written.
    pub fn finish(self) -> io::Result<R> {
        let (render, error) = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        error.map_or(Ok(render), Err)
    }
}

impl<R: Render> Sink for RenderSink<R> {
    fn emit(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.1.is_none() {
            state.1 = state.0.event(event).err();
        }
    }

    fn detail(&self) -> Detail {
        Detail::Outcomes
    }
}

/// A sink that gathers a [`RunReport`] for the renderers at the run's end.
#[derive(Default)]
pub struct Gathering {
    report: Mutex<RunReport>,
}

impl Gathering {
    /// Nothing gathered yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was gathered.
    pub fn into_report(self) -> RunReport {
        self.report.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Gathering {
    fn emit(&self, event: &Event) {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).read(event);
    }

    fn detail(&self) -> Detail {
        Detail::Outcomes
    }
}
