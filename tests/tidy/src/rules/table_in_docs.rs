//! ARCHITECTURE.md prints the tables that the rules hold.

use super::{direction_table, seam_table};
use crate::lint::{Finding, Lint};
use crate::tree::Tree;

const PAGE: &str = "ARCHITECTURE.md";

/// The tables between the markers of ARCHITECTURE.md are the rules' own.
pub(super) struct TableInDocs;

impl Lint for TableInDocs {
    fn name(&self) -> &'static str {
        "table-in-docs"
    }

    fn why(&self) -> &'static str {
        "a reader must find in ARCHITECTURE.md what the rules hold, not what they held once."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let Some(page) = tree.text(PAGE) else {
            return vec![Finding::new(PAGE, 0, "there is no such page")];
        };
        let mut text = page.to_owned();
        let mut findings = Vec::new();
        for (marker, table) in
            [("dependencies", direction_table::as_markdown()), ("seam", seam_table::as_markdown())]
        {
            let (opens, closes) = (format!("<!-- tidy: {marker} -->\n"), "<!-- /tidy -->");
            let Some((before, rest)) = text.split_once(&opens) else {
                findings.push(Finding::new(PAGE, 0, format!("the marker `{}` is missing", opens.trim_end())));
                continue;
            };
            let Some((block, after)) = rest.split_once(closes) else {
                findings.push(Finding::new(PAGE, 0, format!("the marker of {marker} is not closed")));
                continue;
            };
            if block != table {
                let line = before.lines().count() + 1;
                let whole = format!("{before}{opens}{table}{closes}{after}");
                let message = format!("the {marker} table is not the rules'");
                findings.push(Finding::new(PAGE, line, message).fixed_by(whole.clone()));
                text = whole;
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str =
        "# A\n<!-- tidy: dependencies -->\n<!-- /tidy -->\n<!-- tidy: seam -->\nold\n<!-- /tidy -->\n";

    #[test]
    fn an_old_table_is_found_and_mended() {
        let mut tree = Tree::of([(PAGE, BARE)]);
        let findings = TableInDocs.check(&tree);
        assert_eq!(findings.len(), 2);
        assert_eq!(findings[0].line, 2);
        tree.put(PAGE, findings[1].fix.as_deref().expect("the rule knows the text"));
        assert_eq!(TableInDocs.check(&tree), []);
    }

    #[test]
    fn a_missing_page_or_marker_is_found() {
        assert_eq!(TableInDocs.check(&Tree::default()).len(), 1);
        assert_eq!(TableInDocs.check(&Tree::of([(PAGE, "# A\n")])).len(), 2);
        assert_eq!(TableInDocs.check(&Tree::of([(PAGE, "<!-- tidy: seam -->\n")])).len(), 2);
    }
}
