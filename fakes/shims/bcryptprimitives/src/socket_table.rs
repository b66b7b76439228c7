//! Which sockets stand for AF_UNIX ones.

use core::cell::UnsafeCell;

use crate::win32::{AcquireSRWLockExclusive, ReleaseSRWLockExclusive};

/// The longest path of an AF_UNIX address, its NUL included.
pub(crate) const LONGEST: usize = 108;
/// More than a node component has open.
const MOST: usize = 1024;
/// No handle.
pub(crate) const NONE: usize = usize::MAX;

/// A path with its NUL; nothing but NULs where there is none.
pub(crate) type Path = [u8; LONGEST];

/// One socket.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// Its handle.
    pub(crate) socket: usize,
    /// What it is bound to.
    pub(crate) local: Path,
    /// What it is connected to.
    pub(crate) remote: Path,
}

const FREE: Entry = Entry { socket: NONE, local: [0; LONGEST], remote: [0; LONGEST] };

struct Table {
    lock: UnsafeCell<usize>,
    entries: UnsafeCell<[Entry; MOST]>,
}

// SAFETY: the entries are touched only while the lock is held.
unsafe impl Sync for Table {}

static TABLE: Table = Table { lock: UnsafeCell::new(0), entries: UnsafeCell::new([FREE; MOST]) };

fn with<T>(work: impl FnOnce(&mut [Entry; MOST]) -> T) -> T {
    // SAFETY: the lock is held while the entries are borrowed; `work` does not come back here.
    unsafe {
        AcquireSRWLockExclusive(TABLE.lock.get());
        let result = work(&mut *TABLE.entries.get());
        ReleaseSRWLockExclusive(TABLE.lock.get());
        result
    }
}

/// Takes a socket in; false where there is no room.
pub(crate) fn add(socket: usize) -> bool {
    with(|entries| match entries.iter_mut().find(|entry| entry.socket == NONE) {
        Some(entry) => {
            *entry = Entry { socket, ..FREE };
            true
        }
        None => false,
    })
}

/// A socket's entry, if it is one of ours.
pub(crate) fn get(socket: usize) -> Option<Entry> {
    with(|entries| entries.iter().find(|entry| entry.socket == socket).copied())
}

/// Replaces a socket's entry.
pub(crate) fn set(new: Entry) {
    with(|entries| {
        if let Some(entry) = entries.iter_mut().find(|entry| entry.socket == new.socket) {
            *entry = new;
        }
    });
}

/// Forgets a socket.
pub(crate) fn remove(socket: usize) {
    with(|entries| {
        if let Some(entry) = entries.iter_mut().find(|entry| entry.socket == socket && socket != NONE) {
            *entry = FREE;
        }
    });
}
