//! Links between the repository's pages lead somewhere.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::lint::{Finding, Lint};
use crate::tree::{Tree, resolve};

/// Relative links of Markdown files name a file or folder that is there, and a heading that is in it.
pub(super) struct Links;

impl Lint for Links {
    fn name(&self) -> &'static str {
        "links"
    }

    fn why(&self) -> &'static str {
        "a page that points at nothing says that nobody reads it."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (path, text) in tree.texts_ending("md") {
            for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
                let (Event::Start(Tag::Link { dest_url, .. }) | Event::Start(Tag::Image { dest_url, .. })) =
                    event
                else {
                    continue;
                };
                if let Some(message) = problem(tree, path, &dest_url) {
                    findings.push(Finding::new(path, text[..range.start].matches('\n').count() + 1, message));
                }
            }
        }
        findings
    }
}

fn problem(tree: &Tree, from: &str, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, heading) = link.split_once('#').unwrap_or((link, ""));
    let Some(target) = (if file.is_empty() { Some(from.to_owned()) } else { resolve(from, file) }) else {
        return Some(format!("`{link}` leaves the repository"));
    };
    if !tree.holds(&target) {
        return Some(format!("`{link}`: there is no {target}"));
    }
    let text = tree.text(&target).filter(|_| target.ends_with(".md"))?;
    (!heading.is_empty() && !anchors(text).iter().any(|anchor| anchor == heading))
        .then(|| format!("`{link}`: {target} has no such heading"))
}

/// The headings' anchors as GitHub makes them: lower case, blanks as dashes, other signs dropped.
fn anchors(text: &str) -> Vec<String> {
    let mut anchors = Vec::new();
    let mut heading: Option<String> = None;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(part) | Event::Code(part) => {
                if let Some(heading) = heading.as_mut() {
                    heading.push_str(&part);
                }
            }
            Event::End(TagEnd::Heading(_)) => anchors.extend(heading.take().map(|words| anchor(&words))),
            _ => {}
        }
    }
    anchors
}

fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_nothing_are_found() {
        let page = "# A\n\n[b](b.md) [up](../../x.md)\n\n[here](#nowhere) [c](c.md#no)\n";
        let findings = Links.check(&Tree::of([("docs/a.md", page), ("docs/c.md", "# Yes\n")]));
        let lines: Vec<_> = findings.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [3, 3, 5, 5], "{findings:?}");
    }

    #[test]
    fn links_that_lead_somewhere_and_code_are_fine() {
        let page = "# How a `probe` is answered\n[top](#how-a-probe-is-answered) [docs](.) [b](../lab/b.rs)\n\
                    [web](https://example.com) `[x](nothing)`\n";
        assert_eq!(Links.check(&Tree::of([("docs/a.md", page), ("lab/b.rs", "")])), []);
    }
}
