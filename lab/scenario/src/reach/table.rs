//! Reading a table.

use crate::diagnostic::Diagnostic;
use crate::model::{Flow, FlowResult, Source};
use crate::read::Reader;
use crate::span::{Span, Spanned};

/// A table of flows.
#[derive(Clone, Debug)]
pub struct ReachTable {
    /// The whole block.
    pub span: Span,
    /// Destinations, in order.
    pub columns: Vec<Spanned<Flow>>,
    /// Rows, in order.
    pub rows: Vec<(Spanned<Source>, Vec<ReachCell>)>,
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReachCell {
    /// Where it was written.
    pub span: Span,
    /// What it says.
    pub expected: Expected,
}

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// `-`: not asked.
    NotAsked,
    /// A result.
    Result(FlowResult),
}

/// A word of a line with its place in the line.
struct Piece<'a> {
    text: &'a str,
    start: usize,
}

/// A line of a block with its place in the file.
struct Line {
    text: String,
    span: Span,
}

impl Line {
    fn place(&self, piece: &Piece<'_>) -> Span {
        self.span.part(piece.start, piece.start + piece.text.len())
    }

    fn spanned(&self, piece: &Piece<'_>) -> Spanned<String> {
        Spanned::new(piece.text.to_owned(), self.place(piece))
    }

    /// Without the blanks around it.
    fn trimmed(&self) -> Span {
        let indent = self.text.len() - self.text.trim_start().len();
        self.span.part(indent, self.text.trim_end().len())
    }
}

/// A table, for hints.
pub(crate) const EXAMPLE: &str =
    "a table reads\n    from             service/web:80  outside\n    pod/client@win1  ok x2           -";

impl Reader<'_> {
    /// Reads the table that stands in a block scalar; `span` is the block's place in the file.
    pub(crate) fn reach_table(&mut self, span: Span) -> Option<ReachTable> {
        let lines = self.lines_of(span);
        let Some((heading, lines)) = lines.split_first() else {
            let message = "the table has comments only";
            self.problems.push(Diagnostic::error("reach-table", span, message).hint(EXAMPLE));
            return None;
        };
        let heads = words(&heading.text);
        if heads.first().map(|head| head.text) != Some("from") || heads.len() < 2 {
            let message = "the table's first line is its heading: `from`, then the destinations";
            let problem = Diagnostic::error("reach-table", heading.trimmed(), message);
            self.problems.push(problem.hint(EXAMPLE));
            return None;
        }
        let before = self.problems.len();
        let mut columns = Vec::new();
        for head in &heads[1..] {
            let text = heading.spanned(head);
            columns.extend(self.flow(&text).map(|flow| Spanned::new(flow, text.span)));
        }
        if lines.is_empty() {
            let problem = Diagnostic::error("reach-table", heading.trimmed(), "the table has no rows");
            self.problems.push(problem.hint(EXAMPLE));
        }
        let mut rows = Vec::new();
        for line in lines {
            rows.extend(self.reach_row(line, heads.len() - 1, heading.trimmed()));
        }
        (self.problems.len() == before).then_some(ReachTable { span, columns, rows })
    }

    fn reach_row(
        &mut self,
        line: &Line,
        columns: usize,
        heading: Span,
    ) -> Option<(Spanned<Source>, Vec<ReachCell>)> {
        let cells = cells(&line.text);
        let (source, rest) = cells.split_first()?;
        if rest.len() != columns {
            let message = format!(
                "this row has {}, the heading has {}",
                counted(rest.len(), "result"),
                counted(columns, "destination")
            );
            let problem = Diagnostic::error("reach-table", line.trimmed(), message);
            let problem = problem.also(heading, "the heading");
            self.problems.push(problem.hint("`-` stands for a flow that is not asked"));
            return None;
        }
        let text = line.spanned(source);
        let source = self.source(&text).map(|source| Spanned::new(source, text.span));
        let mut results = Vec::new();
        for cell in rest {
            let text = line.spanned(cell);
            let expected = match text.value.as_str() {
                "-" => Some(Expected::NotAsked),
                _ => self.result(&text).map(Expected::Result),
            };
            results.extend(expected.map(|expected| ReachCell { span: text.span, expected }));
        }
        Some((source?, results))
    }

    /// Lines of a block that are neither empty nor comments.
    fn lines_of(&self, span: Span) -> Vec<Line> {
        let mut offset = 0;
        let mut lines = Vec::new();
        for line in self.sources.excerpt(span).split_inclusive('\n') {
            let text = line.trim_end_matches(['\n', '\r']);
            if !text.trim().is_empty() && !text.trim_start().starts_with('#') {
                lines.push(Line { text: text.to_owned(), span: span.part(offset, offset + text.len()) });
            }
            offset += line.len();
        }
        lines
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn words(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for part in line.split_whitespace() {
        let start = at + line[at..].find(part).unwrap_or_default();
        at = start + part.len();
        pieces.push(Piece { text: part, start });
    }
    pieces
}

/// The cells of a row: its words, but `ok x4` is one cell.
fn cells(line: &str) -> Vec<Piece<'_>> {
    let mut cells: Vec<Piece<'_>> = Vec::new();
    for word in words(line) {
        let joins = word.text.starts_with('x') && cells.last().is_some_and(|cell| cell.text == "ok");
        match cells.last_mut() {
            Some(cell) if joins => {
                let end = word.start + word.text.len();
                cell.text = &line[cell.start..end];
            }
            _ => cells.push(word),
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::Expected;
    use crate::loader::NoFiles;
    use crate::model::FlowResult;
    use crate::read::Reader;
    use crate::span::Span;

    const TABLE: &str = "from            service/web:80  pod/web@win1:80  outside\n  # a comment\n  pod/client@lin1 ok x4           ok               -\n  outside         timeout         refused          no-name\n";

    fn reader(text: &str) -> (Reader<'static>, Span) {
        let mut reader = Reader::new(&NoFiles);
        let file = reader.sources.add("t", text);
        (reader, Span { file, start: 0, end: u32::try_from(text.len()).unwrap() })
    }

    #[test]
    fn rows_columns_and_places() {
        let (mut reader, span) = reader(TABLE);
        let table = reader.reach_table(span).unwrap();
        assert_eq!(reader.problems, []);
        assert_eq!((table.columns.len(), table.rows.len()), (3, 2));
        let (_, cells) = &table.rows[0];
        assert_eq!(reader.sources.excerpt(cells[0].span), "ok x4");
        assert_eq!(cells[0].expected, Expected::Result(FlowResult::OkFrom(4)));
        assert_eq!(cells[2].expected, Expected::NotAsked);
    }

    #[test]
    fn rows_that_do_not_fit_are_told() {
        let (mut reader, span) = reader("from    outside\n  outside ok ok\n");
        assert!(reader.reach_table(span).is_none());
        assert_eq!(reader.problems[0].message, "this row has 2 results, the heading has 1 destination");
        assert_eq!(reader.sources.excerpt(reader.problems[0].span), "outside ok ok");
    }
}
