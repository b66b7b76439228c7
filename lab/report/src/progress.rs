//! The progress bar, drawn where a person watches and nowhere else.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use winlab_events::{CaseName, Event, Happening, Outcome, Summary};

use crate::visible::one_line;

/// A bar over the cases of a run, with what runs now. It moves when an event comes: there is no thread behind it.
pub struct Progress {
    bar: ProgressBar,
    running: Vec<CaseName>,
    summary: Summary,
}

impl Progress {
    /// A bar that draws on `target`; a hidden target draws nothing.
    pub fn new(target: ProgressDrawTarget) -> Self {
        let bar = ProgressBar::with_draw_target(None, target);
        let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {wide_msg}")
            .expect("the template is a constant");
        bar.set_style(style.progress_chars("=> "));
        Self { bar, running: Vec::new(), summary: Summary::default() }
    }

    /// Writes with the bar out of the way.
    pub(crate) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Moves the bar.
    pub(crate) fn event(&mut self, event: &Event) {
        match (&event.what, &event.case) {
            (Happening::RunStarted(run), _) => {
                self.bar.set_length(u64::try_from(run.cases.len()).unwrap_or(u64::MAX));
            }
            (Happening::CaseStarted(_), Some(case)) => self.running.push(case.clone()),
            (Happening::CaseFinished(end), Some(case)) => self.ended(case, Some(end.outcome)),
            (Happening::CaseSkipped(_), Some(case)) => self.ended(case, None),
            (Happening::RunFinished(_), _) => return self.bar.finish_and_clear(),
            _ => return,
        }
        self.bar.set_message(self.message());
    }

    fn ended(&mut self, case: &CaseName, outcome: Option<Outcome>) {
        self.running.retain(|running| running != case);
        match outcome {
            Some(outcome) => self.summary.count(outcome),
            None => self.summary.skipped += 1,
        }
        self.bar.inc(1);
    }

    fn message(&self) -> String {
        let mut message = match self.summary.red() {
            0 => String::new(),
            red => format!("{red} failed; "),
        };
        if let Some(first) = self.running.first() {
            message.push_str(&one_line(first));
            if self.running.len() > 1 {
                message.push_str(&format!(" and {} more", self.running.len() - 1));
            }
        }
        message
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
