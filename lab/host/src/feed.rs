//! Notifications to any number of listeners.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::stream::BoxStream;

/// What a listener reads.
pub type EventStream<E> = BoxStream<'static, E>;

/// Where a fake puts its events: every listener gets each event that comes after it subscribed, in order.
pub struct Feed<E> {
    listeners: Mutex<Vec<UnboundedSender<E>>>,
}

impl<E> fmt::Debug for Feed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

impl<E> Default for Feed<E> {
    fn default() -> Self {
        Self { listeners: Mutex::new(Vec::new()) }
    }
}

impl<E: Clone + Send + 'static> Feed<E> {
    /// Gives an event to every listener; those that are gone are forgotten.
    pub fn publish(&self, event: &E) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| listener.unbounded_send(event.clone()).is_ok());
    }

    /// Events from now on.
    pub fn subscribe(&self) -> EventStream<E> {
        let (sender, receiver) = unbounded();
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        receiver.boxed()
    }

    /// Ends every listener's stream, as a service that stops does.
    pub fn disconnect(&self) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
