//! A flow in words that stand in no file: what a person types.

use crate::diagnostic::Diagnostic;
use crate::loader::{LoadError, Loader};
use crate::model::{Flow, Source};
use crate::read::Reader;
use crate::source::FileId;
use crate::span::{Span, Spanned};

/// Reads where a flow starts (`pod/client@win1`) and where it goes (`service/web:80`), as a reach table has them.
///
/// # Errors
/// What is wrong with either.
pub fn read_flow(from: &str, to: &str) -> Result<(Source, Flow), Vec<Diagnostic>> {
    let mut reader = Reader::new(&Nothing);
    let spoken = |text: &str| Spanned::new(text.to_owned(), Span::start_of(FileId::SCENARIO));
    let source = reader.source(&spoken(from));
    let flow = reader.flow(&spoken(to));
    match (source, flow) {
        (Some(source), Some(flow)) if reader.problems.is_empty() => Ok((source, flow)),
        _ => Err(reader.problems),
    }
}

/// Words refer to no files.
struct Nothing;

impl Loader for Nothing {
    fn load(&self, _: &str) -> Result<String, LoadError> {
        Err(LoadError { not_found: true, reason: "there are no files".to_owned() })
    }

    fn list(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::read_flow;

    #[test]
    fn words_are_read_as_in_a_reach_table() {
        assert!(read_flow("pod/client@win1", "service/web:80").is_ok());
        let problems = read_flow("win1", "service/web").unwrap_err();
        assert_eq!(problems.len(), 2);
        assert!(problems[0].message.contains("`win1` cannot start a flow"), "{problems:?}");
    }
}
