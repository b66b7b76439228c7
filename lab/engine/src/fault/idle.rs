//! Rules over calls that never struck: what they were to break was not broken, and the reader is told.

use std::collections::BTreeMap;

use winlab_events::{Remark, Severity};
use winlab_scenario::{Effect, Fault, Span, Spanned};

use super::{Lift, Standing, describe};
use crate::world::World;

/// How often the rules of each fault have struck on all of its nodes, by the fault's place in the file. Rules that strike
/// with a chance are not counted: that they need not strike is what they say.
pub(crate) type Strikes = BTreeMap<Span, Struck>;

/// One fault of the file.
#[derive(Debug)]
pub(crate) struct Struck {
    words: String,
    times: u64,
}

impl World<'_> {
    /// A fault of calls is put.
    pub(super) fn note_calls(&self, fault: &Spanned<Fault>) {
        if matches!(fault.effect, Effect::Calls { rate, .. } if rate >= 1.0) {
            let struck = || Struck { words: describe(fault), times: 0 };
            self.strikes().entry(fault.span).or_insert_with(struck);
        }
    }

    /// A rule is about to be lifted, or the case is over.
    pub(super) fn note_struck(&self, standing: &Standing) {
        let Lift::Rule(switch, number) = &standing.lift else { return };
        let times = switch.struck(*number).unwrap_or_default();
        if let Some(struck) = self.strikes().get_mut(&standing.span) {
            struck.times += times;
        }
    }

    /// Tells which faults of calls never struck.
    pub(crate) fn tell_idle_faults(&self) {
        self.standing().iter().for_each(|standing| self.note_struck(standing));
        for (span, struck) in std::mem::take(&mut *self.strikes()) {
            if struck.times > 0 {
                continue;
            }
            self.recorder.emit(Remark {
                severity: Severity::Warning,
                code: Some("idle-fault".to_owned()),
                message: format!("the fault `{}` never struck", struck.words),
                hint: Some(
                    "no such call was made, or another rule took it: `calls` shows what was called"
                        .to_owned(),
                ),
                place: Some(self.place(span)),
                excerpt: None,
            });
        }
    }
}
