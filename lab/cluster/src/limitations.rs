//! What a lab does not model, collected from those who know it: docs/limitations.md is printed from here.

use std::fmt::Write as _;

/// One thing that is not modelled.
struct Row {
    what: String,
    instead: &'static str,
}

/// Left out of the component models and the control plane. Fakes and fabric have tables of their own.
const MODELS: &[(&str, &str)] = &[
    (
        "ReplicaSet hash names",
        "letters of `pod-template-hash` differ from a real cluster's; equal templates have equal hashes",
    ),
    ("Deployment: proportional scaling", "old replica sets are scaled one after another"),
    ("DaemonSet: surge during an update", "never more than one pod of a set on a node"),
    ("Job: tracking finalizer, failure and success policies", "pods are counted as they are found"),
    ("EndpointSlice: topology hints", "none are set"),
    (
        "Garbage collection: cluster-wide objects but nodes, storage, custom resources",
        "none of them goes with its owner; as an owner it counts as being there",
    ),
    ("Node lifecycle: zones and eviction rates", "each node is judged alone"),
    (
        "ReplicaSet: the latency of real kubelets",
        "pods that replace ended ones come 30 at once, then 20 a second, as fast as kube-controller-manager's client may write",
    ),
    ("Scheduler: preemption, topology spread, volumes, priority", "a pod that fits nowhere waits"),
    (
        "CustomResourceDefinitions, admission webhooks, RBAC decisions",
        "unknown kinds are 404; every identity may do everything",
    ),
    (
        "API server: managedFields of objects that nobody applied, and whose maker named no field manager",
        "they have none; the first apply finds all their fields with `before-first-apply`. kubectl names itself always",
    ),
    (
        "API server: OpenAPI v2, descriptions in OpenAPI v3",
        "`/openapi/v2` is 406; `kubectl explain` shows fields and types without their texts",
    ),
    ("API server: answers in protobuf", "answers are JSON whatever is asked for"),
    (
        "API server: ServiceCIDR objects besides `kubernetes`",
        "kept, with no effect: cluster IPs come from the range that the API server was started with",
    ),
    (
        "certificates: their time",
        "they are valid from 2020 to 2099, whatever expirationSeconds says; no kubelet has to renew one",
    ),
    ("service account tokens", "pods get no token volume; TokenRequest and bearer tokens work"),
    (
        "API server: some words of refusals",
        "codes and reasons are a real server's (but 400 in place of 422 for a patch of a wrong type); messages that quote Go's parser or internal types differ",
    ),
    (
        "kubeadm: `init`, `upgrade`, `reset`, control-plane nodes, pins of the authority's key",
        "discovery believes the token's signature",
    ),
    (
        "Images of components: other start scripts than sig-windows-tools' flannel and kube-proxy for flannel",
        "the image is not found; Calico's and Antrea's are not known",
    ),
    (
        "flanneld and kube-proxy in a pod without hostNetwork on Linux",
        "their pod ends with a message that says so",
    ),
    (
        "kube-proxy on Linux: ipvs, nftables, conntrack clean-up, IPv6",
        "modes are refused; the rules of every version are those of v1.34.4",
    ),
    (
        "kube-proxy: Events; the order of services in one sync",
        "none are written; services are synced by name",
    ),
    (
        "kube-proxy of both families on Windows: syncs that get into each other's way",
        "each sync is done before another begins; kube-proxy.exe gives one up where the other family's deleted what HNS had just listed, and makes up for it at its next",
    ),
    (
        "kube-proxy from 1.31 on before 1.32.10, 1.33.6, 1.34.2: which remote endpoints stay where those of several services change at once",
        "all but those of the service whose name comes last; in kube-proxy.exe chance decides",
    ),
    (
        "kube-proxy before 1.36: an endpoint that two slices list in different states",
        "the slice whose name comes first counts; in kube-proxy.exe chance decides",
    ),
    (
        "IPv6 in labs: pods, nodes and services have IPv4 addresses",
        "services of IPv6 are refused as by a real API server with one range; kube-proxy's model does with them what kube-proxy.exe does, on networks with and without IPv6",
    ),
    ("flannel: backends other than vxlan and host-gw, IPv6, etcd, FLANNELD_*", "refused at start"),
    (
        "CoreDNS: Corefile, cache, shuffled answers",
        "the kubernetes plugin and a forwarder, as kubeadm sets them",
    ),
    ("gRPC probes", "fail with a message that says so"),
    (
        "kubelet: static pods, ephemeral containers, in-place resize, termination messages, graceful node shutdown",
        "passed over; the pod runs as without them",
    ),
    ("kubelet: persistent volumes, CSI, NFS", "FailedMount, with a message that says so"),
    (
        "A control plane of programs and kubelets that are models: `kubectl exec`, `attach`, `port-forward`, `logs`",
        "it reaches no kubelet without a socket; `exec` and `log` of a scenario ask the kubelet itself",
    ),
    ("kubelet: pull secrets", "images need no secret"),
    (
        "CRI: devices, CDI, image volumes, user namespaces, sysctls, seccomp, AppArmor, SELinux",
        "taken in and passed over",
    ),
    (
        "CRI: what containers write into volumes of a kubelet in another process",
        "other containers see it, that kubelet does not: no termination messages",
    ),
    (
        "exec and attach: a terminal's echo, prompt and size; input and terminals on Linux",
        "sizes are accepted without effect; on Linux refused",
    ),
    ("port-forward to programs in pods", "HTTP requests only: programs are no machine code"),
    (
        "kubelet on Linux: eviction for memory by use",
        "ranked by requests; containers have no statistics there",
    ),
    ("kubelet before 1.24: dockershim", "CRI is used at every version"),
    ("CNI: plugin binaries, where models run", "the models answer without looking for them"),
    (
        "CNI plugins: members of a configuration in other letters than the specification's, or of another type",
        "passed over; the programs take the first and refuse the second",
    ),
    ("host-local: addresses that are asked for (`ips`, `CNI_ARGS`)", "passed over"),
    ("real components: flannel's CNI plugin; on a node that joins by kubeadm", "refused by name"),
    (
        "real containerd, with containerd-shim-runhcs-v1",
        "refused by name; by itself containerd.exe v2.4.2 boots, serves its pipe, takes an image in and unpacks its layer, and \
         stops in `ProcessBaseLayer`, since its drive and the fake host's are two; so the shim is never started",
    ),
    (
        "real flanneld: flannel-host-gw",
        "the case is skipped: it waits for an adapter of the host that HNS makes, and Wine has none",
    ),
    (
        "real components without root: each node with one has a network namespace",
        "the case is skipped; `unshare -Urnu winlab test ...` runs it where the kernel lets users make namespaces; kubectl reaches \
         a lab that is up so from inside the same `unshare`",
    ),
    (
        "real kubelet: volumes that change while a process runs",
        "a container sees it when its next process starts",
    ),
    (
        "real components: symbolic links, which Wine does not have",
        "containers follow those of a volume; a program under Wine that opens one does not",
    ),
];

