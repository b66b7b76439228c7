//! Faults.

use crate::diagnostic::Diagnostic;
use crate::model::{CallEffect, Effect, Fault, FaultPlace, Memory};
use crate::read::Reader;
use crate::read::effect::{BOUNDARY, PARTS, RULES, Rule, rule_of};
use crate::read::fields::{Fields, items};
use crate::read::named::Needs;
use crate::shape::FAULT;
use crate::span::Spanned;
use crate::suggest::meant_or_all;
use crate::yaml::Node;

/// A hint names at most so many effects.
const MOST_NAMED: usize = 6;

/// Objects that HNS keeps.
const HNS_KINDS: [&str; 5] = ["network", "endpoint", "loadbalancer", "namespace", "route"];

impl Reader<'_> {
    pub(super) fn faults(&mut self, node: &Node) -> Vec<Spanned<Fault>> {
        items(node).iter().filter_map(|item| Some(Spanned::new(self.fault(item)?, item.span))).collect()
    }

    fn fault(&mut self, node: &Node) -> Option<Fault> {
        let fields = Fields::open(node, &FAULT, &mut self.problems)?;
        let at = fields.text("at", &mut self.problems);
        let place = at.as_ref().and_then(|at| self.fault_place(at));
        let key = match fields.chosen()[..] {
            [key] => key,
            [] => {
                let problem = Diagnostic::error("no-effect", fields.first_key(), "nothing goes wrong here");
                self.problems.push(problem.hint(
                    "give it an effect: `fail`, `delay`, `hang`, `lose-reply`, `stop`, `crash`, `reboot`, `partition` …",
                ));
                return None;
            }
            [first, second, ..] => {
                let message = format!("a fault has one effect, this one has `{first}` and `{second}`");
                let problem = Diagnostic::error("two-effects", fields.key_span(second), message);
                let problem = problem.also(fields.key_span(first), "the other one");
                self.problems.push(problem.hint("make two faults of it"));
                return None;
            }
        };
        let rule = rule_of(key)?;
        self.stray_keys(rule, &fields);
        let (at, place) = (at?, place?);
        if !rule.parts.contains(&place.part.as_str()) {
            let message = format!("`{key}` cannot be put on `{}`", place.part);
            let hint = format!("it is put on {}", rule.parts.join(", "));
            let problem = Diagnostic::error("misplaced-fault", fields.key_span(key), message);
            self.problems.push(problem.also(at.span, "put here").hint(hint));
            return None;
        }
        let effect = self.effect(key, &place, &fields)?;
        Some(Fault {
            at: place,
            effect,
            lasts: fields.time("for", &mut self.problems).map(|time| time.value),
        })
    }

    /// Keys that say nothing of the effect: they would be passed over in silence.
    fn stray_keys(&mut self, rule: &Rule, fields: &Fields<'_>) {
        for key in FAULT.keys.iter().filter(|key| !key.choice && !key.required) {
            if fields.node(key.name).is_none() || rule.more.contains(&key.name) {
                continue;
            }
            let message = format!("`{}` says nothing of `{}`", key.name, rule.effect);
            let owners = RULES.iter().filter(|rule| rule.more.contains(&key.name));
            let mut owners: Vec<String> = owners.map(|rule| format!("`{}`", rule.effect)).collect();
            if owners.len() > MOST_NAMED {
                owners.truncate(MOST_NAMED);
                owners.push("…".to_owned());
            }
            let problem = Diagnostic::error("stray-key", fields.key_span(key.name), message);
            self.problems.push(problem.hint(format!("it belongs to {}", owners.join(", "))));
        }
    }

    /// `hns/win1`, `hns/*`, `api`
    pub(super) fn fault_place(&mut self, text: &Spanned<String>) -> Option<FaultPlace> {
        let (part, node) = text.value.split_once('/').unwrap_or((&text.value, ""));
        if !PARTS.contains(&part) {
            let message = format!("a fault cannot be put on `{part}`");
            let problem = Diagnostic::error("bad-place", self.place_of(text, part), message);
            self.problems.push(problem.hint(meant_or_all(part, &PARTS)));
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
        self.name_nodes(text, node, Needs::of(part));
        Some(FaultPlace { part: part.to_owned(), node: node.to_owned() })
    }

    fn effect(&mut self, key: &str, at: &FaultPlace, fields: &Fields<'_>) -> Option<Effect> {
        let problems = &mut self.problems;
        Some(match key {
            "fail" | "hang" | "lose-reply" => self.calls(key, fields)?,
            "delay" if BOUNDARY.contains(&at.part.as_str()) => self.calls(key, fields)?,
            "delay" => Effect::UnderlayDelay(fields.time("delay", problems)?.value),
            "stop" => {
                let lasts = match fields.node("stop")?.to_document().as_bool() {
                    Some(_) => self.is_true(key, fields).map(|()| None)?,
                    None => Some(fields.time("stop", problems)?.value),
                };
                Effect::Stop { lasts, then: self.remembers(at, fields) }
            }
            "clock-jump" => Effect::ClockJump(fields.time(key, problems)?.value),
            "partition" => self.partition(fields),
            "loss" => Effect::Loss(self.share(fields, key)?),
            "mtu" => Effect::Mtu(fields.small(key, problems)?.value),
            "duplicate-ip" => Effect::DuplicateIp(fields.text(key, problems)?.value),
            "slow-disk" => Effect::SlowDisk(fields.time(key, problems)?.value),
            "slow" => Effect::Slow(fields.time(key, problems)?.value),
            "unplumb" => self.host_object(key, fields).map(|(kind, name)| Effect::Unplumb(kind, name))?,
            "delete" => self.host_object(key, fields).map(|(kind, name)| Effect::Delete(kind, name))?,
            _ => {
                self.is_true(key, fields)?;
                match key {
                    "crash" => Effect::Crash { then: self.remembers(at, fields) },
                    "restart" => Effect::Restart { then: self.remembers(at, fields) },
                    "reboot" => Effect::Reboot,
                    "power-loss" => Effect::PowerLoss,
                    "replace" => Effect::Replace,
                    "disk-full" => Effect::DiskFull,
                    "watch-drop" => Effect::WatchDrop,
                    "gone" => Effect::Gone,
                    "stale" => Effect::Stale,
                    _ => Effect::Refuse,
                }
            }
        })
    }

    /// An effect without a measure is `true`; `false` would be a fault that is none.
    fn is_true(&mut self, key: &str, fields: &Fields<'_>) -> Option<()> {
        let value = fields.bool(key, &mut self.problems)?;
        if !value.value {
            let message = format!("`{key}: false` is no fault");
            let problem = Diagnostic::error("wrong-type", value.span, message);
            self.problems.push(problem.hint(format!("`{key}: true`, or leave the fault out")));
        }
        value.value.then_some(())
    }

    fn remembers(&mut self, at: &FaultPlace, fields: &Fields<'_>) -> Option<Memory> {
        let then = fields.word("then", &mut self.problems);
        if then.is_some() && at.part != "hns" {
            let message = format!("`then` is about HNS, not about `{}`", at.part);
            let problem = Diagnostic::error("stray-key", fields.key_span("then"), message);
            self.problems.push(problem.hint("leave it out: only HNS keeps what it was told over a restart"));
        }
        Some(if then?.value == "forget" { Memory::Forget } else { Memory::Rehydrate })
    }

    fn partition(&mut self, fields: &Fields<'_>) -> Effect {
        let others = fields.texts("partition", &mut self.problems);
        others.iter().for_each(|node| self.name_node(node, node, Needs::Any));
        let one_way = fields.bool("one-way", &mut self.problems).is_some_and(|one_way| one_way.value);
        Effect::Partition { from: others.into_iter().map(|node| node.value).collect(), one_way }
    }

    /// `network/cbr0`
    fn host_object(&mut self, key: &str, fields: &Fields<'_>) -> Option<(String, String)> {
        let text = fields.text(key, &mut self.problems)?;
        match text.value.split_once('/').filter(|(kind, name)| !kind.is_empty() && !name.is_empty()) {
            Some((kind, _)) if !HNS_KINDS.contains(&kind.trim_end_matches('s')) => {
                let message = format!("HNS has no objects named `{kind}`");
                let problem = Diagnostic::error("bad-object", self.place_of(&text, kind), message);
                self.problems.push(problem.hint(meant_or_all(kind, &HNS_KINDS)));
                None
            }
            Some((kind, name)) => Some((kind.to_owned(), name.to_owned())),
            None => {
                let message = format!("`{}` names no object of HNS", text.value);
                let problem = Diagnostic::error("bad-object", text.span, message);
                self.problems.push(problem.hint("as in `network/cbr0`, `endpoint/web` or `loadbalancer/*`"));
                None
            }
        }
    }

    fn calls(&mut self, key: &str, fields: &Fields<'_>) -> Option<Effect> {
        let function = fields.text(key, &mut self.problems)?;
        if function.value.matches('*').count() > 1 {
            let message = "a function's name has at most one `*`";
            let problem = Diagnostic::error("bad-function", function.span, message);
            self.problems.push(problem.hint("as in `HcnCreate*` or `*Endpoint`"));
        }
        let code = fields.text("code", &mut self.problems).and_then(|code| self.code(&code));
        let effect = match key {
            "fail" => CallEffect::Fail(code),
            "delay" => {
                if fields.node("by").is_none() {
                    let problem = Diagnostic::error("missing-key", function.span, "late by how much?");
                    self.problems.push(problem.hint("add `by: 5s`"));
                }
                CallEffect::Delay(fields.time("by", &mut self.problems)?.value)
            }
            "hang" => CallEffect::Hang,
            _ => CallEffect::LoseReply(code),
        };
        let rate = if fields.node("rate").is_some() { self.share(fields, "rate")? } else { 1.0 };
        Some(Effect::Calls {
            function,
            effect,
            nth: self.ordinal("nth", fields),
            times: self.ordinal("times", fields),
            rate,
        })
    }

    /// A count from 1: the 0th call never comes.
    fn ordinal(&mut self, key: &str, fields: &Fields<'_>) -> Option<u64> {
        let number = fields.integer(key, &mut self.problems)?;
        if number.value == 0 {
            let message = format!("`{key}` counts from 1");
            let problem = Diagnostic::error("out-of-range", number.span, message);
            let hint =
                if key == "nth" { "the first call is `nth: 1`" } else { "leave the fault out for none" };
            self.problems.push(problem.hint(hint));
        }
        Some(number.value)
    }

    /// `0x803b0013` or a decimal number.
    fn code(&mut self, text: &Spanned<String>) -> Option<u32> {
        let parsed = match text.value.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => text.value.parse().ok(),
        };
        if parsed.is_none() {
            let message = format!("`{}` is no error code", text.value);
            self.problems.push(Diagnostic::error("bad-code", text.span, message).hint("as in `0x803b0013`"));
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
        let share = parsed.filter(|share| (0.0..=1.0).contains(share));
        if share.is_none() {
            let message = format!("`{}` is no share", text.value);
            let problem = Diagnostic::error("bad-share", text.span, message);
            self.problems.push(problem.hint("as in `1%`, at most `100%`"));
        }
        share
    }
}
