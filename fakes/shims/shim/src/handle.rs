//! Handles: numbers that stand for what a client has open.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The first handle; small numbers look like errors to those who debug a client.
const FIRST: usize = 0x1_0000;
const STEP: usize = 4;

/// What is open, by handle. Every handle is a number of its own that never comes back.
#[derive(Debug)]
pub struct Handles<T>(Mutex<Option<Table<T>>>);

#[derive(Debug)]
struct Table<T> {
    next: usize,
    open: BTreeMap<usize, T>,
}

impl<T: Clone> Handles<T> {
    /// Nothing open.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// A new handle for `value`.
    pub fn open(&self, value: T) -> usize {
        let mut table = self.table();
        let table = table.get_or_insert_with(|| Table { next: FIRST, open: BTreeMap::new() });
        let handle = table.next;
        table.next += STEP;
        table.open.insert(handle, value);
        handle
    }

    /// What a handle stands for.
    pub fn get(&self, handle: usize) -> Option<T> {
        self.table().as_ref()?.open.get(&handle).cloned()
    }

    /// Makes a handle stand for something else; one that has been closed stays closed.
    pub fn replace(&self, handle: usize, value: T) {
        if let Some(known) = self.table().as_mut().and_then(|table| table.open.get_mut(&handle)) {
            *known = value;
        }
    }

    /// Closes a handle and gives back what it stood for.
    pub fn close(&self, handle: usize) -> Option<T> {
        self.table().as_mut()?.open.remove(&handle)
    }

    /// How many open handles stand for something that `test` is true of.
    pub fn count(&self, test: impl Fn(&T) -> bool) -> usize {
        self.table().as_ref().map_or(0, |table| table.open.values().filter(|value| test(value)).count())
    }

    fn table(&self) -> MutexGuard<'_, Option<Table<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Default for Handles<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Handles;

    #[test]
    fn handles_are_distinct_and_never_come_back() {
        let handles = Handles::new();
        let (a, b) = (handles.open("net"), handles.open("net"));
        assert!(a != 0 && a != b);
        assert_eq!(handles.count(|value| *value == "net"), 2);
        assert_eq!(handles.close(a), Some("net"));
        assert_eq!((handles.close(a), handles.get(a), handles.get(b)), (None, None, Some("net")));
        assert!(handles.open("other") > b);
    }

    #[test]
    fn a_closed_handle_is_not_replaced() {
        let handles = Handles::new();
        let (open, closed) = (handles.open("one"), handles.open("one"));
        handles.close(closed);
        handles.replace(open, "two");
        handles.replace(closed, "two");
        assert_eq!((handles.get(open), handles.get(closed)), (Some("two"), None));
    }

    #[test]
    fn opening_and_closing_leaves_nothing() {
        let handles = Handles::new();
        for _ in 0..100_000 {
            let handle = handles.open(0);
            handles.close(handle);
        }
        assert_eq!(handles.count(|_| true), 0);
    }
}
