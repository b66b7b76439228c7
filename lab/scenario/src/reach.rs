//! Reach tables: a row per source, a column per destination, a result per cell.
//!
//! ```text
//! from            service/web:80  pod/web@win1:80  outside
//! pod/client@lin1 ok x4           ok               -
//! ```
//!
//! Words are told apart by blanks; only `ok x4` is two words and one cell.

use crate::diagnostic::Diagnostic;
use crate::model::{Flow, FlowResult, Source};
use crate::read::refs::{read_flow, read_result, read_source};
use crate::source::Sources;
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

/// Reads the table that stands in a block scalar. `span` is the block's place in the file.
pub(crate) fn read(span: Span, sources: &Sources, problems: &mut Vec<Diagnostic>) -> Option<ReachTable> {
    let lines = lines_of(span, sources);
    let mut lines = lines.iter().filter(|(_, line)| !line.trim().is_empty());
    let Some((start, heading)) = lines.next() else {
        problems.push(Diagnostic::error("reach-table", span, "the table is empty").hint(EXAMPLE));
        return None;
    };
    let heads = words(heading);
    if heads.first().map(|head| head.text) != Some("from") || heads.len() < 2 {
        let place = line_span(span, *start, heading);
        let message = "the table's first line is its heading: `from`, then the destinations";
        problems.push(Diagnostic::error("reach-table", place, message).hint(EXAMPLE));
        return None;
    }
    let before = problems.len();
    let mut columns = Vec::new();
    for head in &heads[1..] {
        let place = piece_span(span, *start, head);
        columns.extend(read_flow(head.text, place, problems).map(|flow| Spanned::new(flow, place)));
    }
    let mut rows = Vec::new();
    for (start, line) in lines {
        rows.extend(row(span, *start, line, &heads, problems));
    }
    if rows.is_empty() && problems.len() == before {
        problems.push(Diagnostic::error("reach-table", span, "the table has no rows").hint(EXAMPLE));
    }
    (problems.len() == before).then_some(ReachTable { span, columns, rows })
}

const EXAMPLE: &str =
    "a table reads\n    from             service/web:80  outside\n    pod/client@win1  ok x2           -";

fn row(
    block: Span,
    start: usize,
    line: &str,
    heads: &[Piece<'_>],
    problems: &mut Vec<Diagnostic>,
) -> Option<(Spanned<Source>, Vec<ReachCell>)> {
    let cells = cells(line);
    let (source, rest) = cells.split_first()?;
    if rest.len() != heads.len() - 1 {
        let message =
            format!("this row has {} results, the heading has {} destinations", rest.len(), heads.len() - 1);
        problems.push(Diagnostic::error("reach-table", line_span(block, start, line), message));
        return None;
    }
    let place = piece_span(block, start, source);
    let source = read_source(source.text, place, problems).map(|source| Spanned::new(source, place));
    let mut results = Vec::new();
    for cell in rest {
        let place = piece_span(block, start, cell);
        let expected = if cell.text == "-" {
            Some(Expected::NotAsked)
        } else {
            read_result(cell.text, place, problems).map(Expected::Result)
        };
        results.extend(expected.map(|expected| ReachCell { span: place, expected }));
    }
    Some((source?, results))
}

/// Lines of the block with their byte offsets in the file's text, without the header `|`.
fn lines_of(span: Span, sources: &Sources) -> Vec<(usize, String)> {
    let text = sources.excerpt(span);
    let mut offset = span.start as usize;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        let comment = bare.trim_start().starts_with('#');
        if !bare.trim_start().starts_with('|') && !comment {
            lines.push((offset, bare.to_owned()));
        }
        offset += line.len();
    }
    lines
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

fn piece_span(block: Span, line_start: usize, piece: &Piece<'_>) -> Span {
    let start = line_start + piece.start;
    let at = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
    Span { start: at(start), end: at(start + piece.text.len()), ..block }
}

fn line_span(block: Span, start: usize, line: &str) -> Span {
    let indent = line.len() - line.trim_start().len();
    let at = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
    Span { start: at(start + indent), end: at(start + line.trim_end().len()), ..block }
}

/// The file's text with new words in some cells; columns stay aligned where there is room, comments stay where they are.
#[must_use]
pub fn rewrite(text: &str, cells: &[(Span, String)]) -> String {
    let mut cells: Vec<&(Span, String)> = cells.iter().collect();
    cells.sort_by_key(|(span, _)| span.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (span, word) in cells {
        let (start, end) = (span.start as usize, span.end as usize);
        let (Some(before), Some(behind)) = (text.get(at..start), text.get(end..)) else { continue };
        out.push_str(before);
        out.push_str(word);
        let blanks = behind.len() - behind.trim_start_matches(' ').len();
        let ends_line = behind[blanks..].starts_with(['\n', '\r']) || behind.len() == blanks;
        let old = end - start;
        at = end;
        if ends_line {
            continue;
        }
        // What the cell grew by is taken from the blanks behind it, as long as two stay; what it shrank by is added.
        if word.len() > old {
            at += (word.len() - old).min(blanks.saturating_sub(2));
        } else {
            out.push_str(&" ".repeat(old - word.len()));
        }
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

#[cfg(test)]
mod tests {
    use super::{Expected, read, rewrite};
    use crate::model::FlowResult;
    use crate::source::Sources;
    use crate::span::Span;

    const TABLE: &str = "reach: |\n  from            service/web:80  pod/web@win1:80  outside\n  pod/client@lin1 ok x4           ok               -\n  outside         timeout         refused          no-name\n";

    fn table(text: &str) -> (Sources, Span) {
        let mut sources = Sources::default();
        let file = sources.add("t", text);
        let start = text.find('|').unwrap_or_default();
        let at = |n: usize| u32::try_from(n).unwrap();
        (sources, Span { file, start: at(start), end: at(text.len()) })
    }

    #[test]
    fn rows_columns_and_places() {
        let (sources, span) = table(TABLE);
        let mut problems = Vec::new();
        let table = read(span, &sources, &mut problems).unwrap();
        assert_eq!(problems, []);
        assert_eq!((table.columns.len(), table.rows.len()), (3, 2));
        let (_, cells) = &table.rows[0];
        assert_eq!(sources.excerpt(cells[0].span), "ok x4");
        assert_eq!(cells[0].expected, Expected::Result(FlowResult::OkFrom(4)));
        assert_eq!(cells[2].expected, Expected::NotAsked);
    }

    #[test]
    fn rewriting_keeps_columns() {
        let (sources, span) = table(TABLE);
        let table = read(span, &sources, &mut Vec::new()).unwrap();
        let (_, cells) = &table.rows[0];
        let new =
            rewrite(TABLE, &[(cells[0].span, "timeout".to_owned()), (cells[1].span, "refused".to_owned())]);
        assert!(new.contains("pod/client@lin1 timeout         refused          -\n"), "{new}");
        let back = rewrite(&new, &[]);
        assert_eq!(back, new);
    }

    #[test]
    fn rows_that_do_not_fit_are_told() {
        let (sources, span) = table("reach: |\n  from    outside\n  outside ok ok\n");
        let mut problems = Vec::new();
        assert!(read(span, &sources, &mut problems).is_none());
        assert_eq!(problems[0].message, "this row has 2 results, the heading has 1 destinations");
    }
}
