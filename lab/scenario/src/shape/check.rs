//! Checks, probes, and what an action is held against.

use super::types::Value::{Any, Either, Integer, List, OneOrMore, Text};
use super::types::{Choice, Shape, key, must, one};

/// `exec:`
pub static EXEC: Shape = Shape {
    name: "exec",
    called: "`exec`",
    about: "A command in a container.",
    choice: Choice::Free,
    keys: &[
        must("in", Text, "The pod: `pod/client@win1`."),
        key("container", Text, "The container; the first if left out."),
        must("run", List(&Text), "The command."),
        key("code", Integer, "Its exit code, as a signed or an unsigned number of 32 bits; 0 if left out."),
        key("output", OneOrMore(&Text), "Texts its output must contain."),
        key("not", OneOrMore(&Text), "Texts its output must not contain."),
    ],
};

/// `refused:`
pub static REFUSED: Shape = Shape {
    name: "refused",
    called: "`refused`",
    about: "How the API server must refuse the step's action.",
    choice: Choice::Free,
    keys: &[
        key("code", Integer, "HTTP status: 422."),
        key("message", OneOrMore(&Text), "Texts its message must contain."),
    ],
};

/// What a request can meet, by the words of the fabric's objects; `vxlan` is being encapsulated, `nat` being translated.
pub static VIA: &[&str] = &[
    "vxlan",
    "nat",
    "endpoint",
    "network",
    "loadbalancer",
    "acl",
    "outbound-nat",
    "port-mapping",
    "remote-subnet",
    "sdn-route",
    "policy",
    "route",
    "adapter",
    "iptables",
    "link",
    "neighbour",
    "fdb",
    "sysctl",
    "connection",
    "underlay",
    "host",
    "program",
];

/// `probe:`
pub static PROBE: Shape = Shape {
    name: "probe",
    called: "a probe",
    about: "One flow through the network.",
    choice: Choice::Free,
    keys: &[
        must("from", Text, "`pod/client@win1`, `node/lin1` or `outside`."),
        must(
            "to",
            Text,
            "A URL, `service/web:80`, `pod/web@win1:80`, `nodeport/web@win1:80`, `node/win1:10250`, `tcp/10.0.0.1:80`, `icmp/10.0.0.1`, `dns/name` or `outside`.",
        ),
        key(
            "is",
            Text,
            "`ok`, `ok xN` (N back ends), `refused`, `timeout`, `no-name`, `http-502` (any status from 400 on); `ok` if left out.",
        ),
        key(
            "via",
            Text,
            "What the request must have met: `loadbalancer`, `acl`, `remote-subnet` and so on, one of them by name (`loadbalancer/web`), `vxlan` or `nat`.",
        ),
        key("body", Text, "Text the reply must contain."),
        key("say", Text, "The author's words if it fails."),
    ],
};

/// A check.
pub static CHECK: Shape = Shape {
    name: "check",
    called: "a check",
    about: "What must be true of one target.",
    choice: Choice::ExactlyOne,
    keys: &[
        one("k8s", Text, "API objects: `deployment/web`, `pods`, `kube-system/pods`, `node/win1`."),
        one("hns", Text, "HNS objects of a node: `win1/loadbalancers`."),
        one("hcs", Text, "Compute systems of a node: `win1/systems`, `win1/processes`."),
        one("cri", Text, "What the runtime of a node knows: `win1/pods`, `win1/containers`, `win1/images`."),
        one("service", Text, "A service of a node: `win1/kubelet`."),
        one(
            "registry",
            Text,
            "A key of a registry: `win1/HKLM\\…` or, a container's own, `win1/pod/web/HKLM\\…`, `win1/shop/pod/web/HKLM\\…`; one that ends in `\\*` is each key below.",
        ),
        one("log", Text, "Log lines of a component or pod: `win1/kubelet`, `pod/web@win1`."),
        one("calls", Text, "Boundary calls of a node since the step began: `win1/hns`."),
        one("event", Text, "Kubernetes events about an object: `pod/web`."),
        one("metric", Text, "A number the lab counts: `hns-calls`."),
        one("dns", Text, "What a name resolves to from a pod: `pod/client@win1 web.default.svc`."),
        key("match", Any, "A part of the document."),
        key("where", Text, "Which of the documents, in CEL on `it`."),
        key("that", Text, "What must hold for each of them, in CEL on `it`."),
        key("count", Either(&[Integer, Text]), "How many there are: a number, or CEL on `it`."),
        key("say", Text, "The author's words if it fails."),
    ],
};
