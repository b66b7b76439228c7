//! Which fault can be put where, and which of a fault's keys belong to which effect.

/// One effect of [`crate::shape::FAULT`].
pub(crate) struct Rule {
    /// Its key.
    pub(crate) effect: &'static str,
    /// Parts of a lab it can be put on.
    pub(crate) parts: &'static [&'static str],
    /// Keys that say more about it.
    pub(crate) more: &'static [&'static str],
}

/// Parts of a lab that faults are put on.
pub(crate) const PARTS: [&str; 12] = [
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

/// Services of the boundary, whose calls can be tampered with.
pub(super) const BOUNDARY: &[&str] = &["hns", "hcs", "system", "linux"];
const SERVICES: &[&str] = &["hns", "hcs", "containerd", "kubelet", "kube-proxy", "flanneld", "scm"];
const NODE: &[&str] = &["node"];
const UNDERLAY: &[&str] = &["underlay"];
const API: &[&str] = &["api"];

const fn rule(effect: &'static str, parts: &'static [&'static str], more: &'static [&'static str]) -> Rule {
    Rule { effect, parts, more }
}

/// Every effect. `for` belongs to those that last.
pub(crate) const RULES: [Rule; 24] = [
    rule("fail", BOUNDARY, &["code", "nth", "times", "rate", "for"]),
    rule("delay", &["hns", "hcs", "system", "linux", "underlay"], &["by", "nth", "times", "rate", "for"]),
    rule("hang", BOUNDARY, &["nth", "times", "rate", "for"]),
    rule("lose-reply", BOUNDARY, &["code", "nth", "times", "rate", "for"]),
    rule("stop", SERVICES, &["then"]),
    rule("crash", SERVICES, &["then"]),
    rule("restart", SERVICES, &["then"]),
    rule("reboot", NODE, &[]),
    rule("power-loss", NODE, &[]),
    rule("replace", NODE, &[]),
    rule("clock-jump", NODE, &[]),
    rule("partition", UNDERLAY, &["one-way", "for"]),
    rule("loss", UNDERLAY, &["for"]),
    rule("mtu", UNDERLAY, &["for"]),
    rule("duplicate-ip", UNDERLAY, &["for"]),
    rule("disk-full", NODE, &["for"]),
    rule("slow-disk", NODE, &["for"]),
    rule("unplumb", &["hns"], &["for"]),
    rule("delete", &["hns"], &[]),
    rule("watch-drop", API, &[]),
    rule("gone", API, &["for"]),
    rule("stale", API, &["for"]),
    rule("slow", API, &["for"]),
    rule("refuse", API, &["for"]),
];

/// The rule of an effect.
pub(super) fn rule_of(effect: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.effect == effect)
}

#[cfg(test)]
mod tests {
    use super::{PARTS, RULES};
    use crate::shape::FAULT;

    #[test]
    fn every_effect_of_the_shape_has_its_rule_and_every_key_its_effect() {
        assert!(FAULT.choices().eq(RULES.iter().map(|rule| rule.effect)));
        for key in FAULT.keys.iter().filter(|key| !key.choice && !key.required) {
            assert!(RULES.iter().any(|rule| rule.more.contains(&key.name)), "{}", key.name);
        }
        for part in PARTS {
            assert!(RULES.iter().any(|rule| rule.parts.contains(&part)), "{part}");
        }
    }
}
