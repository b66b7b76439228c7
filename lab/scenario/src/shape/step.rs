//! Steps and what overlaps with them.

use super::check::{CHECK, EXEC, PROBE, REFUSED};
use super::fault::FAULT;
use super::types::Value::{Any, Either, Integer, List, Map, Object, OneOrMore, Span, Text, Words};
use super::types::{Choice, Shape, key, must, one};

/// Ways to join as a whole.
pub(crate) const JOINS: &[&str] = &["scripts", "kubeadm"];
/// Components that a join may list.
pub(crate) const COMPONENTS: &[&str] = &["containerd", "pause-image", "kubelet", "flanneld", "kube-proxy"];

/// A step.
pub static STEP: Shape = Shape {
    name: "step",
    called: "a step",
    about: "One action at most, then checks.",
    choice: Choice::AtMostOne,
    keys: &[
        must("name", Text, "Its name, unique in the file."),
        one("apply", OneOrMore(&Text), "Manifests, as `kubectl apply -f`."),
        one("delete", OneOrMore(&Text), "Objects (`deployment/web`) or manifests, as `kubectl delete`."),
        one("patch", Map(&Any), "Strategic merge patches by object."),
        one("scale", Map(&Integer), "Replicas by object."),
        one(
            "join",
            Map(&Either(&[Words(JOINS), List(&Words(COMPONENTS))])),
            "Nodes that join, and how: by the scripts, by kubeadm, or just these components in this order.",
        ),
        one("start", OneOrMore(&Text), "Services: `win1/kube-proxy`."),
        one("stop", OneOrMore(&Text), "Services: `win1/kube-proxy`."),
        one("restart", OneOrMore(&Text), "Services: `win1/kube-proxy`."),
        one("upgrade", Map(&Text), "Versions by component: `win1/kubelet`."),
        one("reboot", OneOrMore(&Text), "Nodes."),
        one("drain", OneOrMore(&Text), "Nodes, as `kubectl drain --ignore-daemonsets`."),
        one("uncordon", OneOrMore(&Text), "Nodes, as `kubectl uncordon`."),
        one("fault", OneOrMore(&Object(&FAULT)), "Something goes wrong."),
        one("heal", OneOrMore(&Text), "`all`, or where a fault was put."),
        one("exec", Object(&EXEC), "A command in a container."),
        one("wait", Span, "Time passes."),
        one("use", Text, "A verb made in YAML: `lib/deploy-web.yaml`."),
        key("with", Map(&Text), "Inputs of that verb."),
        key("refused", Object(&REFUSED), "The API server must refuse the action."),
        key("during", List(&Object(&DURING)), "Actions at the same time."),
        key("expect", OneOrMore(&Object(&CHECK)), "Must become true within the step's time."),
        key("always", OneOrMore(&Object(&CHECK)), "Must hold over the step and its `hold`."),
        key("never", OneOrMore(&Object(&CHECK)), "Must not become true over the step and its `hold`."),
        key("probe", OneOrMore(&Object(&PROBE)), "One flow."),
        key("reach", Text, "A truth table of flows, in a block."),
        key("within", Span, "Scenario time the checks may take; 60s if left out."),
        key("hold", Span, "How long after that they must keep holding."),
        key("say", Text, "The author's words if the step fails."),
        key("on_fail", List(&Object(&CHECK)), "What more to show if the step fails."),
    ],
};

/// An entry of `during:`
pub static DURING: Shape = Shape {
    name: "during",
    called: "an entry of `during`",
    about: "An action that overlaps with the step's own.",
    choice: Choice::ExactlyOne,
    keys: &[
        key("after", Span, "How long after the step's start."),
        one("apply", OneOrMore(&Text), "Manifests."),
        one("delete", OneOrMore(&Text), "Objects or manifests."),
        one("patch", Map(&Any), "Strategic merge patches by object."),
        one("scale", Map(&Integer), "Replicas by object."),
        one("start", OneOrMore(&Text), "Services."),
        one("stop", OneOrMore(&Text), "Services."),
        one("restart", OneOrMore(&Text), "Services."),
        one("reboot", OneOrMore(&Text), "Nodes."),
        one("fault", OneOrMore(&Object(&FAULT)), "Something goes wrong."),
        one("heal", OneOrMore(&Text), "`all`, or where a fault was put."),
        one("exec", Object(&EXEC), "A command in a container."),
    ],
};
