//! Writing other results into a table: what `winlab bless` does.

use crate::span::Span;

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
    use super::rewrite;
    use crate::source::FileId;
    use crate::span::Span;

    const TABLE: &str = "a  ok x4     ok  -\nb  timeout   ok  ok x2 # x\n";

    fn cell(word: &str, nth: usize) -> Span {
        let start = TABLE.match_indices(word).nth(nth).map(|(at, _)| at).unwrap();
        let at = |byte: usize| u32::try_from(byte).unwrap();
        Span { file: FileId::SCENARIO, start: at(start), end: at(start + word.len()) }
    }

    #[test]
    fn columns_stay_where_there_is_room() {
        let new = rewrite(
            TABLE,
            &[(cell("timeout", 0), "ok".to_owned()), (cell("ok x4", 0), "refused".to_owned())],
        );
        assert_eq!(new, "a  refused   ok  -\nb  ok        ok  ok x2 # x\n");
        assert_eq!(rewrite(&new, &[]), new);
    }

    #[test]
    fn the_last_cell_of_a_line_and_cells_without_room_push_what_follows() {
        let new =
            rewrite(TABLE, &[(cell("-", 0), "timeout".to_owned()), (cell("ok", 1), "no-name".to_owned())]);
        assert_eq!(new, "a  ok x4     no-name  timeout\nb  timeout   ok  ok x2 # x\n");
    }
}
