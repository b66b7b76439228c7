//! Member names, shared between documents.

#![expect(clippy::disallowed_types, reason = "the intern table is only ever looked up, never iterated")]

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

/// How many distinct names one thread keeps; names past that are still valid keys, they are only not shared.
const CAPACITY: usize = 16_384;
/// Longer names are data (label keys, file names), not schema: sharing them would fill the table for nothing.
const LONGEST: usize = 64;

thread_local! {
    static TABLE: RefCell<HashSet<Key, FxBuildHasher>> = RefCell::new(HashSet::default());
}

/// A member name. Equal names met on one thread share their text.
#[derive(Clone, PartialOrd, Ord)]
pub struct Key(Arc<str>);

impl Key {
    /// The key for `name`, shared with every earlier use of it on this thread.
    #[must_use]
    pub fn new(name: &str) -> Self {
        if name.len() > LONGEST {
            return Self(Arc::from(name));
        }
        TABLE.with_borrow_mut(|table| {
            if let Some(known) = table.get(name) {
                return known.clone();
            }
            let key = Self(Arc::from(name));
            if table.len() < CAPACITY {
                table.insert(key.clone());
            }
            key
        })
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Deref for Key {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Key {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<&String> for Key {
    fn from(name: &String) -> Self {
        Self::new(name)
    }
}

impl From<String> for Key {
    fn from(name: String) -> Self {
        Self::new(&name)
    }
}

impl From<&Key> for Key {
    fn from(key: &Key) -> Self {
        key.clone()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn equal_names_share_their_text() {
        assert!(std::ptr::eq(Key::new("metadata").as_str(), Key::new("metadata").as_str()));
        let long = "x".repeat(200);
        assert_eq!(Key::new(&long), Key::new(&long));
    }
}
