//! Faults.

use super::types::Value::{Bool, Either, Integer, OneOrMore, Span, Text, Words};
use super::types::{Choice, Shape, key, must, one};

/// A fault.
pub static FAULT: Shape = Shape {
    name: "fault",
    called: "a fault",
    about: "Something that goes wrong.",
    choice: Choice::ExactlyOne,
    keys: &[
        must(
            "at",
            Text,
            "Where: `hns/win1`, `api`, `node/win1`, `underlay/win1`, `containerd/win1`; `hns/*` is every node that has an HNS.",
        ),
        one("fail", Text, "Calls that fail: `HcnCreateEndpoint`, `HcnCreate*`."),
        one(
            "delay",
            Either(&[Text, Span]),
            "Calls that are late, `by` says how much; or how late the underlay is.",
        ),
        one("hang", Text, "Calls that are never answered."),
        one("lose-reply", Text, "Calls that are carried out and whose answer is lost."),
        one("stop", Either(&[Bool, Span]), "A service stops: for how long, or `true` for until healed."),
        one("crash", Bool, "The service's process dies."),
        one("restart", Bool, "The service is stopped and started."),
        one("reboot", Bool, "The node reboots."),
        one("power-loss", Bool, "The node loses power and comes back."),
        one("replace", Bool, "The node is replaced by a new machine of the same name."),
        one("clock-jump", Span, "The node's clock jumps."),
        one("partition", OneOrMore(&Text), "Nodes it cannot reach."),
        one("loss", Text, "Share of packets lost: `10%`."),
        one("mtu", Integer, "The underlay's MTU."),
        one("duplicate-ip", Text, "Another machine answers for this address."),
        one("disk-full", Bool, "The disk is full."),
        one("slow-disk", Span, "Every write takes this long."),
        one(
            "unplumb",
            Text,
            "An HNS object that stays stored and leaves the switch: `endpoint/web`, `loadbalancer/*`.",
        ),
        one("delete", Text, "An HNS object removed behind everybody's back: `network/cbr0`."),
        one("watch-drop", Bool, "Every watch is closed."),
        one("gone", Bool, "Old resource versions are gone."),
        one("stale", Bool, "Reads come from a lagging server."),
        one("slow", Span, "Requests take this long."),
        one("refuse", Bool, "Requests are refused."),
        key("code", Text, "The code of a failure: `0x803b0013`."),
        key("nth", Integer, "Only the n-th call that matches."),
        key("times", Integer, "At most so many."),
        key("rate", Text, "Share of the calls, drawn from the seed: `1%`."),
        key("by", Span, "How late."),
        key(
            "then",
            Words(&["rehydrate", "forget"]),
            "What HNS remembers after it; if left out, what its Windows build does: all from Server 2022 on, before that neither endpoints nor load balancers.",
        ),
        key("one-way", Bool, "Only in that direction."),
        key("for", Span, "Lifted by itself after this time."),
    ],
};