/// docs/limitations.md.
#[must_use]
pub fn limitations() -> String {
    let own = MODELS.iter().map(|(what, instead)| Row { what: (*what).to_owned(), instead });
    let hns =
        winlab_fake_hns::UNMODELLED.iter().map(|gap| Row { what: gap.name.to_owned(), instead: gap.gap });
    let defects =
        winlab_fake_hns::DEFECTS.iter().map(|gap| Row { what: gap.name.to_owned(), instead: gap.gap });
    let host = |table: &'static [winlab_host::Unmodelled]| {
        table.iter().map(|gap| Row { what: gap.what.to_owned(), instead: gap.answer }).collect::<Vec<_>>()
    };
    let linux = winlab_fake_linux::UNMODELLED
        .iter()
        .map(|gap| Row { what: format!("{}: {}", gap.function, gap.what), instead: gap.answer });
    let fabric =
        winlab_fabric::UNMODELLED.iter().map(|gap| Row { what: gap.what.to_owned(), instead: gap.instead });
    let commands: Vec<&str> = winlab_fake_windows::UNMODELLED.iter().map(|gap| gap.what).collect();
    let mut text = String::from(
        "# Limitations\n\nWhat a lab does not model, and what happens instead. This page is printed by `winlab limitations` from the\ntables in the code. What of it a run met is counted and listed in the run's summary.\n",
    );
    section(&mut text, "Components and control plane", own.collect());
    section(&mut text, "HNS", hns.collect());
    section(&mut text, "Defects of HNS by Windows build", defects.collect());
    section(&mut text, "HCS", host(winlab_fake_hcs::UNMODELLED));
    section(&mut text, "Service control manager, registry, files", host(winlab_fake_system::UNMODELLED));
    let _ = writeln!(
        text,
        "\n## Commands in Windows containers\n\nThese are not found, as a missing executable is: {}.",
        commands.join(", ")
    );
    section(&mut text, "Linux nodes", linux.collect());
    section(&mut text, "The network between and inside nodes", fabric.collect());
    text
}

fn section(text: &mut String, title: &str, rows: Vec<Row>) {
    let _ = write!(text, "\n## {title}\n\n| not modelled | instead |\n|---|---|\n");
    for row in rows {
        let _ = writeln!(text, "| {} | {} |", row.what.replace('|', "\\|"), row.instead.replace('|', "\\|"));
    }
}

#[cfg(test)]
mod tests {
    use super::limitations;

    #[test]
    fn the_page_in_docs_is_the_printed_one() {
        let page = include_str!("../../../docs/limitations.md");
        assert!(
            page == limitations(),
            "docs/limitations.md is old: `cargo run -- limitations > docs/limitations.md`"
        );
    }
}
