//! What every object of the format may hold: one table per object, read by the parser and printed as JSON Schema.

/// An object of the format.
#[derive(Debug)]
pub struct Shape {
    /// Its name in messages: `lab`.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

/// A key of an object.
#[derive(Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// What its value may be.
    pub value: Value,
    /// Whether it must be there.
    pub required: bool,
}

/// What a value may be.
#[derive(Debug)]
pub enum Value {
    /// Any text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A span of time with a unit: `30s`.
    Span,
    /// One of these words.
    Words(&'static [&'static str]),
    /// Anything.
    Any,
    /// A list.
    List(&'static Value),
    /// One, or a list of them.
    OneOrMore(&'static Value),
    /// An object with keys of the author's choice.
    Map(&'static Value),
    /// An object of the format.
    Object(&'static Shape),
    /// One of several forms.
    Either(&'static [Value]),
}

use Value::{Any, Bool, Either, Integer, List, Map, Object, OneOrMore, Span, Text, Words};

const fn key(name: &'static str, value: Value, about: &'static str) -> Key {
    Key { name, about, value, required: false }
}

const fn must(name: &'static str, value: Value, about: &'static str) -> Key {
    Key { name, about, value, required: true }
}

impl Shape {
    /// The key of that name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// A scenario file.
pub static SCENARIO: Shape = Shape {
    name: "the scenario",
    about: "One scenario: a lab, and what happens in it.",
    keys: &[
        must("winlab", Integer, "Version of the format: 1."),
        must("name", Text, "Its name: lower case words with dashes."),
        must("about", Text, "What it shows, in a sentence or two."),
        key("refs", List(&Text), "Upstream issues, pull requests or documents it replays."),
        key("covers", List(&Text), "Feature tags for `--covers`."),
        key("seed", Integer, "Root of all chance; `--seed` wins over it."),
        key("clock", Either(&[Text, Object(&CLOCK)]), "A demand on time: virtual, real or {scaled: N}."),
        key("matrix", Object(&MATRIX), "Runs the scenario once per combination of values."),
        key("known", List(&Object(&KNOWN)), "Cells and steps that are expected to fail, with the reason."),
        must("lab", Object(&LAB), "The cluster."),
        must("steps", List(&Object(&STEP)), "What happens, in order."),
    ],
};

/// `clock:`
pub static CLOCK: Shape = Shape {
    name: "clock",
    about: "A clock faster than the wall's.",
    keys: &[must("scaled", Integer, "How many times faster.")],
};

/// `matrix:`
pub static MATRIX: Shape = Shape {
    name: "matrix",
    about: "Axes and what to leave out.",
    keys: &[
        must("axes", Map(&List(&Text)), "Values by axis; every combination is a cell."),
        key("skip", List(&Map(&OneOrMore(&Text))), "Cells to leave out: those that match all values given."),
    ],
};

/// An entry of `known:`
pub static KNOWN: Shape = Shape {
    name: "known",
    about: "A failure that is known. It is strict: a known failure that passes is a failure.",
    keys: &[
        key("cell", Map(&OneOrMore(&Text)), "The cells it is about; all if left out."),
        must("step", Text, "The step that fails."),
        must("reason", Text, "Why."),
    ],
};

/// `lab:`
pub static LAB: Shape = Shape {
    name: "lab",
    about: "The cluster before the first step.",
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
            "Where the API comes from.",
        ),
        must("nodes", Map(&Object(&NODE)), "Nodes by name."),
        key("images", Map(&Object(&IMAGE)), "Images besides the built-in ones, and what their programs do."),
        key("faults", List(&Object(&FAULT)), "Faults that are there all the time."),
    ],
};

/// A node.
pub static NODE: Shape = Shape {
    name: "node",
    about: "A node.",
    keys: &[
        must("os", Text, "linux, windows, or a Windows build: ltsc2022, ltsc2022@20348.2582."),
        key("count", Integer, "So many of them, numbered from 1."),
        key("labels", Map(&Text), "Labels the kubelet registers it with."),
        key("taints", List(&Text), "Taints the kubelet registers it with: key=value:Effect."),
        key("join", Words(&["scripts", "kubeadm", "later"]), "How it joins; `later`: only by a join step."),
        key("real", List(&Text), "Components that run as unmodified programs."),
        key("services", Map(&Words(&["auto", "manual", "disabled"])), "Start types of its services."),
        key("kubelet", Text, "Version of its kubelet."),
        key("kube-proxy", Text, "Version of its kube-proxy."),
        key("dsr", Bool, "Whether kube-proxy is given --enable-dsr."),
    ],
};

/// An image.
pub static IMAGE: Shape = Shape {
    name: "image",
    about: "An image and what its program does.",
    keys: &[
        must(
            "os",
            OneOrMore(&Either(&[Text, Map(&Text)])),
            "Platforms it has: linux, {windows: 10.0.20348.1}.",
        ),
        key("user", Text, "The account its program runs as."),
        key("command", List(&Text), "Its entry point."),
        key("does", Object(&DOES), "What its program does; nothing but wait if left out."),
    ],
};

/// `does:` of an image.
pub static DOES: Shape = Shape {
    name: "does",
    about: "How a program behaves.",
    keys: &[
        key("listen", List(&Text), "Sockets it listens on: tcp/8080."),
        key("http", Map(&Either(&[Text, Object(&REPLY)])), "Replies by path: \"200 shop $HOSTNAME\"."),
        key("logs", List(&Text), "Lines it writes at its start."),
        key("exit", Object(&EXIT), "When and how it ends by itself."),
        key("ready-after", Span, "How long until it listens."),
        key("ignores-shutdown", Bool, "Whether it goes on after a polite request to end."),
        key("memory", Text, "Its working set: 300Mi."),
    ],
};

/// A reply.
pub static REPLY: Shape = Shape {
    name: "reply",
    about: "An HTTP reply.",
    keys: &[
        must("status", Integer, "Status code."),
        key("body", Text, "Body."),
        key("fetches", Text, "A URL the program asks first; a failure there is a 502 here."),
    ],
};

/// `exit:` of a program.
pub static EXIT: Shape = Shape {
    name: "exit",
    about: "How a program ends by itself.",
    keys: &[key("code", Integer, "Exit code."), key("after", Span, "How long after its start.")],
};

const ON_SERVICES: &str = "For how long, or until healed where `true` stands.";

/// A fault.
pub static FAULT: Shape = Shape {
    name: "fault",
    about: "Something that goes wrong.",
    keys: &[
        must("at", Text, "Where: hns/win1, hcs/*, api, node/win1, underlay/win1, containerd/win1."),
        key("fail", Text, "Calls that fail: HcnCreateEndpoint, HcnCreate*."),
        key("delay", Text, "Calls that are late, or the underlay; `by` says how much."),
        key("hang", Text, "Calls that are never answered."),
        key("lose-reply", Text, "Calls that are carried out and whose answer is lost."),
        key("code", Text, "The code of a failure: 0x803b0013 or its name."),
        key("nth", Integer, "Only the n-th call that matches."),
        key("times", Integer, "At most so many."),
        key("rate", Text, "Share of the calls, drawn from the seed: 1%."),
        key("by", Span, "How late."),
        key("stop", Either(&[Bool, Span]), ON_SERVICES),
        key("crash", Bool, "The service's process dies."),
        key("restart", Bool, "The service is stopped and started."),
        key("then", Words(&["rehydrate", "forget"]), "What HNS remembers after it."),
        key("reboot", Bool, "The node reboots."),
        key("power-loss", Bool, "The node loses power and comes back."),
        key("replace", Bool, "The node is replaced by a new machine of the same name."),
        key("clock-jump", Span, "The node's clock jumps."),
        key("partition", OneOrMore(&Text), "Nodes it cannot reach."),
        key("one-way", Bool, "Only in that direction."),
        key("loss", Text, "Share of packets lost: 10%."),
        key("mtu", Integer, "The underlay's MTU."),
        key("duplicate-ip", Text, "Another machine answers for this address."),
        key("disk-full", Bool, "The disk is full."),
        key("slow-disk", Span, "Every write takes this long."),
        key(
            "unplumb",
            Text,
            "An HNS object that stays stored and leaves the switch: endpoint/web, loadbalancer/*.",
        ),
        key("delete", Text, "A host object removed behind everybody's back: network/cbr0."),
        key("watch-drop", Bool, "API: every watch is closed."),
        key("gone", Bool, "API: old resource versions are gone."),
        key("stale", Bool, "API: reads come from a lagging server."),
        key("slow", Span, "API: requests take this long."),
        key("refuse", Bool, "API: requests are refused."),
        key("for", Span, "Lifted by itself after this time."),
    ],
};

/// A step.
pub static STEP: Shape = Shape {
    name: "step",
    about: "One action at most, then checks.",
    keys: &[
        must("name", Text, "Its name, unique in the file."),
        key("apply", OneOrMore(&Text), "Manifests, as `kubectl apply -f`."),
        key("delete", OneOrMore(&Text), "Objects (deployment/web) or manifests, as `kubectl delete`."),
        key("patch", Map(&Any), "Strategic merge patches by object."),
        key("scale", Map(&Integer), "Replicas by object."),
        key(
            "join",
            Map(&Either(&[Words(&["scripts", "kubeadm"]), List(&Text)])),
            "Nodes that join, and how.",
        ),
        key("start", OneOrMore(&Text), "Services: win1/kube-proxy."),
        key("stop", OneOrMore(&Text), "Services: win1/kube-proxy."),
        key("restart", OneOrMore(&Text), "Services: win1/kube-proxy."),
        key("upgrade", Map(&Text), "Versions by component: win1/kubelet."),
        key("reboot", OneOrMore(&Text), "Nodes."),
        key("drain", OneOrMore(&Text), "Nodes, as `kubectl drain --ignore-daemonsets`."),
        key("uncordon", OneOrMore(&Text), "Nodes, as `kubectl uncordon`."),
        key("fault", OneOrMore(&Object(&FAULT)), "Something goes wrong."),
        key("heal", OneOrMore(&Text), "`all`, or where a fault was put."),
        key("exec", Object(&EXEC), "A command in a container."),
        key("wait", Span, "Time passes."),
        key("use", Text, "A verb made in YAML: lib/deploy-web.yaml."),
        key("with", Map(&Text), "Inputs of that verb."),
        key("refused", Object(&REFUSED), "The API server must refuse the action."),
        key("during", List(&Object(&DURING)), "Actions at the same time."),
        key("expect", OneOrMore(&Object(&CHECK)), "Must become true within the step's time."),
        key("always", OneOrMore(&Object(&CHECK)), "Must hold over the step and its `hold`."),
        key("never", OneOrMore(&Object(&CHECK)), "Must not become true over the step and its `hold`."),
        key("probe", OneOrMore(&Object(&PROBE)), "One flow."),
        key("reach", Text, "A truth table of flows."),
        key("within", Span, "Scenario time the checks may take; 60s if left out."),
        key("hold", Span, "How long after that they must keep holding."),
        key("say", Text, "The author's words if the step fails."),
        key("on_fail", List(&Object(&CHECK)), "What more to show if the step fails."),
    ],
};

/// An entry of `during:`
pub static DURING: Shape = Shape {
    name: "during",
    about: "An action that overlaps with the step's own.",
    keys: &[
        key("after", Span, "How long after the step's start."),
        key("apply", OneOrMore(&Text), "Manifests."),
        key("delete", OneOrMore(&Text), "Objects or manifests."),
        key("patch", Map(&Any), "Strategic merge patches by object."),
        key("scale", Map(&Integer), "Replicas by object."),
        key("start", OneOrMore(&Text), "Services."),
        key("stop", OneOrMore(&Text), "Services."),
        key("restart", OneOrMore(&Text), "Services."),
        key("reboot", OneOrMore(&Text), "Nodes."),
        key("fault", OneOrMore(&Object(&FAULT)), "Something goes wrong."),
        key("heal", OneOrMore(&Text), "`all`, or where a fault was put."),
        key("exec", Object(&EXEC), "A command in a container."),
    ],
};

/// `exec:`
pub static EXEC: Shape = Shape {
    name: "exec",
    about: "A command in a container.",
    keys: &[
        must("in", Text, "The pod: pod/client@win1."),
        key("container", Text, "The container; the first if left out."),
        must("run", List(&Text), "The command."),
        key("code", Integer, "Its exit code; 0 if left out."),
        key("output", OneOrMore(&Text), "Texts its output must contain."),
        key("not", OneOrMore(&Text), "Texts its output must not contain."),
    ],
};

/// `refused:`
pub static REFUSED: Shape = Shape {
    name: "refused",
    about: "How the API server must refuse the step's action.",
    keys: &[
        key("code", Integer, "HTTP status: 422."),
        key("message", OneOrMore(&Text), "Texts its message must contain."),
    ],
};

/// `probe:`
pub static PROBE: Shape = Shape {
    name: "probe",
    about: "One flow through the network.",
    keys: &[
        must("from", Text, "pod/client@win1, node/lin1 or outside."),
        must("to", Text, "A URL, service/web:80, pod/web@win1:80, tcp/10.0.0.1:80, dns/name."),
        key("is", Text, "ok, ok xN, refused, timeout, no-name; ok if left out."),
        key("via", Text, "What the packet must have met: loadbalancer, vxlan, nat …"),
        key("body", Text, "Text the reply must contain."),
        key("say", Text, "The author's words if it fails."),
    ],
};

/// A check.
pub static CHECK: Shape = Shape {
    name: "check",
    about: "What must be true of one target.",
    keys: &[
        key("k8s", Text, "API objects: deployment/web, pods, kube-system/pods, node/win1."),
        key("hns", Text, "HNS objects of a node: win1/loadbalancers."),
        key("hcs", Text, "Compute systems of a node: win1/systems, win1/processes."),
        key("cri", Text, "What the runtime of a node knows: win1/pods, win1/containers, win1/images."),
        key("service", Text, "A service of a node: win1/kubelet."),
        key("registry", Text, "A key of a registry: win1/HKLM\\… or win1/pod/web/HKLM\\…"),
        key("log", Text, "Log lines of a component or pod: win1/kubelet, pod/web@win1."),
        key("calls", Text, "Boundary calls of a node since the step began: win1/hns."),
        key("event", Text, "Kubernetes events about an object: pod/web."),
        key("metric", Text, "A number the lab counts: hns-calls."),
        key("dns", Text, "What a pod's name resolves to: pod/client@win1 web.default.svc."),
        key("match", Any, "A part of the document."),
        key("where", Text, "Which of the documents, in CEL on `it`."),
        key("that", Text, "What must hold for each of them, in CEL on `it`."),
        key("count", Either(&[Integer, Text]), "How many there are: a number, or CEL on `it`."),
        key("say", Text, "The author's words if it fails."),
    ],
};

/// A verb made in YAML.
pub static VERB: Shape = Shape {
    name: "the verb",
    about: "Steps under a name, with inputs.",
    keys: &[
        must("winlab-verb", Integer, "Version of the format: 1."),
        must("about", Text, "What it does."),
        key("inputs", Map(&Object(&INPUT)), "Its inputs."),
        must("steps", List(&Object(&STEP)), "Its steps."),
    ],
};

/// An input of a verb.
pub static INPUT: Shape = Shape {
    name: "input",
    about: "An input of a verb.",
    keys: &[
        must("type", Words(&["text", "integer", "span"]), "What it must be."),
        key("default", Text, "Its value where none is given; without a default it must be given."),
        key("about", Text, "What it means."),
    ],
};
