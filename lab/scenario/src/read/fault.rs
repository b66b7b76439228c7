//! Faults.

use crate::diagnostic::Diagnostic;
use crate::model::{CallEffect, Effect, Fault, FaultPlace};
use crate::read::Reader;
use crate::read::fields::{Fields, items};
use crate::shape::FAULT;
use crate::span::Spanned;
use crate::suggest::did_you_mean;
use crate::yaml::Node;

/// Keys that are effects.
const EFFECTS: [&str; 25] = [
    "fail",
    "delay",
    "hang",
    "lose-reply",
    "stop",
    "crash",
    "restart",
    "reboot",
    "power-loss",
    "replace",
    "clock-jump",
    "partition",
    "loss",
    "mtu",
    "duplicate-ip",
    "disk-full",
    "slow-disk",
    "unplumb",
    "delete",
    "watch-drop",
    "gone",
    "stale",
    "slow",
    "refuse",
    "one-way",
];

/// Parts of a lab that faults are put on.
const PARTS: [&str; 12] = [
    "hns",
    "hcs",
    "system",
    "linux",
    "containerd",
    "kubelet",
    "kube-proxy",
    "flanneld",
    "scm",
    "node",
    "underlay",
    "api",
];

impl Reader<'_> {
    pub(super) fn faults(&mut self, node: &Node) -> Vec<Spanned<Fault>> {
        items(node).iter().filter_map(|item| Some(Spanned::new(self.fault(item)?, item.span))).collect()
    }

    fn fault(&mut self, node: &Node) -> Option<Fault> {
        let fields = Fields::open(node, &FAULT, &mut self.problems)?;
        let at = self.place(&fields)?;
        let given: Vec<&str> =
            EFFECTS.into_iter().filter(|key| *key != "one-way" && fields.node(key).is_some()).collect();
        let key = match given[..] {
            [key] => key,
            [] => {
                self.problems.push(Diagnostic::error("no-effect", node.span, "nothing goes wrong here").hint(
                    "give it an effect: `fail`, `delay`, `hang`, `lose-reply`, `stop`, `crash`, `reboot`, `partition` …",
                ));
                return None;
            }
            [first, second, ..] => {
                let message = format!("a fault has one effect, this one has `{first}` and `{second}`");
                self.problems.push(Diagnostic::error("two-effects", fields.key_span(second), message));
                return None;
            }
        };
        let effect = self.effect(key, &at, &fields)?;
        Some(Fault { at, effect, lasts: fields.time("for", &mut self.problems).map(|time| time.value) })
    }

    fn place(&mut self, fields: &Fields<'_>) -> Option<FaultPlace> {
        let text = fields.text("at", &mut self.problems)?;
        let (part, node) = text.value.split_once('/').unwrap_or((&text.value, ""));
        if !PARTS.contains(&part) {
            let hint = did_you_mean(part, PARTS).map_or_else(
                || format!("one of {}", PARTS.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            let problem =
                Diagnostic::error("bad-place", text.span, format!("a fault cannot be put on `{part}`"));
            self.problems.push(problem.hint(hint));
            return None;
        }
        if node.is_empty() != (part == "api") {
            let (message, hint) = if part == "api" {
                ("`api` is the cluster's, not a node's".to_owned(), "write `at: api`".to_owned())
            } else {
                (format!("`{part}` of which node?"), format!("as in `{part}/win1`, or `{part}/*` for all"))
            };
            self.problems.push(Diagnostic::error("bad-place", text.span, message).hint(hint));
            return None;
        }
        Some(FaultPlace { part: part.to_owned(), node: node.to_owned() })
    }

    fn effect(&mut self, key: &str, at: &FaultPlace, fields: &Fields<'_>) -> Option<Effect> {
        let calls = ["hns", "hcs", "system", "linux"].contains(&at.part.as_str());
        let problems = &mut self.problems;
        Some(match key {
            "fail" | "hang" | "lose-reply" => self.calls(key, fields)?,
            "delay" if calls => self.calls(key, fields)?,
            "delay" => Effect::UnderlayDelay(fields.time("delay", problems)?.value),
            "stop" => {
                let lasts = match fields.node("stop").and_then(|node| node.to_document().as_bool()) {
                    Some(_) => None,
                    None => Some(fields.time("stop", problems)?.value),
                };
                Effect::Stop { lasts, rehydrate: self.remembers(fields) }
            }
            "crash" => Effect::Crash { rehydrate: self.remembers(fields) },
            "restart" => Effect::Restart { rehydrate: self.remembers(fields) },
            "reboot" => Effect::Reboot,
            "power-loss" => Effect::PowerLoss,
            "replace" => Effect::Replace,
            "clock-jump" => Effect::ClockJump(fields.time(key, problems)?.value),
            "partition" => {
                let from = fields.texts(key, problems).into_iter().map(|node| node.value).collect();
                let one_way = fields.bool("one-way", problems).is_some_and(|one_way| one_way.value);
                Effect::Partition { from, one_way }
            }
            "loss" => Effect::Loss(self.share(fields, key)?),
            "mtu" => Effect::Mtu(fields.small(key, problems)?.value),
            "duplicate-ip" => Effect::DuplicateIp(fields.text(key, problems)?.value),
            "disk-full" => Effect::DiskFull,
            "slow-disk" => Effect::SlowDisk(fields.time(key, problems)?.value),
            "unplumb" | "delete" => {
                let text = fields.text(key, problems)?;
                let Some((kind, name)) = text.value.split_once('/').filter(|(_, name)| !name.is_empty())
                else {
                    let problem = Diagnostic::error(
                        "bad-object",
                        text.span,
                        format!("`{}` names no host object", text.value),
                    );
                    problems.push(problem.hint("as in `network/cbr0`, `endpoint/web` or `loadbalancer/*`"));
                    return None;
                };
                let (kind, name) = (kind.to_owned(), name.to_owned());
                if key == "unplumb" { Effect::Unplumb(kind, name) } else { Effect::Delete(kind, name) }
            }
            "watch-drop" => Effect::WatchDrop,
            "gone" => Effect::Gone,
            "stale" => Effect::Stale,
            "slow" => Effect::Slow(fields.time(key, problems)?.value),
            _ => Effect::Refuse,
        })
    }

    fn remembers(&mut self, fields: &Fields<'_>) -> bool {
        fields
            .word("then", &["rehydrate", "forget"], &mut self.problems)
            .is_none_or(|then| then.value == "rehydrate")
    }

    fn calls(&mut self, key: &str, fields: &Fields<'_>) -> Option<Effect> {
        let function = fields.text(key, &mut self.problems)?;
        if function.value.matches('*').count() > 1 {
            let message = "a function's name has at most one `*`";
            self.problems.push(Diagnostic::error("bad-function", function.span, message));
        }
        let code = fields.text("code", &mut self.problems).and_then(|code| self.code(&code));
        let effect = match key {
            "fail" => CallEffect::Fail(code),
            "delay" => {
                let Some(by) = fields.time("by", &mut self.problems) else {
                    if fields.node("by").is_none() {
                        let problem = Diagnostic::error("missing-key", function.span, "late by how much?");
                        self.problems.push(problem.hint("add `by: 5s`"));
                    }
                    return None;
                };
                CallEffect::Delay(by.value)
            }
            "hang" => CallEffect::Hang,
            _ => CallEffect::LoseReply(code),
        };
        let rate = if fields.node("rate").is_some() { self.share(fields, "rate")? } else { 1.0 };
        Some(Effect::Calls {
            function: function.value,
            effect,
            nth: fields.integer("nth", &mut self.problems).map(|nth| nth.value),
            times: fields.integer("times", &mut self.problems).map(|times| times.value),
            rate,
        })
    }

    /// `0x803b0013` or a decimal number.
    fn code(&mut self, text: &Spanned<String>) -> Option<u32> {
        let parsed = match text.value.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => text.value.parse().ok(),
        };
        if parsed.is_none() {
            let problem =
                Diagnostic::error("bad-code", text.span, format!("`{}` is no error code", text.value));
            self.problems.push(problem.hint("as in `0x803b0013`"));
        }
        parsed
    }

    /// `1%` or `0.01`
    fn share(&mut self, fields: &Fields<'_>, key: &str) -> Option<f64> {
        let text = fields.text(key, &mut self.problems)?;
        let parsed = match text.value.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().ok().map(|percent| percent / 100.0),
            None => text.value.parse().ok(),
        };
        match parsed.filter(|share| (0.0..=1.0).contains(share)) {
            Some(share) => Some(share),
            None => {
                let problem =
                    Diagnostic::error("bad-share", text.span, format!("`{}` is no share", text.value));
                self.problems.push(problem.hint("as in `1%`"));
                None
            }
        }
    }
}
