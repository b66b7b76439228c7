//! A component's log.

use std::fmt;
use std::sync::Arc;

/// How much a line matters; the words are klog's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Detail
    Debug,
    /// `I`
    Info,
    /// `W`
    Warning,
    /// `E`
    Error,
    /// `F`: the program ends after it
    Fatal,
}

/// Where the lines of a lab's components go.
pub trait LogSink: Send + Sync {
    /// Whether lines of this level are read by anybody.
    fn wants(&self, level: Level) -> bool;

    /// Takes a line.
    fn line(&self, node: &str, component: &str, level: Level, text: &str);
}

/// One component's log on one node.
#[derive(Clone)]
pub struct Log {
    sink: Arc<dyn LogSink>,
    node: Arc<str>,
    component: Arc<str>,
}

impl Log {
    /// The log of `component` on `node`.
    #[must_use]
    pub fn new(sink: Arc<dyn LogSink>, node: &str, component: &str) -> Self {
        Self { sink, node: Arc::from(node), component: Arc::from(component) }
    }

    /// A log that nobody reads.
    #[must_use]
    pub fn unread() -> Self {
        struct Unread;
        impl LogSink for Unread {
            fn wants(&self, _: Level) -> bool {
                false
            }

            fn line(&self, _: &str, _: &str, _: Level, _: &str) {}
        }
        Self::new(Arc::new(Unread), "", "")
    }

    /// The log of another part of the same node.
    #[must_use]
    pub fn part(&self, component: &str) -> Self {
        Self { component: Arc::from(component), ..self.clone() }
    }

    /// Writes a line; the text is made only if somebody reads it.
    pub fn write(&self, level: Level, text: impl fmt::Display) {
        if self.sink.wants(level) {
            self.sink.line(&self.node, &self.component, level, &text.to_string());
        }
    }

    /// Writes at [`Level::Debug`].
    pub fn debug(&self, text: impl fmt::Display) {
        self.write(Level::Debug, text);
    }

    /// Writes at [`Level::Info`].
    pub fn info(&self, text: impl fmt::Display) {
        self.write(Level::Info, text);
    }

    /// Writes at [`Level::Warning`].
    pub fn warning(&self, text: impl fmt::Display) {
        self.write(Level::Warning, text);
    }

    /// Writes at [`Level::Error`].
    pub fn error(&self, text: impl fmt::Display) {
        self.write(Level::Error, text);
    }

    /// Writes at [`Level::Fatal`]. The caller ends the program.
    pub fn fatal(&self, text: impl fmt::Display) {
        self.write(Level::Fatal, text);
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Log({}/{})", self.node, self.component)
    }
}
