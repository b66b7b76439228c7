//! `refused`: the API server must say no, in the words the file gives.

use winlab_events::{CheckKind, CheckSatisfied, FailureReason};
use winlab_scenario::{Action, Refused, Span, Spanned};

use super::describe;
use crate::failure::{ActionError, Concerns, Failure, Unmet};
use crate::world::World;

impl World<'_> {
    /// Whether an action was refused as its step says.
    pub(crate) fn judge_refusal(
        &self,
        action: &Spanned<Action>,
        refused: &Spanned<Refused>,
        result: Result<(), ActionError>,
    ) -> Result<(), Box<Failure>> {
        let target = format!("refusal of {} {}", action.verb(), describe(action));
        let unmet = |span: Span, message: String, hint: Option<String>| {
            let unmet = Unmet {
                kind: CheckKind::Expect,
                target: target.clone(),
                span,
                message,
                hint,
                say: None,
                diff: None,
                walks: Vec::new(),
                concerns: Concerns::default(),
            };
            Box::new(Failure::Check(unmet, FailureReason::Violated))
        };
        let error = match result {
            Ok(()) => return Err(unmet(refused.span, "the API server accepted it".to_owned(), None)),
            Err(error) if error.code == 0 => {
                let message = "it failed, but it was not the API server that refused it".to_owned();
                return Err(unmet(refused.span, message, Some(error.text())));
            }
            Err(error) => error,
        };
        if let Some(code) = refused.code.filter(|code| code.value != error.code) {
            let message = format!("refused with {}, expected {}", error.code, code.value);
            return Err(unmet(code.span, message, Some(error.message)));
        }
        let unsaid = |text: &&Spanned<String>| !error.message.contains(text.value.as_str());
        if let Some(text) = refused.message.iter().find(unsaid) {
            let message = format!("the refusal does not say {:?}", text.value);
            return Err(unmet(text.span, message, Some(format!("it says: {}", error.message))));
        }
        self.recorder.emit(CheckSatisfied {
            kind: CheckKind::Expect,
            target: target.clone(),
            after_ns: 0,
            place: Some(self.place(refused.span)),
        });
        Ok(())
    }
}
