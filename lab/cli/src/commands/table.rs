//! Tables for people: columns, no lines, nothing that a `grep` or `awk` would stumble over.

use std::io::{self, Write};

use comfy_table::{Table, presets};

/// Writes rows under headings, two spaces between columns, none at the ends of lines.
pub(super) fn write<const N: usize>(
    out: &mut dyn Write,
    headings: [&str; N],
    rows: Vec<[String; N]>,
) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(headings).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
