//! Who holds what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::held::Held;

/// Something held of a host.
type Holding = (String, Held);

/// Open sessions with what each holds.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<BTreeMap<String, BTreeSet<Holding>>>);

impl Sessions {
    /// Opens a session; false where one of that name is open.
    pub(super) fn open(&self, name: &str) -> bool {
        let mut sessions = self.lock();
        if sessions.contains_key(name) {
            return false;
        }
        sessions.insert(name.to_owned(), BTreeSet::new());
        true
    }

    pub(super) fn is_open(&self, name: &str) -> bool {
        self.lock().contains_key(name)
    }

    /// Ends a session: what it held.
    pub(super) fn end(&self, name: &str) -> BTreeSet<Holding> {
        self.lock().remove(name).unwrap_or_default()
    }

    /// A session holds something now; false where it is not open any more.
    pub(super) fn hold(&self, session: &str, host: &str, held: Held) -> bool {
        let mut sessions = self.lock();
        let Some(holdings) = sessions.get_mut(session) else { return false };
        holdings.insert((host.to_owned(), held));
        true
    }

    /// A session gives something back: whether it was the last that held it.
    pub(super) fn give(&self, session: &str, host: &str, held: &Held) -> bool {
        let mut sessions = self.lock();
        let holding = (host.to_owned(), held.clone());
        if let Some(holdings) = sessions.get_mut(session) {
            holdings.remove(&holding);
        }
        !sessions.values().any(|holdings| holdings.contains(&holding))
    }

    /// Whether any session holds it.
    pub(super) fn is_held(&self, host: &str, held: &Held) -> bool {
        let holding = (host.to_owned(), held.clone());
        self.lock().values().any(|holdings| holdings.contains(&holding))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, BTreeSet<Holding>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Sessions;
    use crate::held::Held;

    #[test]
    fn the_last_holder_counts() {
        let sessions = Sessions::default();
        assert!(sessions.open("a") && sessions.open("b") && !sessions.open("a"));
        let web = || Held::System("web".into());
        assert!(sessions.hold("a", "win1", web()) && sessions.hold("b", "win1", web()));
        assert!(!sessions.hold("c", "win1", web()));
        assert!(!sessions.give("a", "win1", &web()));
        assert!(sessions.is_held("win1", &web()) && !sessions.is_held("win2", &web()));
        assert_eq!(sessions.end("b").into_iter().collect::<Vec<_>>(), [("win1".to_owned(), web())]);
        assert!(!sessions.is_held("win1", &web()) && !sessions.is_open("b"));
        assert!(sessions.give("a", "win1", &web()));
    }
}
