//! The cluster: nodes, images and what their programs do.

use super::fault::FAULT;
use super::types::Value::{Bool, Either, Integer, List, Map, Object, OneOrMore, Span, Text, Words};
use super::types::{Choice, Shape, key, must};

/// Start types of a service.
pub(crate) const START_MODES: &[&str] = &["auto", "manual", "disabled"];
/// Components that can run as unmodified programs.
pub(crate) const REAL: &[&str] =
    &["kubelet", "kube-proxy", "flanneld", "containerd", "win-bridge", "win-overlay", "host-local"];

/// `lab:`
pub static LAB: Shape = Shape {
    name: "lab",
    called: "`lab`",
    about: "The cluster before the first step.",
    choice: Choice::Free,
    keys: &[
        must("kube", Text, "Version of the control plane, and of every component that names no other."),
        key(
            "network",
            Words(&["flannel-vxlan", "flannel-host-gw", "azure", "ovn-hybrid", "win-bridge", "win-overlay"]),
            "The pod network; flannel-host-gw if left out.",
        ),
        key(
            "control-plane",
            Words(&["embedded", "binaries", "container", "kubeconfig"]),
            "Where the API comes from; embedded if left out.",
        ),
        must("nodes", Map(&Object(&NODE)), "Nodes by name."),
        key("images", Map(&Object(&IMAGE)), "Images besides the built-in ones, and what their programs do."),
        key(
            "faults",
            List(&Object(&FAULT)),
            "Faults that are there all the time: what happens at a moment belongs into a step.",
        ),
    ],
};

/// A node.
pub static NODE: Shape = Shape {
    name: "node",
    called: "a node",
    about: "A node. It joins before the first step unless `join` says `later`.",
    choice: Choice::Free,
    keys: &[
        must("os", Text, "`linux`, `windows`, or a Windows build: `ltsc2022`, `ltsc2022@20348.2582`."),
        key("count", Integer, "So many of them, numbered from 1: `win1-1`, `win1-2`."),
        key("labels", Map(&Text), "Labels the kubelet registers it with."),
        key("taints", List(&Text), "Taints the kubelet registers it with: `key=value:Effect`."),
        key(
            "join",
            Words(&["scripts", "kubeadm", "later"]),
            "How it joins; `later`: only by a join step. Left out: by the scripts, or by kubeadm where another node does.",
        ),
        key("real", List(&Words(REAL)), "Components that run as unmodified programs."),
        key("services", Map(&Words(START_MODES)), "Start types of its services."),
        key("kubelet", Text, "Version of its kubelet."),
        key("kube-proxy", Text, "Version of its kube-proxy."),
        key("dsr", Bool, "Whether kube-proxy is given `--enable-dsr`."),
    ],
};

/// An image.
pub static IMAGE: Shape = Shape {
    name: "image",
    called: "an image",
    about: "An image and what its program does.",
    choice: Choice::Free,
    keys: &[
        must(
            "os",
            OneOrMore(&Either(&[Text, Map(&Text)])),
            "Platforms it has: `linux`, `{windows: 10.0.20348.1}`.",
        ),
        key("user", Text, "The account its program runs as."),
        key("command", List(&Text), "Its entry point."),
        key("does", Object(&DOES), "What its program does; nothing but wait if left out."),
    ],
};

/// `does:` of an image.
pub static DOES: Shape = Shape {
    name: "does",
    called: "`does`",
    about: "How a program behaves.",
    choice: Choice::Free,
    keys: &[
        key(
            "listen",
            List(&Text),
            "Sockets it listens on: `tcp/8080`. A manifest's `containerPort` opens none.",
        ),
        key("http", Map(&Either(&[Text, Object(&REPLY)])), "Replies by path: `\"200 shop $HOSTNAME\"`."),
        key("logs", List(&Text), "Lines it writes at its start."),
        key("exit", Object(&EXIT), "When and how it ends by itself."),
        key("ready-after", Span, "How long until it listens."),
        key("ignores-shutdown", Bool, "Whether it goes on after a polite request to end."),
        key("memory", Text, "Its working set: `300Mi`."),
    ],
};

/// A reply.
pub static REPLY: Shape = Shape {
    name: "reply",
    called: "a reply",
    about: "An HTTP reply.",
    choice: Choice::Free,
    keys: &[
        must("status", Integer, "Status code."),
        key("body", Text, "Body."),
        key("fetches", Text, "A URL the program asks first; a failure there is a 502 here."),
    ],
};

/// `exit:` of a program.
pub static EXIT: Shape = Shape {
    name: "exit",
    called: "`exit`",
    about: "How a program ends by itself.",
    choice: Choice::Free,
    keys: &[
        key("code", Integer, "Exit code, as a signed or an unsigned number of 32 bits; 0 if left out."),
        key("after", Span, "How long after its start."),
    ],
};
