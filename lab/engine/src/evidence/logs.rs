//! The last lines of the components that a failure concerns.

use winlab_document::Document;
use winlab_events::View;

use crate::failure::Concerns;
use crate::world::World;

/// How many lines are shown of each component.
const LINES: usize = 8;

impl World<'_> {
    pub(super) fn logs(&self, concerns: &Concerns) -> Vec<View> {
        let mut views = Vec::new();
        for (node, component) in &concerns.components {
            let lines = self.lab.log_lines(node, component);
            let last = &lines[lines.len().saturating_sub(LINES)..];
            let text: Vec<&str> = last.iter().map(|line: &Document| line.text(&["line"])).collect();
            if !text.is_empty() {
                views.push(View { title: format!("log of {component} on {node}"), text: text.join("\n") });
            }
        }
        views
    }
}
