//! Which crate may depend on which: the one place that says so.

use std::fmt::Write as _;

/// A crate's folder and the folders it may depend on. Who is missing may depend on nothing of ours but in tests.
///
/// Time and documents are the common currency: whoever needs instants, spans or seeds may take `lab/clock`, and whoever
/// speaks to the boundary holds `lab/document` values.
pub(super) const ALLOWED: &[(&str, &[&str])] = &[
    ("lab/clock", &[]),
    ("lab/document", &[]),
    ("lab/events", &[]),
    ("lab/pki", &[]),
    ("lab/profiles", &[]),
    ("lab/host", &["lab/clock", "lab/document"]),
    ("lab/kube-client", &["lab/clock", "lab/document"]),
    ("lab/scenario", &["lab/clock", "lab/document", "lab/profiles"]),
    ("lab/fabric", &["lab/clock", "lab/document", "lab/host", "lab/profiles"]),
    ("lab/component", &["lab/clock", "lab/document", "lab/host", "lab/kube-client", "lab/profiles"]),
    ("lab/hcn", &["lab/document", "lab/host", "lab/profiles"]),
    (
        "lab/flannel",
        &[
            "lab/clock",
            "lab/component",
            "lab/document",
            "lab/hcn",
            "lab/host",
            "lab/kube-client",
            "lab/profiles",
        ],
    ),
    (
        "lab/kube-proxy",
        &[
            "lab/clock",
            "lab/component",
            "lab/document",
            "lab/hcn",
            "lab/host",
            "lab/kube-client",
            "lab/profiles",
        ],
    ),
    ("lab/coredns", &["lab/clock", "lab/component", "lab/host", "lab/kube-client", "lab/profiles"]),
    ("lab/cni", &["lab/clock", "lab/component", "lab/document", "lab/hcn", "lab/host", "lab/profiles"]),
    (
        "lab/node",
        &[
            "lab/clock",
            "lab/cni",
            "lab/component",
            "lab/document",
            "lab/host",
            "lab/kube-client",
            "lab/pki",
            "lab/profiles",
        ],
    ),
    (
        "lab/cri",
        &["lab/clock", "lab/cni", "lab/component", "lab/document", "lab/host", "lab/kube-client", "lab/node"],
    ),
    ("lab/controllers", &["lab/clock", "lab/document", "lab/kube-client", "lab/pki", "lab/profiles"]),
    (
        "lab/control-plane",
        &[
            "fakes/kube-api",
            "lab/clock",
            "lab/component",
            "lab/controllers",
            "lab/document",
            "lab/kube-client",
            "lab/pki",
            "lab/profiles",
        ],
    ),
    (
        "lab/kubeadm",
        &[
            "lab/clock",
            "lab/cni",
            "lab/component",
            "lab/document",
            "lab/hcn",
            "lab/host",
            "lab/kube-client",
            "lab/node",
            "lab/profiles",
        ],
    ),
    (
        "lab/cluster",
        &[
            "fakes/hcs",
            "fakes/hns",
            "fakes/kube-api",
            "fakes/linux",
            "fakes/system",
            "fakes/windows",
            "lab/clock",
            "lab/cni",
            "lab/component",
            "lab/control-plane",
            "lab/coredns",
            "lab/cri",
            "lab/document",
            "lab/fabric",
            "lab/flannel",
            "lab/host",
            "lab/kube-client",
            "lab/kube-proxy",
            "lab/kubeadm",
            "lab/node",
            "lab/profiles",
            "lab/real",
            "lab/wine",
        ],
    ),
    (
        "lab/engine",
        &[
            "fakes/kube-api",
            "lab/clock",
            "lab/cluster",
            "lab/component",
            "lab/document",
            "lab/events",
            "lab/fabric",
            "lab/host",
            "lab/kube-client",
            "lab/profiles",
            "lab/scenario",
        ],
    ),
    ("lab/wine", &["lab/clock", "lab/host", "lab/profiles"]),
    (
        "lab/real",
        &[
            "fakes/wire",
            "lab/clock",
            "lab/cni",
            "lab/component",
            "lab/document",
            "lab/host",
            "lab/profiles",
            "lab/wine",
        ],
    ),
    (
        "lab/exec",
        &["fakes/windows", "fakes/wire", "lab/clock", "lab/document", "lab/host", "lab/profiles", "lab/wine"],
    ),
    ("lab/report", &["lab/events"]),
    ("lab/up", &["lab/document"]),
    (
        "lab/cli",
        &[
            "lab/clock",
            "lab/cluster",
            "lab/document",
            "lab/engine",
            "lab/events",
            "lab/exec",
            "lab/host",
            "lab/profiles",
            "lab/report",
            "lab/scenario",
            "lab/up",
            "lab/wine",
        ],
    ),
    ("fakes/hns", &["lab/clock", "lab/document", "lab/host", "lab/profiles"]),
    ("fakes/hcs", &["lab/clock", "lab/document", "lab/host", "lab/profiles"]),
    ("fakes/system", &["lab/clock", "lab/document", "lab/host", "lab/profiles"]),
    ("fakes/linux", &["lab/clock", "lab/document", "lab/host", "lab/profiles"]),
    (
        "fakes/windows",
        &["fakes/hcs", "fakes/hns", "fakes/system", "lab/clock", "lab/document", "lab/host", "lab/profiles"],
    ),
    ("fakes/wire", &["lab/clock", "lab/document", "lab/host"]),
    ("fakes/kube-api", &["lab/clock", "lab/document", "lab/kube-client", "lab/pki", "lab/profiles"]),
    ("xtask", &["tests/tidy"]),
];

/// What `folder` may depend on; `None` where the table does not know it.
pub(super) fn allowed(folder: &str) -> Option<&'static [&'static str]> {
    ALLOWED.iter().find(|(known, _)| *known == folder).map(|(_, needs)| *needs)
}

/// The table as ARCHITECTURE.md prints it.
pub(super) fn as_markdown() -> String {
    let mut table = String::from("| crate | may depend on |\n|---|---|\n");
    for (folder, needs) in ALLOWED {
        let needs: Vec<_> = needs.iter().map(|need| format!("`{need}`")).collect();
        let needs = if needs.is_empty() { "nothing of ours".to_owned() } else { needs.join(", ") };
        let _ = writeln!(table, "| `{folder}` | {needs} |");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_no_circle() {
        // Taking away, again and again, whoever needs nobody that is left must take away everybody.
        let mut left: Vec<_> = ALLOWED.to_vec();
        while !left.is_empty() {
            let waits =
                |needs: &[&str]| needs.iter().any(|need| left.iter().any(|(folder, _)| folder == need));
            let rest: Vec<_> = left.iter().copied().filter(|(_, needs)| waits(needs)).collect();
            assert!(rest.len() < left.len(), "a circle among {rest:?}");
            left = rest;
        }
    }

    #[test]
    fn each_row_is_sorted_and_each_crate_has_one() {
        for (folder, needs) in ALLOWED {
            assert!(needs.is_sorted(), "{folder}");
            assert_eq!(ALLOWED.iter().filter(|(other, _)| other == folder).count(), 1, "{folder}");
        }
    }
}
