//! Whose a prefix is: the name of its folder has the process that made it, so that nobody removes it while that lives
//! and everybody may afterwards.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::machine;

/// `win1.4711.8812345.0`: the node, the pid, when the process started, and a number of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    node: String,
    pid: u32,
    started: u64,
    number: u32,
}

impl Owner {
    /// This process, for a node.
    pub(crate) fn this(node: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let pid = std::process::id();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self { node: node.to_owned(), pid, started: machine::start_of(pid).unwrap_or_default(), number }
    }

    /// Whether the process is there still.
    pub(crate) fn lives(&self) -> bool {
        machine::start_of(self.pid) == Some(self.started)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.node, self.pid, self.started, self.number)
    }
}

/// Text that is not an [`Owner`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotAnOwner;

impl FromStr for Owner {
    type Err = NotAnOwner;

    fn from_str(text: &str) -> Result<Self, NotAnOwner> {
        let mut parts = text.rsplitn(4, '.');
        let mut next = || parts.next().ok_or(NotAnOwner);
        let number = next()?.parse().map_err(|_| NotAnOwner)?;
        let started = next()?.parse().map_err(|_| NotAnOwner)?;
        let pid = next()?.parse().map_err(|_| NotAnOwner)?;
        Ok(Self { node: next()?.to_owned(), pid, started, number })
    }
}

#[cfg(test)]
mod tests {
    use super::{NotAnOwner, Owner};

    #[test]
    fn the_written_form_is_read_back() {
        let owner = Owner::this("win1.example");
        assert_eq!(owner.to_string().parse(), Ok(owner));
        for text in ["", "win1", "1.2.3", "win1.x.1.1"] {
            assert_eq!(text.parse::<Owner>(), Err(NotAnOwner), "{text}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pid_that_was_given_again_is_somebody_else() {
        let owner = Owner::this("win1");
        assert!(owner.lives());
        assert!(!Owner { started: owner.started + 1, ..owner }.lives());
    }
}
