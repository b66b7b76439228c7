//! The journal decorator: every call with its answer goes to a sink.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use winlab_clock::{Clock, VirtualInstant};
use winlab_document::Document;

use crate::boundary::{Boundary, Call, Service};
use crate::feed::EventStream;

/// One call as it was carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalEntry {
    /// The service: `hns`.
    pub service: &'static str,
    /// The function: `HcnCreateEndpoint`.
    pub function: &'static str,
    /// Its arguments.
    pub arguments: Document,
    /// What came back, or the fault's text.
    pub outcome: Result<Document, String>,
    /// When it was asked.
    pub asked: VirtualInstant,
    /// When it was answered.
    pub answered: VirtualInstant,
}

/// Where journal entries go; called in the order in which answers come.
pub trait JournalSink: Send + Sync {
    /// Whether anybody reads: while nobody does, no entry is made.
    fn is_open(&self) -> bool {
        true
    }

    /// Takes an entry.
    fn record(&self, entry: JournalEntry);
}

/// Writes every call of a backend down.
pub struct Journal<S: Service> {
    inner: Arc<dyn Boundary<S>>,
    sink: Arc<dyn JournalSink>,
    clock: Clock,
}

impl<S: Service> Journal<S> {
    /// Over `inner`, into `sink`.
    #[must_use]
    pub fn new(inner: Arc<dyn Boundary<S>>, sink: Arc<dyn JournalSink>, clock: Clock) -> Self {
        Self { inner, sink, clock }
    }
}

impl<S: Service> fmt::Debug for Journal<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("service", &S::NAME).finish_non_exhaustive()
    }
}

impl<S: Service> Boundary<S> for Journal<S> {
    fn call(&self, call: S::Call) -> BoxFuture<'_, Result<S::Answer, S::Fault>> {
        if !self.sink.is_open() {
            return self.inner.call(call);
        }
        let (function, arguments) = (call.function(), call.arguments());
        let asked = self.clock.now();
        let pending = self.inner.call(call);
        async move {
            let result = pending.await;
            let outcome = match &result {
                Ok(answer) => Ok(S::answer_document(answer)),
                Err(fault) => Err(fault.to_string()),
            };
            let answered = self.clock.now();
            self.sink.record(JournalEntry {
                service: S::NAME,
                function,
                arguments,
                outcome,
                asked,
                answered,
            });
            result
        }
        .boxed()
    }

    fn events(&self) -> EventStream<S::Event> {
        self.inner.events().boxed()
    }
}
