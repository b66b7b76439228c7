//! Reach tables.

use winlab_events::CheckKind;
use winlab_scenario::{Expected, ReachCell, ReachTable};

use super::ask::Wanted;
use crate::failure::Unmet;
use crate::job::ReachFound;
use crate::world::World;

/// Whether a cell is a dash.
pub(crate) fn is_not_asked(cell: &ReachCell) -> bool {
    cell.expected == Expected::NotAsked
}

impl World<'_> {
    /// Asks every cell; those that are not as written. `bless` takes note of what they come to.
    pub(crate) async fn reach(&self, table: &ReachTable, bless: bool) -> Vec<Unmet> {
        let mut unmet = Vec::new();
        for (from, cells) in &table.rows {
            for (to, cell) in table.columns.iter().zip(cells) {
                let Expected::Result(is) = cell.expected else { continue };
                let wanted = Wanted { from, to, is, via: None, body: None, span: cell.span };
                let answer = self.ask(&wanted).await;
                if bless {
                    let expected = is.to_string();
                    self.note_reach(ReachFound { span: cell.span, expected, found: answer.word.clone() });
                }
                let Some((_, message, hint)) = answer.wrong else { continue };
                unmet.push(Unmet {
                    kind: CheckKind::Reach,
                    target: self.flow_text(from, to),
                    span: cell.span,
                    message,
                    hint,
                    say: None,
                    diff: None,
                    walks: answer.walk.into_iter().collect(),
                    concerns: answer.concerns,
                });
            }
        }
        unmet
    }
}
