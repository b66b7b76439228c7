//! What is told of a step that failed.

mod calls;
mod logs;
mod views;

use winlab_events::{ActionOutcome, CheckFailed, CheckKind, Evidence, FailureReason, Happening, Walk};
use winlab_scenario::{Check, Diagnostic, Span};

use crate::failure::{Concerns, Failure, Unmet};
use crate::joins;
use crate::world::World;

/// So many walks are shown; the others are mostly the same again.
const WALKS: usize = 3;
/// So many places of the file.
const EXCERPTS: usize = 8;

impl World<'_> {
    /// Tells each failure, then what is worth looking at. `more` is what the file wants to see.
    pub(crate) async fn tell(&self, failures: &[Failure], more: &[Check]) {
        if failures.is_empty() {
            return;
        }
        let mut evidence = Evidence { rerun: self.job.rerun.clone(), ..Evidence::default() };
        let mut concerns = Concerns::default();
        let (mut excerpts, mut diffs) = (Vec::new(), Vec::new());
        for failure in failures {
            match failure {
                Failure::Action { verb, detail, error, span } => {
                    self.recorder.emit(Happening::ActionFailed(ActionOutcome {
                        action: (*verb).into(),
                        detail: detail.clone(),
                        error: Some(error.text()),
                        place: self.place(*span),
                    }));
                    excerpts.push((*span, error.message.clone()));
                    concerns.nodes.extend(error.nodes.iter().filter(|node| !node.is_empty()).cloned());
                    if *verb == "join" {
                        concerns.add(&joins::concerns(&self.job.case, &error.nodes));
                    }
                }
                Failure::Check(unmet, reason) => {
                    self.tell_check(unmet, *reason);
                    excerpts.push((unmet.span, label(unmet)));
                    diffs.extend(unmet.diff.clone());
                    concerns.add(&unmet.concerns);
                    evidence.walks.extend(unmet.walks.iter().cloned());
                }
            }
        }
        evidence.excerpt = Some(self.excerpt(&excerpts));
        evidence.diff = (!diffs.is_empty()).then(|| diffs.concat());
        let walks = std::mem::take(&mut evidence.walks);
        walks.iter().for_each(|walk| self.recorder.emit(walk.clone()));
        evidence.walks = distinct(walks);
        evidence.last_calls = self.last_calls(&concerns);
        evidence.views = self.views(&concerns).await;
        evidence.views.extend(self.asked_for(more).await);
        self.recorder.emit(evidence);
    }

    fn tell_check(&self, unmet: &Unmet, reason: FailureReason) {
        self.recorder.emit(CheckFailed {
            kind: unmet.kind,
            target: unmet.target.clone(),
            reason,
            message: unmet.message.clone(),
            say: unmet.say.clone(),
            hint: unmet.hint.clone(),
            after_ns: self.recorder.in_step_ns(),
            place: Some(self.place(unmet.span)),
        });
    }

    /// The places in the file, each line once with a caret under each place.
    fn excerpt(&self, places: &[(Span, String)]) -> String {
        let mut shown: Vec<&(Span, String)> = Vec::new();
        for place in places {
            if shown.len() < EXCERPTS && !shown.iter().any(|(span, _)| *span == place.0) {
                shown.push(place);
            }
        }
        let Some(((span, label), others)) = shown.split_first().map(|(first, rest)| (*first, rest)) else {
            return String::new();
        };
        let first = Diagnostic::error("failed", *span, "").label(brief(label));
        let diagnostic = others.iter().fold(first, |all, (span, label)| all.also(*span, brief(label)));
        let text = diagnostic.render(self.sources());
        // The message stands with the check itself.
        text.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or(text)
    }
}

/// What stands beside the caret.
fn label(unmet: &Unmet) -> String {
    match unmet.kind {
        // A cell's line is wide enough as it is.
        CheckKind::Reach => unmet.message.split(':').next().unwrap_or_default().to_owned(),
        _ => unmet.message.clone(),
    }
}

fn brief(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(100) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}

/// The first walks whose deciding objects differ.
fn distinct(walks: Vec<Walk>) -> Vec<Walk> {
    let decider = |walk: &Walk| {
        walk.decider().map(|hop| (hop.node.clone(), hop.object_kind.clone(), hop.object_id.clone()))
    };
    let mut shown: Vec<Walk> = Vec::new();
    for walk in walks {
        if shown.len() < WALKS && !shown.iter().any(|other| decider(other) == decider(&walk)) {
            shown.push(walk);
        }
    }
    shown
}
