//! What must hold: once, always, never.

mod documents;
mod judge;
mod settle;
mod watch;

pub(crate) use documents::Looked;
pub use settle::LONGEST_RETRY;
pub(crate) use watch::Watch;

use winlab_clock::VirtualInstant;
use winlab_events::CheckKind;
use winlab_scenario::{Check, CheckMode, Sources};

use crate::failure::{Concerns, Unmet};
use crate::world::World;
use judge::Wrong;

impl World<'_> {
    /// Whether an `expect` or `always` holds now.
    pub(crate) async fn holds(&self, check: &Check, since: VirtualInstant) -> Result<(), Box<Unmet>> {
        let looked = self.documents(check, since).await;
        let wrong = match &looked.documents {
            Err(why) => Wrong::at(check.target.span, why.clone()),
            Ok(documents) => match judge::judge(check, documents) {
                Ok(()) => return Ok(()),
                Err(wrong) => self.explain(check, documents.is_empty(), wrong, &looked).await,
            },
        };
        Err(Box::new(unmet(check, self.sources(), wrong, looked.concerns)))
    }

    /// Whether what a `never` forbids is so now.
    pub(crate) async fn forbidden(&self, check: &Check, since: VirtualInstant) -> Result<(), Box<Unmet>> {
        let looked = self.documents(check, since).await;
        // What cannot be looked at cannot be seen to be so.
        let Ok(documents) = &looked.documents else { return Ok(()) };
        match judge::forbidden(check, documents) {
            None => Ok(()),
            Some(wrong) => Err(Box::new(unmet(check, self.sources(), wrong, looked.concerns))),
        }
    }

    /// Nothing was found: what there is instead.
    async fn explain(&self, check: &Check, nothing: bool, mut wrong: Wrong, looked: &Looked) -> Wrong {
        if nothing && check.count.is_none() {
            if let Some(why) = &looked.nothing {
                wrong.message.clone_from(why);
            }
            if wrong.hint.is_none() {
                wrong.hint = self.near_names(&check.target).await;
            }
        }
        wrong
    }
}

fn unmet(check: &Check, sources: &Sources, wrong: Wrong, concerns: Concerns) -> Unmet {
    Unmet {
        kind: match check.mode {
            CheckMode::Always => CheckKind::Always,
            CheckMode::Never => CheckKind::Never,
            CheckMode::Expect | CheckMode::Show => CheckKind::Expect,
        },
        target: target_text(check, sources),
        span: wrong.span,
        message: wrong.message,
        hint: wrong.hint,
        say: check.say.clone(),
        diff: wrong.diff,
        walks: Vec::new(),
        concerns,
    }
}

/// `hns win1/loadbalancers`: the target as the file has it.
pub(crate) fn target_text(check: &Check, sources: &Sources) -> String {
    let text = sources.excerpt(check.target.span).trim_matches(['"', '\'']);
    format!("{} {text}", check.target.key())
}
