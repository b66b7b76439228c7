//! Calls of a boundary service that fail, are late, hang or lose their reply.

use winlab_host::{CallMatch, FaultEffect, FaultRule};
use winlab_scenario::{CallEffect, FaultPlace};

use super::Lift;
use crate::failure::ActionError;
use crate::world::World;

/// A rule over calls, as the file says it.
pub(super) struct Rule<'a> {
    pub(super) function: &'a str,
    pub(super) effect: CallEffect,
    pub(super) nth: Option<u64>,
    pub(super) times: Option<u64>,
    pub(super) rate: f64,
}

impl World<'_> {
    pub(super) fn arm(&self, at: &FaultPlace, rule: &Rule<'_>) -> Result<Lift, ActionError> {
        let switch = self.lab.fault_switch(&at.node, &at.part).ok_or_else(|| {
            let hint = "Windows nodes have hns, hcs and system, Linux nodes have linux";
            ActionError::new(format!("{} has no service `{}`", at.node, at.part)).hint(hint)
        })?;
        let number = switch.arm(FaultRule {
            calls: CallMatch::function(rule.function),
            effect: match rule.effect {
                CallEffect::Fail(code) => FaultEffect::Fail(code),
                CallEffect::Delay(span) => FaultEffect::Delay(span),
                CallEffect::Hang => FaultEffect::Hang,
                CallEffect::LoseReply(code) => FaultEffect::LoseReply(code),
            },
            nth: rule.nth,
            times: rule.times,
            rate: rule.rate,
        });
        Ok(Lift::Rule(switch, number))
    }
}

/// The rule in the file's words.
pub(super) fn words(
    function: &str,
    effect: CallEffect,
    nth: Option<u64>,
    times: Option<u64>,
    rate: f64,
) -> String {
    let code = |code: Option<u32>| code.map(|code| format!(" with 0x{code:08x}")).unwrap_or_default();
    let mut words = match effect {
        CallEffect::Fail(with) => format!("fail {function}{}", code(with)),
        CallEffect::Delay(span) => format!("delay {function} by {span}"),
        CallEffect::Hang => format!("hang {function}"),
        CallEffect::LoseReply(with) => format!("lose-reply {function}{}", code(with)),
    };
    if let Some(nth) = nth {
        words.push_str(&format!(" nth {nth}"));
    }
    if let Some(times) = times {
        words.push_str(&format!(" times {times}"));
    }
    if rate < 1.0 {
        words.push_str(&format!(" rate {}%", rate * 100.0));
    }
    words
}
