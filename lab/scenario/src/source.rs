//! The texts that spans point into.

use std::sync::Arc;

use crate::span::Span;

/// Some editors begin a file with it; it is no character of the first line.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// One of the files of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u16);

impl FileId {
    /// The scenario file itself: always the first.
    pub const SCENARIO: Self = Self(0);
}

/// The files of one scenario: its own and those it names.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Source>);

#[derive(Clone, Debug)]
struct Source {
    path: Arc<str>,
    text: Arc<str>,
}

/// A place as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's path as it was given.
    pub path: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Line of the last byte.
    pub end_line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, path: &str, text: &str) -> FileId {
        let id = FileId(u16::try_from(self.0.len()).unwrap_or(u16::MAX));
        self.0.push(Source { path: Arc::from(path), text: Arc::from(text) });
        id
    }

    /// A file's text.
    #[must_use]
    pub fn text(&self, file: FileId) -> &str {
        self.0.get(usize::from(file.0)).map_or("", |source| &source.text)
    }

    /// A file's path.
    #[must_use]
    pub fn path(&self, file: FileId) -> &str {
        self.0.get(usize::from(file.0)).map_or("", |source| &source.path)
    }

    /// The text of a span.
    #[must_use]
    pub fn excerpt(&self, span: Span) -> &str {
        self.text(span.file).get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Line and column of a span.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        let text = self.text(span.file);
        let position = |byte: u32| {
            let before = floor(text, byte as usize);
            let line = before.matches('\n').count() + 1;
            let column =
                before.rsplit('\n').next().unwrap_or("").chars().filter(|c| *c != BYTE_ORDER_MARK).count();
            (line, column + 1)
        };
        let (line, column) = position(span.start);
        let (end_line, _) = position(span.end.saturating_sub(1).max(span.start));
        Place { path: Arc::from(self.path(span.file)), line, column, end_line }
    }

    /// A line of a file without its end; lines count from 1.
    #[must_use]
    pub fn line(&self, file: FileId, line: usize) -> Option<&str> {
        let line = self.text(file).lines().nth(line.checked_sub(1)?)?;
        Some(line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line))
    }
}

/// The text before a byte, moved back to a character's start.
fn floor(text: &str, mut byte: usize) -> &str {
    byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    &text[..byte]
}
